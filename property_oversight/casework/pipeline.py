"""The story of a complaint, read from top to bottom.

Each step asks "already done?", has its own transaction, and may fail alone: what it left undone
the next round takes up.
"""

import logging
from collections.abc import Callable, Sequence

from django.core.exceptions import ValidationError

from complaints import actions, classification, duplicates
from complaints.models import Complaint
from complaints.queries import unread_complaints
from complaints.workflow import MOVES, Move, State
from property_oversight.attribution import actions as attribution
from property_oversight.attribution import incidents
from property_oversight.attribution.models import Attribution, Standing
from property_oversight.attribution.queries import (
    current_findings,
    estates_of,
    unattributed_complaints,
)

logger = logging.getLogger(__name__)

Step = Callable[[Sequence[int]], int]


def process(keys: Sequence[int]) -> dict[str, int]:
    """Lead the complaints with these keys as far as they can go without a person. Returns how many
    each step moved on; a step that failed counts -1 and is in the log."""
    moved = {}
    for name, step in STEPS.items():
        try:
            moved[name] = step(keys)
        except Exception:
            # A broken step must not hold up the others, nor a request: the round tries again.
            logger.exception("step %s failed for %d complaints", name, len(keys))
            moved[name] = -1
    return moved


def read(keys: Sequence[int]) -> int:
    """What is it about, how dangerous is it?"""
    return classification.classify(list(unread_complaints().filter(pk__in=keys)))


def attribute(keys: Sequence[int]) -> int:
    """Which estate, which contract on the day it happened, so which firm?"""
    waiting = unattributed_complaints().filter(pk__in=keys).select_related("category")
    return attribution.attribute(list(waiting.order_by("pk")))


def group(keys: Sequence[int]) -> int:
    """Is it the same broken lift that the neighbours complain of?"""
    return incidents.group(list(current_findings().filter(complaint__in=keys)))


def join_repeats(keys: Sequence[int]) -> int:
    """Has this person said so before?"""
    waiting = list(
        Complaint.objects.filter(pk__in=keys, state=State.RECEIVED)
        .exclude(reporter_key="")
        # A person has said that it is another matter: the round must not join it again.
        .exclude(events__kind=MOVES[Move.SPLIT].event)
        .order_by("received_at", "pk")
    )
    firsts = firsts_of(waiting)
    return sum(_join(one, firsts[one.pk]) for one in waiting if one.pk in firsts)


def firsts_of(complaints: Sequence[Complaint]) -> dict[int, Complaint]:
    """Key of a complaint -> the earlier one of the same person that it repeats."""
    earlier = duplicates.earlier_of(complaints)
    if not earlier:
        return {}
    estates = estates_of(one.pk for one in [*complaints, *earlier])
    return duplicates.firsts_of(complaints, earlier, estates)


def _join(complaint: Complaint, first: Complaint) -> bool:
    try:
        duplicates.join(complaint, first, by=actions.SYSTEM)
    except ValidationError:
        return False  # the first one has just ended: this goes its own way
    return True


def dispatch(keys: Sequence[int]) -> int:
    """To the firm: what is surely read, surely a firm's matter, and whose firm is known. The clock
    starts with it."""
    ready = (
        current_findings()
        .filter(
            complaint__in=keys,
            complaint__state=State.RECEIVED,
            complaint__category__firm_answers=True,
            company__isnull=False,
        )
        .exclude(standing=Standing.CONTESTED)
        .select_related("complaint", "estate", "company")
        .order_by("complaint_id")
    )
    return sum(_dispatch(finding) for finding in ready)


def _dispatch(finding: Attribution) -> bool:
    assert finding.company is not None  # noqa: S101 - `dispatch` takes no others
    facts = {
        "company_code": finding.company.code,
        "estate_code": finding.estate.code if finding.estate else None,
    }
    try:
        actions.move(finding.complaint, Move.DISPATCH, by=actions.SYSTEM, data=facts)
    except ValidationError:
        return False  # somebody was faster
    return True


STEPS: dict[str, Step] = {
    "read": read,
    "attribute": attribute,
    "join": join_repeats,
    "group": group,
    "dispatch": dispatch,
}
