"""Who holds the tracking code: follows, urges, supplements, says how it ended. Nobody else does."""

import pytest

from complaints.models import Complaint
from complaints.workflow import State
from tests.api.calling import a_picture, call, contents_of, send
from tests.factories import make_complaint, make_finding


def own(complaint: Complaint, act: str = "") -> str:
    return f"complaints/by-code/{complaint.tracking_code}/{act + '/' if act else ''}"


def test_from_filing_to_the_end(client, city, serving, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        filed = call(client, "post", "complaints/", text="江南小区三号楼电梯坏了三天没人修")
    code = filed.json()["tracking_code"]
    path = f"complaints/by-code/{code}"
    seen = call(client, "get", f"{path}/")
    assert seen.json()["state"] == State.DISPATCHED
    assert seen.json()["finding"]["estate"] == "江南小区"
    assert "no-store" in seen["Cache-Control"]

    desk = f"complaints/{Complaint.objects.get().pk}"
    call(client, "post", f"{desk}/answer/", city.firm_a_clerk, note="已修好，有事打13911112222")
    answered = call(client, "get", f"{path}/").json()
    assert answered["events"][-1]["note"] == "已修好，有事打13911112222"  # a firm's phone stays
    redone = call(client, "post", f"{path}/redo/", note="又坏了").json()
    assert (redone["state"], redone["resolved"], redone["satisfied"]) == (
        State.IN_PROGRESS, False, False,
    )  # fmt: skip
    call(client, "post", f"{desk}/answer/", city.firm_a_clerk, note="换了门机")
    closed = call(client, "post", f"{path}/confirm/", satisfied=True).json()
    assert (closed["state"], closed["resolved"], closed["satisfied"]) == (State.CLOSED, True, True)
    too_late = call(client, "post", f"{path}/withdraw/")
    assert (too_late.status_code, too_late.json()["code"]) == (409, "illegal_move")
    with django_capture_on_commit_callbacks(execute=True):
        reopened = call(client, "post", f"{path}/reopen/", note="又停了")
    assert reopened.json()["resolved"] is False
    assert call(client, "get", f"{path}/").json()["state"] == State.DISPATCHED


@pytest.mark.parametrize("said", [{}, {"satisfied": None}, {"satisfied": False}])
def test_who_says_nothing_of_contentment_is_not_counted_content(client, city, dispatched, said):
    Complaint.objects.filter(pk=dispatched.pk).update(state=State.ANSWERED)
    closed = call(client, "post", own(dispatched, "confirm"), **(said or {"note": ""})).json()
    assert closed["resolved"] is True
    assert closed["satisfied"] is said.get("satisfied")


@pytest.mark.parametrize("typed", ["{0}", "{1}", "{2}-{3}", " {0} ", "{4}"])
def test_a_code_is_read_as_people_type_it(client, dispatched, typed):
    code = dispatched.tracking_code
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    said = typed.format(code, code.lower(), code[:6], code[6:], wide)
    assert call(client, "get", f"complaints/by-code/{said}/").status_code == 200


@pytest.mark.parametrize("code", ["NOSUCHCODE22", "%00", "x" * 80, "2", "%20", "..%5c"])
def test_a_wrong_code_finds_nothing(client, dispatched, code):
    assert call(client, "get", f"complaints/by-code/{code}/").status_code == 404
    assert call(client, "post", f"complaints/by-code/{code}/urge/").status_code == 404


def test_no_name_no_phone_no_door(client, dispatched):
    shown = call(client, "get", own(dispatched)).content.decode()
    for secret in ("王秀英", "13812345678", "502室"):
        assert secret not in shown
    assert "电梯坏了" in shown


def test_urging_once_a_working_day_is_enough(client, dispatched):
    done = call(client, "post", own(dispatched, "urge"))
    assert done.json()["events"][-1]["kind"] == "complaint.urged"
    again = call(client, "post", own(dispatched, "urge"))
    assert (again.status_code, again.json()["code"]) == (409, "urged_today")
    Complaint.objects.filter(pk=dispatched.pk).update(state=State.CLOSED)
    ended = call(client, "post", own(dispatched, "urge"))
    assert (ended.status_code, ended.json()["code"]) == (409, "nothing_to_urge")


def test_supplements_with_words_and_pictures(client, city, dispatched):
    done = send(client, own(dispatched, "supplement"), note="我是王秀英，又停了",
                pictures=[a_picture()])  # fmt: skip
    last = done.json()["events"][-1]
    assert last["note"] == "我是＊＊＊，又停了"
    [key] = last["pictures"]
    path = f"{own(dispatched)}pictures/{key}/"
    picture = call(client, "get", path, accept="image/jpeg")
    assert contents_of(picture).startswith(b"\xff\xd8")
    assert call(client, "get", f"{own(dispatched)}pictures/{key + 1}/").status_code == 404
    assert call(client, "post", own(dispatched, "supplement"), note=" ").status_code == 400
    Complaint.objects.filter(pk=dispatched.pk).update(state=State.CLOSED)
    late = call(client, "post", own(dispatched, "supplement"), note="再说")
    assert (late.status_code, late.json()["code"]) == (409, "not_open")


def test_what_stands_between_offices_is_not_told(client, city, dispatched):
    call(client, "post", f"complaints/{dispatched.pk}/accept/", city.firm_a_clerk, note="内部备注")
    call(client, "post", f"complaints/{dispatched.pk}/contest/", city.firm_a_clerk, note="不归我们")
    shown = call(client, "get", own(dispatched)).content.decode()
    assert "内部备注" not in shown
    assert "不归我们" not in shown
    assert "complaint.read" not in shown


def test_of_what_was_joined_each_sees_his_own(client, city, dispatched):
    """The repeat follows the first one; of each other's words and pictures they see none."""
    repeat = make_complaint("李建国家的电梯还是坏的，电话13987654321", reporter_name="李建国",
                            reporter_phone="13987654321")  # fmt: skip
    make_finding(repeat, city.contract)
    mine = send(client, own(dispatched, "supplement"), note="只有我知道", pictures=[a_picture()])
    [key] = mine.json()["events"][-1]["pictures"]
    call(client, "post", f"complaints/{repeat.pk}/join/", city.bureau_officer, first=dispatched.pk)
    answered = send(client, f"complaints/{dispatched.pk}/answer/", city.firm_a_clerk,
                    note="王秀英家门口的电梯修好了", pictures=[a_picture()])  # fmt: skip
    [theirs] = answered.json()["events"][-1]["pictures"]

    followed = call(client, "get", own(repeat))
    assert followed.json()["state"] == State.JOINED
    assert followed.json()["first"]["state"] == State.ANSWERED
    assert followed.json()["first"]["events"][-1]["note"] == "＊＊＊家门口的电梯修好了"
    for hidden in ("只有我知道", "王秀英", dispatched.tracking_code, "13812345678"):
        assert hidden not in followed.content.decode()
    assert call(client, "get", f"{own(repeat)}pictures/{key}/").status_code == 404
    assert contents_of(call(client, "get", f"{own(repeat)}pictures/{theirs}/"))

    first = call(client, "get", own(dispatched))
    assert first.json()["first"] is None
    for hidden in ("还是坏的", "李建国", "13987654321", repeat.tracking_code):
        assert hidden not in first.content.decode()


@pytest.mark.parametrize("act", ["redo", "reopen", "supplement"])
def test_what_needs_words_asks_for_them(client, dispatched, act):
    refused = call(client, "post", own(dispatched, act))
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/note"


def test_withdrawing(client, dispatched):
    assert call(client, "post", own(dispatched, "withdraw")).json()["state"] == State.WITHDRAWN


@pytest.mark.parametrize("act", ["urge", "supplement", "confirm", "redo", "reopen", "withdraw"])
def test_acts_ask_the_ability_table(client, dispatched, monkeypatch, act):
    from property_oversight.access.abilities import MATRIX, Act

    monkeypatch.setitem(MATRIX, Act(f"complaint.{act}"), frozenset())
    assert call(client, "post", own(dispatched, act), note="x").status_code == 403


@pytest.mark.parametrize("act", ["accept", "answer", "close", "correct"])
def test_a_code_opens_no_desk(client, dispatched, act):
    assert call(client, "post", own(dispatched, act), note="x").status_code == 404
