"""Writes of pricing: give guidance."""

from datetime import timedelta

from django.db import transaction

from complaints.workdays import quarter
from property_oversight.pricing.models import Guidance
from property_oversight.pricing.queries import bands_on, guidance_of, is_sample_on
from property_oversight.pricing.tiers import advise
from property_oversight.scoring.models import ScoreRun
from property_oversight.scoring.queries import cards_of


@transaction.atomic
def guide(run: ScoreRun) -> int:
    """Give guidance on every contract of a run that has none. Returns how many were given."""
    last_day = quarter(run.period)[1] - timedelta(days=1)
    bands = {lift: bands_on(last_day, has_lift=lift) for lift in (True, False)}
    sample = is_sample_on(last_day)
    done = set(guidance_of(run).values_list("card_id", flat=True))
    given = []
    for card in cards_of(run).filter(contract__isnull=False):
        if card.pk in done or card.contract is None or card.estate is None:
            continue
        contract = card.contract
        interval = (card.low, card.high) if card.low is not None and card.high is not None else None
        advice = advise(
            contract.tier, contract.fee_per_m2, interval, bands[bool(card.estate.has_lift)]
        )
        given.append(
            Guidance(
                card=card,
                contract=contract,
                tier=contract.tier,
                fee_per_m2=contract.fee_per_m2,
                band_low=advice.low,
                band_high=advice.high,
                verdict=advice.verdict,
                because=advice.because,
                is_sample=sample,
            )
        )
    Guidance.objects.bulk_create(given)
    return len(given)
