"""One person, one matter, one ticket; and nobody's word vanishes into another's."""

import pytest

from complaints.actions import SYSTEM, move
from complaints.duplicates import first_of, join, join_if_repeat, split
from complaints.models import Complaint
from complaints.workflow import Move, State
from tests.factories import make_category, make_complaint, moment

pytestmark = pytest.mark.django_db

FIRST = "江南小区三号楼电梯坏了三天没人修"
AGAIN = "江南小区三号楼电梯坏了，三天了还没人修！"


def said(text: str, day: int = 3, month: int = 8, phone: str = "19900000001", **more) -> Complaint:
    return make_complaint(text, received_at=moment(2026, month, day), reporter_phone=phone, **more)


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
    assert supplement.data == {"joined": again.external_id}
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
