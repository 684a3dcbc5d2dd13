"""Reads of the desk."""

from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.db.models.sql.compiler import SQLCompiler

from complaints.models import (
    CalendarDay,
    Category,
    Clock,
    Complaint,
    ComplaintEvent,
    Prediction,
    TrainedModel,
    Verdict,
)
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


def complaints_to_read_again(version: str) -> QuerySet[Complaint]:
    """Complaints that await a person's reading and that the model of this version has not read."""
    read = Prediction.objects.filter(complaint=OuterRef("pk"), model_version=version)
    return complaints_awaiting_reading().filter(~Exists(read))


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


class _Days(Func):
    """A moment as a number of days; only differences mean something."""

    output_field = FloatField()
    template = "EXTRACT(EPOCH FROM %(expressions)s) / 86400.0"

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="julianday(%(expressions)s)")


DESKS_DIFFER = 2.0
A_DAY_WAITED = 0.2


def most_valuable_first(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Of complaints that await a reading, those first at which a person's look is worth most.

    Suspected danger before all. Then by the doubt of the newest reading, one less the margin
    between its two likeliest codes (0 to 1); it counts twice where the two have different
    departments or only one of them is a firm's matter, for there an error sends the complaint to
    the wrong desk. Each day of waiting adds a fifth: after ten days the least doubtful comes
    before whatever is new, so that nothing waits for ever.
    """
    second = Category.objects.filter(code=OuterRef("second"))
    newest = (
        Prediction.objects.filter(complaint=OuterRef("pk"))
        .annotate(second=KT("alternatives__1__0"))
        .annotate(
            doubt=1 - F("confidence") + Coalesce(_share("alternatives__1__1"), 0.0),
            desks=Case(
                When(
                    Q(Exists(second))
                    & ~Q(
                        Exists(
                            second.filter(
                                department=OuterRef("category__department"),
                                firm_answers=OuterRef("category__firm_answers"),
                            )
                        )
                    ),
                    then=Value(DESKS_DIFFER),
                ),
                default=Value(1.0),
                output_field=FloatField(),
            ),
        )
        .order_by("-pk")
    )
    worth = Coalesce(Subquery(newest.values(worth=F("doubt") * F("desks"))[:1]), DESKS_DIFFER)
    return complaints.annotate(worth=worth - A_DAY_WAITED * _Days("received_at")).order_by(
        "-danger", "-worth", "pk"
    )


def _share(path: str) -> Cast:
    return Cast(KT(path), FloatField())


def current_verdicts() -> QuerySet[Verdict]:
    """The latest word of a person on each complaint."""
    later = Verdict.objects.filter(complaint=OuterRef("complaint"), pk__gt=OuterRef("pk"))
    return Verdict.objects.filter(~Exists(later))


def model_in_use() -> TrainedModel | None:
    """The model that a person has put into use; None while the starter model serves."""
    return TrainedModel.objects.filter(state=TrainedModel.State.SERVING).first()


def models_trained_here() -> QuerySet[TrainedModel]:
    """Every model with what was decided about it."""
    return TrainedModel.objects.select_related("replaced").prefetch_related("decisions__by")
