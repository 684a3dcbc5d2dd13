"""A run freezes its policy and its data; the same twice is one run; what was published stays."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict

from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience
from property_oversight.scoring import actions
from property_oversight.scoring.formula import Policy
from property_oversight.scoring.models import ScoreCard, ScoreRun
from property_oversight.scoring.queries import latest_run
from tests.factories import (
    make_category,
    make_company,
    make_complaint,
    make_contract,
    make_estate,
    make_finding,
)

AFTER = date(2026, 10, 31)


def run(**more) -> ScoreRun:
    return actions.run("2026Q3", as_of=more.pop("as_of", AFTER), **more)


def complain(contract, number: int = 1) -> None:
    for _each in range(number):
        make_finding(make_complaint(category=make_category("fees")), contract)


def frozen(score_run: ScoreRun) -> list:
    """Everything that a run says."""
    return [
        model_to_dict(score_run),
        *[model_to_dict(card) for card in score_run.cards.order_by("pk")],
        *[
            model_to_dict(part)
            for card in score_run.cards.order_by("pk")
            for part in card.contributions.all()
        ],
    ]


def test_run_has_a_card_for_every_contract_and_every_firm(city):
    make_contract(make_estate(households=5), city.firm_b)
    made = run()
    assert set(made.cards.filter(contract__isnull=False).values_list("contract", flat=True)) == {
        contract.pk for firm in (city.firm_a, city.firm_b) for contract in firm.contracts.all()
    }
    firms = made.cards.filter(contract=None)
    assert {card.company for card in firms} == {city.firm_a, city.firm_b}
    assert {card.estate for card in firms} == {None}


def test_run_writes_a_row_for_each_contribution(city):
    complain(city.contract, 3)
    evaluate(open_quarter("2026Q3"), Audience.COMMUNITY, city.estate, evaluator="C001",
             on=date(2026, 9, 30), points=70)  # fmt: skip
    card = run().cards.get(estate=city.estate)
    parts = card.contributions.all()
    assert [part.indicator for part in parts] == ["I1-burden", "I5-community"]
    assert card.base + sum(part.contribution for part in parts) == pytest.approx(card.score)
    assert sum(part.weight * part.points for part in parts) == pytest.approx(card.score)
    assert (card.complaints, card.incidents, card.households) == (3, 3, 920)


def test_run_says_why_a_contract_is_not_rated(city):
    tiny = make_contract(make_estate(households=5), make_company())
    cards = run().cards.filter(company=tiny.company)
    estate, company = cards.get(contract=tiny), cards.get(contract=None)
    assert (estate.rated, estate.score, estate.grade) == (False, None, "")
    assert estate.not_rated_because == "服务量不足：15 户·月，少于 150 户·月，不予评分"
    assert (company.rated, company.not_rated_because) == (False, "名下没有可以评分的小区")
    assert not estate.contributions.exists()


def test_run_gives_a_firm_the_sum_of_its_estates(city):
    second = make_contract(make_estate(households=1000), city.firm_a)
    complain(city.contract, 40)
    complain(second, 2)
    card = run().cards.get(company=city.firm_a, contract=None)
    assert (card.households, card.complaints, card.incidents) == (1920, 42, 42)
    assert card.disparity < 0.05
    assert not card.contributions.exists()


def test_run_of_the_same_data_gives_the_same_run_back(city):
    complain(city.contract)
    first = run()
    before = frozen(first)
    assert run() == first
    assert run(as_of=date(2026, 11, 30)) == first  # a later day on which nothing new is known
    assert ScoreRun.objects.count() == 1
    assert frozen(first) == before


def test_run_of_new_data_is_a_new_run_and_leaves_the_old_one_as_it_was(city):
    first = run()
    before = frozen(first)
    complain(city.contract)
    second = run()
    assert second != first
    assert second.data_hash != first.data_hash
    assert frozen(ScoreRun.objects.get(pk=first.pk)) == before
    assert latest_run("2026Q3") == second


def test_run_under_another_policy_is_a_new_run_that_keeps_it(city):
    first = run()
    second = run(policy=Policy(version="2027-1", least_household_months=5000))
    assert second != first
    assert (first.policy["version"], second.policy["version"]) == ("2026-1", "2027-1")
    assert second.policy == Policy(version="2027-1", least_household_months=5000).frozen()
    assert not second.cards.exclude(score=None).exists()


def test_run_keeps_the_counts_it_was_made_of(city):
    complain(city.contract, 2)
    card = run().cards.get(contract=city.contract)
    city.estate.households = 10
    city.estate.save()
    make_finding(make_complaint(category=make_category("fees")), city.contract)
    card = ScoreCard.objects.get(pk=card.pk)
    assert (card.households, card.evidence["complaints"]) == (920, 2)
    assert card.evidence["contract"] == city.contract.pk


def test_run_of_a_quarter_without_contracts_is_refused(db):
    with pytest.raises(ValidationError) as refused:
        run()
    assert refused.value.code == "nothing_to_score"
    assert not ScoreRun.objects.exists()


def test_run_of_what_is_no_quarter_is_refused(city):
    with pytest.raises(ValidationError) as refused:
        actions.run("2026Q7", as_of=AFTER)
    assert refused.value.code == "bad_period"


def test_publish_shows_a_run_once(city):
    made = run()
    published = actions.publish(made, by=city.bureau_officer)
    assert published.published_by == city.bureau_officer
    moment = published.published_at
    with pytest.raises(ValidationError) as refused:
        actions.publish(made, by=city.bureau_officer)
    assert refused.value.code == "already_published"
    assert ScoreRun.objects.get().published_at == moment


def test_published_run_is_untouched_by_a_new_one(city):
    complain(city.contract)
    published = actions.publish(run())
    before = frozen(published)
    complain(city.contract, 5)
    new = run()
    assert (new.published_at, frozen(ScoreRun.objects.get(pk=published.pk))) == (None, before)
    assert latest_run("2026Q3", published=True) == published
