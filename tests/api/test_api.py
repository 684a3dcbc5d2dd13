"""The machines' face over HTTP: who sees what, who may do what, how errors look."""

import json

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.models import Complaint
from complaints.workflow import State
from property_oversight.accounts.actions import issue_key
from property_oversight.attribution.models import Standing
from property_oversight.casework import rounds
from property_oversight.scoring.actions import publish, run
from property_oversight.talks.actions import propose_due
from property_oversight.talks.models import Talk
from tests.factories import make_category, make_complaint, make_finding, moment

LISTS = ["complaints", "estates", "companies", "categories", "evaluations", "cards", "guidance",
         "score-runs", "talks"]  # fmt: skip


def call(client: Client, method: str, path: str, user=None, **body):
    """Ask as a machine that holds the key of `user`."""
    headers = {"Authorization": f"Api-Key {issue_key(user, 'test')}"} if user else {}
    more = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
    return getattr(client, method)(f"/api/v1/{path}", headers=headers, **more)


@pytest.fixture
def dispatched(city, categories) -> Complaint:
    """A complaint of 王秀英 at 江南小区, with firm A."""
    complaint = make_complaint(
        "江南小区3栋1单元502室王秀英，电话13812345678，电梯坏了",
        category=make_category("lift"),
        reporter_name="王秀英",
        reporter_phone="13812345678",
    )
    make_finding(complaint, city.contract)
    from property_oversight.casework import pipeline

    pipeline.process([complaint.pk])
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    return complaint


def test_anybody_files_and_follows_and_says_how_it_ended(
    client, city, serving, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        filed = call(client, "post", "complaints/", text="江南小区三号楼电梯坏了三天没人修",
                     reporter_phone="13812345678")  # fmt: skip
    assert filed.status_code == 201
    code = filed.json()["tracking_code"]

    seen = call(client, "get", f"complaints/by-code/{code.lower()}/")
    assert seen.status_code == 200
    assert seen.json()["state"] == State.DISPATCHED
    assert seen.json()["finding"]["estate"] == "江南小区"
    assert "13812345678" not in seen.content.decode()

    key = Complaint.objects.get().pk
    assert call(client, "post", f"complaints/{key}/accept/", city.firm_a_clerk).status_code == 200
    answered = call(client, "post", f"complaints/{key}/answer/", city.firm_a_clerk, note="已修好")
    assert answered.json()["state"] == State.ANSWERED
    redone = call(client, "post", f"complaints/by-code/{code}/redo/", note="又坏了")
    assert redone.json()["state"] == State.IN_PROGRESS
    call(client, "post", f"complaints/{key}/answer/", city.firm_a_clerk, note="换了门机")
    closed = call(client, "post", f"complaints/by-code/{code}/confirm/", satisfied=True)
    assert (closed.json()["state"], closed.json()["resolved"]) == (State.CLOSED, True)
    too_late = call(client, "post", f"complaints/by-code/{code}/withdraw/")
    assert too_late.status_code == 409
    assert too_late.json()["code"] == "illegal_move"


@pytest.mark.parametrize("act", ["urge", "supplement"])
def test_a_resident_urges_and_supplements(client, dispatched, act):
    done = call(
        client, "post", f"complaints/by-code/{dispatched.tracking_code}/{act}/", note="等了三天"
    )
    assert done.status_code == 200
    assert done.json()["events"][-1]["kind"] in {"complaint.urged", "complaint.supplemented"}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("firm_a_clerk", True),
        ("firm_b_clerk", False),
        ("community_officer", True),
        ("officer_next_door", False),
        ("bureau_officer", True),
        ("petition_clerk", True),
    ],
)
def test_one_queryset_serves_list_and_detail(client, city, dispatched, who, seen):
    user = city.people[who]
    listed = call(client, "get", "complaints/", user).json()["results"]
    detail = call(client, "get", f"complaints/{dispatched.pk}/", user)
    assert [row["id"] for row in listed] == ([dispatched.pk] if seen else [])
    assert detail.status_code == (200 if seen else 404)
    if seen:
        shown = detail.content.decode()
        told = who == "bureau_officer"
        assert ("13812345678" in shown) is told
        assert ("王秀英" in shown) is told
        assert dispatched.tracking_code not in shown
        assert ("502" in shown) is told


def test_a_firm_sees_the_phone_where_the_resident_agreed(client, city, dispatched):
    Complaint.objects.filter(pk=dispatched.pk).update(shows_phone_to_firm=True)
    row = call(client, "get", f"complaints/{dispatched.pk}/", city.firm_a_clerk).json()
    assert row["reporter_phone"] == "13812345678"
    assert row["reporter_name"] == ""
    near = call(client, "get", f"complaints/{dispatched.pk}/", city.community_officer).json()
    assert near["reporter_phone"] == ""


@pytest.mark.parametrize(
    ("act", "who", "status"),
    [
        ("accept", "firm_a_clerk", 200),
        ("accept", "firm_b_clerk", 404),
        ("accept", "bureau_officer", 403),
        ("accept", "community_officer", 403),
        ("accept", "petition_clerk", 403),
        ("accept", None, 401),
        ("verify", "community_officer", 200),
        ("verify", "firm_a_clerk", 403),
        ("contest", "firm_a_clerk", 200),
        ("contest", "bureau_officer", 403),
        ("transfer", "bureau_officer", 200),
        ("transfer", "firm_a_clerk", 403),
        ("close", "bureau_officer", 409),
    ],
)
def test_acts_ask_the_ability_table(client, city, dispatched, *, act, who, status):
    user = city.people[who] if who else None
    done = call(client, "post", f"complaints/{dispatched.pk}/{act}/", user, note="理由")
    assert done.status_code == status
    if status != 200:
        assert done["Content-Type"] == "application/problem+json"


def test_the_bureau_decides_on_a_contest(client, city, dispatched):
    path = f"complaints/{dispatched.pk}"
    call(client, "post", f"{path}/contest/", city.firm_a_clerk, note="不是我们小区")
    assert dispatched.attributions.get(superseded_at=None).standing == Standing.CONTESTED
    done = call(client, "post", f"{path}/overturn/", city.bureau_officer, note="属后苑",
                estate=city.other_estate.code)  # fmt: skip
    assert done.json()["finding"]["company_code"] == city.firm_b.code
    assert call(client, "get", f"{path}/", city.firm_a_clerk).status_code == 404
    assert call(client, "get", f"{path}/", city.firm_b_clerk).status_code == 200


def test_the_bureau_corrects_decides_joins_and_splits(client, city, categories):
    unsure = make_complaint("楼里老是响")
    first = make_complaint("江南小区电梯坏了", category=make_category("lift"))
    for complaint in (unsure, first):
        make_finding(complaint, None)
    officer = city.bureau_officer
    corrected = call(client, "post", f"complaints/{unsure.pk}/correct/", officer, category="lift")
    assert corrected.json()["category"] == "lift"
    decided = call(client, "post", f"complaints/{unsure.pk}/decide/", officer,
                   estate=city.estate.code)  # fmt: skip
    assert decided.json()["state"] == State.DISPATCHED
    joined = call(client, "post", f"complaints/{unsure.pk}/join/", officer, first=first.pk)
    assert joined.json()["state"] == State.JOINED
    split = call(client, "post", f"complaints/{unsure.pk}/split/", officer)
    assert split.json()["state"] == State.RECEIVED


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=dispatched", True),
        ("state=closed", False),
        ("category=lift", True),
        ("category=fees", False),
        ("channel=hotline", True),
        ("channel=web", False),
        ("danger=false", True),
        ("danger=true", False),
        ("received_after=2026-08-01T00:00:00%2B08:00", True),
        ("received_after=2026-09-01T00:00:00%2B08:00", False),
        ("received_before=2026-09-01T00:00:00%2B08:00", True),
        ("received_before=2026-08-01T00:00:00%2B08:00", False),
        ("estate=ESTATE", True),
        ("estate=nowhere", False),
        ("company=COMPANY", True),
        ("company=nobody", False),
    ],
)
def test_each_filter_keeps_what_fits_and_drops_what_does_not(
    client, city, dispatched, query, found
):
    query = query.replace("ESTATE", city.estate.code).replace("COMPANY", city.firm_a.code)
    rows = call(client, "get", f"complaints/?{query}", city.bureau_officer).json()["results"]
    assert bool(rows) is found


@pytest.mark.parametrize(
    "query",
    ["state=gone", "channel=smoke", "received_after=yesterday", "limit=0", "limit=x",
     "limit=99999999999999999999", "before=-1", "before=1e3"],
)  # fmt: skip
def test_a_bad_filter_is_told_where_it_is_bad(client, city, dispatched, query):
    answer = call(client, "get", f"complaints/?{query}", city.bureau_officer)
    assert answer.status_code == 400
    body = answer.json()
    assert body["errors"][0]["pointer"] == f"/{query.split('=')[0]}"
    assert {"type", "title", "status", "detail", "code"} <= set(body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": ["a"]}, "/text"),
        ({"text": "a" * 20_001}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": "a", "occurred_on": "2026-02-30"}, "/occurred_on"),
        ({"text": "a", "title": "t" * 201}, "/title"),
    ],
)
def test_a_bad_complaint_stores_nothing(client, db, body, pointer):
    answer = client.post(
        "/api/v1/complaints/", data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("<a/>", "application/xml", 415),
        ("[]", "application/json", 400),
    ],
)
def test_a_body_that_cannot_be_read(client, db, content, kind, status):
    answer = client.post("/api/v1/complaints/", data=content, content_type=kind)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["complaints/9223372036854775808/", "complaints/0/", "estates/%00/", "talks/99999999999999/",
             "complaints/by-code/NOSUCHCODE/"]
)  # fmt: skip
def test_what_does_not_exist_is_404_not_500(client, city, path):
    assert call(client, "get", path, city.bureau_officer).status_code == 404


def test_keys_wrong_revoked_and_of_nobody(client, city):
    wrong = client.get("/api/v1/complaints/", headers={"Authorization": "Api-Key nonsense"})
    assert wrong.status_code == 401
    secret = issue_key(city.bureau_officer, "k")
    city.bureau_officer.api_keys.update(revoked=True)
    gone = client.get("/api/v1/complaints/", headers={"Authorization": f"Api-Key {secret}"})
    assert gone.status_code == 401
    assert gone.json()["detail"] == "密钥无效、已撤销或已过期"


def test_filing_is_throttled_by_address_and_offices_are_not(client, city, settings, serving):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"file": "2/hour"}
    }
    from django.core.cache import cache

    cache.clear()
    statuses = [call(client, "post", "complaints/", text="电梯坏了").status_code for _n in range(3)]
    assert statuses == [201, 201, 429]
    assert (
        call(client, "post", "complaints/", city.firm_a_clerk, text="电梯坏了").status_code == 201
    )
    cache.clear()


@pytest.mark.parametrize("name", LISTS)
def test_lists_ask_as_often_for_three_rows_as_for_one(client, city, categories, name):
    secret = issue_key(city.bureau_officer, "k")
    from property_oversight.evaluations.actions import evaluate, open_quarter
    from property_oversight.evaluations.models import Audience
    from tests.factories import make_company, make_contract, make_estate

    def more(number: int) -> None:
        estate = make_estate(f"新园{number}号院", community=city.community)
        contract = make_contract(estate, make_company(), tier=3, fee_per_m2="1.20")
        for _n in range(3):
            complaint = make_complaint("电梯坏了", category=make_category("lift"))
            make_finding(complaint, contract)
        evaluate(open_quarter("2026Q3"), Audience.COMMUNITY, estate, evaluator="C",
                 on=moment(2026, 9, 1).date(), points=50)  # fmt: skip
        from property_oversight.pricing.actions import guide

        made = run("2026Q3", as_of=moment(2026, 10, 20).date())
        guide(made)
        publish(made)
        rounds.take_up_stragglers()
        propose_due(made, on=moment(2026, 10, 20 + number).date())

    def queries() -> int:
        from django.db import connection

        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = client.get(f"/api/v1/{name}/", headers={"Authorization": f"Api-Key {secret}"})
        assert answer.status_code == 200
        assert answer.json()["results"]
        return len(seen)

    if name == "talks":
        for company in (city.firm_a, city.firm_b):
            from property_oversight.talks.models import Ground

            talk = Talk.objects.create(company=company, period="2026Q3", rule="T3-overdue",
                                       proposed_on=moment(2026, 10, 1).date())  # fmt: skip
            Ground.objects.create(talk=talk, because="x")
            talk.estates.set([city.estate, city.other_estate])
            if company == city.firm_a:
                few = queries()
        assert queries() == few
        return
    more(1)
    few = queries()
    more(2)
    more(3)
    assert queries() == few


def test_paging_by_key_shows_every_row_once(client, city):
    keys = [make_complaint(f"第{n}件").pk for n in range(5)]
    secret = issue_key(city.bureau_officer, "k")
    url, seen = "/api/v1/complaints/?limit=2", []
    while url:
        page = client.get(url, headers={"Authorization": f"Api-Key {secret}"}).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == sorted(keys, reverse=True)


def test_scores_are_run_and_published_by_the_bureau_and_then_everybodys(client, city, categories):
    made = call(client, "post", "score-runs/", city.bureau_officer, period="2026Q3",
                as_of="2026-10-20")  # fmt: skip
    assert made.status_code == 201
    assert call(client, "get", "cards/").json()["results"] == []
    assert (
        call(client, "post", "score-runs/", city.firm_a_clerk, period="2026Q3").status_code == 403
    )
    assert (
        call(client, "post", "score-runs/", city.bureau_officer, period="2026").status_code == 400
    )
    path = f"score-runs/{made.json()['id']}/publish/"
    assert call(client, "post", path, city.firm_a_clerk).status_code == 403
    assert call(client, "post", path, city.bureau_officer).status_code == 200
    assert call(client, "post", path, city.bureau_officer).status_code == 409
    cards = call(client, "get", "cards/?period=2026Q3").json()["results"]
    assert {card["estate_code"] for card in cards} == {
        city.estate.code, city.other_estate.code, None,
    }  # fmt: skip
    assert call(client, "get", "cards/?period=2026Q2").json()["results"] == []
    assert call(client, "get", "cards/?period=Q").status_code == 400
    guided = call(client, "get", "guidance/?period=2026Q3").json()["results"]
    assert all(row["is_sample"] for row in guided)
    assert len(guided) == 2


def test_a_community_rates_its_own_estate_and_no_other(client, city):
    from complaints.workdays import quarter_of, today
    from property_oversight.evaluations.actions import open_quarter

    officer = city.community_officer
    none_open = call(client, "post", "evaluations/", officer, estate=city.estate.code, points=80)
    assert none_open.status_code == 400
    open_quarter(quarter_of(today()))
    own = call(client, "post", "evaluations/", officer, estate=city.estate.code, points=80)
    assert own.status_code == 201
    other = call(client, "post", "evaluations/", officer, estate=city.other_estate.code, points=8)
    assert other.status_code == 403
    too_many = call(client, "post", "evaluations/", officer, estate=city.estate.code, points=101)
    assert too_many.status_code == 400
    assert len(call(client, "get", "evaluations/", city.firm_a_clerk).json()["results"]) == 1
    assert call(client, "get", "evaluations/", city.firm_b_clerk).json()["results"] == []


def test_a_talk_is_walked_by_the_bureau_and_verified_by_the_community(client, city, categories):
    from property_oversight.talks.models import Ground

    talk = Talk.objects.create(company=city.firm_a, period="2026Q3", rule="T3-overdue",
                               proposed_on=moment(2026, 10, 1).date())  # fmt: skip
    Ground.objects.create(talk=talk, because="3 件逾期")
    talk.estates.set([city.estate])
    path = f"talks/{talk.pk}"
    assert call(client, "get", f"{path}/", city.firm_a_clerk).status_code == 404
    officer = city.bureau_officer
    soon = call(client, "post", f"{path}/notify/", officer, meets_at="2020-01-01T09:00:00+08:00",
                place="305")  # fmt: skip
    assert soon.status_code == 400
    assert soon.json()["code"] == "too_soon"
    steps = [
        ("notify", officer, {"meets_at": "2099-01-05T09:00:00+08:00", "place": "305"}),
        ("hold", officer, {"note": "谈了"}),
        ("order", officer, {"note": "修好", "rectify_by": "2099-02-01"}),
        ("verify", city.community_officer, {"note": "看过"}),
        ("close", officer, {"note": "到位"}),
    ]
    assert call(client, "post", f"{path}/hold/", city.firm_a_clerk, note="x").status_code == 404
    for name, user, body in steps:
        done = call(client, "post", f"{path}/{name}/", user, **body)
        assert done.status_code == 200, done.content
    assert done.json()["state"] == "closed"
    again = call(client, "post", f"{path}/withdraw/", officer, note="x")
    assert again.status_code == 409
    assert call(client, "get", f"{path}/", city.firm_a_clerk).status_code == 200
    assert call(client, "get", f"{path}/", city.firm_b_clerk).status_code == 404


def test_the_feed_is_read_by_number_and_only_by_those_it_is_for(client, city, dispatched):
    rounds.tell_petition_office()
    for who, status in (("petition_clerk", 200), ("bureau_officer", 200), ("firm_a_clerk", 403),
                        ("community_officer", 403)):  # fmt: skip
        assert call(client, "get", "petition/events", city.people[who]).status_code == status
    assert call(client, "get", "petition/events").status_code == 401
    first = call(client, "get", "petition/events?after=0&limit=1", city.petition_clerk).json()
    assert first["events"][0]["sequence"] == "1"
    assert (first["next"], first["has_more"]) == (1, True)
    rest = call(client, "get", "petition/events?after=1", city.petition_clerk).json()
    assert [int(event["sequence"]) for event in rest["events"]] == list(range(2, rest["head"] + 1))
    assert rest["has_more"] is False
    for bad in ("after=-1", "after=x", "limit=0", "limit=1001", "after=99999999999999999999"):
        assert call(client, "get", f"petition/events?{bad}", city.petition_clerk).status_code == 400
    whole = json.dumps([first, rest], ensure_ascii=False)
    assert "13812345678" not in whole
    assert "王秀英" not in whole
    assert dispatched.tracking_code not in whole


def test_public_lists_need_no_key_and_find_by_name(client, city, categories):
    found = client.get("/api/v1/estates/?q=江南").json()["results"]
    assert [row["code"] for row in found] == [city.estate.code]
    assert found[0]["contracts"][0]["company_code"] == city.firm_a.code
    assert client.get("/api/v1/estates/?q=%00").status_code == 400
    assert client.get(f"/api/v1/estates/{city.estate.code}/").json()["name"] == "江南小区"
    assert client.get("/api/v1/companies/").json()["results"]
    assert client.get("/api/v1/categories/lift/").json()["firm_answers"] is True


def test_schema_is_served(client, db):
    answer = client.get("/api/v1/schema")
    assert answer.status_code == 200
    assert b"openapi: 3.1" in answer.content


def test_health(client, db, serving):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert client.get("/metrics").status_code == 200


def test_not_ready_without_a_model(client, db, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["model"] == "NoModel"
