"""Writes of attribution: attribute, decide, contest, uphold, overturn. Always a new row."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import actions as desk
from complaints.models import Complaint
from complaints.workflow import State
from ml.linking import Gazetteer, Link
from property_oversight.attribution import incidents
from property_oversight.attribution.models import Attribution, Incident, Reason, Standing
from property_oversight.attribution.queries import (
    SEVERAL,
    current_findings,
    read_findings,
    size_of_incident,
    unattributed_complaints,
)
from property_oversight.registry.models import Estate
from property_oversight.registry.queries import (
    contract_on,
    contracts_on,
    estates_by_code,
    names_for_linking,
    official_names,
    places_for_linking,
    register_version,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Built:
    version: int
    gazetteer: Gazetteer
    seconds: float


_QUICK = 0.2  # seconds for which a request may be kept waiting

BUILDER = "gazetteer"
"""The name of the thread that builds beside the requests."""

_built: _Built | None = None
_building = threading.Lock()


def gazetteer() -> Gazetteer:
    """The register's names as one automaton, built once a process and again when the register
    has changed.

    Who needs the newest names waits for them: the first who asks, and the main thread, which is
    that of commands, imports and workers. Other threads serve people: where building takes longer
    than they would notice, they keep the old names for the seconds that the new ones are built
    beside them, and the swap is one assignment. (What was found by the old names and found nobody
    is on the bureau's desk, not lost.)
    """
    version = register_version()
    built = _built
    if built is not None and built.version == version:
        return built.gazetteer
    if built is None or built.seconds < _QUICK or _is_main_thread():
        return _build(version).gazetteer
    if not _building.locked():
        threading.Thread(target=_build_beside, args=(version,), name=BUILDER, daemon=True).start()
    return built.gazetteer


def forget_gazetteer() -> None:
    """Drop the automaton (another database has taken the place of the one it was built from)."""
    global _built  # noqa: PLW0603
    _built = None


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _build(version: int) -> _Built:
    """Build what is not yet built; who comes second waits for the first and takes what he made."""
    global _built  # noqa: PLW0603 - one automaton a process: building it takes seconds
    with _building:
        built = _built
        if built is None or built.version < version:
            # The version is asked before the names are read: a change that comes between them is
            # built in now and once more with the next question.
            version = register_version()
            started = perf_counter()
            names = [*official_names(), *names_for_linking()]
            found = Gazetteer(names, places_for_linking())
            _built = built = _Built(version, found, perf_counter() - started)
        return built


def _build_beside(version: int) -> None:
    """Build in a thread of its own, which has a connection of its own to close."""
    try:
        _build(version)
    except DatabaseError:
        # The old names go on serving, and the next request tries again.
        logger.exception("the gazetteer could not be built")
    finally:
        connection.close()


def attribute(complaints: Sequence[Complaint]) -> int:
    """Find estate, contract of the day and firm for the complaints that no finding stands for.
    Returns how many findings were made; each says why, also where it names nobody."""
    names = gazetteer()
    links = names.link_many(
        [complaint.whole for complaint in complaints],
        [complaint.stated_estate for complaint in complaints],
    )
    estates = estates_by_code(link.code for link in links if link.code)
    contracts = contracts_on(
        (estates[link.code].pk, complaint.occurred_on)
        for complaint, link in zip(complaints, links, strict=True)
        if link.code
    )
    with transaction.atomic():
        # Who is being attributed by somebody else at this moment is left to him.
        free = set(
            unattributed_complaints()
            .filter(pk__in=[complaint.pk for complaint in complaints])
            .select_for_update(of=("self",))
            .values_list("pk", flat=True)
        )
        findings = []
        for complaint, link in zip(complaints, links, strict=True):
            if complaint.pk not in free:
                continue
            estate = estates[link.code] if link.code else None
            contract = contracts.get((estate.pk, complaint.occurred_on)) if estate else None
            no_contract = estate is not None and contract is None
            findings.append(
                Attribution(
                    complaint=complaint,
                    estate=estate,
                    contract=contract,
                    company=contract.company if contract else None,
                    reason=Reason.NO_CONTRACT if no_contract else Reason(link.reason),
                    confidence=link.confidence,
                    evidence=_evidence(complaint, link),
                )
            )
        Attribution.objects.bulk_create(findings)
    return len(findings)


_MOST_MENTIONS = 5


def _evidence(complaint: Complaint, link: Link) -> dict[str, Any]:
    """What the finding rests on, frozen. Offsets count in title + newline + text."""
    return {
        "span": list(link.span) if link.span else None,
        "words": complaint.whole[slice(*link.span)] if link.span else "",
        "how": link.how,
        "mentions": [
            [one.start, one.end, complaint.whole[one.start : one.end], one.how]
            for one in link.mentions[:_MOST_MENTIONS]
        ],
        "stated": complaint.stated_estate,
        "candidates": [[code, round(share, 4)] for code, share in link.candidates],
        "day": complaint.occurred_on.isoformat(),
    }


@transaction.atomic
def decide(complaint: Complaint, estate: Estate, *, by: Any, note: str = "") -> Attribution:
    """A person says which estate it is; the contract of the day says which firm."""
    contract = contract_on(estate, complaint.occurred_on)
    current = _locked(complaint)
    finding = Attribution(
        complaint=complaint,
        estate=estate,
        contract=contract,
        company=contract.company if contract else None,
        reason=Reason.DECIDED if contract else Reason.NO_CONTRACT,
        standing=Standing.CONFIRMED,
        confidence=1.0,
        evidence={"decided": True, "day": complaint.occurred_on.isoformat()},
        note=note,
        decided_by=by,
    )
    return _supersede(current, finding)


@transaction.atomic
def contest(finding: Attribution, *, by: Any, note: str) -> Attribution:
    """The firm says that the complaint is not its own. Until that is decided the finding is shown
    and not scored."""
    if not note.strip():
        raise ValidationError(_("请写明异议理由"), code="no_reason")
    current = _locked(finding.complaint)
    if current is None or current.pk != finding.pk:
        raise ValidationError(_("归属认定已经变更，请刷新后再试"), code="superseded")
    if current.company is None:
        raise ValidationError(_("尚未认定企业，无从提出异议"), code="nothing_to_contest")
    if current.standing == Standing.CONTESTED:
        raise ValidationError(_("异议正在处理"), code="already_contested")
    if current.standing == Standing.CONFIRMED and current.evidence.get("upheld"):
        raise ValidationError(_("异议已经处理过，维持原认定"), code="already_upheld")
    return _supersede(current, _copy(current, Standing.CONTESTED, note=note, by=by))


@transaction.atomic
def uphold(finding: Attribution, *, by: Any, note: str) -> Attribution:
    """The bureau keeps the contested finding."""
    current = _contested(finding)
    kept = _copy(current, Standing.CONFIRMED, note=note, by=by)
    kept.evidence = kept.evidence | {"upheld": True}
    return _supersede(current, kept)


@transaction.atomic
def overturn(
    finding: Attribution, *, by: Any, note: str, estate: Estate | None = None
) -> Attribution:
    """The bureau agrees with the firm: it is another estate's matter, or no firm's at all."""
    current = _contested(finding)
    if estate is not None:
        return decide(current.complaint, estate, by=by, note=note)
    nobody = Attribution(
        complaint=current.complaint,
        estate=current.estate,
        reason=Reason.NOBODYS,
        standing=Standing.CONFIRMED,
        confidence=1.0,
        evidence=current.evidence,
        note=note,
        decided_by=by,
    )
    return _supersede(current, nobody)


@transaction.atomic
def set_apart(finding: Attribution, *, by: Any, note: str) -> None:
    """The bureau says that a complaint is not the neighbours' matter. Final: it is not put there
    by itself again."""
    mine = _placeable(finding, note)
    left = mine.incident
    if left is None or size_of_incident(left)[0] < SEVERAL:
        raise ValidationError(_("这件没有和别的投诉合为同一事件"), code="alone")
    incidents.part(mine)
    _told_of(mine, "complaint.set_apart", left, by=by, note=note)


@transaction.atomic
def bring_together(finding: Attribution, other: Attribution, *, by: Any, note: str) -> None:
    """The bureau says that a complaint is the same matter as `other`. Final, as `set_apart` is."""
    mine = _placeable(finding, note)
    if other.incident is None:
        raise ValidationError(_("那一件还没有读出类别，或者没有认定小区"), code="not_placed")
    if mine.estate_id is None or mine.estate_id != other.incident.estate_id:
        raise ValidationError(_("只有同一个小区的投诉才能归为同一事件"), code="other_estate")
    if mine.incident_id == other.incident_id:
        raise ValidationError(_("这两件已经是同一事件"), code="same_incident")
    incidents.place(mine, other.incident)
    _told_of(mine, "complaint.brought_together", other.incident, by=by, note=note)


def _placeable(finding: Attribution, note: str) -> Attribution:
    """`finding` with what placing needs, if it stands and may be placed by a person."""
    if not note.strip():
        raise ValidationError(_("请写明理由"), code="no_reason")
    current = _locked(finding.complaint)
    if current is None or current.pk != finding.pk:
        raise ValidationError(_("归属认定已经变更，请刷新后再试"), code="superseded")
    mine = read_findings().filter(pk=current.pk).exclude(complaint__state=State.JOINED).first()
    if mine is None:
        raise ValidationError(_("先读出类别；已经并单的，归首件"), code="not_placed")
    return mine


def _told_of(finding: Attribution, kind: str, incident: Incident, *, by: Any, note: str) -> None:
    facts = {"incident": incident.pk, "matter": incident.category_id}
    desk.note(finding.complaint, kind, by=desk.Actor("bureau", by), text=note, data=facts)


def _contested(finding: Attribution) -> Attribution:
    current = _locked(finding.complaint)
    if current is None or current.pk != finding.pk or current.standing != Standing.CONTESTED:
        raise ValidationError(_("没有待处理的异议"), code="not_contested")
    return current


def _locked(complaint: Complaint) -> Attribution | None:
    Complaint.objects.select_for_update().get(pk=complaint.pk)
    return current_findings().filter(complaint=complaint).select_related("company").first()


def _copy(current: Attribution, standing: Standing, *, note: str, by: Any) -> Attribution:
    return Attribution(
        complaint=current.complaint,
        estate=current.estate,
        contract=current.contract,
        company=current.company,
        incident=current.incident,
        reason=current.reason,
        standing=standing,
        confidence=current.confidence,
        evidence=current.evidence,
        note=note,
        decided_by=by,
    )


def _supersede(current: Attribution | None, finding: Attribution) -> Attribution:
    if current is not None:
        current.superseded_at = timezone.now()
        current.save(update_fields=["superseded_at"])
    finding.save()
    incidents.group([finding])
    if current is not None and current.incident_id not in {None, finding.incident_id}:
        incidents.remake([current.incident_id])
    return finding
