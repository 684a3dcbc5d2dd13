"""Every quarter hour, every night: stragglers, clocks, scores, talks, the feed."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from complaints import actions, classification
from complaints.models import Complaint
from complaints.queries import (
    answered_before,
    complaints_to_read_again,
    running_clocks,
    unread_complaints,
)
from complaints.workdays import quarter_before, quarter_of, today
from complaints.workflow import Move
from property_oversight.attribution.queries import (
    current_findings,
    unattributed_complaints,
    ungrouped_findings,
)
from property_oversight.casework import pipeline
from property_oversight.petition import relay, webhooks
from property_oversight.pricing.actions import guide
from property_oversight.scoring.actions import run as run_scores
from property_oversight.talks.actions import propose_due

logger = logging.getLogger(__name__)

CHUNK = 500
SILENT_FOR = timedelta(days=10)
"""A resident who says nothing for so long after an answer lets the case lapse; it does not count as
contentment."""


def quarter_hourly(on: date | None = None) -> dict[str, int]:
    """Take up what the queue has lost, look at the clocks, tell the petition office."""
    counts = {
        "stragglers": take_up_stragglers(),
        "overdue": look_at_clocks(on or today()),
        "read again": read_again(),
    }
    return counts | tell_petition_office()


def nightly(on: date | None = None) -> dict[str, int]:
    """What needs the day to be over: lapses, scores, guidance, proposals."""
    day = on or today()
    counts = {"overdue": look_at_clocks(day), "lapsed": let_lapse()}
    for period in (quarter_before(quarter_of(day)), quarter_of(day)):
        try:
            score_run = run_scores(period, as_of=day)
        except ValidationError:
            continue  # nobody had a contract then
        guide(score_run)
        counts[f"talks {period}"] = len(propose_due(score_run, on=day))
    return counts | tell_petition_office()


def stragglers() -> Iterator[list[int]]:
    """Keys of complaints that could go a step further without a person, in chunks."""
    ready = current_findings().filter(
        Q(incident=None) & Q(pk__in=ungrouped_findings().values("pk"))
        | Q(complaint__state="received", complaint__category__firm_answers=True)
        & Q(company__isnull=False)
        & ~Q(standing="contested")
    )
    keys = sorted(
        set(unread_complaints().values_list("pk", flat=True))
        | set(unattributed_complaints().values_list("pk", flat=True))
        | set(ready.values_list("complaint_id", flat=True))
    )
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def take_up_stragglers() -> int:
    """Process what stands still. Returns how many complaints were taken up."""
    count = 0
    for keys in stragglers():
        pipeline.process(keys)
        count += len(keys)
    return count


def read_again() -> int:
    """Have the model in use read what awaits a person since another model was unsure of it; what it
    is sure of goes on. Returns how many were read."""
    try:
        model = classification.serving_model()
    except classification.NoModel:
        return 0
    keys = list(complaints_to_read_again(model.version).values_list("pk", flat=True))
    count = 0
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        count += classification.read_again(list(Complaint.objects.filter(pk__in=chunk)), model)
        pipeline.process(chunk)
    return count


def look_at_clocks(on: date) -> int:
    """Write down every limit that was broken before `on`. Returns how many are new."""
    late = running_clocks().filter(due_on__lt=on, missed_at=None).select_related("complaint")
    return sum(actions.mark_overdue(clock) for clock in late)


def let_lapse() -> int:
    """Close what was answered long ago and never contradicted."""
    count = 0
    silent: list[Complaint] = list(answered_before(timezone.now() - SILENT_FOR))
    for complaint in silent:
        try:
            actions.move(complaint, Move.LAPSE, by=actions.SYSTEM)
            count += 1
        except ValidationError:
            continue  # the resident has spoken meanwhile
    return count


def tell_petition_office() -> dict[str, int]:
    """Number what is untold, send what is due."""
    return {"told": relay.relay(), "sent": webhooks.deliver_due()}
