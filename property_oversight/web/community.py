"""The community's desk: complaints on its estates, its word on the firms, its look on site."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from complaints.models import Complaint
from complaints.workdays import quarter, today
from complaints.workflow import State
from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import complaints_visible_to, evaluations_visible_to
from property_oversight.accounts.models import Role, User
from property_oversight.accounts.queries import community_ids
from property_oversight.attribution.queries import complaints_found
from property_oversight.casework import replies
from property_oversight.evaluations.actions import evaluate as say
from property_oversight.evaluations.models import Audience, Evaluation, Round
from property_oversight.evaluations.queries import open_round, questions
from property_oversight.registry.models import Estate, ServiceContract
from property_oversight.registry.queries import contracts_on, estates_for_pages
from property_oversight.talks import actions as talks
from property_oversight.talks.models import Talk
from property_oversight.talks.workflow import Move as TalkMove
from property_oversight.talks.workflow import is_legal as is_legal_step
from property_oversight.web.deeds import Deed, Said
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.desk_forms import CheckForm, EvaluationForm, LookForm
from property_oversight.web.resident_forms import contents, refuse
from property_oversight.web.rows import ALL_TABS, listing

_NOTHING_TO_LOOK_AT = {State.JOINED, State.WITHDRAWN, State.TRANSFERRED}


def _report_check(user: User, complaint: Complaint, said: Said) -> None:
    pictures = contents(said["photos"])
    replies.report_check(complaint, by=user, text=said["text"], pictures=pictures)


DEEDS: dict[str, Deed[Complaint]] = {
    "verify": Deed(
        "verify",
        Act.VERIFY,
        gettext_lazy("记录现场核实"),
        gettext_lazy("现场核实已经记入这件投诉。"),
        _report_check,
        lambda complaint: complaint.state not in _NOTHING_TO_LOOK_AT,
        form=CheckForm,
        hint=gettext_lazy("到现场看过以后，把看到的情况写下来，居民、企业和主管部门都看得到。"),
    )
}
TALK_DEEDS: dict[str, Deed[Talk]] = {
    "verify": Deed(
        "verify",
        Act.VERIFY_RECTIFICATION,
        gettext_lazy("核实：整改到位"),
        gettext_lazy("已记录整改到位。"),
        lambda user, talk, said: talks.verify(talk, by=user, note=said["note"]),
        lambda talk: is_legal_step(talk.state, TalkMove.VERIFY),
        form=LookForm,
    ),
    "fail": Deed(
        "fail",
        Act.FAIL_RECTIFICATION,
        gettext_lazy("核实：整改不到位"),
        gettext_lazy("已记录整改不到位，由主管部门决定下一步。"),
        lambda user, talk, said: talks.fail(talk, by=user, note=said["note"]),
        lambda talk: is_legal_step(talk.state, TalkMove.FAIL),
        form=LookForm,
    ),
}


@require_safe
@door(Role.COMMUNITY)
def complaints(request: HttpRequest) -> HttpResponse:
    """What concerns the community's estates."""
    user = worker(request)
    near = complaints_found(complaints_visible_to(user), estate__community__in=community_ids(user))
    context = listing(request, near, ALL_TABS) | {"title": gettext_lazy("辖区投诉")}
    return render(request, "web/desk/community.html", context)


@dataclass(frozen=True)
class ToRate:
    """An estate in the open round: who serves it, what was said."""

    estate: Estate
    contract: ServiceContract | None
    given: Evaluation | None


@require_safe
@door(Role.COMMUNITY)
def rounds(request: HttpRequest) -> HttpResponse:
    """The estates to rate in the open round."""
    user = worker(request)
    now = open_round(today())
    page = page_of(request, _estates_of(user).order_by("code"))
    rows = _to_rate(user, list(page), now) if now else []
    context = {"round": now, "page": page, "rows": rows}
    return render(request, "web/desk/rounds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Role.COMMUNITY)
def evaluate(request: HttpRequest, code: str) -> HttpResponse:
    """Rate the firm at one estate; what was given before stands in the form."""
    user = worker(request)
    estate = _estates_of(user).filter(code=code).first()
    if estate is None:
        raise Http404
    if not may(user, Act.EVALUATE, estate):
        raise PermissionDenied
    now = open_round(today())
    if now is None:
        messages.error(request, _("现在没有正在进行的评价。"))
        return redirect("web:rounds")
    row = _to_rate(user, [estate], now)[0]
    if row.contract is None:
        messages.error(request, _("%(name)s没有登记在册的物业合同，不用评价。") % {
            "name": estate.name})  # fmt: skip
        return redirect("web:rounds")
    form = _form(request, row)
    if form.is_bound and form.is_valid() and _keep(user, estate, now, form):
        messages.success(request, _("已保存对%(name)s的评价。") % {"name": estate.name})
        return redirect("web:rounds")
    return render(request, "web/desk/evaluate.html", {"round": now, "row": row, "form": form})


def _estates_of(user: User) -> QuerySet[Estate]:
    return estates_for_pages(today()).filter(community__in=community_ids(user))


def _to_rate(user: User, estates: list[Estate], now: Round) -> list[ToRate]:
    day = _judged_on(now)
    contracts = contracts_on((estate.pk, day) for estate in estates)
    said = evaluations_visible_to(user).filter(
        round=now, audience=Audience.COMMUNITY, estate__in=estates
    )
    given = {(one.estate_id, one.evaluator): one for one in said}
    return [
        ToRate(
            estate,
            contracts.get((estate.pk, day)),
            given.get((estate.pk, estate.community.code)),
        )
        for estate in estates
    ]


def _judged_on(now: Round) -> date:
    """After the quarter has ended, whom the answers are about is who served on its last day."""
    return min(today(), quarter(now.code)[1] - timedelta(days=1))


def _form(request: HttpRequest, row: ToRate) -> EvaluationForm:
    asked = questions()
    if request.method == "POST":
        return EvaluationForm(asked, request.POST)
    if row.given is None:
        return EvaluationForm(asked)
    answers = {
        one.question.code: one.points for one in row.given.answers.select_related("question")
    }
    return EvaluationForm(asked, initial=EvaluationForm.given(answers, row.given.comment))


def _keep(user: User, estate: Estate, now: Round, form: EvaluationForm) -> bool:
    try:
        say(
            now,
            Audience.COMMUNITY,
            estate,
            evaluator=estate.community.code,
            on=today(),
            answers=form.answers(),
            comment=form.cleaned_data["comment"],
            by=user,
        )
    except ValidationError as error:
        refuse(form, error)
        return False
    return True
