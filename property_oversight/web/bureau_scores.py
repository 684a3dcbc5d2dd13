"""The bureau's scores: reckon a quarter, look at every card, publish; what the fees say."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from complaints.workdays import quarter_before, quarter_of, today
from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import cards_visible_to
from property_oversight.accounts.models import Role, User
from property_oversight.casework import decisions
from property_oversight.pricing.queries import guidance_of
from property_oversight.scoring.actions import publish as show_everybody
from property_oversight.scoring.models import ScoreRun
from property_oversight.scoring.queries import all_runs
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.desk_forms import QuarterForm
from property_oversight.web.resident_forms import refuse

_SHOWN = ("estates", "firms", "guidance")


@require_http_methods(["GET", "HEAD", "POST"])
@door(Role.BUREAU)
def runs(request: HttpRequest) -> HttpResponse:
    """The reckonings; a quarter can be reckoned anew."""
    form = QuarterForm(initial={"period": quarter_before(quarter_of(today()))})
    if request.method == "POST":
        _require(worker(request), Act.RUN_SCORES)
        form = QuarterForm(request.POST)
        made = _reckoned(form) if form.is_valid() else None
        if made is not None:
            messages.success(
                request,
                _("%(period)s 已经算好。数据和办法没有变的话，还是原来那一批。")
                % {"period": made.period},
            )
            return redirect("web:run", made.pk)
    page = page_of(request, all_runs().order_by("-period", "-pk"))
    return render(request, "web/desk/scores.html", {"page": page, "form": form})


def _reckoned(form: QuarterForm) -> ScoreRun | None:
    try:
        return decisions.reckon(form.cleaned_data["period"], as_of=today())
    except ValidationError as error:
        refuse(form, error)
        return None


@require_safe
@door(Role.BUREAU)
def run(request: HttpRequest, key: int) -> HttpResponse:
    """Every card of a reckoning with its interval, sorted by estate and not by score."""
    found = _run(key)
    shown = request.GET.get("show", "")
    shown = shown if shown in _SHOWN else _SHOWN[0]
    cards = cards_visible_to(worker(request)).filter(run=found)
    rows = {
        "estates": cards.filter(contract__isnull=False).order_by("estate__code", "pk"),
        "firms": cards.filter(contract=None).order_by("company__code", "pk"),
        "guidance": guidance_of(found),
    }
    context = {"run": found, "shown": shown, "page": page_of(request, rows[shown])}
    return render(request, "web/desk/run.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Role.BUREAU)
def publish(request: HttpRequest, key: int) -> HttpResponse:
    """Ask once more, then show the run to everybody: it cannot be taken back."""
    found = _run(key)
    user = worker(request)
    _require(user, Act.PUBLISH_SCORES)
    if request.method != "POST":
        cards = cards_visible_to(user).filter(run=found, contract__isnull=False)
        rated = cards.exclude(score=None).count()
        context = {"run": found, "rated": rated, "unrated": cards.count() - rated}
        return render(request, "web/desk/publish.html", context)
    try:
        show_everybody(found, by=user)
        messages.success(request, _("已经发布，人人可看。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("web:run", found.pk)


def _run(key: int) -> ScoreRun:
    found = all_runs().select_related("published_by").filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _require(user: User, act: Act) -> None:
    if not may(user, act):
        raise PermissionDenied
