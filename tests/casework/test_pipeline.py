"""The story of a complaint from its words to the firm, step by step; every step may fail alone."""

from datetime import date

import pytest
import time_machine

from complaints.actions import SYSTEM, move
from complaints.models import Complaint, ComplaintEvent, Prediction
from complaints.workflow import Move, State
from property_oversight.attribution.actions import contest
from property_oversight.attribution.models import Attribution, Incident, Reason
from property_oversight.casework import pipeline
from property_oversight.casework.rounds import take_up_stragglers
from tests.factories import make_category, make_complaint, make_finding, moment

LIFT = "江南小区三号楼电梯坏了三天没人修"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        yield


def processed(text: str = LIFT, **more) -> Complaint:
    complaint = make_complaint(text, **more)
    pipeline.process([complaint.pk])
    complaint.refresh_from_db()
    return complaint


def kinds(complaint: Complaint) -> list[str]:
    return [event.kind for event in complaint.events.all()]


# The whole way -----------------------------------------------------------------------------------


def test_complaint_goes_the_whole_way_from_its_words_to_the_firm(city, serving):
    complaint = processed()
    assert complaint.state == State.DISPATCHED
    assert complaint.category_id == "lift"
    prediction = complaint.predictions.get()
    assert (prediction.category_id, prediction.abstained) == ("lift", False)
    finding = complaint.attributions.get()
    assert (finding.estate, finding.company) == (city.estate, city.firm_a)
    assert finding.incident is not None
    assert [(clock.kind, clock.due_on) for clock in complaint.clocks.order_by("kind")] == [
        ("accept", date(2026, 8, 4)),
        ("answer", date(2026, 8, 4)),  # a lift: one working day
    ]
    assert kinds(complaint) == ["complaint.received", "complaint.read", "complaint.dispatched"]
    assert complaint.events.last().data == {
        "from": "received",
        "to": "dispatched",
        "company_code": city.firm_a.code,
        "estate_code": city.estate.code,
    }


def test_process_says_how_many_each_step_moved_on(city, serving):
    keys = [make_complaint(text).pk for text in (LIFT, "后苑小区垃圾没人扫", "公交车不准点")]
    assert pipeline.process(keys) == {
        "read": 3,
        "attribute": 3,
        "join": 0,
        "group": 2,
        "dispatch": 2,
    }
    assert list(pipeline.STEPS) == ["read", "attribute", "join", "group", "dispatch"]


def everything() -> list:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Complaint, ComplaintEvent, Prediction, Attribution, Incident)
    ]


def test_process_a_second_time_changes_nothing(city, serving):
    keys = [make_complaint(text).pk for text in (LIFT, "后苑小区垃圾没人扫", "公交车不准点")]
    pipeline.process(keys)
    before = everything()
    assert set(pipeline.process(keys).values()) == {0}
    assert everything() == before


@pytest.mark.parametrize("name", pipeline.STEPS)
def test_step_asks_whether_it_has_been_done(city, serving, name):
    phone = "19900000001"
    keys = [make_complaint(LIFT, reporter_phone=phone).pk for _again in range(2)]
    for each, step in pipeline.STEPS.items():
        step(keys)
        if each == name:
            break
    before = everything()
    assert pipeline.STEPS[name](keys) == 0
    assert everything() == before


@pytest.mark.parametrize("name", pipeline.STEPS)
def test_step_of_nothing_is_nothing(serving, name):
    assert pipeline.STEPS[name]([]) == 0
    assert pipeline.STEPS[name]([4711]) == 0


# A step that fails -------------------------------------------------------------------------------


def test_process_goes_on_without_a_model_and_the_next_round_finishes(
    city, serving, settings, tmp_path, caplog
):
    model = settings.MODEL_DIR
    settings.MODEL_DIR = tmp_path / "nothing"
    complaint = make_complaint(LIFT)
    assert pipeline.process([complaint.pk]) == {
        "read": -1,
        "attribute": 1,
        "join": 0,
        "group": 0,
        "dispatch": 0,
    }
    assert "step read failed for 1 complaints" in caplog.text
    complaint.refresh_from_db()
    assert (complaint.state, complaint.read_at) == (State.RECEIVED, None)
    assert complaint.attributions.get().company == city.firm_a

    settings.MODEL_DIR = model
    assert take_up_stragglers() == 1
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert complaint.attributions.get().incident is not None
    assert take_up_stragglers() == 0


# What is not dispatched --------------------------------------------------------------------------


def test_complaint_about_no_firms_matter_is_read_and_not_dispatched(city, serving):
    complaint = processed("江南小区门口公交车不准点")
    assert (complaint.category_id, complaint.state) == ("other_matter", State.RECEIVED)
    assert not complaint.clocks.exists()


def test_complaint_that_was_not_surely_read_waits_for_a_person(city, hesitant):
    complaint = processed()
    assert complaint.awaits_reading
    assert complaint.predictions.get().abstained
    assert complaint.state == State.RECEIVED


def test_complaint_without_a_known_estate_waits_for_a_person(city, serving):
    complaint = processed("电梯坏了三天没人修")
    assert complaint.attributions.get().reason == Reason.NOT_FOUND
    assert (complaint.category_id, complaint.state) == ("lift", State.RECEIVED)


def test_complaint_about_a_day_without_a_contract_is_not_dispatched(city, serving):
    complaint = processed(occurred_on=date(2024, 12, 31))
    assert complaint.attributions.get().reason == Reason.NO_CONTRACT
    assert complaint.state == State.RECEIVED


def test_complaint_whose_firm_is_contested_is_not_dispatched(city):
    complaint = make_complaint(category=make_category("fees"))
    finding = make_finding(complaint, city.contract)
    contest(finding, by=city.firm_a_clerk, note="不是我们的")
    assert pipeline.dispatch([complaint.pk]) == 0
    assert Complaint.objects.get().state == State.RECEIVED


def test_complaint_that_a_person_has_withdrawn_meanwhile_is_left_alone(city):
    complaint = make_complaint(category=make_category("fees"))
    make_finding(complaint, city.contract)
    move(complaint, Move.WITHDRAW, by=SYSTEM)
    assert pipeline.dispatch([complaint.pk]) == 0


# Repeats and neighbours --------------------------------------------------------------------------


def test_repeat_of_one_person_is_joined_and_not_dispatched_again(city, serving):
    first = processed(reporter_phone="19900000001")
    again = processed("江南小区三号楼电梯坏了还是没人修", reporter_phone="19900000001")
    assert (again.state, again.joined_to) == (State.JOINED, first)
    first.refresh_from_db()
    assert first.state == State.DISPATCHED
    assert kinds(first)[-1] == "complaint.supplemented"


def test_neighbours_with_one_broken_lift_are_each_dispatched_and_one_incident(city, serving):
    neighbours = [processed(reporter_phone=f"1990000000{n}") for n in range(3)]
    assert {complaint.state for complaint in neighbours} == {State.DISPATCHED}
    assert Incident.objects.count() == 1


def test_danger_is_read_and_makes_the_clock_urgent(city, serving):
    plain, dangerous = (
        processed(text) for text in ("后苑小区物业费收了不开票", "后苑小区电梯困人没人管")
    )
    assert (plain.danger, dangerous.danger) == (False, True)
    assert plain.clocks.get(kind="answer").workdays == 10
    assert dangerous.clocks.get(kind="answer").workdays == 1
