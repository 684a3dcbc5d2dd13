"""Shrunken rates and shares: small samples are pulled towards their peers, and say how unsure."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from ml.estimates import (
    LEVEL,
    difference_beyond_chance,
    share_alone,
    shrunken_rates,
    shrunken_shares,
)

RATES = st.lists(
    st.tuples(st.integers(0, 300), st.floats(0.5, 5000)), min_size=1, max_size=25
)  # fmt: skip
SHARES = st.lists(
    st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=25,
)


def width(estimate) -> float:
    return estimate.high - estimate.low


@given(RATES)
@example([(50, 1.0)] + [(0, 1.0)] * 99)  # one estate has everything: the posterior is very skewed
@example([(0, 1.0)] * 5)
@example([(7, 120.0)])
def test_rates_lie_within_their_intervals(rows):
    counts, exposures = zip(*rows, strict=True)
    for estimate in shrunken_rates(counts, exposures):
        assert 0.0 <= estimate.low <= estimate.value <= estimate.high < float("inf")


@given(RATES)
def test_rates_lie_between_the_raw_rate_and_the_mean(rows):
    counts, exposures = zip(*rows, strict=True)
    mean = max(sum(counts) / sum(exposures), 1e-9)
    for (count, exposure), estimate in zip(rows, shrunken_rates(counts, exposures), strict=True):
        low, high = sorted((count / exposure, mean))
        assert low * (1 - 1e-6) <= estimate.value <= high * (1 + 1e-6)


@given(SHARES)
@example([(5, 5), (0, 100), (0, 100), (0, 100), (0, 0)])
@example([(0, 0), (0, 0)])
@example([(3, 3)])
@example([(0, 3)])
def test_shares_lie_within_their_intervals_and_within_one(rows):
    successes, trials = zip(*rows, strict=True)
    for estimate in shrunken_shares(successes, trials):
        assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0


def test_a_small_estate_is_pulled_further_than_a_large_one():
    peers = [(100, 1000.0)] * 8
    small, large = (4, 10.0), (400, 1000.0)  # both four times the peers' rate
    estimates = shrunken_rates(*zip(small, large, *peers, strict=True))
    assert 0.1 < estimates[0].value < estimates[1].value < 0.4
    assert estimates[1].value == pytest.approx(0.4, rel=0.05)


def test_a_single_answer_says_little_and_a_hundred_say_much():
    peers = [(50, 100)] * 8
    one, hundred = shrunken_shares(*zip((1, 1), (100, 100), *peers, strict=True))[:2]
    assert 0.5 < one.value < hundred.value < 1.0


@pytest.mark.parametrize("estimate", [shrunken_rates, shrunken_shares])
def test_more_of_the_same_gives_a_narrower_interval(estimate):
    peers = ([30, 50, 70, 40, 60], [100] * 5)
    widths = [width(estimate([n // 2, *peers[0]], [n, *peers[1]])[0]) for n in (2, 20, 200, 2000)]
    assert all(wide > narrow for wide, narrow in pairwise(widths))


def test_no_trials_give_the_peers_share_widely():
    nobody, somebody = shrunken_shares([0, 30, 60, 45], [0, 50, 100, 80])[:2]
    assert nobody.value == pytest.approx(135 / 230, abs=0.01)
    assert width(nobody) > width(somebody)


def test_no_answers_anywhere_give_one_half():
    assert [e.value for e in shrunken_shares([0, 0], [0, 0])] == pytest.approx([0.5, 0.5])


def test_no_complaints_anywhere_give_nothing_but_no_nonsense():
    for estimate in shrunken_rates([0, 0, 0], [100.0, 5.0, 2000.0]):
        assert 0.0 < estimate.value < 1e-6


def test_one_estate_is_its_own_mean():
    assert shrunken_rates([12], [400.0])[0].value == pytest.approx(0.03)


@pytest.mark.parametrize("estimate", [shrunken_rates, shrunken_shares])
def test_nothing_gives_nothing(estimate):
    assert estimate([], []) == []


def test_intervals_hold_the_truth_as_often_as_they_say():
    chance = np.random.default_rng(20260803)
    truth = chance.gamma(4.0, 0.02 / 4.0, size=2000)
    exposures = chance.uniform(50, 2000, size=2000)
    estimates = shrunken_rates(chance.poisson(truth * exposures), exposures)
    held = [e.low <= rate <= e.high for e, rate in zip(estimates, truth, strict=True)]
    assert np.mean(held) == pytest.approx(LEVEL, abs=0.02)


def test_share_intervals_hold_the_truth_as_often_as_they_say():
    chance = np.random.default_rng(20260803)
    truth = chance.beta(6.0, 3.0, size=2000)
    trials = chance.integers(1, 80, size=2000)
    estimates = shrunken_shares(chance.binomial(trials, truth), trials)
    held = [e.low <= share <= e.high for e, share in zip(estimates, truth, strict=True)]
    assert np.mean(held) == pytest.approx(LEVEL, abs=0.02)


def test_shrunken_rates_come_nearer_to_the_truth_than_raw_ones():
    chance = np.random.default_rng(7)
    truth = chance.gamma(4.0, 0.02 / 4.0, size=500)
    exposures = chance.uniform(20, 400, size=500)
    counts = chance.poisson(truth * exposures)
    shrunken = np.array([e.value for e in shrunken_rates(counts, exposures)])
    assert ((shrunken - truth) ** 2).mean() < 0.5 * ((counts / exposures - truth) ** 2).mean()


@pytest.mark.parametrize(
    ("counts", "exposures", "least", "most"),
    [
        ([], [], 1.0, 1.0),
        ([5], [100.0], 1.0, 1.0),  # nobody to compare with
        ([0, 0], [100.0, 900.0], 1.0, 1.0),
        ([10, 20], [100.0, 200.0], 1.0, 1.0),  # exactly alike
        ([10, 12], [100.0, 100.0], 0.5, 0.9),
        ([10, 40], [100.0, 100.0], 0.0, 0.001),
    ],
)
def test_difference_beyond_chance(counts, exposures, least, most):
    assert least <= difference_beyond_chance(counts, exposures) <= most


@pytest.mark.parametrize(
    ("successes", "trials"), [(0, 1), (1, 1), (0, 20), (7, 20), (20, 20), (300, 900)]
)
def test_a_share_alone_has_wilsons_interval(successes, trials):
    found = share_alone(successes, trials)
    book = stats.binomtest(successes, trials).proportion_ci(LEVEL, method="wilson")
    assert found.value == successes / trials
    assert (found.low, found.high) == pytest.approx((book.low, book.high), abs=1e-9)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_a_share_of_nothing_is_unknown():
    assert share_alone(0, 0) is None
