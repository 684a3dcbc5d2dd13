"""What the tables themselves refuse, whoever writes."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from complaints.actions import SYSTEM, note
from complaints.models import (
    CalendarDay,
    Channel,
    Clock,
    Complaint,
    ImportBatch,
    Prediction,
    new_tracking_code,
)
from complaints.workflow import OPEN, State
from tests.factories import make_category, make_complaint, moment

pytestmark = pytest.mark.django_db


def test_tracking_codes_can_be_read_over_the_telephone():
    codes = {new_tracking_code() for _i in range(300)}
    assert len(codes) == 300
    assert {len(code) for code in codes} == {12}
    assert not set("".join(codes)) & set("01ILO")


def test_a_tracking_code_belongs_to_one_complaint():
    first, second = make_complaint(), make_complaint()
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=second.pk).update(tracking_code=first.tracking_code)


def test_a_ticket_of_a_channel_is_one_row():
    first, second = make_complaint(), make_complaint()
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=second.pk).update(external_id=first.external_id)


@pytest.mark.parametrize("state", list(State))
def test_joined_means_joined_to_something(state):
    first, complaint = make_complaint(), make_complaint()
    wrong = None if state == State.JOINED else first
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(state=state, joined_to=wrong)


def test_one_clock_a_round():
    complaint = make_complaint()
    said = {"complaint": complaint, "kind": Clock.Kind.ANSWER, "started_on": date(2026, 8, 3),
            "workdays": 1, "due_on": date(2026, 8, 4)}  # fmt: skip
    Clock.objects.create(**said)
    Clock.objects.create(**said, round=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.create(**said)


@pytest.mark.parametrize(
    ("met_on", "stopped", "on", "overdue"),
    [
        (None, False, date(2026, 8, 4), False),  # the last day still counts
        (None, False, date(2026, 8, 5), True),
        (date(2026, 8, 4), False, date(2026, 9, 1), False),
        (date(2026, 8, 5), False, date(2026, 9, 1), True),  # met too late
        (None, True, date(2026, 9, 1), False),  # nobody was waiting any more
        (date(2026, 8, 5), True, date(2026, 9, 1), True),
    ],
)
def test_a_clock_is_overdue_after_its_day(met_on, stopped, on, overdue):
    clock = Clock(
        due_on=date(2026, 8, 4),
        met_on=met_on,
        stopped_at=moment(2026, 8, 6) if stopped else None,
    )
    assert clock.is_overdue(on) is overdue
    assert clock.is_running is (met_on is None and not stopped)


@pytest.mark.parametrize("state", list(State))
def test_a_complaint_is_open_until_it_has_ended(state):
    assert Complaint(state=state).is_open == (state in OPEN)


def test_title_and_text_are_one_for_whoever_reads():
    assert Complaint(title="标题", text="正文").whole == "标题\n正文"
    assert Complaint(text="正文").whole == "\n正文"


def test_a_complaint_awaits_reading_when_it_was_read_and_not_understood():
    complaint = make_complaint()
    assert not complaint.awaits_reading
    complaint.read_at = moment(2026, 8, 3)
    assert complaint.awaits_reading
    complaint.category = make_category("fees")
    assert not complaint.awaits_reading


def test_rows_say_what_they_are():
    complaint = make_complaint(external_id="A-1")
    lift = make_category("lift")
    assert str(complaint) == "A-1"
    assert str(lift) == "电梯"
    assert str(note(complaint, "complaint.urged", by=SYSTEM)) == "complaint.urged"
    assert str(CalendarDay(day=date(2026, 10, 1), name="国庆节")) == "2026-10-01 国庆节"
    assert str(ImportBatch(channel=Channel.HOTLINE, file_name="七月.csv")) == "七月.csv"
    assert str(Prediction(category=lift, confidence=0.876)) == "lift 0.88"
    assert str(Clock(kind=Clock.Kind.ANSWER, due_on=date(2026, 8, 4))) == "答复 2026-08-04"
