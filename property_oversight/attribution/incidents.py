"""Many neighbours, one broken lift: findings that are one matter, counted once."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from complaints.models import Complaint
from property_oversight.attribution.models import Attribution, Incident
from property_oversight.attribution.queries import current_findings, ungrouped_findings
from property_oversight.registry.models import Estate

# Two complaints of one estate about one kind of matter within a week are one incident.
_WITHIN = timedelta(days=7)
JOINT_FROM = 10
"""Households whose complaints make an incident a joint complaint (Heze by-law, art. 28)."""


@transaction.atomic
def group(findings: Sequence[Attribution]) -> int:
    """Put the findings that stand for a shared matter into its incident, made where there is none.
    Returns how many were put somewhere."""
    keys = [finding.pk for finding in findings]
    # Read anew as another matter: it is not one of the neighbours' after all.
    misread = current_findings().filter(pk__in=keys, incident__isnull=False)
    misread.exclude(incident__category=F("complaint__category")).update(incident=None)
    waiting = (
        ungrouped_findings()
        .filter(pk__in=keys)
        .select_related("complaint__category", "estate")
        .order_by("complaint__occurred_on", "pk")
    )
    count = 0
    for finding in waiting:
        # One at a time for an estate: two rounds must not make two incidents of one lift.
        list(Estate.objects.select_for_update().filter(pk__in=[finding.estate_id]))
        finding.incident = _incident_of(finding.estate, finding.complaint)
        finding.save(update_fields=["incident"])
        count += 1
    return count


def _incident_of(estate: Estate | None, complaint: Complaint) -> Incident:
    day, matter = complaint.occurred_on, complaint.category
    assert estate is not None and matter is not None  # noqa: S101, PT018 - ungrouped_findings
    near = Incident.objects.filter(
        estate=estate, category=matter, first_on__lte=day + _WITHIN, last_on__gte=day - _WITHIN
    ).first()
    if near is None:
        return Incident.objects.create(estate=estate, category=matter, first_on=day, last_on=day)
    if not near.first_on <= day <= near.last_on:
        near.first_on, near.last_on = min(near.first_on, day), max(near.last_on, day)
        near.save(update_fields=["first_on", "last_on"])
    return near
