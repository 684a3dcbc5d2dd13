"""Collect the Facts of every firm in a quarter, in a fixed number of queries."""

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import F, Q

from complaints.models import Clock
from complaints.workdays import quarter
from property_oversight.attribution.queries import households
from property_oversight.registry.models import Company
from property_oversight.scoring.indicators import counted_findings
from property_oversight.scoring.models import ScoreCard, ScoreRun
from property_oversight.scoring.queries import cards_of
from property_oversight.talks.triggers import JOINT_FROM, EstateFacts, Facts, Joint, burden_list


def facts_of(run: ScoreRun, on: date) -> list[tuple[Company, Facts]]:
    """The facts of every firm that had a contract in the quarter of `run`, as known on `on`."""
    start, end = quarter(run.period)
    end = min(end, on + timedelta(days=1))
    late = _late_answers(start, end, on)
    joint = _joint_incidents(start, end, on)
    by_company: dict[Company, list[EstateFacts]] = defaultdict(list)
    for card in cards_of(run).filter(contract__isnull=False):
        by_company[card.company].append(
            _estate_facts(card, late.get(card.contract_id or 0, []),
                          joint.get(card.contract_id or 0, ()))
        )  # fmt: skip
    listed = burden_list([one for estates in by_company.values() for one in estates])
    return [
        (company, Facts(company.code, run.period, tuple(estates), listed))
        for company, estates in by_company.items()
    ]


def _estate_facts(
    card: ScoreCard,
    late: list[tuple[int, bool]],
    joint: tuple[Joint, ...],
) -> EstateFacts:
    assert card.estate is not None  # noqa: S101 - the caller takes contracts' cards only
    rated = card.score is not None and card.low is not None and card.high is not None
    return EstateFacts(
        estate=card.estate.code,
        name=card.estate.name,
        score=(card.score, card.low, card.high) if rated else None,  # type: ignore[arg-type]
        incidents=card.incidents,
        burden=1000 * card.incidents / card.household_months if card.household_months else 0.0,
        overdue=tuple(key for key, _danger in late),
        judged=card.evidence.get("judged", 0),
        danger_late=tuple(key for key, danger in late if danger),
        joint=joint,
    )


def _late_answers(start: date, end: date, on: date) -> dict[int, list[tuple[int, bool]]]:
    """Keys of complaints whose answer was late, and whether they told of danger."""
    rows = (
        counted_findings(start, end, on)
        .filter(
            # In one call: two would speak of two clocks of the complaint.
            Q(complaint__clocks__met_on__gt=F("complaint__clocks__due_on"))
            | Q(complaint__clocks__met_on=None, complaint__clocks__due_on__lt=on),
            complaint__clocks__kind=Clock.Kind.ANSWER,
            complaint__clocks__stopped_at=None,
        )
        .values_list("contract_id", "complaint_id", "complaint__danger")
        .distinct()
        .order_by("contract_id", "complaint_id")
    )
    result: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for contract_id, key, danger in rows:
        result[contract_id or 0].append((key, danger))
    return result


def _joint_incidents(start: date, end: date, on: date) -> dict[int, tuple[Joint, ...]]:
    """Incidents that ten or more people complained of; one person counts once."""
    findings = counted_findings(start, end, on).filter(incident__isnull=False)
    sizes = dict(
        findings.values("incident_id")
        .annotate(households=households())
        .filter(households__gte=JOINT_FROM)
        .values_list("incident_id", "households")
    )
    grouped: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    rows = findings.filter(incident__in=sizes).values_list(
        "contract_id", "incident_id", "incident__category__name", "complaint_id"
    )
    for contract_id, incident_id, matter, key in rows.order_by("complaint_id"):
        grouped[contract_id or 0, incident_id or 0, matter].append(key)
    result: dict[int, tuple[Joint, ...]] = {}
    for (contract_id, incident_id, matter), keys in grouped.items():
        joint = Joint(matter, sizes[incident_id], tuple(keys))
        result[contract_id] = (*result.get(contract_id, ()), joint)
    return result
