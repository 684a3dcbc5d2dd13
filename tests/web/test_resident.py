"""The residents' face over HTTP: what everybody may see, and what the holder of a code may do."""

import io
import re
import uuid
from datetime import date

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from redis.exceptions import ConnectionError as RedisConnectionError

from complaints import actions, duplicates
from complaints.actions import RESIDENT, SYSTEM, Actor
from complaints.models import Attachment, Clock, Complaint, ComplaintEvent
from complaints.workflow import MOVES, Move, State
from property_oversight.pricing.models import Guidance
from property_oversight.registry import actions as registry
from property_oversight.registry.models import Grid, OwnersCommittee
from property_oversight.scoring.models import Contribution, ScoreCard, ScoreRun
from property_oversight.web.templatetags import web_words
from property_oversight.web.throttle import GUESSING, address_of, filing
from tests import factories as f

pytestmark = pytest.mark.django_db
FIRM = Actor("firm")


@pytest.fixture(autouse=True)
def _nobody_has_been_here():
    cache.clear()


def _photo(name="lift.png", size=(40, 30)) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", size, (90, 90, 110)).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


def _html(response) -> str:
    return response.content.decode()


def _queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


# Home and search ---------------------------------------------------------------------------------


def test_home_offers_search_filing_and_progress(client):
    page = _html(client.get("/"))
    for address in ('action="/s/"', 'href="/file/"', 'action="/t/"'):
        assert address in page
    assert "style=" not in page
    assert "<script>" not in page


def test_search_finds_by_any_name_and_leads_to_the_estate(client, city):
    registry.learn_names(city.estate, ["江南里"])
    page = _html(client.get("/s/", {"q": "江南里"}))
    assert f'href="/s/{city.estate.code}"' in page
    assert "鼎盛物业服务有限公司" in page
    assert "后苑小区" not in page


def test_search_finds_the_former_name_of_a_merged_estate(client, city):
    old = f.make_estate("老江南宿舍", community=city.community)
    registry.merge(old, city.estate)
    page = _html(client.get("/s/", {"q": "老江南"}))
    assert f'href="/s/{city.estate.code}"' in page


def test_search_without_a_hit_says_so(client, city):
    assert "没有找到名称含“不存在”的小区" in _html(client.get("/s/", {"q": "不存在"}))


def test_search_shows_at_most_thirty_and_says_so(client, city):
    for number in range(31):
        f.make_estate(f"松柏{number:02}院", community=city.community)
    page = _html(client.get("/s/", {"q": "松柏"}))
    assert page.count("<li>") == 30
    assert "列出前 30 个" in page


def test_search_costs_the_same_for_one_and_three(client, city):
    f.make_estate("松柏一院", community=city.community)
    one = _queries(client, "/s/?q=松柏")
    for name in ("松柏二院", "松柏三院"):
        f.make_contract(f.make_estate(name, community=city.other_community), city.firm_b)
    assert _queries(client, "/s/?q=松柏") == one


# An estate's public page -------------------------------------------------------------------------


def _card(city, *, period="2026Q3", published=True, **more) -> ScoreCard:
    run = ScoreRun.objects.create(
        period=period,
        as_of=date(2026, 11, 14),
        policy={},
        data_hash="x",
        published_at=f.moment(2026, 11, 15) if published else None,
    )
    card = ScoreCard.objects.create(
        run=run, company=city.firm_a, estate=city.estate, contract=city.contract, households=920,
        household_months=2760, complaints=7, incidents=6,
        **{"score": 71.2, "low": 64.4, "high": 77.9, "base": 75.5, "grade": "C", **more},
    )  # fmt: skip
    for code, name, contribution, because in (
        ("I1-burden", "投诉负担", -6.3, "6 件（合并同一事件后）"),
        ("I2-timely", "按时答复", 2.0, "5 件到期应答复，按时 5 件（100%）"),
        ("I5-community", "社区评价", 0.01, "1 份评价，平均 80.0 分"),
    ):
        Contribution.objects.create(
            card=card, indicator=code, name=name, points=50, low=40, high=60, weight=0.3,
            contribution=contribution, because=because,
        )  # fmt: skip
    return card


def test_estate_page_shows_register_and_grid_load(client, city):
    xiyuan = f.make_estate("西苑小区", community=city.community, households=1316)
    grid = Grid.objects.create(
        code="G9", community=city.community, households=1316, merchants=153, officers=2
    )
    grid.estates.add(xiyuan)
    f.make_contract(xiyuan, city.firm_a, branch="西苑项目部", tier=2, fee_per_m2="0.75")
    page = _html(client.get(f"/s/{xiyuan.code}"))
    for words in (
        "东风社区",
        "成熟物业小区",
        "1316 户",
        "鼎盛物业服务有限公司（西苑项目部）",
        "二级",
        "每平方米每月 0.75 元",
        "尚未成立业委会",
        f'href="/file/?estate={xiyuan.code}"',
        "每名网格员负责 734.5 户（含商户），超过 500 户标准 46%",
        "还没有发布过评分",
    ):
        assert words in page, words


def test_estate_page_names_the_owners_committee(client, city):
    OwnersCommittee.objects.create(estate=city.estate, name="江南小区业主委员会")
    page = _html(client.get(f"/s/{city.estate.code}"))
    assert "江南小区业主委员会" in page
    assert "尚未成立业委会" not in page


def test_estate_page_shows_score_interval_reasons_and_fee(client, city):
    card = _card(city)
    Guidance.objects.create(
        card=card, contract=city.contract, tier=3, fee_per_m2="1.50", band_low="0.90",
        band_high="1.60", verdict="fits", because="得分下限 64.4 达到3级所需的 60 分",
        is_sample=True,
    )  # fmt: skip
    page = _html(client.get(f"/s/{city.estate.code}"))
    for words in ("2026年第三季度", "71.2 分", "64.4–77.9 分", "全市平均 75.5", "C 等", "<svg",
                  "少得 6.3 分", "多得 2.0 分", "与全市平均相当", "示例标准", "质价相符",
                  "得分下限 64.4 达到3级所需的 60 分"):  # fmt: skip
        assert words in page, words
    assert "style=" not in page
    assert "I1-burden" not in page


def test_estate_page_says_why_it_is_not_rated(client, city):
    _card(city, score=None, low=None, high=None, grade="", base=None,
          not_rated_because="服务量不足：30 户·月，少于 150 户·月，不予评分")  # fmt: skip
    page = _html(client.get(f"/s/{city.estate.code}"))
    assert "不予评分" in page
    assert "服务量不足" in page
    assert "<svg" not in page


def test_estate_page_shows_no_unpublished_score_even_to_the_bureau(client, city):
    _card(city, published=False)
    client.force_login(city.bureau_officer)
    assert "71.2" not in _html(client.get(f"/s/{city.estate.code}"))


def test_estate_page_shows_only_numbers_of_what_is_open(client, city):
    complaint = f.make_complaint("绝密的电梯故事", category=f.make_category("lift"))
    f.make_finding(complaint, city.contract)
    page = _html(client.get(f"/s/{city.estate.code}"))
    assert "电梯 1 件" in page
    assert "绝密" not in page


def test_merged_estate_leads_to_what_it_became(client, city):
    old = f.make_estate("旧院", community=city.community)
    registry.merge(old, city.estate)
    response = client.get(f"/s/{old.code}", follow=True)
    assert response.redirect_chain == [(f"/s/{city.estate.code}", 302)]
    assert "已并入江南小区" in _html(response)


def test_unknown_estate_is_a_chinese_404(client, city):
    response = client.get("/s/NOPE")
    assert response.status_code == 404
    assert "没有这一页" in _html(response)


# Filing ------------------------------------------------------------------------------------------


def _filed(client, **more):
    return client.post(
        "/file/",
        {"text": "电梯坏了三天没人修", "hides_phone": "on", "token": str(uuid.uuid4()), **more},
    )


def test_filing_needs_nothing_but_a_text(client, city):
    response = _filed(client)
    complaint = Complaint.objects.get()
    assert response.url == f"/t/{complaint.tracking_code}/received"
    assert (complaint.channel, complaint.text) == ("web", "电梯坏了三天没人修")
    assert complaint.shows_phone_to_firm is False
    assert complaint.events.get().actor == "resident"
    page = _html(client.get(response.url))
    assert web_words.spaced(complaint.tracking_code) in page
    assert f'href="/t/{complaint.tracking_code}"' in page


def test_filing_is_processed_once_stored(client, city, serving, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        _filed(client, text="江南小区电梯又停了", estate=city.estate.code)
    complaint = Complaint.objects.get()
    assert complaint.state == State.DISPATCHED
    page = _html(client.get(f"/t/{complaint.tracking_code}"))
    for words in ("江南小区", "鼎盛物业服务有限公司", "答复期限", "等对方签收"):
        assert words in page


def test_filing_keeps_estate_contact_and_photos(client, city):
    _filed(client, estate=city.estate.code, name="王大明", phone="１３９ 0000-1111",
           photos=[_photo(), _photo("2.png", (50, 20))])  # fmt: skip
    complaint = Complaint.objects.get()
    assert complaint.stated_estate == city.estate.code
    assert (complaint.reporter_name, complaint.reporter_phone) == ("王大明", "13900001111")
    assert complaint.shows_phone_to_firm is False
    assert Attachment.objects.filter(event__complaint=complaint).count() == 2


def test_unchecking_the_box_lets_the_firm_ring(client, city):
    client.post("/file/", {"text": "电梯坏了", "phone": "13900001111"})
    assert Complaint.objects.get().shows_phone_to_firm is True


def test_without_a_phone_there_is_none_to_show(client, city):
    client.post("/file/", {"text": "电梯坏了"})
    assert Complaint.objects.get().shows_phone_to_firm is False


def test_the_box_that_protects_is_checked_at_first(client):
    field = re.search(
        r'<input type="checkbox"[^>]*name="hides_phone"[^>]*>', _html(client.get("/file/"))
    )
    assert "checked" in field.group()


def test_a_free_name_is_kept_as_stated(client, city):
    _filed(client, stated_estate="江南的什么小区")
    assert Complaint.objects.get().stated_estate == "江南的什么小区"


def test_chosen_estate_is_named_and_can_be_cleared_without_losing_the_text(client, city):
    page = _html(client.get("/file/", {"estate": city.estate.code}))
    assert "江南小区" in page
    assert f'name="estate" value="{city.estate.code}"' in page
    page = _html(_filed(client, estate=city.estate.code, clear="1", phone="13900001111"))
    assert f'value="{city.estate.code}"' not in page
    assert 'name="stated_estate"' in page
    assert "电梯坏了三天没人修" in page
    assert "13900001111" in page
    assert not Complaint.objects.exists()


def test_merged_estate_is_chosen_as_what_it_became(client, city):
    old = f.make_estate("旧院", community=city.community)
    registry.merge(old, city.estate)
    _filed(client, estate=old.code)
    assert Complaint.objects.get().stated_estate == city.estate.code


def test_a_code_that_is_not_in_the_register_is_refused(client, city):
    page = _html(_filed(client, estate="NOPE"))
    assert "登记册里没有编码为“NOPE”的小区" in page
    assert "电梯坏了三天没人修" in page
    assert not Complaint.objects.exists()
    assert "没有找到编码为“NOPE”的小区" in _html(client.get("/file/", {"estate": "NOPE"}))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"text": "  "}, "请写下您要反映的事"),
        ({"text": "电" * 20_001}, "最多 20000 字，现有 20001 字"),
        ({"phone": "不告诉你"}, "这个电话看起来不对"),
        ({"stated_estate": "长" * 121}, "120"),
    ],
)
def test_bad_input_is_refused_in_chinese_and_nothing_is_lost(client, city, more, message):
    page = _html(_filed(client, **{"name": "王大明", "phone": "13900001111", **more}))
    assert message in page
    assert "王大明" in page
    assert more.get("text", "电梯坏了三天没人修").strip() in page
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("photos", "message"),
    [
        ([SimpleUploadedFile("a.png", b"no picture")], "这不是可以识别的图片"),
        ([SimpleUploadedFile(f"{i}.png", b"x") for i in range(4)], "最多 3 张照片，您选了 4 张"),
    ],
)
def test_bad_photos_are_refused_and_the_text_stays(client, city, photos, message):
    for photo in photos:
        photo.seek(0)
    page = _html(_filed(client, photos=photos))
    assert message in page
    assert "照片需要重新选一次" in page
    assert "电梯坏了三天没人修" in page
    assert not Complaint.objects.exists()


def test_a_photo_that_is_too_large_is_refused(client, city, settings):
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    big = SimpleUploadedFile("big.png", b"x" * (1024 * 1024 + 1))
    assert "每张不超过 1 兆" in _html(_filed(client, photos=[big]))


def test_the_same_page_sent_twice_is_one_complaint(client, city):
    token = str(uuid.uuid4())
    first = _filed(client, token=token, photos=[_photo()])
    second = _filed(client, token=token, photos=[_photo()])
    assert first.url == second.url
    assert Complaint.objects.count() == Attachment.objects.count() == 1


def test_the_same_page_with_other_words_is_another_complaint(client, city):
    token = str(uuid.uuid4())
    _filed(client, token=token)
    _filed(client, token=token, text="还有，路灯也不亮")
    assert Complaint.objects.count() == 2


def test_the_public_number_of_a_ticket_does_not_open_it(client, city):
    """Who reads the number in the feed must not get the tracking code by sending it as a token."""
    token = str(uuid.uuid4())
    _filed(client, token=token)
    external_id = Complaint.objects.get().external_id
    assert token not in external_id
    assert len(external_id) < 80


def test_a_robot_is_refused_politely(client, city):
    page = _html(_filed(client, website="http://spam.example"))
    assert "此栏请留空" in page
    assert "电梯坏了三天没人修" in page
    assert not Complaint.objects.exists()


def test_filing_is_throttled_per_address(client, city, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"file": "2/hour"}
    }
    for _number in range(2):
        assert _filed(client).status_code == 302
    refused = _filed(client)
    assert refused.status_code == 429
    assert "12345" in _html(refused)
    assert "电梯坏了三天没人修" in _html(refused)
    assert Complaint.objects.count() == 2
    assert client.post("/file/", {"text": "别处"}, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_address_is_what_our_own_proxies_saw(rf, settings):
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 5.5.5.5"})
    assert address_of(request) == "10.0.0.1"
    settings.PROXY_COUNT = 1
    assert address_of(request) == "5.5.5.5"
    settings.PROXY_COUNT = 2
    assert address_of(request) == "6.6.6.6"
    settings.PROXY_COUNT = 3
    assert address_of(request) == "6.6.6.6"
    assert address_of(rf.get("/", REMOTE_ADDR="10.0.0.1")) == "10.0.0.1"


def test_throttle_keeps_no_address(rf):
    request = rf.get("/", REMOTE_ADDR="10.0.0.1")
    assert "10.0.0.1" not in filing()._key(request)


def test_a_cache_that_is_away_stops_nobody(client, city, monkeypatch):
    def away(*_args, **_more):
        raise RedisConnectionError

    for name in ("get", "add", "incr", "set"):
        monkeypatch.setattr(f"property_oversight.web.throttle.cache.{name}", away)
    assert _filed(client).status_code == 302
    assert client.get("/t/WRONGWRONG22").status_code == 404


def test_filing_needs_a_fresh_page(city):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/file/", {"text": "电梯坏了"})
    assert response.status_code == 403
    assert "这一页停留太久了" in _html(response)


def test_a_request_that_is_too_large_is_a_chinese_413(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post("/file/", {"text": "电" * 2000})
    assert response.status_code == 413
    assert "内容太大" in _html(response)


def test_a_request_that_cannot_be_read_is_a_chinese_400(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    response = client.post("/file/", {str(i): "x" for i in range(5)})
    assert response.status_code == 400
    assert "没有读懂这次请求" in _html(response)


def test_a_failure_is_a_chinese_500(client, city, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("property_oversight.web.resident.estates_named_like", None)
    response = client.get("/s/?q=x")
    assert response.status_code == 500
    assert "系统出了问题" in _html(response)


# Progress ----------------------------------------------------------------------------------------


@pytest.fixture
def complaint(city, categories) -> Complaint:
    """At firm A since this morning, from somebody with a name and a telephone."""
    complaint = f.make_complaint(
        "江南小区3栋2单元501室电梯坏了，我是王大明，电话13900001111",
        category=f.make_category("lift"),
        reporter_name="王大明",
        reporter_phone="13900001111",
    )
    f.make_finding(complaint, city.contract)
    actions.move(complaint, Move.DISPATCH, by=SYSTEM)
    return complaint


@pytest.fixture
def answered(complaint) -> Complaint:
    event = actions.move(
        complaint,
        Move.ANSWER,
        by=FIRM,
        note="王大明先生（13900001111）：主板已更换，服务电话 0512-66660000",
    )
    actions.attach(event, _photo().read())
    return complaint


def _address(complaint: Complaint, rest: str = "") -> str:
    return f"/t/{complaint.tracking_code}{rest}"


def _act(client, complaint: Complaint, verb: str, **data):
    return client.post(_address(complaint, f"/{verb}/"), data)


def test_code_is_found_however_it_is_typed(client, complaint):
    code = complaint.tracking_code
    for typed in (code.lower(), f" {code[:4]} {code[4:8]}-{code[8:]} "):
        assert client.get(f"/t/{typed}").status_code == 200
        assert client.get("/t/", {"code": typed}).url == f"/t/{code}"
    assert "不是查询码" in _html(client.get("/t/", {"code": "电梯"}))


def test_wrong_code_is_a_friendly_404(client, complaint):
    response = client.get("/t/WRONGWRONG22")
    assert response.status_code == 404
    assert "没有查到这个查询码" in _html(response)
    assert client.post("/t/WRONGWRONG22/urge/").status_code == 404


def test_guessing_is_throttled(client, complaint):
    for number in range(GUESSING.most):
        client.get(f"/t/WRONG{number:07}")
    response = client.get(_address(complaint))
    assert response.status_code == 429
    assert "查得太频繁" in _html(response)
    assert client.get(_address(complaint), REMOTE_ADDR="10.0.0.9").status_code == 200


def test_progress_shows_no_name_phone_or_door(client, answered):
    response = client.get(_address(answered))
    page = _html(response)
    for hidden in ("王大明", "13900001111", "501"):
        assert hidden not in page
    for words in ("江南小区3栋2单元", "主板已更换，服务电话 0512-66660000", "江南小区",
                  "鼎盛物业服务有限公司", "已经答复，请您看看解决了没有",
                  "10 天内不选"):  # fmt: skip
        assert words in page
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


def test_progress_tells_the_events_in_chinese(client, answered):
    page = _html(client.get(_address(answered)))
    for kind in answered.events.values_list("kind", flat=True):
        assert kind not in page
        assert web_words.event_words(kind) in page
    assert "complaint." not in page


def test_progress_says_when_an_answer_is_due_and_that_it_is_late(client, complaint):
    clock = complaint.clocks.get(kind=Clock.Kind.ANSWER)
    Clock.objects.filter(pk=clock.pk).update(due_on=date(2026, 8, 4))
    with time_machine.travel(f.moment(2026, 8, 4, 18), tick=False):
        page = _html(client.get(_address(complaint)))
        assert "2026年8月4日" in page
        assert "已超期" not in page
    with time_machine.travel(f.moment(2026, 8, 6), tick=False):
        page = _html(client.get(_address(complaint)))
    assert "已超期" in page
    assert "2026年8月4日，已超过 2 天" in page


def test_progress_costs_the_same_for_one_and_three_events(client, complaint):
    def supplement(text):
        event = actions.note(complaint, "complaint.supplemented", by=RESIDENT, text=text)
        actions.attach(event, _photo().read())

    supplement("一")
    one = _queries(client, _address(complaint))
    supplement("二")
    supplement("三")
    assert _queries(client, _address(complaint)) == one


def test_contest_is_told_in_plain_words(client, city, complaint):
    from property_oversight.attribution.actions import contest
    from property_oversight.attribution.queries import current_finding

    contest(current_finding(complaint), by=city.firm_a_clerk, note="不是我们的楼")
    page = _html(client.get(_address(complaint)))
    assert "认为这件事不归它管，主管部门正在核定" in page
    assert "不是我们的楼" not in page


def test_notes_between_offices_are_not_shown(client, complaint):
    actions.note(complaint, "complaint.corrected", by=Actor("bureau"), text="内部意见一")
    actions.move(complaint, Move.RECALL, by=Actor("bureau"), note="内部意见二")
    page = _html(client.get(_address(complaint)))
    assert "内部意见" not in page
    assert "重新派单" in page


def test_joined_complaint_shows_the_first_ones_progress(client, answered):
    again = f.make_complaint(
        "电梯还是坏的", reporter_phone="13900001111", received_at=f.moment(2026, 8, 9)
    )
    duplicates.join(again, answered, by=SYSTEM)
    actions.note(answered, "complaint.supplemented", by=RESIDENT, text="只有第一件的人看得到")
    page = _html(client.get(_address(again)))
    assert "已经并到先前那一件" in page
    assert "主板已更换" in page
    assert "电梯还是坏的" in page
    assert "只有第一件的人看得到" not in page
    assert "3栋2单元" not in page
    assert answered.tracking_code not in page
    assert 'method="post"' not in page
    firms_photo = Attachment.objects.get()
    response = client.get(_address(again, f"/photos/{firms_photo.pk}"))
    assert b"".join(response.streaming_content)


def test_first_one_is_not_shown_the_words_and_pictures_that_were_joined_to_it(client, answered):
    actions.move(answered, Move.REDO, by=RESIDENT)
    again = f.make_complaint("来自另一件的话", received_at=f.moment(2026, 8, 9))
    actions.attach(again.events.get(kind="complaint.received"), _photo().read())
    duplicates.join(again, answered, by=Actor("bureau"))
    carried = Attachment.objects.get(
        event__complaint=answered, event__data__joined=again.external_id
    )
    page = _html(client.get(_address(answered)))
    assert "来自另一件的话" not in page
    assert f"/photos/{carried.pk}" not in page
    assert client.get(_address(answered, f"/photos/{carried.pk}")).status_code == 404


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_words(client, complaint, state):
    first = f.make_complaint("首件")
    f.make_finding(first, None)
    Complaint.objects.filter(pk=complaint.pk).update(
        state=state, joined_to=first if state is State.JOINED else None
    )
    page = _html(client.get(_address(complaint)))
    assert "%(" not in page
    heading = re.search(r'id="h-now">([^<]+)<', page).group(1)
    assert len(heading) >= 4


# Photos ------------------------------------------------------------------------------------------


def test_photos_come_only_with_the_code(client, complaint, answered):
    photo = Attachment.objects.get()
    response = client.get(_address(answered, f"/photos/{photo.pk}"))
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
    assert b"".join(response.streaming_content)[:2] == b"\xff\xd8"
    assert f'src="{_address(answered, f"/photos/{photo.pk}")}"' in _html(
        client.get(_address(answered))
    )
    other = f.make_complaint("别人的")
    assert client.get(_address(other, f"/photos/{photo.pk}")).status_code == 404
    assert client.get(f"/t/WRONGWRONG22/photos/{photo.pk}").status_code == 404
    assert client.get(f"/media/{photo.file.name}").status_code == 404


# Acts --------------------------------------------------------------------------------------------

OFFERED = {
    State.RECEIVED: {"urge", "supplement", "withdraw"},
    State.DISPATCHED: {"urge", "supplement", "withdraw"},
    State.IN_PROGRESS: {"urge", "supplement", "withdraw"},
    State.ANSWERED: {"confirm", "redo", "supplement", "withdraw"},
    State.CLOSED: {"reopen"},
    State.TRANSFERRED: set(),
    State.WITHDRAWN: set(),
}


@pytest.mark.parametrize(("state", "verbs"), OFFERED.items())
def test_only_what_is_legal_now_is_offered(client, complaint, state, verbs):
    Complaint.objects.filter(pk=complaint.pk).update(state=state)
    page = _html(client.get(_address(complaint)))
    assert set(re.findall(r'action="/t/\w+/(\w+)/"', page)) == verbs


@pytest.mark.parametrize("verb", ["answer", "accept", "close", "correct", "see_reporter", "lodge"])
def test_what_others_do_is_forbidden(client, complaint, verb):
    response = _act(client, complaint, verb)
    assert response.status_code == 403
    assert "您不能做这一步" in _html(response)
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED


def test_an_act_that_nobody_knows_is_not_found(client, complaint):
    assert _act(client, complaint, "burn").status_code == 404


def test_an_acts_address_that_is_opened_leads_to_the_complaint(client, complaint):
    assert client.get(_address(complaint, "/urge/")).url == _address(complaint)


def test_urging_is_written_down_once_a_working_day(client, complaint):
    friday, saturday, monday = (f.moment(2026, 8, day, 17) for day in (7, 8, 10))
    with time_machine.travel(friday, tick=False):
        assert "已经替您催办" in _html(client.post(_address(complaint, "/urge/"), follow=True))
    with time_machine.travel(saturday, tick=False):
        page = _html(client.post(_address(complaint, "/urge/"), follow=True))
        assert "今天已经催办过了" in page
        assert "/urge/" not in page
    urged = complaint.events.filter(kind="complaint.urged")
    assert urged.count() == 1
    with time_machine.travel(monday, tick=False):
        _act(client, complaint, "urge")
    assert urged.count() == 2
    assert set(urged.values_list("actor", flat=True)) == {"resident"}


def test_there_is_nobody_to_urge_after_an_answer(client, answered):
    page = _html(client.post(_address(answered, "/urge/"), follow=True))
    assert "不用催办" in page
    assert not answered.events.filter(kind="complaint.urged").exists()


def test_supplement_is_kept_with_its_photo_once(client, complaint):
    for _press in range(2):
        _act(client, complaint, "supplement", text="今天又困人了", photos=[_photo()])
    event = complaint.events.get(kind="complaint.supplemented")
    assert (event.note, event.actor, event.attachments.count()) == ("今天又困人了", "resident", 1)
    assert "今天又困人了" in _html(client.get(_address(complaint)))


def test_supplement_that_is_refused_loses_nothing(client, complaint):
    page = _html(_act(client, complaint, "supplement", text=""))
    assert "请写下要补充的内容" in page
    bad = SimpleUploadedFile("a.png", b"no picture")
    page = _html(_act(client, complaint, "supplement", text="今天又困人了", photos=[bad]))
    assert "这不是可以识别的图片" in page
    assert "今天又困人了" in page
    assert not complaint.events.filter(kind="complaint.supplemented").exists()


def test_supplements_are_throttled_with_the_filings(client, complaint, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"file": "1/hour"}
    }
    _act(client, complaint, "supplement", text="一")
    page = _html(_act(client, complaint, "supplement", text="二"))
    assert "提交得太多" in page
    assert complaint.events.filter(kind="complaint.supplemented").count() == 1


def test_withdrawing_ends_it(client, complaint):
    page = _html(client.post(_address(complaint, "/withdraw/"), follow=True))
    assert "已撤回这件投诉" in page
    complaint.refresh_from_db()
    assert complaint.state == State.WITHDRAWN
    assert complaint.events.last().actor == "resident"


@pytest.mark.parametrize(("said", "satisfied"), [("yes", True), ("no", False)])
def test_confirming_says_solved_and_how_content(client, answered, said, satisfied):
    for _press in range(2):
        page = _html(client.post(_address(answered, "/confirm/"), {"satisfied": said}, follow=True))
        assert "谢谢您的反馈" in page
    answered.refresh_from_db()
    assert (answered.state, answered.resolved, answered.satisfied) == (
        State.CLOSED,
        True,
        satisfied,
    )
    assert answered.events.filter(kind=MOVES[Move.CONFIRM].event).count() == 1


def test_confirming_needs_a_choice(client, answered):
    assert "请选一项：满意，或者不满意" in _html(_act(client, answered, "confirm"))
    answered.refresh_from_db()
    assert answered.state == State.ANSWERED


def test_redo_needs_a_reason_and_starts_the_clock_again(client, answered):
    assert "请写一句哪里没有解决" in _html(_act(client, answered, "redo", text=" "))
    _act(client, answered, "redo", text="换了主板还是停")
    answered.refresh_from_db()
    assert (answered.state, answered.resolved, answered.satisfied) == (
        State.IN_PROGRESS, False, False,
    )  # fmt: skip
    assert answered.events.last().note == "换了主板还是停"
    assert answered.clocks.filter(kind=Clock.Kind.ANSWER).count() == 2


def test_reopening_after_closing(client, answered):
    actions.move(answered, Move.LAPSE, by=SYSTEM)
    page = _html(client.get(_address(answered)))
    assert "10 天没有表态，系统自动办结，不算您满意" in page
    _act(client, answered, "reopen", text="又坏了")
    answered.refresh_from_db()
    assert (answered.state, answered.resolved) == (State.RECEIVED, False)
    event = ComplaintEvent.objects.filter(complaint=answered).last()
    assert (event.kind, event.note) == ("complaint.reopened", "又坏了")


def test_an_act_that_came_too_late_says_so(client, answered):
    actions.move(answered, Move.LAPSE, by=SYSTEM)
    page = _html(client.post(_address(answered, "/redo/"), {"text": "还是坏的"}, follow=True))
    assert "投诉现为“已办结”" in page


# Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("", "未留"),
        ("12345", "****"),
        (" 051266660000 ", "051****0000"),
    ],
)
def test_masked_phone(phone, shown):
    assert web_words.masked_phone(phone) == shown


def test_words_for_days_quarters_and_signs():
    assert web_words.day(date(2026, 11, 24)) == "2026年11月24日"
    assert web_words.day("2026-11-24") == "2026年11月24日"
    assert web_words.day(f.moment(2026, 11, 24, 0, 30)) == "2026年11月24日"
    assert web_words.day(None) == web_words.moment(None) == "—"
    assert web_words.moment(f.moment(2026, 11, 24, 9, 5)) == "2026年11月24日 09:05"
    assert web_words.quarter_words("2026Q3") == "2026年第三季度"
    assert web_words.tier_words(3) == "三级"
    assert web_words.signed(-1.25) == "−1.2"
    assert web_words.share(0.461) == "46%"
    assert web_words.yes_no(None) == "未表态"
