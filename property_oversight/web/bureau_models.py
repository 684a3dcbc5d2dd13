"""The models that read: figures, drift, candidates; an officer trains, promotes, refuses and rolls
back."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from complaints import promotion
from complaints.actions import Actor
from complaints.classification import NoModel, serving_model, serving_papers
from complaints.models import TrainedModel
from complaints.queries import all_categories, model_in_use, models_trained_here
from complaints.training import FEWEST_TO_JUDGE, confirmed_counts
from complaints.workdays import today
from ml.card import FIGURES, WEAKNESSES, most_confused, weakest
from property_oversight.access.abilities import Act, may
from property_oversight.accounts.models import Role, User
from property_oversight.casework import decisions, retraining
from property_oversight.reports.readings import (
    MonthOfReadings,
    readings_by_code,
    readings_by_month,
    whole_months,
)
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.desk_forms import PromoteForm, ReasonForm
from property_oversight.web.model_pictures import confusion_picture, reliability_picture
from property_oversight.web.pictures import Picture, Point, trend

_MEASURES = {
    "accuracy": gettext_lazy("正确率"),
    "macro_f1": gettext_lazy("各类平均"),
    "danger_recall": gettext_lazy("认出危险"),
    "coverage": gettext_lazy("不用人看"),
}
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Measure:
    """A line of the comparison; None where no text could tell."""

    name: str | Promise
    figure: dict[str, float] | None


@dataclass(frozen=True)
class Shown:
    """A model with what it may be held against and what may be done with it."""

    trained: TrainedModel
    measures: list[Measure]
    against: list[str]
    """What speaks against it."""
    is_stale: bool
    """Whether it was compared with another model than the one in use."""
    promote_form: forms.Form
    refuse_form: forms.Form


@require_safe
@door(Role.BUREAU)
def models(request: HttpRequest) -> HttpResponse:
    """What reads, how well people find it reads, and what might read better."""
    months = readings_by_month(today())
    version, month = _chosen(request, months)
    learned, held_out = confirmed_counts()
    present = model_in_use()
    try:
        serving, broken = serving_model().version, ""
    except NoModel as error:
        serving, broken = "", str(error)
    page = page_of(request, models_trained_here())
    context = {
        "present": present,
        "serving": serving,
        "broken": broken,
        "learned": learned,
        "held_out": held_out,
        "fewest": FEWEST_TO_JUDGE,
        "under_way": retraining.is_under_way(),
        "last_failure": retraining.last_failure(),
        "page": page,
        "shown": [_shown(one, serving) for one in page],
        "months": list(reversed(months)),
        "pictures": _pictures(months),
        "versions": list(dict.fromkeys(row.version for row in months)),
        "month_options": list(dict.fromkeys(row.month for row in reversed(months))),
        "version": version,
        "month": month,
        "codes": readings_by_code(version=version, month=month),
    }
    return render(request, "web/desk/models.html", context)


@require_safe
@door(Role.BUREAU)
def model_card(request: HttpRequest) -> HttpResponse:
    """Of what the model in use is made, how well it reads, where it is weak."""
    try:
        papers = serving_papers()
    except NoModel as error:
        messages.error(request, str(error))
        return redirect("web:models")
    names = dict(all_categories().values_list("code", "name"))
    named = names.get
    context = {
        "papers": papers,
        "figures": [
            (name, papers.metrics[key], *papers.intervals.get(key, (None, None)))
            for key, name in FIGURES.items()
            if key in papers.metrics
        ],
        "marks": reliability_picture(papers.reliability),
        "confusion": confusion_picture(papers.confusion, names),
        "confused": [
            (named(true, true), named(read, read), count, part)
            for true, read, count, part in most_confused(papers.confusion)
        ],
        "codes": [(named(code, code), row) for code, row in papers.per_class.items()],
        "weaknesses": WEAKNESSES,
        "weakest": "、".join(named(code, code) for code in weakest(papers.per_class)),
    }
    return render(request, "web/desk/model_card.html", context)


@require_POST
@door(Role.BUREAU)
def train(request: HttpRequest) -> HttpResponse:
    """Have a candidate trained."""
    _require(worker(request), Act.RETRAIN)
    before = models_trained_here().count()

    def ask() -> str:
        decisions.ask_for_candidate()
        if models_trained_here().count() > before:
            return _("候选模型已经训练好，请看下面的比较。")
        return "" if retraining.last_failure() else _("开始训练了，过几分钟再来看。")

    return _back(request, ask)


@require_POST
@door(Role.BUREAU)
def roll_back(request: HttpRequest) -> HttpResponse:
    """Put the former model back."""
    user = worker(request)
    _require(user, Act.ROLL_BACK_MODEL)

    def act() -> str:
        promotion.roll_back(by=Actor("bureau", user), note=request.POST.get("note", ""))
        return _("已经退回，下一批投诉由原来的模型读件。")

    return _back(request, act)


@require_POST
@door(Role.BUREAU)
def decide(request: HttpRequest, key: int, verb: str) -> HttpResponse:
    """Promote, refuse, or compare anew."""
    user = worker(request)
    deed = _DEEDS.get(verb)
    trained = models_trained_here().filter(pk=key).first()
    if deed is None or trained is None:
        raise Http404
    act, do = deed
    _require(user, act)
    return _back(request, lambda: do(trained, user, request.POST.get("note", "")))


def _promote(trained: TrainedModel, user: User, note: str) -> str:
    promotion.promote(trained, by=Actor("bureau", user), note=note)
    return _("已经启用，下一批投诉由它读件。")


def _refuse(trained: TrainedModel, user: User, note: str) -> str:
    promotion.refuse(trained, by=Actor("bureau", user), note=note)
    return _("已记下：不采用。")


def _judge(trained: TrainedModel, _user: User, _note: str) -> str:
    retraining.judge(trained)
    return _("已经重新比较。")


_DEEDS: dict[str, tuple[Act, Callable[[TrainedModel, User, str], str]]] = {
    "promote": (Act.PROMOTE_MODEL, _promote),
    "refuse": (Act.REFUSE_MODEL, _refuse),
    "judge": (Act.RETRAIN, _judge),
}


def _back(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    """Do it and go back to the page, with what came of it."""
    try:
        if said := act():
            messages.success(request, said)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("web:models")


def _require(user: User, act: Act) -> None:
    if not may(user, act):
        raise PermissionDenied


def _shown(trained: TrainedModel, serving: str) -> Shown:
    found: dict[str, Any] = trained.figures.get("comparison") or {}
    return Shown(
        trained,
        [Measure(name, found.get(key)) for key, name in _MEASURES.items()] if found else [],
        promotion.why_not_better(trained.figures),
        bool(found) and trained.figures["against"] != serving,
        PromoteForm(auto_id=f"id_promote_{trained.pk}_%s"),
        ReasonForm(auto_id=f"id_refuse_{trained.pk}_%s"),
    )


def _chosen(request: HttpRequest, months: list[MonthOfReadings]) -> tuple[str, date | None]:
    """Of which version and which month the codes are shown; all where the address names none that
    there is."""
    version = request.GET.get("version", "")
    version = version if version in {row.version for row in months} else ""
    hit = _MONTH.fullmatch(request.GET.get("month", ""))
    month = date(int(hit[1]), int(hit[2]), 1) if hit and int(hit[1]) else None
    return version, month if month in {row.month for row in months} else None


def _pictures(rows: list[MonthOfReadings]) -> list[Picture]:
    """The trends, where there is more than a month to see one in."""
    months = whole_months(rows)
    if len(months) <= 1:
        return []
    first = {row.month: row.version for row in reversed(rows)}
    before = [None, *(row.version for row in months[:-1])]
    changed = [
        last is not None and (first[row.month] != last or row.version != last)
        for row, last in zip(months, before, strict=True)
    ]
    lines: dict[str, list[Point]] = {
        _("系统没有把握、留给人工的"): [Point(row.month, row.abstained_share) for row in months],
        _("人工看过后改判的（竖线为 90% 区间）"): [_override(row) for row in months],
        _("文中没有学过的词"): [Point(row.month, row.unseen) for row in months],
    }
    return [
        trend(
            title,
            [
                Point(one.month, one.value, one.low, one.high, begins)
                for one, begins in zip(points, changed, strict=True)
            ],
        )
        for title, points in lines.items()
    ]


def _override(row: MonthOfReadings) -> Point:
    found = row.override
    return Point(row.month, found.value, found.low, found.high) if found else Point(row.month, None)
