"""Reads of the desk: each branch with a row inside and a row outside."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import queries
from complaints.actions import RESIDENT, SYSTEM, attach, move, note
from complaints.classification import correct
from complaints.models import (
    CalendarDay,
    Category,
    Complaint,
    ComplaintEvent,
    Prediction,
    TrainedModel,
)
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


# What a look is worth ---------------------------------------------------------------------------
def unsure(*shares: tuple[str, float], day: int = 3, **more) -> Complaint:
    """Read on 3 August unless said otherwise, with these codes and shares, best first."""
    complaint = make_complaint(received_at=moment(2026, 8, day), **more)
    complaint.predictions.create(
        category=make_category(shares[0][0]),
        confidence=shares[0][1],
        abstained=True,
        danger=False,
        alternatives=[list(pair) for pair in shares],
        because=[],
        model_version="test",
    )
    return complaint


@pytest.fixture
def desks(db):
    """Two codes of one desk, one of another department, one that is no firm's."""
    for code, more in {
        "lift": {},
        "fees": {},
        "decoration": {"department": "城管"},
        "other_matter": {"firm_answers": False},
    }.items():
        make_category(code, **more)


def ordered() -> list[Complaint]:
    return list(queries.most_valuable_first(Complaint.objects.all()))


def test_the_smaller_the_margin_the_sooner(desks):
    clear = unsure(("lift", 0.6), ("fees", 0.2))
    close = unsure(("lift", 0.4), ("fees", 0.38))
    single = unsure(("lift", 0.9))
    assert ordered() == [close, clear, single]


@pytest.mark.parametrize("second", ["decoration", "other_matter"])
def test_a_doubt_between_two_desks_counts_twice(desks, second):
    same_desk = unsure(("lift", 0.45), ("fees", 0.2))  # doubt 0.75
    two_desks = unsure(("lift", 0.6), (second, 0.1))  # doubt 0.50, twice
    assert ordered() == [two_desks, same_desk]


def test_a_code_that_is_no_longer_known_is_not_another_desk(desks):
    unknown = unsure(("lift", 0.6), ("abolished", 0.1))
    same_desk = unsure(("lift", 0.45), ("fees", 0.2))
    assert ordered() == [same_desk, unknown]


def test_danger_comes_before_all(desks):
    unsure(("lift", 0.4), ("other_matter", 0.4), day=1)
    dangerous = unsure(("lift", 0.9))
    Complaint.objects.filter(pk=dangerous.pk).update(danger=True)
    assert ordered()[0] == dangerous


def test_nothing_starves(desks):
    """Ten days of waiting outweigh the greatest doubt, nine do not."""
    old = unsure(("lift", 1.0), day=3)
    before, after = (unsure(("lift", 0.5), ("other_matter", 0.5), day=day) for day in (12, 14))
    assert ordered() == [before, old, after]


def test_the_newest_reading_counts(desks):
    reread = unsure(("lift", 0.4), ("fees", 0.39))
    doubtful = unsure(("lift", 0.5), ("fees", 0.3))
    reread.predictions.create(
        category=make_category("fees"),
        confidence=0.9,
        abstained=True,
        danger=False,
        alternatives=[["fees", 0.9], ["lift", 0.05]],
        because=[],
        model_version="newer",
    )
    assert ordered() == [doubtful, reread]


def test_what_no_model_has_read_is_all_doubt(desks):
    known = unsure(("lift", 0.4), ("fees", 0.3))
    unread = make_complaint(received_at=moment(2026, 8, 3))
    assert ordered() == [unread, known]


# Words of people, models in use -----------------------------------------------------------------
def test_of_several_verdicts_on_a_complaint_the_latest_counts(desks):
    twice, once = make_complaint(), make_complaint()
    correct(twice, Category.objects.get(code="lift"), by=SYSTEM)
    correct(once, Category.objects.get(code="lift"), by=SYSTEM)
    correct(twice, Category.objects.get(code="fees"), by=SYSTEM)
    found = {one.complaint: one.category_id for one in queries.current_verdicts()}
    assert found == {twice: "fees", once: "lift"}


def test_the_model_in_use_is_the_one_that_serves(db):
    assert queries.model_in_use() is None
    rows = {
        state: TrainedModel.objects.create(
            version=state, folder=state, state=state, corpus_rows=1, confirmed_rows=1
        )
        for state in TrainedModel.State.values
    }
    assert queries.model_in_use() == rows["serving"]
    assert set(queries.models_trained_here()) == set(rows.values())
