"""Complaints over HTTP: who sees what, who may do what."""

import json

import pytest

from complaints.models import Channel, Complaint
from complaints.workdays import today
from complaints.workflow import State
from property_oversight.attribution.models import Standing
from tests.api.calling import a_picture, call, contents_of, queries_of, send
from tests.factories import make_category, make_complaint, make_finding

OFFICES = ["firm_a_clerk", "firm_b_clerk", "community_officer", "officer_next_door",
           "bureau_officer", "petition_clerk"]  # fmt: skip


# Filing -----------------------------------------------------------------------------------------


def test_anybody_files_and_gets_a_code(client, city, serving, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        filed = call(
            client, "post", "complaints/", text="江南小区三号楼电梯坏了三天没人修", title="电梯",
            stated_estate="江南小区", occurred_on=today().isoformat(), reporter_name="王秀英",
            reporter_phone="138 1234-5678", shows_phone_to_firm=True,
        )  # fmt: skip
    assert filed.status_code == 201
    stored = Complaint.objects.get()
    assert filed.json()["tracking_code"] == stored.tracking_code
    assert (stored.channel, stored.state) == (Channel.API, State.DISPATCHED)
    assert (stored.reporter_phone, stored.shows_phone_to_firm) == ("13812345678", True)
    assert stored.events.first().actor == "resident"
    assert stored.tracking_code not in stored.external_id


def test_an_office_files_in_its_own_name(client, city, serving):
    call(client, "post", "complaints/", city.community_officer, text="电梯坏了")
    stored = Complaint.objects.get()
    assert stored.events.first().actor == "interface"
    assert stored.reporter == city.community_officer


def test_pictures_come_with_a_form_and_are_handed_out_to_who_sees_the_complaint(
    client, city, serving, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        filed = send(client, "complaints/", text="江南小区电梯坏了", pictures=[a_picture()])
    assert filed.status_code == 201, filed.content
    stored = Complaint.objects.get()
    shown = call(client, "get", f"complaints/{stored.pk}/", city.firm_a_clerk).json()
    [key] = shown["events"][0]["pictures"]
    path = f"complaints/{stored.pk}/pictures/{key}/"
    answer = call(client, "get", path, city.firm_a_clerk, accept="image/jpeg")
    assert contents_of(answer).startswith(b"\xff\xd8")
    assert call(client, "get", path, city.firm_b_clerk).status_code == 404
    assert call(client, "get", path).status_code == 401
    missing = f"complaints/{stored.pk}/pictures/{key + 1}/"
    assert call(client, "get", missing, city.firm_a_clerk).status_code == 404


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (lambda: [a_picture() for _n in range(4)], "max_length"),
        (lambda: [_not_a_picture()], "not_a_picture"),
        (lambda: [_huge()], "too_large"),
    ],
)
def test_a_bad_picture_stores_nothing(client, db, settings, files, code):
    settings.UPLOAD_LIMIT_BYTES = 100_000
    answer = send(client, "complaints/", text="电梯坏了", pictures=files())
    assert answer.status_code == 400
    codes = {answer.json()["code"], *(one["code"] for one in answer.json().get("errors", []))}
    assert code in codes
    assert not Complaint.objects.exists()


def _not_a_picture():
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("x.jpg", b"<svg/>", content_type="image/jpeg")


def _huge():
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("x.jpg", b"a" * 100_001, content_type="image/jpeg")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "x"}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": "   "}, "/text"),
        ({"text": ["a"]}, "/text"),
        ({"text": None}, "/text"),
        ({"text": "a" * 20_001}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": "a\ud800b"}, "/text"),
        ({"text": "a", "occurred_on": "2026-02-30"}, "/occurred_on"),
        ({"text": "a", "occurred_on": "0001-01-01"}, "/occurred_on"),
        ({"text": "a", "occurred_on": "9999-12-31"}, "/occurred_on"),
        ({"text": "a", "title": "t" * 201}, "/title"),
        ({"text": "a", "stated_estate": "\x00"}, "/stated_estate"),
        ({"text": "a", "reporter_phone": "打我"}, "/reporter_phone"),
        ({"text": "a", "shows_phone_to_firm": "perhaps"}, "/shows_phone_to_firm"),
        ({"text": "a", "pictures": "x"}, "/pictures"),
        ({"text": "a", "pictures": ["x"]}, "/pictures/0"),
    ],
)
def test_a_bad_complaint_stores_nothing(client, db, body, pointer):
    answer = call(client, "post", "complaints/", **body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("１３８ 1234 5678", "13812345678"), ("0797-8123456", "0797-8123456"), ("", "")],
)
def test_a_phone_is_kept_in_one_way_of_writing(client, serving, typed, kept):
    assert call(client, "post", "complaints/", text="坏了", reporter_phone=typed).status_code == 201
    assert Complaint.objects.get().reporter_phone == kept


# Seeing -----------------------------------------------------------------------------------------


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
    listed = call(client, "get", "complaints/", user)
    detail = call(client, "get", f"complaints/{dispatched.pk}/", user)
    rows = listed.json()["results"]
    assert [row["id"] for row in rows] == ([dispatched.pk] if seen else [])
    assert detail.status_code == (200 if seen else 404)
    if seen:
        assert rows[0] == detail.json()
        assert "no-store" in detail["Cache-Control"]
        shown = detail.content.decode()
        told = who == "bureau_officer"
        assert ("13812345678" in shown) is told
        assert ("王秀英" in shown) is told
        assert ("502室" in shown) is told
        assert dispatched.tracking_code not in shown
        assert (detail.json()["finding"]["candidates"] is not None) is told


def test_a_firm_sees_the_phone_where_the_resident_agreed_and_only_while_it_mends(
    client, city, dispatched
):
    path = f"complaints/{dispatched.pk}/"
    dispatched.shows_phone_to_firm = True
    dispatched.save()
    row = call(client, "get", path, city.firm_a_clerk).json()
    assert (row["reporter_phone"], row["reporter_name"]) == ("13812345678", "")
    for who in ("community_officer", "petition_clerk"):
        assert call(client, "get", path, city.people[who]).json()["reporter_phone"] == ""
    Complaint.objects.filter(pk=dispatched.pk).update(state=State.CLOSED)
    assert call(client, "get", path, city.firm_a_clerk).json()["reporter_phone"] == ""


def test_a_firm_with_another_hat_sees_no_phone_of_another_firms(client, city, dispatched):
    from property_oversight.accounts.actions import grant
    from property_oversight.accounts.models import Role

    Complaint.objects.filter(pk=dispatched.pk).update(shows_phone_to_firm=True)
    grant(city.firm_b_clerk, Role.PETITION_OFFICE)
    row = call(client, "get", f"complaints/{dispatched.pk}/", city.firm_b_clerk).json()
    assert row["reporter_phone"] == ""


def test_who_was_joined_is_hidden_in_the_firsts_history(client, city, dispatched):
    repeat = make_complaint("李建国家，电话13987654321，电梯还是坏的", reporter_name="李建国",
                            reporter_phone="13987654321")  # fmt: skip
    make_finding(repeat, city.contract)
    joined = call(client, "post", f"complaints/{repeat.pk}/join/", city.bureau_officer,
                  first=dispatched.pk)  # fmt: skip
    assert joined.json()["joined_to"] == dispatched.pk
    path = f"complaints/{dispatched.pk}/"
    for who in ("firm_a_clerk", "community_officer", "petition_clerk"):
        shown = call(client, "get", path, city.people[who]).content.decode()
        assert "电梯还是坏的" in shown
        assert "李建国" not in shown
        assert "13987654321" not in shown
    assert "李建国" in call(client, "get", path, city.bureau_officer).content.decode()


def test_the_bureau_sees_what_was_read_and_who_did_what(
    client, city, serving, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        call(client, "post", "complaints/", text="江南小区电梯坏了三天")
    key = Complaint.objects.get().pk
    call(client, "post", f"complaints/{key}/accept/", city.firm_a_clerk)
    row = call(client, "get", f"complaints/{key}/", city.bureau_officer).json()
    assert row["reading"]["category"] == "lift"
    assert row["events"][-1]["by"] == "firm_a_clerk"
    theirs = call(client, "get", f"complaints/{key}/", city.firm_a_clerk).json()
    assert theirs["reading"] is None
    assert {event["by"] for event in theirs["events"]} == {None}


def test_lists_ask_as_often_for_three_rows_as_for_one(client, city, dispatched):
    def more() -> None:
        one = make_complaint("电梯坏了", category=make_category("lift"), reporter_name="李建国")
        make_finding(one, city.contract)
        twin = make_complaint("电梯又坏了", category=make_category("lift"))
        Complaint.objects.filter(pk=one.pk).update(state=State.IN_PROGRESS)
        Complaint.objects.filter(pk=twin.pk).update(state=State.JOINED, joined_to=one)

    for who in ("bureau_officer", "firm_a_clerk", "community_officer", "petition_clerk"):
        few = queries_of(client, "complaints/?limit=1", city.people[who])
        more()
        more()
        more()
        assert queries_of(client, "complaints/", city.people[who]) == few


# Narrowing --------------------------------------------------------------------------------------


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
        ("received_after=2026-08-03T09:00:00%2B08:00", True),
        ("received_after=2026-08-03T09:00:01%2B08:00", False),
        ("received_after=2026-08-03T01:00:00Z", True),
        ("received_before=2026-08-03T09:00:01%2B08:00", True),
        ("received_before=2026-08-03T09:00:00%2B08:00", False),
        ("estate=ESTATE", True),
        ("estate=nowhere", False),
        ("company=COMPANY", True),
        ("company=nobody", False),
        ("state=dispatched&category=fees", False),
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
    ["state=gone", "state=%00", "channel=smoke", "category=nothing", "category=%00",
     "danger=perhaps", "received_after=yesterday", "received_after=0001-01-01T00:00:00%2B08:00",
     "received_before=9999-12-31T23:59:59-08:00", "received_before=%00", "estate=%00",
     "company=%00", "company=" + "x" * 41],
)  # fmt: skip
def test_a_bad_filter_is_told_where_it_is_bad(client, city, dispatched, query):
    answer = call(client, "get", f"complaints/?{query}", city.bureau_officer)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


@pytest.mark.parametrize("key", ["9223372036854775808", "9999999999999999999", "0"])
def test_what_does_not_exist_is_404(client, city, key):
    assert call(client, "get", f"complaints/{key}/", city.bureau_officer).status_code == 404
    assert call(client, "post", f"complaints/{key}/split/", city.bureau_officer).status_code == 404


# Acting -----------------------------------------------------------------------------------------

MAY = {
    "accept": {"firm_a_clerk"},
    "answer": {"firm_a_clerk"},
    "contest": {"firm_a_clerk"},
    "verify": {"community_officer"},
    "correct": {"bureau_officer"},
    "decide": {"bureau_officer"},
    "uphold": {"bureau_officer"},
    "overturn": {"bureau_officer"},
    "transfer": {"bureau_officer"},
    "close": {"bureau_officer"},
    "join": {"bureau_officer"},
    "split": {"bureau_officer"},
}


@pytest.mark.parametrize("who", [*OFFICES, None])
@pytest.mark.parametrize("act", MAY)
def test_acts_ask_the_ability_table(client, city, dispatched, act, who):
    """A stranger's row is not there, what may not be done is forbidden, nobody is asked who he is;
    and who may, is asked for what the act needs, or told what stands in its way."""
    user = city.people[who] if who else None
    done = call(client, "post", f"complaints/{dispatched.pk}/{act}/", user)
    if who is None:
        assert done.status_code == 401
    elif who in {"firm_b_clerk", "officer_next_door"}:
        assert done.status_code == 404
    elif who not in MAY[act]:
        assert done.status_code == 403
    else:
        assert done.status_code in {200, 400, 409}
    if done.status_code != 200:
        dispatched.refresh_from_db()
        assert dispatched.state == State.DISPATCHED


def test_a_firm_accepts_and_answers_with_a_picture(client, city, dispatched):
    path = f"complaints/{dispatched.pk}"
    accepted = call(client, "post", f"{path}/accept/", city.firm_a_clerk)
    assert accepted.json()["state"] == State.IN_PROGRESS
    assert call(client, "post", f"{path}/accept/", city.firm_a_clerk).status_code == 409
    answered = send(client, f"{path}/answer/", city.firm_a_clerk, note="换了门机",
                    pictures=[a_picture(), a_picture()])  # fmt: skip
    assert answered.json()["state"] == State.ANSWERED
    assert len(answered.json()["events"][-1]["pictures"]) == 2
    bad = send(client, f"{path}/answer/", city.firm_a_clerk, note="x", pictures=[_not_a_picture()])
    assert bad.status_code == 400


def test_a_community_says_what_it_saw(client, city, dispatched):
    path = f"complaints/{dispatched.pk}/verify/"
    done = send(client, path, city.community_officer, note="电梯停着", pictures=[a_picture()])
    assert done.json()["events"][-1]["kind"] == "complaint.verified"
    assert done.json()["state"] == State.DISPATCHED
    assert call(client, "post", path, city.community_officer, note=" ").status_code == 400


def test_the_bureau_agrees_with_a_contest(client, city, dispatched):
    path = f"complaints/{dispatched.pk}"
    officer = city.bureau_officer
    early = call(client, "post", f"{path}/overturn/", officer, note="x")
    assert (early.status_code, early.json()["code"]) == (409, "not_contested")
    contested = call(client, "post", f"{path}/contest/", city.firm_a_clerk, note="不是我们小区")
    assert contested.json()["finding"]["standing"] == Standing.CONTESTED
    assert contested.json()["finding"]["note"] == "不是我们小区"
    again = call(client, "post", f"{path}/contest/", city.firm_a_clerk, note="不是")
    assert again.json()["code"] == "already_contested"
    same = call(client, "post", f"{path}/overturn/", officer, note="x", estate=city.estate.code)
    assert (same.status_code, same.json()["code"]) == (409, "same_estate")
    done = call(client, "post", f"{path}/overturn/", officer, note="属后苑",
                estate=city.other_estate.code)  # fmt: skip
    assert done.json()["finding"]["company_code"] == city.firm_b.code
    assert call(client, "get", f"{path}/", city.firm_a_clerk).status_code == 404
    assert call(client, "get", f"{path}/", city.firm_b_clerk).status_code == 200


def test_the_bureau_agrees_that_it_is_nobodys(client, city, dispatched):
    path = f"complaints/{dispatched.pk}"
    call(client, "post", f"{path}/contest/", city.firm_a_clerk, note="市政的")
    done = call(client, "post", f"{path}/overturn/", city.bureau_officer, note="市政的")
    assert done.json()["finding"]["company_code"] is None
    assert done.json()["state"] == State.RECEIVED


def test_the_bureau_keeps_a_contested_finding(client, city, dispatched):
    path = f"complaints/{dispatched.pk}"
    call(client, "post", f"{path}/contest/", city.firm_a_clerk, note="不是我们小区")
    kept = call(client, "post", f"{path}/uphold/", city.bureau_officer, note="合同在册")
    assert kept.json()["finding"]["standing"] == Standing.CONFIRMED
    assert (
        call(client, "get", f"{path}/", city.firm_a_clerk).json()["finding"]["note"] == "合同在册"
    )
    again = call(client, "post", f"{path}/contest/", city.firm_a_clerk, note="不是")
    assert (again.status_code, again.json()["code"]) == (409, "already_upheld")


def test_a_note_between_offices_is_the_bureaus(client, city, categories):
    unsure = make_complaint("楼里老是响", category=make_category("lift"))
    make_finding(unsure, None)
    call(client, "post", f"complaints/{unsure.pk}/decide/", city.bureau_officer,
         estate=city.estate.code, note="电话核实过")  # fmt: skip
    path = f"complaints/{unsure.pk}/"
    assert call(client, "get", path, city.bureau_officer).json()["finding"]["note"] == "电话核实过"
    assert call(client, "get", path, city.firm_a_clerk).json()["finding"]["note"] == ""


def test_the_bureau_corrects_decides_joins_and_splits(client, city, categories):
    unsure = make_complaint("楼里老是响")
    first = make_complaint("江南小区电梯坏了", category=make_category("lift"))
    for complaint in (unsure, first):
        make_finding(complaint, None)
    officer = city.bureau_officer
    path = f"complaints/{unsure.pk}"
    corrected = call(client, "post", f"{path}/correct/", officer, category="lift", danger=True)
    assert (corrected.json()["category"], corrected.json()["danger"]) == ("lift", True)
    decided = call(client, "post", f"{path}/decide/", officer, estate=city.estate.code)
    assert decided.json()["state"] == State.DISPATCHED
    again = call(client, "post", f"{path}/decide/", officer, estate=city.estate.code)
    assert (again.status_code, again.json()["code"]) == (409, "same_estate")
    joined = call(client, "post", f"{path}/join/", officer, first=first.pk)
    assert (joined.json()["state"], joined.json()["joined_to"]) == (State.JOINED, first.pk)
    split = call(client, "post", f"{path}/split/", officer)
    assert split.json()["state"] == State.DISPATCHED  # it goes on from there


def test_a_complaint_is_joined_to_another_that_is_still_open(client, city, dispatched):
    path = f"complaints/{dispatched.pk}/join/"
    officer = city.bureau_officer
    for nobody in (dispatched.pk, 2**62):
        refused = call(client, "post", path, officer, first=nobody)
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["pointer"] == "/first"
    ended = make_complaint()
    Complaint.objects.filter(pk=ended.pk).update(state=State.WITHDRAWN)
    refused = call(client, "post", path, officer, first=ended.pk)
    assert (refused.status_code, refused.json()["code"]) == (409, "first_has_ended")


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ({"department": "城管局", "note": "占道"}, "转交城管局。占道"),
        ({"department": "城管局"}, "转交城管局。"),
        ({"note": "不属物业"}, "不属物业"),
    ],
)
def test_the_bureau_transfers_and_says_to_whom(client, city, dispatched, body, note):
    done = call(
        client, "post", f"complaints/{dispatched.pk}/transfer/", city.bureau_officer, **body
    )
    assert done.json()["state"] == State.TRANSFERRED
    assert done.json()["events"][-1]["note"] == note
    facts = dispatched.events.last().data
    assert facts.get("department") == body.get("department")


def test_the_bureau_closes_with_a_reason(client, city, dispatched):
    path = f"complaints/{dispatched.pk}"
    early = call(client, "post", f"{path}/close/", city.bureau_officer, note="x")
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")
    call(client, "post", f"{path}/transfer/", city.bureau_officer, note="不属物业")
    assert call(client, "post", f"{path}/close/", city.bureau_officer).status_code == 400
    done = call(client, "post", f"{path}/close/", city.bureau_officer, note="已由城管办结")
    assert done.json()["state"] == State.CLOSED


def test_nothing_is_decided_on_what_nobody_has_found_yet(client, city, categories):
    raw = make_complaint()
    for act in ("uphold", "overturn"):
        refused = call(client, "post", f"complaints/{raw.pk}/{act}/", city.bureau_officer, note="x")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_contested")
    assert (
        call(client, "get", f"complaints/{raw.pk}/", city.bureau_officer).json()["finding"] is None
    )


@pytest.mark.parametrize("act", ["decide", "correct", "overturn"])
@pytest.mark.parametrize("code", ["nowhere", "\x00", "\ud800", 7, True, [], {}, "x" * 5000])
def test_a_code_that_is_none_is_400(client, city, dispatched, act, code):
    name = "category" if act == "correct" else "estate"
    answer = client.post(
        f"/api/v1/complaints/{dispatched.pk}/{act}/",
        data=json.dumps({name: code, "note": "x"}),
        content_type="application/json",
        headers={"Authorization": f"Api-Key {_key(city.bureau_officer)}"},
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"


def _key(user) -> str:
    from property_oversight.accounts.actions import issue_key

    return issue_key(user, "k")
