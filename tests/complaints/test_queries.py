"""Reads of the desk: each branch with a row inside and a row outside."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import queries
from complaints.actions import RESIDENT, SYSTEM, attach, move, note
from complaints.models import CalendarDay, Complaint, ComplaintEvent, Prediction
from complaints.workflow import Move
from tests.complaints.pictures import picture
from tests.factories import make_category, make_complaint, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def lift():
    return make_category("lift")


def dispatched(category, day: int = 3) -> Complaint:
    complaint = make_complaint(category=category)
    move(complaint, Move.DISPATCH, by=SYSTEM, at=moment(2026, 8, day))
    return complaint


def test_open_complaints_are_those_that_have_not_ended(lift):
    open_one, closed = make_complaint(), make_complaint()
    move(closed, Move.CLOSE, by=SYSTEM)
    assert list(queries.open_complaints()) == [open_one]


def test_unread_complaints_are_those_nobody_has_read(lift):
    unread = make_complaint()
    make_complaint(category=lift)
    assert list(queries.unread_complaints()) == [unread]


def test_complaints_await_reading_where_the_model_was_not_sure(lift):
    make_complaint()
    make_complaint(category=lift)
    unsure, unsure_but_closed = make_complaint(), make_complaint()
    Complaint.objects.filter(pk__in=[unsure.pk, unsure_but_closed.pk]).update(
        read_at=moment(2026, 8, 3)
    )
    move(unsure_but_closed, Move.CLOSE, by=SYSTEM)
    assert list(queries.complaints_awaiting_reading()) == [unsure]


def test_undispatched_complaints_are_those_received(lift):
    dispatched(lift)
    waiting = make_complaint(category=lift)
    assert list(queries.undispatched_complaints()) == [waiting]


def test_running_clocks_are_neither_met_nor_stopped(lift):
    running, met, stopped = dispatched(lift), dispatched(lift), dispatched(lift)
    move(met, Move.ANSWER, by=SYSTEM)
    move(stopped, Move.WITHDRAW, by=RESIDENT)
    assert {clock.complaint for clock in queries.running_clocks()} == {running}


@pytest.mark.parametrize(("on", "late"), [("2026-08-04", False), ("2026-08-05", True)])
def test_overdue_complaints_are_late_from_the_day_after(lift, on, late):
    complaint, answered = dispatched(lift), dispatched(lift)
    move(answered, Move.ANSWER, by=SYSTEM)
    found = queries.overdue_complaints(date.fromisoformat(on))
    assert list(found) == ([complaint] if late else [])


@pytest.mark.parametrize(("day", "silent"), [(10, False), (11, True)])
def test_answered_before_counts_from_the_answer(lift, day, silent):
    complaint = dispatched(lift)
    move(complaint, Move.ANSWER, by=SYSTEM, at=moment(2026, 8, 10))
    confirmed = dispatched(lift)
    move(confirmed, Move.ANSWER, by=SYSTEM, at=moment(2026, 8, 4))
    move(confirmed, Move.CONFIRM, by=RESIDENT)
    found = queries.answered_before(moment(2026, 8, day))
    assert list(found) == ([complaint] if silent else [])


def test_untold_events_are_those_the_petition_office_has_not_heard():
    first, second = make_complaint(), make_complaint()
    ComplaintEvent.objects.filter(complaint=first).update(told_at=moment(2026, 8, 3))
    assert [event.complaint for event in queries.untold_events()] == [second]


def test_the_working_calendar_begins_with_the_year():
    for day in (date(2025, 12, 31), date(2026, 1, 1), date(2027, 1, 1)):
        CalendarDay.objects.create(day=day, is_workday=False)
    assert queries.working_calendar(since=date(2026, 8, 3)) == {
        date(2026, 1, 1): False,
        date(2027, 1, 1): False,
    }


def test_the_most_pressing_are_danger_then_the_nearest_limit_then_the_longest_wait(lift):
    fees = make_category("fees")
    waiting_longer = make_complaint(received_at=moment(2026, 7, 1))
    waiting = make_complaint(received_at=moment(2026, 7, 2))
    slow, quick = dispatched(fees), dispatched(lift)
    for complaint in (slow, quick):
        move(complaint, Move.ACCEPT, by=SYSTEM)  # the limit to sign in is the same for both
    dangerous = make_complaint(received_at=moment(2026, 8, 4))
    Complaint.objects.filter(pk=dangerous.pk).update(danger=True)
    assert list(queries.most_pressing_first(Complaint.objects.all())) == [
        dangerous, quick, slow, waiting_longer, waiting
    ]  # fmt: skip


def test_a_limit_that_was_met_presses_nobody(lift):
    answered, slow = dispatched(lift), dispatched(make_category("fees"))
    move(answered, Move.ANSWER, by=SYSTEM)
    assert list(queries.most_pressing_first(Complaint.objects.all())) == [slow, answered]


def test_repeats_of_are_what_was_joined_the_oldest_first():
    first = make_complaint()
    later, earlier = (make_complaint(received_at=moment(2026, 8, day)) for day in (5, 4))
    for repeat in (later, earlier):
        move(repeat, Move.JOIN, by=SYSTEM, joined_to=first)
    assert list(queries.repeats_of(first)) == [earlier, later]
    assert not queries.repeats_of(earlier)


def test_all_categories_stand_in_their_order():
    make_category("fees", position=2)
    make_category("lift", position=1)
    assert [category.code for category in queries.all_categories()] == ["lift", "fees"]


def furnished(category) -> Complaint:
    """A complaint with everything that a page shows."""
    first, complaint = make_complaint(), dispatched(category)
    attach(note(complaint, "complaint.supplemented", by=RESIDENT), picture())
    Prediction.objects.create(complaint=complaint, category=category, confidence=0.9,
                              abstained=False, danger=False, alternatives=[], because=[],
                              model_version="v")  # fmt: skip
    move(complaint, Move.JOIN, by=SYSTEM, joined_to=first)
    return complaint


def test_with_history_asks_as_often_for_three_as_for_one(lift, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    asked = []
    keys = [furnished(lift).pk for _i in range(3)]
    for wanted in (keys[:1], keys):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            for complaint in queries.with_history(Complaint.objects.filter(pk__in=wanted)):
                shown = (
                    complaint.category.name,
                    complaint.joined_to.external_id,
                    [clock.due_on for clock in complaint.clocks.all()],
                    [reading.confidence for reading in complaint.predictions.all()],
                    [len(event.attachments.all()) for event in complaint.events.all()],
                )
                assert all(shown)
        asked.append(len(captured))
    assert asked[0] == asked[1]
