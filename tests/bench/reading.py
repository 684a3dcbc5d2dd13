"""How well the starter model reads real messages that it has never seen, and how fast.

The messages are those of tests/real_data.py; nothing is ever trained on `property_dev`.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import jieba
import numpy as np
import numpy.typing as npt
from django.conf import settings
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from ml import artifact
from ml.classifier import ComplaintClassifier
from ml.cuts import cut_texts
from ml.evaluate import Floats, OutOfFold, danger_threshold_for, figures
from ml.linking import Gazetteer
from ml.text import bare, cut_with_rjieba
from ml.train import Corpus, joined, read_corpus, train
from tests import real_data

LEAST_FOR_F1 = 10
COVERAGE = 0.6
DANGER_PRECISION_ASKED = 0.6


def measure() -> Iterator[str]:
    corpus = read_corpus(Path(settings.FIXTURES_DIR) / "corpus")
    with TemporaryDirectory() as out:
        seconds = _seconds(lambda: train(corpus, Path(out)))
        yield f"training: {len(corpus)} texts in {seconds:.0f} s"
        model, _manifest = artifact.load(Path(out))
    yield from _on_real_messages(model)
    yield _on_seven_bureaux()
    yield from _speed(model, corpus)


def _on_real_messages(model: ComplaintClassifier) -> Iterator[str]:
    rows = real_data.labelled()
    texts = cut_texts([joined(row["title"] or "", row["text"]) for row in rows])
    probabilities = model.predict_proba(texts)
    result = OutOfFold(
        labels=np.array([
            _likeliest(row["primary"], model.classes_, shares)
            for row, shares in zip(rows, probabilities, strict=True)
        ]),
        classes=model.classes_,
        probabilities=probabilities,
        danger=np.array([row["danger"] for row in rows]),
        danger_probabilities=model.danger_proba(texts),
    )  # fmt: skip
    told, per_code = figures(result, model.threshold, model.danger_threshold)
    known = [code["f1"] for code in per_code.values() if code["count"] >= LEAST_FOR_F1]
    yield (
        f"reading {len(rows)} real messages: top-1 {told['accuracy']:.3f}, "
        f"top-3 {told['top3']:.3f}, macro-F1 {np.mean(known):.3f} over {len(known)} codes, "
        f"calibration error {told['calibration_error']:.3f}"
    )
    surest = float(np.quantile(result.confidence, 1 - COVERAGE, method="higher"))
    at_threshold = danger_threshold_for(result, DANGER_PRECISION_ASKED)
    asked, _per_code = figures(result, surest, at_threshold)
    yield (
        f"abstaining: right {told['accuracy_when_confident']:.3f} at coverage "
        f"{told['coverage']:.3f}, {asked['accuracy_when_confident']:.3f} at {asked['coverage']:.3f}"
    )
    yield (
        f"danger: recall {told['danger_recall']:.3f} at precision {told['danger_precision']:.3f} "
        f"as set, {asked['danger_recall']:.3f} at {asked['danger_precision']:.3f}"
    )


def _likeliest(codes: Sequence[str], classes: npt.NDArray[np.str_], shares: Floats) -> str:
    """Of several acceptable codes the one that was read as likeliest counts as the true one."""
    return max(codes, key=lambda code: shares[np.searchsorted(classes, code)])


def _on_seven_bureaux() -> str:
    """70 % to learn from, 30 % to be asked, exact repeats removed."""
    rows = {
        bare(joined(row["title"], row["text"])): row
        for row in real_data.table("gov_messages_7class")
    }
    kept = list(rows.values())
    random.Random(0).shuffle(kept)
    cut = cut_texts([joined(row["title"], row["text"]) for row in kept])
    labels = [row["label"] for row in kept]
    part = int(0.7 * len(kept))
    learned, asked = np.arange(part), np.arange(part, len(kept))
    model = ComplaintClassifier().fit(cut[learned], labels[:part])
    macro = f1_score(labels[part:], model.predict(cut[asked]), average="macro")
    return f"seven bureaux: macro-F1 {macro:.3f} on {len(kept) - part} of {len(kept)} messages"


def _speed(model: ComplaintClassifier, corpus: Corpus) -> Iterator[str]:
    """One core, one process: ours in one call; the plain loop one message at a time; and cutting
    alone. The plain loop is measured on every tenth message, for it takes its time."""
    texts = [joined(row["title"], row["text"]) for row in real_data.table("stream_2019")]
    names = real_data.estate_names("estates_changsha.txt")
    gazetteer = Gazetteer([(f"E{i}", name) for i, name in enumerate(names)])
    model.read(texts[:10])
    gazetteer.link_many(texts[:10])
    cutting = _seconds(lambda: [cut_with_rjieba(text) for text in texts])
    reading = _seconds(lambda: model.read(texts))
    linking = _seconds(lambda: gazetteer.link_many(texts))
    few = texts[::10]
    plain = _plain_loop(corpus, names, few) * len(texts) / len(few)
    yield (
        f"speed on {len(texts)} messages: reading {reading:.2f} s + linking {linking:.2f} s; "
        f"plain loop {plain:.1f} s, ratio {plain / (reading + linking):.1f}; "
        f"rjieba alone {cutting:.2f} s, ratio {(reading + linking) / cutting:.1f}"
    )
    single = [_seconds(lambda text=text: model.read([text])) for text in texts[:400]]
    yield f"one message: reading {np.percentile(single, 95) * 1000:.1f} ms at p95"


def _plain_loop(corpus: Corpus, names: Sequence[str], texts: Sequence[str]) -> float:
    vectorizer = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None)
    regression = LogisticRegression(max_iter=50)
    part = slice(None, None, 8)  # enough words; how well it reads is not measured here
    regression.fit(vectorizer.fit_transform(corpus.texts[part]), corpus.labels[part])

    def loop() -> None:
        for text in texts:
            regression.predict_proba(vectorizer.transform([text]))
            _found = [name for name in names if name in text]

    return _seconds(loop)


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started
