"""Honest figures: every text is judged by a model that has not seen it, nor its near twins."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import clone
from sklearn.metrics import f1_score, precision_recall_fscore_support
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.parallel import Parallel, delayed

from ml.classifier import ComplaintClassifier
from ml.cuts import Cuts
from ml.estimates import LEVEL
from ml.hazards import Labels

Floats = npt.NDArray[np.float64]
Progress = Callable[[Iterable[int], str], Iterable[int]]

FOLDS = 5
_DRAWS = 100
# Three of ten texts of the corpus tell of danger, two of ten in an inbox: of the alarms that sound
# there about three in five are true.
DANGER_PRECISION = 0.75
# What a wrong category costs, counted in looks of a person: the complaint goes to the wrong desk,
# comes back and is read by two people instead of one, a day late.
COST_OF_ERROR = 5.0


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities for texts by models that had not seen them: shape (texts, classes)."""

    labels: npt.NDArray[np.str_]
    classes: npt.NDArray[np.str_]
    probabilities: Floats
    danger: npt.NDArray[np.bool_]
    danger_probabilities: Floats

    @property
    def guesses(self) -> npt.NDArray[np.str_]:
        """The likeliest class of each text."""
        return np.asarray(self.classes[self.probabilities.argmax(axis=1)])

    @property
    def confidence(self) -> Floats:
        """The probability of the likeliest class."""
        return np.asarray(self.probabilities.max(axis=1))

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether the likeliest class is the true one."""
        return np.asarray(self.guesses == self.labels)

    @property
    def odds(self) -> Floats:
        """Logarithms of the probabilities."""
        return np.asarray(np.log(np.maximum(self.probabilities, np.finfo(float).tiny)))


def out_of_fold(
    model: ComplaintClassifier,
    texts: Cuts,
    labels: Sequence[str],
    *,
    danger: Sequence[bool],
    groups: Sequence[str] | None,
    progress: Progress,
    hazards: Labels | None = None,
    jobs: int = 1,
) -> OutOfFold:
    """Cross-validate; rows of one group (an estate, a case) never stand on both sides. With more
    than one of `jobs` the folds are shared among as many processes, to the same result."""
    y, d = np.asarray(labels, dtype=str), np.asarray(danger)
    classes = np.unique(y)
    position = {label: i for i, label in enumerate(classes)}
    probabilities = np.zeros((len(y), len(classes)))
    danger_probabilities = np.zeros(len(y))
    rarest = int(np.unique(y, return_counts=True)[1].min())
    sides = rarest if groups is None else min(rarest, len(set(groups)))
    folds = max(2, min(FOLDS, sides))
    splitter = (
        StratifiedGroupKFold(folds, shuffle=True, random_state=0)
        if groups is not None
        else StratifiedKFold(folds, shuffle=True, random_state=0)
    )
    splits = list(splitter.split(y, y, groups))
    judge = delayed(_judge)
    judged = Parallel(n_jobs=min(jobs, folds), return_as="generator")(
        judge(clone(model), (texts[seen], y[seen], d[seen], hazards), texts[held])
        for seen, held in splits
    )
    for fold in progress(range(folds), "交叉验证"):
        known, shares, alarms = next(judged)
        held = splits[fold][1]
        probabilities[np.ix_(held, [position[label] for label in known])] = shares
        danger_probabilities[held] = alarms
    return OutOfFold(y, classes, probabilities, d, danger_probabilities)


def _judge(
    model: ComplaintClassifier,
    seen: tuple[Cuts, npt.NDArray[np.str_], npt.NDArray[np.bool_], Labels | None],
    held: Cuts,
) -> tuple[npt.NDArray[np.str_], Floats, Floats]:
    texts, labels, danger, hazards = seen
    model.fit(texts, labels.tolist(), danger.tolist(), hazards)
    return model.classes_, model.predict_proba(held), model.danger_proba(held)


def temperature_for(result: OutOfFold) -> float:
    """The temperature at which the texts' true labels are likeliest (see ComplaintClassifier)."""
    odds = result.odds
    true = np.searchsorted(result.classes, result.labels)

    def surprise(temperature: float) -> float:
        shares = log_softmax(odds / temperature, axis=1)
        return float(-shares[np.arange(len(true)), true].mean())

    return float(minimize_scalar(surprise, bounds=(0.2, 5.0), method="bounded").x)


def at_temperature(result: OutOfFold, temperature: float) -> OutOfFold:
    """The same judgements with the categories' probabilities at another temperature."""
    return replace(result, probabilities=softmax(result.odds / temperature, axis=1))


def threshold_for(result: OutOfFold) -> float:
    """The confidence below which a person's look costs less than the errors it spares. An error
    costs as much as `COST_OF_ERROR` looks; of all thresholds the cheapest on these texts."""
    confidence, wrong = result.confidence, ~result.right
    order = np.argsort(-confidence, kind="stable")
    taken = np.arange(len(order) + 1)
    cost = np.concatenate([[0], np.cumsum(wrong[order])]) * COST_OF_ERROR + len(order) - taken
    best = len(order) - int(np.argmin(cost[::-1]))  # of equals the one that takes most
    return float(confidence[order][best - 1]) if best else 1.0


def danger_threshold_for(result: OutOfFold, precision: float = DANGER_PRECISION) -> float:
    """The lowest probability above which alarms are true as often as `precision` wants. Missing a
    danger may cost a life, but a firm's limit shrinks to a day with each alarm, so most must be
    true."""
    order = np.argsort(-result.danger_probabilities)
    reached = np.cumsum(result.danger[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(reached >= precision)
    return float(result.danger_probabilities[order][good[-1]]) if len(good) else 1.0


def calibration_error(result: OutOfFold, bins: int = 10) -> float:
    """By how much, on average, the confidence differs from the share of right readings: expected
    calibration error over `bins` equal parts of the confidence (Naeini et al. 2015)."""
    gaps = (count * abs(said - right) for _low, count, said, right in reliability(result, bins))
    return sum(gaps) / len(result.labels)


def reliability(result: OutOfFold, bins: int = 10) -> list[list[float]]:
    """For each equal part of the confidence that holds texts: where it begins, how many texts,
    their mean confidence and the share that was right."""
    part = np.minimum((result.confidence * bins).astype(int), bins - 1)
    count = np.bincount(part, minlength=bins)
    said = np.bincount(part, result.confidence, minlength=bins)
    right = np.bincount(part, result.right, minlength=bins)
    return [
        [i / bins, float(count[i]), float(said[i] / count[i]), float(right[i] / count[i])]
        for i in np.flatnonzero(count).tolist()
    ]


def confusion(result: OutOfFold) -> dict[str, dict[str, int]]:
    """True class -> class it was read as -> how often."""
    table: dict[str, dict[str, int]] = {str(label): {} for label in result.classes}
    for true, read in zip(result.labels.tolist(), result.guesses.tolist(), strict=True):
        table[true][read] = table[true].get(read, 0) + 1
    return table


def intervals(
    result: OutOfFold, threshold: float, danger_threshold: float
) -> dict[str, list[float]]:
    """Of each overall metric the interval that holds the true one with probability `LEVEL`:
    percentile bootstrap over the texts (Efron 1979), the same draws every time."""
    chance = np.random.default_rng(0)
    draws = []
    for _ in range(_DRAWS):
        which = chance.integers(len(result.labels), size=len(result.labels))
        drawn = OutOfFold(
            result.labels[which], result.classes, result.probabilities[which],
            result.danger[which], result.danger_probabilities[which],
        )  # fmt: skip
        draws.append(_overall(drawn, threshold, danger_threshold))
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    return {
        key: np.quantile([draw[key] for draw in draws], ends).round(4).tolist() for key in draws[0]
    }


def figures(
    result: OutOfFold, threshold: float, danger_threshold: float
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Overall metrics, and precision, recall, F1 and count of each class."""
    columns = precision_recall_fscore_support(
        result.labels, result.guesses, labels=result.classes, zero_division=0
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
    return _overall(result, threshold, danger_threshold), per_class


def _overall(result: OutOfFold, threshold: float, danger_threshold: float) -> dict[str, float]:
    ranking = np.argsort(-result.probabilities, axis=1)
    guessed, right = result.guesses, result.right
    top3 = (result.classes[ranking[:, :3]] == result.labels[:, None]).any(axis=1)
    confident = result.confidence >= threshold
    alarm = result.danger_probabilities >= danger_threshold
    caught = alarm & result.danger
    return {
        "accuracy": float(right.mean()),
        "top3": float(top3.mean()),
        "macro_f1": float(f1_score(result.labels, guessed, average="macro", zero_division=0)),
        "coverage": float(confident.mean()),
        "accuracy_when_confident": float(right[confident].mean()) if confident.any() else 0.0,
        "calibration_error": calibration_error(result),
        "danger_recall": float(caught.sum() / max(1, result.danger.sum())),
        "danger_precision": float(caught.sum() / max(1, alarm.sum())),
    }
