"""Honest figures: every text is judged by a model that has not seen it, nor its near twins."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.metrics import f1_score, precision_recall_fscore_support
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from ml.classifier import ComplaintClassifier

Floats = npt.NDArray[np.float64]
Progress = Callable[[Iterable[int], str], Iterable[int]]

FOLDS = 5
_WANTED_ACCURACY = 0.90
_WANTED_DANGER_PRECISION = 0.60


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities for texts by models that had not seen them: shape (texts, classes)."""

    labels: npt.NDArray[np.str_]
    classes: npt.NDArray[np.str_]
    probabilities: Floats
    danger: npt.NDArray[np.bool_]
    danger_probabilities: Floats


def out_of_fold(
    model: ComplaintClassifier,
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    danger: Sequence[bool],
    groups: Sequence[str] | None,
    progress: Progress,
) -> OutOfFold:
    """Cross-validate; rows of one group (an estate, a case) never stand on both sides."""
    X, y, d = np.asarray(texts, dtype=object), np.asarray(labels, dtype=str), np.asarray(danger)
    classes = np.unique(y)
    position = {label: i for i, label in enumerate(classes)}
    probabilities = np.zeros((len(X), len(classes)))
    danger_probabilities = np.zeros(len(X))
    rarest = int(np.unique(y, return_counts=True)[1].min())
    sides = rarest if groups is None else min(rarest, len(set(groups)))
    folds = max(2, min(FOLDS, sides))
    splitter = (
        StratifiedGroupKFold(folds, shuffle=True, random_state=0)
        if groups is not None
        else StratifiedKFold(folds, shuffle=True, random_state=0)
    )
    splits = list(splitter.split(X, y, groups))
    for fold in progress(range(folds), "交叉验证"):
        seen, held = splits[fold]
        fitted = clone(model).fit(list(X[seen]), list(y[seen]), list(d[seen]))
        columns = [position[label] for label in fitted.classes_]
        probabilities[np.ix_(held, columns)] = fitted.predict_proba(list(X[held]))
        danger_probabilities[held] = fitted.danger_proba(list(X[held]))
    return OutOfFold(y, classes, probabilities, d, danger_probabilities)


def threshold_for(result: OutOfFold) -> float:
    """The lowest confidence above which at least 90 % of the readings are right."""
    confidence = result.probabilities.max(axis=1)
    right = result.classes[result.probabilities.argmax(axis=1)] == result.labels
    order = np.argsort(-confidence)
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(accuracy >= _WANTED_ACCURACY)
    return float(confidence[order][good[-1]]) if len(good) else 1.0


def danger_threshold_for(result: OutOfFold) -> float:
    """The lowest probability above which at least 60 % of the alarms are true. Missing a danger may
    cost a life, but a firm's limit shrinks to a day with each alarm, so most must be true."""
    order = np.argsort(-result.danger_probabilities)
    precision = np.cumsum(result.danger[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= _WANTED_DANGER_PRECISION)
    return float(result.danger_probabilities[order][good[-1]]) if len(good) else 1.0


def figures(
    result: OutOfFold, threshold: float, danger_threshold: float
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Overall metrics, and precision, recall, F1 and count of each class."""
    ranking = np.argsort(-result.probabilities, axis=1)
    guessed = result.classes[ranking[:, 0]]
    top3 = (result.classes[ranking[:, :3]] == result.labels[:, None]).any(axis=1)
    confident = result.probabilities.max(axis=1) >= threshold
    alarm = result.danger_probabilities >= danger_threshold
    caught = alarm & result.danger
    overall = {
        "accuracy": float((guessed == result.labels).mean()),
        "top3": float(top3.mean()),
        "macro_f1": float(f1_score(result.labels, guessed, average="macro", zero_division=0)),
        "coverage": float(confident.mean()),
        "accuracy_when_confident": float((guessed == result.labels)[confident].mean())
        if confident.any()
        else 0.0,
        "danger_recall": float(caught.sum() / max(1, result.danger.sum())),
        "danger_precision": float(caught.sum() / max(1, alarm.sum())),
    }
    columns = precision_recall_fscore_support(
        result.labels, guessed, labels=result.classes, zero_division=0
    )
    per_class = {
        str(label): {
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(f1),
            "count": float(count),
        }
        for label, precision, recall, f1, count in zip(result.classes, *columns, strict=True)
    }
    return overall, per_class
