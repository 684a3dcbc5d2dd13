"""propose_talks: for the quarter before a day and the one it lies in; dry, it only tells."""

from datetime import date

import pytest
import time_machine

from complaints.actions import SYSTEM, move
from complaints.workflow import Move
from property_oversight.scoring.actions import run
from property_oversight.talks.models import Talk
from tests.factories import make_category, make_complaint, make_finding, moment

BECAUSE = "鼎盛物业服务有限公司 T3-overdue：3 件到期应答复的投诉中有 3 件逾期（江南小区）"


@pytest.fixture
def neglected(city):
    """Firm A has let three complaints of August lie; the third quarter has been scored."""
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        for _each in range(3):
            complaint = make_complaint(category=make_category("fees"))
            make_finding(complaint, city.contract)
            move(complaint, Move.DISPATCH, by=SYSTEM)
    run("2026Q3", as_of=date(2026, 10, 9))


def test_propose_talks_writes_proposals_once(neglected, command):
    said = command("propose_talks", "--on", "2026-10-09")
    assert said.code == 0
    assert BECAUSE in said.out.splitlines()
    count = Talk.objects.count()
    assert count == len(said.out.splitlines())
    assert command("propose_talks", "--on", "2026-10-09") == (0, "", "")
    assert Talk.objects.count() == count


def test_propose_talks_dry_tells_the_same_and_writes_nothing(neglected, command):
    dry = command("propose_talks", "--on", "2026-10-09", "--dry-run")
    assert not Talk.objects.exists()
    assert dry == command("propose_talks", "--on", "2026-10-09")


@pytest.mark.parametrize(("on", "found"), [("2026-09-30", True), ("2026-12-31", True)])
def test_propose_talks_looks_at_the_quarter_of_the_day_and_the_one_before(
    neglected, command, on, found
):
    assert (BECAUSE in command("propose_talks", "--on", on).out) is found


def test_propose_talks_for_quarters_that_were_not_scored_does_nothing(neglected, command):
    said = command("propose_talks", "--on", "2027-03-01")
    assert said == (2, "", "2026Q4、2027Q1 都还没有评分，请先执行 score\n")
