"""The models' page: what reads, how well, and what an officer decides about it."""

import re
import shutil

import pytest
import time_machine

from complaints.actions import RESIDENT
from complaints.classification import correct, folder_of, serving_model
from complaints.models import ModelDecision, TrainedModel
from complaints.training import is_held_out
from ml import artifact
from property_oversight.access.abilities import Act, may
from property_oversight.casework import retraining
from tests import factories as f
from tests.web import desks
from tests.web.desks import NOW, text_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/models/"


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def officer(client, city, house):
    client.force_login(city.bureau_officer)
    return client


def make(version: str = "abc123def456-sklearn1", **comparison) -> TrainedModel:
    return f.make_candidate(version, **comparison)


def press(client, path: str, **said):
    return client.post(f"{PAGE}{path}", said, follow=True)


def read(code: str = "lift", said: str | None = None, month: int = 8, **more):
    complaint = f.make_complaint()
    complaint.predictions.create(
        **{
            "category": f.make_category(code),
            "confidence": 0.5,
            "abstained": False,
            "danger": False,
            "alternatives": [[code, 0.5]],
            "because": [],
            "model_version": "one-x",
            "made_at": f.moment(2026, month, 2),
            **more,
        }
    )
    if said:
        correct(complaint, f.make_category(said), by=RESIDENT)


# What is shown ------------------------------------------------------------------------------------
def test_a_new_house_shows_the_starter_and_nothing_else(officer):
    page = text_of(officer.get(PAGE))
    assert "初始模型" in page
    assert serving_model().version[:12].upper() in page
    assert "近十二个月没有读过件" in page
    assert "退回" not in page


def test_the_page_can_be_found(officer):
    assert f'href="{PAGE}"' in text_of(officer.get("/desk/bureau/"))


def test_how_it_reads_by_month_and_by_code(officer):
    read("lift", said="fees", month=7, abstained=True, unseen=0.25)
    read("lift", said="lift", month=7, unseen=0.35)
    read("fees", month=8, model_version="two-x", unseen=0.1)
    response = officer.get(PAGE)
    page = text_of(response)
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    july = next(row for row in rows if "2026年7月" in row)
    told = re.sub(r"<[^>]+>|\s+", " ", july)
    assert re.sub(r" +", " ", told).strip() == (
        "2026年7月 ONE 2 50% 2 50%（12%–88%） 30% 属实 0、不属实 0、漏报 0"
    )
    assert page.index("2026年8月") < page.index("2026年7月</th>")
    assert page.count("<svg") == 3
    assert "换模型" in page
    assert [row.code for row in response.context["codes"]] == ["lift", "fees"]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("", ["lift", "fees"]),
        ("?month=2026-07", ["lift"]),
        ("?version=two-x", ["fees"]),
        ("?month=2026-07&version=two-x", []),
        ("?month=2026-13&version=none", ["lift", "fees"]),
        ("?month=0000-01", ["lift", "fees"]),
    ],
)
def test_codes_of_one_month_or_one_model(officer, asked, codes):
    read("lift", month=7)
    read("fees", month=8, model_version="two-x")
    response = officer.get(f"{PAGE}{asked}")
    assert [row.code for row in response.context["codes"]] == codes


def test_a_candidate_is_shown_with_figures_and_intervals(officer):
    make()
    page = text_of(officer.get(PAGE))
    assert "候选模型" in page
    assert "ABC123DEF456" in page
    assert "同读留出的 60 件" in page
    assert "70.0% → 83.3%" in page
    assert "+13.3" in page
    assert "+11.3 至 +15.3" in page
    assert "须写明理由" not in page
    assert "启用这个模型" in page


def test_a_worse_candidate_says_why_it_needs_a_reason(officer):
    make(better=0, worse=9, chance=0.002, recall=(0.8, 0.5))
    page = text_of(officer.get(PAGE))
    assert "正确率低于在用模型，不像偶然" in page
    assert "漏掉的危险情形比在用模型多" in page


def test_too_little_to_judge_by_is_said_and_nothing_can_be_promoted(officer):
    candidate = make()
    candidate.figures = {"held_out": 7}
    candidate.save()
    page = text_of(officer.get(PAGE))
    assert "只有 7 件，满 50 件才能判断好坏" in page
    assert "启用这个模型" not in page
    assert "太少" in text_of(press(officer, f"{candidate.pk}/promote/", note="急"))
    assert not ModelDecision.objects.exists()


def test_no_recall_to_compare_is_said(officer):
    make(recall=None)
    assert "留出的里面没有可比的" in text_of(officer.get(PAGE))


def test_figures_against_another_model_are_said_to_be_stale(officer):
    candidate, other = make(), make("other0000000-x")
    press(officer, f"{other.pk}/promote/")
    page = text_of(officer.get(PAGE))
    assert "请重新比较" in page
    assert f"{candidate.pk}/promote/" not in page


def test_a_broken_model_in_use_is_said_and_the_way_back_works(officer):
    candidate = make()
    press(officer, f"{candidate.pk}/promote/")
    shutil.rmtree(folder_of(candidate))
    assert "新来的投诉都在等" in text_of(officer.get(PAGE))
    page = text_of(press(officer, "roll-back/"))
    assert "已经退回" in page
    assert "新来的投诉都在等" not in page


def test_without_any_model_the_page_still_opens(officer, house):
    shutil.rmtree(house / "model")
    assert "新来的投诉都在等" in text_of(officer.get(PAGE))


# What is decided ----------------------------------------------------------------------------------
def test_promote_and_roll_back(officer, city):
    candidate = make()
    page = text_of(press(officer, f"{candidate.pk}/promote/", note="每类都更准"))
    assert "已经启用" in page
    assert "“每类都更准”" in page
    assert serving_model().version == candidate.version
    assert "已经退回" in text_of(press(officer, "roll-back/", note="改判多了"))
    assert serving_model().version != candidate.version
    assert [(one.verb, one.note, one.by) for one in ModelDecision.objects.all()] == [
        ("roll_back", "改判多了", city.bureau_officer),
        ("promote", "每类都更准", city.bureau_officer),
    ]


def test_a_worse_candidate_is_promoted_with_a_reason_only(officer):
    candidate = make(recall=(0.8, 0.5))
    assert "仍要启用请写明理由" in text_of(press(officer, f"{candidate.pk}/promote/"))
    assert not ModelDecision.objects.exists()
    assert "已经启用" in text_of(press(officer, f"{candidate.pk}/promote/", note="新增了一类"))


def test_refuse(officer):
    candidate = make()
    assert "请写明理由" in text_of(press(officer, f"{candidate.pk}/refuse/"))
    page = text_of(press(officer, f"{candidate.pk}/refuse/", note="漏了电梯困人"))
    assert "“漏了电梯困人”" in page
    assert TrainedModel.objects.get().state == "refused"


def test_train_and_compare_anew(officer):
    for number in range(6):
        complaint = f.make_complaint("占位")
        while is_held_out(complaint.pk):
            complaint = f.make_complaint("占位")
        complaint.text = f"充电桩{chr(0x4E10 + number)}跳闸"
        complaint.save()
        correct(complaint, f.make_category("ev_charging"), by=RESIDENT)
    page = text_of(press(officer, "train/"))
    assert "候选模型已经训练好" in page
    assert "人工读件 6 条" in page
    candidate = TrainedModel.objects.get()
    assert "已经重新比较" in text_of(press(officer, f"{candidate.pk}/judge/"))


def test_why_no_candidate_came_of_it_is_told(officer):
    assert "没有新的人工读件可学" in text_of(press(officer, "train/"))
    assert not TrainedModel.objects.exists()


def test_while_one_is_trained_no_other_can_be_asked_for(officer):
    retraining.claim()
    assert "过几分钟再来看" in text_of(officer.get(PAGE))
    assert "正在训练，请等它结束" in text_of(press(officer, "train/"))


@pytest.mark.parametrize("name", ["firm_a_clerk", "community_officer", "petition_clerk"])
def test_models_are_the_bureaus_alone(client, city, house, name):
    candidate = make()
    client.force_login(city.people[name])
    assert not may(city.people[name], Act.PROMOTE_MODEL)
    assert client.get(PAGE).status_code == 403
    for path in ("train/", "roll-back/", f"{candidate.pk}/promote/"):
        assert client.post(f"{PAGE}{path}", {"note": "x"}).status_code == 403
    assert TrainedModel.objects.get().state == "candidate"


def test_what_is_not_there(officer):
    candidate = make()
    for path in ("4711/promote/", f"{candidate.pk}/melt/"):
        assert officer.post(f"{PAGE}{path}").status_code == 404
    assert officer.get(f"{PAGE}train/").status_code == 405


def test_the_page_asks_as_often_for_one_as_for_three(officer):
    def more(number: int) -> None:
        make(f"v{number}-x")
        read("lift", said="fees", month=4 + number, model_version=f"v{number}-x")

    desks.same_at_one_and_three(officer, PAGE, more)


def test_the_model_card_shows_figures_pictures_and_weaknesses(officer, house):
    papers = artifact.read_manifest(folder_of(None))
    page = officer.get("/desk/models/card/")
    text = text_of(page)
    assert "电梯" in text
    assert "已知的弱点" in text
    assert f"{papers.metrics['accuracy']:.0%}" in text
    drawn = page.content.decode()
    assert drawn.count("<circle") == len(papers.reliability)
    assert drawn.count("<rect") == 1 + sum(map(len, papers.confusion.values()))
    assert "/desk/models/card/" in officer.get(PAGE).content.decode()


def test_the_model_card_of_a_missing_model_says_so(officer, house):
    shutil.rmtree(folder_of(None))
    assert officer.get("/desk/models/card/", follow=True).redirect_chain == [(PAGE, 302)]


def test_the_model_card_is_the_bureaus(client, city, house):
    client.force_login(city.firm_a_clerk)
    assert client.get("/desk/models/card/").status_code == 403
