"""Reads of the register."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from property_oversight.registry.models import (
    Company,
    Estate,
    EstateName,
    Grid,
    RegisterChange,
    ServiceContract,
)

GRID_STANDARD = 500
"""Households and shops a grid officer should at most look after (the client's report: 300–500)."""


def contract_on(estate: Estate, day: date) -> ServiceContract | None:
    """The contract in force at `estate` on `day`."""
    return contracts_on([(estate.pk, day)]).get((estate.pk, day))


def contracts_on(
    wanted: Iterable[tuple[int, date]],
) -> dict[tuple[int, date], ServiceContract]:
    """The contracts in force, for many (estate, day) pairs in one query.

    Periods are half-open. Registers often give the last day of service as the end, with the next
    contract starting the day after: that last day still belongs to the old firm, unless a
    successor already served on it.
    """
    pairs = set(wanted)
    by_estate: dict[int, list[ServiceContract]] = {}
    contracts = ServiceContract.objects.filter(estate_id__in={pk for pk, _day in pairs})
    for contract in contracts.select_related("company"):
        by_estate.setdefault(contract.estate_id, []).append(contract)
    found = {}
    for estate_pk, day in pairs:
        held = by_estate.get(estate_pk, [])
        in_force = next((c for c in held if c.covers(day)), None) or next(
            (c for c in held if c.ends_on == day), None
        )
        if in_force is not None:
            found[estate_pk, day] = in_force
    return found


def contracts_overlapping(start: date, end: date) -> QuerySet[ServiceContract]:
    """Contracts in force on any day of [start, end)."""
    return ServiceContract.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=start), starts_on__lt=end
    ).select_related("estate", "company")


def current_estates() -> QuerySet[Estate]:
    """Estates that were not merged into another."""
    return Estate.objects.filter(merged_into=None)


def estates_for_pages(on: date) -> QuerySet[Estate]:
    """Estates with what their pages show: community, grids, committee, the contract of the day."""
    begun = ServiceContract.objects.filter(starts_on__lte=on)
    covering = Q(ends_on=None) | Q(ends_on__gt=on)
    succeeded = Exists(begun.filter(covering, estate_id=OuterRef("estate_id")))
    # As in contracts_on: the last day is still the old firm's unless a successor serves on it.
    in_force = begun.filter(covering | (Q(ends_on=on) & ~succeeded)).select_related("company")
    return (
        current_estates()
        .select_related("community__subdistrict", "owners_committee")
        .prefetch_related("grids", Prefetch("contracts", in_force, to_attr="contracts_in_force"))
    )


def estates_named_like(text: str) -> QuerySet[Estate]:
    """Estates one of whose names, or of the estates they have swallowed, holds `text`."""
    return current_estates().filter(
        Q(names__name__icontains=text)
        | Q(merged_estates__names__name__icontains=text)
        | Q(code__iexact=text)
    ).distinct()  # fmt: skip


def official_names() -> list[tuple[str, str]]:
    """The (estate code, name) pairs by which estates are known today."""
    return list(current_estates().order_by("code").values_list("code", "name"))


def names_for_linking() -> list[tuple[str, str]]:
    """Every (estate code, name) pair; a merged estate's names lead to the one it became."""
    leads_to = Coalesce("estate__merged_into__code", "estate__code")
    names = EstateName.objects.order_by("estate__code", "pk")
    return list(names.values_list(leads_to, "name"))


def places_for_linking() -> list[tuple[str, str]]:
    """(estate code, place) pairs: the sub-district, the community and the address that tell
    estates of one name apart."""
    columns = ("code", "community__subdistrict__name", "community__name", "address")
    rows = current_estates().order_by("code").values_list(*columns)
    return [(code, place) for code, *places in rows for place in places if place]


def register_version() -> int:
    """Grows with every change of the register."""
    return RegisterChange.objects.aggregate(last=Max("pk"))["last"] or 0


def estates_by_code(codes: Iterable[str]) -> dict[str, Estate]:
    return {estate.code: estate for estate in Estate.objects.filter(code__in=set(codes))}


def firm_names() -> set[str]:
    """What the firms are called, in full and in short."""
    named = Company.objects.values_list("name", "aliases")
    return {called for name, aliases in named for called in (name, *aliases)}


def companies_for_pages() -> QuerySet[Company]:
    return Company.objects.prefetch_related(
        Prefetch("contracts", ServiceContract.objects.select_related("estate"))
    )


def grid_load(estate: Estate) -> tuple[float, int] | None:
    """Households and shops per officer on the grids of `estate`, and by how many per cent (rounded
    down, as the client's report does) that exceeds the standard; None where nothing is known."""
    sums = Grid.objects.filter(estates=estate).aggregate(
        households=Sum("households"), merchants=Sum("merchants"), officers=Sum("officers")
    )
    if not sums["households"] or not sums["officers"]:
        return None
    total = sums["households"] + (sums["merchants"] or 0)
    standard = GRID_STANDARD * sums["officers"]
    return total / sums["officers"], (total - standard) * 100 // standard


def companies_named_like(text: str) -> QuerySet[Company]:
    return companies_for_pages().filter(Q(name__icontains=text) | Q(code__iexact=text))


def contract_history(estate: Estate) -> QuerySet[ServiceContract]:
    """Who has served `estate`, the newest first."""
    history = ServiceContract.objects.filter(estate=estate).select_related("company")
    return history.order_by("-starts_on", "-pk")
