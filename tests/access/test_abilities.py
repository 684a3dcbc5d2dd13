"""Who may do what: every act, every person of the cast, at home and next door."""

import pytest
from django.contrib.auth.models import AnonymousUser

from complaints.workflow import MOVES
from property_oversight.access.abilities import (
    MATRIX,
    RESIDENT_MOVES,
    Act,
    may,
    may_resident,
)
from property_oversight.accounts.actions import grant, invite, revoke
from property_oversight.accounts.models import Membership, Role, User
from property_oversight.attribution.actions import contest, overturn
from property_oversight.attribution.queries import current_finding
from tests.factories import make_complaint, make_finding, make_talk

RESIDENT_ACTS = {
    Act.LODGE, Act.CONFIRM, Act.REDO, Act.REOPEN, Act.WITHDRAW, Act.URGE, Act.SUPPLEMENT,
}  # fmt: skip
FIRM_ACTS = {Act.LODGE, Act.ACCEPT, Act.ANSWER, Act.CONTEST, Act.SEE_DESK, Act.EXPORT}
COMMUNITY_ACTS = {
    Act.LODGE, Act.VERIFY, Act.EVALUATE, Act.VERIFY_RECTIFICATION, Act.FAIL_RECTIFICATION,
    Act.SEE_DESK, Act.EXPORT,
}  # fmt: skip
BUREAU_ACTS = {
    Act.LODGE, Act.CORRECT, Act.TRANSFER, Act.CLOSE, Act.JOIN, Act.SPLIT, Act.SEE_REPORTER,
    Act.DECIDE, Act.UPHOLD, Act.OVERTURN, Act.SET_APART, Act.BRING_TOGETHER, Act.RUN_SCORES,
    Act.PUBLISH_SCORES, Act.NOTIFY_TALK, Act.HOLD_TALK, Act.MARK_TALK_ABSENT,
    Act.ORDER_RECTIFICATION, Act.CLOSE_TALK, Act.WITHDRAW_TALK, Act.RETRAIN, Act.PROMOTE_MODEL,
    Act.REFUSE_MODEL, Act.ROLL_BACK_MODEL, Act.READ_FEED, Act.SEE_DESK, Act.EXPORT,
}  # fmt: skip
PETITION_ACTS = {Act.LODGE, Act.READ_FEED, Act.SEE_DESK, Act.EXPORT}

# Person -> the acts of the hat, and whose objects: here's, next door's.
CAST = {
    "firm_a_clerk": (FIRM_ACTS, {"here"}),
    "firm_b_clerk": (FIRM_ACTS, {"next door"}),
    "community_officer": (COMMUNITY_ACTS, {"here"}),
    "officer_next_door": (COMMUNITY_ACTS, {"next door"}),
    "bureau_officer": (BUREAU_ACTS, {"here", "next door"}),
    "petition_clerk": (PETITION_ACTS, {"here", "next door"}),
    "anonymous": (set(), set()),
    "hatless": (set(), set()),
    "inactive": (set(), set()),
}


def person(city, name: str):
    if name == "anonymous":
        return AnonymousUser()
    if name == "hatless":
        return invite("hatless")
    if name == "inactive":
        user = city.bureau_officer
        user.is_active = False
        user.save()
        return user
    return getattr(city, name)


def objects_at(contract) -> dict[str, list]:
    """By room, what an act is done to at the estate of `contract`."""
    complaint = make_complaint()
    finding = make_finding(complaint, contract)
    return {
        "complaint": [complaint],
        "attribution": [finding, complaint],
        "incident": [complaint],
        "evaluation": [contract.estate],
        "talk": [make_talk(contract.company, contract.estate, state="rectifying")],
    }


@pytest.mark.parametrize("name", CAST)
def test_acts_of_a_person_are_those_of_the_hat_and_on_ones_own_objects(city, name):
    user = person(city, name)
    acts, places = CAST[name]
    assert {act for act in Act if may(user, act)} == acts
    for place, contract in (("here", city.contract), ("next door", city.other_contract)):
        done_to = {
            (act, obj)
            for room, objects in objects_at(contract).items()
            for act in Act
            for obj in objects
            if act.value.startswith(room)
        }
        allowed = {(act, obj) for act, obj in done_to if act in acts and place in places}
        assert {(act, obj) for act, obj in done_to if may(user, act, obj)} == allowed, place


@pytest.mark.parametrize("act", Act)
def test_act_is_open_to_who_holds_a_tracking_code_where_the_handbook_says_so(act):
    assert may_resident(act) is (act in RESIDENT_ACTS)


def test_every_act_stands_in_the_matrix():
    assert set(MATRIX) == set(Act)
    assert all(MATRIX.values()), "an act that nobody may do is dead"


def test_every_move_of_a_resident_is_an_act_and_a_move():
    assert set(RESIDENT_MOVES) <= RESIDENT_ACTS
    assert set(RESIDENT_MOVES.values()) <= set(MOVES)


def test_every_role_has_acts_of_its_own():
    for role in Role:
        assert any(role in roles for roles in MATRIX.values())


# Objects that change hands -----------------------------------------------------------------------


def test_act_goes_by_the_current_finding(city):
    complaint = make_complaint()
    finding = make_finding(complaint, city.contract)
    contested = contest(finding, by=city.firm_a_clerk, note="不是我们的")
    overturn(contested, by=city.bureau_officer, note="后苑的", estate=city.other_estate)
    assert not may(city.firm_a_clerk, Act.ANSWER, complaint)
    assert may(city.firm_b_clerk, Act.ANSWER, complaint)
    assert not may(city.community_officer, Act.VERIFY, complaint)
    assert may(city.officer_next_door, Act.VERIFY, complaint)


def test_act_on_a_complaint_that_nobody_has_been_found_for_is_the_bureaus_alone(city):
    unknown = make_complaint()
    nowhere = make_complaint()
    make_finding(nowhere, None)
    for complaint in (unknown, nowhere):
        assert not may(city.firm_a_clerk, Act.ANSWER, complaint)
        assert not may(city.community_officer, Act.VERIFY, complaint)
        assert may(city.bureau_officer, Act.CLOSE, complaint)


def test_act_on_a_finding_without_a_firm_is_open_to_no_firm(city):
    complaint = make_complaint()
    make_finding(complaint, None, estate=city.estate)
    finding = current_finding(complaint)
    assert not may(city.firm_a_clerk, Act.CONTEST, finding)
    assert may(city.community_officer, Act.VERIFY, complaint)


def test_act_on_a_firm_is_open_to_its_own_people(city):
    assert may(city.firm_a_clerk, Act.EXPORT, city.firm_a)
    assert not may(city.firm_b_clerk, Act.EXPORT, city.firm_a)


def test_talk_about_two_communities_is_verified_by_either(city):
    talk = make_talk(city.firm_a, city.estate, city.other_estate, state="rectifying")
    assert may(city.community_officer, Act.VERIFY_RECTIFICATION, talk)
    assert may(city.officer_next_door, Act.VERIFY_RECTIFICATION, talk)


# Hats --------------------------------------------------------------------------------------------


def test_person_with_two_hats_may_what_either_may(city):
    user = invite("two-hats")
    grant(user, Role.FIRM, company=city.firm_b)
    grant(user, Role.COMMUNITY, community=city.community)
    here, next_door = make_complaint(), make_complaint()
    make_finding(here, city.contract)
    make_finding(next_door, city.other_contract)
    assert may(user, Act.VERIFY, here)
    assert not may(user, Act.ANSWER, here)
    assert may(user, Act.ANSWER, next_door)
    assert not may(user, Act.VERIFY, next_door)


def test_person_who_has_lost_the_hat_may_nothing(city):
    revoke(Membership.objects.get(user=city.bureau_officer))
    officer = User.objects.get(pk=city.bureau_officer.pk)
    assert not any(may(officer, act) for act in Act)


def test_superuser_without_a_hat_may_nothing_here(city):
    user = invite("root")
    user.is_superuser = user.is_staff = True
    user.save()
    assert not any(may(user, act) for act in Act)
