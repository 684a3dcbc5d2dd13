"""The bureau's desk: what waits, each with its one next act; what an officer may decide."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from complaints import actions, duplicates
from complaints.actions import Actor
from complaints.models import Complaint
from complaints.queries import all_categories
from complaints.workdays import today
from complaints.workflow import OPEN, Move, State, is_legal
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import complaints_visible_to, finding_of
from property_oversight.accounts.models import Role, User
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Attribution, Reason, Standing
from property_oversight.attribution.queries import UNSETTLED, complaints_found
from property_oversight.casework import decisions, pipeline
from property_oversight.reports.figures import Waiting, waiting_for_bureau
from property_oversight.web.deeds import Deed, Said, another_by_number
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.desk_forms import (
    CorrectForm,
    DecideForm,
    JoinForm,
    OverturnForm,
    ReasonForm,
    TransferForm,
)
from property_oversight.web.rows import ALL_TABS, Row, listing, rows_of

_FEW = 3
"""How many of each queue the desk shows."""


@dataclass(frozen=True)
class Queue:
    """One of the things that wait; `verb` is the act that takes a case out of it."""

    key: str
    label: str | Promise
    why: str | Promise
    verb: str = ""


QUEUES = (
    Queue("dangerous", _("危及安全"), _("可能伤人的，先办。")),
    Queue("unread", _("读件待确认"), _("系统没有把握是哪一类，请人确认。"), "correct"),
    Queue("unattributed", _("归属待认定"), _("找不到小区，或者当日没有合同。"), "decide"),
    Queue("to_transfer", _("待转办"), _("不归物业企业的，转给负责单位。"), "transfer"),
    Queue("contested", _("企业有异议"), _("企业说不归自己，请核定。"), "uphold"),
    Queue("overdue", _("已经逾期"), _("过了期限还没有签收或答复。")),
)
_NEXT = {
    "correct": _("确认类别"),
    "decide": _("认定小区"),
    "transfer": _("转办"),
    "uphold": _("核定异议"),
    "": _("查看办理"),
}


@dataclass(frozen=True)
class Task:
    """A row with its one next act. `guess`: the reading that one press confirms."""

    row: Row
    verb: str
    label: str | Promise
    guess: tuple[str, str] | None = None


def _correct(user: User, complaint: Complaint, said: Said) -> None:
    decisions.correct_reading(complaint, said["category"], by=user, danger=said["danger"])


def _decide(user: User, complaint: Complaint, said: Said) -> None:
    finding = finding_of(complaint)
    same = finding is not None and finding.company and finding.estate == said["estate"]
    if same and complaint.state != State.RECEIVED:
        raise ValidationError(_("现在认定的就是这个小区，不用再改"), code="same_estate")
    decisions.decide_estate(complaint, said["estate"], by=user, note=said["note"])


def _uphold(user: User, complaint: Complaint, said: Said) -> None:
    attribution.uphold(_contested(complaint), by=user, note=said["note"])


def _overturn(user: User, complaint: Complaint, said: Said) -> None:
    finding = _contested(complaint)
    if finding.estate is not None and finding.estate == said["estate"]:
        raise ValidationError(
            _("这就是原来认定的小区；如果原认定没有错，请选“维持原认定”"), code="same_estate"
        )
    decisions.overturn(finding, by=user, note=said["note"], estate=said["estate"])


def _contested(complaint: Complaint) -> Attribution:
    finding = finding_of(complaint)
    if finding is None:
        raise ValidationError(_("没有待处理的异议"), code="not_contested")
    return finding


def _is_contested(complaint: Complaint) -> bool:
    finding = finding_of(complaint)
    return finding is not None and finding.standing == Standing.CONTESTED


def _transfer(user: User, complaint: Complaint, said: Said) -> None:
    note = str(_("转交%(department)s。%(note)s")) % said
    facts = {"department": said["department"]}
    actions.move(complaint, Move.TRANSFER, by=Actor("bureau", user), note=note, data=facts)


def _department(complaint: Complaint) -> Said:
    category = complaint.category
    return {"department": category.department if category and not category.firm_answers else ""}


def _close(user: User, complaint: Complaint, said: Said) -> None:
    actions.move(complaint, Move.CLOSE, by=Actor("bureau", user), note=said["note"])


def _join(user: User, complaint: Complaint, said: Said) -> None:
    first = another_by_number(user, complaint, said["number"])
    first = first.joined_to or first
    if first.state not in OPEN:
        raise ValidationError(
            _("那一件现为“%(state)s”，只能并入还在办理的投诉"),
            code="first_has_ended",
            params={"state": first.get_state_display()},
        )
    duplicates.join(complaint, first, by=Actor("bureau", user))


def _likely_first(complaint: Complaint) -> Said:
    first = pipeline.firsts_of([complaint]).get(complaint.pk)
    return {"number": first.external_id if first else ""}


DEEDS: dict[str, Deed[Complaint]] = {
    deed.verb: deed
    for deed in (
        Deed(
            "uphold",
            Act.UPHOLD,
            _("维持原认定"),
            _("已维持原认定，企业不能再提异议。"),
            _uphold,
            _is_contested,
            form=ReasonForm,
            hint=_("异议不成立：仍由原企业办理，期限照走。"),
        ),
        Deed(
            "overturn",
            Act.OVERTURN,
            _("异议成立，改归属"),
            _("已改归属，原企业不再承办。"),
            _overturn,
            _is_contested,
            form=OverturnForm,
            is_usual=False,
        ),
        Deed(
            "correct",
            Act.CORRECT,
            _("确认或更正类别"),
            _("类别已经确认。"),
            _correct,
            lambda complaint: complaint.is_open,
            form=CorrectForm,
            initial=lambda complaint: {
                "danger": complaint.danger,
                "category": complaint.category_id,
            },
            template="web/desk/act_correct.html",
            is_usual=False,
        ),
        Deed(
            "decide",
            Act.DECIDE,
            _("认定小区"),
            _("小区已经认定。"),
            _decide,
            lambda complaint: complaint.is_open and not _is_contested(complaint),
            form=DecideForm,
            template="web/desk/act_decide.html",
            is_usual=False,
        ),
        Deed(
            "transfer",
            Act.TRANSFER,
            _("转办"),
            _("已转办。"),
            _transfer,
            lambda complaint: is_legal(complaint.state, Move.TRANSFER),
            form=TransferForm,
            initial=_department,
            hint=_("不属物业服务范围的，转给负责单位；居民会看到转给了谁。"),
            is_usual=False,
        ),
        Deed(
            "close",
            Act.CLOSE,
            _("办结"),
            _("已办结。"),
            _close,
            lambda complaint: is_legal(complaint.state, Move.CLOSE),
            form=ReasonForm,
            hint=_("由主管部门办结要说明理由，居民会看到。"),
            is_usual=False,
        ),
        Deed(
            "join",
            Act.JOIN,
            _("并入同一人的另一件"),
            _("已并单，内容作为补充记到首件。"),
            _join,
            lambda complaint: is_legal(complaint.state, Move.JOIN),
            form=JoinForm,
            initial=_likely_first,
            hint=_(
                "只并同一人反映的同一件事；许多邻居反映同一件事的，系统已合为同一事件，不用并。"
            ),
            is_usual=False,
        ),
        Deed(
            "split",
            Act.SPLIT,
            _("拆出另办"),
            _("已拆出，重新办理。"),
            lambda user, complaint, _said: decisions.split_off(complaint, by=user),
            lambda complaint: is_legal(complaint.state, Move.SPLIT),
            hint=_("并错了：拆出来单独办理，以后不会再自动并入。"),
            is_usual=False,
        ),
    )
}


def next_verb(complaint: Complaint, finding: Attribution | None) -> str:
    """The one act that leads a complaint on; nothing where it is somebody else's turn."""
    if finding is not None and finding.standing == Standing.CONTESTED:
        return "uphold"
    if complaint.is_open and complaint.awaits_reading:
        return "correct"
    category = complaint.category
    not_a_firms = category is not None and not category.firm_answers
    nobodys = finding is not None and finding.reason == Reason.NOBODYS
    if (not_a_firms or nobodys) and is_legal(complaint.state, Move.TRANSFER):
        return "transfer"
    unsettled = finding is None or finding.reason in UNSETTLED
    return "decide" if complaint.is_open and unsettled else ""


@require_safe
@door(Role.BUREAU)
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, the first few of each."""
    user = worker(request)
    waiting = waiting_for_bureau(user, today())
    firsts = {queue.key: list(_keys(waiting, queue)[:_FEW]) for queue in QUEUES}
    wanted = {key for keys in firsts.values() for key in keys}
    rows = {
        row.complaint.pk: row
        for row in rows_of(complaints_visible_to(user).filter(pk__in=wanted), user)
    }
    names = _category_names()
    context = {
        "queues": [
            {
                "queue": queue,
                "count": _queue(waiting, queue).count(),
                "tasks": [
                    _task(rows[key], queue, names) for key in firsts[queue.key] if key in rows
                ],
            }
            for queue in QUEUES
        ],
        "talks": list(waiting.talks[:_FEW]),
        "talk_count": waiting.talks.count(),
    }
    return render(request, "web/desk/bureau.html", context)


@require_safe
@door(Role.BUREAU)
def queue(request: HttpRequest, key: str) -> HttpResponse:
    """One queue, page by page."""
    user = worker(request)
    wanted = next((one for one in QUEUES if one.key == key), None)
    if wanted is None:
        raise Http404
    page = page_of(request, _queue(waiting_for_bureau(user, today()), wanted))
    names = _category_names()
    tasks = [_task(row, wanted, names) for row in rows_of(page, user)]
    return render(request, "web/desk/queue.html", {"queue": wanted, "page": page, "tasks": tasks})


@require_safe
@door(Role.BUREAU)
def complaints(request: HttpRequest) -> HttpResponse:
    """Every complaint, searched, by firm or by estate."""
    rows = complaints_visible_to(worker(request))
    filters = {"company": "company__code", "estate": "estate__code"}
    chosen = {name: code for name in filters if (code := request.GET.get(name, "")[:40])}
    for name, code in chosen.items():
        rows = complaints_found(rows, **{filters[name]: code})
    context = listing(request, rows, ALL_TABS) | {"title": _("全部投诉"), "chosen": chosen}
    return render(request, "web/desk/complaints.html", context)


def _queue(waiting: Waiting, queue: Queue) -> QuerySet[Complaint]:
    rows: QuerySet[Complaint] = getattr(waiting, queue.key)
    return rows


def _keys(waiting: Waiting, queue: Queue) -> Any:
    return _queue(waiting, queue).values_list("pk", flat=True)


def _category_names() -> dict[str, str]:
    return dict(all_categories().values_list("code", "name"))


def _task(row: Row, queue: Queue, names: dict[str, str]) -> Task:
    verb = queue.verb or next_verb(row.complaint, row.finding)
    guess = None
    if verb == "correct":
        reading = next(iter(row.complaint.predictions.all()), None)
        if reading is not None and reading.category_id in names:
            guess = (reading.category_id, names[reading.category_id])
    return Task(row, verb, _NEXT[verb], guess)
