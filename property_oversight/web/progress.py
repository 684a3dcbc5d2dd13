"""A complaint's progress in plain words, for who holds its tracking code."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from complaints import privacy
from complaints.models import Attachment, Clock, Complaint, ComplaintEvent
from complaints.workdays import today
from complaints.workflow import State
from property_oversight.access.visibility import complaint_by_tracking_code, finding_of
from property_oversight.attribution.models import Attribution, Standing
from property_oversight.casework.rounds import SILENT_FOR
from property_oversight.web.templatetags.web_words import day, event_words

Words = str | Promise
# Steps of the house's own work, which tell a resident nothing.
_INTERNAL = {
    "complaint.read",
    "complaint.corrected",
    "complaint.set_apart",
    "complaint.brought_together",
}
# Whose words are meant for the resident; a note on another event is between offices.
_SPOKEN = {
    "complaint.answered",
    "complaint.answer_recorded",
    "complaint.closed",
    "complaint.closure_recorded",
    "complaint.transferred",
    "complaint.verified",
    "complaint.supplemented",
    "complaint.returned",
    "complaint.reopened",
}
_ANSWERS = {"complaint.answered", "complaint.answer_recorded"}
_OFFICES = {"firm", "community", "bureau"}
_RECEIVED = "complaint.received"


@dataclass(frozen=True)
class Step:
    """One thing that happened, as the resident may read it."""

    event: ComplaintEvent
    what: str
    note: str
    photos: list[Attachment]


@dataclass(frozen=True)
class Progress:
    """Where a complaint stands, what happens next, what has happened. `shown` is the complaint
    whose progress that is: of a repeat, the one it was joined to."""

    complaint: Complaint
    shown: Complaint
    finding: Attribution | None
    clock: Clock | None
    steps: list[Step]

    @property
    def is_joined(self) -> bool:
        return self.shown.pk != self.complaint.pk

    @property
    def is_contested(self) -> bool:
        return self.finding is not None and self.finding.standing == Standing.CONTESTED

    @property
    def is_overdue(self) -> bool:
        return self.clock is not None and self.shown.is_open and self.clock.is_overdue(today())

    @property
    def headline(self) -> str:
        return _headline(self)

    @property
    def next_step(self) -> str:
        return _filled(_STANDS[State(self.shown.state)][1], self)

    @property
    def due(self) -> str:
        """The answer's limit, and whether it was kept."""
        return _due_words(self.clock, today()) if self.clock else ""

    @property
    def firm(self) -> str:
        company = self.finding.company if self.finding else None
        return company.name if company else _("承办单位")

    @property
    def answer(self) -> Step | None:
        """The firm's last word."""
        said = (s for s in reversed(self.steps) if s.event.kind in _ANSWERS)
        return next(said, None)

    @property
    def own_photos(self) -> list[Attachment]:
        """What the resident sent in with the complaint."""
        received = (e for e in self.complaint.events.all() if e.kind == _RECEIVED)
        return [photo for event in received for photo in event.attachments.all()]

    @property
    def photos(self) -> Iterator[Attachment]:
        """Every picture on the page, and so every one that the page's address may hand out."""
        yield from self.own_photos
        for step in self.steps:
            yield from step.photos


def progress_of(complaint: Complaint) -> Progress:
    """`complaint` must come from `complaint_by_tracking_code`."""
    shown = _first(complaint)
    own = shown.pk == complaint.pk
    return Progress(
        complaint=complaint,
        shown=shown,
        finding=finding_of(shown),
        clock=_answer_clock(shown),
        steps=[
            _step(event, shown, own=own)
            for event in shown.events.all()
            if event.kind not in _INTERNAL
        ],
    )


def _first(complaint: Complaint) -> Complaint:
    """What a repeat was joined to, and what that was joined to."""
    seen = {complaint.pk}
    while complaint.joined_to is not None and complaint.joined_to.pk not in seen:
        seen.add(complaint.joined_to.pk)
        complaint = complaint_by_tracking_code(complaint.joined_to.tracking_code).get()
    return complaint


def _answer_clock(complaint: Complaint) -> Clock | None:
    clocks = [clock for clock in complaint.clocks.all() if clock.kind == Clock.Kind.ANSWER]
    return max(clocks, key=lambda clock: clock.round, default=None)


def _step(event: ComplaintEvent, complaint: Complaint, *, own: bool) -> Step:
    """Of another complaint only the offices' words are shown: that it is the same person's is what
    two telephone numbers say, no more. Nor are the words and
    pictures of what was joined to this one."""
    readable = "joined" not in event.data and (own or event.actor in _OFFICES)
    spoken = readable and event.kind in _SPOKEN
    return Step(
        event=event,
        what=_what(event),
        note=_without_person(event, complaint) if spoken else "",
        photos=list(event.attachments.all()) if readable and event.kind != _RECEIVED else [],
    )


def _what(event: ComplaintEvent) -> str:
    if event.kind == "complaint.overdue" and event.data.get("clock") in Clock.Kind.values:
        return _("超过%(clock)s时限") % {"clock": Clock.Kind(event.data["clock"]).label}
    return event_words(event.kind)


def _without_person(event: ComplaintEvent, complaint: Complaint) -> str:
    """A note without the resident's name and numbers; a firm's own telephone stays."""
    if event.actor not in _OFFICES:
        return privacy.masked(event.note, [complaint.reporter_name])
    text = event.note
    for word in (complaint.reporter_phone, complaint.reporter_name):
        if len(word) > 1:
            text = text.replace(word, "＊＊＊")
    return text


_STANDS: dict[State, tuple[Words, Words]] = {
    State.RECEIVED: (
        _lazy("已受理，正在核对是哪个小区、该由谁来办。"),
        _lazy("下一步：核对清楚后转给承办单位，您不用再跑一趟。想起什么可以在下面补充。"),
    ),
    State.DISPATCHED: (
        _lazy("已转给%(firm)s，等对方签收。"),
        _lazy("下一步：对方办好后在这里答复您，由您来说解决了没有。"),
    ),
    State.IN_PROGRESS: (
        _lazy("%(firm)s正在办理。"),
        _lazy("下一步：对方办好后在这里答复您，由您来说解决了没有。"),
    ),
    State.ANSWERED: (
        _lazy("%(firm)s已经答复，请您看看解决了没有。"),
        _lazy(
            "下一步：看完下面的答复，请选“已解决”或“未解决”。"
            "%(days)d 天内不选，系统自动办结，不算您满意。"
        ),
    ),
    State.CLOSED: (
        _lazy("已办结。"),
        _lazy("如果问题又出现，或者其实没有解决，可以在下面要求恢复办理。"),
    ),
    State.TRANSFERRED: (
        _lazy("这件事不归物业公司管，已转交%(department)s。"),
        _lazy("下一步：由该单位答复您；要催问请拨打 12345。"),
    ),
    State.WITHDRAWN: (_lazy("您已经撤回了这件投诉。"), _lazy("需要的话，随时可以重新投诉。")),
    State.JOINED: (_lazy("已并入先前反映的同一件事。"), ""),
}
_ENDED: dict[str, Words] = {
    "complaint.confirmed": _lazy("已办结：您确认已经解决。"),
    "complaint.lapsed": _lazy("已办结：答复后 %(days)d 天没有表态，系统自动办结，不算您满意。"),
    "complaint.closed": _lazy("已办结：主管部门说明理由后办结，理由见下面的经过。"),
}
_CONTESTED = _lazy("%(firm)s认为这件事不归它管，主管部门正在核定。")
_NOT_A_FIRMS = _lazy("已受理。这类事由%(department)s负责，工作人员核对后转过去。")


def _headline(progress: Progress) -> str:
    complaint = progress.shown
    category = complaint.category
    sentence = _STANDS[State(complaint.state)][0]
    if complaint.state == State.CLOSED:
        ended = [s.event.kind for s in progress.steps if s.event.data.get("to") == State.CLOSED]
        sentence = _ENDED.get(ended[-1] if ended else "", sentence)
    elif progress.is_contested and complaint.is_open:
        sentence = _CONTESTED
    elif complaint.state == State.RECEIVED and category and not category.firm_answers:
        sentence = _NOT_A_FIRMS
    return _filled(sentence, progress)


def _filled(sentence: Words, progress: Progress) -> str:
    category = progress.shown.category
    return str(sentence) % {
        "firm": progress.firm,
        "department": category.department if category else _("负责单位"),
        "days": SILENT_FOR.days,
    }


def _due_words(clock: Clock, on: date) -> str:
    due = day(clock.due_on) + (_("（放假安排未公布，暂定）") if clock.provisional else "")
    if clock.met_on is not None:
        late = _("，晚于期限 %(due)s") % {"due": due} if clock.is_overdue(on) else ""
        return _("%(met)s 已答复%(late)s") % {"met": day(clock.met_on), "late": late}
    if clock.stopped_at is not None:
        return _("不再计时")
    if clock.is_overdue(on):
        return _("%(due)s，已超过 %(days)d 天") % {"due": due, "days": (on - clock.due_on).days}
    return due
