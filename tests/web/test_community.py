"""The community's desk over HTTP: look on site, rate the firms, verify what was to be mended."""

import pytest
import time_machine

from complaints import actions
from complaints.actions import SYSTEM
from complaints.models import Attachment
from complaints.workflow import Move
from property_oversight.evaluations.actions import open_quarter
from property_oversight.evaluations.models import Evaluation, Question
from property_oversight.talks import actions as talks
from property_oversight.talks.models import Talk
from tests import factories as f
from tests.web import desks
from tests.web.desks import NOW, SECRETS, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def officer(client, city):
    client.force_login(city.community_officer)
    return client


@pytest.fixture
def round_open(city):
    Question.objects.create(code="repairs", text="修得快不快", points=60, position=1)
    Question.objects.create(code="conduct", text="态度好不好", points=40, position=2)
    return open_quarter("2026Q3")


def test_the_list_shows_what_concerns_the_estates(officer, city):
    ours = desks.at_the_firm(city.contract)
    waiting = desks.unread("江南小区那个东西又那样了")
    f.make_finding(waiting, city.contract)
    desks.at_the_firm(city.other_contract)
    response = officer.get("/desk/community/")
    assert {row.complaint for row in response.context["rows"]} == {ours, waiting}
    assert not [secret for secret in SECRETS if secret in text_of(response)]


def test_a_look_on_site_is_noted_with_pictures(officer, city):
    complaint = desks.at_the_firm(city.contract, shows_phone_to_firm=True)
    address = f"/desk/complaints/{complaint.pk}/verify/"
    assert "请写明现场看到的情况" in text_of(officer.post(address, {"text": ""}))
    page = text_of(officer.post(address, {"text": "电梯仍停", "photos": [desks.no_photo()]}))
    assert "这不是可以识别的图片" in page
    assert "电梯仍停</textarea>" in page
    assert not complaint.events.filter(kind="complaint.verified").exists()
    officer.post(address, {"text": "电梯仍停", "photos": [desks.photo()]})
    event = complaint.events.get(kind="complaint.verified")
    assert (event.note, event.actor, event.by) == ("电梯仍停", "community", city.community_officer)
    assert Attachment.objects.get().event == event
    page = text_of(officer.get(f"/desk/complaints/{complaint.pk}"))
    assert "社区现场核实" in page
    assert not [secret for secret in SECRETS if secret in page]


def test_there_is_nothing_to_look_at_once_it_was_transferred(officer, city):
    complaint = desks.at_the_firm(city.contract)
    actions.move(complaint, Move.TRANSFER, by=SYSTEM)
    assert "act-verify" not in text_of(officer.get(f"/desk/complaints/{complaint.pk}"))


# Evaluations ------------------------------------------------------------------------------------
def test_without_an_open_round_there_is_nothing_to_rate(officer, city):
    assert "现在没有正在进行的评价" in text_of(officer.get("/desk/community/evaluate/"))
    page = officer.get(f"/desk/community/evaluate/{city.estate.code}", follow=True)
    assert "现在没有正在进行的评价" in text_of(page)


def test_rating_a_firm(officer, city, round_open):
    listed = text_of(officer.get("/desk/community/evaluate/"))
    assert "还没有评" in listed
    assert "后苑小区" not in listed
    address = f"/desk/community/evaluate/{city.estate.code}"
    given = {"q-repairs": "45", "q-conduct": "30", "comment": "修得慢"}
    assert officer.post(address, given).url == "/desk/community/evaluate/"
    evaluation = Evaluation.objects.get()
    assert (evaluation.points, evaluation.comment) == (75, "修得慢")
    assert evaluation.evaluator == city.community.code
    assert (evaluation.company, evaluation.by) == (city.firm_a, city.community_officer)
    assert [answer.points for answer in evaluation.answers.all()] == [45, 30]
    page = text_of(officer.get(address))
    assert 'value="45"' in page
    assert "修得慢</textarea>" in page
    assert "已评 75.0 分" in text_of(officer.get("/desk/community/evaluate/"))


def test_another_word_takes_the_place_of_the_first(officer, city, round_open):
    address = f"/desk/community/evaluate/{city.estate.code}"
    for points in ("45", "45", "50"):
        officer.post(address, {"q-repairs": points, "q-conduct": "30", "comment": ""})
    assert Evaluation.objects.count() == 2
    assert Evaluation.objects.get(superseded_at=None).points == 80


@pytest.mark.parametrize(
    ("points", "message"),
    [("61", "应在 0 到 60 分之间"), ("-1", "应在 0 到 60 分之间"), ("", "请打分"),
     ("很好", "请填整数"), ("3.5", "请填整数")],
)  # fmt: skip
def test_points_that_cannot_be_lose_nothing(officer, city, round_open, points, message):
    address = f"/desk/community/evaluate/{city.estate.code}"
    given = {"q-repairs": points, "q-conduct": "30", "comment": "修得慢"}
    page = text_of(officer.post(address, given))
    assert message in page
    assert "修得慢</textarea>" in page
    assert 'value="30"' in page
    assert not Evaluation.objects.exists()


def test_the_estate_next_door_is_somebody_elses_to_rate(officer, city, round_open):
    assert officer.get(f"/desk/community/evaluate/{city.other_estate.code}").status_code == 404


def test_an_estate_without_a_firm_is_not_rated(officer, city, round_open):
    bare = f.make_estate("无人小区", community=city.community)
    page = officer.get(f"/desk/community/evaluate/{bare.code}", follow=True)
    assert "没有登记在册的物业合同" in text_of(page)


def test_after_the_quarter_its_last_firm_is_rated(officer, city, round_open):
    from property_oversight.registry import actions as registry

    registry.end(city.contract, on=f.moment(2026, 10, 1).date())
    f.make_contract(city.estate, city.firm_b, starts_on=f.moment(2026, 10, 1).date())
    with time_machine.travel(f.moment(2026, 10, 8), tick=False):
        officer.force_login(city.community_officer)
        page = text_of(officer.get(f"/desk/community/evaluate/{city.estate.code}"))
    assert city.firm_a.name in page
    assert city.firm_b.name not in page


def test_the_list_asks_as_often_for_one_estate_as_for_three(client, city, round_open):
    client.force_login(city.officer_next_door)
    desks.same_at_one_and_three(
        client,
        "/desk/community/evaluate/",
        lambda _n: f.make_contract(f.make_estate(community=city.other_community), city.firm_a),
    )


# Talks ------------------------------------------------------------------------------------------
def _rectifying(city) -> Talk:
    talk = desks.make_talk(city.firm_a, city.estate)
    by = city.bureau_officer
    talks.notify(talk, by=by, meets_at=f.moment(2026, 8, 20), place="305 会议室")
    talks.hold(talk, by=by, note="承诺更换维保单位")
    talks.order(talk, by=by, note="修复全部电梯")
    return talk


@pytest.mark.parametrize(("verb", "state"), [("verify", "verified"), ("fail", "failed")])
def test_the_community_says_whether_it_is_mended(officer, city, verb, state):
    talk = _rectifying(city)
    address = f"/desk/talks/{talk.pk}/{verb}/"
    assert "请写明现场看到的情况" in text_of(officer.post(address, {"note": " "}))
    assert officer.post(address, {"note": "四部电梯都看过"}).url == f"/desk/talks/{talk.pk}"
    talk.refresh_from_db()
    assert talk.state == state
    event = talk.events.last()
    assert (event.note, event.by) == ("四部电梯都看过", city.community_officer)


def test_the_community_next_door_has_no_say(client, city):
    talk = _rectifying(city)
    client.force_login(city.officer_next_door)
    assert client.post(f"/desk/talks/{talk.pk}/verify/", {"note": "好"}).status_code == 404
    client.force_login(city.bureau_officer)
    assert client.post(f"/desk/talks/{talk.pk}/verify/", {"note": "好"}).status_code == 403
    talk.refresh_from_db()
    assert talk.state == "rectifying"


def test_talks_ask_as_often_for_one_as_for_three(officer, city):
    def add(number):
        talk = desks.make_talk(city.firm_a, city.estate, period=f"2025Q{number}")
        talks.notify(
            talk, by=city.bureau_officer, meets_at=f.moment(2026, 8, 20), place="305 会议室"
        )

    desks.same_at_one_and_three(officer, "/desk/talks/", add)
