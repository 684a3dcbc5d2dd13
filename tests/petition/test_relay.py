"""From what happened to what is told: every event once, numbered without gaps, in order."""

from datetime import date

import pytest
import time_machine
from django.db import connection

from complaints import duplicates
from complaints.actions import RESIDENT, SYSTEM, Actor, mark_overdue, move, note
from complaints.models import Complaint, ComplaintEvent
from complaints.workflow import Move
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Attribution
from property_oversight.petition import relay as relay_module
from property_oversight.petition.models import Delivery, FeedEntry, Subscriber
from property_oversight.petition.payloads import EVENT_TYPES
from property_oversight.petition.relay import relay, relay_batch
from property_oversight.scoring import actions as scoring
from property_oversight.scoring.models import ScoreRun
from property_oversight.talks import actions as talks
from property_oversight.talks.models import TalkEvent
from tests.factories import (
    make_category,
    make_complaint,
    make_finding,
    make_talk,
    moment,
)

FIRM = Actor("firm")


def told(subject: str = "") -> list[str]:
    """The types of the entries, in the order of their numbers."""
    entries = FeedEntry.objects.filter(subject=subject) if subject else FeedEntry.objects.all()
    return list(entries.values_list("type", flat=True))


def subject_of(complaint: Complaint) -> str:
    return f"complaints/{complaint.channel}/{complaint.external_id}"


@pytest.fixture
def story(city) -> Complaint:
    """Something of every kind has happened: complaint, finding, talk, published scores."""
    complaint = make_complaint("江南小区电梯坏了", category=make_category("fees"))
    attribution.attribute([complaint])
    move(complaint, Move.DISPATCH, by=SYSTEM)
    finding = complaint.attributions.get()
    contested = attribution.contest(finding, by=city.firm_a_clerk, note="不是我们的")
    attribution.uphold(contested, by=city.bureau_officer, note="是")
    move(complaint, Move.ACCEPT, by=FIRM)
    mark_overdue(complaint.clocks.get(kind="answer"))
    talk = make_talk(city.firm_a, city.estate)
    talks.withdraw(talk, by=city.bureau_officer, note="企业已整改")
    scoring.publish(scoring.run("2026Q3", as_of=date(2026, 10, 31)))
    return complaint


# Every event once --------------------------------------------------------------------------------


def test_relay_tells_every_event_of_every_kind_once(story):
    happened = [
        event_id
        for model in (ComplaintEvent, Attribution, TalkEvent, ScoreRun)
        for event_id in model.objects.values_list("event_id", flat=True)
    ]
    assert relay() == len(happened) == 10
    assert sorted(FeedEntry.objects.values_list("event_id", flat=True)) == sorted(happened)
    assert set(told()) <= set(EVENT_TYPES)


def test_relay_numbers_without_gaps_from_one(story):
    count = relay()
    assert list(FeedEntry.objects.values_list("sequence", flat=True)) == list(range(1, count + 1))


def test_relay_a_second_time_adds_nothing(story):
    relay()
    before = list(FeedEntry.objects.values())
    assert relay() == 0
    assert list(FeedEntry.objects.values()) == before


def test_relay_goes_on_where_it_left_off(story):
    count = relay()
    move(story, Move.ANSWER, by=FIRM, note="已修好")
    assert relay() == 1
    last = FeedEntry.objects.last()
    assert (last.sequence, last.type) == (count + 1, "complaint.answered")


def test_relay_of_nothing_is_nothing(db):
    assert relay() == 0
    assert not FeedEntry.objects.exists()


def test_relay_marks_what_it_has_told(story):
    relay()
    for model in (ComplaintEvent, Attribution, TalkEvent, ScoreRun):
        assert not model.objects.filter(told_at=None).exists()


def test_relay_tells_findings_as_they_were_made_contested_and_kept(story):
    relay()
    findings = [one for one in told(subject_of(story)) if one.startswith("attribution.")]
    assert findings == ["attribution.made", "attribution.contested", "attribution.confirmed"]


def test_relay_tells_of_scores_only_once_they_are_published(city):
    made = scoring.run("2026Q3", as_of=date(2026, 10, 31))
    assert relay() == 0
    scoring.publish(made)
    relay()
    (entry,) = FeedEntry.objects.all()
    assert (entry.type, entry.subject) == ("scores.published", "scores/2026Q3")


def test_relay_leaves_while_another_one_is_at_work(db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets only one writer in anyway")
    make_complaint()
    another = connection.copy()
    try:
        with another.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [relay_module._LOCK])
            assert relay() == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [relay_module._LOCK])
    finally:
        another.close()
    assert relay() == 1


# Order -------------------------------------------------------------------------------------------

STEPS = ["complaint.received", "complaint.dispatched", "complaint.accepted", "complaint.answered",
         "complaint.confirmed"]  # fmt: skip


def live(complaint: Complaint, *days: int) -> None:
    """Take `complaint` from dispatch to its end, a step on each of these days of August."""
    steps = (
        (Move.DISPATCH, SYSTEM), (Move.ACCEPT, FIRM), (Move.ANSWER, FIRM), (Move.CONFIRM, RESIDENT),
    )  # fmt: skip
    for day, (step, by) in zip(days, steps, strict=True):
        with time_machine.travel(moment(2026, 8, day), tick=False):
            move(complaint, step, by=by)


def test_relay_keeps_the_order_of_what_happened_to_a_complaint(db):
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        complaint = make_complaint()
    live(complaint, 3, 3, 4, 5)
    relay()
    assert told() == STEPS


def test_relay_keeps_the_order_even_where_the_clock_jumped_back(db):
    with time_machine.travel(moment(2026, 8, 20), tick=False):
        complaint = make_complaint()
    live(complaint, 21, 5, 4, 3)
    relay()
    assert told() == STEPS


def test_relay_goes_by_when_it_was_written_down_and_not_by_when_it_happened(db):
    with time_machine.travel(moment(2026, 8, 4), tick=False):
        today = make_complaint(received_at=moment(2026, 8, 4))
    with time_machine.travel(moment(2026, 8, 5), tick=False):
        history = make_complaint(received_at=moment(2025, 1, 1))
    relay()
    assert list(FeedEntry.objects.values_list("subject", flat=True)) == [
        subject_of(today),
        subject_of(history),
    ]


def test_relay_puts_events_of_different_kinds_in_the_order_they_were_written_down(city):
    for day, happens in (
        (3, lambda: make_talk(city.firm_a)),
        (4, lambda: make_complaint("江南小区停水")),
        (5, lambda: attribution.attribute([Complaint.objects.get()])),
        (6, lambda: move(Complaint.objects.get(), Move.DISPATCH, by=SYSTEM)),
        (7, lambda: talks.withdraw(city.firm_a.talks.get(), by=None, note="已整改")),
    ):
        with time_machine.travel(moment(2026, 8, day), tick=False):
            happens()
    relay()
    assert told() == [
        "talk.proposed", "complaint.received", "attribution.made", "complaint.dispatched",
        "talk.withdrawn",
    ]  # fmt: skip


def test_relay_tells_more_than_a_batch_without_losing_the_order(monkeypatch, db):
    monkeypatch.setattr(relay_module, "_BATCH", 2)
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        complaint = make_complaint()
    live(complaint, 3, 4, 5, 6)
    assert relay_batch() == 2
    assert told() == STEPS[:2]
    assert relay() == 3
    assert told() == STEPS
    assert list(FeedEntry.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]


# Deliveries --------------------------------------------------------------------------------------


def test_relay_makes_a_delivery_for_each_active_subscriber(db):
    for name, active in (("市信访局", True), ("区信访局", True), ("停用的", False)):
        Subscriber.objects.create(name=name, url="https://example.org", is_active=active)
    make_complaint()
    relay()
    assert set(Delivery.objects.values_list("subscriber__name", "entry", "state")) == {
        ("市信访局", 1, "pending"),
        ("区信访局", 1, "pending"),
    }


def test_relay_sends_a_new_subscriber_only_what_comes_after(db):
    make_complaint()
    relay()
    Subscriber.objects.create(name="市信访局", url="https://example.org")
    make_complaint()
    relay()
    assert list(Delivery.objects.values_list("entry", flat=True)) == [2]


# What must not leave the house -------------------------------------------------------------------


def words() -> str:
    """Everything that the feed says, without its keys and moments."""
    return str(list(FeedEntry.objects.values_list("subject", "data")))


def test_feed_holds_no_name_phone_door_number_or_tracking_code(city):
    secrets = {"reporter_name": "王秀英", "reporter_phone": "19900001234"}
    said = "我是王秀英，住江南小区3栋2单元1502，电话199 0000 1234，身份证43010219600101123X"
    complaint = make_complaint(
        said, title="王秀英19900001234反映", category=make_category("fees"), **secrets
    )
    attribution.attribute([complaint])
    move(complaint, Move.DISPATCH, by=SYSTEM)
    move(complaint, Move.ANSWER, by=FIRM, note="已上门3栋2单元1502，电话告知王秀英19900001234")
    note(
        complaint,
        "complaint.supplemented",
        by=RESIDENT,
        text="打王秀英的电话０７３１-８８８８６６６６",
    )
    finding = complaint.attributions.get()
    attribution.contest(finding, by=city.firm_a_clerk, note="王秀英19900001234不是我们的业主")
    talk = make_talk(city.firm_a, city.estate, complaints=[complaint], state="held")
    talks.close(talk, by=city.bureau_officer, note="已回访19900001234，3栋2单元1502")
    relay()
    everything = words()
    for secret in (
        "王秀英", "19900001234", "199 0000 1234", "43010219600101123X", "0731-88886666",
        "０７３１-８８８８６６６６", "单元1502", complaint.tracking_code,
    ):  # fmt: skip
        assert secret not in everything
    assert "3栋2单元" in everything  # without the building nobody could mend anything


def test_feed_holds_no_short_phone_number_that_was_given_as_ones_own(db):
    make_complaint("请回电6543210", reporter_phone="6543210")
    relay()
    assert "6543210" not in str(FeedEntry.objects.get().data)


def test_feed_holds_no_name_of_who_said_it_again_from_the_same_telephone(db):
    first = make_complaint("电梯又坏了没人修", reporter_name="王秀英", reporter_phone="19900001234")
    again = make_complaint(
        "我是李建国，电梯又坏了没人修", reporter_name="李建国", reporter_phone="19900001234"
    )
    duplicates.join(again, first, by=SYSTEM)
    relay()
    assert "complaint.supplemented" in told(subject_of(first))
    everything = words()
    assert "李建国" not in everything
    assert "王秀英" not in everything


def test_feed_keeps_what_was_told_when_the_complaint_changes_afterwards(city):
    complaint = make_complaint("江南小区电梯坏了", category=make_category("fees"))
    make_finding(complaint, city.contract)
    relay()
    before = list(FeedEntry.objects.values())
    move(complaint, Move.DISPATCH, by=SYSTEM)
    attribution.decide(complaint, city.other_estate, by=city.bureau_officer)
    relay()
    assert list(FeedEntry.objects.filter(sequence__lte=len(before)).values()) == before
