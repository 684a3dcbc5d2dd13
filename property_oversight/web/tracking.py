"""One's own complaint: who holds the tracking code sees how far it is, and has a say."""

import re
import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from complaints import actions
from complaints.models import Complaint
from complaints.workdays import today
from complaints.workflow import MOVES, OPEN, is_legal
from property_oversight.access.abilities import RESIDENT_MOVES, Act, may_resident
from property_oversight.access.visibility import complaint_by_tracking_code
from property_oversight.casework import follow_up
from property_oversight.web import refusals, throttle
from property_oversight.web.progress import progress_of
from property_oversight.web.resident_forms import (
    ConfirmForm,
    ReasonForm,
    SupplementForm,
    contents,
    refuse,
)

FORMS: dict[Act, type[forms.Form]] = {
    Act.CONFIRM: ConfirmForm,
    Act.REDO: ReasonForm,
    Act.REOPEN: ReasonForm,
    Act.SUPPLEMENT: SupplementForm,
    Act.URGE: forms.Form,
    Act.WITHDRAW: forms.Form,
}
_DONE = {
    Act.CONFIRM: gettext_lazy("谢谢您的反馈，这件投诉已办结。"),
    Act.REDO: gettext_lazy("已退回重办，答复期限重新计算。"),
    Act.REOPEN: gettext_lazy("已恢复办理，答复期限重新计算。"),
    Act.SUPPLEMENT: gettext_lazy("补充的内容已经记入这件投诉，办理单位看得到。"),
    Act.URGE: gettext_lazy("已经替您催办。一个工作日催办一次就够。"),
    Act.WITHDRAW: gettext_lazy("已撤回这件投诉。"),
}


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """From a typed code to its page."""
    typed = request.GET.get("code", "")
    code = _tidy(typed)
    if code:
        return redirect("web:progress", code)
    return render(request, "web/resident/find.html", {"typed": typed})


def _tidy(code: str) -> str:
    """A code as people type it: small letters, full width, spaces, hyphens."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", code).upper())[:40]


def _with_code(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hands the complaint of the tracking code on to `view`. A wrong code is a friendly page; many
    wrong ones from one address are too many."""

    @wraps(view)
    def door(request: HttpRequest, code: str, **more: Any) -> HttpResponseBase:
        if throttle.GUESSING.is_reached(request):
            return refusals.too_many(request)
        complaint = complaint_by_tracking_code(_tidy(code)).first()
        if complaint is None:
            throttle.GUESSING.count(request)
            return render(request, "web/resident/no_such_code.html", {"code": code}, status=404)
        response = view(request, complaint, **more)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return door


@never_cache
@_with_code
@require_safe
def receipt(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """What a resident keeps: the code."""
    return render(request, "web/resident/receipt.html", {"complaint": complaint})


@never_cache
@_with_code
@require_safe
def progress(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    return _page(request, complaint, {})


@cache_control(private=True, max_age=3600)
@_with_code
@require_safe
def photo(request: HttpRequest, complaint: Complaint, key: int) -> HttpResponseBase:
    """A picture that the complaint's page shows; it has no other address outside the desks."""
    shown = {one.pk: one for one in progress_of(complaint).photos}
    if key not in shown:
        raise Http404
    response = FileResponse(shown[key].file.open("rb"), content_type="image/jpeg")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@_with_code
def act(request: HttpRequest, complaint: Complaint, verb: str) -> HttpResponse:
    """One of the things that the holder of the code may do now."""
    wanted = next((one for one in Act if one == f"complaint.{verb}"), None)
    if wanted is None:
        raise Http404
    if not may_resident(wanted) or wanted not in FORMS:
        raise PermissionDenied
    if request.method != "POST":
        return redirect("web:progress", complaint.tracking_code)
    form = FORMS[wanted](request.POST, request.FILES, auto_id=_ids(wanted))
    if not form.is_valid():
        return _page(request, complaint, {wanted: form})
    try:
        _carry_out(request, complaint, wanted, form.cleaned_data)
    except ValidationError as error:
        complaint.refresh_from_db(fields=["state"])
        if _is_open_to(complaint, wanted) and form.fields:
            refuse(form, error)
            return _page(request, complaint, {wanted: form})
        if not _is_done_already(complaint, wanted):
            messages.error(request, " ".join(error.messages))
            return redirect("web:progress", complaint.tracking_code)
    messages.success(request, str(_DONE[wanted]))
    return redirect("web:progress", complaint.tracking_code)


def _carry_out(
    request: HttpRequest, complaint: Complaint, wanted: Act, said: dict[str, Any]
) -> None:
    if wanted is Act.URGE:
        follow_up.urge(complaint)
    elif wanted is Act.SUPPLEMENT:
        limit = throttle.filing()
        if limit.is_reached(request):
            raise ValidationError(_("您所在的网络提交得太多，请过一小时再试。"), code="throttled")
        follow_up.supplement(complaint, said["text"], contents(said["photos"]))
        limit.count(request)
    elif wanted is Act.REOPEN:
        follow_up.reopen(complaint, said["text"])
    else:
        resolved, satisfied = _outcome(wanted, said)
        actions.move(
            complaint,
            RESIDENT_MOVES[wanted],
            by=actions.RESIDENT,
            note=said.get("text", ""),
            resolved=resolved,
            satisfied=satisfied,
        )


def _outcome(wanted: Act, said: dict[str, Any]) -> tuple[bool | None, bool | None]:
    """What the act says of the firm's work: mended, content."""
    if wanted is Act.CONFIRM:
        return True, said["satisfied"] == "yes"
    return (False, False) if wanted is Act.REDO else (None, None)


def _is_open_to(complaint: Complaint, wanted: Act) -> bool:
    """Whether the act makes sense where the complaint stands."""
    if wanted in RESIDENT_MOVES:
        return is_legal(complaint.state, RESIDENT_MOVES[wanted])
    return complaint.state in (follow_up.AWAITS_OTHERS if wanted is Act.URGE else OPEN)


def _is_done_already(complaint: Complaint, wanted: Act) -> bool:
    """Whether the button was pressed twice."""
    last = complaint.events.last()
    return (
        wanted in RESIDENT_MOVES
        and last is not None
        and last.kind == MOVES[RESIDENT_MOVES[wanted]].event
        and last.actor == actions.RESIDENT.name
    )


def _page(
    request: HttpRequest, complaint: Complaint, refused: dict[Act, forms.Form]
) -> HttpResponse:
    """The complaint's page. `refused`: the form with what was typed, so that nothing is lost."""
    acts = {
        act.name.lower(): refused.get(act) or form(auto_id=_ids(act))
        for act, form in FORMS.items()
        if _is_open_to(complaint, act)
    }
    context = {
        "complaint": complaint,
        "progress": progress_of(complaint),
        "acts": acts,
        "refused": any(form.errors for form in refused.values()),
        "urged_today": "urge" in acts and follow_up.urged_today(complaint, today()),
    }
    return render(request, "web/resident/complaint.html", context)


def _ids(wanted: Act) -> str:
    """Several forms stand on one page."""
    return f"id_{wanted.name.lower()}_%s"
