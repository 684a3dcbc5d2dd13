"""The service clocks: when they start, how long they run, and that nothing moves them later."""

from datetime import date

import pytest
import time_machine

from complaints import deadlines
from complaints.actions import RESIDENT, SYSTEM, move
from complaints.classification import correct
from complaints.models import CalendarDay, Category, Clock, Complaint, Urgency
from complaints.workflow import Move, State
from tests.factories import make_category, make_complaint, moment

pytestmark = pytest.mark.django_db
ACCEPT, ANSWER = Clock.Kind.ACCEPT, Clock.Kind.ANSWER


@pytest.fixture
def lift() -> Category:
    return make_category("lift")  # urgent


@pytest.fixture
def fees() -> Category:
    return make_category("fees")  # normal


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str):
    return moment(*map(int, text.split("-")))


def dispatched(category: Category | None, on: str = "2026-08-03", **more) -> Complaint:
    complaint = make_complaint(category=category)
    for name, value in more.items():
        setattr(complaint, name, value)
    complaint.save()
    move(complaint, Move.DISPATCH, by=SYSTEM, at=at(on))
    return complaint


def clock(complaint: Complaint, kind: str = ANSWER, round: int = 1) -> Clock:
    return complaint.clocks.get(kind=kind, round=round)


def test_no_clock_runs_before_the_firm_has_it(lift):
    assert not make_complaint(category=lift).clocks.exists()


def test_both_clocks_start_on_the_day_of_dispatch_not_of_receipt(categories):
    complaint = make_complaint(
        category=Category.objects.get(code="fees"), received_at=moment(2026, 7, 1)
    )
    move(complaint, Move.DISPATCH, by=SYSTEM, at=moment(2026, 8, 3, 23, 30))
    accept, answer = clock(complaint, ACCEPT), clock(complaint, ANSWER)
    assert (accept.started_on, accept.workdays, accept.due_on) == (
        day("2026-08-03"), 1, day("2026-08-04")
    )  # fmt: skip
    assert (answer.started_on, answer.workdays, answer.due_on) == (
        day("2026-08-03"), 10, day("2026-08-17")
    )  # fmt: skip
    assert not answer.provisional
    assert complaint.clocks.count() == 2


@pytest.mark.parametrize(
    ("urgency", "danger", "workdays", "due_on"),
    [
        (Urgency.NORMAL, False, 10, "2026-08-17"),
        (Urgency.URGENT, False, 1, "2026-08-04"),
        (Urgency.NORMAL, True, 1, "2026-08-04"),  # danger makes any matter urgent
        (Urgency.URGENT, True, 1, "2026-08-04"),
        (None, False, 10, "2026-08-17"),  # nobody knows yet what it is about
        (None, True, 1, "2026-08-04"),
    ],
)
def test_the_limit_follows_urgency_and_danger(urgency, danger, workdays, due_on):
    category = None if urgency is None else make_category("greening", urgency=urgency)
    answer = clock(dispatched(category, danger=danger))
    assert (answer.workdays, answer.due_on) == (workdays, day(due_on))


@pytest.mark.parametrize(
    ("dispatched_on", "due_on"),
    [
        ("2026-09-30", "2026-10-08"),  # over the National Day
        ("2026-10-09", "2026-10-10"),  # on a Saturday that is made up
        ("2026-02-14", "2026-02-24"),  # over Spring Festival
    ],
)
def test_limits_run_over_holidays_and_make_up_days(categories, dispatched_on, due_on):
    complaint = dispatched(Category.objects.get(code="lift"), dispatched_on)
    assert clock(complaint).due_on == day(due_on)


def test_a_calendar_that_changes_later_moves_no_limit(lift, categories):
    complaint = dispatched(lift)
    CalendarDay.objects.create(day=day("2026-08-04"), is_workday=False)
    deadlines.recompute_provisional()
    assert clock(complaint).due_on == day("2026-08-04")


def test_a_policy_that_changes_later_moves_no_limit(lift):
    complaint = dispatched(lift)
    lift.urgency = Urgency.NORMAL
    lift.save()
    assert clock(complaint).due_on == day("2026-08-04")


def test_a_category_corrected_later_moves_no_limit(lift, fees):
    complaint = dispatched(fees)
    correct(complaint, lift, by=SYSTEM, danger=True)
    assert clock(complaint).due_on == day("2026-08-17")


def test_signing_in_meets_the_first_clock_only(lift):
    complaint = dispatched(lift)
    move(complaint, Move.ACCEPT, by=SYSTEM, at=at("2026-08-04"))
    assert clock(complaint, ACCEPT).met_on == day("2026-08-04")
    assert clock(complaint, ANSWER).is_running


def test_an_answer_without_signing_in_meets_both(lift):
    complaint = dispatched(lift)
    move(complaint, Move.ANSWER, by=SYSTEM, at=at("2026-08-05"))
    assert {c.met_on for c in complaint.clocks.all()} == {day("2026-08-05")}
    assert all(c.is_overdue(day("2026-08-05")) for c in complaint.clocks.all())


def test_an_answer_does_not_meet_anew_what_was_met(lift):
    complaint = dispatched(lift)
    move(complaint, Move.ACCEPT, by=SYSTEM, at=at("2026-08-04"))
    move(complaint, Move.ANSWER, by=SYSTEM, at=at("2026-08-06"))
    assert clock(complaint, ACCEPT).met_on == day("2026-08-04")


@pytest.mark.parametrize("to", [Move.RECALL, Move.TRANSFER, Move.WITHDRAW, Move.JOIN])
def test_who_no_longer_has_it_no_longer_has_a_clock(lift, to):
    complaint, first = dispatched(lift), make_complaint()
    with time_machine.travel(moment(2026, 8, 20), tick=False):
        move(complaint, to, by=SYSTEM, joined_to=first if to is Move.JOIN else None)
    for stopped in complaint.clocks.all():
        assert stopped.stopped_at == moment(2026, 8, 20)
        assert stopped.met_on is None
        assert not stopped.is_overdue(day("2026-09-30"))


def test_a_recall_takes_back_the_limits_that_were_met_too(lift):
    complaint = dispatched(lift)
    move(complaint, Move.ANSWER, by=SYSTEM, at=at("2026-08-10"))  # late, but not this firm's matter
    with time_machine.travel(moment(2026, 8, 20), tick=False):
        move(complaint, Move.RECALL, by=SYSTEM)
    assert {c.stopped_at for c in complaint.clocks.all()} == {moment(2026, 8, 20)}


@pytest.mark.parametrize("back", [Move.REDO, Move.REOPEN])
def test_work_that_comes_back_starts_a_second_round(lift, back):
    complaint = dispatched(lift)
    move(complaint, Move.ANSWER, by=SYSTEM, at=at("2026-08-04"))
    if back is Move.REOPEN:
        move(complaint, Move.CONFIRM, by=RESIDENT, at=at("2026-08-05"))
        move(complaint, back, by=RESIDENT, at=at("2026-08-06"))
        assert complaint.state == State.RECEIVED
        move(complaint, Move.DISPATCH, by=SYSTEM, at=at("2026-08-07"))
    else:
        move(complaint, back, by=RESIDENT, at=at("2026-08-07"))
    second = clock(complaint, ANSWER, round=2)
    assert (second.started_on, second.due_on) == (day("2026-08-07"), day("2026-08-10"))
    assert second.is_running
    assert clock(complaint, ANSWER).met_on == day("2026-08-04")
    assert complaint.clocks.filter(kind=ACCEPT).count() == (2 if back is Move.REOPEN else 1)


def test_the_second_answer_meets_the_second_round(lift):
    complaint = dispatched(lift)
    move(complaint, Move.ANSWER, by=SYSTEM, at=at("2026-08-04"))
    move(complaint, Move.REDO, by=RESIDENT, at=at("2026-08-05"))
    move(complaint, Move.ANSWER, by=SYSTEM, at=at("2026-08-06"))
    assert clock(complaint, ANSWER, round=2).met_on == day("2026-08-06")
    assert clock(complaint, ANSWER).met_on == day("2026-08-04")


def test_the_next_firm_gets_clocks_of_its_own(lift):
    complaint = dispatched(lift)
    move(complaint, Move.RECALL, by=SYSTEM, at=at("2026-08-10"))
    move(complaint, Move.DISPATCH, by=SYSTEM, at=at("2026-08-11"))
    for kind in (ACCEPT, ANSWER):
        assert clock(complaint, kind, round=2).due_on == day("2026-08-12")
        assert not clock(complaint, kind).is_running


def test_an_answer_of_history_is_measured_from_receipt(fees):
    complaint = make_complaint(category=fees, received_at=moment(2026, 8, 3))
    move(complaint, Move.RECORD_ANSWER, by=SYSTEM, at=at("2026-08-18"))
    answer = complaint.clocks.get()
    assert (answer.kind, answer.started_on) == (ANSWER, day("2026-08-03"))
    assert (answer.due_on, answer.met_on) == (day("2026-08-17"), day("2026-08-18"))
    assert answer.is_overdue(day("2026-08-18"))
    move(complaint, Move.RECORD_CLOSURE, by=SYSTEM, at=at("2026-08-20"))
    assert complaint.clocks.get().met_on == day("2026-08-18")


def test_a_closure_of_history_without_an_answer_meets_the_clock(fees):
    complaint = make_complaint(category=fees, received_at=moment(2026, 8, 3))
    move(complaint, Move.RECORD_CLOSURE, by=SYSTEM, at=at("2026-08-10"))
    assert complaint.clocks.get().met_on == day("2026-08-10")


@pytest.mark.parametrize("on", ["2026-12-31", "2027-01-20"])
def test_days_that_nobody_has_announced_are_provisional(categories, on):
    complaint = dispatched(Category.objects.get(code="lift"), on)
    assert clock(complaint).provisional


def test_a_limit_without_any_calendar_is_provisional(lift):
    assert clock(dispatched(lift)).provisional


def announce_2027() -> None:
    """As a notice might: New Year's Day is free, and so is the eve of Spring Festival."""
    for text in ("2027-01-01", "2027-02-05"):
        CalendarDay.objects.create(day=day(text), is_workday=False)


def test_provisional_limits_are_set_anew_once_the_notice_is_loaded(categories):
    complaint = dispatched(Category.objects.get(code="lift"), "2026-12-31")
    assert clock(complaint).due_on == day("2027-01-01")
    assert deadlines.recompute_provisional() == 0  # nothing was announced yet
    announce_2027()
    assert deadlines.recompute_provisional() == 2
    assert clock(complaint).due_on == day("2027-01-04")
    assert not clock(complaint).provisional
    assert deadlines.recompute_provisional() == 0


def test_provisional_limits_that_were_met_or_stopped_stay_as_they_were(categories):
    lift = Category.objects.get(code="lift")
    met, stopped = dispatched(lift, "2026-12-31"), dispatched(lift, "2026-12-31")
    move(met, Move.ANSWER, by=SYSTEM, at=at("2026-12-31"))
    move(stopped, Move.WITHDRAW, by=RESIDENT, at=at("2026-12-31"))
    announce_2027()
    assert deadlines.recompute_provisional() == 0
    for complaint in (met, stopped):
        assert clock(complaint).due_on == day("2027-01-01")
        assert clock(complaint).provisional


def test_a_limit_that_was_announced_is_never_set_anew(categories):
    complaint = dispatched(Category.objects.get(code="lift"), "2026-08-03")
    announce_2027()
    CalendarDay.objects.create(day=day("2026-08-04"), is_workday=False)
    assert deadlines.recompute_provisional() == 0
    assert clock(complaint).due_on == day("2026-08-04")
    assert complaint.state == State.DISPATCHED
