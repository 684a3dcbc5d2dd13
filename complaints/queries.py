"""Reads of the desk."""

from datetime import date, datetime

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery

from complaints.models import CalendarDay, Category, Clock, Complaint, ComplaintEvent
from complaints.workdays import Calendar
from complaints.workflow import OPEN, State


def with_history(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """What a page about complaints needs, in a fixed number of queries."""
    return complaints.select_related("category", "joined_to").prefetch_related(
        "clocks",
        "predictions",
        Prefetch(
            "events",
            ComplaintEvent.objects.select_related("by").prefetch_related("attachments"),
        ),
    )


def open_complaints() -> QuerySet[Complaint]:
    return Complaint.objects.filter(state__in=OPEN)


def unread_complaints() -> QuerySet[Complaint]:
    return Complaint.objects.filter(read_at=None)


def complaints_awaiting_reading() -> QuerySet[Complaint]:
    """Read by the model, but not surely enough: a person must decide."""
    return open_complaints().filter(read_at__isnull=False, category=None)


def undispatched_complaints() -> QuerySet[Complaint]:
    return Complaint.objects.filter(state=State.RECEIVED)


def running_clocks() -> QuerySet[Clock]:
    return Clock.objects.filter(met_on=None, stopped_at=None)


def overdue_complaints(on: date) -> QuerySet[Complaint]:
    """Open complaints with a running clock that ended before `on`."""
    late = running_clocks().filter(due_on__lt=on)
    return open_complaints().filter(pk__in=late.values("complaint_id"))


def answered_before(moment: datetime) -> QuerySet[Complaint]:
    """Answered, and the resident has said nothing since `moment`."""
    return Complaint.objects.filter(state=State.ANSWERED, answered_at__lt=moment)


def untold_events() -> QuerySet[ComplaintEvent]:
    return ComplaintEvent.objects.filter(told_at=None)


def working_calendar(since: date) -> Calendar:
    """The days, from the year of `since` on, that do not follow the week."""
    days = CalendarDay.objects.filter(day__gte=date(since.year, 1, 1))
    return dict(days.values_list("day", "is_workday"))


def all_categories() -> QuerySet[Category]:
    return Category.objects.all()


def most_pressing_first(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Danger first, then the limit that ends first, then the longest wait."""
    mine = running_clocks().filter(complaint=OuterRef("pk")).order_by("due_on")
    return complaints.annotate(next_due_on=Subquery(mine.values("due_on")[:1])).order_by(
        "-danger", F("next_due_on").asc(nulls_last=True), "received_at", "pk"
    )


def repeats_of(complaint: Complaint) -> QuerySet[Complaint]:
    """What was joined to `complaint`."""
    return Complaint.objects.filter(joined_to=complaint).order_by("received_at", "pk")
