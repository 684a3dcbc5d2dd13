"""A community rates the firm of the quarter; a later word supersedes the former, which is kept."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience, Evaluation, Question, Round
from property_oversight.evaluations.queries import current_evaluations
from property_oversight.registry import actions as registry
from tests.factories import make_company, make_contract, make_estate


def rate(estate, points=80.0, *, on=date(2026, 10, 9), evaluator="C001", period="2026Q3", **more):
    """A community's word about `estate`."""
    return evaluate(
        open_quarter(period),
        more.pop("audience", Audience.COMMUNITY),
        estate,
        evaluator=evaluator,
        on=on,
        points=points,
        **more,
    )


@pytest.fixture
def questions(db) -> list[Question]:
    return [
        Question.objects.create(code=code, text=code, points=points)
        for code, points in (("service", 30), ("repairs", 20), ("conduct", 30))
    ]


# Rounds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "opens_on", "closes_on"),
    [
        ("2026Q3", date(2026, 7, 1), date(2026, 10, 16)),
        ("2026Q4", date(2026, 10, 1), date(2027, 1, 16)),
        ("2027Q1", date(2027, 1, 1), date(2027, 4, 16)),
    ],
)
def test_round_is_open_for_its_quarter_and_half_a_month_more(db, code, opens_on, closes_on):
    opened = open_quarter(code)
    assert (opened.opens_on, opened.closes_on) == (opens_on, closes_on)


def test_round_of_a_quarter_is_made_once(db):
    assert open_quarter("2026Q3") == open_quarter("2026Q3")
    assert Round.objects.count() == 1


def test_round_keeps_the_days_that_the_bureau_has_set(db):
    opened = open_quarter("2026Q3")
    Round.objects.update(closes_on=date(2026, 10, 31))
    assert open_quarter("2026Q3").closes_on == date(2026, 10, 31)
    assert open_quarter("2026Q3") == opened


@pytest.mark.parametrize("code", ["2026Q5", "2026", "三季度", "2026q3", ""])
def test_round_of_what_is_no_quarter_is_refused(db, code):
    with pytest.raises(ValidationError) as refused:
        open_quarter(code)
    assert refused.value.code == "bad_period"
    assert not Round.objects.exists()


@pytest.mark.parametrize(
    ("on", "late"),
    [
        (date(2026, 7, 1), False),
        (date(2026, 10, 9), False),
        (date(2026, 10, 16), False),
        (date(2026, 10, 17), True),
        (date(2027, 3, 1), True),
    ],
)
def test_evaluation_after_the_last_day_is_taken_and_marked_late(city, on, late):
    assert rate(city.estate, on=on).late is late


# Points ------------------------------------------------------------------------------------------


def test_evaluation_makes_points_of_a_hundred_from_the_answers(city, questions):
    answers = dict(zip(questions, (30, 10, 20), strict=True))
    evaluation = rate(city.estate, points=None, answers=answers)
    assert evaluation.points == 75.0
    assert {(a.question.code, a.points) for a in evaluation.answers.all()} == {
        ("service", 30),
        ("repairs", 10),
        ("conduct", 20),
    }


def test_evaluation_counts_only_the_questions_that_were_answered(city, questions):
    assert rate(city.estate, points=None, answers={questions[1]: 15}).points == 75.0


@pytest.mark.parametrize("points", [-1, 31])
def test_evaluation_refuses_an_answer_beyond_its_question(city, questions, points):
    with pytest.raises(ValidationError) as refused:
        rate(city.estate, points=None, answers={questions[0]: points})
    assert refused.value.code == "points_out_of_range"
    assert not Evaluation.objects.exists()


def test_evaluation_without_points_is_refused(city):
    with pytest.raises(ValidationError) as refused:
        rate(city.estate, points=None)
    assert refused.value.code == "no_points"


@pytest.mark.parametrize("points", [-0.1, 100.1])
def test_evaluation_refuses_points_that_are_not_of_a_hundred(city, points):
    with pytest.raises(ValidationError):
        rate(city.estate, points)
    assert not Evaluation.objects.exists()


# Who is meant ------------------------------------------------------------------------------------


def test_evaluation_goes_to_the_contract_of_the_quarter(city):
    evaluation = rate(city.estate)
    assert (evaluation.contract, evaluation.company) == (city.contract, city.firm_a)


def test_evaluation_after_the_quarter_goes_to_the_firm_of_its_last_day(db):
    estate = make_estate()
    old, new = make_company(), make_company()
    make_contract(estate, old, starts_on=date(2025, 1, 1), ends_on=date(2026, 10, 1))
    make_contract(estate, new, starts_on=date(2026, 10, 1))
    assert rate(estate, on=date(2026, 10, 9)).company == old


def test_evaluation_within_the_quarter_goes_to_the_firm_of_the_day(db):
    estate = make_estate()
    old, new = make_company(), make_company()
    make_contract(estate, old, starts_on=date(2025, 1, 1), ends_on=date(2026, 8, 15))
    make_contract(estate, new, starts_on=date(2026, 8, 15))
    assert rate(estate, on=date(2026, 8, 14), evaluator="早").company == old
    assert rate(estate, on=date(2026, 8, 15), evaluator="晚").company == new


def test_evaluation_of_an_estate_without_a_firm_is_kept_and_names_none(db):
    evaluation = rate(make_estate())
    assert (evaluation.contract, evaluation.company) == (None, None)


def test_evaluation_stays_with_its_firm_when_the_contract_ends(city):
    evaluation = rate(city.estate)
    registry.end(city.contract, on=date(2026, 8, 1))
    evaluation.refresh_from_db()
    assert evaluation.company == city.firm_a


# A later word ------------------------------------------------------------------------------------


def test_evaluation_said_again_changes_nothing(city):
    first = rate(city.estate, 80, comment="一般")
    assert rate(city.estate, 80, comment="一般", on=date(2026, 10, 10)) == first
    assert Evaluation.objects.count() == 1


def test_evaluation_said_differently_supersedes_the_former(city):
    first = rate(city.estate, 80)
    second = rate(city.estate, 60, by=city.community_officer)
    first.refresh_from_db()
    assert (first.points, first.superseded_at is None) == (80, False)
    assert list(current_evaluations()) == [second]
    assert second.by == city.community_officer


def test_evaluation_with_another_comment_is_another_word(city):
    rate(city.estate, 80, comment="一般")
    rate(city.estate, 80, comment="有进步")
    assert [one.comment for one in current_evaluations()] == ["有进步"]


def test_evaluation_with_other_answers_of_the_same_sum_is_another_word(city, questions):
    first = rate(city.estate, None, answers={questions[0]: 30, questions[2]: 0})
    second = rate(city.estate, None, answers={questions[0]: 0, questions[2]: 30})
    assert first.points == second.points == 50.0
    assert list(current_evaluations()) == [second]
    assert rate(city.estate, None, answers={questions[0]: 0, questions[2]: 30}) == second


@pytest.mark.parametrize(
    "other",
    [
        {"evaluator": "C002"},
        {"audience": Audience.OWNERS},
        {"period": "2026Q4"},
    ],
)
def test_evaluation_of_another_evaluator_audience_or_round_stands_beside_it(city, other):
    rate(city.estate, 80)
    rate(city.estate, 60, **other)
    assert current_evaluations().count() == 2
