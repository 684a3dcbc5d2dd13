"""Complaints as the desks list them: what was said, masked where it must be, and the one next
step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from complaints import privacy
from complaints.models import Complaint
from complaints.queries import most_pressing_first
from complaints.workdays import today
from complaints.workflow import AT_THE_FIRM, ENDED, OPEN, State
from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import complaints_matching, finding_of
from property_oversight.accounts.models import User
from property_oversight.attribution.models import Attribution
from property_oversight.reports.figures import counts_by_state
from property_oversight.web.desk import page_of, searched, worker

_EXCERPT = 70


@dataclass(frozen=True)
class Eyes:
    """How a person may read what a resident said: the bureau as it stands, everybody else without
    name, numbers and door."""

    sees_reporter: bool

    @classmethod
    def of(cls, user: User) -> "Eyes":
        return cls(may(user, Act.SEE_REPORTER))

    def read(self, text: str, complaint: Complaint, names: Iterable[str] = ()) -> str:
        """`text` as it may be read. `names` are those of the neighbours' complaints in it."""
        if self.sees_reporter:
            return text
        return privacy.masked(text, [complaint.reporter_name, complaint.reporter_phone, *names])


@dataclass(frozen=True)
class Row:
    """A complaint in a list."""

    complaint: Complaint
    finding: Attribution | None
    excerpt: str
    due_on: date | None
    is_overdue: bool


def row_of(complaint: Complaint, eyes: Eyes, on: date) -> Row:
    running = [clock for clock in complaint.clocks.all() if clock.is_running]
    due_on = min((clock.due_on for clock in running), default=None) if complaint.is_open else None
    said = eyes.read(complaint.whole.strip(), complaint)
    return Row(
        complaint=complaint,
        finding=finding_of(complaint),
        excerpt=Truncator(" ".join(said.split())).chars(_EXCERPT, truncate="…"),
        due_on=due_on,
        is_overdue=due_on is not None and due_on < on,
    )


@dataclass(frozen=True)
class Tab:
    """A part of a list, by the states of its complaints."""

    key: str
    label: str | Promise
    states: frozenset[State]


@dataclass(frozen=True)
class ShownTab:
    """A tab with how many complaints lie behind it."""

    tab: Tab
    count: int
    is_current: bool


FIRM_TABS = (
    Tab("todo", _("待办"), AT_THE_FIRM),
    Tab("new", _("待签收"), frozenset({State.DISPATCHED})),
    Tab("working", _("办理中"), frozenset({State.IN_PROGRESS})),
    Tab("answered", _("已答复"), frozenset({State.ANSWERED})),
    Tab("ended", _("已结束"), ENDED),
)
ALL_TABS = (
    Tab("open", _("未结束"), OPEN),
    Tab("received", _("未派单"), frozenset({State.RECEIVED})),
    Tab("firm", _("企业办理"), AT_THE_FIRM),
    Tab("answered", _("已答复"), frozenset({State.ANSWERED})),
    Tab("ended", _("已结束"), ENDED),
)


def listing(
    request: HttpRequest, complaints: QuerySet[Complaint], tabs: Sequence[Tab]
) -> dict[str, Any]:
    """What the page of a list shows: tabs with counts, a page of rows, what was searched for."""
    user, text = worker(request), searched(request)
    if text:
        complaints = complaints_matching(user, complaints, text)
    counts = counts_by_state(complaints)
    chosen = next((tab for tab in tabs if tab.key == request.GET.get("show")), tabs[0])
    shown = complaints.filter(state__in=chosen.states)
    ended = not chosen.states & OPEN
    shown = shown.order_by("-received_at", "-pk") if ended else most_pressing_first(shown)
    page = page_of(request, shown)
    return {
        "page": page,
        "rows": rows_of(page, user),
        "q": text,
        "search_label": _("按编号、内容、小区、企业查找")
        if may(user, Act.SEE_REPORTER)
        else _("按编号、类别、小区、企业查找"),
        "tabs": [
            ShownTab(tab, sum(counts.get(state, 0) for state in tab.states), tab is chosen)
            for tab in tabs
        ],
    }


def rows_of(complaints: Iterable[Complaint], user: User) -> list[Row]:
    eyes, on = Eyes.of(user), today()
    return [row_of(complaint, eyes, on) for complaint in complaints]
