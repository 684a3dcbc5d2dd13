"""Writes of evaluation: open a round, evaluate."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.workdays import quarter
from property_oversight.evaluations.models import Answer, Audience, Evaluation, Question, Round
from property_oversight.evaluations.queries import current_evaluations
from property_oversight.registry.models import Estate
from property_oversight.registry.queries import contract_on

# Community workers answer for a quarter until half a month after it has ended.
_ANSWERS_AFTER_END = timedelta(days=15)


def open_quarter(code: str) -> Round:
    """The round of a quarter ("2026Q3"), made where there is none. Raises ValidationError."""
    start, end = quarter(code)
    found, _new = Round.objects.get_or_create(
        code=code, defaults={"opens_on": start, "closes_on": end + _ANSWERS_AFTER_END}
    )
    return found


@transaction.atomic
def evaluate(
    round: Round,
    audience: Audience,
    estate: Estate,
    *,
    evaluator: str,
    on: date,
    points: float | None = None,
    answers: Mapping[Question, int] | None = None,
    comment: str = "",
    by: Any = None,
) -> Evaluation:
    """Say how an estate is served: `answers` to the questions, or `points` of 100 as a whole.

    The same again changes nothing; a different word supersedes the former, which stays on record.
    """
    given = _points(points, answers)
    said = {question.pk: value for question, value in (answers or {}).items()}
    day = min(on, round.closes_on)
    contract = contract_on(estate, min(day, quarter(round.code)[1] - timedelta(days=1)))
    Estate.objects.select_for_update().get(pk=estate.pk)
    former = (
        current_evaluations()
        .filter(round=round, audience=audience, estate=estate, evaluator=evaluator)
        .first()
    )
    if former is not None:
        before = dict(former.answers.values_list("question", "points"))
        if (former.points, former.comment, before) == (given, comment, said):
            return former
        former.superseded_at = timezone.now()
        former.save(update_fields=["superseded_at"])
    evaluation = Evaluation(
        round=round,
        audience=audience,
        estate=estate,
        contract=contract,
        company=contract.company if contract else None,
        evaluator=evaluator,
        points=given,
        comment=comment,
        late=on > round.closes_on,
        by=by,
    )
    evaluation.full_clean(validate_unique=False, validate_constraints=False)
    evaluation.save()
    Answer.objects.bulk_create(
        Answer(evaluation=evaluation, question=question, points=value)
        for question, value in (answers or {}).items()
    )
    return evaluation


def _points(points: float | None, answers: Mapping[Question, int] | None) -> float:
    if answers:
        for question, value in answers.items():
            if not 0 <= value <= question.points:
                raise ValidationError(
                    _("“%(question)s”应在 0 到 %(most)d 分之间"),
                    code="points_out_of_range",
                    params={"question": question.text, "most": question.points},
                )
        return 100.0 * sum(answers.values()) / sum(question.points for question in answers)
    if points is None:
        raise ValidationError(_("请打分"), code="no_points")
    return points
