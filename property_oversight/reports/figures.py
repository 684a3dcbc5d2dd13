"""The numbers of the desks, counted through visibility."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from complaints.models import Complaint
from complaints.queries import most_valuable_first, overdue_complaints
from complaints.workflow import MOVES, OPEN, Move, State
from property_oversight.access.visibility import Person, complaints_visible_to, talks_visible_to
from property_oversight.attribution.models import Attribution, Reason, Standing
from property_oversight.attribution.queries import UNSETTLED, complaints_found
from property_oversight.talks.models import Talk
from property_oversight.talks.workflow import State as TalkState


@dataclass(frozen=True)
class Waiting:
    """What waits for the bureau, each with its one next act."""

    dangerous: QuerySet[Complaint]
    unread: QuerySet[Complaint]
    unattributed: QuerySet[Complaint]
    to_transfer: QuerySet[Complaint]
    contested: QuerySet[Complaint]
    overdue: QuerySet[Complaint]
    talks: QuerySet[Talk]


def waiting_for_bureau(user: Person, on: date) -> Waiting:
    """The bureau's desk: the oldest first, the dangerous before all; of what was not surely read
    first what is worth most to look at."""
    visible = complaints_visible_to(user).order_by("-danger", "received_at", "pk")
    still_open = visible.filter(state__in=OPEN)
    return Waiting(
        dangerous=still_open.filter(danger=True),
        unread=most_valuable_first(still_open.filter(read_at__isnull=False, category=None)),
        unattributed=complaints_found(
            still_open.exclude(category__firm_answers=False), reason__in=UNSETTLED
        ),
        # Also what a firm had before it was read anew: no firm sees it any more.
        to_transfer=still_open.filter(
            state__in=MOVES[Move.TRANSFER].sources, category__firm_answers=False
        )
        | complaints_found(still_open.filter(state=State.RECEIVED), reason=Reason.NOBODYS),
        contested=complaints_found(visible, standing=Standing.CONTESTED),
        overdue=visible.filter(pk__in=overdue_complaints(on).values("pk")),
        talks=talks_visible_to(user).filter(state=TalkState.PROPOSED),
    )


@dataclass(frozen=True)
class StateCount:
    """How many complaints stand in one state."""

    state: str
    label: str
    count: int


def counts_by_state(complaints: QuerySet[Complaint]) -> dict[str, int]:
    """How many of `complaints` stand where."""
    return dict(complaints.order_by().values_list("state").annotate(count=Count("pk")))


def complaints_by_state(user: Person) -> list[StateCount]:
    """How many of the complaints that `user` sees stand where."""
    counts = counts_by_state(complaints_visible_to(user))
    labels = dict(Complaint._meta.get_field("state").flatchoices)
    return [
        StateCount(state, str(labels[state]), counts[state]) for state in State if state in counts
    ]


def open_at_estate(estate_id: int) -> list[tuple[str, int]]:
    """What is open at an estate, by kind of matter: for everybody to see, so only numbers."""
    rows = (
        Attribution.objects.filter(
            superseded_at=None, estate_id=estate_id, complaint__state__in=OPEN
        )
        .exclude(complaint__category=None)
        .values_list("complaint__category__name")
        .annotate(count=Count("pk"))
        .order_by("-count", "complaint__category__name")
    )
    return list(rows)
