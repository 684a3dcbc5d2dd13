"""Talks over HTTP: walked by the bureau, verified by the community, seen by those they concern."""

import json

import pytest

from property_oversight.accounts.models import User
from property_oversight.talks.models import Talk
from property_oversight.talks.workflow import State
from tests.api.calling import call, contents_of, queries_of
from tests.factories import make_talk

SAID = {
    "notify": {"meets_at": "2099-01-05T09:00:00+08:00", "place": "305"},
    "hold": {"note": "谈了"},
    "mark-absent": {"note": "没来"},
    "order": {"note": "修好", "rectify_by": "2099-02-01"},
    "verify": {"note": "看过"},
    "fail": {"note": "没修"},
    "close": {"note": "到位"},
    "withdraw": {"note": "不必"},
}
COMMUNITYS = {"verify", "fail"}
FROM = {"notify": State.PROPOSED, "hold": State.NOTICED, "mark-absent": State.NOTICED,
        "order": State.HELD, "verify": State.RECTIFYING, "fail": State.RECTIFYING,
        "close": State.HELD, "withdraw": State.PROPOSED}  # fmt: skip
TO = {"notify": State.NOTICED, "hold": State.HELD, "mark-absent": State.ABSENT,
      "order": State.RECTIFYING, "verify": State.VERIFIED, "fail": State.FAILED,
      "close": State.CLOSED, "withdraw": State.WITHDRAWN}  # fmt: skip


@pytest.fixture
def talk(city, categories) -> Talk:
    return make_talk(city.firm_a, city.estate)


def at(talk: Talk, state: State) -> Talk:
    Talk.objects.filter(pk=talk.pk).update(state=state)
    return talk


def test_a_talk_is_walked_from_proposal_to_end(client, city, talk):
    path, officer = f"talks/{talk.pk}", city.bureau_officer
    for act in ("notify", "hold", "order", "verify", "close"):
        user = city.community_officer if act in COMMUNITYS else officer
        done = call(client, "post", f"{path}/{act}/", user, **SAID[act])
        assert done.status_code == 200, done.content
        assert done.json()["state"] == TO[act]
    assert [event["kind"] for event in done.json()["events"]] == [
        "talk.proposed", "talk.noticed", "talk.held", "talk.ordered", "talk.verified",
        "talk.closed",
    ]  # fmt: skip
    assert done.json()["rectify_by"] == "2099-02-01"
    again = call(client, "post", f"{path}/withdraw/", officer, note="x")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


@pytest.mark.parametrize(
    "who",
    ["firm_a_clerk", "firm_b_clerk", "community_officer", "officer_next_door", "bureau_officer",
     "petition_clerk", None],
)  # fmt: skip
@pytest.mark.parametrize("act", SAID)
def test_acts_ask_the_ability_table(client, city, talk, act, who):
    at(talk, FROM[act])
    user = city.people[who] if who else None
    done = call(client, "post", f"talks/{talk.pk}/{act}/", user, **SAID[act])
    may = "community_officer" if act in COMMUNITYS else "bureau_officer"
    concerned = FROM[act] is not State.PROPOSED
    sees = who in {"bureau_officer", "petition_clerk"} or (
        concerned and who in {"firm_a_clerk", "community_officer"}
    )
    if who is None:
        assert done.status_code == 401
    elif who == may:
        assert (done.status_code, done.json()["state"]) == (200, TO[act])
    else:
        assert done.status_code == (403 if sees else 404)
    talk.refresh_from_db()
    assert talk.state == (TO[act] if who == may else FROM[act])


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("bureau_officer", {State.PROPOSED, State.NOTICED, State.WITHDRAWN}),
        ("petition_clerk", {State.PROPOSED, State.NOTICED, State.WITHDRAWN}),
        ("firm_a_clerk", {State.NOTICED}),
        ("community_officer", {State.NOTICED}),
        ("firm_b_clerk", set()),
        ("officer_next_door", set()),
    ],
)
def test_one_queryset_serves_list_and_detail(client, city, talk, who, sees):
    user = city.people[who]
    for state in (State.PROPOSED, State.NOTICED, State.WITHDRAWN):
        at(talk, state)
        seen = state in sees
        rows = call(client, "get", "talks/", user).json()["results"]
        detail = call(client, "get", f"talks/{talk.pk}/", user)
        assert [row["id"] for row in rows] == ([talk.pk] if seen else [])
        assert detail.status_code == (200 if seen else 404)


def test_letters_are_for_whom_the_talk_concerns(client, city, talk):
    call(client, "post", f"talks/{talk.pk}/notify/", city.bureau_officer, **SAID["notify"])
    shown = call(client, "get", f"talks/{talk.pk}/", city.firm_a_clerk).json()
    letter = shown["events"][-1]["letter"]
    assert letter["kind"] == "notice"
    path = f"talks/{talk.pk}/letters/{letter['id']}/"
    answer = call(client, "get", path, city.firm_a_clerk)
    assert contents_of(answer).startswith(b"PK")
    assert "attachment" in answer["Content-Disposition"]
    assert call(client, "get", path, city.firm_b_clerk).status_code == 404
    missing = f"talks/{talk.pk}/letters/{letter['id'] + 1}/"
    assert call(client, "get", missing, city.firm_a_clerk).status_code == 404


@pytest.mark.parametrize(
    ("act", "code", "body"),
    [
        ("notify", "too_soon", {"meets_at": "2020-01-01T09:00:00+08:00", "place": "305"}),
        ("notify", "overflow", {"meets_at": "0001-01-01T00:00:00+23:00", "place": "305"}),
        ("notify", "overflow", {"meets_at": "9999-12-31T23:59:59-12:00", "place": "305"}),
        ("notify", "invalid", {"meets_at": 2**63, "place": "305"}),
        ("notify", "max_length", {"meets_at": "2099-01-05T09:00:00+08:00", "place": "x" * 121}),
        ("notify", "required", {"meets_at": "2099-01-05T09:00:00+08:00"}),
        ("hold", "null_characters_not_allowed", {"note": "\x00"}),
        ("hold", "max_length", {"note": "x" * 5001}),
        ("hold", "required", {}),
        ("order", "bad_deadline", {"note": "x", "rectify_by": "2020-01-01"}),
        ("order", "invalid", {"note": "x", "rectify_by": "0000-00-00"}),
        ("close", "blank", {"note": " "}),
    ],
)
def test_what_cannot_be_said_moves_nothing(client, talk, act, code, body):
    at(talk, FROM[act])
    officer = User.objects.get(username="bureau_officer")
    refused = call(client, "post", f"talks/{talk.pk}/{act}/", officer, **body)
    assert refused.status_code == 400
    codes = {refused.json()["code"], *(one["code"] for one in refused.json().get("errors", []))}
    assert code in codes
    talk.refresh_from_db()
    assert talk.state == FROM[act]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=proposed", True),
        ("state=closed", False),
        ("period=2026Q3", True),
        ("period=2026Q2", False),
        ("rule=T3-overdue", True),
        ("rule=T9", False),
        ("company=COMPANY", True),
        ("company=nobody", False),
    ],
)
def test_each_filter_keeps_what_fits_and_drops_what_does_not(client, city, talk, query, found):
    query = query.replace("COMPANY", city.firm_a.code)
    rows = call(client, "get", f"talks/?{query}", city.bureau_officer).json()["results"]
    assert bool(rows) is found


@pytest.mark.parametrize("query", ["state=gone", "period=%00", "rule=%00", "company=%00"])
def test_a_bad_filter_is_400(client, city, query):
    answer = call(client, "get", f"talks/?{query}", city.bureau_officer)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


@pytest.mark.parametrize("key", ["999999999999999999", "0", "9999999999999999999"])
def test_what_does_not_exist_is_404(client, city, key):
    assert call(client, "get", f"talks/{key}/", city.bureau_officer).status_code == 404
    answer = client.post(f"/api/v1/talks/{key}/hold/", json.dumps({}), "application/json")
    assert answer.status_code in {401, 404}


def test_lists_ask_as_often_for_three_rows_as_for_one(client, city, categories):
    make_talk(city.firm_a, city.estate, state=State.NOTICED)
    for who in ("bureau_officer", "firm_a_clerk", "community_officer"):
        few = queries_of(client, "talks/?limit=1", city.people[who])
        for quarter in ("2026Q1", "2026Q2"):
            make_talk(city.firm_a, city.estate, city.other_estate, state=State.NOTICED,
                      period=quarter, rule=f"T-{who}")  # fmt: skip
        assert queries_of(client, "talks/", city.people[who]) == few
