"""Reads of attribution: the current finding, and complaints seen through it."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from complaints.models import Complaint
from complaints.queries import open_complaints
from property_oversight.attribution.models import Attribution, Incident, Reason, Standing

# Kinds of matter that break for everybody at once; fees and noise have a separate cause each time.
SHARED_MATTERS = frozenset({"lift", "utilities", "facilities", "fire_safety"})
UNSETTLED = (Reason.AMBIGUOUS, Reason.NOT_FOUND, Reason.NO_CONTRACT)


def current_findings() -> QuerySet[Attribution]:
    return Attribution.objects.filter(superseded_at=None)


def current_finding(complaint: Complaint) -> Attribution | None:
    return (
        current_findings()
        .filter(complaint=complaint)
        .select_related("estate__community", "company", "contract", "incident")
        .first()
    )


def with_finding(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Complaints with their current finding in `current`, a list of at most one."""
    findings = current_findings().select_related(
        "estate__community", "company", "contract", "incident"
    )
    return complaints.prefetch_related(Prefetch("attributions", findings, to_attr="current"))


def complaints_found(complaints: QuerySet[Complaint], **where: object) -> QuerySet[Complaint]:
    """Of `complaints` those whose current finding fits `where` (estate=…, company__in=…)."""
    return complaints.filter(
        Exists(current_findings().filter(complaint_id=OuterRef("pk"), **where))
    )


def unattributed_complaints() -> QuerySet[Complaint]:
    """Complaints that no finding stands for yet: nobody has looked."""
    return Complaint.objects.filter(~Exists(current_findings().filter(complaint_id=OuterRef("pk"))))


def complaints_awaiting_attribution() -> QuerySet[Complaint]:
    """Open complaints about property matters for which no firm was found: a person must say."""
    property_matters = open_complaints().exclude(category__firm_answers=False)
    return complaints_found(property_matters, reason__in=UNSETTLED)


def contested_findings() -> QuerySet[Attribution]:
    return current_findings().filter(standing=Standing.CONTESTED)


def ungrouped_findings() -> QuerySet[Attribution]:
    """Current findings that may belong to an incident and do not yet."""
    return current_findings().filter(
        incident=None, estate__isnull=False, complaint__category__in=SHARED_MATTERS
    )


def untold_findings() -> QuerySet[Attribution]:
    return Attribution.objects.filter(told_at=None)


def findings_of(complaint: Complaint) -> QuerySet[Attribution]:
    """Every finding that ever stood for `complaint`, the oldest first."""
    return Attribution.objects.filter(complaint=complaint).select_related(
        "estate", "company", "decided_by"
    )


def complaints_of_incident(incident: Incident) -> int:
    """How many complaints are this one matter."""
    return current_findings().filter(incident=incident).count()
