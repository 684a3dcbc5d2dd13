"""Which move is legal from where, and why. Imports nothing of ours: the table is the policy."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far along a complaint is."""

    RECEIVED = "received"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"
    JOINED = "joined"


class Move(StrEnum):
    """What a person or a round may do with a complaint."""

    DISPATCH = "dispatch"
    RECALL = "recall"
    ACCEPT = "accept"
    ANSWER = "answer"
    CONFIRM = "confirm"
    REDO = "redo"
    LAPSE = "lapse"
    CLOSE = "close"
    REOPEN = "reopen"
    TRANSFER = "transfer"
    WITHDRAW = "withdraw"
    JOIN = "join"
    SPLIT = "split"
    RECORD_ANSWER = "record_answer"
    RECORD_CLOSURE = "record_closure"


@dataclass(frozen=True)
class Rule:
    """A move: where it may start, where it ends, what has then happened."""

    sources: frozenset[State]
    target: State
    event: str
    why: str


def _rule(sources: tuple[State, ...], target: State, event: str, why: str) -> Rule:
    return Rule(frozenset(sources), target, f"complaint.{event}", why)


S = State
OPEN = frozenset({S.RECEIVED, S.DISPATCHED, S.IN_PROGRESS, S.ANSWERED})
AT_THE_FIRM = frozenset({S.DISPATCHED, S.IN_PROGRESS})
ENDED = frozenset(State) - OPEN

MOVES: dict[Move, Rule] = {
    Move.DISPATCH: _rule((S.RECEIVED,), S.DISPATCHED, "dispatched", "交由当日合同所在物业企业办理"),
    Move.RECALL: _rule(
        (S.DISPATCHED, S.IN_PROGRESS, S.ANSWERED),
        S.RECEIVED,
        "recalled",
        "归属认定被推翻：原企业不再承办，重新派单",
    ),
    Move.ACCEPT: _rule((S.DISPATCHED,), S.IN_PROGRESS, "accepted", "企业签收，开始办理"),
    Move.ANSWER: _rule(
        # An answer without a sign-in is still an answer; the sign-in clock tells the rest.
        (S.DISPATCHED, S.IN_PROGRESS),
        S.ANSWERED,
        "answered",
        "企业答复，等居民确认",
    ),
    Move.CONFIRM: _rule((S.ANSWERED,), S.CLOSED, "confirmed", "居民确认已解决"),
    Move.REDO: _rule((S.ANSWERED,), S.IN_PROGRESS, "returned", "居民认为未解决，退回重办"),
    Move.LAPSE: _rule((S.ANSWERED,), S.CLOSED, "lapsed", "居民逾期未表态，自动办结；不计为满意"),
    Move.CLOSE: _rule(
        (S.RECEIVED, S.ANSWERED, S.TRANSFERRED), S.CLOSED, "closed", "主管部门说明理由后办结"
    ),
    Move.REOPEN: _rule(
        # Received, not in progress: the firm of the day may be another, or there was none.
        (S.CLOSED,),
        S.RECEIVED,
        "reopened",
        "居民称问题重现或并未解决，重新派单",
    ),
    Move.TRANSFER: _rule(
        (S.RECEIVED, S.DISPATCHED, S.IN_PROGRESS),
        S.TRANSFERRED,
        "transferred",
        "不属物业服务范围，转交负责部门",
    ),
    Move.WITHDRAW: _rule(
        (S.RECEIVED, S.DISPATCHED, S.IN_PROGRESS, S.ANSWERED),
        S.WITHDRAWN,
        "withdrawn",
        "居民撤回",
    ),
    Move.JOIN: _rule(
        # Once a firm has answered, the answer must not vanish into another case.
        (S.RECEIVED, S.DISPATCHED, S.IN_PROGRESS),
        S.JOINED,
        "joined",
        "同一人同一事的重复件，并入首件，只计一次",
    ),
    Move.SPLIT: _rule((S.JOINED,), S.RECEIVED, "split", "并单有误，拆出另办"),
    Move.RECORD_ANSWER: _rule(
        (S.RECEIVED,), S.ANSWERED, "answer_recorded", "外部系统的历史答复，照录，不通知任何人"
    ),
    Move.RECORD_CLOSURE: _rule(
        (S.RECEIVED, S.ANSWERED),
        S.CLOSED,
        "closure_recorded",
        "外部系统的历史办结，照录，不通知任何人",
    ),
}

# What happens to a complaint without moving it; each is written into its history all the same.
NOTES: dict[str, str] = {
    "complaint.received": "登记受理",
    "complaint.read": "读出类别与危险程度",
    "complaint.corrected": "人工确认或更正类别",
    "complaint.overdue": "超过时限",
    "complaint.urged": "居民催办",
    "complaint.supplemented": "居民补充说明",
    "complaint.verified": "社区现场核实",
    "complaint.set_apart": "人工认定：与邻居反映的不是同一事件",
    "complaint.brought_together": "人工认定：与邻居反映的是同一事件",
}

EVENTS: dict[str, str] = NOTES | {rule.event: rule.why for rule in MOVES.values()}


def is_legal(state: State | str, move: Move | str) -> bool:
    """Whether `move` may start from `state`."""
    return State(state) in MOVES[Move(move)].sources


def legal_moves(state: State | str) -> list[Move]:
    """The moves that may start from `state`, in the order of the table."""
    return [move for move in MOVES if is_legal(state, move)]
