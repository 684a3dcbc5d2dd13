"""Untold events -> numbered entries, one relay at a time.

The number is given after commit: a cursor over the events' own keys would lose what commits late.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from complaints.models import ComplaintEvent
from complaints.queries import untold_events as untold_complaint_events
from property_oversight.attribution.models import Attribution
from property_oversight.attribution.queries import untold_findings
from property_oversight.petition import payloads
from property_oversight.petition.models import Delivery, FeedEntry, Subscriber
from property_oversight.petition.queries import head
from property_oversight.scoring.models import ScoreRun
from property_oversight.scoring.queries import untold_runs
from property_oversight.talks.models import TalkEvent
from property_oversight.talks.queries import untold_events as untold_talk_events

_LOCK = 0x70_65_74_69  # any number that no other lock of this database uses
_BATCH = 1000

Source = tuple[type[models.Model], Callable[[Any], payloads.Happening], models.QuerySet[Any]]


def relay() -> int:
    """Tell everything that is untold. Returns how many entries were numbered."""
    total = 0
    while told := relay_batch():
        total += told
    return total


@transaction.atomic
def relay_batch() -> int:
    """Number up to a batch of untold events of each kind, in the order in which they were written
    down. Another relay at work makes this one return 0 and leave."""
    if not _alone():
        return 0
    found = [
        (happening, model, row)
        for model, describe, untold in _sources()
        for happening, row in _in_written_order(describe, untold)
    ]
    found.sort(key=lambda one: one[0].recorded_at)  # stable: each kind keeps its own order
    last = head()
    entries = [
        FeedEntry(
            sequence=last + number,
            event_id=happening.event_id,
            type=happening.type,
            subject=happening.subject,
            time=happening.time,
            data=happening.data,
        )
        for number, (happening, _model, _row) in enumerate(found, 1)
    ]
    FeedEntry.objects.bulk_create(entries)
    Delivery.objects.bulk_create(
        Delivery(subscriber=subscriber, entry=entry)
        for subscriber in Subscriber.objects.filter(is_active=True)
        for entry in entries
    )
    now = timezone.now()
    for model, _describe, _untold in _sources():
        keys = [row.pk for _happening, kind, row in found if kind is model]
        model._default_manager.filter(pk__in=keys).update(told_at=now)
    return len(entries)


def _sources() -> list[Source]:
    return [
        (
            ComplaintEvent,
            payloads.of_complaint_event,
            untold_complaint_events().select_related("complaint"),
        ),
        (
            Attribution,
            payloads.of_finding,
            untold_findings().select_related("complaint", "estate", "company"),
        ),
        (
            TalkEvent,
            payloads.of_talk_event,
            untold_talk_events().select_related("talk__company").prefetch_related("talk__estates"),
        ),
        (ScoreRun, payloads.of_score_run, untold_runs()),
    ]


def _in_written_order(
    describe: Callable[[Any], payloads.Happening], untold: models.QuerySet[Any]
) -> Iterator[tuple[payloads.Happening, Any]]:
    """By key, and with moments that never run backwards even if the clock did."""
    latest = None
    for row in untold.order_by("pk")[:_BATCH]:
        happening = describe(row)
        latest = max(latest or happening.recorded_at, happening.recorded_at)
        yield payloads.Happening(**{**vars(happening), "recorded_at": latest}), row


def _alone() -> bool:
    """Whether no other relay is at work; holds until the transaction ends. SQLite lets only one
    writer in anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
