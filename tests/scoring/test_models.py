"""What the database holds to: one card a contract and a firm, one row an indicator."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from property_oversight.scoring.models import Contribution, ScoreCard, ScoreRun

NUMBERS = {"households": 1, "household_months": 3.0, "complaints": 0, "incidents": 0}


@pytest.fixture
def score_run(db) -> ScoreRun:
    return ScoreRun.objects.create(period="2026Q3", as_of=date(2026, 10, 1), policy={})


@pytest.mark.parametrize("level", ["contract", "firm"])
def test_card_is_made_once_a_run(city, score_run, level):
    where = {"contract": city.contract, "estate": city.estate} if level == "contract" else {}
    ScoreCard.objects.create(run=score_run, company=city.firm_a, **where, **NUMBERS)
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreCard.objects.create(run=score_run, company=city.firm_a, **where, **NUMBERS)


def test_contribution_is_made_once_an_indicator(city, score_run):
    card = ScoreCard.objects.create(run=score_run, company=city.firm_a, **NUMBERS)
    part = {"card": card, "indicator": "I1-burden", "points": 75, "low": 70, "high": 80,
            "weight": 1, "contribution": 0}  # fmt: skip
    Contribution.objects.create(**part)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.create(**part)


def test_card_is_rated_where_it_has_a_score():
    assert ScoreCard(score=0.0).rated
    assert not ScoreCard(not_rated_because="服务量不足").rated
