"""Writes of scoring: run a quarter, publish a run."""

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from property_oversight.registry.models import ServiceContract
from property_oversight.scoring.formula import (
    Evidence,
    NotRated,
    Policy,
    Score,
    company_score,
    scores,
)
from property_oversight.scoring.indicators import evidence
from property_oversight.scoring.models import Contribution, ScoreCard, ScoreRun

Row = tuple[ServiceContract, Evidence, Score | NotRated]


@transaction.atomic
def run(period: str, *, as_of: date, policy: Policy | None = None) -> ScoreRun:
    """Score every contract and firm of a quarter. Where policy and data are those of the newest run
    already, that run is given back: the same twice changes nothing."""
    policy = policy or Policy()
    gathered = evidence(period, as_of)
    if not gathered:
        raise ValidationError(
            _("%(period)s 没有有效的物业服务合同，无从评分"),
            code="nothing_to_score",
            params={"period": period},
        )
    frozen = policy.frozen()
    digest = _data_hash([one for _contract, one in gathered])
    newest = ScoreRun.objects.filter(period=period).first()
    if newest is not None and (newest.policy, newest.data_hash) == (frozen, digest):
        return newest
    made = ScoreRun.objects.create(period=period, as_of=as_of, policy=frozen, data_hash=digest)
    results = scores([one for _contract, one in gathered], policy)
    rows = [(c, e, r) for (c, e), r in zip(gathered, results, strict=True)]
    estate_cards = [_estate_card(made, *row) for row in rows]
    ScoreCard.objects.bulk_create(estate_cards)
    ScoreCard.objects.bulk_create(_company_cards(made, rows, policy))
    Contribution.objects.bulk_create(
        Contribution(
            card=card,
            indicator=part.indicator.code,
            name=part.indicator.name,
            points=part.points.value,
            low=part.points.low,
            high=part.points.high,
            weight=part.weight,
            contribution=part.contribution,
            because=part.because,
        )
        for card, (_contract, _evidence, result) in zip(estate_cards, rows, strict=True)
        if isinstance(result, Score)
        for part in result.parts
    )
    return made


@transaction.atomic
def publish(score_run: ScoreRun, *, by: Any = None) -> ScoreRun:
    """Show a run to everybody. Raises ValidationError where that has been done."""
    locked = ScoreRun.objects.select_for_update().get(pk=score_run.pk)
    if locked.published_at is not None:
        raise ValidationError(_("这一批评分已经发布"), code="already_published")
    locked.published_at, locked.published_by = timezone.now(), by
    locked.save(update_fields=["published_at", "published_by"])
    return locked


def _data_hash(rows: list[Evidence]) -> str:
    text = json.dumps([asdict(row) for row in rows], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _estate_card(
    made: ScoreRun, contract: ServiceContract, one: Evidence, result: Score | NotRated
) -> ScoreCard:
    card = ScoreCard(
        run=made,
        company=contract.company,
        estate=contract.estate,
        contract=contract,
        households=contract.estate.households,
        household_months=one.household_months,
        complaints=one.complaints,
        incidents=one.incidents,
        evidence=asdict(one),
    )
    if isinstance(result, NotRated):
        card.not_rated_because = result.reason
    else:
        card.score, card.low, card.high = result.value, result.low, result.high
        card.grade, card.base = result.grade, result.base
    return card


def _company_cards(made: ScoreRun, rows: list[Row], policy: Policy) -> list[ScoreCard]:
    by_company: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_company[row[0].company_id].append(row)
    cards = []
    for group in by_company.values():
        card = ScoreCard(
            run=made,
            company=group[0][0].company,
            households=sum(contract.estate.households for contract, _e, _r in group),
            household_months=sum(one.household_months for _c, one, _r in group),
            complaints=sum(one.complaints for _c, one, _r in group),
            incidents=sum(one.incidents for _c, one, _r in group),
        )
        rated = [(one, result) for _c, one, result in group if isinstance(result, Score)]
        if rated:
            result = company_score(rated, policy)
            card.score, card.low, card.high = result.value, result.low, result.high
            card.grade, card.disparity = result.grade, result.disparity
        else:
            card.not_rated_because = "名下没有可以评分的小区"
        cards.append(card)
    return cards
