"""The counts a score is made of: one query a kind, for all contracts at once."""

from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from complaints.models import Clock
from complaints.workdays import quarter
from complaints.workflow import State
from property_oversight.attribution.models import Attribution, Standing
from property_oversight.attribution.queries import current_findings
from property_oversight.evaluations.models import Audience
from property_oversight.evaluations.queries import points_by_contract
from property_oversight.registry.models import ServiceContract
from property_oversight.registry.queries import contracts_overlapping
from property_oversight.scoring.formula import Evidence

_DAYS_A_MONTH = 365.25 / 12


def evidence(period: str, as_of: date) -> list[tuple[ServiceContract, Evidence]]:
    """What is known of every contract in `period`, from what had come in by the end of `as_of`.

    Counted against a firm is only what is its matter, happened under its contract, is not
    contested, not withdrawn and not a repeat.
    """
    start, end = quarter(period)
    end = min(end, as_of + timedelta(days=1))
    counts = _complaint_counts(start, end, as_of)
    clocks = _clock_counts(start, end, as_of)
    audiences = {audience: points_by_contract(period, audience) for audience in Audience}
    rows = []
    for contract in contracts_overlapping(start, end).order_by("estate__code", "starts_on", "pk"):
        served_from = max(start, contract.starts_on)
        served_until = min(end, contract.ends_on or end)
        months = max(0, (served_until - served_from).days) / _DAYS_A_MONTH
        rows.append(
            (
                contract,
                Evidence(
                    contract=contract.pk,
                    household_months=round(contract.estate.households * months, 6),
                    community=audiences[Audience.COMMUNITY].get(contract.pk),
                    owners=audiences[Audience.OWNERS].get(contract.pk),
                    site=audiences[Audience.SITE].get(contract.pk),
                    **counts.get(contract.pk, {}),
                    **clocks.get(contract.pk, {}),
                ),
            )
        )
    return rows


def counted_findings(start: date, end: date, as_of: date) -> QuerySet[Attribution]:
    """The findings that count for [start, end): see `evidence`."""
    came_in_before = timezone.make_aware(datetime.combine(as_of + timedelta(days=1), time.min))
    return current_findings().filter(
        ~Q(standing=Standing.CONTESTED),
        ~Q(complaint__state__in=[State.JOINED, State.WITHDRAWN]),
        contract__isnull=False,
        complaint__category__firm_answers=True,
        complaint__occurred_on__gte=start,
        complaint__occurred_on__lt=end,
        complaint__received_at__lt=came_in_before,
    )


def _complaint_counts(start: date, end: date, as_of: date) -> dict[int, dict[str, int]]:
    rows = (
        counted_findings(start, end, as_of)
        .values("contract_id")
        .annotate(
            complaints=Count("pk"),
            shared=Count("incident", distinct=True),
            single=Count("pk", filter=Q(incident=None)),
            asked=Count("pk", filter=Q(complaint__resolved__isnull=False)),
            resolved=Count("pk", filter=Q(complaint__resolved=True)),
            rated=Count("pk", filter=Q(complaint__satisfied__isnull=False)),
            satisfied=Count("pk", filter=Q(complaint__satisfied=True)),
        )
        .order_by("contract_id")
    )
    return {
        row["contract_id"]: {
            "complaints": row["complaints"],
            "incidents": row["shared"] + row["single"],
            "asked": row["asked"],
            "resolved": row["resolved"],
            "rated": row["rated"],
            "satisfied": row["satisfied"],
        }
        for row in rows
    }


def _clock_counts(start: date, end: date, as_of: date) -> dict[int, dict[str, int]]:
    """Answers that were due by `as_of`, and those of them that came in time."""
    rows = (
        counted_findings(start, end, as_of)
        .filter(
            # In one call: two would speak of two clocks of the complaint.
            Q(complaint__clocks__met_on__lte=as_of) | Q(complaint__clocks__due_on__lt=as_of),
            complaint__clocks__kind=Clock.Kind.ANSWER,
            complaint__clocks__stopped_at=None,
        )
        .values("contract_id")
        .annotate(
            judged=Count("complaint__clocks"),
            on_time=Count(
                "complaint__clocks",
                filter=Q(complaint__clocks__met_on__lte=F("complaint__clocks__due_on")),
            ),
        )
        .order_by("contract_id")
    )
    return {
        row["contract_id"]: {"judged": row["judged"], "on_time": row["on_time"]} for row in rows
    }
