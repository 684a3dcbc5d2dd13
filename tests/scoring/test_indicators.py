"""The counts behind a score: each firm bears its own days and its own matters, each once."""

from datetime import date

import pytest

from complaints.actions import RESIDENT, SYSTEM, Actor, move
from complaints.classification import correct
from complaints.models import Complaint
from complaints.workflow import Move
from property_oversight.attribution.actions import contest, overturn, uphold
from property_oversight.attribution.incidents import group
from property_oversight.attribution.models import Attribution
from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience
from property_oversight.scoring.formula import Evidence
from property_oversight.scoring.indicators import counted_findings, evidence
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
AFTER = date(2026, 10, 31)
"""A day on which everything of the third quarter is known."""


def counts(contract, *, as_of: date = AFTER, period: str = "2026Q3") -> Evidence:
    """What is known of `contract`."""
    return next(one for served, one in evidence(period, as_of) if served == contract)


def against(contract, matter: str | None = "fees", **more) -> Complaint:
    """A complaint that was read and found to be about `contract`."""
    complaint = make_complaint(category=make_category(matter) if matter else None, **more)
    make_finding(complaint, contract)
    return complaint


def finding_of(complaint: Complaint) -> Attribution:
    return complaint.attributions.get(superseded_at=None)


# Exposure ----------------------------------------------------------------------------------------


def test_exposure_is_households_times_the_months_served(city):
    assert counts(city.contract).household_months == pytest.approx(920 * 92 / (365.25 / 12))


def test_exposure_is_split_at_a_hand_over_in_the_middle_of_the_quarter(db):
    estate = make_estate(households=1000)
    old = make_contract(estate, make_company(), ends_on=date(2026, 8, 15))
    new = make_contract(estate, make_company(), starts_on=date(2026, 8, 15))
    month = 365.25 / 12
    assert counts(old).household_months == pytest.approx(1000 * 45 / month)
    assert counts(new).household_months == pytest.approx(1000 * 47 / month)
    against(old, occurred_on=date(2026, 8, 14))
    against(new, occurred_on=date(2026, 8, 15))
    assert (counts(old).complaints, counts(new).complaints) == (1, 1)


@pytest.mark.parametrize(
    ("as_of", "days"),
    [(date(2026, 7, 1), 1), (date(2026, 7, 31), 31), (date(2026, 9, 30), 92), (AFTER, 92)],
)
def test_exposure_ends_with_the_day_up_to_which_the_data_go(city, as_of, days):
    expected = 920 * days / (365.25 / 12)
    assert counts(city.contract, as_of=as_of).household_months == pytest.approx(expected)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2025, 1, 1), date(2026, 7, 1)),
        (date(2026, 10, 1), None),
    ],
)
def test_evidence_leaves_out_contracts_of_other_quarters(db, starts_on, ends_on):
    make_contract(make_estate(), make_company(), starts_on=starts_on, ends_on=ends_on)
    assert evidence("2026Q3", AFTER) == []


def test_evidence_lists_contracts_in_a_fixed_order(db):
    company = make_company()
    for code in ("E9", "E1", "E5"):
        make_contract(make_estate(code=code), company)
    rows = evidence("2026Q3", AFTER)
    assert [contract.estate.code for contract, _one in rows] == ["E1", "E5", "E9"]


# What counts -------------------------------------------------------------------------------------


def withdrawn(city) -> None:
    move(against(city.contract), Move.WITHDRAW, by=RESIDENT)


def joined(city) -> None:
    repeat = against(city.contract)
    move(repeat, Move.JOIN, by=SYSTEM, joined_to=make_complaint())


def contested(city) -> None:
    contest(finding_of(against(city.contract)), by=city.firm_a_clerk, note="不是我们的")


def nobodys(city) -> None:
    finding = finding_of(against(city.contract))
    disputed = contest(finding, by=city.firm_a_clerk, note="不是我们的")
    overturn(disputed, by=city.bureau_officer, note="确实不是")


def anothers(city) -> None:
    finding = finding_of(against(city.contract))
    disputed = contest(finding, by=city.firm_a_clerk, note="不是我们的")
    overturn(disputed, by=city.bureau_officer, note="后苑的", estate=city.other_estate)


def not_a_firms_matter(city) -> None:
    against(city.contract, "other_matter")


def corrected_to_another_matter(city) -> None:
    correct(against(city.contract), make_category("other_matter"), by=SYSTEM)


def unread(city) -> None:
    against(city.contract, matter=None)


def before_the_quarter(city) -> None:
    against(city.contract, occurred_on=date(2026, 6, 30))


def after_the_quarter(city) -> None:
    against(city.contract, received_at=moment(2026, 10, 1))


def known_too_late(city) -> None:
    against(city.contract, occurred_on=date(2026, 9, 30), received_at=moment(2026, 11, 1, 0, 0))


@pytest.mark.parametrize(
    "happens",
    [withdrawn, joined, contested, nobodys, anothers, not_a_firms_matter,
     corrected_to_another_matter, unread, before_the_quarter, after_the_quarter, known_too_late],
    ids=lambda happens: happens.__name__,
)  # fmt: skip
def test_complaint_is_not_counted_against_a_firm_that_it_does_not_concern(city, happens):
    happens(city)
    assert counts(city.contract) == Evidence(
        contract=city.contract.pk, household_months=counts(city.contract).household_months
    )


def test_complaint_is_counted_against_the_firm_that_it_does_concern(city):
    anothers(city)
    assert (counts(city.contract).complaints, counts(city.other_contract).complaints) == (0, 1)


def test_complaint_is_counted_again_once_the_bureau_has_upheld_the_finding(city):
    disputed = contest(finding_of(against(city.contract)), by=city.firm_a_clerk, note="不是")
    assert counts(city.contract).complaints == 0
    uphold(disputed, by=city.bureau_officer, note="是")
    assert counts(city.contract).complaints == 1


def test_complaint_of_the_first_and_the_last_day_is_counted(city):
    against(city.contract, occurred_on=date(2026, 7, 1))
    against(city.contract, occurred_on=date(2026, 9, 30), received_at=moment(2026, 10, 31, 23, 59))
    assert counts(city.contract).complaints == 2


def test_counted_findings_are_current_ones(city):
    complaint = against(city.contract)
    anothers(city)
    found = counted_findings(date(2026, 7, 1), date(2026, 10, 1), AFTER)
    assert found.count() == 2
    assert finding_of(complaint) in found


# Incidents ---------------------------------------------------------------------------------------


def test_incident_of_twelve_neighbours_is_counted_once(city):
    neighbours = [against(city.contract, "lift") for _household in range(12)]
    against(city.contract, "fees")
    group([finding_of(complaint) for complaint in neighbours])
    known = counts(city.contract)
    assert (known.complaints, known.incidents) == (13, 2)


def test_incident_read_as_several_kinds_and_a_repeat_in_it_are_counted_once(city):
    neighbours = [against(city.contract, kind) for kind in ("facilities", "service_conduct")]
    others = against(city.contract, "other_matter")  # no firm's matter as it was read
    group([finding_of(complaint) for complaint in [*neighbours, others]])
    repeat = against(city.contract, "facilities")
    group([finding_of(repeat)])
    move(repeat, Move.JOIN, by=SYSTEM, joined_to=neighbours[0])
    known = counts(city.contract)
    assert (known.complaints, known.incidents) == (2, 1)


def test_incident_over_the_turn_of_a_quarter_counts_once_in_each(city):
    said = [
        against(city.contract, "facilities", received_at=moment(2026, month, day))
        for month, day in ((9, 20), (9, 28), (10, 3), (10, 9))
    ]
    group([finding_of(complaint) for complaint in said])
    for period in ("2026Q3", "2026Q4"):
        known = counts(city.contract, period=period)
        assert (known.complaints, known.incidents) == (2, 1)


def test_incident_is_gone_when_all_who_complained_have_withdrawn(city):
    neighbours = [against(city.contract, "lift") for _household in range(2)]
    group([finding_of(complaint) for complaint in neighbours])
    for complaint in neighbours:
        move(complaint, Move.WITHDRAW, by=RESIDENT)
    assert counts(city.contract).incidents == 0


# What residents say ------------------------------------------------------------------------------


def answered(contract, **more) -> Complaint:
    complaint = against(contract, **more)
    move(complaint, Move.DISPATCH, by=SYSTEM, at=moment(2026, 8, 3))
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, 5))
    return complaint


def test_silence_is_in_no_share(city):
    move(answered(city.contract), Move.LAPSE, by=SYSTEM)
    answered(city.contract)  # still waiting for a word
    known = counts(city.contract)
    assert (known.asked, known.resolved, known.rated, known.satisfied) == (0, 0, 0, 0)
    assert known.complaints == 2


def test_word_of_a_resident_is_counted_as_it_was_given(city):
    for resolved, satisfied in ((True, True), (True, False), (True, None), (False, None)):
        move(answered(city.contract), Move.CONFIRM, by=RESIDENT, resolved=resolved,
             satisfied=satisfied)  # fmt: skip
    known = counts(city.contract)
    assert (known.asked, known.resolved) == (4, 3)
    assert (known.rated, known.satisfied) == (2, 1)


def test_word_of_a_resident_about_the_wrong_firm_is_not_held_against_the_right_one(city):
    complaint = answered(city.contract)
    move(complaint, Move.REDO, by=RESIDENT, resolved=False, at=moment(2026, 8, 6))
    assert counts(city.contract).asked == 1
    disputed = contest(finding_of(complaint), by=city.firm_a_clerk, note="不是我们的")
    overturn(disputed, by=city.bureau_officer, note="后苑的", estate=city.other_estate)
    move(complaint, Move.RECALL, by=SYSTEM)
    known = counts(city.other_contract)
    assert (known.complaints, known.asked, known.resolved) == (1, 0, 0)


# Clocks ------------------------------------------------------------------------------------------


def dispatched(contract, *, day: int = 3, matter: str = "fees", **more) -> Complaint:
    """A complaint that reached the firm on a day of August 2026; the third is a Monday."""
    complaint = against(contract, matter, **more)
    move(complaint, Move.DISPATCH, by=SYSTEM, at=moment(2026, 8, day))
    return complaint


def judged(contract, as_of: date = AFTER) -> tuple[int, int]:
    known = counts(contract, as_of=as_of)
    return known.judged, known.on_time


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 8, 16), (0, 0)),
        (date(2026, 8, 17), (0, 0)),  # the tenth working day: there is time until midnight
        (date(2026, 8, 18), (1, 0)),
    ],
)
def test_clock_is_judged_when_its_last_day_is_over(city, as_of, expected):
    dispatched(city.contract)
    assert judged(city.contract, as_of) == expected


@pytest.mark.parametrize(
    ("answered_on", "expected"), [(4, (1, 1)), (17, (1, 1)), (18, (1, 0)), (31, (1, 0))]
)
def test_clock_is_met_by_an_answer_on_its_last_day(city, answered_on, expected):
    complaint = dispatched(city.contract)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, answered_on))
    assert judged(city.contract) == expected


def test_clock_that_was_met_early_is_judged_before_it_was_due(city):
    complaint = dispatched(city.contract)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, 4))
    assert judged(city.contract, date(2026, 8, 4)) == (1, 1)


def test_clock_of_the_sign_in_is_not_taken_for_an_answer(city):
    complaint = dispatched(city.contract)
    move(complaint, Move.ACCEPT, by=FIRM, at=moment(2026, 8, 10))  # four working days late
    assert judged(city.contract, date(2026, 8, 12)) == (0, 0)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, 12))
    assert judged(city.contract) == (1, 1)


def test_clock_of_every_round_is_judged(city):
    complaint = dispatched(city.contract)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, 4))
    move(complaint, Move.REDO, by=RESIDENT, at=moment(2026, 8, 5), resolved=False)
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 9, 1))
    assert judged(city.contract) == (2, 1)


def test_clock_that_was_stopped_is_not_judged(city):
    move(dispatched(city.contract), Move.TRANSFER, by=SYSTEM, at=moment(2026, 8, 4))
    assert judged(city.contract) == (0, 0)


@pytest.mark.parametrize("answers", [True, False])
def test_clock_of_a_firm_that_was_found_by_mistake_is_not_judged_against_the_next(city, answers):
    complaint = dispatched(city.contract)
    if answers:
        move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 8, 28))  # late
    disputed = contest(finding_of(complaint), by=city.firm_a_clerk, note="不是我们的")
    overturn(disputed, by=city.bureau_officer, note="后苑的", estate=city.other_estate)
    move(complaint, Move.RECALL, by=SYSTEM, at=moment(2026, 8, 31))
    move(complaint, Move.DISPATCH, by=SYSTEM, at=moment(2026, 8, 31))
    move(complaint, Move.ANSWER, by=FIRM, at=moment(2026, 9, 1))
    assert judged(city.contract) == (0, 0)
    assert judged(city.other_contract) == (1, 1)


# Evaluations -------------------------------------------------------------------------------------


def test_evaluations_of_each_audience_go_to_the_contract_of_the_quarter(city):
    quarter = open_quarter("2026Q3")
    for audience, evaluator, points in (
        (Audience.COMMUNITY, "C001", 60),
        (Audience.OWNERS, "甲", 70),
        (Audience.OWNERS, "乙", 80),
        (Audience.SITE, "检查组", 90),
    ):
        evaluate(quarter, audience, city.estate, evaluator=evaluator, on=date(2026, 9, 30),
                 points=points)  # fmt: skip
    known = counts(city.contract)
    assert (known.community, known.owners, known.site) == ((60.0, 1), (75.0, 2), (90.0, 1))
    unsaid = counts(city.other_contract)
    assert (unsaid.community, unsaid.owners, unsaid.site) == (None, None, None)


@pytest.mark.parametrize("number", [1, 3])
def test_evidence_is_gathered_in_a_fixed_number_of_queries(city, number, django_assert_num_queries):
    for _each in range(number):
        dispatched(make_contract(make_estate(), make_company()))
    with django_assert_num_queries(6):
        assert len(evidence("2026Q3", AFTER)) == 2 + number
