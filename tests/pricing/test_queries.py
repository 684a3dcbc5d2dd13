"""Which standard is in force on a day, and what was said about a fee."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from property_oversight.pricing.actions import guide
from property_oversight.pricing.models import TierStandard
from property_oversight.pricing.queries import bands_on, guidance_of, guidance_on, is_sample_on
from property_oversight.scoring.actions import run as score


def standard(**more) -> TierStandard:
    return TierStandard.objects.create(
        **{"tier": 3, "has_lift": True, "base_price": Decimal("1.00"), "float_up": 0.1,
           "float_down": 0.2, "least_score": 60, "valid_from": date(2026, 1, 1),
           "source": "依据", **more}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_bands_hold_from_their_first_day_up_to_the_day_they_end(db, day, in_force):
    standard(valid_to=date(2026, 7, 1))
    assert (3 in bands_on(day, has_lift=True)) is in_force
    assert is_sample_on(day) is in_force


def test_bands_are_made_of_base_price_and_both_margins(db):
    standard()
    found = bands_on(date(2026, 8, 1), has_lift=True)[3]
    assert (found.low, found.high, found.least_score) == (Decimal("0.80"), Decimal("1.10"), 60)


def test_bands_of_the_later_standard_win(db):
    standard(base_price=Decimal("2.00"), valid_from=date(2026, 7, 1))
    standard()
    assert bands_on(date(2026, 6, 30), has_lift=True)[3].high == Decimal("1.10")
    assert bands_on(date(2026, 7, 1), has_lift=True)[3].high == Decimal("2.20")


def test_bands_with_and_without_lifts_are_kept_apart(db):
    standard(has_lift=False)
    assert bands_on(date(2026, 8, 1), has_lift=True) == {}


def test_standard_of_the_city_itself_is_no_sample(db):
    standard(is_sample=False)
    assert not is_sample_on(date(2026, 8, 1))


def test_standard_is_given_once_a_tier_and_first_day(db):
    standard()
    with pytest.raises(IntegrityError), transaction.atomic():
        standard(base_price=Decimal("2.00"))


def test_guidance_of_a_run_comes_by_estate(city, categories):
    made = score("2026Q3", as_of=date(2026, 10, 31))
    other = score("2026Q4", as_of=date(2026, 12, 31))
    guide(made)
    guide(other)
    codes = [one.contract.estate.code for one in guidance_of(made)]
    assert codes == sorted([city.estate.code, city.other_estate.code])
    card = made.cards.get(contract=city.contract)
    assert guidance_on(card).card == card
