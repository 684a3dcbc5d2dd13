"""Indicators -> score, interval, reasons. Pure; the whole policy stands on this page.

Every figure here is a default chosen from local rules that differ (README, 指标手册), not law.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ml.estimates import (
    Estimate,
    difference_beyond_chance,
    shrunken_rates,
    shrunken_shares,
)


@dataclass(frozen=True)
class Indicator:
    """One thing a score is made of. `weight` is its part of the whole where all are known."""

    code: str
    name: str
    weight: float


BURDEN = Indicator("I1-burden", "投诉负担", 25)
TIMELY = Indicator("I2-timely", "按时答复", 15)
RESOLVED = Indicator("I3-resolved", "居民认可解决", 20)
SATISFIED = Indicator("I4-satisfied", "居民满意", 10)
COMMUNITY = Indicator("I5-community", "社区评价", 15)
OWNERS = Indicator("I6-owners", "业主评价", 10)
SITE = Indicator("I7-site", "现场评价", 5)
INDICATORS = (BURDEN, TIMELY, RESOLVED, SATISFIED, COMMUNITY, OWNERS, SITE)


@dataclass(frozen=True)
class Policy:
    """What a run freezes beside its data."""

    version: str = "2026-1"
    least_household_months: float = 150
    """Below this exposure an estate is not rated."""
    average_burden_points: float = 75
    """Points of an estate with the city's average burden; none at all gives 100."""
    evaluator_spread: float = 10
    """Assumed standard deviation between evaluators, in points."""
    grades: tuple[tuple[str, float], ...] = (("A", 85), ("B", 75), ("C", 60), ("D", 0))
    """Grade and the score from which it is given, best first (Shijingshan 2025)."""
    disparity_below: float = 0.05
    """Estates of one firm differ more than chance where the p-value is below this."""
    weights: dict[str, float] = field(
        default_factory=lambda: {indicator.code: indicator.weight for indicator in INDICATORS}
    )

    def frozen(self) -> dict[str, Any]:
        """The policy as it is kept with a run."""
        return asdict(self) | {"grades": [list(grade) for grade in self.grades]}

    def grade(self, score: float) -> str:
        return next(name for name, least in self.grades if score >= least)


@dataclass(frozen=True)
class Evidence:
    """The counts of one contract in one period."""

    contract: int
    household_months: float
    complaints: int = 0
    incidents: int = 0
    judged: int = 0
    on_time: int = 0
    asked: int = 0
    resolved: int = 0
    rated: int = 0
    satisfied: int = 0
    community: tuple[float, int] | None = None
    """Mean points and number of evaluators."""
    owners: tuple[float, int] | None = None
    site: tuple[float, int] | None = None


@dataclass(frozen=True)
class Part:
    """What one indicator adds. `contribution` is in points of the score against the average."""

    indicator: Indicator
    points: Estimate
    weight: float
    contribution: float
    because: str


@dataclass(frozen=True)
class Score:
    """A score of 0–100 with its 90 % interval; `base` + the contributions = `value`."""

    value: float
    low: float
    high: float
    grade: str
    base: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class NotRated:
    """Too little is known; the reason is shown instead of a number."""

    reason: str


@dataclass(frozen=True)
class _Sub:
    points: Estimate
    because: str


def scores(evidence: Sequence[Evidence], policy: Policy) -> list[Score | NotRated]:
    """One result for each contract, judged against all the others of the run."""
    rated = [one for one in evidence if one.household_months >= policy.least_household_months]
    subs = _all_subscores(rated, policy)
    averages = {
        indicator.code: _mean([one[indicator.code].points.value for one in subs
                               if indicator.code in one])
        for indicator in INDICATORS
    }  # fmt: skip
    results = iter([_score(one, averages, policy) for one in subs])
    return [
        next(results)
        if one.household_months >= policy.least_household_months
        else NotRated(
            f"服务量不足：{one.household_months:.0f} 户·月，"
            f"少于 {policy.least_household_months:.0f} 户·月，不予评分"
        )
        for one in evidence
    ]


def _all_subscores(evidence: Sequence[Evidence], policy: Policy) -> list[dict[str, _Sub]]:
    """Points of every indicator for every contract; what nobody was asked about is absent."""
    if not evidence:
        return []
    rates = shrunken_rates(
        [one.incidents for one in evidence], [one.household_months for one in evidence]
    )
    average = sum(one.incidents for one in evidence) / sum(one.household_months for one in evidence)
    shares = {
        TIMELY.code: shrunken_shares(
            [one.on_time for one in evidence], [one.judged for one in evidence]
        ),
        RESOLVED.code: shrunken_shares(
            [one.resolved for one in evidence], [one.asked for one in evidence]
        ),
        SATISFIED.code: shrunken_shares(
            [one.satisfied for one in evidence], [one.rated for one in evidence]
        ),
    }
    result = []
    for i, one in enumerate(evidence):
        subs = {BURDEN.code: _burden(one, rates[i], average, policy)}
        for code, hits, trials, what in (
            (TIMELY.code, one.on_time, one.judged, "件到期应答复，按时"),
            (RESOLVED.code, one.resolved, one.asked, "件居民表了态，认可解决"),
            (SATISFIED.code, one.satisfied, one.rated, "件居民作了评价，满意"),
        ):
            if trials:
                share = shares[code][i]
                subs[code] = _Sub(
                    Estimate(100 * share.value, 100 * share.low, 100 * share.high),
                    f"{trials} {what} {hits} 件（{hits / trials:.0%}）",
                )
        for code, said in (
            (COMMUNITY.code, one.community),
            (OWNERS.code, one.owners),
            (SITE.code, one.site),
        ):
            if said is not None:
                mean, evaluators = said
                half = 1.645 * policy.evaluator_spread / math.sqrt(evaluators)
                subs[code] = _Sub(
                    Estimate(mean, _clip(mean - half), _clip(mean + half)),
                    f"{evaluators} 份评价，平均 {mean:.1f} 分",
                )
        result.append(subs)
    return result


def _burden(one: Evidence, rate: Estimate, average: float, policy: Policy) -> _Sub:
    lost = 100 - policy.average_burden_points

    def points(value: float) -> float:
        return _clip(100 - lost * value / average) if average else 100.0

    return _Sub(
        # More complaints, fewer points: the ends of the interval change places.
        Estimate(points(rate.value), points(rate.high), points(rate.low)),
        f"{one.incidents} 件（合并同一事件后），每千户每月 {1000 * rate.value:.2f} 件"
        f"（已按样本量校正），全市平均 {1000 * average:.2f} 件",
    )


def _score(subs: dict[str, _Sub], averages: dict[str, float], policy: Policy) -> Score:
    """Weighted mean over the indicators that are known; their weights are scaled to 1."""
    present = [indicator for indicator in INDICATORS if indicator.code in subs]
    total = sum(policy.weights[indicator.code] for indicator in present)
    parts = []
    below = above = 0.0
    for indicator in present:
        sub = subs[indicator.code]
        weight = policy.weights[indicator.code] / total
        below += (weight * (sub.points.value - sub.points.low)) ** 2
        above += (weight * (sub.points.high - sub.points.value)) ** 2
        parts.append(
            Part(
                indicator,
                sub.points,
                weight,
                weight * (sub.points.value - averages[indicator.code]),
                sub.because,
            )
        )
    value = sum(part.weight * part.points.value for part in parts)
    return Score(
        value=value,
        low=_clip(value - math.sqrt(below)),
        high=_clip(value + math.sqrt(above)),
        grade=policy.grade(value),
        base=value - sum(part.contribution for part in parts),
        parts=tuple(parts),
    )


@dataclass(frozen=True)
class CompanyScore:
    """The household-weighted mean of a firm's estates, and whether they differ beyond chance."""

    value: float
    low: float
    high: float
    grade: str
    disparity: float
    """p-value of equal complaint rates at all the firm's estates."""
    differs: bool


def company_score(parts: Sequence[tuple[Evidence, Score]], policy: Policy) -> CompanyScore:
    """`parts`: the rated contracts of one firm, at least one."""
    total = sum(one.household_months for one, _score in parts)
    weights = [one.household_months / total for one, _score in parts]
    value = sum(w * score.value for w, (_one, score) in zip(weights, parts, strict=True))
    below = sum((w * (s.value - s.low)) ** 2 for w, (_e, s) in zip(weights, parts, strict=True))
    above = sum((w * (s.high - s.value)) ** 2 for w, (_e, s) in zip(weights, parts, strict=True))
    disparity = difference_beyond_chance(
        [one.incidents for one, _score in parts],
        [one.household_months for one, _score in parts],
    )
    return CompanyScore(
        value=value,
        low=_clip(value - math.sqrt(below)),
        high=_clip(value + math.sqrt(above)),
        grade=policy.grade(value),
        disparity=disparity,
        differs=disparity < policy.disparity_below,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _clip(points: float) -> float:
    return min(100.0, max(0.0, points))
