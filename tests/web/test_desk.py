"""The desks' front door: nobody sees what is not theirs."""

import io

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from complaints import actions
from complaints.actions import Actor
from complaints.models import Attachment
from complaints.workflow import State
from property_oversight.accounts.actions import grant, invite
from property_oversight.accounts.models import Role
from property_oversight.talks import actions as talks
from property_oversight.talks.models import Document, Talk
from property_oversight.talks.triggers import RULES
from property_oversight.web.templatetags.desk_words import rule_words
from tests import factories as f
from tests.web import desks
from tests.web.desks import NAME, NOW, PHONE, SECRETS, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


HOMES = {
    "firm_a_clerk": "/desk/firm/",
    "community_officer": "/desk/community/",
    "bureau_officer": "/desk/bureau/",
    "petition_clerk": "/desk/petition/",
}


@pytest.mark.parametrize(("name", "home"), HOMES.items())
def test_each_hat_comes_to_its_own_desk(client, city, name, home):
    client.force_login(city.people[name])
    response = client.get("/desk/")
    assert response.url == home
    assert client.get(home).status_code == 200


def test_who_has_not_signed_in_is_asked_to(client, city):
    for address in ("/desk/", "/desk/firm/", "/desk/complaints/1", "/desk/export/complaints.xlsx",
                    "/desk/photos/1", "/desk/documents/1", "/desk/talks/"):  # fmt: skip
        response = client.get(address)
        assert response.status_code == 302
        assert response.url.startswith("/desk/sign-in/?next=")


def test_signing_in_and_out(client, city):
    page = text_of(client.get("/desk/sign-in/?next=/desk/talks/"))
    assert "工作人员登录" in page
    wrong = client.post("/desk/sign-in/", {"username": "firm_a_clerk", "password": "no"})
    assert "用户名或密码不对" in text_of(wrong)
    assert 'value="firm_a_clerk"' in text_of(wrong)
    empty = client.post("/desk/sign-in/", {})
    assert "请填用户名" in text_of(empty)
    right = {"username": "firm_a_clerk", "password": "demo-Passw0rd"}
    response = client.post("/desk/sign-in/", right | {"next": "/desk/talks/"})
    assert response.url == "/desk/talks/"
    assert client.get("/desk/sign-in/").url == "/desk/"
    assert client.get("/desk/sign-out/").status_code == 405
    assert client.post("/desk/sign-out/").url == "/"
    assert client.get("/desk/").status_code == 302


def test_too_many_wrong_passwords_lock_the_account_in_chinese(client, city, settings):
    settings.AXES_ENABLED = True
    wrong = {"username": "bureau_officer", "password": "no"}
    for _i in range(settings.AXES_FAILURE_LIMIT):
        response = client.post("/desk/sign-in/", wrong)
    assert response.status_code == 429
    assert "过半小时" in text_of(response)
    right = wrong | {"password": "demo-Passw0rd"}
    assert client.post("/desk/sign-in/", right).status_code == 429


def test_who_has_no_hat_is_told_whom_to_ask(client, city):
    client.force_login(invite("newcomer", full_name="小赵"))
    page = text_of(client.get("/desk/"))
    assert "还没有工作身份" in page
    assert "newcomer" in page
    assert client.get("/desk/firm/").status_code == 403
    assert client.get("/desk/talks/").status_code == 403
    assert client.get("/desk/export/complaints.xlsx").status_code == 403


def test_who_wears_two_hats_finds_both_in_the_navigation(client, city):
    person = city.firm_a_clerk
    grant(person, Role.COMMUNITY, community=city.other_community)
    client.force_login(person)
    page = text_of(client.get("/desk/firm/"))
    assert reverse("web:firm-scores") in page
    assert reverse("web:rounds") in page
    assert page.count(f'href="{reverse("web:talks")}"') == 1


PLACES = {
    "firm_a_clerk": ["/desk/firm/", "/desk/firm/scores/", "/desk/firm/evaluations/"],
    "community_officer": ["/desk/community/", "/desk/community/evaluate/"],
    "bureau_officer": [
        "/desk/bureau/", "/desk/bureau/unread/", "/desk/complaints/", "/desk/companies/",
        "/desk/estates/", "/desk/scores/",
    ],
    "petition_clerk": ["/desk/petition/"],
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_a_desk_is_open_to_its_own_hat_only(client, city, name):
    client.force_login(city.people[name])
    for owner, addresses in PLACES.items():
        for address in addresses:
            assert client.get(address).status_code == (200 if owner == name else 403), address
    assert client.get("/desk/talks/").status_code == 200
    feed = client.get("/desk/feed/").status_code
    assert feed == (200 if name in {"bureau_officer", "petition_clerk"} else 403)


def test_desks_are_not_kept_by_caches(client, city):
    client.force_login(city.bureau_officer)
    for address in PLACES["bureau_officer"]:
        assert "no-store" in client.get(address)["Cache-Control"]


# What everybody but the bureau reads ------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("firm_a_clerk", 200),
        ("community_officer", 200),
        ("bureau_officer", 200),
        ("petition_clerk", 200),
        ("firm_b_clerk", 404),
        ("officer_next_door", 404),
    ],
)
def test_who_sees_a_complaint_sees_it_without_who_complained(client, city, name, status):
    complaint = desks.at_the_firm(city.contract, title=f"{NAME}反映电梯")
    actions.note(complaint, "complaint.supplemented", by=actions.RESIDENT, text=desks.TEXT)
    client.force_login(city.people[name])
    response = client.get(f"/desk/complaints/{complaint.pk}")
    assert response.status_code == status
    if status == 404:
        return
    page = text_of(response)
    assert complaint.tracking_code not in page
    assert "3号楼" in page
    seen = [secret for secret in SECRETS if secret in page]
    assert seen == (list(SECRETS) if name == "bureau_officer" else [])
    home = client.get(HOMES[name] if name != "bureau_officer" else "/desk/complaints/")
    listed = text_of(home)
    assert complaint.external_id in listed or "电梯" in listed
    if name != "bureau_officer":
        assert not [secret for secret in SECRETS if secret in listed]


def test_a_neighbours_name_in_a_joined_complaint_is_hidden_too(client, city):
    from complaints import duplicates

    first = desks.at_the_firm(city.contract)
    second = f.make_complaint(
        "我是李长贵，电梯还没好", reporter_name="李长贵", reporter_phone=PHONE
    )
    duplicates.join(second, first, by=actions.SYSTEM)
    client.force_login(city.firm_a_clerk)
    page = text_of(client.get(f"/desk/complaints/{first.pk}"))
    assert "电梯还没好" in page
    assert "李长贵" not in page


@pytest.mark.parametrize("name", ["firm_a_clerk", "community_officer", "petition_clerk"])
def test_searching_does_not_betray_who_complained(client, city, name):
    complaint = desks.at_the_firm(city.contract, external_id="RX-7788")
    client.force_login(city.people[name])
    home = HOMES[name]
    for hit in ("RX-77", "江南", "电梯"):
        assert f"/desk/complaints/{complaint.pk}" in text_of(client.get(home, {"q": hit})), hit
    for secret in SECRETS:
        page = text_of(client.get(home, {"q": secret}))
        assert f"/desk/complaints/{complaint.pk}" not in page


def test_the_bureau_searches_also_what_was_said_and_by_whom(client, city):
    complaint = desks.at_the_firm(city.contract)
    client.force_login(city.bureau_officer)
    for hit in ("快来修", NAME, PHONE, complaint.external_id):
        page = text_of(client.get("/desk/complaints/", {"q": hit}))
        assert f"/desk/complaints/{complaint.pk}" in page
    page = text_of(client.get("/desk/complaints/", {"q": "\x00没有这回事" * 30}))
    assert "没有找到" in page


def test_lists_are_paged(client, city):
    for number in range(32):
        desks.at_the_firm(city.contract, f"第{number}件")
    client.force_login(city.firm_a_clerk)
    first, second = client.get("/desk/firm/"), client.get("/desk/firm/?page=2")
    keys = [[row.complaint.pk for row in page.context["rows"]] for page in (first, second)]
    assert [len(part) for part in keys] == [30, 2]
    assert not set(keys[0]) & set(keys[1])
    assert "第 2 页，共 2 页（32 条）" in text_of(second)
    assert client.get("/desk/firm/?page=99&show=nonsense").status_code == 200
    assert client.get("/desk/firm/?page=nonsense").status_code == 200


# Files ------------------------------------------------------------------------------------------
def test_photos_are_for_who_sees_the_complaint(client, city):
    complaint = desks.at_the_firm(city.contract)
    attachment = actions.attach(complaint.events.first(), desks.photo().read())
    address = f"/desk/photos/{attachment.pk}"
    for name, person in city.people.items():
        client.force_login(person)
        status = 404 if name in {"firm_b_clerk", "officer_next_door"} else 200
        response = client.get(address)
        assert response.status_code == status, name
        if status == 200:
            assert response["Content-Type"] == "image/jpeg"
            assert b"".join(response.streaming_content)[:2] == b"\xff\xd8"
            assert "private" in response["Cache-Control"]
    assert client.get(f"/desk/photos/{attachment.pk + 1}").status_code == 404
    assert Attachment.objects.count() == 1


def test_letters_are_for_who_sees_the_talk(client, city):
    talk = desks.make_talk(city.firm_a, city.estate)
    officer = city.bureau_officer
    talks.notify(talk, by=officer, meets_at=f.moment(2026, 8, 20), place="305 会议室")
    letter = Document.objects.get()
    for name, person in city.people.items():
        client.force_login(person)
        response = client.get(f"/desk/documents/{letter.pk}")
        stranger = name in {"firm_b_clerk", "officer_next_door"}
        assert response.status_code == (404 if stranger else 200), name
        if not stranger:
            assert b"".join(response.streaming_content)[:2] == b"PK"
            assert "attachment" in response["Content-Disposition"]


def test_a_number_that_cannot_be_is_a_404(client, city):
    client.force_login(city.bureau_officer)
    huge = 10**30
    for address in ("complaints/%d", "photos/%d", "documents/%d", "talks/%d", "scores/%d"):
        assert client.get("/desk/" + address % huge).status_code == 404, address


def test_the_export_holds_what_one_sees_and_nobody_by_name(client, city):
    ours = desks.at_the_firm(city.contract, text=desks.TEXT + "\x0b，谢谢")
    theirs = desks.at_the_firm(city.other_contract)
    client.force_login(city.firm_a_clerk)
    response = client.get("/desk/export/complaints.xlsx")
    assert response.status_code == 200
    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert [row[0] for row in rows] == ["编号", ours.external_id]
    whole = str(rows)
    assert not [secret for secret in SECRETS if secret in whole]
    client.force_login(city.bureau_officer)
    content = client.get("/desk/export/complaints.xlsx").content
    numbers = {row[0] for row in load_workbook(io.BytesIO(content)).active.values}
    assert {ours.external_id, theirs.external_id} <= numbers


# Acts -------------------------------------------------------------------------------------------
FORBIDDEN = {
    "firm_a_clerk": ["verify", "correct", "decide", "transfer", "close", "join", "split",
                     "uphold", "overturn"],
    "community_officer": ["accept", "answer", "contest", "correct", "transfer", "close"],
    "bureau_officer": ["accept", "answer", "contest", "verify"],
    "petition_clerk": ["accept", "answer", "verify", "correct", "decide", "transfer", "close"],
}  # fmt: skip


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_is_not_ones_own_to_do_is_forbidden(client, city, name):
    complaint = desks.at_the_firm(city.contract)
    client.force_login(city.people[name])
    for verb in FORBIDDEN[name]:
        address = f"/desk/complaints/{complaint.pk}/{verb}/"
        assert client.post(address, {"text": "x", "note": "x"}).status_code == 403, verb
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert complaint.events.count() == 2


def test_acts_of_strangers_and_unknown_acts_are_not_found(client, city):
    complaint = desks.at_the_firm(city.contract)
    client.force_login(city.firm_b_clerk)
    assert client.post(f"/desk/complaints/{complaint.pk}/accept/").status_code == 404
    client.force_login(city.firm_a_clerk)
    assert client.post(f"/desk/complaints/{complaint.pk}/explode/").status_code == 404
    response = client.get(f"/desk/complaints/{complaint.pk}/accept/")
    assert response.url == f"/desk/complaints/{complaint.pk}"


def test_after_an_act_one_goes_back_to_ones_list_and_nowhere_else(client, city):
    client.force_login(city.firm_a_clerk)
    for target, then in (("/desk/firm/?show=new", "/desk/firm/?show=new"),
                         ("https://evil.example/", None), ("//evil.example", None)):  # fmt: skip
        complaint = desks.at_the_firm(city.contract)
        response = client.post(f"/desk/complaints/{complaint.pk}/accept/", {"next": target})
        assert response.url == (then or f"/desk/complaints/{complaint.pk}")


# The petition office ----------------------------------------------------------------------------
def test_the_petition_office_reads_everything_and_does_nothing(client, city):
    complaint = desks.at_the_firm(city.contract)
    talk = desks.make_talk(city.firm_a, city.estate)
    client.force_login(city.petition_clerk)
    page = text_of(client.get("/desk/petition/"))
    assert "/api/v1/petition/events?after=" in page
    assert f"/desk/complaints/{complaint.pk}" in page
    for address in (f"/desk/complaints/{complaint.pk}", f"/desk/talks/{talk.pk}"):
        shown = client.get(address)
        assert shown.context["offers"] == []
        assert "现在没有要您办的事" in text_of(shown)
    denied = client.post(f"/desk/talks/{talk.pk}/withdraw/", {"note": "不用了"})
    assert denied.status_code == 403
    assert Talk.objects.get().state == "proposed"


def test_the_feed_names_what_happened_and_how_far_subscribers_are(client, city):
    from property_oversight.petition.models import Delivery, Subscriber
    from property_oversight.petition.relay import relay

    desks.at_the_firm(city.contract)
    relay()
    entries = client_entries()
    late = Subscriber.objects.create(name="市信访办", url="https://example.com/hook", secret="x")
    Delivery.objects.create(subscriber=late, entry=entries[0], state="dead", last_answer="HTTP 500")
    Delivery.objects.create(subscriber=late, entry=entries[1])
    client.force_login(city.bureau_officer)
    page = text_of(client.get("/desk/feed/"))
    assert f"已经编到第 <strong>{entries[-1].sequence}</strong> 号" in page
    assert "登记受理" in page
    assert "待发 1 条 · 已放弃 1 条 · 最近答复：HTTP 500" in page
    assert not [secret for secret in SECRETS if secret in page]


def client_entries():
    from property_oversight.petition.models import FeedEntry

    return list(FeedEntry.objects.order_by("sequence"))


def test_the_feed_asks_as_often_for_one_subscriber_as_for_three(client, city):
    from property_oversight.petition.models import Subscriber

    client.force_login(city.petition_clerk)
    desks.same_at_one_and_three(
        client,
        "/desk/feed/",
        lambda n: Subscriber.objects.create(name=f"第{n}家", url="https://example.com", secret="x"),
    )


@pytest.mark.parametrize("name", ["firm_a_clerk", "community_officer", "petition_clerk"])
def test_lists_of_complaints_ask_as_often_for_one_as_for_three(client, city, name):
    client.force_login(city.people[name])
    for address in (HOMES[name], HOMES[name] + "?q=电梯"):
        desks.same_at_one_and_three(client, address, lambda _n: desks.at_the_firm(city.contract))


def test_every_rule_and_indicator_has_words():
    assert all(rule_words(code) != rule_words("?") for code in RULES)


def test_an_officers_name_is_for_the_bureau_only(client, city):
    complaint = desks.at_the_firm(city.contract)
    city.firm_a_clerk.first_name = "赵小敏"
    city.firm_a_clerk.save()
    actions.note(complaint, "complaint.verified", by=Actor("firm", city.firm_a_clerk), text="看过")
    client.force_login(city.bureau_officer)
    assert "赵小敏" in text_of(client.get(f"/desk/complaints/{complaint.pk}"))
    client.force_login(city.community_officer)
    assert "赵小敏" not in text_of(client.get(f"/desk/complaints/{complaint.pk}"))
