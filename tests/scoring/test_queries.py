"""Reads of scoring: the newest run, and what stands before the public."""

from datetime import date

import pytest

from property_oversight.scoring import actions, queries
from property_oversight.scoring.models import ScoreRun
from tests.factories import (
    make_category,
    make_company,
    make_complaint,
    make_contract,
    make_estate,
    make_finding,
)


def new_run(city, period: str = "2026Q3", *, published: bool = False) -> ScoreRun:
    """A run whose data differ from every run before."""
    make_finding(make_complaint(category=make_category("fees")), city.contract)
    made = actions.run(period, as_of=date(2026, 12, 31))
    return actions.publish(made) if published else made


def test_latest_run_is_the_newest_of_its_quarter(city):
    first, second = new_run(city, published=True), new_run(city)
    other = actions.run("2026Q4", as_of=date(2026, 12, 31))
    assert queries.latest_run("2026Q3") == second
    assert queries.latest_run("2026Q3", published=True) == first
    assert queries.latest_run("2026Q4") == other
    assert queries.latest_run("2026Q4", published=True) is None


def test_standing_cards_are_those_of_the_newest_published_run_of_each_quarter(city):
    new_run(city, published=True)
    third = new_run(city, published=True)
    new_run(city)
    fourth = actions.publish(actions.run("2026Q4", as_of=date(2026, 12, 31)))
    runs = [card.run for card in queries.standing_cards()]
    assert set(runs) == {third, fourth}
    assert [one.period for one in runs] == ["2026Q4"] * 4 + ["2026Q3"] * 4


def test_cards_of_a_run_come_by_firm_and_estate(city):
    make_contract(make_estate(code="A0"), city.firm_a)
    made = new_run(city)
    shown = [
        (card.company.code, card.estate.code)
        for card in queries.cards_of(made)
        if card.estate is not None
    ]
    assert shown == sorted(shown)
    assert len(shown) == 3


@pytest.mark.parametrize("number", [1, 3])
def test_cards_bring_everything_along_in_two_queries(city, number, django_assert_num_queries):
    for _each in range(number):
        make_contract(make_estate(), make_company())
    made = new_run(city)
    with django_assert_num_queries(2):
        for card in queries.cards_of(made):
            assert card.company.name
            assert (card.estate is None) == (card.contract is None)
            assert len(card.contributions.all()) == (0 if card.contract is None else 1)


def test_untold_runs_are_published_and_not_told_yet(city):
    new_run(city)
    published = new_run(city, published=True)
    assert list(queries.untold_runs()) == [published]
    ScoreRun.objects.filter(pk=published.pk).update(told_at=published.published_at)
    assert not queries.untold_runs()
