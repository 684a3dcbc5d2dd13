"""What a firm and a community say of a complaint, with pictures."""

import io

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from complaints.actions import SYSTEM, move
from complaints.models import Complaint
from complaints.workflow import Move, State
from property_oversight.casework import replies
from tests.factories import make_complaint


@pytest.fixture
def complaint(db) -> Complaint:
    complaint = make_complaint()
    move(complaint, Move.DISPATCH, by=SYSTEM)
    return complaint


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6)).save(buffer, "PNG")
    return buffer.getvalue()


def test_answer_moves_the_complaint_and_keeps_the_pictures(city, complaint):
    event = replies.answer(complaint, by=city.firm_a_clerk, text=" 已修好 ", pictures=[picture()])
    assert complaint.state == State.ANSWERED
    assert (event.kind, event.note, event.by) == ("complaint.answered", "已修好", city.firm_a_clerk)
    assert event.attachments.count() == 1


@pytest.mark.parametrize(
    ("text", "pictures", "code"),
    [(" ", [], "empty_text"), ("已修好", [b"not a picture"], "not_a_picture")],
)
def test_answer_that_is_none_leaves_the_complaint_unanswered(city, complaint, text, pictures, code):
    with pytest.raises(ValidationError) as refused:
        replies.answer(complaint, by=city.firm_a_clerk, text=text, pictures=pictures)
    assert refused.value.code == code
    assert Complaint.objects.get().state == State.DISPATCHED
    assert complaint.clocks.filter(met_on=None).count() == 2


def test_answer_to_what_is_not_at_the_firm_is_refused(city):
    complaint = make_complaint()
    with pytest.raises(ValidationError) as refused:
        replies.answer(complaint, by=city.firm_a_clerk, text="已修好", pictures=[picture()])
    assert refused.value.code == "illegal_move"
    assert complaint.events.count() == 1


def test_check_on_site_is_noted_and_moves_nothing(city, complaint):
    event = replies.report_check(
        complaint, by=city.community_officer, text="电梯仍停", pictures=[picture()]
    )
    assert (event.kind, event.actor, event.note) == ("complaint.verified", "community", "电梯仍停")
    assert event.attachments.count() == 1
    assert Complaint.objects.get().state == State.DISPATCHED


def test_check_on_site_without_words_is_refused(city, complaint):
    with pytest.raises(ValidationError):
        replies.report_check(complaint, by=city.community_officer, text="")
