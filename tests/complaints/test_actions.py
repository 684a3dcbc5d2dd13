"""The only writer of the desk: one verb, one transaction, one event."""

import hashlib
import io
from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from PIL import Image

from complaints.actions import (
    LONGEST_TEXT,
    RESIDENT,
    SYSTEM,
    Actor,
    Draft,
    attach,
    checked,
    clean_picture,
    mark_overdue,
    move,
    note,
    note_many,
    receive,
    receive_many,
)
from complaints.models import Attachment, Channel, Clock, Complaint, ComplaintEvent
from complaints.workflow import Move, State
from property_oversight.accounts.actions import invite
from tests.complaints.pictures import BLUE, RED, picture, png_claiming
from tests.factories import make_category, make_complaint, moment

DRAFT = Draft(text="电梯坏了三天没人修", external_id="T1")


def kinds(complaint: Complaint) -> list[str]:
    return [event.kind for event in complaint.events.all()]


def dispatched() -> Complaint:
    complaint = make_complaint(category=make_category("lift"))
    move(complaint, Move.DISPATCH, by=SYSTEM, at=moment(2026, 8, 3))
    return complaint


# What can be a complaint ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(text=""), "empty_text"),
        (Draft(text=" \n　"), "empty_text"),
        (Draft(text="x" * (LONGEST_TEXT + 1)), "text_too_long"),
        (replace(DRAFT, title="x" * 201), "field_too_long"),
        (replace(DRAFT, external_id="x" * 81), "field_too_long"),
        (replace(DRAFT, stated_estate="x" * 121), "field_too_long"),
        (replace(DRAFT, stated_category="x" * 121), "field_too_long"),
        (replace(DRAFT, reporter_name="x" * 61), "field_too_long"),
        (replace(DRAFT, reporter_phone="1" * 41), "field_too_long"),
        (Draft(text="电梯\x00坏了"), "bad_character"),
        (replace(DRAFT, title="\x00"), "bad_character"),
        (replace(DRAFT, external_id="\x00"), "bad_character"),
        (replace(DRAFT, stated_estate="\x00"), "bad_character"),
        (replace(DRAFT, reporter_name="\x00"), "bad_character"),
        (replace(DRAFT, reporter_phone="\x00"), "bad_character"),
    ],
)
def test_checked_refuses_what_cannot_be_a_complaint(draft, code):
    with pytest.raises(ValidationError) as refused:
        checked(draft)
    assert refused.value.code == code
    assert "".join(refused.value.messages)


@pytest.mark.parametrize(
    "draft",
    [
        DRAFT,
        Draft(text="x" * LONGEST_TEXT),
        replace(DRAFT, title="x" * 200, external_id="x" * 80, stated_estate="x" * 120,
                reporter_name="x" * 60, reporter_phone="1" * 40),
    ],
)  # fmt: skip
def test_checked_gives_the_draft_back(draft):
    assert checked(draft) is draft


def test_checked_names_the_field_in_chinese():
    with pytest.raises(ValidationError, match="“反映小区”最多 120 字"):
        checked(replace(DRAFT, stated_estate="x" * 121))


# Receiving -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_receive_keeps_what_was_said_and_writes_it_down():
    draft = Draft(
        text=" 电梯坏了三天 ", title=" 电梯 ", external_id="T1",
        received_at=moment(2026, 8, 3, 8), occurred_on=date(2026, 8, 1), stated_estate=" 江南小区 ",
        stated_category="电梯", reporter_name=" 王秀英 ", reporter_phone=" 19900000001 ",
        shows_phone_to_firm=True,
    )  # fmt: skip
    complaint = Complaint.objects.get(pk=receive(draft, channel=Channel.WEB, by=RESIDENT).pk)
    assert (complaint.title, complaint.text) == ("电梯", "电梯坏了三天")
    assert (complaint.reporter_name, complaint.reporter_phone) == ("王秀英", "19900000001")
    assert (complaint.stated_estate, complaint.stated_category) == ("江南小区", "电梯")
    assert (complaint.received_at, complaint.occurred_on) == (
        moment(2026, 8, 3, 8), date(2026, 8, 1)
    )  # fmt: skip
    assert complaint.shows_phone_to_firm
    assert complaint.state == State.RECEIVED
    assert complaint.category is None
    event = complaint.events.get()
    assert (event.kind, event.at, event.actor) == (
        "complaint.received", moment(2026, 8, 3, 8), "resident"
    )  # fmt: skip
    assert event.told_at is None


@pytest.mark.django_db
def test_receive_fills_in_what_was_not_said():
    with time_machine.travel(moment(2026, 8, 3, 0, 30), tick=False):
        complaint = receive(Draft(text="电梯坏了"), channel=Channel.WEB)
    complaint.refresh_from_db()
    assert complaint.received_at == moment(2026, 8, 3, 0, 30)
    assert complaint.occurred_on == date(2026, 8, 3)  # by the city's clock, not by UTC
    assert complaint.external_id.startswith("web-")
    assert complaint.tracking_code not in complaint.external_id


@pytest.mark.django_db
def test_receive_remembers_who_signed_in():
    user = invite("wang")
    complaint = receive(DRAFT, channel=Channel.API, by=Actor("office", user))
    assert complaint.reporter == user
    assert complaint.events.get().by == user


@pytest.mark.django_db
def test_the_same_ticket_twice_is_one_complaint():
    first = receive(DRAFT, channel=Channel.HOTLINE)
    again = receive(replace(DRAFT, text="换了说法"), channel=Channel.HOTLINE)
    assert again == first
    assert again.text == DRAFT.text
    assert again.tracking_code == first.tracking_code
    assert Complaint.objects.count() == 1
    assert kinds(first) == ["complaint.received"]


@pytest.mark.django_db
def test_two_channels_may_share_a_number():
    hotline = receive(DRAFT, channel=Channel.HOTLINE)
    petition = receive(DRAFT, channel=Channel.PETITION)
    assert hotline != petition
    assert Complaint.objects.count() == 2


@pytest.mark.django_db
def test_receive_many_answers_in_the_order_given():
    known = receive(replace(DRAFT, external_id="B"), channel=Channel.HOTLINE)
    drafts = [replace(DRAFT, external_id=number) for number in ("C", "B", "A", "C")]
    complaints = receive_many(drafts, channel=Channel.HOTLINE)
    assert [complaint.external_id for complaint in complaints] == ["C", "B", "A", "C"]
    assert complaints[1] == known
    assert complaints[0] == complaints[3]
    assert ComplaintEvent.objects.filter(kind="complaint.received").count() == 3


@pytest.mark.django_db
def test_receive_many_of_nothing_is_nothing():
    assert receive_many([], channel=Channel.HOTLINE) == []


# Moving --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_move_changes_the_row_the_caller_holds_and_the_one_in_the_table():
    complaint = dispatched()
    move(complaint, Move.ANSWER, by=SYSTEM, at=moment(2026, 8, 4))
    stored = Complaint.objects.get(pk=complaint.pk)
    for row in (complaint, stored):
        assert row.state == State.ANSWERED
        assert row.answered_at == moment(2026, 8, 4)


@pytest.mark.django_db
def test_move_believes_the_table_and_not_what_the_caller_remembers():
    complaint = dispatched()
    stale = Complaint.objects.get(pk=complaint.pk)
    move(complaint, Move.ANSWER, by=SYSTEM)
    with pytest.raises(ValidationError) as refused:
        move(stale, Move.ACCEPT, by=SYSTEM)
    assert refused.value.code == "illegal_move"
    assert "已答复" in refused.value.messages[0]


@pytest.mark.django_db
def test_move_writes_down_who_why_and_the_facts():
    user = invite("clerk")
    event = move(dispatched(), Move.ANSWER, by=Actor("firm", user), note="已修好",
                 at=moment(2026, 8, 4), data={"company_code": "Q01"})  # fmt: skip
    event.refresh_from_db()
    assert (event.by, event.actor, event.note, event.at) == (
        user, "firm", "已修好", moment(2026, 8, 4)
    )  # fmt: skip
    assert event.data == {
        "from": "dispatched", "to": "answered", "company_code": "Q01",
        "resolved": None, "satisfied": None,
    }  # fmt: skip


@pytest.mark.django_db
def test_closing_and_reopening_keep_the_time_of_closing_right():
    complaint = dispatched()
    move(complaint, Move.ANSWER, by=SYSTEM, at=moment(2026, 8, 4))
    move(complaint, Move.CONFIRM, by=RESIDENT, at=moment(2026, 8, 5), resolved=True, satisfied=True)
    assert complaint.closed_at == moment(2026, 8, 5)
    assert (complaint.resolved, complaint.satisfied) == (True, True)
    move(complaint, Move.REOPEN, by=RESIDENT, resolved=False)
    complaint.refresh_from_db()
    assert complaint.closed_at is None
    assert (complaint.resolved, complaint.satisfied) == (False, None)


@pytest.mark.django_db
def test_a_new_answer_asks_the_resident_anew_and_the_history_keeps_the_old_word():
    complaint = dispatched()
    move(complaint, Move.ANSWER, by=SYSTEM)
    move(complaint, Move.REDO, by=RESIDENT, resolved=False, satisfied=False)
    move(complaint, Move.ANSWER, by=SYSTEM)
    complaint.refresh_from_db()
    assert (complaint.resolved, complaint.satisfied) == (None, None)
    returned = complaint.events.get(kind="complaint.returned")
    assert (returned.data["resolved"], returned.data["satisfied"]) == (False, False)


@pytest.mark.django_db
def test_a_lapse_is_not_contentment():
    complaint = dispatched()
    move(complaint, Move.ANSWER, by=SYSTEM)
    move(complaint, Move.LAPSE, by=SYSTEM)
    assert (complaint.resolved, complaint.satisfied) == (None, None)


@pytest.mark.django_db
def test_a_change_without_its_event_is_no_change():
    complaint = dispatched()
    with pytest.raises(TypeError):
        move(complaint, Move.ANSWER, by=SYSTEM, data={"what": object()})  # no JSON can hold it
    stored = Complaint.objects.get(pk=complaint.pk)
    assert (stored.state, stored.answered_at) == (State.DISPATCHED, None)
    assert kinds(stored) == ["complaint.received", "complaint.dispatched"]
    assert all(clock.is_running for clock in stored.clocks.all())


@pytest.mark.django_db
def test_an_event_without_its_change_is_no_event():
    complaint = dispatched()
    with transaction.atomic():
        move(complaint, Move.ANSWER, by=SYSTEM)
        transaction.set_rollback(True)  # the caller thinks again
    stored = Complaint.objects.get(pk=complaint.pk)
    assert stored.state == State.DISPATCHED
    assert kinds(stored) == ["complaint.received", "complaint.dispatched"]


# Writing down --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_note_writes_down_and_moves_nothing():
    complaint = dispatched()
    event = note(complaint, "complaint.urged", by=RESIDENT, text="请快一点", data={"times": 2})
    assert (event.kind, event.note, event.data) == ("complaint.urged", "请快一点", {"times": 2})
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED


@pytest.mark.django_db
def test_the_longest_note_is_kept():
    event = note(make_complaint(), "complaint.supplemented", by=RESIDENT, text="x" * LONGEST_TEXT)
    event.refresh_from_db()
    assert len(event.note) == LONGEST_TEXT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "code"), [("x" * (LONGEST_TEXT + 1), "text_too_long"), ("电\x00梯", "bad_character")]
)
def test_a_move_with_a_note_that_cannot_be_kept_is_not_made(text, code):
    complaint = dispatched()
    with pytest.raises(ValidationError) as refused:
        move(complaint, Move.ANSWER, by=SYSTEM, note=text)
    assert refused.value.code == code
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    with pytest.raises(ValidationError) as refused:
        note(complaint, "complaint.urged", by=RESIDENT, text=text)
    assert refused.value.code == code
    assert complaint.events.count() == 2


@pytest.mark.django_db
def test_note_many_writes_each_its_own_facts():
    complaints = [make_complaint() for _i in range(3)]
    note_many("complaint.read", ((c, {"n": i}) for i, c in enumerate(complaints)))
    for i, complaint in enumerate(complaints):
        assert complaint.events.get(kind="complaint.read").data == {"n": i}


@pytest.mark.django_db
def test_mark_overdue_is_written_down_once():
    complaint = dispatched()
    clock = complaint.clocks.get(kind=Clock.Kind.ANSWER)
    stale = Clock.objects.get(pk=clock.pk)
    with time_machine.travel(moment(2026, 8, 6), tick=False):
        assert mark_overdue(clock)
        assert not mark_overdue(clock)
        assert not mark_overdue(stale)
    clock.refresh_from_db()
    assert clock.missed_at == moment(2026, 8, 6)
    event = complaint.events.get(kind="complaint.overdue")
    assert event.data == {"clock": "answer", "due_on": "2026-08-04", "round": 1}
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED


# Pictures ------------------------------------------------------------------------------------


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_jpeg_without_what_the_camera_wrote(kind):
    content = picture(kind=kind, orientation=1)
    assert b"SecretCam" in content
    cleaned = clean_picture(content)
    image = opened(cleaned)
    assert image.format == "JPEG"
    assert image.size == (60, 40)
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(image.info)
    assert b"SecretCam" not in cleaned
    assert b"2026:08:03" not in cleaned


@pytest.mark.parametrize(
    ("orientation", "size", "red", "blue"),
    [
        (1, (60, 40), (5, 20), (55, 20)),
        (3, (60, 40), (55, 20), (5, 20)),  # held upside down
        (6, (40, 60), (20, 5), (20, 55)),  # held upright, to the right
        (8, (40, 60), (20, 55), (20, 5)),  # to the left
    ],
)
def test_a_picture_is_stood_upright(orientation, size, red, blue):
    image = opened(clean_picture(picture(orientation=orientation)))
    assert image.size == size
    for place, colour in ((red, RED), (blue, BLUE)):
        assert image.getpixel(place) == pytest.approx(colour, abs=12)


@pytest.mark.parametrize(
    ("size", "cleaned"),
    [((4000, 1000), (2000, 500)), ((1000, 4000), (500, 2000)), ((2000, 2000), (2000, 2000))],
)
def test_a_large_picture_is_made_smaller(size, cleaned):
    assert opened(clean_picture(picture(*size))).size == cleaned


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"%PDF-1.4",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        picture(kind="GIF"),
        picture()[:200],  # broken off
        picture(kind="PNG")[:100],
        png_claiming(100, 100),  # says so, and holds nothing
    ],
    ids=["empty", "text", "pdf", "svg", "gif", "jpeg cut", "png cut", "png hollow"],
)
def test_what_is_not_a_picture_is_refused(content):
    with pytest.raises(ValidationError) as refused:
        clean_picture(content)
    assert refused.value.code == "not_a_picture"


@pytest.mark.parametrize("side", [7_100, 20_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused(side):
    with pytest.raises(ValidationError) as refused:
        clean_picture(png_claiming(side, side))
    assert refused.value.code == "picture_too_large"


@pytest.mark.django_db
def test_attach_keeps_the_cleaned_picture_with_its_event(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    event = make_complaint().events.get()
    attachment = Attachment.objects.get(pk=attach(event, picture()).pk)
    content = attachment.file.read()
    attachment.file.close()
    assert content == clean_picture(picture())
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()
    assert attachment.size == len(content)
    assert attachment.event == event
    assert str(attachment) == attachment.sha256[:12]


@pytest.mark.django_db
def test_attach_stores_nothing_where_it_is_no_picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(ValidationError):
        attach(make_complaint().events.get(), b"not a picture")
    assert not Attachment.objects.exists()
    assert not list(tmp_path.rglob("*"))
