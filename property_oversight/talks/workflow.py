"""Which step of a talk is legal from where, and why. Imports nothing of ours."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far along a talk is."""

    PROPOSED = "proposed"
    NOTICED = "noticed"
    HELD = "held"
    RECTIFYING = "rectifying"
    VERIFIED = "verified"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    ABSENT = "absent"
    FAILED = "failed"


class Move(StrEnum):
    """What an officer, or the community at its on-site check, may do with a talk."""

    NOTIFY = "notify"
    HOLD = "hold"
    MARK_ABSENT = "mark_absent"
    ORDER = "order"
    VERIFY = "verify"
    FAIL = "fail"
    CLOSE = "close"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Rule:
    """A move: where it may start, where it ends, what has then happened."""

    sources: frozenset[State]
    target: State
    event: str
    why: str


def _rule(sources: tuple[State, ...], target: State, event: str, why: str) -> Rule:
    return Rule(frozenset(sources), target, f"talk.{event}", why)


S = State
ENDED = frozenset({S.CLOSED, S.WITHDRAWN})

MOVES: dict[Move, Rule] = {
    Move.NOTIFY: _rule(
        # Absent and failed talks are held again: a new notice, the next step of the ladder.
        (S.PROPOSED, S.ABSENT, S.FAILED),
        S.NOTICED,
        "noticed",
        "发出约谈通知书",
    ),
    Move.HOLD: _rule((S.NOTICED,), S.HELD, "held", "约谈已进行，形成纪要"),
    Move.MARK_ABSENT: _rule((S.NOTICED,), S.ABSENT, "missed", "企业无故未到"),
    Move.ORDER: _rule((S.HELD,), S.RECTIFYING, "ordered", "下达整改通知，限期整改"),
    Move.VERIFY: _rule((S.RECTIFYING,), S.VERIFIED, "verified", "社区现场核实，整改到位"),
    Move.FAIL: _rule((S.RECTIFYING,), S.FAILED, "failed", "核实整改不到位"),
    Move.CLOSE: _rule(
        # A talk may settle the matter on the spot; then there is nothing to rectify.
        (S.HELD, S.VERIFIED),
        S.CLOSED,
        "closed",
        "办结",
    ),
    Move.WITHDRAW: _rule((S.PROPOSED, S.NOTICED), S.WITHDRAWN, "withdrawn", "主管部门决定不约谈"),
}

EVENTS: dict[str, str] = {"talk.proposed": "系统按规则建议约谈"} | {
    rule.event: rule.why for rule in MOVES.values()
}


def is_legal(state: State | str, move: Move | str) -> bool:
    """Whether `move` may start from `state`."""
    return State(state) in MOVES[Move(move)].sources


def legal_moves(state: State | str) -> list[Move]:
    """The moves that may start from `state`, in the order of the table."""
    return [move for move in MOVES if is_legal(state, move)]
