"""What a person decides sets the rest in motion: read anew, found anew, taken back, sent on."""

import pytest
from django.core.exceptions import ValidationError

from complaints.actions import RESIDENT, SYSTEM, Actor, move
from complaints.models import Category, Complaint
from complaints.workflow import Move, State
from property_oversight.access.visibility import complaints_visible_to
from property_oversight.attribution.actions import contest, uphold
from property_oversight.attribution.models import Attribution, Reason
from property_oversight.attribution.queries import current_finding
from property_oversight.casework import decisions, pipeline
from property_oversight.reports.figures import waiting_for_bureau
from tests.factories import make_complaint, make_finding, moment

FIRM = Actor("firm")
LIFT = "江南小区三号楼电梯坏了三天没人修"


def processed(text: str = LIFT, **more) -> Complaint:
    complaint = make_complaint(text, **more)
    pipeline.process([complaint.pk])
    complaint.refresh_from_db()
    return complaint


def contested(city, complaint: Complaint) -> Attribution:
    return contest(current_finding(complaint), by=city.firm_a_clerk, note="不是我们的")


def test_correct_reading_sends_the_complaint_on_its_way(city, hesitant):
    complaint = processed("江南小区楼道垃圾没人扫")
    assert complaint.awaits_reading
    decisions.correct_reading(
        complaint, Category.objects.get(pk="cleaning"), by=city.bureau_officer, danger=True
    )
    complaint.refresh_from_db()
    assert (complaint.state, complaint.category_id) == (State.DISPATCHED, "cleaning")
    assert complaint.danger
    assert [event.kind for event in complaint.events.all()] == [
        "complaint.received", "complaint.read", "complaint.corrected", "complaint.dispatched",
    ]  # fmt: skip
    assert complaint.events.get(kind="complaint.corrected").by == city.bureau_officer


def test_correct_reading_keeps_what_the_model_had_read(city, hesitant):
    complaint = processed("江南小区楼道垃圾没人扫")
    guess = complaint.predictions.get()
    decisions.correct_reading(
        complaint, Category.objects.get(pk="cleaning"), by=city.bureau_officer
    )
    assert list(complaint.predictions.all()) == [guess]


def test_correct_reading_to_no_firms_matter_leaves_it_for_transfer(city, hesitant):
    complaint = processed("江南小区楼道垃圾没人扫")
    decisions.correct_reading(
        complaint, Category.objects.get(pk="noise_fumes"), by=city.bureau_officer
    )
    complaint.refresh_from_db()
    assert complaint.state == State.RECEIVED
    waiting = waiting_for_bureau(city.bureau_officer, moment(2026, 8, 3).date())
    assert complaint in waiting.to_transfer


def test_correct_reading_of_what_a_firm_has_already_leaves_it_for_transfer(city, serving):
    complaint = processed()
    decisions.correct_reading(
        complaint, Category.objects.get(pk="noise_fumes"), by=city.bureau_officer
    )
    complaint.refresh_from_db()
    assert complaint not in complaints_visible_to(city.firm_a_clerk)
    waiting = waiting_for_bureau(city.bureau_officer, moment(2026, 8, 3).date())
    assert complaint in waiting.to_transfer


def test_decide_estate_finds_a_firm_where_the_words_named_none(city, serving):
    complaint = processed("三号楼电梯坏了三天没人修")
    assert complaint.state == State.RECEIVED
    decisions.decide_estate(complaint, city.estate, by=city.bureau_officer, note="电话核实")
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert complaint in complaints_visible_to(city.firm_a_clerk)


def test_decide_estate_moves_the_complaint_from_the_wrong_firm_to_the_right_one(city, serving):
    complaint = processed()
    assert complaint in complaints_visible_to(city.firm_a_clerk)
    decisions.decide_estate(complaint, city.other_estate, by=city.bureau_officer, note="是后苑")
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert complaint not in complaints_visible_to(city.firm_a_clerk)
    assert complaint in complaints_visible_to(city.firm_b_clerk)
    running = [clock for clock in complaint.clocks.all() if clock.is_running]
    assert sorted((clock.kind, clock.round) for clock in running) == [("accept", 2), ("answer", 2)]


def test_decide_estate_takes_an_answer_of_the_wrong_firm_back(city, serving):
    complaint = processed()
    move(complaint, Move.ANSWER, by=FIRM, note="已修好")
    decisions.decide_estate(complaint, city.other_estate, by=city.bureau_officer)
    complaint.refresh_from_db()
    assert (complaint.state, complaint.resolved) == (State.DISPATCHED, None)


def test_decide_estate_of_a_case_that_is_closed_corrects_the_record_only(city, serving):
    complaint = processed()
    move(complaint, Move.ANSWER, by=FIRM, note="已修好")
    move(complaint, Move.CONFIRM, by=RESIDENT, resolved=True)
    decisions.decide_estate(complaint, city.other_estate, by=city.bureau_officer)
    complaint.refresh_from_db()
    assert (complaint.state, complaint.resolved) == (State.CLOSED, True)
    assert current_finding(complaint).company == city.firm_b


def test_overturn_recalls_the_complaint_and_sends_it_to_the_firm_it_concerns(city, serving):
    complaint = processed()
    move(complaint, Move.ACCEPT, by=FIRM)
    decisions.overturn(
        contested(city, complaint), by=city.bureau_officer, note="是后苑", estate=city.other_estate
    )
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert [event.kind for event in complaint.events.all()][-2:] == [
        "complaint.recalled",
        "complaint.dispatched",
    ]
    assert complaint.events.last().data["company_code"] == city.firm_b.code


def test_overturn_without_an_estate_leaves_the_complaint_for_transfer(city, serving):
    complaint = processed()
    finding = decisions.overturn(
        contested(city, complaint), by=city.bureau_officer, note="市政的电梯"
    )
    complaint.refresh_from_db()
    assert (finding.reason, complaint.state) == (Reason.NOBODYS, State.RECEIVED)
    assert not [clock for clock in complaint.clocks.all() if clock.is_running]
    waiting = waiting_for_bureau(city.bureau_officer, moment(2026, 8, 3).date())
    assert complaint in waiting.to_transfer
    assert pipeline.process([complaint.pk])["dispatch"] == 0


def test_overturn_of_what_nobody_contests_changes_nothing(city, serving):
    complaint = processed()
    with pytest.raises(ValidationError):
        decisions.overturn(current_finding(complaint), by=city.bureau_officer, note="手滑")
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert complaint.attributions.count() == 1


def test_upheld_finding_leaves_the_complaint_where_it_is(city, serving):
    complaint = processed()
    before = list(complaint.clocks.values())
    uphold(contested(city, complaint), by=city.bureau_officer, note="合同写明")
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert list(complaint.clocks.values()) == before


def test_upheld_finding_of_a_complaint_that_waited_is_dispatched(city, serving):
    complaint = make_complaint(category=Category.objects.get(pk="fees"))
    make_finding(complaint, city.contract)
    uphold(contested(city, complaint), by=city.bureau_officer, note="合同写明")
    assert pipeline.dispatch([complaint.pk]) == 1


def test_decision_about_a_withdrawn_complaint_wakes_nobody(city, serving):
    complaint = processed()
    move(complaint, Move.WITHDRAW, by=SYSTEM)
    decisions.decide_estate(complaint, city.other_estate, by=city.bureau_officer)
    complaint.refresh_from_db()
    assert complaint.state == State.WITHDRAWN
