"""Keys, refusals, paging, throttles: what every resource shares."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from redis.exceptions import RedisError

from complaints.models import Complaint
from property_oversight.accounts.actions import issue_key
from property_oversight.api.base import problem
from tests.api.calling import call, held
from tests.factories import make_complaint

FILE = "/api/v1/complaints/"


# Keys -------------------------------------------------------------------------------------------


def _with(client: Client, header: str):
    return client.get(FILE, headers={"Authorization": header})


@pytest.mark.parametrize("header", ["Api-Key nonsense", "Api-Key", "Api-Key a.b", "Api-Key \xe9.x"])
def test_a_wrong_key_is_401_and_says_how_to_sign_in(client, city, header):
    answer = _with(client, header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Api-Key"
    assert answer.json()["detail"] == "密钥无效、已撤销或已过期"
    assert answer.json()["code"] == "bad_key"


def test_a_key_that_is_revoked_expired_or_of_somebody_who_left_is_401(client, city):
    officer = city.bureau_officer
    secret = issue_key(officer, "k")
    assert _with(client, f"api-key {secret}").status_code == 200
    officer.api_keys.update(revoked=True)
    assert _with(client, f"Api-Key {secret}").status_code == 401
    late = issue_key(officer, "late", expires_at=timezone.now() - timezone.timedelta(days=1))
    assert _with(client, f"Api-Key {late}").status_code == 401
    fresh = issue_key(officer, "fresh")
    officer.is_active = False
    officer.save()
    assert _with(client, f"Api-Key {fresh}").status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic eDp5"])
def test_no_key_where_one_is_needed_is_401(client, city, header):
    answer = _with(client, header)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_a_bad_key_is_told_also_where_none_is_needed(client, city):
    answer = client.get("/api/v1/estates/", headers={"Authorization": "Api-Key x.y"})
    assert answer.status_code == 401


def test_a_user_without_a_hat_sees_no_desk(client, city):
    from property_oversight.accounts.actions import invite

    assert call(client, "get", "complaints/", invite("nobody")).status_code == 403


def test_who_is_signed_in_reads_and_writes_only_with_the_token_of_the_page(city):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(city.bureau_officer)
    assert browser.get(FILE).status_code == 200
    refused = browser.post("/api/v1/score-runs/", {"period": "2026Q3"})
    assert refused.status_code == 403
    assert refused.json()["code"] == "csrf_failed"
    assert "令牌" in refused.json()["detail"]


# Refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        ("{", "application/json", (400, "parse_error")),
        ('{"text": NaN}', "application/json", (400, "parse_error")),
        (b"\xff\xfe", "application/json", (400, "parse_error")),
        ("[" * 100_000, "application/json", (400, "parse_error")),
        ("9" * 5000, "application/json", (400, "parse_error")),
        ("<a/>", "application/xml", (415, "unsupported_media_type")),
        ("a=b", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        ("x", "multipart/form-data", (400, "parse_error")),
        ("[]", "application/json", (400, "invalid")),
        ("null", "application/json", (400, "invalid")),
        ('"text"', "application/json", (400, "invalid")),
    ],
)
def test_a_body_that_cannot_be_read(client, db, content, kind, told):
    answer = client.post(FILE, data=content, content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == told
    assert answer["Content-Type"] == "application/problem+json"
    held({"$ref": "#/components/schemas/Problem"}, answer.json())
    assert not Complaint.objects.exists()


def test_a_body_that_is_too_large_is_413_unread(client, db, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = call(client, "post", "complaints/", text="a" * 200)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_methods_and_kinds_that_there_are_not(client, city):
    assert call(client, "delete", "estates/", city.bureau_officer).status_code == 405
    assert call(client, "put", "complaints/", city.bureau_officer, text="x").status_code == 405
    assert call(client, "options", "complaints/", city.bureau_officer).status_code == 405
    refused = call(client, "get", "estates/", accept="text/html")
    assert refused.status_code == 406
    assert refused.json()["title"] == "无法按要求的格式答复"


@pytest.mark.parametrize("verb", ["get", "post", "delete", "options"])
@pytest.mark.parametrize("path", ["nowhere", "nowhere/", "", "complaints/x/", "a/b/c?x=%00"])
def test_an_address_that_there_is_not_is_told_in_the_tongue_of_machines(client, db, verb, path):
    answer = getattr(client, verb)(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_the_last_slash_may_be_left_out_also_when_posting(client, city, serving):
    assert client.get("/api/v1/estates").status_code == 200
    assert client.get("/api/v1/petition/events/").status_code == 401
    filed = client.post(
        "/api/v1/complaints", data=json.dumps({"text": "坏了"}), content_type="application/json"
    )
    assert filed.status_code == 201


def test_the_errors_of_a_models_fields_keep_their_places():
    error = ValidationError({"points": [ValidationError("太多", code="max_value")]})
    answer = problem(error, {})
    assert answer.status_code == 400
    assert answer.data["errors"] == [{"pointer": "/points", "detail": "太多", "code": "max_value"}]


def test_what_nobody_expected_is_left_to_be_a_500():
    assert problem(RuntimeError("x"), {}) is None


def test_pointers_are_escaped(client, city):
    answer = call(
        client, "post", "evaluations/", city.community_officer, estate=city.estate.code,
        answers={"a/b~c": "x"},
    )  # fmt: skip
    assert answer.json()["errors"][0]["pointer"] == "/answers/a~1b~0c"


# Paging -----------------------------------------------------------------------------------------


def test_pages_show_every_row_once_while_rows_come_in(client, city):
    keys = [make_complaint(f"第{n}件").pk for n in range(5)]
    secret = issue_key(city.bureau_officer, "k")
    url, seen = f"{FILE}?limit=2&channel=hotline", []
    while url:
        page = client.get(url, headers={"Authorization": f"Api-Key {secret}"}).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
        if len(seen) == 2:
            keys.append(make_complaint("后来的").pk)
    assert seen == keys


def test_pages_of_what_has_words_for_keys(client, categories):
    url, seen = "/api/v1/categories/?limit=5", []
    while url:
        page = client.get(url).json()
        seen += [row["code"] for row in page["results"]]
        url = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) > 5


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=201", "limit=-1", "limit=1e3", "limit=99999999999999999999",
     "limit=" + "0" * 5000, "limit=%00", "limit=²", "after=-1", "after=x", "after=1.5",
     "after=9223372036854775808"],
)  # fmt: skip
def test_a_page_that_cannot_be_is_400(client, city, query):
    answer = call(client, "get", f"complaints/?{query}", city.bureau_officer)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


def test_the_last_key_there_can_be_is_a_page_without_rows(client, city):
    make_complaint()
    answer = call(client, "get", f"complaints/?after={2**63 - 1}", city.bureau_officer)
    assert answer.json() == {"next": None, "results": []}
    assert call(client, "get", "categories/?after=%00").status_code == 400


# Throttles --------------------------------------------------------------------------------------


@pytest.fixture
def _few(settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"file": "2/hour", "guess": "2/hour"}
    }


@pytest.mark.usefixtures("_few", "serving")
def test_filing_is_throttled_by_address_and_offices_are_not(client, city):
    answers = [call(client, "post", "complaints/", text="电梯坏了") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 3601
    assert "请求" in answers[-1].json()["title"]
    assert call(client, "post", "complaints/", city.firm_a_clerk, text="坏了").status_code == 201
    elsewhere = client.post(
        FILE, data='{"text": "x"}', content_type="application/json", REMOTE_ADDR="10.9.8.7"
    )
    assert elsewhere.status_code == 201


@pytest.mark.usefixtures("_few")
def test_wrong_codes_are_counted_and_right_ones_are_not(client, dispatched):
    right = f"complaints/by-code/{dispatched.tracking_code}/"
    assert [call(client, "get", right).status_code for _n in range(4)] == [200] * 4
    wrong = [call(client, "get", "complaints/by-code/NOSUCHCODE22/") for _n in range(3)]
    assert [answer.status_code for answer in wrong] == [404, 404, 429]
    assert call(client, "get", right).status_code == 429


@pytest.mark.usefixtures("_few")
def test_supplements_count_as_filings(client, dispatched):
    path = f"complaints/by-code/{dispatched.tracking_code}/supplement/"
    answers = [call(client, "post", path, note=f"又停了 {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_cache_that_is_away_stops_nobody(client, city, serving, monkeypatch):
    from property_oversight.api.base import FilingThrottle, GuessThrottle

    class Away:
        def get(self, *_args):
            raise RedisError("away")

    monkeypatch.setattr(FilingThrottle, "cache", Away())
    monkeypatch.setattr(GuessThrottle, "cache", Away())
    assert call(client, "post", "complaints/", text="电梯坏了").status_code == 201
    assert call(client, "get", "complaints/by-code/NOSUCHCODE22/").status_code == 404


def test_no_counter_keeps_an_address(client, city, serving):
    from django.core.cache import cache

    call(client, "post", "complaints/", text="电梯坏了")
    kept = " ".join(cache._cache)
    assert "throttle_file_" in kept
    assert "127.0.0.1" not in kept
