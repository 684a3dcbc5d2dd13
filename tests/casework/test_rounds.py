"""Every quarter hour and every night: what stands still is taken up, what is over written down."""

from dataclasses import replace
from datetime import date

import pytest
import time_machine

from complaints.actions import RESIDENT, SYSTEM, Actor, move
from complaints.models import Clock, Complaint, ComplaintEvent
from complaints.workflow import Move, State
from ml import artifact
from property_oversight.attribution.actions import contest
from property_oversight.attribution.incidents import group
from property_oversight.attribution.models import Attribution
from property_oversight.casework import rounds
from property_oversight.evaluations.models import Evaluation
from property_oversight.petition.models import FeedEntry
from property_oversight.pricing.models import Guidance
from property_oversight.scoring.models import ScoreCard, ScoreRun
from property_oversight.talks.models import Talk, TalkEvent
from tests.factories import make_category, make_complaint, make_finding, moment

FIRM = Actor("firm")
LIFT = "江南小区三号楼电梯坏了三天没人修"


@pytest.fixture(autouse=True)
def clock():
    """Monday morning, until a test moves on."""
    with time_machine.travel(moment(2026, 8, 3), tick=False) as traveller:
        yield traveller


def at_the_firm(contract, matter: str = "fees") -> Complaint:
    complaint = make_complaint(category=make_category(matter))
    make_finding(complaint, contract)
    move(complaint, Move.DISPATCH, by=SYSTEM)
    return complaint


def answered(contract) -> Complaint:
    complaint = at_the_firm(contract)
    move(complaint, Move.ANSWER, by=FIRM, note="已修好")
    return complaint


def state_of(complaint: Complaint) -> str:
    return Complaint.objects.get(pk=complaint.pk).state


# A newer model -----------------------------------------------------------------------------------


def test_what_the_newer_model_is_sure_of_need_not_wait_for_a_person(
    city, serving, settings, tmp_path
):
    model, manifest = artifact.load(settings.MODEL_DIR)
    for name, threshold in (("shy", 1.01), ("bold", 0.6)):
        folder = tmp_path / name
        version = replace(manifest, version=name)
        artifact.save(model.set_params(threshold=threshold), version, folder, "")
    settings.MODEL_DIR = tmp_path / "shy"
    complaint = make_complaint(LIFT)
    rounds.quarter_hourly()
    assert state_of(complaint) == State.RECEIVED
    assert rounds.quarter_hourly()["read again"] == 0
    settings.MODEL_DIR = tmp_path / "bold"
    assert rounds.quarter_hourly()["read again"] == 1
    assert state_of(complaint) == State.DISPATCHED
    assert [row.model_version for row in complaint.predictions.all()] == ["bold", "shy"]
    assert rounds.quarter_hourly()["read again"] == 0


def test_without_a_model_nothing_is_read_again(city, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    assert rounds.read_again() == 0


# Stragglers --------------------------------------------------------------------------------------


def test_stragglers_are_taken_up_and_led_to_the_firm(city, serving):
    complaint = make_complaint(LIFT)
    assert rounds.take_up_stragglers() == 1
    assert state_of(complaint) == State.DISPATCHED
    assert rounds.take_up_stragglers() == 0


def unread(city) -> None:
    make_finding(make_complaint(), city.contract)


def unattributed(city) -> None:
    make_complaint(category=make_category("fees"))


def undispatched(city) -> None:
    make_finding(make_complaint(category=make_category("fees")), city.contract)


def ungrouped(city) -> None:
    at_the_firm(city.contract, "lift")


@pytest.mark.parametrize(
    "leave", [unread, unattributed, undispatched, ungrouped], ids=lambda leave: leave.__name__
)
def test_straggler_is_who_could_go_a_step_further(city, leave):
    leave(city)
    assert sum(map(len, rounds.stragglers())) == 1


def settled(city) -> None:
    group([at_the_firm(city.contract).attributions.get()])


def waits_for_a_reading(city) -> None:
    complaint = make_complaint(category=make_category("fees"))
    Complaint.objects.filter(pk=complaint.pk).update(category=None)
    make_finding(complaint, city.contract)


def waits_for_an_estate(city) -> None:
    make_finding(make_complaint(category=make_category("fees")), None)


def waits_for_a_verdict(city) -> None:
    finding = make_finding(make_complaint(category=make_category("fees")), city.contract)
    contest(finding, by=city.firm_a_clerk, note="不是我们的")


def waits_for_a_transfer(city) -> None:
    complaint = make_complaint(category=make_category("other_matter"))
    group([make_finding(complaint, city.contract)])


@pytest.mark.parametrize(
    "leave",
    [settled, waits_for_a_reading, waits_for_an_estate, waits_for_a_verdict, waits_for_a_transfer],
    ids=lambda leave: leave.__name__,
)
def test_straggler_is_nobody_who_waits_for_a_person(city, leave):
    leave(city)
    assert list(rounds.stragglers()) == []


def test_stragglers_come_in_chunks(city, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    keys = [make_complaint().pk for _each in range(5)]
    assert list(rounds.stragglers()) == [keys[:2], keys[2:4], keys[4:]]


# Clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "broken"),
    [
        (date(2026, 8, 4), 0),
        (date(2026, 8, 5), 1),  # signing in was due on the 4th
        (date(2026, 8, 17), 1),
        (date(2026, 8, 18), 2),  # and the answer on the 17th
    ],
)
def test_limit_is_overdue_when_its_last_day_is_over(city, on, broken):
    complaint = at_the_firm(city.contract)
    assert rounds.look_at_clocks(on) == broken
    assert complaint.events.filter(kind="complaint.overdue").count() == broken


def test_limit_is_written_down_as_overdue_once(city):
    complaint = at_the_firm(city.contract)
    assert rounds.look_at_clocks(date(2026, 9, 1)) == 2
    assert rounds.look_at_clocks(date(2026, 9, 1)) == 0
    assert rounds.look_at_clocks(date(2026, 9, 2)) == 0
    facts = [event.data for event in complaint.events.filter(kind="complaint.overdue")]
    assert sorted((one["clock"], one["due_on"], one["round"]) for one in facts) == [
        ("accept", "2026-08-04", 1),
        ("answer", "2026-08-17", 1),
    ]


def test_limit_that_was_met_or_stopped_is_never_overdue(city):
    answered(city.contract)
    move(at_the_firm(city.contract), Move.WITHDRAW, by=RESIDENT)
    assert rounds.look_at_clocks(date(2026, 12, 1)) == 0


# Lapses ------------------------------------------------------------------------------------------


def test_answer_without_a_word_lapses_after_ten_days(city, clock):
    complaint = answered(city.contract)
    clock.move_to(moment(2026, 8, 13))
    assert rounds.let_lapse() == 0
    clock.move_to(moment(2026, 8, 13, 9, 1))
    assert rounds.let_lapse() == 1
    assert state_of(complaint) == State.CLOSED
    assert rounds.let_lapse() == 0


def test_lapse_leaves_it_unknown_whether_the_matter_is_resolved(city, clock):
    complaint = answered(city.contract)
    clock.move_to(moment(2026, 9, 1))
    rounds.let_lapse()
    complaint.refresh_from_db()
    assert (complaint.resolved, complaint.satisfied) == (None, None)
    assert complaint.events.last().kind == "complaint.lapsed"


def test_lapse_spares_who_has_spoken(city, clock):
    complaint = answered(city.contract)
    move(complaint, Move.REDO, by=RESIDENT, note="还是坏的", resolved=False)
    clock.move_to(moment(2026, 9, 1))
    assert rounds.let_lapse() == 0
    move(complaint, Move.ANSWER, by=FIRM, note="这次修好了")
    assert rounds.let_lapse() == 0  # ten days from the new answer


# The rounds --------------------------------------------------------------------------------------


def test_quarter_hourly_round_says_what_it_did(city, serving, clock):
    make_complaint(LIFT)
    nothing = {"read again": 0, "stragglers": 0, "overdue": 0, "told": 0, "sent": 0}
    assert rounds.quarter_hourly() == nothing | {"stragglers": 1, "told": 4}
    clock.move_to(moment(2026, 8, 6))
    assert rounds.quarter_hourly() == nothing | {"overdue": 2, "told": 2}
    assert rounds.quarter_hourly() == nothing


def everything() -> list:
    models = (Complaint, ComplaintEvent, Clock, Attribution, Evaluation, ScoreRun, ScoreCard,
              Guidance, Talk, TalkEvent, FeedEntry)  # fmt: skip
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_nightly_round_scores_guides_and_proposes(city, categories, clock):
    for _each in range(3):
        at_the_firm(city.contract)
    answered(city.contract)
    clock.move_to(moment(2026, 10, 9, 2))
    counts = rounds.nightly()
    assert (counts["overdue"], counts["lapsed"]) == (6, 1)
    assert counts["talks 2026Q3"] >= 1
    assert counts["talks 2026Q4"] == 0
    assert set(ScoreRun.objects.values_list("period", flat=True)) == {"2026Q3", "2026Q4"}
    assert Guidance.objects.count() == 4
    assert not ScoreRun.objects.filter(published_at__isnull=False).exists()
    assert "T3-overdue" in Talk.objects.values_list("rule", flat=True)
    assert counts["told"] == FeedEntry.objects.count()


def test_nightly_round_a_second_time_changes_nothing(city, categories, clock):
    for _each in range(3):
        at_the_firm(city.contract)
    clock.move_to(moment(2026, 10, 9, 2))
    rounds.nightly()
    before = everything()
    again = rounds.nightly()
    assert set(again.values()) == {0}
    assert everything() == before


def test_nightly_round_of_a_city_without_contracts_goes_through(db):
    assert rounds.nightly(date(2026, 10, 9)) == {"overdue": 0, "lapsed": 0, "told": 0, "sent": 0}
