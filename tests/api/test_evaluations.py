"""Evaluations over HTTP: a community rates its own estates, in the round that is open."""

import pytest
import time_machine

from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience, Evaluation
from property_oversight.evaluations.queries import questions
from tests.api.calling import call, queries_of
from tests.factories import make_estate, moment

NOW = moment(2026, 8, 20, 10)


@pytest.fixture(autouse=True)
def _summer():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def now_open(city, categories):
    return open_quarter("2026Q3")


def rate(client, city, user="community_officer", **body):
    said = {"estate": city.estate.code, "points": 80} | body
    said = {name: value for name, value in said.items() if value is not None}
    return call(client, "post", "evaluations/", city.people[user], **said)


def test_a_community_rates_its_own_estate(client, city, now_open):
    done = rate(client, city, comment="电梯常坏")
    assert done.status_code == 201
    said = Evaluation.objects.get()
    assert (said.by, said.evaluator, said.audience) == (
        city.community_officer, city.community.code, Audience.COMMUNITY,
    )  # fmt: skip
    assert done.json()["company_code"] == city.firm_a.code
    assert done.json()["comment"] == "电梯常坏"
    assert done.json()["answers"] == []


def test_a_later_word_takes_the_place_of_the_former(client, city, now_open):
    first = rate(client, city).json()["id"]
    assert rate(client, city).json()["id"] == first
    second = rate(client, city, points=60).json()["id"]
    assert second != first
    seen = call(client, "get", "evaluations/", city.community_officer).json()["results"]
    assert [row["id"] for row in seen] == [second]
    assert call(client, "get", f"evaluations/{first}/", city.bureau_officer).status_code == 404


@pytest.mark.parametrize(
    ("user", "status"),
    [
        ("officer_next_door", 403),
        ("firm_a_clerk", 403),
        ("bureau_officer", 403),
        ("petition_clerk", 403),
    ],
)
def test_nobody_else_rates_it(client, city, now_open, user, status):
    assert rate(client, city, user).status_code == status
    assert not Evaluation.objects.exists()


def test_without_a_key_it_is_401(client, city, now_open):
    answer = call(client, "post", "evaluations/", estate=city.estate.code, points=80)
    assert answer.status_code == 401


def test_when_no_round_is_open_nothing_is_rated(client, city, categories):
    refused = rate(client, city)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_open_round")
    asked = call(client, "get", "evaluations/open-round/", city.community_officer)
    assert asked.status_code == 404


def test_an_estate_that_nobody_serves_is_not_rated(client, city, now_open):
    bare = make_estate("无人小区", community=city.community)
    refused = rate(client, city, estate=bare.code)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_contract")


def test_answers_to_the_questions_of_the_round(client, city, now_open):
    asked = call(client, "get", "evaluations/open-round/", city.community_officer).json()
    assert asked["code"] == "2026Q3"
    full = {one["code"]: one["points"] for one in asked["questions"]}
    done = rate(client, city, points=None, answers=full)
    assert done.status_code == 201, done.content
    assert done.json()["points"] == 100
    assert {one["question"]: one["points"] for one in done.json()["answers"]} == full


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda full: full | {"no_such": 1}, "invalid"),
        (lambda full: dict(list(full.items())[1:]), "invalid"),
        (lambda full: dict.fromkeys(full, 100), "points_out_of_range"),
        (lambda full: dict.fromkeys(full, -1), "min_value"),
        (lambda full: dict.fromkeys(full, 2**63), "max_value"),
        (lambda full: dict.fromkeys(full, "viel"), "invalid"),
        (lambda full: {}, "invalid"),
        (lambda full: [1], "not_a_dict"),
    ],
)
def test_answers_that_do_not_fit(client, city, now_open, change, code):
    full = {one.code: one.points for one in questions()}
    refused = rate(client, city, points=None, answers=change(full))
    assert refused.status_code == 400
    codes = {refused.json()["code"], *(one["code"] for one in refused.json().get("errors", []))}
    assert code in codes


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"points": 101}, "/points"),
        ({"points": -1}, "/points"),
        ({"points": "nan"}, "/points"),
        ({"points": 10**400}, "/points"),
        ({"points": None}, ""),
        ({"answers": {}}, "/answers"),
        ({"estate": "nowhere"}, "/estate"),
        ({"comment": "\x00"}, "/comment"),
        ({"comment": "a" * 5001}, "/comment"),
    ],
)
def test_what_cannot_be_said_stores_nothing(client, city, now_open, body, pointer):
    refused = rate(client, city, **body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("bureau_officer", True),
        ("community_officer", True),
        ("firm_a_clerk", True),
        ("officer_next_door", False),
        ("firm_b_clerk", False),
        ("petition_clerk", False),
    ],
)
def test_one_queryset_serves_list_and_detail(client, city, now_open, who, seen):
    key = rate(client, city).json()["id"]
    user = city.people[who]
    rows = call(client, "get", "evaluations/", user).json()["results"]
    detail = call(client, "get", f"evaluations/{key}/", user)
    assert [row["id"] for row in rows] == ([key] if seen else [])
    assert detail.status_code == (200 if seen else 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("round=2026Q3", True),
        ("round=2026Q2", False),
        ("audience=community", True),
        ("audience=owners", False),
        ("estate=ESTATE", True),
        ("estate=nowhere", False),
        ("company=COMPANY", True),
        ("company=nobody", False),
    ],
)
def test_each_filter_keeps_what_fits_and_drops_what_does_not(client, city, now_open, query, found):
    rate(client, city)
    query = query.replace("ESTATE", city.estate.code).replace("COMPANY", city.firm_a.code)
    rows = call(client, "get", f"evaluations/?{query}", city.bureau_officer).json()["results"]
    assert bool(rows) is found


@pytest.mark.parametrize("query", ["audience=all", "round=%00", "estate=%00", "company=%00"])
def test_a_bad_filter_is_400(client, city, query):
    answer = call(client, "get", f"evaluations/?{query}", city.bureau_officer)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


def test_lists_ask_as_often_for_three_rows_as_for_one(client, city, now_open):
    full = {one: one.points for one in questions()}

    def more(evaluator: str) -> None:
        evaluate(now_open, Audience.OWNERS, city.estate, evaluator=evaluator,
                 on=NOW.date(), answers=full)  # fmt: skip

    more("A")
    for who in ("bureau_officer", "firm_a_clerk", "community_officer"):
        few = queries_of(client, "evaluations/?limit=1", city.people[who])
        more(f"{who} 1")
        more(f"{who} 2")
        assert queries_of(client, "evaluations/", city.people[who]) == few
