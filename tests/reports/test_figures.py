"""The numbers of the desks: each counted through what its reader may see."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from complaints.actions import SYSTEM, move
from complaints.classification import correct
from complaints.models import Complaint
from complaints.workflow import Move, State
from property_oversight.access.visibility import complaints_visible_to
from property_oversight.attribution.actions import contest, overturn
from property_oversight.attribution.models import Reason
from property_oversight.reports.figures import (
    complaints_by_state,
    counts_by_state,
    open_at_estate,
    waiting_for_bureau,
)
from property_oversight.talks.workflow import State as TalkState
from tests.factories import make_category, make_complaint, make_finding, make_talk, moment

TODAY = date(2026, 8, 3)


def against(contract, *steps: Move, matter: str | None = "fees", **more) -> Complaint:
    complaint = make_complaint(category=make_category(matter) if matter else None, **more)
    make_finding(complaint, contract)
    for step in steps:
        move(complaint, step, by=SYSTEM, at=moment(2026, 8, 3))
    return complaint


# What waits for the bureau -----------------------------------------------------------------------


def waiting(city, on: date = TODAY) -> dict[str, set]:
    """Everything that waits, by why."""
    desk = vars(waiting_for_bureau(city.bureau_officer, on))
    return {name: set(rows) for name, rows in desk.items() if rows}


def test_nothing_waits_where_everything_is_at_the_firms(city):
    against(city.contract, Move.DISPATCH)
    against(city.contract, Move.DISPATCH, Move.ANSWER, Move.CONFIRM)
    assert waiting(city) == {}


def test_danger_waits_until_it_has_ended(city):
    complaint = against(city.contract, Move.DISPATCH)
    Complaint.objects.update(danger=True)
    assert waiting(city) == {"dangerous": {complaint}}
    move(complaint, Move.ANSWER, by=SYSTEM)
    assert waiting(city) == {"dangerous": {complaint}}
    move(complaint, Move.CONFIRM, by=SYSTEM)
    assert waiting(city) == {}


def test_complaint_that_was_not_surely_read_waits_for_a_reading(city):
    complaint = against(city.contract)
    Complaint.objects.update(category=None)
    assert waiting(city) == {"unread": {complaint}}


@pytest.mark.parametrize("reason", [Reason.AMBIGUOUS, Reason.NOT_FOUND, Reason.NO_CONTRACT])
def test_complaint_without_a_firm_waits_for_one(city, reason):
    complaint = make_complaint(category=make_category("fees"))
    make_finding(complaint, None, reason=reason)
    assert waiting(city) == {"unattributed": {complaint}}


def test_complaint_about_no_firms_matter_waits_for_transfer(city):
    complaint = against(city.contract, matter="other_matter")
    assert waiting(city) == {"to_transfer": {complaint}}
    move(complaint, Move.TRANSFER, by=SYSTEM)
    assert waiting(city) == {}


def test_complaint_that_was_read_anew_at_the_firm_waits_for_transfer(city):
    complaint = against(city.contract, Move.DISPATCH)
    correct(complaint, make_category("other_matter"), by=SYSTEM)
    assert waiting(city) == {"to_transfer": {complaint}}


def test_complaint_that_is_nobodys_waits_for_transfer(city):
    complaint = against(city.contract)
    contested = contest(complaint.attributions.get(), by=city.firm_a_clerk, note="不是我们的")
    assert waiting(city) == {"contested": {complaint}}
    overturn(contested, by=city.bureau_officer, note="不是")
    assert waiting(city) == {"to_transfer": {complaint}}


def test_complaint_whose_limit_is_broken_waits(city):
    complaint = against(city.contract, Move.DISPATCH)
    assert waiting(city, date(2026, 8, 4)) == {}
    assert waiting(city, date(2026, 8, 5)) == {"overdue": {complaint}}


def test_talks_wait_while_they_are_proposed(city):
    proposed = make_talk(city.firm_a, city.estate)
    make_talk(city.firm_b, city.other_estate, state=TalkState.NOTICED)
    assert waiting(city) == {"talks": {proposed}}


def test_what_waits_comes_with_danger_first_and_then_the_oldest(city):
    new = against(city.contract, matter="other_matter", received_at=moment(2026, 8, 3))
    old = against(city.contract, matter="other_matter", received_at=moment(2026, 8, 1))
    danger = against(city.contract, matter="other_matter", received_at=moment(2026, 8, 2))
    Complaint.objects.filter(pk=danger.pk).update(danger=True)
    assert list(waiting_for_bureau(city.bureau_officer, TODAY).to_transfer) == [danger, old, new]


# Counts ------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(city) -> None:
    against(city.contract, Move.DISPATCH)
    against(city.contract, Move.DISPATCH)
    against(city.contract)
    against(city.contract, Move.DISPATCH, Move.ANSWER)
    against(city.other_contract, Move.DISPATCH)
    against(None)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("firm_a_clerk", {"dispatched": 2, "answered": 1}),
        ("firm_b_clerk", {"dispatched": 1}),
        ("community_officer", {"received": 1, "dispatched": 2, "answered": 1}),
        ("officer_next_door", {"dispatched": 1}),
        ("bureau_officer", {"received": 2, "dispatched": 3, "answered": 1}),
        ("petition_clerk", {"received": 2, "dispatched": 3, "answered": 1}),
    ],
)
def test_counts_by_state_are_of_what_one_sees(city, mixed, name, counts):
    person = getattr(city, name)
    assert {one.state: one.count for one in complaints_by_state(person)} == counts
    assert counts_by_state(complaints_visible_to(person)) == counts


def test_counts_by_state_come_in_the_order_of_the_work_with_chinese_names(city, mixed):
    shown = [(one.state, one.label) for one in complaints_by_state(city.bureau_officer)]
    assert shown == [
        (State.RECEIVED, "已受理"),
        (State.DISPATCHED, "已派单"),
        (State.ANSWERED, "已答复"),
    ]


def test_counts_of_a_stranger_are_none(city, mixed):
    assert complaints_by_state(AnonymousUser()) == []


def test_open_at_an_estate_is_for_everybody_and_only_numbers(city):
    for matter, number in (("fees", 1), ("lift", 2)):
        for _each in range(number):
            against(city.contract, Move.DISPATCH, matter=matter)
    against(city.contract, Move.DISPATCH, Move.ANSWER, Move.CONFIRM)
    against(city.other_contract, Move.DISPATCH)
    against(city.contract, matter=None)
    assert open_at_estate(city.estate.pk) == [("电梯", 2), ("物业费", 1)]


def test_open_at_an_estate_follows_the_current_finding(city):
    complaint = against(city.contract, Move.DISPATCH)
    contested = contest(complaint.attributions.get(), by=city.firm_a_clerk, note="不是我们的")
    overturn(contested, by=city.bureau_officer, note="后苑的", estate=city.other_estate)
    assert open_at_estate(city.estate.pk) == []
    assert open_at_estate(city.other_estate.pk) == [("物业费", 1)]
