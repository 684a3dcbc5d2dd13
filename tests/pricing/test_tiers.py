"""Whether a fee follows what is delivered; where chance could decide, nothing is said."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property_oversight.pricing.tiers import Band, Verdict, advise, band

# 10 % either way round 0.80, 1.20, 1.60, 2.00 and 2.60 yuan.
BANDS = {
    tier: band(tier, Decimal(base), 0.1, 0.1, least)
    for tier, base, least in (
        (1, "0.80", 0),
        (2, "1.20", 50),
        (3, "1.60", 60),
        (4, "2.00", 75),
        (5, "2.60", 85),
    )
}


def verdict(fee: str, interval: tuple[float, float] | None, tier: int | None = 3) -> Verdict:
    return advise(tier, Decimal(fee), interval, BANDS).verdict


@pytest.mark.parametrize(
    ("base", "up", "down", "low", "high"),
    [
        ("1.60", 0.1, 0.1, "1.44", "1.76"),
        ("1.60", 0.2, 1.0, "0.00", "1.92"),  # Wuhan: up to a fifth more, and as much less as wanted
        ("1.05", 0.1, 0.1, "0.95", "1.16"),  # half a cent is rounded up
        ("2.70", 0.0, 0.0, "2.70", "2.70"),
    ],
)
def test_band_lies_round_the_base_price_to_the_cent(base, up, down, low, high):
    found = band(3, Decimal(base), up, down, 60)
    assert (found.low, found.high) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        ("1.43", Verdict.UNDERPRICED),
        ("1.44", Verdict.FITS),
        ("1.60", Verdict.FITS),
        ("1.76", Verdict.FITS),
        ("1.77", Verdict.OVERPRICED),
    ],
)
def test_verdict_on_a_fee_at_each_end_of_the_band(fee, expected):
    assert verdict(fee, (65.0, 72.0)) is expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (60.0, 70.0, Verdict.FITS),  # the whole interval reaches the tier
        (59.9, 70.0, Verdict.UNDETERMINED),
        (50.0, 60.0, Verdict.UNDETERMINED),  # the upper end alone reaches it
        (50.0, 59.9, Verdict.OVERPRICED),  # nothing of it does
        (100.0, 100.0, Verdict.FITS),
    ],
)
def test_verdict_at_the_boundary_of_the_agreed_tier(low, high, expected):
    assert verdict("1.60", (low, high)) is expected


@pytest.mark.parametrize(
    ("high", "delivered"), [(59.9, 2), (50.0, 2), (49.9, 1), (0.0, 1)]
)  # fmt: skip
def test_tier_that_is_delivered_is_the_best_one_the_interval_can_reach(high, delivered):
    advice = advise(3, Decimal("1.60"), (0.0, high), BANDS)
    assert (advice.low, advice.high) == (BANDS[delivered].low, BANDS[delivered].high)
    assert advice.verdict is Verdict.OVERPRICED
    assert f"实际服务约合{delivered}级" in advice.because


@pytest.mark.parametrize(
    ("fee", "expected"),
    [("1.33", Verdict.OVERPRICED), ("1.32", Verdict.FITS), ("1.07", Verdict.UNDERPRICED)],
)
def test_verdict_on_a_tier_that_is_not_delivered_goes_by_the_one_that_is(fee, expected):
    assert verdict(fee, (51.0, 58.0)) is expected


def test_tier_that_is_delivered_is_the_lowest_where_the_score_reaches_none():
    high = {tier: one for tier, one in BANDS.items() if tier >= 3}
    advice = advise(4, Decimal("2.00"), (10.0, 20.0), high)
    assert (advice.low, advice.high) == (BANDS[3].low, BANDS[3].high)


def test_tier_above_the_agreed_one_is_never_given():
    advice = advise(3, Decimal("1.60"), (95.0, 99.0), BANDS)
    assert (advice.low, advice.high) == (BANDS[3].low, BANDS[3].high)


@given(
    st.sampled_from(sorted(BANDS)),
    st.decimals("0.01", "9.99", places=2),
    st.floats(0, 100),
    st.floats(0, 100),
)
def test_straddling_never_changes_a_tier_nor_judges_a_fee(tier, fee, one, other):
    low, high = sorted((one, other))
    advice = advise(tier, fee, (low, high), BANDS)
    straddles = low < BANDS[tier].least_score <= high
    assert (advice.verdict is Verdict.UNDETERMINED) is straddles
    if straddles or low >= BANDS[tier].least_score:
        assert (advice.low, advice.high) == (BANDS[tier].low, BANDS[tier].high)
    else:
        assert advice.high < BANDS[tier].high


@given(
    st.sampled_from(sorted(BANDS)),
    st.decimals("0.01", "9.99", places=2),
    st.floats(0, 100),
    st.floats(0, 100),
)
def test_verdict_says_why_in_figures(tier, fee, one, other):
    low, high = sorted((one, other))
    advice = advise(tier, fee, (low, high), BANDS)
    assert len(advice.because) <= 300
    assert f"{low:.1f}" in advice.because or f"{high:.1f}" in advice.because
    if advice.verdict is not Verdict.UNDETERMINED:
        assert f"收费 {fee} 元" in advice.because


@pytest.mark.parametrize(
    ("tier", "fee", "because"),
    [
        (None, Decimal("1.60"), "合同未登记服务等级或收费标准"),
        (3, None, "合同未登记服务等级或收费标准"),
        (9, Decimal("1.60"), "标准表中没有9级"),
    ],
)
def test_verdict_is_undetermined_where_the_contract_says_too_little(tier, fee, because):
    advice = advise(tier, fee, (70.0, 80.0), BANDS)
    assert (advice.low, advice.high, advice.verdict) == (None, None, Verdict.UNDETERMINED)
    assert advice.because == because


def test_verdict_of_what_is_not_rated_is_undetermined_and_shows_the_agreed_band():
    advice = advise(3, Decimal("1.60"), None, BANDS)
    assert advice.verdict is Verdict.UNDETERMINED
    assert (advice.low, advice.high) == (Decimal("1.44"), Decimal("1.76"))
    assert "本期不予评分" in advice.because


def test_verdict_without_any_standard_is_undetermined():
    assert advise(3, Decimal("1.60"), (70.0, 80.0), {}).verdict is Verdict.UNDETERMINED


def test_band_is_compared_by_value():
    assert band(1, Decimal("1.00"), 0.1, 0.1, 0) == Band(1, Decimal("0.90"), Decimal("1.10"), 0)
