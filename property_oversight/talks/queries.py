"""Reads of talks."""

from django.db.models import Prefetch, QuerySet

from property_oversight.talks.models import Talk, TalkEvent
from property_oversight.talks.workflow import ENDED, State


def with_case_file(talks: QuerySet[Talk]) -> QuerySet[Talk]:
    """Talks with what their pages show, in a fixed number of queries."""
    return talks.select_related("company", "ground").prefetch_related(
        "estates", Prefetch("events", TalkEvent.objects.select_related("by", "document"))
    )


def proposed_talks() -> QuerySet[Talk]:
    return Talk.objects.filter(state=State.PROPOSED)


def open_talks() -> QuerySet[Talk]:
    return Talk.objects.exclude(state__in=ENDED)


def untold_events() -> QuerySet[TalkEvent]:
    return TalkEvent.objects.filter(told_at=None)
