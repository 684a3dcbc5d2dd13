"""Talks at every desk: the list, the case file; what the bureau may do with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from complaints.queries import working_calendar
from complaints.workdays import add_workdays, today
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import complaints_visible_to, talks_visible_to
from property_oversight.accounts.models import Role, User
from property_oversight.accounts.queries import roles
from property_oversight.talks import actions
from property_oversight.talks.models import Talk, TalkEvent
from property_oversight.talks.workflow import ENDED, Move, State, is_legal
from property_oversight.web import community
from property_oversight.web.deeds import Deed, Said, carry_out, offers, open_deeds
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.desk_forms import MinutesForm, NotifyForm, OrderForm, ReasonForm
from property_oversight.web.rows import rows_of


def _notify(user: User, talk: Talk, said: Said) -> None:
    actions.notify(talk, by=user, meets_at=said["meets_at"], place=said["place"], note=said["note"])


def _earliest(_talk: Talk) -> Said:
    calendar = working_calendar(since=today())
    return {"day": add_workdays(today(), actions.NOTICE_BEFORE, calendar)}


def _order(user: User, talk: Talk, said: Said) -> None:
    actions.order(talk, by=user, note=said["note"], rectify_by=said["rectify_by"])


_BUREAU: tuple[Deed[Talk], ...] = (
    Deed(
        "notify",
        Act.NOTIFY_TALK,
        _("决定约谈，发通知"),
        _("已决定约谈，约谈通知书已经生成，在下面下载。"),
        _notify,
        lambda talk: is_legal(talk.state, Move.NOTIFY),
        form=NotifyForm,
        initial=_earliest,
        hint=_("通知至少提前 3 个工作日；下面填的是最早的一天。"),
    ),
    Deed(
        "hold",
        Act.HOLD_TALK,
        _("已经约谈，记纪要"),
        _("已记录约谈，纪要已经生成。"),
        lambda user, talk, said: actions.hold(talk, by=user, note=said["note"]),
        lambda talk: is_legal(talk.state, Move.HOLD),
        form=MinutesForm,
    ),
    Deed(
        "absent",
        Act.MARK_TALK_ABSENT,
        _("企业没有到场"),
        _("已记录无故未到，可以再次通知。"),
        lambda user, talk, said: actions.mark_absent(talk, by=user, note=said["note"]),
        lambda talk: is_legal(talk.state, Move.MARK_ABSENT),
        form=ReasonForm,
        is_usual=False,
    ),
    Deed(
        "order",
        Act.ORDER_RECTIFICATION,
        _("下达整改通知"),
        _("已下达整改，整改通知书已经生成，由社区到现场核实。"),
        _order,
        lambda talk: is_legal(talk.state, Move.ORDER),
        form=OrderForm,
    ),
    Deed(
        "close",
        Act.CLOSE_TALK,
        _("办结"),
        _("约谈已办结。"),
        lambda user, talk, said: actions.close(talk, by=user, note=said["note"]),
        lambda talk: is_legal(talk.state, Move.CLOSE),
        form=ReasonForm,
    ),
    Deed(
        "withdraw",
        Act.WITHDRAW_TALK,
        _("不约谈"),
        _("已决定不约谈，理由留存。"),
        lambda user, talk, said: actions.withdraw(talk, by=user, note=said["note"]),
        lambda talk: is_legal(talk.state, Move.WITHDRAW),
        form=ReasonForm,
        hint=_("系统只是建议；不约谈要写明理由。"),
        is_usual=False,
    ),
)
DEEDS = {deed.verb: deed for deed in _BUREAU} | community.TALK_DEEDS


@dataclass(frozen=True)
class _Tab:
    key: str
    label: str | Promise
    states: frozenset[State]


_PROPOSED = _Tab("proposed", _("待决定"), frozenset({State.PROPOSED}))
_UNDER_WAY = _Tab("open", _("进行中"), frozenset(State) - ENDED - {State.PROPOSED})
_ENDED = _Tab("ended", _("已结束"), ENDED)


@require_safe
@door()
def talks(request: HttpRequest) -> HttpResponse:
    """The talks one sees."""
    user = worker(request)
    rows = talks_visible_to(user)
    sees_proposals = roles(user) & {Role.BUREAU, Role.PETITION_OFFICE}
    tabs = [_PROPOSED, _UNDER_WAY, _ENDED] if sees_proposals else [_UNDER_WAY, _ENDED]
    chosen = next((tab for tab in tabs if tab.key == request.GET.get("show")), tabs[0])
    context = {
        "tabs": [
            {"tab": tab, "count": _in(rows, tab).count(), "is_current": tab is chosen}
            for tab in tabs
        ],
        "page": page_of(request, _in(rows, chosen).order_by("-proposed_on", "-pk")),
    }
    return render(request, "web/desk/talks.html", context)


def _in(rows: QuerySet[Talk], tab: _Tab) -> QuerySet[Talk]:
    return rows.filter(state__in=tab.states)


@door()
@require_safe
def talk(request: HttpRequest, key: int) -> HttpResponse:
    return _page(request, _visible(request, key), {})


@door()
def act(request: HttpRequest, key: int, verb: str) -> HttpResponse:
    """Do one of the things that the case file offers."""
    case = _visible(request, key)
    deed = DEEDS.get(verb)
    if deed is None:
        raise Http404
    home = reverse("web:talk", args=[key])
    result = carry_out(request, worker(request), case, deed, home)
    return _page(request, case, {verb: result}) if isinstance(result, forms.Form) else result


def _visible(request: HttpRequest, key: int) -> Talk:
    found = talks_visible_to(worker(request)).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, case: Talk, refused: Mapping[str, forms.Form]) -> HttpResponse:
    user = worker(request)
    concerned = complaints_visible_to(user).filter(pk__in=case.ground.complaints)
    page = page_of(request, concerned.order_by("received_at", "pk"))
    context: dict[str, Any] = {
        "talk": case,
        "company_page": reverse("web:company", args=[case.company.code])
        if Role.BUREAU in roles(user)
        else "",
        "steps": [(event, _officer(event, user)) for event in case.events.all()],
        "page": page,
        "rows": rows_of(page, user),
        "offers": offers(
            open_deeds(user, case, DEEDS),
            case,
            lambda verb: reverse("web:talk-act", args=[case.pk, verb]),
            wanted=request.GET.get("act", ""),
            refused=refused,
        ),
        "refused": any(form.errors for form in refused.values()),
        "is_late": case.state == State.RECTIFYING
        and case.rectify_by is not None
        and case.rectify_by < today(),
    }
    return render(request, "web/desk/talk.html", context)


def _officer(event: TalkEvent, user: User) -> str:
    """Who did it, for the bureau's eyes."""
    return str(event.by) if event.by and Role.BUREAU in roles(user) else ""
