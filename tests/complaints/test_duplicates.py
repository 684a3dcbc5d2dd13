"""One person, one matter, one ticket; and nobody's word vanishes into another's."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.actions import RESIDENT, SYSTEM, attach, move, note
from complaints.duplicates import earlier_of, firsts_of, join, split
from complaints.models import Attachment, Channel, Complaint
from complaints.workflow import Move, State
from tests.complaints.pictures import picture
from tests.factories import make_category, make_complaint, moment

pytestmark = pytest.mark.django_db

FIRST = "江南小区三号楼电梯坏了三天没人修"
AGAIN = "江南小区三号楼电梯坏了，三天了还没人修！"


def said(text: str, day: int = 3, month: int = 8, phone: str = "19900000001", **more) -> Complaint:
    return make_complaint(text, received_at=moment(2026, month, day), reporter_phone=phone, **more)


def first_of(complaint: Complaint, estates=None) -> Complaint | None:
    """The earlier complaint that this one repeats."""
    earlier = earlier_of([complaint])
    return firsts_of([complaint], earlier, estates or {}).get(complaint.pk)


def join_if_repeat(complaint: Complaint) -> Complaint | None:
    first = first_of(complaint)
    if first is not None:
        join(complaint, first, by=SYSTEM)
    return first


def test_the_same_person_on_the_same_matter_is_joined():
    first, again = said(FIRST), said(AGAIN, day=4)
    assert join_if_repeat(again) == first
    again.refresh_from_db()
    assert (again.state, again.joined_to) == (State.JOINED, first)
    assert (again.state, first.state) == (State.JOINED, State.RECEIVED)


def test_the_first_gets_the_text_of_the_repeat_as_a_supplement():
    first, again = said(FIRST), said(AGAIN, day=4)
    join_if_repeat(again)
    supplement = first.events.get(kind="complaint.supplemented")
    assert supplement.note == AGAIN
    assert supplement.data == {"joined": again.external_id, "channel": "hotline"}
    joined = again.events.get(kind="complaint.joined")
    assert joined.data["joined_to"] == first.external_id
    first.refresh_from_db()
    assert first.state == State.RECEIVED


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (AGAIN, {"phone": "19900000002"}),  # a neighbour: another person is another ticket
        (AGAIN, {"phone": ""}),
        ("物业费乱涨价不公示", {}),  # another matter
        (AGAIN, {"stated_estate": "后苑小区"}),  # another place
        (AGAIN, {"month": 10, "day": 5}),  # sixty days later
        (AGAIN, {"day": 2}),  # earlier: it would be the first
    ],
    ids=["other phone", "no phone", "other matter", "other place", "too late", "earlier"],
)
def test_what_differs_is_not_joined(text, more):
    said(FIRST, stated_estate="江南小区")
    other = said(text, **{"day": 4, "stated_estate": "江南小区", **more})
    assert join_if_repeat(other) is None
    other.refresh_from_db()
    assert other.state == State.RECEIVED


def test_nobodys_phone_is_not_everybodys():
    said(FIRST, phone="")
    assert first_of(said(FIRST, day=4, phone="")) is None


@pytest.mark.parametrize("places", [("", "江南小区"), ("江南小区", ""), ("江南小区", "江南小区")])
def test_a_place_that_was_not_stated_parts_nothing(places):
    first = said(FIRST, stated_estate=places[0])
    assert first_of(said(AGAIN, day=4, stated_estate=places[1])) == first


def test_within_sixty_days_counts():
    first = said(FIRST, month=8, day=3)
    assert first_of(said(AGAIN, month=10, day=2)) == first


def test_of_two_at_the_same_moment_the_earlier_row_is_the_first():
    first, again = said(FIRST), said(AGAIN)
    assert first_of(again) == first
    assert first_of(first) is None


def test_of_several_the_earliest_is_the_first():
    later, first = said(FIRST, day=4), said(FIRST, day=3)
    assert first_of(said(AGAIN, day=5)) == first
    assert first_of(later) == first


@pytest.mark.parametrize(
    "moves",
    [
        [Move.CLOSE],
        [Move.WITHDRAW],
        [Move.TRANSFER],
        # The firm has answered and the same person complains again: that is a new word, and it
        # would lapse with the old answer.
        [Move.DISPATCH, Move.ANSWER],
    ],
    ids=["closed", "withdrawn", "transferred", "answered"],
)
def test_nothing_is_joined_to_what_has_ended_or_was_answered(moves):
    first = said(FIRST)
    for to in moves:
        move(first, to, by=SYSTEM)
    assert join_if_repeat(said(AGAIN, day=4)) is None


@pytest.mark.parametrize("moves", [[Move.DISPATCH], [Move.DISPATCH, Move.ACCEPT]])
def test_what_the_firm_works_on_can_be_joined_to(moves):
    first = said(FIRST)
    for to in moves:
        move(first, to, by=SYSTEM)
    assert join_if_repeat(said(AGAIN, day=4)) == first


@pytest.mark.parametrize("moves", [[Move.DISPATCH, Move.ANSWER], [Move.WITHDRAW], [Move.CLOSE]])
def test_what_was_answered_or_has_ended_is_not_joined(moves):
    said(FIRST)
    again = said(AGAIN, day=4, category=make_category("lift"))
    for to in moves:
        move(again, to, by=SYSTEM)
    state = again.state
    assert join_if_repeat(again) is None
    again.refresh_from_db()
    assert again.state == state


def test_a_repeat_of_a_repeat_is_joined_to_the_first():
    first, again = said(FIRST), said(AGAIN, day=4)
    join_if_repeat(again)
    assert join_if_repeat(said(AGAIN, day=5)) == first


def test_a_repeat_has_no_clock_running():
    first, again = said(FIRST), said(AGAIN, day=4)
    move(again, Move.DISPATCH, by=SYSTEM)
    join(again, first, by=SYSTEM)
    assert not any(clock.is_running for clock in again.clocks.all())


def test_a_wrong_join_can_be_split():
    first, again = said(FIRST), said(AGAIN, day=4)
    join_if_repeat(again)
    split(again, by=SYSTEM)
    again.refresh_from_db()
    assert (again.state, again.joined_to) == (State.RECEIVED, None)
    assert [event.kind for event in again.events.all()] == [
        "complaint.received", "complaint.joined", "complaint.split",
    ]  # fmt: skip
    assert first.events.filter(kind="complaint.supplemented").exists()  # history stays


# One person -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "phone",
    ["+8619900000001", "0086 199 0000 0001", "１９９－００００－０００１", "(86)19900000001",
     "199.0000.0001转2"],
)  # fmt: skip
def test_a_person_is_known_again_however_the_phone_is_written(phone):
    first = said(FIRST)
    assert first_of(said(AGAIN, day=4, phone=phone)) == first


@pytest.mark.parametrize("phone", ["无", "12345", "88887777", "13800000000", "199****0001"])
def test_what_is_no_number_makes_nobody_known(phone):
    said(FIRST, phone=phone)
    assert first_of(said(AGAIN, day=4, phone=phone)) is None


def test_a_repeat_by_another_way_is_joined_and_both_ways_stay_known():
    first = said(FIRST, channel=Channel.HOTLINE)
    again = said(AGAIN, day=4, channel=Channel.WEB, phone="+86 19900000001")
    assert join_if_repeat(again) == first
    assert (first.channel, again.channel) == ("hotline", "web")
    supplement = first.events.get(kind="complaint.supplemented")
    assert supplement.data == {"joined": again.external_id, "channel": "web"}


# The same matter, short or long -----------------------------------------------------------------

LETTER = (
    "尊敬的领导：您好！我是江南小区3号楼的业主。我们楼的电梯从上个月起三天两头停运，老人小孩每天"
    "爬十六楼，物业说等维保公司报价，维保公司说等物业付钱，一拖再拖。恳请领导督促解决，谢谢！"
)


def of_kind(text: str, matter: str, day: int) -> Complaint:
    return said(text, day=day, stated_estate="江南小区", category=make_category(matter))


@pytest.mark.parametrize(
    "reminder",
    ["3号楼电梯还停着，没人修", "催一下：电梯什么时候能修好", "上次反映的电梯问题还没解决",
     "电梯还是没修，老人下不了楼"],
)  # fmt: skip
def test_a_short_reminder_of_a_long_letter_is_a_repeat(reminder):
    letter = of_kind(LETTER, "lift", 3)
    assert first_of(of_kind(reminder, "lift", 8)) == letter


def test_a_long_letter_after_a_short_call_is_a_repeat():
    call = of_kind("3栋电梯停运，爬楼", "lift", 3)
    assert first_of(of_kind(LETTER, "lift", 8)) == call


def test_who_only_reminds_means_the_one_matter_that_is_open():
    letter = of_kind(LETTER, "lift", 3)
    assert first_of(of_kind("上次反映的事怎么还没人管？", "service_conduct", 8)) == letter
    of_kind("物业费涨到每平方两块八，没有公示", "fees", 4)
    assert first_of(of_kind("前几天打电话说的问题，没动静", "service_conduct", 9)) is None


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("物业费涨到每平方两块八，没有公示", "fees"),
        ("9栋电梯也停了，没人修", "lift"),  # another building
        ("楼道灯全坏了，老人摸黑下楼", "facilities"),
        ("电梯里的广告收入去了哪里，要求公示", "common_income"),
    ],
)
def test_two_matters_of_one_person_stay_two(text, matter):
    of_kind(LETTER, "lift", 3)
    assert first_of(of_kind(text, matter, 8)) is None


# To the first -----------------------------------------------------------------------------------


def test_joins_in_a_row_end_at_the_first():
    first, second, third = said(FIRST), said("物业费", day=4), said("物业费", day=5)
    join(third, second, by=SYSTEM)
    join(second, first, by=SYSTEM)
    third.refresh_from_db()
    assert (second.joined_to, third.joined_to) == (first, first)
    assert [event.note for event in first.events.filter(kind="complaint.supplemented")] == [
        second.text, third.text,
    ]  # fmt: skip


def test_what_is_joined_to_a_repeat_is_joined_to_the_first():
    first, second, third = said(FIRST), said(AGAIN, day=4), said(AGAIN, day=5)
    join(second, first, by=SYSTEM)
    join(third, second, by=SYSTEM)
    assert third.joined_to == first


def test_nothing_is_joined_in_a_ring():
    first, second = said(FIRST), said(AGAIN, day=4)
    join(second, first, by=SYSTEM)
    with pytest.raises(ValidationError) as refusal:
        join(first, second, by=SYSTEM)
    assert refusal.value.code == "joined_to_itself"


def test_of_a_batch_each_repeat_leads_to_the_first():
    texts = [
        FIRST,
        AGAIN,
        "电梯坏了三天，今天还没人修，老人下不了楼",
        "今天还没人修，老人下不了楼，摔了一跤",
    ]
    batch = [said(text, day=3 + n) for n, text in enumerate(texts)]
    found = firsts_of(batch, earlier_of(batch), {})
    assert found == {one.pk: batch[0] for one in batch[1:]}


def test_the_estate_that_was_found_counts_and_not_how_it_was_written():
    first, again = said(FIRST, stated_estate="江南小区"), said(AGAIN, day=4, stated_estate="E001")
    assert first_of(again) is None
    one = {first.pk: (1, ["江南小区"]), again.pk: (1, ["江南小区"])}
    assert first_of(again, one) == first
    assert first_of(again, one | {again.pk: (2, ["后苑小区"])}) is None


def test_the_first_gets_the_pictures_of_the_repeat():
    first, again = said(FIRST), said(AGAIN, day=4)
    attach(again.events.get(kind="complaint.received"), picture())
    attach(note(again, "complaint.supplemented", by=RESIDENT, text="还有一张"), picture())
    join(again, first, by=SYSTEM)
    supplement = first.events.get(kind="complaint.supplemented")
    mine = {one.file.name for one in Attachment.objects.filter(event__complaint=again)}
    assert {one.file.name for one in supplement.attachments.all()} == mine
    assert supplement.attachments.count() == 2
    with supplement.attachments.first().file.open() as file:
        assert file.read()


def test_who_looks_for_repeats_asks_as_often_for_many_as_for_few():
    asked = []
    for number in (2, 40):
        batch = [said(f"{FIRST}{n}", day=3 + n % 9, phone=f"1990001{n:04}") for n in range(number)]
        with CaptureQueriesContext(connection) as queries:
            firsts_of(batch, earlier_of(batch), {})
        asked.append(len(queries))
    assert asked[0] == asked[1] == 2
