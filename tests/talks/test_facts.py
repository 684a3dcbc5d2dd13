"""What is known of a firm in a quarter: late answers, joint complaints, the list of the city."""

from datetime import date

import pytest

from complaints.actions import RESIDENT, SYSTEM, Actor, move
from complaints.models import Complaint
from complaints.workflow import Move
from property_oversight.attribution.actions import contest
from property_oversight.attribution.incidents import group
from property_oversight.scoring.actions import run as score
from property_oversight.talks.facts import facts_of
from property_oversight.talks.triggers import EstateFacts, Facts
from tests.factories import (
    make_category,
    make_company,
    make_complaint,
    make_contract,
    make_estate,
    make_finding,
    moment,
)

FIRM = Actor("firm")
AFTER = date(2026, 10, 9)


def against(contract, matter: str = "fees", *, danger: bool = False, **more) -> Complaint:
    """A complaint that reached the firm on Monday, 3 August 2026; fees are due on the 17th."""
    complaint = make_complaint(category=make_category(matter), **more)
    Complaint.objects.filter(pk=complaint.pk).update(danger=danger)
    make_finding(complaint, contract)
    move(complaint, Move.DISPATCH, by=SYSTEM, at=moment(2026, 8, 3))
    return complaint


def facts(company, on: date = AFTER) -> Facts:
    found = dict(facts_of(score("2026Q3", as_of=on), on))
    return found[company]


def estate_facts(contract, on: date = AFTER) -> EstateFacts:
    return next(
        one for one in facts(contract.company, on).estates if one.estate == contract.estate.code
    )


def test_facts_hold_every_estate_of_every_firm(city):
    second = make_estate("西苑小区")
    make_contract(second, city.firm_a)
    known = facts(city.firm_a)
    assert (known.company, known.period) == (city.firm_a.code, "2026Q3")
    assert {(one.estate, one.name) for one in known.estates} == {
        (city.estate.code, "江南小区"),
        (second.code, "西苑小区"),
    }
    assert len(facts_of(score("2026Q3", as_of=AFTER), AFTER)) == 2


def test_facts_carry_score_and_burden_of_the_card(city):
    against(city.contract)
    score_run = score("2026Q3", as_of=AFTER)
    card = score_run.cards.get(contract=city.contract)
    known = estate_facts(city.contract)
    assert known.score == (card.score, card.low, card.high)
    assert known.incidents == 1
    assert known.burden == pytest.approx(1000 / card.household_months)


def test_facts_of_what_is_not_rated_have_no_score(db):
    contract = make_contract(make_estate(households=5), make_company())
    assert estate_facts(contract).score is None


@pytest.mark.parametrize(
    ("on", "late"),
    [(date(2026, 8, 17), False), (date(2026, 8, 18), True)],
)
def test_answer_is_overdue_when_its_last_day_is_over(city, on, late):
    complaint = against(city.contract)
    assert estate_facts(city.contract, on).overdue == ((complaint.pk,) if late else ())


@pytest.mark.parametrize(("answered_on", "late"), [(17, False), (18, True)])
def test_answer_that_came_late_is_overdue_for_ever(city, answered_on, late):
    complaint = against(city.contract)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, answered_on))
    known = estate_facts(city.contract)
    assert known.overdue == ((complaint.pk,) if late else ())
    assert known.judged == 1


def test_sign_in_that_came_late_is_no_late_answer(city):
    complaint = against(city.contract)
    move(complaint, Move.ACCEPT, by=FIRM, at=moment(2026, 8, 12))
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, 13))
    known = estate_facts(city.contract)
    assert (known.overdue, known.judged) == ((), 1)


def test_complaint_with_two_late_answers_is_named_once(city):
    complaint = against(city.contract)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, 20))
    move(complaint, Move.REDO, by=RESIDENT, at=moment(2026, 8, 21), resolved=False)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 9, 30))
    assert estate_facts(city.contract).overdue == (complaint.pk,)


def test_danger_that_was_not_answered_in_time_is_named(city):
    dangerous = against(city.contract, danger=True)
    harmless = against(city.contract)
    known = estate_facts(city.contract)
    assert known.danger_late == (dangerous.pk,)
    assert set(known.overdue) == {dangerous.pk, harmless.pk}


def test_facts_leave_out_what_the_firm_contests(city):
    complaint = against(city.contract, danger=True)
    contest(complaint.attributions.get(), by=city.firm_a_clerk, note="不是我们的")
    known = estate_facts(city.contract)
    assert (known.overdue, known.danger_late, known.judged) == ((), (), 0)


# Joint complaints --------------------------------------------------------------------------------


def neighbours(contract, phones: list[str]) -> list[Complaint]:
    """One lift, complained of from each of these telephones."""
    complaints = [against(contract, "lift", reporter_phone=phone) for phone in phones]
    group([complaint.attributions.get() for complaint in complaints])
    return complaints


def telephones(number: int) -> list[str]:
    return [f"199000010{n:02}" for n in range(number)]


@pytest.mark.parametrize(("households", "joint"), [(9, False), (10, True), (11, True)])
def test_joint_complaint_begins_at_ten_households(city, households, joint):
    complaints = neighbours(city.contract, telephones(households))
    found = estate_facts(city.contract).joint
    if joint:
        (incident,) = found
        assert (incident.matter, incident.households) == ("电梯", households)
        assert incident.complaints == tuple(complaint.pk for complaint in complaints)
    else:
        assert found == ()


def test_joint_complaint_counts_one_telephone_once(city):
    neighbours(city.contract, telephones(9) + telephones(5))
    assert estate_facts(city.contract).joint == ()


def test_joint_complaint_counts_who_gave_no_telephone_each(city):
    neighbours(city.contract, [*telephones(8), "", ""])
    (incident,) = estate_facts(city.contract).joint
    assert incident.households == 10


def test_joint_complaint_counts_nobody_who_has_withdrawn(city):
    complaints = neighbours(city.contract, telephones(10))
    move(complaints[0], Move.WITHDRAW, by=RESIDENT)
    assert estate_facts(city.contract).joint == ()


# The list of the city ----------------------------------------------------------------------------


def test_list_is_made_over_all_firms(city):
    for contract, number in ((city.contract, 6), (city.other_contract, 5)):
        for _each in range(number):
            against(contract)
    assert facts(city.firm_a).listed == {city.estate.code, city.other_estate.code}
    assert facts(city.firm_b).listed == facts(city.firm_a).listed


@pytest.mark.parametrize("number", [1, 3])
def test_facts_are_collected_in_a_fixed_number_of_queries(city, number, django_assert_num_queries):
    for _each in range(number):
        against(make_contract(make_estate(), make_company()))
    score_run = score("2026Q3", as_of=AFTER)
    with django_assert_num_queries(4):
        assert len(facts_of(score_run, AFTER)) == 2 + number
