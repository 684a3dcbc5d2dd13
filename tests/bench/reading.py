"""How well the starter model reads real messages that it has never seen, and how fast.

The messages lie outside the repository (their publisher states no licence): in the folder that
REAL_DATA names, or in shared/data beside the checkout. Nothing is ever trained on `property_dev`.
"""

import csv
import io
import json
import lzma
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import jieba
import numpy as np
from django.conf import settings
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from ml import artifact
from ml.classifier import ComplaintClassifier
from ml.evaluate import OutOfFold, calibration_error
from ml.features import cut_texts
from ml.linking import Gazetteer
from ml.text import bare, cut_folded, cut_with_rjieba, fold_many
from ml.train import Corpus, joined, read_corpus, train
from tests.bench.linking import folder

LEAST_FOR_F1 = 10
COVERAGE = 0.6
DANGER_PRECISION = 0.6


def measure() -> Iterator[str]:
    if not (folder() / "property_dev.jsonl").exists():
        yield f"reading: no real messages at {folder().name}, nothing measured"
        return
    corpus = read_corpus(Path(settings.FIXTURES_DIR) / "corpus")
    with TemporaryDirectory() as out:
        started = perf_counter()
        train(corpus, Path(out))
        yield f"training: {len(corpus)} texts in {perf_counter() - started:.0f} s"
        model, _manifest = artifact.load(Path(out))
    yield from _on_real_messages(model)
    yield _on_seven_bureaux()
    yield from _speed(model, corpus)


def _on_real_messages(model: ComplaintClassifier) -> Iterator[str]:
    lines = (folder() / "property_dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    texts = cut_texts([joined(row["title"] or "", row["text"]) for row in rows])
    right: list[list[str]] = [row["primary"] for row in rows]
    readings = model.read(texts)
    top = [reading.category for reading in readings]
    hit = np.array([guess in codes for guess, codes in zip(top, right, strict=True)])
    top3 = [
        any(code in codes for code, _share in reading.alternatives[:3])
        for reading, codes in zip(readings, right, strict=True)
    ]
    # Of several acceptable codes the one that was read counts as the true one.
    true = [guess if guess in codes else codes[0] for guess, codes in zip(top, right, strict=True)]
    known = [code for code in model.classes_ if true.count(code) >= LEAST_FOR_F1]
    macro = f1_score(true, top, labels=known, average="macro", zero_division=0)
    taken = np.array([not reading.abstained for reading in readings])
    order = np.argsort([-reading.confidence for reading in readings])[: int(COVERAGE * len(rows))]
    error = calibration_error(
        OutOfFold(
            np.array(true), model.classes_, model.predict_proba(texts), np.array([]), np.array([])
        )
    )
    yield (
        f"reading {len(rows)} real messages: top-1 {hit.mean():.3f}, top-3 {np.mean(top3):.3f}, "
        f"macro-F1 {macro:.3f} over {len(known)} codes, calibration error {error:.3f}"
    )
    yield (
        f"abstaining: right {hit[taken].mean():.3f} at coverage {taken.mean():.3f}, "
        f"{hit[order].mean():.3f} at coverage {COVERAGE}"
    )
    danger = np.array([row["danger"] for row in rows])
    alarm = np.array([reading.danger for reading in readings])
    surest = np.argsort(-model.danger_proba(texts), kind="stable")
    precision = np.cumsum(danger[surest]) / np.arange(1, len(rows) + 1)
    last = np.flatnonzero(precision >= DANGER_PRECISION).max(initial=0)
    yield (
        f"danger: recall {(alarm & danger).sum() / danger.sum():.3f} at precision "
        f"{(alarm & danger).sum() / max(1, alarm.sum()):.3f} as set, "
        f"{danger[surest[: last + 1]].sum() / danger.sum():.3f} at {DANGER_PRECISION}"
    )


def _on_seven_bureaux() -> str:
    """70 % to learn from, 30 % to be asked, exact repeats removed."""
    rows = {bare(joined(row["title"], row["text"])): row for row in _table("gov_messages_7class")}
    kept = list(rows.values())
    random.Random(0).shuffle(kept)
    cut = cut_texts([joined(row["title"], row["text"]) for row in kept])
    labels = [row["label"] for row in kept]
    part = int(0.7 * len(kept))
    model = ComplaintClassifier().fit(cut[:part], labels[:part])
    macro = f1_score(labels[part:], model.predict(cut[part:]), average="macro")
    return f"seven bureaux: macro-F1 {macro:.3f} on {len(kept) - part} of {len(kept)} messages"


def _table(name: str) -> list[dict[str, str]]:
    csv.field_size_limit(2**31 - 1)
    with lzma.open(folder() / f"{name}.csv.xz") as packed:
        return list(csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8-sig")))


def _speed(model: ComplaintClassifier, corpus: Corpus) -> Iterator[str]:
    """One core, one process: ours in one call; the plain loop one message at a time; and cutting
    alone. The plain loop is measured on every tenth message, for it takes its time."""
    texts = [joined(row["title"], row["text"]) for row in _table("stream_2019")]
    lines = (folder() / "estates_changsha.txt").read_text(encoding="utf-8").splitlines()
    names = [line.strip().replace("湘", "楚") for line in lines if line.strip()]
    gazetteer = Gazetteer([(f"E{i}", name) for i, name in enumerate(names)])
    model.read(texts[:10])
    gazetteer.link_many(texts[:10])
    folded = fold_many(texts)
    cutting = _seconds(lambda: cut_folded(folded, cut_with_rjieba))
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


def _seconds(work) -> float:  # type: ignore[no-untyped-def]
    started = perf_counter()
    work()
    return perf_counter() - started
