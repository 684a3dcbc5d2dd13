"""The one way in: stored before anything else, then processed, whatever becomes of the queue."""

import io

import pytest
from celery.app.task import Task
from django.core.exceptions import ValidationError
from kombu.exceptions import OperationalError
from PIL import Image

from complaints.actions import LONGEST_TEXT, RESIDENT, Actor, Draft
from complaints.models import Attachment, Channel, Complaint, ComplaintEvent
from complaints.workflow import State
from property_oversight.casework.intake import lodge
from property_oversight.casework.rounds import take_up_stragglers

TEXT = "江南小区三号楼电梯坏了三天没人修"


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(buffer, "PNG")
    return buffer.getvalue()


def lodged(text: str = TEXT, *, external_id: str = "", pictures=(), channel=Channel.WEB):
    draft = Draft(text=text, external_id=external_id, reporter_phone="19900000001")
    return lodge(draft, channel=channel, by=RESIDENT, pictures=pictures)


def state_of(complaint: Complaint) -> str:
    return Complaint.objects.get(pk=complaint.pk).state


def test_lodge_stores_the_complaint_before_anything_is_done_with_it(
    city, serving, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as afterwards:
        complaint = lodged()
    assert state_of(complaint) == State.RECEIVED
    assert [event.kind for event in complaint.events.all()] == ["complaint.received"]
    assert len(afterwards) == 1


def test_lodge_has_the_complaint_processed_after_the_commit(
    city, serving, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        complaint = lodged()
    assert state_of(complaint) == State.DISPATCHED


def test_lodge_remembers_who_brought_it(city):
    clerk = city.petition_clerk
    draft = Draft(text=TEXT, external_id="XF-1")
    complaint = lodge(draft, channel=Channel.PETITION, by=Actor("petition", clerk))
    assert (complaint.channel, complaint.external_id) == ("petition", "XF-1")
    assert complaint.reporter == clerk
    assert complaint.events.get().actor == "petition"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_text"),
        (" \n ", "empty_text"),
        ("长" * (LONGEST_TEXT + 1), "text_too_long"),
        ("电梯\x00坏了", "bad_character"),
    ],
)
def test_lodge_stores_nothing_of_what_is_no_complaint(
    db, text, code, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as afterwards, pytest.raises(ValidationError) as no:
        lodged(text)
    assert no.value.code == code
    assert (Complaint.objects.count(), ComplaintEvent.objects.count(), afterwards) == (0, 0, [])


def test_lodge_stores_nothing_where_a_picture_is_none(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as afterwards, pytest.raises(ValidationError) as no:
        lodged(pictures=[picture(), b"MZ not a picture"])
    assert no.value.code == "not_a_picture"
    assert (Complaint.objects.count(), Attachment.objects.count(), afterwards) == (0, 0, [])


def test_lodge_keeps_pictures_with_the_event(db):
    complaint = lodged(pictures=[picture(), picture()])
    kept = complaint.events.get().attachments.all()
    assert [attachment.file.name.endswith(".jpg") for attachment in kept] == [True, True]


def test_lodge_of_the_same_ticket_twice_is_one_complaint(city, serving):
    first = lodged(external_id="W-1", pictures=[picture()])
    second = lodged("换了一种说法", external_id="W-1", pictures=[picture()])
    assert first == second
    assert Complaint.objects.get().text == TEXT
    assert ComplaintEvent.objects.filter(kind="complaint.received").count() == 1
    assert Attachment.objects.count() == 1


def test_lodge_of_the_same_number_in_another_channel_is_another_complaint(db):
    lodged(external_id="1", channel=Channel.WEB)
    lodged(external_id="1", channel=Channel.API)
    assert Complaint.objects.count() == 2


def test_lodge_without_a_number_makes_one_that_is_not_the_residents_key(db):
    one, other = lodged(), lodged()
    assert one.external_id != other.external_id
    assert one.external_id.startswith("web-")
    assert one.tracking_code not in one.external_id


def test_lodge_does_not_fail_where_the_queue_is_away(
    city, serving, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def no_broker(*args, **more):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(Task, "apply_async", no_broker)
    with django_capture_on_commit_callbacks(execute=True):
        complaint = lodged()
    assert state_of(complaint) == State.RECEIVED
    assert "Connection refused" in caplog.text
    assert take_up_stragglers() == 1
    assert state_of(complaint) == State.DISPATCHED
