"""Tier, fee, score interval -> guidance band, verdict and why. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

_CENT = Decimal("0.01")


class Verdict(StrEnum):
    """Whether the fee follows what is delivered (质价相符)."""

    FITS = "fits"
    OVERPRICED = "overpriced"
    UNDERPRICED = "underpriced"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Band:
    """What a tier may cost, in yuan per m² and month, and the score it asks for."""

    tier: int
    low: Decimal
    high: Decimal
    least_score: float


@dataclass(frozen=True)
class Advice:
    """The band of what is delivered, the verdict on the fee, and why, in Chinese."""

    low: Decimal | None
    high: Decimal | None
    verdict: Verdict
    because: str


def band(tier: int, base: Decimal, up: float, down: float, least_score: float) -> Band:
    """`up` and `down` are shares of the base price; in most places they differ."""

    def times(factor: float) -> Decimal:
        return (base * Decimal(str(factor))).quantize(_CENT, ROUND_HALF_UP)

    return Band(tier, times(1 - down), times(1 + up), least_score)


def advise(
    tier: int | None,
    fee: Decimal | None,
    interval: tuple[float, float] | None,
    bands: Mapping[int, Band],
) -> Advice:
    """Judge a fee. Where the score interval straddles the boundary of a tier, nothing is said
    about the fee: a firm must not lose money to chance."""
    if tier is None or fee is None:
        return Advice(None, None, Verdict.UNDETERMINED, "合同未登记服务等级或收费标准")
    if tier not in bands:
        return Advice(None, None, Verdict.UNDETERMINED, f"标准表中没有{tier}级")
    agreed = bands[tier]
    if interval is None:
        return Advice(
            agreed.low, agreed.high, Verdict.UNDETERMINED, "本期不予评分，无从判断是否达到约定等级"
        )
    low, high = interval
    if low < agreed.least_score <= high:
        return Advice(
            agreed.low,
            agreed.high,
            Verdict.UNDETERMINED,
            f"得分区间 {low:.1f}–{high:.1f} 跨过{tier}级所需的 {agreed.least_score:.0f} 分，"
            "不作判断",
        )
    if high < agreed.least_score:
        lowest = min(bands.values(), key=lambda one: one.least_score)
        reached = [one for one in bands.values() if one.least_score <= high]
        delivered = max(reached, key=lambda one: one.least_score, default=lowest)
        why = (
            f"得分上限 {high:.1f} 低于{tier}级所需的 {agreed.least_score:.0f} 分，"
            f"实际服务约合{delivered.tier}级"
        )
    else:
        delivered = agreed
        why = f"得分下限 {low:.1f} 达到{tier}级所需的 {agreed.least_score:.0f} 分"
    return _judge(fee, delivered, why)


def _judge(fee: Decimal, delivered: Band, why: str) -> Advice:
    # Where the fee may float down freely the band has no bottom worth printing.
    limits = (
        f"{delivered.low}–{delivered.high} 元" if delivered.low else f"上限 {delivered.high} 元"
    )
    span = f"{delivered.tier}级指导价 {limits}"
    if fee > delivered.high:
        verdict, relation = Verdict.OVERPRICED, "高于"
    elif fee < delivered.low:
        verdict, relation = Verdict.UNDERPRICED, "低于"
    else:
        verdict, relation = Verdict.FITS, "在"
    return Advice(
        delivered.low, delivered.high, verdict, f"{why}；收费 {fee} 元{relation}{span}"
        + ("之内" if verdict is Verdict.FITS else "")
    )  # fmt: skip
