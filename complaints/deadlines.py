"""The service clocks: set at the start, met, stopped; what they say is frozen when they start.

The petition track (《信访工作条例》) has clocks of its own and is never mixed with these.
"""

from datetime import date

from django.db.models import Max, QuerySet
from django.utils import timezone

from complaints.models import Clock, Complaint, Urgency
from complaints.queries import working_calendar
from complaints.workdays import Calendar, add_workdays
from complaints.workflow import Move

# Working days. Between Shandong's 5 and Sichuan's 15 for a complaint; one day to sign in, as in
# Bengbu; one day for what endangers people or cuts off water, power or the lift (Beijing, Wuhan).
ACCEPT_WITHIN = 1
ANSWER_WITHIN = {Urgency.NORMAL: 10, Urgency.URGENT: 1}

_STOPS = {Move.TRANSFER, Move.WITHDRAW, Move.JOIN, Move.CLOSE}


def urgency(complaint: Complaint) -> Urgency:
    """Danger makes any matter urgent; else the category decides."""
    if complaint.danger:
        return Urgency.URGENT
    return Urgency(complaint.category.urgency) if complaint.category else Urgency.NORMAL


def settle(complaint: Complaint, move: Move, on: date) -> None:
    """Start, meet or stop the clocks that `move` touches, in the transaction of the move."""
    if move is Move.DISPATCH:
        start(complaint, Clock.Kind.ACCEPT, on)
        start(complaint, Clock.Kind.ANSWER, on)
    elif move is Move.REDO:
        start(complaint, Clock.Kind.ANSWER, on)
    elif move is Move.ACCEPT:
        _running(complaint, Clock.Kind.ACCEPT).update(met_on=on)
    elif move is Move.ANSWER:
        _running(complaint, Clock.Kind.ACCEPT, Clock.Kind.ANSWER).update(met_on=on)
    elif move in {Move.RECORD_ANSWER, Move.RECORD_CLOSURE}:
        if not complaint.clocks.exists():
            # History: the firm of the day had it when it was received, as far as anybody knows.
            received_on = timezone.localtime(complaint.received_at).date()
            start(complaint, Clock.Kind.ANSWER, received_on)
        _running(complaint, Clock.Kind.ANSWER).update(met_on=on)
    elif move is Move.RECALL:
        # The limits that were met, too: they were of a firm whose matter it never was.
        complaint.clocks.filter(stopped_at=None).update(stopped_at=timezone.now())
    elif move in _STOPS:
        _running(complaint, *Clock.Kind).update(stopped_at=timezone.now())


def start(complaint: Complaint, kind: Clock.Kind, on: date) -> Clock:
    """Set a clock: a firm's limit runs from the day the complaint reached it, not from the days
    that others took to find it."""
    workdays = ACCEPT_WITHIN if kind is Clock.Kind.ACCEPT else ANSWER_WITHIN[urgency(complaint)]
    calendar = working_calendar(since=on)
    due_on = add_workdays(on, workdays, calendar)
    last = complaint.clocks.filter(kind=kind).aggregate(last=Max("round"))["last"] or 0
    return Clock.objects.create(
        complaint=complaint,
        kind=kind,
        round=last + 1,
        started_on=on,
        workdays=workdays,
        due_on=due_on,
        provisional=_is_provisional(due_on, calendar),
    )


def _running(complaint: Complaint, *kinds: Clock.Kind) -> QuerySet[Clock]:
    return complaint.clocks.filter(kind__in=kinds, met_on=None, stopped_at=None)


def _is_provisional(due_on: date, calendar: Calendar) -> bool:
    """No notice of the State Council covers the year in which the limit ends."""
    return due_on.year > max((day.year for day in calendar), default=0)


def recompute_provisional() -> int:
    """Set anew the running clocks whose days were guessed, once the notice is loaded."""
    changed = 0
    for clock in Clock.objects.filter(provisional=True, met_on=None, stopped_at=None):
        calendar = working_calendar(since=clock.started_on)
        due_on = add_workdays(clock.started_on, clock.workdays, calendar)
        if not _is_provisional(due_on, calendar):
            clock.due_on, clock.provisional = due_on, False
            clock.save(update_fields=["due_on", "provisional"])
            changed += 1
    return changed
