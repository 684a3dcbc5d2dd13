"""Reads of evaluation."""

from datetime import date

import pytest

from property_oversight.evaluations import queries
from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience, Question


def rate(estate, evaluator, points, *, audience=Audience.OWNERS, period="2026Q3"):
    return evaluate(open_quarter(period), audience, estate, evaluator=evaluator,
                    on=date(2026, 10, 9), points=points)  # fmt: skip


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2026, 6, 30), None),
        (date(2026, 7, 1), "2026Q3"),
        (date(2026, 9, 30), "2026Q3"),
        (date(2026, 10, 1), "2026Q4"),
        (date(2027, 1, 16), "2026Q4"),
        (date(2027, 1, 17), None),
    ],
)
def test_open_round_is_the_latest_that_has_opened_and_not_closed(db, on, code):
    open_quarter("2026Q3")
    open_quarter("2026Q4")
    found = queries.open_round(on)
    assert (found.code if found else None) == code


def test_open_round_is_the_last_one_where_the_next_was_not_opened(db):
    open_quarter("2026Q3")
    assert queries.open_round(date(2026, 10, 9)).code == "2026Q3"


def test_questions_come_in_their_order(db):
    for position, code in ((2, "a"), (1, "b"), (1, "c")):
        Question.objects.create(code=code, text=code, points=10, position=position)
    assert [question.code for question in queries.questions()] == ["b", "c", "a"]


def test_points_by_contract_are_the_mean_of_the_current_words(city):
    rate(city.estate, "甲", 20)
    rate(city.estate, "甲", 80)  # changed his mind
    rate(city.estate, "乙", 60)
    rate(city.other_estate, "甲", 90)
    rate(city.estate, "丙", 10, audience=Audience.SITE)
    rate(city.estate, "丙", 10, period="2026Q4")
    assert queries.points_by_contract("2026Q3", Audience.OWNERS) == {
        city.contract.pk: (70.0, 2),
        city.other_contract.pk: (90.0, 1),
    }
