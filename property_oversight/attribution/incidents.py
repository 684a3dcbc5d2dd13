"""Many neighbours, one broken lift: findings that are one matter, counted once.

What belongs together is decided by ml.incidents, or by a person, whose word is final: a finding
that a person has placed is not moved by itself again. Each finding keeps why it lies where it
lies, in `evidence["incident"]`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from ml.incidents import PATIENCE, Account, Bundle, Gathering, Why, accounts, gather
from property_oversight.attribution.models import Attribution, Incident
from property_oversight.attribution.queries import (
    current_findings,
    findings_of_incidents,
    groupable_findings,
    matter_of,
    placed_findings,
)
from property_oversight.registry.models import Estate
from property_oversight.registry.queries import estates_by_code, firm_names

_WAITS = timedelta(days=PATIENCE)
_A_TIME = 500


@transaction.atomic
def group(findings: Sequence[Attribution]) -> int:
    """Put the findings that lie nowhere yet into their incidents, made where there are none.
    Returns how many were put somewhere. Five hundred take as many questions as one."""
    keys = [finding.pk for finding in findings]
    _let_go_of_misread(keys)
    waiting = list(groupable_findings().filter(pk__in=keys).order_by("pk"))
    homes = _homes(waiting)
    if not homes:
        return 0
    estates = set(homes.values())
    # One at a time for an estate: two rounds must not make two incidents of one lift.
    list(Estate.objects.select_for_update().filter(pk__in=estates).order_by("pk"))
    told: dict[int, list[Account]] = defaultdict(list)
    for one in _told([finding for finding in waiting if finding.pk in homes]):
        told[homes[one.key]].append(one)
    standing = _standing(told)
    found = {estate: gather(told[estate], standing[estate]) for estate in sorted(told)}
    incidents = _keep(found)
    placed = []
    for finding in waiting:
        places = found[homes[finding.pk]].places if finding.pk in homes else {}
        if finding.pk in places:
            bundle, why = places[finding.pk]
            finding.incident = incidents[id(bundle)]
            finding.evidence = finding.evidence | {"incident": _reasons(matter_of(finding), why)}
            placed.append(finding)
    Attribution.objects.bulk_update(placed, ["incident", "evidence"], batch_size=_A_TIME)
    _absorb(found.values(), incidents)
    return len(placed)


def part(finding: Attribution) -> None:
    """A person says that it is another matter: it begins an incident of its own."""
    left = finding.incident_id
    assert finding.estate_id is not None  # noqa: S101 - what is of no estate lies with no neighbours
    day = finding.complaint.occurred_on
    finding.incident = Incident.objects.create(
        estate_id=finding.estate_id, category_id=matter_of(finding), first_on=day, last_on=day,
        is_apart=True,
    )  # fmt: skip
    _decided(finding, left)


def place(finding: Attribution, incident: Incident) -> None:
    """A person says that it is this matter."""
    left = finding.incident_id
    finding.incident = incident
    _decided(finding, left)


def _decided(finding: Attribution, left: int | None) -> None:
    finding.evidence = finding.evidence | {
        "incident": {"matter": matter_of(finding), "decided": True}
    }
    finding.save(update_fields=["incident", "evidence"])
    remake(key for key in (left, finding.incident_id) if key is not None)


def remake(incidents: Iterable[int]) -> None:
    """Reckon incidents anew from the findings that lie in them; one without any is no more."""
    keys = set(incidents)
    if not keys:
        return
    members: dict[int, list[Attribution]] = defaultdict(list)
    for finding in findings_of_incidents(keys):
        members[finding.incident_id or 0].append(finding)
    told = {one.key: one for one in _told([one for mine in members.values() for one in mine])}
    changed = []
    for incident in Incident.objects.filter(pk__in=members):
        bundle = Bundle()
        for finding in members[incident.pk]:
            bundle.add(told[finding.pk])
        _write(incident, bundle)
        changed.append(incident)
    Incident.objects.bulk_update(changed, _WRITTEN, batch_size=_A_TIME)
    # Who was joined to another or has withdrawn still lies there, and may come back.
    held = current_findings().filter(incident=OuterRef("pk"))
    bare = Incident.objects.filter(pk__in=keys - members.keys())
    bare.filter(Exists(held)).update(said={})
    bare.filter(~Exists(held)).delete()


def _let_go_of_misread(keys: Collection[int]) -> None:
    """What was read anew as another kind of matter is placed anew."""
    misread = [
        finding
        for finding in placed_findings().filter(pk__in=keys)
        if not finding.evidence.get("incident", {}).get("decided")
        and matter_of(finding) != _matter_when_placed(finding)
    ]
    left = {finding.incident_id for finding in misread if finding.incident_id}
    for finding in misread:
        finding.incident = None
        finding.evidence = {k: v for k, v in finding.evidence.items() if k != "incident"}
    Attribution.objects.bulk_update(misread, ["incident", "evidence"], batch_size=_A_TIME)
    remake(left)


def _matter_when_placed(finding: Attribution) -> str:
    assert finding.incident is not None  # noqa: S101 - placed_findings
    # Older ones kept no reasons; all findings of an incident were of its kind then.
    kept = finding.evidence.get("incident", {}).get("matter", finding.incident.category_id)
    return str(kept)


def _homes(findings: Sequence[Attribution]) -> dict[int, int]:
    """Key of a finding -> the estate it is about. Where the linker was not sure enough, it is the
    only candidate: what the neighbours say may bear it out."""
    alone = {}
    for finding in findings:
        candidates = finding.evidence.get("candidates", [])
        if finding.estate_id is None and len(candidates) == 1:
            alone[finding.pk] = candidates[0][0]
    known = estates_by_code(alone.values()) if alone else {}
    homes = {key: known[code].pk for key, code in alone.items() if code in known}
    return homes | {one.pk: one.estate_id for one in findings if one.estate_id is not None}


def _told(findings: Sequence[Attribution]) -> list[Account]:
    firms = firm_names() if findings else set()
    return accounts([
        (
            finding.pk,
            finding.complaint.whole,
            finding.complaint.occurred_on,
            matter_of(finding),
            # Whose fault they think it is, people say whatever has happened.
            _names(finding) | firms,
            finding.estate_id is not None,
        )
        for finding in findings
    ])  # fmt: skip


def _names(finding: Attribution) -> set[str]:
    """What the estate is called, in the register and in this very text."""
    registered = {one.name for one in finding.estate.names.all()} if finding.estate else set()
    written = {words for _start, _end, words, _how in finding.evidence.get("mentions", [])}
    return {*registered, *written, finding.complaint.stated_estate}


def _standing(told: dict[int, list[Account]]) -> dict[int, list[Bundle]]:
    """The incidents of each estate that still wait for another account."""
    days = [one.on for mine in told.values() for one in mine]
    rows = Incident.objects.filter(
        estate__in=told, last_on__gte=min(days) - _WAITS, first_on__lte=max(days) + _WAITS
    )
    old = [row.pk for row in rows if not row.said]  # from before it was kept what is said
    if old:
        remake(old)
        rows = rows.all()
    standing: dict[int, list[Bundle]] = defaultdict(list)
    for row in rows:
        if row.said:
            standing[row.estate_id].append(
                Bundle.of(row.pk, row.said, row.first_on, row.last_on, is_apart=row.is_apart)
            )
    return standing


_WRITTEN = ["category", "first_on", "last_on", "said"]


def _write(incident: Incident, bundle: Bundle) -> None:
    incident.category_id = bundle.matter
    incident.first_on, incident.last_on = bundle.first_on, bundle.last_on
    incident.said = bundle.kept()


def _keep(found: dict[int, Gathering]) -> dict[int, Incident]:
    """Write the incidents to which something has come. Returns them by `id` of their bundle."""
    rows: dict[int, Incident] = {}
    for estate, gathering in found.items():
        touched = [bundle for bundle, _why in gathering.places.values()]
        touched += [whole for _part, whole in gathering.absorbed]
        left = {id(bundle) for bundle in gathering.bundles}
        for bundle in touched:
            if id(bundle) in left and id(bundle) not in rows:
                row = rows[id(bundle)] = Incident(pk=bundle.key, estate_id=estate)
                _write(row, bundle)
    known = [row for row in rows.values() if row.pk is not None]
    Incident.objects.bulk_create([row for row in rows.values() if row.pk is None])
    Incident.objects.bulk_update(known, _WRITTEN, batch_size=_A_TIME)
    return rows


def _absorb(found: Iterable[Gathering], incidents: dict[int, Incident]) -> None:
    """Incidents that turned out to be part of another go over into it."""
    for gathering in found:
        into = {id(part): whole for part, whole in gathering.absorbed}
        for absorbed, whole in gathering.absorbed:
            if absorbed.key is None:
                continue
            end = whole
            while id(end) in into:
                end = into[id(end)]
            Attribution.objects.filter(incident=absorbed.key).update(incident=incidents[id(end)])
            Incident.objects.filter(pk=absorbed.key).delete()


def _reasons(matter: str, why: Why | None) -> dict[str, Any]:
    """Why a finding lies in its incident, fit for JSON; what began one needs no reason."""
    if why is None:
        return {"matter": matter, "first": True}
    return {
        "matter": matter,
        "likeness": why.likeness,
        "words": [list(pair) for pair in why.words],
        "days": why.days,
        "same_kind": why.is_same_kind,
    }
