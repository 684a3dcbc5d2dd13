"""Scores and guidance over HTTP: the bureau reckons and publishes, then they are everybody's."""

import pytest

from complaints.workdays import today
from property_oversight.casework.decisions import reckon
from property_oversight.scoring.actions import publish
from tests.api.calling import call, queries_of
from tests.factories import make_company, make_contract, make_estate, moment


@pytest.fixture
def unpublished(city, categories):
    return reckon("2026Q3", as_of=moment(2026, 10, 20).date())


@pytest.fixture
def published(unpublished):
    return publish(unpublished)


def rows(answer) -> list[dict]:
    assert answer.status_code == 200
    return answer.json()["results"]


def test_the_bureau_reckons_and_publishes_once(client, city, categories):
    officer = city.bureau_officer
    made = call(client, "post", "score-runs/", officer, period="2026Q3", as_of="2026-10-20")
    assert made.status_code == 201
    again = call(client, "post", "score-runs/", officer, period="2026Q3", as_of="2026-10-20")
    assert again.json()["id"] == made.json()["id"]
    assert rows(call(client, "get", "cards/")) == []
    assert rows(call(client, "get", "guidance/")) == []
    path = f"score-runs/{made.json()['id']}"
    assert call(client, "get", f"{path}/", officer).json()["published_at"] is None
    assert call(client, "post", f"{path}/publish/", officer).json()["published_at"]
    again = call(client, "post", f"{path}/publish/", officer)
    assert (again.status_code, again.json()["code"]) == (409, "already_published")
    cards = rows(call(client, "get", "cards/"))
    assert {card["estate_code"] for card in cards} == {
        city.estate.code, city.other_estate.code, None,
    }  # fmt: skip
    assert len(rows(call(client, "get", "guidance/"))) == 2


@pytest.mark.parametrize("who", ["firm_a_clerk", "community_officer", "petition_clerk"])
def test_others_neither_reckon_nor_look_on(client, city, unpublished, who):
    user = city.people[who]
    path = f"score-runs/{unpublished.pk}"
    assert call(client, "get", "score-runs/", user).status_code == 403
    assert call(client, "get", f"{path}/", user).status_code == 403
    assert call(client, "post", "score-runs/", user, period="2026Q3").status_code == 403
    assert call(client, "post", f"{path}/publish/", user).status_code == 403


def test_without_a_key_it_is_401(client, unpublished):
    assert call(client, "post", f"score-runs/{unpublished.pk}/publish/").status_code == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"as_of": "2026-10-20"}, "/period"),
        ({"period": "2026"}, "/period"),
        ({"period": "20２６Q3"}, "/period"),
        ({"period": "2026Q3\x00"}, "/period"),
        ({"period": ["2026Q3"]}, "/period"),
        ({"period": "2026Q3", "as_of": "0001-01-01"}, "/as_of"),
        ({"period": "2026Q3", "as_of": "9999-12-31"}, "/as_of"),
        ({"period": "2026Q3", "as_of": 7}, "/as_of"),
    ],
)
def test_a_quarter_that_cannot_be_reckoned(client, city, body, pointer):
    answer = call(client, "post", "score-runs/", city.bureau_officer, **body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_quarter_in_which_nobody_served(client, city, categories):
    answer = call(client, "post", "score-runs/", city.bureau_officer, period="2001Q1")
    assert (answer.status_code, answer.json()["code"]) == (400, "nothing_to_score")
    assert today().isoformat() > "2026-01-01"


def test_an_unpublished_card_is_the_bureaus(client, city, unpublished):
    own = rows(call(client, "get", "cards/", city.bureau_officer))
    assert len(own) == 4
    path = f"cards/{own[0]['id']}/"
    assert call(client, "get", path, city.bureau_officer).status_code == 200
    for user in (None, city.firm_a_clerk, city.petition_clerk):
        assert rows(call(client, "get", "cards/", user)) == []
        assert call(client, "get", path, user).status_code == 404


def test_a_card_says_what_it_is_made_of(client, city, published):
    card = rows(call(client, "get", f"cards/?estate={city.estate.code}"))[0]
    assert call(client, "get", f"cards/{card['id']}/").json() == card
    assert card["rated"] is (card["score"] is not None)
    if card["rated"]:
        assert card["low"] <= card["score"] <= card["high"]
    assert card["published_at"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("period=2026Q3", 4),
        ("period=2026Q2", 0),
        ("estate=ESTATE", 1),
        ("estate=nowhere", 0),
        ("company=COMPANY", 2),
        ("company=nobody", 0),
        ("level=estate", 2),
        ("level=company", 2),
        ("level=company&company=COMPANY", 1),
    ],
)
def test_cards_are_narrowed(client, city, published, query, count):
    query = query.replace("ESTATE", city.estate.code).replace("COMPANY", city.firm_a.code)
    assert len(rows(call(client, "get", f"cards/?{query}"))) == count


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("period=2026Q3", 2),
        ("period=2026Q2", 0),
        ("estate=ESTATE", 1),
        ("estate=nowhere", 0),
        ("verdict=VERDICT", 2),
    ],
)
def test_guidance_is_narrowed(client, city, published, query, count):
    said = rows(call(client, "get", "guidance/"))
    assert call(client, "get", f"guidance/{said[0]['id']}/").json() == said[0]
    query = query.replace("ESTATE", city.estate.code).replace("VERDICT", said[0]["verdict"])
    assert len(rows(call(client, "get", f"guidance/?{query}"))) == count


@pytest.mark.parametrize(("query", "count"), [("period=2026Q3", 1), ("period=2026Q2", 0)])
def test_runs_are_narrowed(client, city, published, query, count):
    assert len(rows(call(client, "get", f"score-runs/?{query}", city.bureau_officer))) == count


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("cards/?period=Q", "/period"),
        ("cards/?period=%00", "/period"),
        ("cards/?level=city", "/level"),
        ("cards/?estate=%00", "/estate"),
        ("guidance/?period=2026Q5", "/period"),
        ("guidance/?verdict=fine", "/verdict"),
        ("score-runs/?period=never", "/period"),
    ],
)
def test_a_bad_filter_is_told_where_it_is_bad(client, city, path, pointer):
    answer = call(client, "get", path, city.bureau_officer)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("name", ["cards", "guidance", "score-runs"])
@pytest.mark.parametrize("key", ["999999999999999999", "0", "9999999999999999999", "x"])
def test_what_does_not_exist_is_404(client, city, name, key):
    assert call(client, "get", f"{name}/{key}/", city.bureau_officer).status_code == 404


@pytest.mark.parametrize("name", ["cards", "guidance", "score-runs"])
def test_lists_ask_as_often_for_three_rows_as_for_one(client, city, published, name):
    few = queries_of(client, f"{name}/?limit=1", city.bureau_officer)
    for quarter in ("2026Q1", "2026Q2"):
        make_contract(make_estate(community=city.community), make_company(), tier=2)
        publish(reckon(quarter, as_of=moment(2026, 10, 20).date()))
    assert queries_of(client, f"{name}/", city.bureau_officer) == few
