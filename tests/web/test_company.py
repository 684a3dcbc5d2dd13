"""The firm's desk over HTTP: sign in, answer with pictures, contest, read one's scores."""

import pytest
import time_machine

from complaints import actions
from complaints.actions import RESIDENT, SYSTEM, Actor
from complaints.models import Attachment
from complaints.workflow import Move, State
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Standing
from property_oversight.attribution.queries import current_finding
from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience, Question
from property_oversight.scoring.models import ScoreCard
from property_oversight.talks import actions as talks
from tests import factories as f
from tests.web import desks
from tests.web.desks import NOW, PHONE, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clerk(client, city):
    client.force_login(city.firm_a_clerk)
    return client


def _post(client, complaint, verb, **said):
    return client.post(f"/desk/complaints/{complaint.pk}/{verb}/", said)


# The list ---------------------------------------------------------------------------------------
def test_the_list_shows_what_was_dispatched_to_the_firm_by_tabs(clerk, city):
    new = desks.at_the_firm(city.contract)
    working = desks.at_the_firm(city.contract)
    actions.move(working, Move.ACCEPT, by=Actor("firm"))
    done = desks.answered(city.contract)
    ended = desks.answered(city.contract)
    actions.move(ended, Move.CONFIRM, by=RESIDENT, resolved=True)
    theirs = desks.at_the_firm(city.other_contract)
    kept_back = f.make_complaint(category=f.make_category("lift"))
    f.make_finding(kept_back, city.contract)
    shown = {
        tab: [row.complaint for row in clerk.get("/desk/firm/", {"show": tab}).context["rows"]]
        for tab in ("todo", "new", "working", "answered", "ended")
    }
    assert shown == {"todo": [new, working], "new": [new], "working": [working],
                     "answered": [done], "ended": [ended]}  # fmt: skip
    assert theirs not in shown["todo"]
    assert kept_back not in shown["todo"]


def test_danger_stands_first_and_what_is_overdue_is_marked(clerk, city):
    with time_machine.travel(f.moment(2026, 7, 20), tick=False):
        late = desks.at_the_firm(city.contract, "楼道灯坏了")
    soon = desks.at_the_firm(city.contract, "门禁坏了")
    risky = desks.at_the_firm(city.contract, "电梯困人")
    risky.danger = True
    risky.save()
    response = clerk.get("/desk/firm/")
    assert [row.complaint for row in response.context["rows"]] == [risky, late, soon]
    assert [row.is_overdue for row in response.context["rows"]] == [False, True, False]
    page = text_of(response)
    assert "危及安全" in page
    assert page.count("已逾期") == 1
    assert "2026年7月21日到期" in page


# Acts -------------------------------------------------------------------------------------------
def test_signing_in_a_complaint(clerk, city):
    complaint = desks.at_the_firm(city.contract)
    response = _post(clerk, complaint, "accept")
    assert response.url == f"/desk/complaints/{complaint.pk}"
    complaint.refresh_from_db()
    assert complaint.state == State.IN_PROGRESS
    event = complaint.events.last()
    assert (event.kind, event.actor, event.by) == ("complaint.accepted", "firm", city.firm_a_clerk)
    again = clerk.post(f"/desk/complaints/{complaint.pk}/accept/", follow=True)
    assert "投诉现为“办理中”，不能执行" in text_of(again)


def test_answering_with_pictures(clerk, city):
    complaint = desks.at_the_firm(city.contract)
    response = _post(
        clerk,
        complaint,
        "answer",
        text="换了门机皮带",
        photos=[desks.photo(), desks.photo("b.png")],
    )
    assert response.status_code == 302
    complaint.refresh_from_db()
    assert complaint.state == State.ANSWERED
    event = complaint.events.get(kind="complaint.answered")
    assert (event.note, event.actor, event.attachments.count()) == ("换了门机皮带", "firm", 2)
    assert "居民" in text_of(clerk.get(response.url))


def test_an_answer_that_cannot_be_loses_nothing(clerk, city):
    complaint = desks.at_the_firm(city.contract)
    empty = text_of(_post(clerk, complaint, "answer", text="  "))
    assert "请写明怎么处理的" in empty
    page = text_of(_post(clerk, complaint, "answer", text="换了皮带", photos=[desks.no_photo()]))
    assert "这不是可以识别的图片" in page
    assert "换了皮带</textarea>" in page
    too_many = [desks.photo(f"{n}.png") for n in range(4)]
    page = text_of(_post(clerk, complaint, "answer", text="换了皮带", photos=too_many))
    assert "最多 3 张照片" in page
    page = text_of(_post(clerk, complaint, "answer", text="长" * 5001))
    assert "最多 5000 字，现有 5001 字" in page
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert Attachment.objects.count() == 0


def test_an_answer_that_comes_too_late_is_told_so(clerk, city):
    complaint = desks.at_the_firm(city.contract)
    actions.move(complaint, Move.TRANSFER, by=SYSTEM)
    page = text_of(
        clerk.post(f"/desk/complaints/{complaint.pk}/answer/", {"text": "好"}, follow=True)
    )
    assert "投诉现为“已转办”" in page
    page = text_of(clerk.post(f"/desk/complaints/{complaint.pk}/answer/", {}, follow=True))
    assert "状态已经变了" in page


def test_contesting_the_attribution(clerk, city):
    complaint = desks.at_the_firm(city.contract)
    assert "请写明理由" in text_of(_post(clerk, complaint, "contest", note=""))
    _post(clerk, complaint, "contest", note="合同上月已经到期")
    finding = current_finding(complaint)
    assert finding.standing == Standing.CONTESTED
    assert (finding.note, finding.decided_by) == ("合同上月已经到期", city.firm_a_clerk)
    page = text_of(clerk.get(f"/desk/complaints/{complaint.pk}"))
    assert "合同上月已经到期" in page
    assert "act-contest" not in page
    attribution.uphold(finding, by=city.bureau_officer, note="合同仍在有效期")
    page = text_of(clerk.get(f"/desk/complaints/{complaint.pk}"))
    assert "合同仍在有效期" in page
    assert "act-contest" not in page
    again = clerk.post(
        f"/desk/complaints/{complaint.pk}/contest/", {"note": "还是不认"}, follow=True
    )
    assert "异议已经处理过" in text_of(again)


def test_the_phone_is_shown_only_where_the_resident_agreed_and_while_it_is_open(clerk, city):
    silent = desks.at_the_firm(city.contract)
    agreed = desks.at_the_firm(city.contract, shows_phone_to_firm=True)
    assert PHONE not in text_of(clerk.get(f"/desk/complaints/{silent.pk}"))
    page = text_of(clerk.get(f"/desk/complaints/{agreed.pk}"))
    assert page.count(PHONE) == 1
    assert "居民同意物业打这个电话" in page
    assert desks.NAME not in page
    actions.move(agreed, Move.ANSWER, by=Actor("firm"))
    actions.move(agreed, Move.CONFIRM, by=RESIDENT, resolved=True)
    assert PHONE not in text_of(clerk.get(f"/desk/complaints/{agreed.pk}"))


def test_the_phone_is_not_for_a_firm_that_is_only_a_neighbour(client, city):
    """A clerk of firm B who also works for the community sees the complaint, not the phone."""
    from property_oversight.accounts.actions import grant
    from property_oversight.accounts.models import Role

    agreed = desks.at_the_firm(city.contract, shows_phone_to_firm=True)
    grant(city.firm_b_clerk, Role.COMMUNITY, community=city.community)
    client.force_login(city.firm_b_clerk)
    response = client.get(f"/desk/complaints/{agreed.pk}")
    assert response.status_code == 200
    assert PHONE not in text_of(response)
    assert client.post(f"/desk/complaints/{agreed.pk}/accept/").status_code == 403


# Scores, evaluations, talks ---------------------------------------------------------------------
def test_scores_are_the_published_ones_of_the_firm(clerk, city):
    run = desks.make_run()
    desks.make_card(run, city.contract)
    desks.make_card(run, city.other_contract)
    desks.make_card(desks.make_run("2026Q3", published=False), city.contract)
    ScoreCard.objects.create(
        run=run, company=city.firm_a, score=66, low=60, high=72, grade="C", households=920,
        household_months=2760, complaints=4, incidents=3, disparity=0.01,
    )  # fmt: skip
    page = text_of(clerk.get("/desk/firm/scores/"))
    assert "2026年第二季度" in page
    assert "2026年第三季度" not in page
    assert "江南小区" in page
    assert "后苑小区" not in page
    assert "64.0–78.0" in page
    assert "+1.4" in page
    assert "不像偶然" in page
    ScoreCard.objects.filter(contract=None).update(disparity=0.4)
    assert "不像偶然" not in text_of(clerk.get("/desk/firm/scores/"))
    assert clerk.get("/desk/firm/scores/?period=nonsense").status_code == 200


def test_no_scores_yet(clerk):
    assert "还没有发布过评分" in text_of(clerk.get("/desk/firm/scores/"))


def test_scores_ask_as_often_for_one_estate_as_for_three(clerk, city):
    run = desks.make_run()

    def add(number):
        estate = f.make_estate(community=city.community)
        desks.make_card(run, f.make_contract(estate, city.firm_a))

    desks.same_at_one_and_three(clerk, "/desk/firm/scores/", add)


def _evaluate(estate, evaluator, audience=Audience.OWNERS, *, comment="", answers=None, points=80):
    return evaluate(
        open_quarter("2026Q3"), audience, estate, evaluator=evaluator, on=NOW.date(),
        points=None if answers else points, answers=answers, comment=comment,
    )  # fmt: skip


def test_evaluations_without_who_the_owners_were(clerk, city):
    question = Question.objects.create(code="repairs", text="修得快不快", points=25)
    _evaluate(city.estate, "业主-0007", comment="保安不错，我的电话13812345678")
    _evaluate(city.estate, city.community.code, Audience.COMMUNITY, answers={question: 20})
    _evaluate(city.other_estate, "业主-0008", comment="别家的事")
    page = text_of(clerk.get("/desk/firm/evaluations/"))
    assert "保安不错" in page
    assert "业主-0007" not in page
    assert PHONE not in page
    assert "修得快不快：20 / 25" in page
    assert "别家的事" not in page


def test_evaluations_ask_as_often_for_one_as_for_three(clerk, city):
    desks.same_at_one_and_three(
        clerk, "/desk/firm/evaluations/", lambda n: _evaluate(city.estate, f"业主-{n}")
    )


def test_a_firm_sees_its_talks_once_they_are_decided(clerk, city):
    ours = desks.at_the_firm(city.contract)
    hidden = desks.at_the_firm(city.other_contract)
    talk = desks.make_talk(city.firm_a, city.estate, complaints=(ours.pk, hidden.pk))
    assert clerk.get(f"/desk/talks/{talk.pk}").status_code == 404
    assert "这里现在没有约谈" in text_of(clerk.get("/desk/talks/"))
    officer = city.bureau_officer
    talks.notify(talk, by=officer, meets_at=f.moment(2026, 8, 20), place="305 会议室")
    page = text_of(clerk.get(f"/desk/talks/{talk.pk}"))
    assert "5 件到期应答复的投诉中有 3 件逾期" in page
    assert "下载约谈通知书" in page
    assert f"/desk/complaints/{ours.pk}" in page
    assert f"/desk/complaints/{hidden.pk}" not in page
    assert clerk.post(f"/desk/talks/{talk.pk}/hold/", {"note": "x"}).status_code == 403
