"""Writes of talks: propose, notify, hold, order, verify, fail, close, withdraw."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.queries import working_calendar
from complaints.workdays import add_workdays, today
from property_oversight.registry.models import Company
from property_oversight.registry.queries import estates_by_code
from property_oversight.scoring.models import ScoreRun
from property_oversight.talks import documents, triggers
from property_oversight.talks.facts import facts_of
from property_oversight.talks.models import Document, Ground, Talk, TalkEvent
from property_oversight.talks.workflow import MOVES, Move, is_legal

# Working days; notice is this house's choice, the others lie within the range of local rules.
NOTICE_BEFORE = 3
RECTIFY_WITHIN = 15


def due_grounds(run: ScoreRun, on: date) -> list[tuple[Company, triggers.Ground]]:
    """What the rules find in a quarter; nothing is written."""
    return [
        (company, ground)
        for company, facts in facts_of(run, on)
        for ground in triggers.grounds(facts)
    ]


def propose_due(run: ScoreRun, *, on: date) -> list[Talk]:
    """Propose the talks that the rules find; one for a firm, a rule and a quarter, whenever and
    however often the rules are asked."""
    found = due_grounds(run, on)
    return [
        talk
        for company, ground in found
        if (talk := _propose(company, run.period, ground, on)) is not None
    ]


@transaction.atomic
def _propose(company: Company, period: str, ground: triggers.Ground, on: date) -> Talk | None:
    talk, new = Talk.objects.get_or_create(
        company=company, rule=ground.rule, period=period, defaults={"proposed_on": on}
    )
    if not new:
        return None
    talk.estates.set(estates_by_code(ground.estates).values())
    Ground.objects.create(
        talk=talk,
        because=ground.because,
        complaints=list(ground.complaints),
        figures=ground.figures,
    )
    TalkEvent.objects.create(
        talk=talk,
        kind="talk.proposed",
        data={"rule": ground.rule, "period": period, "because": ground.because},
    )
    return talk


def notify(talk: Talk, *, by: Any, meets_at: datetime, place: str, note: str = "") -> TalkEvent:
    """An officer decides that the talk is held, and when; the notice goes out three working days
    before at the latest."""
    on = timezone.localtime(meets_at).date()
    earliest = add_workdays(today(), NOTICE_BEFORE, working_calendar(since=today()))
    if on < earliest:
        raise ValidationError(
            _("约谈通知须提前 %(days)d 个工作日，最早 %(earliest)s"),
            code="too_soon",
            params={"days": NOTICE_BEFORE, "earliest": earliest},
        )
    if not place.strip():
        raise ValidationError(_("请写明约谈地点"), code="no_place")
    changed = {"meets_at": meets_at, "place": place.strip()}
    return _move(talk, Move.NOTIFY, by=by, note=note, letter=Document.Kind.NOTICE, **changed)


def hold(talk: Talk, *, by: Any, note: str) -> TalkEvent:
    """The talk took place; `note` is what was said and promised."""
    return _move(talk, Move.HOLD, by=by, note=_told(note), letter=Document.Kind.MINUTES)


def mark_absent(talk: Talk, *, by: Any, note: str) -> TalkEvent:
    return _move(talk, Move.MARK_ABSENT, by=by, note=_told(note))


def order(talk: Talk, *, by: Any, note: str, rectify_by: date | None = None) -> TalkEvent:
    """Order rectification: what has to be mended, and by when (15 working days by default)."""
    calendar = working_calendar(since=today())
    by_day = rectify_by or add_workdays(today(), RECTIFY_WITHIN, calendar)
    if by_day <= today():
        raise ValidationError(_("整改期限必须晚于今天"), code="bad_deadline")
    return _move(
        talk, Move.ORDER, by=by, note=_told(note), letter=Document.Kind.ORDER, rectify_by=by_day
    )


def verify(talk: Talk, *, by: Any, note: str) -> TalkEvent:
    """The community has looked on site: it is mended."""
    return _move(talk, Move.VERIFY, by=by, note=_told(note))


def fail(talk: Talk, *, by: Any, note: str) -> TalkEvent:
    """The community has looked on site: it is not mended."""
    return _move(talk, Move.FAIL, by=by, note=_told(note))


def close(talk: Talk, *, by: Any, note: str) -> TalkEvent:
    return _move(talk, Move.CLOSE, by=by, note=_told(note))


def withdraw(talk: Talk, *, by: Any, note: str) -> TalkEvent:
    """The officer decides against a talk; the reason is kept."""
    return _move(talk, Move.WITHDRAW, by=by, note=_told(note))


def _told(note: str) -> str:
    if not note.strip():
        raise ValidationError(_("请写明情况或理由"), code="no_reason")
    return note.strip()


@transaction.atomic
def _move(
    talk: Talk,
    to: Move,
    *,
    by: Any,
    note: str,
    letter: Document.Kind | None = None,
    **changed: Any,
) -> TalkEvent:
    locked = Talk.objects.select_for_update(of=("self",)).get(pk=talk.pk)
    if not is_legal(locked.state, to):
        raise ValidationError(
            _("约谈现为“%(state)s”，不能执行“%(move)s”"),
            code="illegal_move",
            params={"state": locked.get_state_display(), "move": MOVES[to].why},
        )
    source = locked.state
    changed["state"] = MOVES[to].target
    for name, value in changed.items():
        setattr(locked, name, value)
        setattr(talk, name, value)
    locked.save(update_fields=sorted(changed))
    event = TalkEvent.objects.create(
        talk=locked,
        kind=MOVES[to].event,
        by=by,
        note=note,
        data={"from": str(source), "to": str(locked.state), "rule": locked.rule},
    )
    if letter is not None:
        documents.write_letter(event, letter)
    return event
