"""Train a model from a labelled file: python -m ml.train CORPUS OUT."""

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sklearn
from tqdm import tqdm

from ml import artifact, evaluate
from ml.card import card
from ml.classifier import ComplaintClassifier
from ml.cuts import cut_texts
from ml.features import read_lexicon
from ml.hazards import label_clauses
from ml.text import bare

_FEWEST_PER_CLASS = 2
# Below so many texts starting processes takes longer than they spare.
_WORTH_PROCESSES = 1000
_JOBS = os.cpu_count() or 1


@dataclass(frozen=True)
class Corpus:
    """Labelled texts; `groups` keeps together what belongs together, None where unknown."""

    texts: list[str]
    labels: list[str]
    danger: list[bool]
    groups: list[str] | None
    spans: list[tuple[str, ...]] | None = None
    """For each text the words in it that tell of danger, none where unknown."""

    @property
    def danger_spans(self) -> list[tuple[str, ...]]:
        return self.spans or [()] * len(self)

    def __len__(self) -> int:
        return len(self.texts)


class UnusableCorpus(ValueError):
    """The labelled file cannot be learned from; the message says why, in Chinese."""


def read_corpus(
    path: Path, *, text: str = "text", label: str = "primary", title: str | None = "title"
) -> Corpus:
    """Read a `.jsonl` or `.csv` file, or every `.jsonl` of a folder. Exact repeats are dropped.

    A column `danger` is used where there is one, with `danger_spans` (a list of the words that tell
    of it), and `group` to keep related rows together.
    """
    rows = _rows(path)
    if rows and text not in rows[0]:
        raise UnusableCorpus(f"{path.name} 没有“{text}”列")
    if rows and label not in rows[0]:
        raise UnusableCorpus(f"{path.name} 没有“{label}”列")
    seen: set[str] = set()
    texts, labels, danger, spans, groups = [], [], [], [], []
    for row in rows:
        whole = joined(str(row.get(title) or "") if title else "", str(row.get(text) or ""))
        said, key = str(row.get(label) or "").strip(), bare(whole)
        if not key or not said or key in seen:
            continue
        seen.add(key)
        texts.append(whole)
        labels.append(said)
        danger.append(row.get("danger") in (True, "1", "true", "True", "是"))
        spans.append(_spans(row, whole))
        groups.append(str(row.get("group") or ""))
    rare = {said for said in set(labels) if labels.count(said) < _FEWEST_PER_CLASS}
    kept = [i for i, said in enumerate(labels) if said not in rare]
    if len({labels[i] for i in kept}) <= 1:
        raise UnusableCorpus(f"{path.name} 至少要有两个类别，每类至少两条不重复的文本")
    return Corpus(
        [texts[i] for i in kept],
        [labels[i] for i in kept],
        [danger[i] for i in kept],
        [groups[i] for i in kept] if all(groups[i] for i in kept) else None,
        [spans[i] for i in kept],
    )


def _spans(row: dict[str, object], whole: str) -> tuple[str, ...]:
    """The marked words, if they stand in the text."""
    marked = row.get("danger_spans")
    if not isinstance(marked, list):
        return ()
    return tuple(str(span) for span in marked if span and str(span) in whole)


def joined(title: str, text: str) -> str:
    """Title and text as one, the form in which every text is read and its offsets counted."""
    return f"{title}\n{text}"


def _rows(path: Path) -> list[dict[str, object]]:
    if path.is_dir():
        return [row for part in sorted(path.glob("*.jsonl")) for row in _rows(part)]
    lines = io.StringIO(_decoded(path), newline="")
    if path.suffix == ".jsonl":
        return [_object(path, *line) for line in enumerate(lines, 1) if line[1].strip()]
    csv.field_size_limit(2**31 - 1)
    return list(csv.DictReader(lines))


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableCorpus(f"{path.name} 的编码无法识别，请另存为 UTF-8 或 GB18030")


def _object(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UnusableCorpus(f"{path.name} 第 {number} 行不是有效的 JSON") from error
    if not isinstance(row, dict):
        raise UnusableCorpus(f"{path.name} 第 {number} 行不是 JSON 对象")
    return row


def quiet(steps: Iterable[int], _name: str) -> Iterable[int]:
    """No progress bar."""
    return steps


def bar(steps: Iterable[int], name: str) -> Iterable[int]:
    """A progress bar on a terminal, nothing elsewhere."""
    return tqdm(steps, desc=name, disable=None, leave=False)


def train(corpus: Corpus, out: Path, *, progress: evaluate.Progress = quiet) -> artifact.Manifest:
    """Cross-validate, choose the thresholds, fit on everything, save. The same corpus gives the
    same model. Raises UnusableCorpus where there is too little to learn from and to check with."""
    texts = cut_texts(corpus.texts)
    hazards = label_clauses(corpus.texts, texts, corpus.danger, corpus.danger_spans)
    try:
        held_out = evaluate.out_of_fold(
            ComplaintClassifier(),
            texts,
            corpus.labels,
            danger=corpus.danger,
            hazards=hazards,
            groups=corpus.groups,
            progress=progress,
            jobs=_JOBS if len(corpus) > _WORTH_PROCESSES else 1,
        )
    except ValueError as error:  # no word twice, one group only, a fold of one category
        raise UnusableCorpus("文本太少、太零散或分组太少，无法训练并留出检验") from error
    temperature = evaluate.temperature_for(held_out)
    held_out = evaluate.at_temperature(held_out, temperature)
    threshold = evaluate.threshold_for(held_out)
    danger_threshold = evaluate.danger_threshold_for(held_out)
    metrics, per_class = evaluate.figures(held_out, threshold, danger_threshold)
    model = ComplaintClassifier(
        temperature=temperature, threshold=threshold, danger_threshold=danger_threshold
    )
    for _ in progress(range(1), "训练"):
        model.fit(texts, corpus.labels, corpus.danger, hazards)
    digest = corpus_hash(corpus)
    manifest = artifact.Manifest(
        version=artifact.version(digest),
        data_hash=digest,
        rows=len(corpus),
        classes=[str(label) for label in model.classes_],
        sklearn=sklearn.__version__,
        metrics=metrics,
        per_class=per_class,
        intervals=evaluate.intervals(held_out, threshold, danger_threshold),
        confusion=evaluate.confusion(held_out),
        reliability=evaluate.reliability(held_out),
    )
    artifact.save(model, manifest, out, card(manifest))
    return manifest


def corpus_hash(corpus: Corpus) -> str:
    """What the model's version is named after: all that it learns from."""
    rows = [
        (text, label, str(danger), *spans)
        for text, label, danger, spans in zip(
            corpus.texts, corpus.labels, corpus.danger, corpus.danger_spans, strict=True
        )
    ]
    return artifact.data_hash(rows + [(name, *terms) for name, terms in read_lexicon().items()])


def main(arguments: Sequence[str]) -> int:
    """Command line: a corpus and the folder for the model."""
    try:
        corpus, out = arguments
    except ValueError:
        print("用法: python -m ml.train CORPUS OUT", file=sys.stderr)
        return 2
    try:
        manifest = train(read_corpus(Path(corpus)), Path(out), progress=bar)
    except (OSError, ValueError) as error:
        print(f"无法训练：{error}", file=sys.stderr)
        return 2
    print(card(manifest))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
