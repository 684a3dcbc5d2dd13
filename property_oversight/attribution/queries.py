"""Reads of attribution: the current finding, and complaints seen through it."""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from complaints.models import Complaint, Prediction
from complaints.queries import open_complaints
from complaints.workflow import State
from ml.weights import known
from property_oversight.attribution.models import Attribution, Incident, Reason, Standing

# A repeat is its first one's, and what was withdrawn nobody's.
_NOT_COUNTED = (State.JOINED, State.WITHDRAWN)
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
    findings = findings.defer("incident__said")  # long, and no list shows it
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


def groupable_findings() -> QuerySet[Attribution]:
    """Current findings that lie in no incident and may: what was read, of which an estate is known
    or may be meant, and which is a complaint of its own. With everything that placing needs."""
    unsure = Q(estate=None, reason=Reason.NOT_FOUND)
    return (
        read_findings()
        .filter(Q(estate__isnull=False) | unsure, incident=None)
        .exclude(complaint__state__in=_NOT_COUNTED)
    )


def ungrouped_findings() -> QuerySet[Attribution]:
    """Current findings that belong to an incident, and do not yet."""
    return groupable_findings().filter(estate__isnull=False)


def placed_findings() -> QuerySet[Attribution]:
    """Current findings that lie in an incident, and what they were read as."""
    return read_findings().filter(incident__isnull=False)


def findings_of_incidents(incidents: Iterable[int]) -> QuerySet[Attribution]:
    """The current findings of incidents, without those that are no complaint of their own."""
    mine = placed_findings().filter(incident__in=incidents).order_by("pk")
    return mine.exclude(complaint__state__in=_NOT_COUNTED)


def read_findings() -> QuerySet[Attribution]:
    """Current findings of what was read, each with `guess`: what the model took it for."""
    newest = Prediction.objects.filter(complaint=OuterRef("complaint")).order_by("-pk")
    return (
        current_findings()
        .annotate(guess=Subquery(newest.values("category")[:1]))
        .filter(Q(complaint__category__isnull=False) | Q(guess__isnull=False))
        .select_related("complaint", "estate", "incident")
        .prefetch_related("estate__names")
    )


def matter_of(finding: Attribution) -> str:
    """The kind of matter: what a person or the sure model said, else the model's guess. `finding`
    must come from a query of this module that reads it along."""
    return str(finding.complaint.category_id or finding.guess)  # type: ignore[attr-defined]


def untold_findings() -> QuerySet[Attribution]:
    return Attribution.objects.filter(told_at=None)


def findings_of(complaint: Complaint) -> QuerySet[Attribution]:
    """Every finding that ever stood for `complaint`, the oldest first."""
    return Attribution.objects.filter(complaint=complaint).select_related(
        "estate", "company", "decided_by"
    )


def estates_of(complaints: Iterable[int]) -> dict[int, tuple[int, list[str]]]:
    """Key of a complaint -> key and names of the estate it was found to be about, where it was."""
    findings = current_findings().filter(complaint__in=list(complaints), estate__isnull=False)
    return {
        finding.complaint_id: (finding.estate.pk, [one.name for one in finding.estate.names.all()])
        for finding in findings.select_related("estate").prefetch_related("estate__names")
        if finding.estate is not None
    }


def households() -> Combinable:
    """Counts the households among findings: one telephone is one, and so is each complaint without
    any. To be given to `annotate` or `aggregate`."""
    people = Count("complaint__reporter_key", distinct=True, filter=~Q(complaint__reporter_key=""))
    return people + Count("pk", distinct=True, filter=Q(complaint__reporter_key=""))


def all_incidents() -> QuerySet[Incident]:
    return Incident.objects.select_related("estate", "category")


def complaints_of_incident(
    complaints: QuerySet[Complaint], incident: Incident
) -> QuerySet[Complaint]:
    """Of `complaints` those that are this one matter."""
    return complaints_found(complaints, incident=incident).exclude(state__in=_NOT_COUNTED)


SEVERAL = 2
"""Complaints from which on an incident is the neighbours' and not one person's."""
_MOST_SHARED = 8
_MANY = 3
_TELLING = 1.0  # weight of a word from which on it speaks of the matter


def words_of_incident(incident: Incident) -> list[str]:
    """What several complaints of an incident say, the weightiest first. A word that is not of the
    trade may be somebody's name: it is told only where many use it."""
    trade = known()
    words = incident.said.get("words", {})
    several = [
        (weight, word)
        for word, (weight, said) in words.items()
        if said >= (SEVERAL if word in trade else _MANY)
        and len(word) > 1
        and trade.get(word, _TELLING) >= _TELLING
    ]
    return [word for _weight, word in sorted(several, reverse=True)[:_MOST_SHARED]]


def size_of_incident(incident: Incident) -> tuple[int, int]:
    """How many complaints, and of how many households, are this one matter."""
    counts = findings_of_incidents([incident.pk]).aggregate(
        complaints=Count("pk", distinct=True), households=households()
    )
    return counts["complaints"], counts["households"]
