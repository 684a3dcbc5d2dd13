"""A candidate is trained when an officer asks, once at a time, and a failure is told."""

import shutil

import pytest
from celery.app.task import Task
from django.core.exceptions import ValidationError
from kombu.exceptions import OperationalError

from complaints.actions import RESIDENT
from complaints.classification import correct, folder_of
from complaints.models import TrainedModel
from complaints.training import FEWEST_TO_JUDGE, is_held_out
from property_oversight.casework import decisions, retraining
from tests.factories import make_category, make_complaint


def confirm_some(wanted: int = 6, *, held_out: bool = False) -> None:
    for number in range(wanted):
        complaint = make_complaint("占位")
        while is_held_out(complaint.pk) != held_out:
            complaint = make_complaint("占位")
        complaint.text = f"充电桩{chr(0x4E10 + number)}{'灭' if held_out else '跳闸'}"
        complaint.save()
        correct(complaint, make_category("ev_charging"), by=RESIDENT)


def test_what_is_asked_for_is_trained(house):
    confirm_some()
    decisions.ask_for_candidate()
    assert TrainedModel.objects.get().confirmed_rows == 6
    assert not retraining.is_under_way()
    assert retraining.last_failure() == ""


def test_one_at_a_time(house):
    confirm_some()
    retraining.claim()
    assert retraining.is_under_way()
    with pytest.raises(ValidationError) as refused:
        decisions.ask_for_candidate()
    assert refused.value.code == "under_way"
    retraining.release()
    decisions.ask_for_candidate()
    assert TrainedModel.objects.count() == 1


def test_why_nothing_came_of_it_is_told_until_something_does(house):
    decisions.ask_for_candidate()
    assert "没有新的人工读件" in retraining.last_failure()
    confirm_some()
    shutil.move(house / "corpus", house / "elsewhere")
    decisions.ask_for_candidate()
    assert retraining.last_failure()
    assert not retraining.is_under_way()
    shutil.move(house / "elsewhere", house / "corpus")
    decisions.ask_for_candidate()
    assert retraining.last_failure() == ""
    assert TrainedModel.objects.count() == 1


def test_where_the_queue_is_away_the_officer_is_told(house, monkeypatch):
    def no_broker(*args, **more):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(Task, "apply_async", no_broker)
    with pytest.raises(ValidationError) as refused:
        decisions.ask_for_candidate()
    assert refused.value.code == "queue_away"
    assert not retraining.is_under_way()


def test_a_candidate_is_judged_by_what_is_confirmed_by_now(house):
    confirm_some()
    decisions.ask_for_candidate()
    candidate = TrainedModel.objects.get()
    assert "comparison" not in candidate.figures
    confirm_some(FEWEST_TO_JUDGE, held_out=True)
    retraining.judge(candidate)
    assert candidate.figures["comparison"]["texts"] == FEWEST_TO_JUDGE
    shutil.rmtree(folder_of(candidate))
    with pytest.raises(ValidationError) as refused:
        retraining.judge(candidate)
    assert refused.value.code == "broken"
    assert TrainedModel.objects.get().figures == candidate.figures
    candidate.state = "serving"
    with pytest.raises(ValidationError) as refused:
        retraining.judge(candidate)
    assert refused.value.code == "serves_already"
