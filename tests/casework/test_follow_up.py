"""What a resident says after filing: hurry up, once a working day; and there is more to it."""

import io

import pytest
import time_machine
from celery.app.task import Task
from django.core.exceptions import ValidationError
from kombu.exceptions import OperationalError
from PIL import Image

from complaints.actions import SYSTEM, move
from complaints.models import CalendarDay, Complaint
from complaints.workflow import Move, State
from property_oversight.casework import follow_up, rounds
from tests.factories import make_category, make_complaint, make_finding, moment


@pytest.fixture
def complaint(db) -> Complaint:
    with time_machine.travel(moment(2026, 8, 6), tick=False):
        return make_complaint()


def urge_on(complaint: Complaint, month: int, day: int, hour: int = 9):
    with time_machine.travel(moment(2026, month, day, hour), tick=False):
        return follow_up.urge(Complaint.objects.get(pk=complaint.pk))


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6)).save(buffer, "PNG")
    return buffer.getvalue()


# Urging ------------------------------------------------------------------------------------------


def test_urge_is_written_into_the_history(complaint):
    event = urge_on(complaint, 8, 7)
    assert (event.kind, event.actor) == ("complaint.urged", "resident")


@pytest.mark.parametrize(("day", "hour"), [(7, 23), (8, 9), (9, 9)])
def test_urge_before_the_next_working_day_is_refused(complaint, day, hour):
    urge_on(complaint, 8, 7)
    with pytest.raises(ValidationError) as refused:
        urge_on(complaint, 8, day, hour)
    assert refused.value.code == "urged_today"
    assert complaint.events.filter(kind="complaint.urged").count() == 1


def test_urge_on_the_next_working_day_is_taken(complaint):
    urge_on(complaint, 8, 7)  # a Friday
    urge_on(complaint, 8, 10)
    assert complaint.events.filter(kind="complaint.urged").count() == 2


def test_urge_on_a_make_up_saturday_is_taken(complaint):
    CalendarDay.objects.create(day="2026-08-08", is_workday=True)
    urge_on(complaint, 8, 7)
    assert urge_on(complaint, 8, 8)


@pytest.mark.parametrize(
    "steps",
    [
        (Move.DISPATCH, Move.ANSWER),
        (Move.DISPATCH, Move.ANSWER, Move.CONFIRM),
        (Move.TRANSFER,),
        (Move.WITHDRAW,),
    ],
)
def test_urge_is_refused_where_nobody_is_to_be_hurried(complaint, steps):
    for step in steps:
        move(complaint, step, by=SYSTEM)
    with pytest.raises(ValidationError) as refused:
        urge_on(complaint, 8, 7)
    assert refused.value.code == "nothing_to_urge"


# Supplements -------------------------------------------------------------------------------------


def test_supplement_keeps_words_and_pictures(complaint):
    event = follow_up.supplement(complaint, " 今天又困了一次人 ", [picture()])
    assert (event.kind, event.actor, event.note) == (
        "complaint.supplemented",
        "resident",
        "今天又困了一次人",
    )
    assert event.attachments.count() == 1


def test_supplement_said_twice_in_a_row_is_one(complaint):
    first = follow_up.supplement(complaint, "今天又困了一次人", [picture()])
    assert follow_up.supplement(complaint, "今天又困了一次人", [picture()]) == first
    assert first.attachments.count() == 1


def test_supplement_said_again_after_something_else_is_another(complaint):
    for text in ("又停了", "又好了", "又停了"):
        follow_up.supplement(complaint, text)
    assert complaint.events.filter(kind="complaint.supplemented").count() == 3


@pytest.mark.parametrize(
    ("text", "pictures", "code"),
    [("  ", [], "empty_text"), ("看图", [b"not a picture"], "not_a_picture")],
)
def test_supplement_that_says_nothing_is_refused_whole(complaint, text, pictures, code):
    with pytest.raises(ValidationError) as refused:
        follow_up.supplement(complaint, text, pictures)
    assert refused.value.code == code
    assert not complaint.events.filter(kind="complaint.supplemented").exists()


def test_supplement_to_what_has_ended_is_refused(complaint):
    move(complaint, Move.WITHDRAW, by=SYSTEM)
    with pytest.raises(ValidationError) as refused:
        follow_up.supplement(complaint, "又停了")
    assert refused.value.code == "not_open"


# Reopening ---------------------------------------------------------------------------------------


def closed(contract) -> Complaint:
    complaint = make_complaint(category=make_category("fees"))
    make_finding(complaint, contract)
    for step in (Move.DISPATCH, Move.ANSWER, Move.LAPSE):
        move(complaint, step, by=SYSTEM)
    return complaint


def test_reopened_case_goes_to_the_firm_again_with_a_new_limit(
    city, django_capture_on_commit_callbacks
):
    complaint = closed(city.contract)
    with django_capture_on_commit_callbacks(execute=True):
        event = follow_up.reopen(complaint, "又坏了")
    complaint.refresh_from_db()
    assert (event.kind, event.actor, event.note) == ("complaint.reopened", "resident", "又坏了")
    assert (complaint.state, complaint.closed_at) == (State.DISPATCHED, None)
    assert (complaint.resolved, complaint.satisfied) == (False, None)
    running = [clock for clock in complaint.clocks.all() if clock.is_running]
    assert sorted((clock.kind, clock.round) for clock in running) == [("accept", 2), ("answer", 2)]


def test_reopened_case_waits_where_the_queue_is_away(
    city, monkeypatch, django_capture_on_commit_callbacks
):
    def no_broker(*args, **more):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(Task, "apply_async", no_broker)
    complaint = closed(city.contract)
    with django_capture_on_commit_callbacks(execute=True):
        follow_up.reopen(complaint, "又坏了")
    complaint.refresh_from_db()
    assert complaint.state == State.RECEIVED
    assert [complaint.pk] in rounds.stragglers()


def test_reopening_what_is_not_closed_is_refused(complaint):
    with pytest.raises(ValidationError) as refused:
        follow_up.reopen(complaint, "又坏了")
    assert refused.value.code == "illegal_move"
