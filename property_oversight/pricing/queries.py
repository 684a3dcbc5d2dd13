"""Reads of pricing."""

from datetime import date

from django.db.models import Q, QuerySet

from property_oversight.pricing.models import Guidance, TierStandard
from property_oversight.pricing.tiers import Band, band
from property_oversight.scoring.models import ScoreCard, ScoreRun
from property_oversight.scoring.queries import cards_of


def bands_on(day: date, *, has_lift: bool) -> dict[int, Band]:
    """The bands of every tier in force on `day`."""
    standards = TierStandard.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day, has_lift=has_lift
    ).order_by("valid_from")
    return {
        one.tier: band(one.tier, one.base_price, one.float_up, one.float_down, one.least_score)
        for one in standards
    }


def is_sample_on(day: date) -> bool:
    """Whether the standard in force is the labelled sample and not the city's own."""
    return TierStandard.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day, is_sample=True
    ).exists()


def guidance_on(card: ScoreCard) -> Guidance | None:
    """What was said about the fee of the contract that `card` scores."""
    return Guidance.objects.filter(card=card).select_related("contract").first()


def guidance_on_cards(cards: QuerySet[ScoreCard]) -> QuerySet[Guidance]:
    """The guidance that rests on `cards`."""
    return (
        Guidance.objects.filter(card__in=cards.order_by())
        .select_related("contract__estate", "contract__company", "card__run")
        .order_by("contract__estate__code", "pk")
    )


def guidance_of(run: ScoreRun) -> QuerySet[Guidance]:
    """The guidance that rests on one run."""
    return guidance_on_cards(cards_of(run))
