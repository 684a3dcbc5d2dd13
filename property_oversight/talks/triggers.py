"""Facts of a firm in a quarter -> grounds for a talk, or none. Pure: each rule can be tried dry.

Every figure is a default from local rules that differ (README, 约谈规则), not law.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LOW_SCORE = 60
"""Grade D begins below (Shijingshan 2025)."""
LIST_LENGTH = 10
"""Length of the quarter's list of most burdened estates (Xiantao publishes ten)."""
LIST_LEAST = 5
"""Fewest incidents with which an estate may stand in the list."""
OVERDUE_LEAST = 3
OVERDUE_SHARE = 0.2
JOINT_FROM = 10
"""Households (Heze by-law, art. 28)."""


@dataclass(frozen=True)
class Joint:
    """One incident that many households complained of."""

    matter: str
    households: int
    complaints: tuple[int, ...]


@dataclass(frozen=True)
class EstateFacts:
    """One contract in one quarter."""

    estate: str
    name: str
    score: tuple[float, float, float] | None
    """Score, low, high; None where not rated."""
    incidents: int
    burden: float
    """Incidents per 1,000 household-months."""
    overdue: tuple[int, ...] = ()
    """Keys of complaints answered late or not at all."""
    judged: int = 0
    danger_late: tuple[int, ...] = ()
    joint: tuple["Joint", ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known of one firm in one quarter."""

    company: str
    period: str
    estates: tuple[EstateFacts, ...]
    listed: frozenset[str] = frozenset()
    """The estates of the whole city that stand in the quarter's list."""


@dataclass(frozen=True)
class Ground:
    """Why a talk is proposed: the rule, a sentence in Chinese, and the evidence."""

    rule: str
    because: str
    estates: tuple[str, ...]
    complaints: tuple[int, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)


Trigger = Callable[[Facts], Ground | None]


def low_score(facts: Facts) -> Ground | None:
    """T1: an estate's whole interval lies below 60, so that chance alone is no ground."""
    low = [one for one in facts.estates if one.score is not None and one.score[2] < LOW_SCORE]
    if not low:
        return None
    worst = min(low, key=lambda one: one.score or (0, 0, 0))
    value, bottom, top = worst.score or (0.0, 0.0, 0.0)
    return Ground(
        "T1-low-score",
        f"{_names(low)}得分低于 {LOW_SCORE} 分：{worst.name} {value:.1f} 分"
        f"（90% 区间 {bottom:.1f}–{top:.1f}，上限仍低于 {LOW_SCORE}）",
        tuple(one.estate for one in low),
        figures={"score": round(value, 2), "high": round(top, 2)},
    )


def listed_estates(facts: Facts) -> Ground | None:
    """T2: two or more estates of the firm stand in the quarter's list (Hefei 〔2023〕1号)."""
    listed = [one for one in facts.estates if one.estate in facts.listed]
    if len(listed) < 2:  # noqa: PLR2004 - two is the rule
        return None
    return Ground(
        "T2-two-listed",
        f"{facts.period} 投诉负担最重的 {LIST_LENGTH} 个小区中有该企业 {len(listed)} 个："
        f"{_names(listed)}",
        tuple(one.estate for one in listed),
        figures={"listed": len(listed)},
    )


def overdue(facts: Facts) -> Ground | None:
    """T3: at least three answers late, and at least a fifth of those that were due."""
    late = [key for one in facts.estates for key in one.overdue]
    judged = sum(one.judged for one in facts.estates)
    if len(late) < OVERDUE_LEAST or len(late) < OVERDUE_SHARE * judged:
        return None
    where = [one for one in facts.estates if one.overdue]
    return Ground(
        "T3-overdue",
        f"{judged} 件到期应答复的投诉中有 {len(late)} 件逾期（{_names(where)}）",
        tuple(one.estate for one in where),
        tuple(late),
        {"overdue": len(late), "judged": judged},
    )


def danger_late(facts: Facts) -> Ground | None:
    """T4: a complaint about present danger was not answered in time."""
    late = [key for one in facts.estates for key in one.danger_late]
    if not late:
        return None
    where = [one for one in facts.estates if one.danger_late]
    return Ground(
        "T4-danger-late",
        f"{len(late)} 件危及安全的投诉未在时限内答复（{_names(where)}）",
        tuple(one.estate for one in where),
        tuple(late),
        {"danger_late": len(late)},
    )


def joint_complaint(facts: Facts) -> Ground | None:
    """T5: ten or more households complain of one incident."""
    joint = [(one, incident) for one in facts.estates for incident in one.joint]
    if not joint:
        return None
    estate, incident = max(joint, key=lambda pair: pair[1].households)
    return Ground(
        "T5-joint",
        f"{estate.name}有 {incident.households} 户就同一事件（{incident.matter}）投诉，"
        f"达到 {JOINT_FROM} 户联名标准",
        tuple(dict.fromkeys(one.estate for one, _incident in joint)),
        incident.complaints,
        {"households": incident.households},
    )


RULES: dict[str, Trigger] = {
    "T1-low-score": low_score,
    "T2-two-listed": listed_estates,
    "T3-overdue": overdue,
    "T4-danger-late": danger_late,
    "T5-joint": joint_complaint,
}


def burden_list(estates: Sequence[EstateFacts]) -> frozenset[str]:
    """The quarter's list: the most burdened estates by incidents per household, with a least
    number of incidents, so that a small estate is not listed for one bad week."""
    eligible = [one for one in estates if one.incidents >= LIST_LEAST]
    ranked = sorted(eligible, key=lambda one: (-one.burden, one.estate))
    return frozenset(one.estate for one in ranked[:LIST_LENGTH])


def grounds(facts: Facts) -> list[Ground]:
    """Every ground that the rules find."""
    return [ground for rule in RULES.values() if (ground := rule(facts)) is not None]


def _names(estates: Sequence[EstateFacts]) -> str:
    return "、".join(one.name for one in estates)
