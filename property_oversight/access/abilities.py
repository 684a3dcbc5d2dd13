"""Role x act: who may do what. The table is the policy; rows are the business of visibility."""

from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AnonymousUser

from complaints.models import Complaint
from complaints.workflow import Move
from property_oversight.accounts.models import Membership, Role, User
from property_oversight.accounts.queries import hats
from property_oversight.attribution.models import Attribution
from property_oversight.attribution.queries import current_finding
from property_oversight.registry.models import Company, Estate
from property_oversight.talks.models import Talk

RESIDENT = "resident"
"""Who holds the tracking code of a complaint; needs no account."""


class Act(StrEnum):
    """Everything that a person can do here."""

    ACCEPT = "complaint.accept"
    ANSWER = "complaint.answer"
    CONFIRM = "complaint.confirm"
    REDO = "complaint.redo"
    REOPEN = "complaint.reopen"
    WITHDRAW = "complaint.withdraw"
    URGE = "complaint.urge"
    SUPPLEMENT = "complaint.supplement"
    VERIFY = "complaint.verify"
    CORRECT = "complaint.correct"
    TRANSFER = "complaint.transfer"
    CLOSE = "complaint.close"
    JOIN = "complaint.join"
    SPLIT = "complaint.split"
    SEE_REPORTER = "complaint.see_reporter"
    DECIDE = "attribution.decide"
    CONTEST = "attribution.contest"
    UPHOLD = "attribution.uphold"
    OVERTURN = "attribution.overturn"
    SET_APART = "incident.set_apart"
    BRING_TOGETHER = "incident.bring_together"
    EVALUATE = "evaluation.evaluate"
    RUN_SCORES = "scores.run"
    PUBLISH_SCORES = "scores.publish"
    NOTIFY_TALK = "talk.notify"
    HOLD_TALK = "talk.hold"
    MARK_TALK_ABSENT = "talk.mark_absent"
    ORDER_RECTIFICATION = "talk.order"
    VERIFY_RECTIFICATION = "talk.verify"
    FAIL_RECTIFICATION = "talk.fail"
    CLOSE_TALK = "talk.close"
    WITHDRAW_TALK = "talk.withdraw"
    RETRAIN = "model.retrain"
    PROMOTE_MODEL = "model.promote"
    REFUSE_MODEL = "model.refuse"
    ROLL_BACK_MODEL = "model.roll_back"
    READ_FEED = "feed.read"
    LODGE = "complaint.lodge"
    SEE_DESK = "desk.see"
    EXPORT = "reports.export"


_BUREAU = frozenset({Role.BUREAU})
_FIRM = frozenset({Role.FIRM})
_COMMUNITY = frozenset({Role.COMMUNITY})
_RESIDENT: frozenset[str] = frozenset({RESIDENT})
_EVERYBODY: frozenset[str] = frozenset({RESIDENT, *Role})
_OFFICES = frozenset({Role.BUREAU, Role.COMMUNITY, Role.FIRM, Role.PETITION_OFFICE})

MATRIX: dict[Act, frozenset[str]] = {
    Act.LODGE: _EVERYBODY,
    Act.ACCEPT: _FIRM,
    Act.ANSWER: _FIRM,
    Act.CONFIRM: _RESIDENT,
    Act.REDO: _RESIDENT,
    Act.REOPEN: _RESIDENT,
    Act.WITHDRAW: _RESIDENT,
    Act.URGE: _RESIDENT,
    Act.SUPPLEMENT: _RESIDENT,
    Act.VERIFY: _COMMUNITY,
    Act.CORRECT: _BUREAU,
    Act.TRANSFER: _BUREAU,
    Act.CLOSE: _BUREAU,
    Act.JOIN: _BUREAU,
    Act.SPLIT: _BUREAU,
    Act.SEE_REPORTER: _BUREAU,
    Act.DECIDE: _BUREAU,
    Act.CONTEST: _FIRM,
    Act.UPHOLD: _BUREAU,
    Act.OVERTURN: _BUREAU,
    Act.SET_APART: _BUREAU,
    Act.BRING_TOGETHER: _BUREAU,
    Act.EVALUATE: _COMMUNITY,
    Act.RUN_SCORES: _BUREAU,
    Act.PUBLISH_SCORES: _BUREAU,
    Act.NOTIFY_TALK: _BUREAU,
    Act.HOLD_TALK: _BUREAU,
    Act.MARK_TALK_ABSENT: _BUREAU,
    Act.ORDER_RECTIFICATION: _BUREAU,
    Act.VERIFY_RECTIFICATION: _COMMUNITY,
    Act.FAIL_RECTIFICATION: _COMMUNITY,
    Act.CLOSE_TALK: _BUREAU,
    Act.WITHDRAW_TALK: _BUREAU,
    Act.RETRAIN: _BUREAU,
    Act.PROMOTE_MODEL: _BUREAU,
    Act.REFUSE_MODEL: _BUREAU,
    Act.ROLL_BACK_MODEL: _BUREAU,
    Act.READ_FEED: frozenset({Role.PETITION_OFFICE, Role.BUREAU}),
    Act.SEE_DESK: _OFFICES,
    Act.EXPORT: _OFFICES,
}

RESIDENT_MOVES = {
    Act.CONFIRM: Move.CONFIRM,
    Act.REDO: Move.REDO,
    Act.REOPEN: Move.REOPEN,
    Act.WITHDRAW: Move.WITHDRAW,
}


def may(user: User | AnonymousUser, act: Act, obj: Any = None) -> bool:
    """Whether one of the user's hats allows `act`, and stands with `obj` where one is given."""
    return any(
        hat.role in MATRIX[act] and (obj is None or _stands_with(hat, obj)) for hat in hats(user)
    )


def may_resident(act: Act) -> bool:
    """Whether who holds a tracking code may do this."""
    return RESIDENT in MATRIX[act]


def _stands_with(hat: Membership, obj: Any) -> bool:
    """Whether the hat's firm or community is the object's."""
    if hat.role in {Role.BUREAU, Role.PETITION_OFFICE}:
        return True
    if isinstance(obj, Complaint):
        obj = current_finding(obj)
    if hat.role == Role.FIRM:
        return _company_of(obj) == hat.company_id
    return hat.community_id in _communities_of(obj)


def _company_of(obj: Any) -> int | None:
    if isinstance(obj, Company):
        return obj.pk
    return obj.company_id if isinstance(obj, Attribution | Talk) else None


def _communities_of(obj: Any) -> set[int]:
    if isinstance(obj, Estate):
        return {obj.community_id}
    if isinstance(obj, Attribution):
        return {obj.estate.community_id} if obj.estate else set()
    if isinstance(obj, Talk):
        return {estate.community_id for estate in obj.estates.all()}
    return set()
