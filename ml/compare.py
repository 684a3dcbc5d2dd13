"""Two models before the same texts: which reads better, and by how much beyond chance.

Paired: every text is read by both, so what is hard for both tells nothing for either.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from ml.classifier import Prediction
from ml.estimates import LEVEL

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FEWEST_OF_A_CODE = 5
"""Codes with fewer texts have no F1 worth the name."""
_DRAWS = 2000
_AT_ONCE = 250


@dataclass(frozen=True)
class Figure:
    """A share of both models and the candidate's less the serving one's; `low` and `high` hold the
    true difference with probability `LEVEL`."""

    serving: float
    candidate: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """What two models made of the same texts. A figure is None where no text could tell."""

    texts: int
    dangerous: int
    accuracy: Figure
    macro_f1: Figure | None
    """Mean F1 of the codes with at least `FEWEST_OF_A_CODE` texts."""
    danger_recall: Figure | None
    coverage: Figure
    """The share of readings that are taken without a person."""
    better: int
    """Texts that only the candidate reads rightly."""
    worse: int
    """Texts that only the serving model reads rightly."""
    chance_of_worse: float
    """Exact McNemar, one-sided: the probability that two equally good models differ at least as
    much to the candidate's disadvantage."""


def compare(
    labels: Sequence[str],
    danger: Sequence[bool],
    serving: Sequence[Prediction],
    candidate: Sequence[Prediction],
    *,
    seed: int = 0,
) -> Comparison:
    """Hold two models' readings of the same texts against what people said of them. At least one
    text. Intervals: percentile bootstrap over texts (Efron & Tibshirani 1993), seeded."""
    truth, told = np.asarray(labels), np.asarray(danger, dtype=bool)
    sides = [_Side.of(truth, readings) for readings in (serving, candidate)]
    codes, counts = np.unique(truth, return_counts=True)
    common = codes[counts >= FEWEST_OF_A_CODE]
    figures = _figures(
        [
            lambda side, weights: _mean(weights, side.right),
            lambda side, weights: _mean(weights, side.taken),
            lambda side, weights: _mean(weights, side.alarms, told),
            lambda side, weights: _macro_f1(weights, truth, side.guesses, common),
        ],
        sides,
        np.random.default_rng(seed),
    )
    better = int((sides[1].right & ~sides[0].right).sum())
    worse = int((sides[0].right & ~sides[1].right).sum())
    return Comparison(
        texts=len(truth),
        dangerous=int(told.sum()),
        accuracy=figures[0],
        coverage=figures[1],
        danger_recall=figures[2] if told.any() else None,
        macro_f1=figures[3] if len(common) else None,
        better=better,
        worse=worse,
        chance_of_worse=float(stats.binom.cdf(better, better + worse, 0.5)),
    )


@dataclass(frozen=True)
class _Side:
    """One model's readings, a column each."""

    guesses: npt.NDArray[np.str_]
    right: Flags
    alarms: Flags
    taken: Flags

    @classmethod
    def of(cls, truth: npt.NDArray[np.str_], readings: Sequence[Prediction]) -> "_Side":
        guesses = np.asarray([reading.category for reading in readings])
        return cls(
            guesses,
            guesses == truth,
            np.asarray([reading.danger for reading in readings]),
            np.asarray([not reading.abstained for reading in readings]),
        )


def _figures(
    measures: Sequence[Callable[[_Side, Floats], Floats]],
    sides: Sequence[_Side],
    chance: np.random.Generator,
) -> list[Figure]:
    texts = len(sides[0].right)
    drawn: list[list[Floats]] = [[] for _ in measures]
    for _ in range(_DRAWS // _AT_ONCE):
        # How often each text is drawn; the same draw for both models and all measures.
        weights = chance.multinomial(texts, np.full(texts, 1 / texts), _AT_ONCE).astype(float)
        for measure, differences in zip(measures, drawn, strict=True):
            differences.append(measure(sides[1], weights) - measure(sides[0], weights))
    whole = np.ones((1, texts))
    return [
        _figure(
            float(measure(sides[0], whole)[0]),
            float(measure(sides[1], whole)[0]),
            np.concatenate(differences),
        )
        for measure, differences in zip(measures, drawn, strict=True)
    ]


def _figure(serving: float, candidate: float, drawn: Floats) -> Figure:
    drawn, beside = drawn[~np.isnan(drawn)], (1 - LEVEL) / 2
    difference = candidate - serving
    # A figure outside its own interval could be explained to nobody.
    low, high = np.quantile([*drawn, difference], [beside, 1 - beside])
    return Figure(
        serving, candidate, difference, float(min(low, difference)), float(max(high, difference))
    )


def _mean(weights: Floats, hits: Flags, among: Flags | None = None) -> Floats:
    """The weighted share of hits `among` some texts, one for each row of `weights`; NaN where a
    row has drawn none of them."""
    counted = weights if among is None else weights[:, among]
    total = counted.sum(axis=1)
    hit = counted @ (hits if among is None else hits[among]).astype(float)
    return np.divide(hit, total, out=np.full(len(total), np.nan), where=total > 0)


def _macro_f1(
    weights: Floats,
    truth: npt.NDArray[np.str_],
    guesses: npt.NDArray[np.str_],
    codes: npt.NDArray[np.str_],
) -> Floats:
    """Mean F1 of `codes`; 0 for a code that is neither there nor guessed."""
    true, guessed = (column[:, None] == codes for column in (truth, guesses))
    both = 2 * (weights @ (true & guessed).astype(float))
    either = weights @ true.astype(float) + weights @ guessed.astype(float)
    f1 = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    return np.asarray(f1.sum(axis=1) / max(1, len(codes)))
