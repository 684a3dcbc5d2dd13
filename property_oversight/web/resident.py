"""The residents' door: find an estate, file a complaint. No account needed."""

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from complaints import actions
from complaints.models import Channel, Complaint
from complaints.workdays import today
from property_oversight.access.visibility import cards_visible_to
from property_oversight.casework import intake
from property_oversight.pricing.queries import guidance_on
from property_oversight.registry.queries import (
    GRID_STANDARD,
    contract_on,
    estates_for_pages,
    estates_named_like,
    grid_load,
)
from property_oversight.reports.figures import open_at_estate
from property_oversight.scoring.models import Contribution, ScoreCard
from property_oversight.web import throttle
from property_oversight.web.resident_forms import ComplaintForm, chosen_estate, contents, refuse

MOST_ESTATES = 30
_LONGEST_NAME = 120
_EVEN = 0.05
"""Points: what adds less than this, and takes less, is as good as the average."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/resident/home.html")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Estates by any of their names."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST_NAME]
    found = []
    if text:
        named = estates_named_like(text)
        found = list(estates_for_pages(today()).filter(pk__in=named)[: MOST_ESTATES + 1])
    context = {
        "q": text,
        "estates": found[:MOST_ESTATES],
        "more": len(found) > MOST_ESTATES,
        "most": MOST_ESTATES,
    }
    return render(request, "web/resident/search.html", context)


@require_safe
def estate(request: HttpRequest, code: str) -> HttpResponse:
    """What everybody may know of an estate."""
    found = estates_for_pages(today()).filter(code=code).first()
    if found is None:
        successor = chosen_estate(code)
        if successor is None:
            raise Http404
        messages.info(request, _("您找的小区已并入%(name)s。") % {"name": successor.name})
        return redirect("web:estate", successor.code)
    contract = contract_on(found, today())
    cards = cards_visible_to(AnonymousUser()).filter(estate=found)
    newest = cards.first()
    if newest is not None and contract is not None:
        # Two firms in one quarter have a card each: the one that serves today comes first.
        newest = cards.filter(run=newest.run, contract=contract).first() or newest
    load = grid_load(found)
    context = {
        "estate": found,
        "contract": contract,
        "load": load[0] if load else None,
        "over": load[1] if load else None,
        "standard": GRID_STANDARD,
        "card": newest,
        "guidance": guidance_on(newest) if newest else None,
        "reasons": _reasons(newest) if newest else {},
        "open_matters": open_at_estate(found.pk),
    }
    return render(request, "web/resident/estate.html", context)


def _reasons(card: ScoreCard) -> dict[str, list[Contribution]]:
    """What lifts the score, what lowers it, what is as everywhere; the weightiest first."""
    parts = sorted(card.contributions.all(), key=lambda part: -abs(part.contribution))
    return {
        "lifts": [part for part in parts if part.contribution >= _EVEN],
        "lowers": [part for part in parts if part.contribution <= -_EVEN],
        "even": [part for part in parts if abs(part.contribution) < _EVEN],
    }


@never_cache
def file(request: HttpRequest) -> HttpResponse:
    """One box is a complaint."""
    if request.method != "POST":
        return _filing_page(request, _blank_form(request))
    if "clear" in request.POST:
        typed = {name: request.POST.get(name, "") for name in ("text", "name", "phone", "token")}
        kept = typed | {"hides_phone": "hides_phone" in request.POST}
        return _filing_page(request, ComplaintForm(initial=kept))
    form = ComplaintForm(request.POST, request.FILES)
    lodged = _lodged(request, form) if form.is_valid() else None
    if lodged is None:
        status = 429 if form.has_error(NON_FIELD_ERRORS, "throttled") else 200
        return _filing_page(request, form, status)
    return redirect("web:receipt", lodged.tracking_code)


def _lodged(request: HttpRequest, form: ComplaintForm) -> Complaint | None:
    """The complaint, taken in; or nothing, and the form says why."""
    limit = throttle.filing()
    try:
        if form.cleaned_data["website"]:
            raise ValidationError(
                _("没有收下：请把标着“此栏请留空”的一栏清空，再提交一次。"), code="robot"
            )
        if limit.is_reached(request):
            raise ValidationError(
                _("您所在的网络提交得太多，没有收下。请过一小时再试，或者拨打 12345 反映。"),
                code="throttled",
            )
        lodged = intake.lodge(
            form.draft(),
            channel=Channel.WEB,
            by=actions.RESIDENT,
            pictures=contents(form.cleaned_data["photos"]),
        )
    except ValidationError as error:
        refuse(form, error)
        return None
    limit.count(request)
    return lodged


def _blank_form(request: HttpRequest) -> ComplaintForm:
    code = request.GET.get("estate", "")
    chosen = chosen_estate(code) if code else None
    if code and chosen is None:
        messages.warning(
            request, _("没有找到编码为“%(code)s”的小区，请直接写小区名称。") % {"code": code[:40]}
        )
    return ComplaintForm(initial={"estate": chosen.code if chosen else ""})


def _filing_page(request: HttpRequest, form: ComplaintForm, status: int = 200) -> HttpResponse:
    code = str(form["estate"].value() or "")
    context = {
        "form": form,
        "chosen": chosen_estate(code) if code else None,
        "lost_photos": bool(form.is_bound and form.files),
    }
    return render(request, "web/resident/file.html", context, status=status)
