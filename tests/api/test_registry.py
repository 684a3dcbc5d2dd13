"""The public register over HTTP."""

import pytest

from complaints.workdays import today
from property_oversight.registry.actions import merge, rename
from property_oversight.scoring.actions import publish
from tests.api.calling import call, queries_of
from tests.factories import (
    make_category,
    make_community,
    make_company,
    make_complaint,
    make_contract,
    make_estate,
    make_finding,
    moment,
)


def codes(answer) -> list[str]:
    return [row["code"] for row in answer.json()["results"]]


@pytest.mark.parametrize("name", ["estates", "companies", "categories"])
def test_the_register_needs_no_key(client, city, categories, name):
    assert codes(call(client, "get", f"{name}/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=江南", ["own"]),
        ("q=老江南", ["own"]),
        ("q=OWN", ["own"]),
        ("q=nothing", []),
        ("q=", ["own", "next"]),
        ("kind=commercial", ["own", "next"]),
        ("kind=renovated_old", []),
        ("community=NEAR", ["own"]),
        ("community=nowhere", []),
    ],
)
def test_estates_are_found_by_any_of_their_names(client, city, query, found):
    rename(city.estate, "老江南花苑")
    rename(city.estate, "江南小区")
    query = query.replace("OWN", city.estate.code.lower()).replace("NEAR", city.community.code)
    known = {"own": city.estate.code, "next": city.other_estate.code}
    assert codes(call(client, "get", f"estates/?{query}")) == [known[one] for one in found]


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 81, "kind=palace", "community=%00"])
def test_a_search_that_cannot_be_is_400(client, city, query):
    answer = call(client, "get", f"estates/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


def test_wildcards_are_letters(client, city):
    assert codes(call(client, "get", "estates/?q=%25")) == []
    assert codes(call(client, "get", "companies/?q=_")) == []


def test_an_estate_with_all_that_everybody_may_know(client, city, categories):
    bare = call(client, "get", f"estates/{city.estate.code}/").json()
    assert (bare["card"], bare["guidance"], bare["open_matters"]) == (None, None, [])
    assert bare["grid_load"] is None
    assert bare["contracts"][0]["company_code"] == city.firm_a.code

    open_one = make_complaint("电梯坏了", category=make_category("lift"))
    make_finding(open_one, city.contract)
    from property_oversight.casework.decisions import reckon

    publish(reckon("2026Q3", as_of=moment(2026, 10, 20).date()))
    grid = city.community.grids.create(code="G1", households=920, merchants=80, officers=1)
    grid.estates.add(city.estate)
    page = call(client, "get", f"estates/{city.estate.code}/").json()
    assert page["name"] == "江南小区"
    assert page["card"]["period"] == "2026Q3"
    assert page["card"]["estate_code"] == city.estate.code
    assert page["guidance"]["estate_code"] == city.estate.code
    assert page["guidance"]["is_sample"] is True
    assert page["open_matters"] == [{"category": "电梯", "count": 1}]
    assert page["grid_load"] == {"per_officer": 1000.0, "over_percent": 100}


def test_an_unpublished_card_is_not_on_the_estates_page_also_for_the_bureau(
    client, city, categories
):
    from property_oversight.casework.decisions import reckon

    reckon("2026Q3", as_of=moment(2026, 10, 20).date())
    page = call(client, "get", f"estates/{city.estate.code}/", city.bureau_officer).json()
    assert (page["card"], page["guidance"]) == (None, None)


def test_of_two_firms_in_a_quarter_the_one_that_serves_today_is_shown(client, city, categories):
    estate = make_estate("换手小区", community=city.community)
    make_contract(estate, city.firm_b, starts_on=moment(2025, 1, 1).date(),
                  ends_on=moment(2026, 8, 1).date())  # fmt: skip
    now = make_contract(estate, city.firm_a, starts_on=moment(2026, 8, 1).date())
    from property_oversight.casework.decisions import reckon

    publish(reckon("2026Q3", as_of=moment(2026, 10, 20).date()))
    page = call(client, "get", f"estates/{estate.code}/").json()
    assert page["card"]["company_code"] == now.company.code
    assert len(call(client, "get", f"cards/?estate={estate.code}").json()["results"]) == 2


def test_a_merged_estate_leads_to_what_it_became(client, city):
    merge(city.other_estate, into=city.estate)
    page = call(client, "get", f"estates/{city.other_estate.code}/")
    assert page.json()["code"] == city.estate.code
    assert codes(call(client, "get", "estates/")) == [city.estate.code]
    assert codes(call(client, "get", "estates/?q=后苑")) == [city.estate.code]


def test_codes_may_hold_dots(client, city):
    estate = make_estate("点号小区", code="A.1-2")
    assert call(client, "get", f"estates/{estate.code}/").json()["code"] == "A.1-2"


@pytest.mark.parametrize("name", ["estates", "companies", "categories"])
@pytest.mark.parametrize("code", ["nowhere", "%00", "x" * 41, "%F0%9F%98%80", "'"])
def test_a_code_that_nobody_has_is_404(client, city, name, code):
    assert call(client, "get", f"{name}/{code}/").status_code == 404


def test_a_company_with_the_estates_it_serves_today(client, city):
    firm = make_company("旧物业公司", aliases=["旧物业"])
    make_contract(make_estate("后来的小区"), firm)
    make_contract(make_estate("从前的小区"), firm, ends_on=moment(2026, 1, 1).date())
    shown = call(client, "get", f"companies/{firm.code}/").json()
    [held] = [contract for contract in firm.contracts.all() if contract.covers(today())]
    assert shown["estate_codes"] == [held.estate.code]
    assert shown["aliases"] == ["旧物业"]
    assert codes(call(client, "get", "companies/?q=旧物业")) == [firm.code]
    assert codes(call(client, "get", f"companies/?q={firm.code.lower()}")) == [firm.code]
    assert call(client, "get", "companies/?q=%00").status_code == 400


def test_a_category_with_who_answers(client, categories):
    lift = call(client, "get", "categories/lift/").json()
    assert (lift["name"], lift["firm_answers"]) == ("电梯", True)


@pytest.mark.parametrize("name", ["estates", "companies", "categories"])
def test_lists_ask_as_often_for_three_rows_as_for_one(client, city, categories, name):
    few = queries_of(client, f"{name}/?limit=1", city.bureau_officer)
    for number in range(3):
        estate = make_estate(community=make_community())
        grid = estate.community.grids.create(code=f"GG{number}")
        grid.estates.add(estate)
        make_contract(estate, make_company())
    assert queries_of(client, f"{name}/", city.bureau_officer) == few
