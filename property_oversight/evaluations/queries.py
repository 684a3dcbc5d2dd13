"""Reads of evaluation."""

from datetime import date

from django.db.models import Avg, Count, QuerySet

from property_oversight.evaluations.models import Evaluation, Question, Round


def current_evaluations() -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(superseded_at=None)


def open_round(on: date) -> Round | None:
    """The round that is being answered on `on`: the latest that has opened and not yet closed."""
    return Round.objects.filter(opens_on__lte=on, closes_on__gte=on).first()


def questions() -> list[Question]:
    return list(Question.objects.all())


def points_by_contract(period: str, audience: str) -> dict[int, tuple[float, int]]:
    """Mean points and number of evaluators of each contract in a round."""
    rows = (
        current_evaluations()
        .filter(round__code=period, audience=audience, contract__isnull=False)
        .values("contract_id")
        .annotate(mean=Avg("points"), evaluators=Count("pk"))
        .order_by("contract_id")
    )
    return {row["contract_id"]: (row["mean"], row["evaluators"]) for row in rows}
