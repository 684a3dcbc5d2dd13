"""The score: what it is made of, how sure it is, and what must never happen to it."""

import json
from dataclasses import replace
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from property_oversight.scoring.formula import (
    BURDEN,
    COMMUNITY,
    INDICATORS,
    OWNERS,
    RESOLVED,
    SATISFIED,
    SITE,
    TIMELY,
    Evidence,
    NotRated,
    Policy,
    Score,
    company_score,
    scores,
)

POLICY = Policy()
FULL = Evidence(
    contract=1,
    household_months=3000,
    complaints=12,
    incidents=9,
    judged=10,
    on_time=8,
    asked=6,
    resolved=3,
    rated=5,
    satisfied=2,
    community=(70.0, 1),
    owners=(65.0, 20),
    site=(80.0, 3),
)


def of(*evidence: Evidence) -> list[Score]:
    results = scores(evidence, POLICY)
    assert all(isinstance(result, Score) for result in results)
    return results


def part(score: Score, indicator):
    return next(part for part in score.parts if part.indicator is indicator)


@st.composite
def counts(draw, least_months: float = 150.0) -> Evidence:
    """The counts of one contract: any that can occur, sparse or many."""

    def share() -> tuple[int, int]:
        trials = draw(st.integers(0, 200))
        return trials, draw(st.integers(0, trials))

    said = st.none() | st.tuples(st.floats(0, 100), st.integers(1, 300))
    incidents = draw(st.integers(0, 400))
    (judged, on_time), (asked, resolved), (rated, satisfied) = share(), share(), share()
    return Evidence(
        contract=1,
        household_months=draw(st.floats(least_months, 30_000)),
        complaints=incidents + draw(st.integers(0, 100)),
        incidents=incidents,
        judged=judged,
        on_time=on_time,
        asked=asked,
        resolved=resolved,
        rated=rated,
        satisfied=satisfied,
        community=draw(said),
        owners=draw(said),
        site=draw(said),
    )


cities = st.lists(counts(), min_size=1, max_size=12)


# What must hold for every city -------------------------------------------------------------------


@given(cities)
@settings(max_examples=25)
def test_score_is_the_base_and_what_each_indicator_adds(city):
    for score in of(*city):
        total = score.base + sum(one.contribution for one in score.parts)
        assert isclose(total, score.value, abs_tol=1e-9)


@given(cities)
@settings(max_examples=25)
def test_score_is_the_weighted_mean_of_the_points_that_are_shown(city):
    for score in of(*city):
        assert isclose(sum(one.weight for one in score.parts), 1.0)
        shown = sum(one.weight * one.points.value for one in score.parts)
        assert isclose(shown, score.value, abs_tol=1e-9)


@given(cities)
@settings(max_examples=25)
def test_score_lies_in_its_interval_and_the_interval_between_0_and_100(city):
    for score in of(*city):
        assert 0 <= score.low <= score.value <= score.high <= 100
        for one in score.parts:
            assert 0 <= one.points.low <= one.points.value <= one.points.high <= 100


@given(cities, st.integers(1, 300))
@settings(max_examples=40)
def test_score_is_never_raised_by_more_incidents(city, more):
    worse = replace(city[0], incidents=city[0].incidents + more)
    assert of(worse, *city[1:])[0].value <= of(*city)[0].value + 1e-9


@given(counts(), st.integers(2, 20))
def test_score_of_a_bigger_sample_is_surer(small, times):
    large = replace(
        small,
        household_months=small.household_months * times,
        **{name: getattr(small, name) * times for name in (
            "complaints", "incidents", "judged", "on_time", "asked", "resolved", "rated",
            "satisfied")},
        **{name: (said[0], said[1] * times) if (said := getattr(small, name)) else None
           for name in ("community", "owners", "site")},
    )  # fmt: skip
    unsure, sure = of(small, large)
    assert sure.high - sure.low <= unsure.high - unsure.low + 1e-9


@given(cities)
@settings(max_examples=25)
def test_score_gets_the_same_twice_and_in_any_order(city):
    forwards, backwards = of(*city), of(*reversed(city))
    assert of(*city) == forwards
    for one, other in zip(forwards, reversed(backwards), strict=True):
        assert isclose(one.value, other.value, abs_tol=1e-6)


@given(cities)
@settings(max_examples=25)
def test_score_carries_a_sentence_for_every_indicator(city):
    for score in of(*city):
        assert all(0 < len(one.because) <= 200 for one in score.parts)


# Weights -----------------------------------------------------------------------------------------


def test_weights_of_all_indicators_are_those_of_the_handbook():
    (score,) = of(FULL)
    assert {one.indicator.code: round(100 * one.weight) for one in score.parts} == {
        "I1-burden": 25,
        "I2-timely": 15,
        "I3-resolved": 20,
        "I4-satisfied": 10,
        "I5-community": 15,
        "I6-owners": 10,
        "I7-site": 5,
    }


@pytest.mark.parametrize(
    ("missing", "indicator"),
    [
        ({"judged": 0, "on_time": 0}, TIMELY),
        ({"asked": 0, "resolved": 0}, RESOLVED),
        ({"rated": 0, "satisfied": 0}, SATISFIED),
        ({"community": None}, COMMUNITY),
        ({"owners": None}, OWNERS),
        ({"site": None}, SITE),
    ],
)
def test_weights_are_rescaled_where_nobody_was_asked(missing, indicator):
    (score,) = of(replace(FULL, **missing))
    assert indicator not in [one.indicator for one in score.parts]
    present = [one for one in INDICATORS if one is not indicator]
    total = sum(one.weight for one in present)
    for one in present:
        assert isclose(part(score, one).weight, one.weight / total)


def test_weights_leave_everything_to_the_burden_where_nothing_else_is_known():
    (score,) = of(Evidence(contract=1, household_months=3000, incidents=4))
    assert [(one.indicator, one.weight) for one in score.parts] == [(BURDEN, 1.0)]


def test_weights_of_a_policy_of_ones_own_are_used():
    policy = Policy(weights={one.code: 1.0 for one in INDICATORS})
    (score,) = scores([FULL], policy)
    assert {round(one.weight, 6) for one in score.parts} == {round(1 / 7, 6)}


# Points ------------------------------------------------------------------------------------------


def test_burden_of_the_average_gives_75_points_and_none_at_all_100():
    average = of(*[Evidence(contract=1, household_months=3000, incidents=9)] * 3)
    assert {round(score.value, 6) for score in average} == {75.0}
    spotless = of(*[Evidence(contract=1, household_months=3000)] * 3)
    assert {score.value for score in spotless} == {100.0}


def test_burden_counts_households_and_not_estates():
    small = Evidence(contract=1, household_months=1000, incidents=10)
    large = Evidence(contract=2, household_months=10_000, incidents=10)
    worse, better = of(small, large)
    assert worse.value < 75 < better.value


def test_burden_of_a_small_estate_is_pulled_towards_the_city():
    peers = [Evidence(contract=n, household_months=5000, incidents=20 + n) for n in range(5)]
    tiny = Evidence(contract=9, household_months=150, incidents=2)
    big = Evidence(contract=10, household_months=15_000, incidents=200)
    results = of(tiny, big, *peers)
    assert results[0].value > results[1].value  # the same rate, but two bad calls are no trend


def test_answers_in_time_raise_the_score():
    punctual, late = of(replace(FULL, on_time=10), replace(FULL, on_time=2))
    assert part(punctual, TIMELY).points.value > part(late, TIMELY).points.value
    assert punctual.value > late.value
    assert "10 件到期应答复，按时 2 件（20%）" in part(late, TIMELY).because


def test_evaluation_is_surer_the_more_people_gave_it():
    lone, crowd = of(replace(FULL, owners=(65.0, 1)), replace(FULL, owners=(65.0, 100)))
    one, many = part(lone, OWNERS).points, part(crowd, OWNERS).points
    assert one.value == many.value == 65.0
    assert isclose(one.high - one.low, 10 * (many.high - many.low))
    assert part(crowd, OWNERS).because == "100 份评价，平均 65.0 分"


def test_base_is_the_citys_average_where_all_indicators_are_known():
    results = of(FULL, replace(FULL, incidents=30, on_time=1), replace(FULL, community=(95.0, 1)))
    mean = sum(score.value for score in results) / len(results)
    assert {round(score.base, 9) for score in results} == {round(mean, 9)}


# Not rated ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "rated"), [(0.0, False), (149.99, False), (150.0, True), (151.0, True)]
)
def test_not_rated_below_150_household_months(months, rated):
    (result,) = scores([replace(FULL, household_months=months)], POLICY)
    assert isinstance(result, Score) is rated
    if not rated:
        assert result == NotRated(f"服务量不足：{months:.0f} 户·月，少于 150 户·月，不予评分")


def test_not_rated_contracts_move_nobody_elses_score():
    alone = scores([FULL, replace(FULL, incidents=20)], POLICY)
    tiny = replace(FULL, household_months=10, incidents=50, community=(0.0, 1))
    with_tiny = scores([FULL, tiny, replace(FULL, incidents=20)], POLICY)
    assert [with_tiny[0], with_tiny[2]] == alone
    assert isinstance(with_tiny[1], NotRated)


def test_nothing_to_score_gives_nothing():
    assert scores([], POLICY) == []


# Grades ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (100, "A"),
        (85, "A"),
        (84.999, "B"),
        (75, "B"),
        (74.999, "C"),
        (60, "C"),
        (59.999, "D"),
        (0, "D"),
    ],
)
def test_grade_changes_at_85_75_and_60(score, grade):
    assert POLICY.grade(score) == grade


@given(cities)
@settings(max_examples=25)
def test_grade_is_that_of_the_score(city):
    for score in of(*city):
        assert score.grade == POLICY.grade(score.value)


def test_policy_is_frozen_in_a_form_that_a_database_gives_back_unchanged():
    frozen = POLICY.frozen()
    assert json.loads(json.dumps(frozen)) == frozen
    assert frozen["version"] == "2026-1"
    assert frozen["weights"]["I1-burden"] == 25


# Firms -------------------------------------------------------------------------------------------


def firm(*evidence: Evidence):
    return company_score(list(zip(evidence, of(*evidence), strict=True)), POLICY)


def test_company_score_is_the_mean_of_its_estates_by_household_months():
    good = replace(FULL, household_months=9000, incidents=3)
    bad = replace(FULL, household_months=1000, incidents=9, on_time=0)
    one, other = of(good, bad)
    assert isclose(firm(good, bad).value, 0.9 * one.value + 0.1 * other.value)


def test_company_score_of_one_estate_is_that_of_the_estate():
    (score,) = of(FULL)
    company = firm(FULL)
    assert isclose(company.value, score.value)
    assert isclose(company.low, score.low)
    assert isclose(company.high, score.high)
    assert company.grade == score.grade


def test_disparity_of_one_estate_is_one():
    company = firm(FULL)
    assert (company.disparity, company.differs) == (1.0, False)


def test_disparity_of_estates_that_are_alike_is_no_news():
    company = firm(replace(FULL, incidents=10), replace(FULL, incidents=11))
    assert company.disparity > 0.5
    assert not company.differs


def test_disparity_is_small_where_two_estates_differ_much():
    # The client's two estates of one firm: a third more households, ten times the complaints.
    bad = Evidence(contract=1, household_months=920 * 3, incidents=60)
    good = Evidence(contract=2, household_months=880 * 3, incidents=6)
    company = firm(bad, good)
    assert company.disparity < 0.001
    assert company.differs


def test_disparity_is_judged_by_the_policys_level():
    apart = (replace(FULL, incidents=10), replace(FULL, incidents=20))
    rows = list(zip(apart, of(*apart), strict=True))
    strict, lenient = (company_score(rows, Policy(disparity_below=level)) for level in (0.01, 0.5))
    assert strict.disparity == lenient.disparity
    assert (strict.differs, lenient.differs) == (False, True)


@given(cities)
@settings(max_examples=25)
def test_company_score_lies_in_its_interval_and_among_its_estates(city):
    company = firm(*city)
    values = [score.value for score in of(*city)]
    assert 0 <= company.low <= company.value <= company.high <= 100
    assert min(values) - 1e-9 <= company.value <= max(values) + 1e-9
    assert 0 <= company.disparity <= 1
