"""The firm's desk: complaints without who complained, its scores, what was said of it."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from complaints import actions
from complaints.actions import Actor
from complaints.models import Complaint
from complaints.workflow import Move, is_legal
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import (
    cards_visible_to,
    complaints_visible_to,
    evaluations_visible_to,
    finding_of,
)
from property_oversight.accounts.models import Role, User
from property_oversight.accounts.queries import company_ids
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Standing
from property_oversight.attribution.queries import complaints_found
from property_oversight.casework import replies
from property_oversight.scoring.models import ScoreCard
from property_oversight.web.deeds import Deed, Said
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.desk_forms import AnswerForm, ContestForm
from property_oversight.web.resident_forms import contents
from property_oversight.web.rows import FIRM_TABS, listing


def _accept(user: User, complaint: Complaint, _said: Said) -> None:
    actions.move(complaint, Move.ACCEPT, by=Actor("firm", user))


def _answer(user: User, complaint: Complaint, said: Said) -> None:
    pictures = contents(said["photos"])
    replies.answer(complaint, by=user, text=said["text"], pictures=pictures)


def _contest(user: User, complaint: Complaint, said: Said) -> None:
    finding = finding_of(complaint)
    if finding is None:
        raise ValidationError(_("尚未认定企业，无从提出异议"), code="nothing_to_contest")
    attribution.contest(finding, by=user, note=said["note"])


def _can_contest(complaint: Complaint) -> bool:
    finding = finding_of(complaint)
    return (
        complaint.is_open
        and finding is not None
        and finding.standing != Standing.CONTESTED
        and not finding.evidence.get("upheld")
    )


DEEDS: dict[str, Deed[Complaint]] = {
    deed.verb: deed
    for deed in (
        Deed(
            "accept",
            Act.ACCEPT,
            _("签收"),
            _("已签收，开始办理。"),
            _accept,
            lambda complaint: is_legal(complaint.state, Move.ACCEPT),
            hint=_("签收表示开始办理。签收和答复各有期限。"),
        ),
        Deed(
            "answer",
            Act.ANSWER,
            _("答复居民"),
            _("已答复，等居民确认。"),
            _answer,
            lambda complaint: is_legal(complaint.state, Move.ANSWER),
            form=AnswerForm,
        ),
        Deed(
            "contest",
            Act.CONTEST,
            _("不归我们，提出异议"),
            _("异议已经提交，由主管部门核定。核定之前不计入评分，办理期限照走。"),
            _contest,
            _can_contest,
            form=ContestForm,
            hint=_("主管部门会看登记的合同和居民的原话来核定。"),
            is_usual=False,
        ),
    )
}


@require_safe
@door(Role.FIRM)
def complaints(request: HttpRequest) -> HttpResponse:
    """What was dispatched to the firm."""
    user = worker(request)
    ours = complaints_found(complaints_visible_to(user), company__in=company_ids(user))
    context = listing(request, ours, FIRM_TABS) | {"title": _("派给我们的投诉"), "hides_firm": True}
    return render(request, "web/desk/firm.html", context)


@require_safe
@door(Role.FIRM)
def scores(request: HttpRequest) -> HttpResponse:
    """Published scores of the firm and its estates, with what each is made of."""
    ours = published_cards().filter(company__in=company_ids(worker(request)))
    periods = periods_of(ours)
    wanted = request.GET.get("period", "")
    period = wanted if wanted in periods else next(iter(periods), "")
    cards = ours.filter(run__period=period)
    context = {
        "periods": periods,
        "period": period,
        "firm_cards": cards.filter(contract=None),
        "page": page_of(request, cards.filter(contract__isnull=False)),
    }
    return render(request, "web/desk/firm_scores.html", context)


@require_safe
@door(Role.FIRM)
def evaluations(request: HttpRequest) -> HttpResponse:
    """What communities, owners and panels said of the firm. Who the owners were is not shown."""
    user = worker(request)
    said = (
        evaluations_visible_to(user)
        .filter(company__in=company_ids(user))
        .prefetch_related("answers__question")
        .order_by("-round__code", "estate__code", "audience", "-pk")
    )
    return render(request, "web/desk/firm_evaluations.html", {"page": page_of(request, said)})


def published_cards() -> QuerySet[ScoreCard]:
    """What everybody may see, whatever hats one wears besides."""
    return cards_visible_to(AnonymousUser())


def periods_of(cards: QuerySet[ScoreCard]) -> list[Any]:
    """The quarters that there are cards of, the newest first."""
    return list(cards.order_by("-run__period").values_list("run__period", flat=True).distinct())
