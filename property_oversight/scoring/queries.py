"""Reads of scoring."""

from django.db.models import OuterRef, QuerySet, Subquery

from property_oversight.scoring.models import ScoreCard, ScoreRun


def latest_run(period: str, *, published: bool = False) -> ScoreRun | None:
    """The newest run of a quarter."""
    runs = ScoreRun.objects.filter(period=period)
    return (runs.filter(published_at__isnull=False) if published else runs).first()


def all_runs() -> QuerySet[ScoreRun]:
    return ScoreRun.objects.all()


def all_cards() -> QuerySet[ScoreCard]:
    """Cards with what their pages show, newest run first."""
    return (
        ScoreCard.objects.select_related("run", "company", "estate", "contract")
        .prefetch_related("contributions")
        .order_by("-run__pk", "company__code", "estate__code", "pk")
    )


def standing_cards() -> QuerySet[ScoreCard]:
    """The cards of the newest published run of each quarter, newest quarter first."""
    newest = (
        ScoreRun.objects.filter(period=OuterRef("run__period"), published_at__isnull=False)
        .order_by("-pk")
        .values("pk")[:1]
    )
    newest_quarter_first = ("-run__period", "company__code", "estate__code", "pk")
    return all_cards().filter(run=Subquery(newest)).order_by(*newest_quarter_first)


def cards_of(run: ScoreRun) -> QuerySet[ScoreCard]:
    """The cards of one run."""
    return all_cards().filter(run=run)


def untold_runs() -> QuerySet[ScoreRun]:
    return ScoreRun.objects.filter(published_at__isnull=False, told_at=None)
