"""score: a quarter's cards and its guidance; the same data twice is one run."""

from datetime import date

import pytest
import time_machine
from django.core.management import CommandError

from property_oversight.pricing.models import Guidance
from property_oversight.scoring.models import ScoreRun
from tests.factories import make_company, make_contract, make_estate, moment


@pytest.fixture(autouse=True)
def _in_october():
    with time_machine.travel(moment(2026, 10, 9), tick=False):
        yield


def test_score_says_how_many_contracts_were_rated(city, command):
    make_contract(make_estate(households=5), make_company())
    said = command("score", period="2026Q3")
    assert said == (0, "2026Q3（截至 2026-10-09）：3 份合同，评分 2，不予评分 1\n", "")
    assert Guidance.objects.count() == 3


def test_score_twice_is_one_run(city, command):
    command("score", period="2026Q3")
    command("score", period="2026Q3")
    assert (ScoreRun.objects.count(), Guidance.objects.count()) == (1, 2)


def test_score_takes_the_day_up_to_which_the_data_go(city, command):
    command("score", "--period", "2026Q3", "--as-of", "2026-07-31")
    assert ScoreRun.objects.get().as_of == date(2026, 7, 31)


def test_score_publishes_where_it_is_asked_to_and_once(city, command):
    command("score", period="2026Q3")
    assert ScoreRun.objects.get().published_at is None
    assert command("score", period="2026Q3", publish=True).code == 0
    published_at = ScoreRun.objects.get().published_at
    assert published_at is not None
    assert command("score", period="2026Q3", publish=True).code == 0
    assert ScoreRun.objects.get().published_at == published_at


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        ("2026年三季度", "“2026年三季度”不是季度，应写作 2026Q3"),
        ("2020Q1", "2020Q1 没有有效的物业服务合同，无从评分"),
    ],
)
def test_score_of_a_quarter_that_cannot_be_scored_does_nothing(city, command, period, reason):
    assert command("score", period=period) == (2, "", reason + "\n")
    assert not ScoreRun.objects.exists()


def test_score_up_to_what_is_no_day_is_refused(city, command):
    with pytest.raises(CommandError, match="as-of"):
        command("score", "--period", "2026Q3", "--as-of", "昨天")
