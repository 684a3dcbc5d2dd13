"""Guidance on every contract of a run: once, by the standard of the quarter, labelled a sample."""

from datetime import date
from decimal import Decimal

import pytest

from property_oversight.pricing.actions import guide
from property_oversight.pricing.models import Guidance, TierStandard
from property_oversight.pricing.queries import guidance_on
from property_oversight.pricing.tiers import Verdict
from property_oversight.registry.actions import sign
from property_oversight.scoring.actions import run as score
from property_oversight.scoring.models import ScoreCard, ScoreRun
from tests.factories import make_company, make_contract, make_estate


def run(period: str = "2026Q3") -> ScoreRun:
    return score(period, as_of=date(2026, 10, 31))


def set_interval(score_run: ScoreRun, contract, low: float, high: float) -> None:
    """Give a card the interval that a test is about."""
    ScoreCard.objects.filter(run=score_run, contract=contract).update(low=low, high=high)


def guidance(contract) -> Guidance:
    return Guidance.objects.get(contract=contract)


def test_guidance_is_given_on_every_contract_and_on_no_firm(city, categories):
    made = run()
    assert guide(made) == 2
    assert {one.contract for one in Guidance.objects.all()} == {city.contract, city.other_contract}
    assert guidance_on(made.cards.get(company=city.firm_a, contract=None)) is None


def test_guidance_is_given_once(city, categories):
    made = run()
    guide(made)
    before = list(Guidance.objects.values())
    assert guide(made) == 0
    assert list(Guidance.objects.values()) == before


def test_guidance_freezes_the_contract_as_it_was(city, categories):
    made = run()
    guide(made)
    sign(city.estate, city.firm_a, starts_on=city.contract.starts_on, tier=5,
         fee_per_m2=Decimal("9.00"))  # fmt: skip
    given = guidance(city.contract)
    assert (given.tier, given.fee_per_m2) == (3, Decimal("1.50"))
    assert given.verdict == Verdict.FITS


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (60, 90, Verdict.FITS),
        (59, 61, Verdict.UNDETERMINED),
        (30, 49, Verdict.OVERPRICED),
    ],
)
def test_guidance_follows_the_interval_of_the_card(city, categories, low, high, expected):
    made = run()
    set_interval(made, city.contract, low, high)
    guide(made)
    assert guidance(city.contract).verdict == expected


def test_guidance_of_an_estate_with_lifts_goes_by_the_standard_for_lifts(city, categories):
    lifts = make_contract(
        make_estate(has_lift=True), make_company(), tier=3, fee_per_m2=Decimal("2.40")
    )
    stairs = make_contract(
        make_estate(has_lift=False), make_company(), tier=3, fee_per_m2=Decimal("2.40")
    )
    guide(run())
    assert (guidance(lifts).verdict, guidance(lifts).band_high) == ("fits", Decimal("2.52"))
    assert (guidance(stairs).verdict, guidance(stairs).band_high) == ("overpriced", Decimal("1.92"))


def test_guidance_on_what_is_not_rated_is_undetermined(city, categories):
    tiny = make_contract(
        make_estate(households=5), make_company(), tier=3, fee_per_m2=Decimal("1.50")
    )
    guide(run())
    assert guidance(tiny).verdict == Verdict.UNDETERMINED
    assert "不予评分" in guidance(tiny).because


def test_guidance_on_a_contract_without_tier_or_fee_says_what_is_missing(city, categories):
    bare = make_contract(make_estate(), make_company())
    guide(run())
    assert (guidance(bare).verdict, guidance(bare).band_low) == ("undetermined", None)
    assert guidance(bare).because == "合同未登记服务等级或收费标准"


def test_guidance_by_the_sample_standard_is_labelled(city, categories):
    guide(run())
    assert {one.is_sample for one in Guidance.objects.all()} == {True}


def test_guidance_by_the_citys_own_standard_is_not_labelled(city, categories):
    TierStandard.objects.update(valid_to=date(2026, 7, 1))
    TierStandard.objects.create(
        tier=3, has_lift=False, base_price=Decimal("1.00"), float_up=0.1, float_down=0.1,
        least_score=60, valid_from=date(2026, 7, 1), source="本市发改委文件", is_sample=False,
    )  # fmt: skip
    guide(run())
    given = guidance(city.contract)
    assert (given.is_sample, given.verdict) == (False, Verdict.OVERPRICED)
    assert (given.band_low, given.band_high) == (Decimal("0.90"), Decimal("1.10"))
    assert guidance(city.other_contract).because == "标准表中没有4级"


def test_guidance_goes_by_the_standard_of_the_last_day_of_the_quarter(city, categories):
    TierStandard.objects.create(
        tier=3, has_lift=False, base_price=Decimal("9.00"), float_up=0.1, float_down=0.1,
        least_score=60, valid_from=date(2026, 10, 1), source="第四季度起", is_sample=False,
    )  # fmt: skip
    guide(run("2026Q3"))
    guide(run("2026Q4"))
    highs = Guidance.objects.filter(contract=city.contract).order_by("card__run__period")
    assert [one.band_high for one in highs] == [Decimal("1.92"), Decimal("9.90")]


def test_guidance_without_any_standard_is_undetermined(city):
    guide(run())
    assert {one.verdict for one in Guidance.objects.all()} == {Verdict.UNDETERMINED}
