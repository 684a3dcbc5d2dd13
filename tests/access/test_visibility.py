"""What each person sees: one queryset a person, for list and page alike; strangers see nothing."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from complaints.actions import SYSTEM, Actor, move
from complaints.classification import correct
from complaints.models import Complaint
from complaints.workflow import Move, State
from property_oversight.access import visibility as see
from property_oversight.accounts.actions import grant, invite
from property_oversight.accounts.models import Role
from property_oversight.attribution.actions import contest, decide
from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience
from property_oversight.scoring import actions as scoring
from property_oversight.talks.workflow import State as TalkState
from tests.factories import make_category, make_complaint, make_finding, make_talk

FIRM = Actor("firm")
NOBODY = ("anonymous", "hatless", "inactive")
EVERYBODY = ("firm_a_clerk", "firm_b_clerk", "community_officer", "officer_next_door",
             "bureau_officer", "petition_clerk", *NOBODY)  # fmt: skip


def person(city, name: str):
    if name == "anonymous":
        return AnonymousUser()
    if name == "hatless":
        return invite("hatless")
    if name == "inactive":
        user = invite("inactive")
        grant(user, Role.BUREAU)
        user.is_active = False
        user.save()
        return user
    return getattr(city, name)


def against(contract, *steps: Move, matter: str = "fees") -> Complaint:
    """A complaint at the estate of `contract`, after these steps."""
    complaint = make_complaint(category=make_category(matter))
    make_finding(complaint, contract)
    for step in steps:
        move(complaint, step, by=SYSTEM)
    return complaint


# Complaints --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("firm_a_clerk", {"here"}),
        ("firm_b_clerk", {"next door"}),
        ("community_officer", {"here"}),
        ("officer_next_door", {"next door"}),
        ("bureau_officer", {"here", "next door", "nowhere"}),
        ("petition_clerk", {"here", "next door", "nowhere"}),
        *[(name, set()) for name in NOBODY],
    ],
)
def test_complaints_are_seen_by_whom_they_concern(city, name, seen):
    complaints = {
        "here": against(city.contract, Move.DISPATCH),
        "next door": against(city.other_contract, Move.DISPATCH),
        "nowhere": against(None),
    }
    visible = see.complaints_visible_to(person(city, name))
    assert set(visible) == {complaints[place] for place in seen}
    for place, complaint in complaints.items():  # the page is as closed as the list
        assert visible.filter(pk=complaint.pk).exists() is (place in seen)


WAYS = {
    State.RECEIVED: (),
    State.DISPATCHED: (Move.DISPATCH,),
    State.IN_PROGRESS: (Move.DISPATCH, Move.ACCEPT),
    State.ANSWERED: (Move.DISPATCH, Move.ANSWER),
    State.CLOSED: (Move.DISPATCH, Move.ANSWER, Move.CONFIRM),
    State.TRANSFERRED: (Move.DISPATCH, Move.TRANSFER),
    State.WITHDRAWN: (Move.DISPATCH, Move.WITHDRAW),
}


def joined(contract) -> Complaint:
    complaint = against(contract)
    move(complaint, Move.JOIN, by=SYSTEM, joined_to=make_complaint())
    return complaint


@pytest.mark.parametrize("state", State)
def test_firm_sees_what_has_reached_it_and_not_what_is_received_joined_or_withdrawn(city, state):
    if state == State.JOINED:
        complaint = joined(city.contract)
    else:
        complaint = against(city.contract, *WAYS[state])
    assert complaint.state == state
    hidden = state in {State.RECEIVED, State.JOINED, State.WITHDRAWN}
    assert (complaint in see.complaints_visible_to(city.firm_a_clerk)) is not hidden
    assert complaint in see.complaints_visible_to(city.community_officer)
    assert complaint in see.complaints_visible_to(city.bureau_officer)


def test_firm_does_not_see_what_turned_out_to_be_no_firms_matter(city):
    complaint = against(city.contract, Move.DISPATCH)
    correct(complaint, make_category("other_matter"), by=SYSTEM)
    assert complaint not in see.complaints_visible_to(city.firm_a_clerk)
    assert complaint in see.complaints_visible_to(city.community_officer)


def test_firm_sees_what_it_contests_until_that_is_decided(city):
    complaint = against(city.contract, Move.DISPATCH)
    contest(complaint.attributions.get(), by=city.firm_a_clerk, note="不是我们的")
    assert complaint in see.complaints_visible_to(city.firm_a_clerk)
    decide(complaint, city.other_estate, by=city.bureau_officer)
    assert complaint not in see.complaints_visible_to(city.firm_a_clerk)
    assert complaint in see.complaints_visible_to(city.firm_b_clerk)


def test_person_with_two_hats_sees_what_either_sees(city):
    user = invite("two-hats")
    grant(user, Role.FIRM, company=city.firm_b)
    grant(user, Role.COMMUNITY, community=city.community)
    here = against(city.contract)
    next_door = against(city.other_contract, Move.DISPATCH)
    against(city.other_contract)  # received only: not yet the firm's
    assert set(see.complaints_visible_to(user)) == {here, next_door}


@pytest.mark.parametrize("code", ["{}", " {} ", "lower"])
def test_complaint_is_found_by_its_tracking_code_as_people_type_it(db, code):
    complaint = make_complaint()
    typed = (
        complaint.tracking_code.lower() if code == "lower" else code.format(complaint.tracking_code)
    )
    assert see.complaint_by_tracking_code(typed).get() == complaint


@pytest.mark.parametrize("code", ["", "AAAA", "external"])
def test_complaint_is_not_found_by_anything_else(db, code):
    complaint = make_complaint()
    typed = complaint.external_id if code == "external" else code
    assert not see.complaint_by_tracking_code(typed).exists()


@pytest.mark.parametrize("number", [1, 3])
def test_complaints_come_with_everything_in_a_fixed_number_of_queries(
    city, number, django_assert_num_queries
):
    for _each in range(number):
        against(city.contract, Move.DISPATCH)
    with django_assert_num_queries(7):
        for complaint in see.complaints_visible_to(city.firm_a_clerk):
            finding = see.finding_of(complaint)
            assert (finding.estate.community, finding.company) == (city.community, city.firm_a)
            assert complaint.category.name
            assert len(complaint.clocks.all()) == 2
            assert [len(event.attachments.all()) for event in complaint.events.all()] == [0, 0]
            assert list(complaint.predictions.all()) == []


def test_finding_of_a_complaint_without_one_is_none(city):
    make_complaint()
    (complaint,) = see.complaints_visible_to(city.bureau_officer)
    assert see.finding_of(complaint) is None


# Searching ---------------------------------------------------------------------------------------


def found(user, text: str) -> bool:
    return see.complaints_matching(user, see.complaints_visible_to(user), text).exists()


@pytest.mark.parametrize("text", ["T-4711", "物业费", "江南", "鼎盛"])
def test_search_finds_by_number_matter_estate_and_firm(city, text):
    complaint = make_complaint(external_id="T-4711", category=make_category("fees"))
    make_finding(complaint, city.contract)
    move(complaint, Move.DISPATCH, by=SYSTEM)
    assert found(city.firm_a_clerk, text)
    assert found(city.bureau_officer, text)
    assert not found(city.firm_b_clerk, text)


@pytest.mark.parametrize("text", ["王秀英", "19900001234", "漏水"])
def test_search_does_not_tell_a_firm_who_complained(city, text):
    complaint = make_complaint("王秀英家漏水", category=make_category("fees"),
                               reporter_name="王秀英", reporter_phone="19900001234")  # fmt: skip
    make_finding(complaint, city.contract)
    move(complaint, Move.DISPATCH, by=SYSTEM)
    for name in ("firm_a_clerk", "community_officer", "petition_clerk"):
        assert not found(getattr(city, name), text)
    assert found(city.bureau_officer, text)


# Scores ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERYBODY)
def test_cards_are_everybodys_once_published_and_the_bureaus_before(city, name):
    user = person(city, name)
    made = scoring.run("2026Q3", as_of=date(2026, 10, 31))
    assert see.cards_visible_to(user).exists() is (name == "bureau_officer")
    assert see.runs_visible_to(user).exists() is (name == "bureau_officer")
    scoring.publish(made)
    assert {card.company for card in see.cards_visible_to(user)} == {city.firm_a, city.firm_b}
    assert see.runs_visible_to(user).exists() is (name == "bureau_officer")


def test_cards_of_a_new_run_are_not_seen_until_it_is_published(city):
    published = scoring.publish(scoring.run("2026Q3", as_of=date(2026, 10, 31)))
    against(city.contract)
    scoring.run("2026Q3", as_of=date(2026, 10, 31))
    assert {card.run for card in see.cards_visible_to(city.firm_a_clerk)} == {published}
    assert len({card.run for card in see.cards_visible_to(city.bureau_officer)}) == 2


# Talks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("firm_a_clerk", {"here"}),
        ("firm_b_clerk", {"next door"}),
        ("community_officer", {"here"}),
        ("officer_next_door", {"next door"}),
        ("bureau_officer", {"here", "next door"}),
        ("petition_clerk", {"here", "next door"}),
        *[(name, set()) for name in NOBODY],
    ],
)
def test_talks_are_seen_by_whom_they_concern(city, name, seen):
    talks = {
        "here": make_talk(city.firm_a, city.estate, state=TalkState.NOTICED),
        "next door": make_talk(city.firm_b, city.other_estate, state=TalkState.NOTICED),
    }
    visible = see.talks_visible_to(person(city, name))
    assert set(visible) == {talks[place] for place in seen}


@pytest.mark.parametrize("state", TalkState)
def test_talks_are_shown_to_firm_and_community_once_they_are_decided_on(city, state):
    talk = make_talk(city.firm_a, city.estate, state=state)
    decided = state not in {TalkState.PROPOSED, TalkState.WITHDRAWN}
    for name in ("firm_a_clerk", "community_officer"):
        assert (talk in see.talks_visible_to(getattr(city, name))) is decided
    for name in ("bureau_officer", "petition_clerk"):
        assert talk in see.talks_visible_to(getattr(city, name))


def test_talk_about_two_estates_of_a_community_is_listed_once(city):
    city.other_estate.community = city.community
    city.other_estate.save()
    make_talk(city.firm_a, city.estate, city.other_estate, state=TalkState.NOTICED)
    assert len(see.talks_visible_to(city.community_officer)) == 1


# Evaluations -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("firm_a_clerk", {50.0}),
        ("firm_b_clerk", {90.0}),
        ("community_officer", {50.0}),
        ("officer_next_door", {90.0}),
        ("bureau_officer", {50.0, 90.0}),
        ("petition_clerk", set()),
        *[(name, set()) for name in NOBODY],
    ],
)
def test_evaluations_are_seen_by_who_gave_them_whom_they_concern_and_the_bureau(city, name, seen):
    quarter = open_quarter("2026Q3")
    for estate, points in ((city.estate, 50), (city.other_estate, 90)):
        evaluate(quarter, Audience.COMMUNITY, estate, evaluator=estate.community.code,
                 on=date(2026, 10, 9), points=points)  # fmt: skip
    visible = see.evaluations_visible_to(person(city, name))
    assert {one.points for one in visible} == seen


def test_evaluations_that_were_superseded_are_not_shown(city):
    quarter = open_quarter("2026Q3")
    for points in (50, 60):
        evaluate(quarter, Audience.COMMUNITY, city.estate, evaluator="C001",
                 on=date(2026, 10, 9), points=points)  # fmt: skip
    assert [one.points for one in see.evaluations_visible_to(city.bureau_officer)] == [60]
