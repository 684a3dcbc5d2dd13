"""Which model reads is a person's decision, made on figures, kept with its reason, undone in one
act."""

import shutil

import pytest
import time_machine
from django.core.exceptions import ValidationError

from complaints.actions import LONGEST_TEXT, SYSTEM, Actor
from complaints.classification import classify, folder_of, serving_model
from complaints.models import ModelDecision, TrainedModel
from complaints.promotion import promote, refuse, roll_back, why_not_better
from ml import artifact
from property_oversight.accounts.actions import invite
from tests.factories import make_candidate, make_comparison, make_complaint, moment


@pytest.fixture
def make(settings, small_model, categories, tmp_path):
    """Candidates as training leaves them, judged against the model in use."""
    shutil.copytree(small_model, tmp_path / "model")
    settings.MODEL_DIR = tmp_path / "model"
    return make_candidate


def states() -> dict[str, str]:
    return dict(TrainedModel.objects.values_list("version", "state"))


def refusal(act, *args, **more) -> str:
    before = (states(), ModelDecision.objects.count())
    with pytest.raises(ValidationError) as refused:
        act(*args, **more)
    assert (states(), ModelDecision.objects.count()) == before
    return refused.value.code


@pytest.mark.parametrize(
    ("comparison", "reasons"),
    [
        ({}, 0),
        ({"better": 2, "worse": 4, "chance": 0.34}, 0),  # worse, as chance would have it
        ({"better": 0, "worse": 6, "chance": 0.016}, 1),
        ({"recall": (0.8, 0.7)}, 1),
        ({"recall": (0.8, 0.8)}, 0),
        ({"recall": None}, 0),
        ({"better": 0, "worse": 6, "chance": 0.016, "recall": (0.8, 0.7)}, 2),
    ],
)
def test_what_speaks_against_a_candidate(comparison, reasons):
    assert len(why_not_better({"comparison": make_comparison(**comparison)})) == reasons


def test_nothing_speaks_where_nothing_was_make_comparison():
    assert why_not_better({}) == []


# Promoting --------------------------------------------------------------------------------------
def test_a_promoted_candidate_reads_and_the_decision_is_kept(make):
    officer, candidate = invite("officer"), make("first")
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        promote(candidate, by=Actor("bureau", officer))
    assert (candidate.state, candidate.replaced) == ("serving", None)
    complaint = make_complaint()
    classify([complaint])
    assert complaint.predictions.get().model_version == "first"
    decision = candidate.decisions.get()
    assert (decision.verb, decision.by, decision.at) == ("promote", officer, moment(2026, 8, 3))
    assert decision.figures == candidate.figures["comparison"]


def test_the_model_before_is_retired(make):
    first = make("first")
    promote(first, by=SYSTEM)
    second = make("second")
    promote(second, by=SYSTEM)
    assert states() == {"first": "retired", "second": "serving"}
    assert second.replaced == first


@pytest.mark.parametrize(
    "comparison", [{"better": 0, "worse": 6, "chance": 0.016}, {"recall": (0.8, 0.7)}]
)
def test_a_worse_candidate_needs_a_reason(make, comparison):
    candidate = make("first", **comparison)
    assert refusal(promote, candidate, by=SYSTEM) == "needs_reason"
    assert refusal(promote, candidate, by=SYSTEM, note="  ") == "needs_reason"
    promote(candidate, by=SYSTEM, note=" 新增了充电桩一类 ")
    assert candidate.decisions.get().note == "新增了充电桩一类"


def test_what_was_not_judged_is_not_promoted(make):
    candidate = make("first")
    candidate.figures = {"own": {}, "held_out": 49}
    candidate.save()
    assert refusal(promote, candidate, by=SYSTEM, note="急") == "not_judged"


def test_figures_against_another_model_do_not_count(make):
    first, second = make("first"), make("second")
    promote(first, by=SYSTEM)
    assert refusal(promote, second, by=SYSTEM, note="急") == "judged_against_another"


def test_what_serves_is_not_promoted_again(make):
    candidate = make("first")
    promote(candidate, by=SYSTEM)
    assert refusal(promote, candidate, by=SYSTEM) == "serves_already"


@pytest.mark.parametrize("missing", [artifact.MODEL, artifact.MANIFEST])
def test_a_broken_candidate_is_not_promoted(make, missing):
    candidate = make("first")
    (folder_of(candidate) / missing).unlink()
    assert refusal(promote, candidate, by=SYSTEM) == "broken"


def test_against_a_broken_model_nothing_can_be_judged(make):
    candidate = make("first")
    shutil.rmtree(folder_of(None))
    assert refusal(promote, candidate, by=SYSTEM) == "not_judged"


def test_the_later_of_two_officers_is_told(make):
    """Both saw the starter serve; while one gives a reason, the other promotes."""
    first, second = make("first"), make("second", recall=(0.8, 0.7))

    class Reason(str):
        def strip(self, *_args):
            TrainedModel.objects.filter(pk=first.pk).update(state="serving")
            return str(self)

    with pytest.raises(ValidationError) as told:
        promote(second, by=SYSTEM, note=Reason("急"))
    assert told.value.code == "somebody_was_faster"
    assert not ModelDecision.objects.exists()


# Refusing ---------------------------------------------------------------------------------------
def test_a_refused_candidate_never_serves_and_the_reason_is_kept(make):
    candidate = make("first")
    refuse(candidate, by=SYSTEM, note="漏了两件电梯困人")
    assert candidate.state == "refused"
    decision = candidate.decisions.get()
    assert (decision.verb, decision.note) == ("refuse", "漏了两件电梯困人")
    assert serving_model().version != "first"


def test_a_refusal_needs_a_reason_and_a_candidate(make):
    candidate = make("first")
    assert refusal(refuse, candidate, by=SYSTEM, note=" ") == "needs_reason"
    promote(candidate, by=SYSTEM)
    assert refusal(refuse, candidate, by=SYSTEM, note="不好") == "no_candidate"


def test_a_refused_candidate_can_be_thought_better_of(make):
    candidate = make("first")
    refuse(candidate, by=SYSTEM, note="再看看")
    promote(candidate, by=SYSTEM)
    assert [one.verb for one in candidate.decisions.all()] == ["promote", "refuse"]


def test_a_reason_is_no_book(make):
    for act in (promote, refuse):
        assert refusal(act, make(act.__name__), by=SYSTEM, note="长" * (LONGEST_TEXT + 1)) == (
            "text_too_long"
        )


# Rolling back -----------------------------------------------------------------------------------
def test_rolling_back_goes_the_whole_way_to_the_starter(make):
    starter = serving_model().version
    first = make("first")
    promote(first, by=SYSTEM)
    promote(make("second"), by=SYSTEM)
    assert roll_back(by=SYSTEM, note="改判突然多了") == first
    assert serving_model().version == "first"
    assert roll_back(by=SYSTEM) is None
    assert serving_model().version == starter
    assert states() == {"first": "retired", "second": "retired"}
    assert [(one.model.version, one.verb, one.note) for one in ModelDecision.objects.all()[:2]] == [
        ("first", "roll_back", ""),
        ("second", "roll_back", "改判突然多了"),
    ]
    assert refusal(roll_back, by=SYSTEM) == "nothing_before"


def test_rolling_back_works_where_the_model_in_use_is_broken(make):
    starter = serving_model().version
    candidate = make("first")
    promote(candidate, by=SYSTEM)
    shutil.rmtree(folder_of(candidate))
    roll_back(by=SYSTEM)
    assert serving_model().version == starter


def test_there_is_no_way_back_to_what_is_broken(make):
    promote(make("first"), by=SYSTEM)
    shutil.rmtree(folder_of(None))
    assert refusal(roll_back, by=SYSTEM) == "broken"


def test_what_was_rolled_back_can_be_promoted_again(make):
    starter = serving_model().version
    first = make("first")
    promote(first, by=SYSTEM)
    roll_back(by=SYSTEM)
    first.refresh_from_db()
    promote(first, by=SYSTEM)
    assert (first.state, first.replaced) == ("serving", None)
    roll_back(by=SYSTEM)
    assert serving_model().version == starter
