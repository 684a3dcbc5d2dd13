"""run_rounds: the rounds by hand, where no worker runs them."""

import time_machine

from complaints.models import Complaint
from complaints.workflow import State
from property_oversight.scoring.models import ScoreRun
from tests.factories import make_complaint, moment


def test_run_rounds_takes_up_what_stands_still(city, serving, command):
    make_complaint("江南小区三号楼电梯坏了三天没人修")
    said = command("run_rounds")
    assert said.code == 0
    assert said.out.startswith("stragglers 1，overdue ")
    assert Complaint.objects.get().state == State.DISPATCHED


def test_run_rounds_nightly_scores_as_well(city, categories, command):
    with time_machine.travel(moment(2026, 10, 9, 2), tick=False):
        said = command("run_rounds", nightly=True)
    assert said.code == 0
    assert "talks 2026Q3 0" in said.out
    assert ScoreRun.objects.count() == 2
