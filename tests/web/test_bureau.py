"""The bureau's desk over HTTP: what waits with its one next act, decisions, talks, scores."""

import pytest
import time_machine

from complaints import actions
from complaints.actions import RESIDENT
from complaints.models import Complaint
from complaints.workflow import Move, State
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Reason, Standing
from property_oversight.attribution.queries import current_finding
from property_oversight.casework import pipeline
from property_oversight.pricing.models import Guidance
from property_oversight.scoring.models import ScoreCard, ScoreRun
from property_oversight.talks.models import Document
from tests import factories as f
from tests.web import desks
from tests.web.desks import NAME, NOW, PHONE, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def officer(client, city):
    client.force_login(city.bureau_officer)
    return client


def _post(client, complaint, verb, follow=False, **said):
    return client.post(f"/desk/complaints/{complaint.pk}/{verb}/", said, follow=follow)


def _ambiguous(city, **more) -> Complaint:
    """Read, but of one of two estates."""
    complaint = f.make_complaint("江南小区的电梯坏了", category=f.make_category("lift"), **more)
    f.make_finding(
        complaint,
        None,
        reason=Reason.AMBIGUOUS,
        evidence={
            "span": [1, 5],
            "words": "江南小区",
            "candidates": [[city.estate.code, 0.6], [city.other_estate.code, 0.4]],
            "day": "2026-08-03",
        },
    )
    return complaint


def _contested(city, **more) -> Complaint:
    complaint = desks.at_the_firm(city.contract, **more)
    attribution.contest(current_finding(complaint), by=city.firm_a_clerk, note="不是我们的楼")
    return complaint


# The desk ---------------------------------------------------------------------------------------
def _waiting(city) -> dict[str, Complaint]:
    """One complaint in every queue."""
    with time_machine.travel(f.moment(2026, 7, 1), tick=False):
        overdue = desks.at_the_firm(city.contract, "楼道灯不亮")
    risky = desks.at_the_firm(city.contract, "电梯困人")
    risky.danger = True
    risky.save()
    unread = desks.unread()
    f.make_finding(unread, city.contract)
    foreign = f.make_complaint("公交车不准点", category=f.make_category("other_matter"))
    f.make_finding(foreign, None)
    return {
        "overdue": overdue,
        "dangerous": risky,
        "unread": unread,
        "unattributed": _ambiguous(city),
        "to_transfer": foreign,
        "contested": _contested(city),
    }


def test_the_desk_shows_what_waits_each_with_its_next_act(officer, city):
    waiting = _waiting(city)
    talk = desks.make_talk(city.firm_a, city.estate)
    response = officer.get("/desk/bureau/")
    shown = {
        one["queue"].key: ([task.row.complaint for task in one["tasks"]], one["count"])
        for one in response.context["queues"]
    }
    assert shown == {key: ([complaint], 1) for key, complaint in waiting.items()}
    verbs = {one["queue"].key: one["tasks"][0].verb for one in response.context["queues"]}
    assert verbs == {"dangerous": "", "unread": "correct", "unattributed": "decide",
                     "to_transfer": "transfer", "contested": "uphold", "overdue": ""}  # fmt: skip
    page = text_of(response)
    assert "是“电梯”，确认" in page
    assert f"/desk/talks/{talk.pk}" in page
    for key, complaint in waiting.items():
        queue = officer.get(f"/desk/bureau/{key}/")
        assert f"/desk/complaints/{complaint.pk}" in text_of(queue)
    assert officer.get("/desk/bureau/nonsense/").status_code == 404


def test_an_empty_desk_and_an_empty_queue(officer):
    assert officer.get("/desk/bureau/").status_code == 200
    assert "都办完了" in text_of(officer.get("/desk/bureau/overdue/"))


def test_the_desk_asks_as_often_for_one_as_for_three_of_each(officer, city):
    desks.same_at_one_and_three(officer, "/desk/bureau/", lambda _n: _waiting(city))


@pytest.mark.parametrize(
    ("address", "make"),
    [
        ("/desk/bureau/unread/", lambda city: desks.unread()),
        ("/desk/bureau/contested/", _contested),
        ("/desk/complaints/", lambda city: desks.at_the_firm(city.contract)),
        ("/desk/complaints/?show=ended", lambda city: desks.answered(city.contract)),
        ("/desk/companies/", lambda city: f.make_contract(
            f.make_estate(community=city.community), f.make_company())),
        ("/desk/estates/", lambda city: f.make_contract(
            f.make_estate(community=city.community), f.make_company())),
        ("/desk/scores/", lambda city: desks.make_run()),
    ],
)  # fmt: skip
def test_lists_ask_as_often_for_one_as_for_three(officer, city, address, make):
    desks.same_at_one_and_three(officer, address, lambda _n: make(city))


# A complaint ------------------------------------------------------------------------------------
def test_the_bureau_sees_who_complained_what_was_read_and_what_the_finding_rests_on(officer, city):
    complaint = desks.unread(
        "江南小区的那个东西又那样了", reporter_name=NAME, reporter_phone=PHONE, title="请管一管"
    )
    f.make_finding(
        complaint, city.contract, evidence={"span": [5, 9], "words": "江南小区", "candidates": []}
    )
    page = text_of(officer.get(f"/desk/complaints/{complaint.pk}"))
    assert "请管一管\n<mark>江南小区</mark>的那个东西" in page
    assert NAME in page
    assert PHONE in page
    assert "最可能是“电梯”（41%）" in page
    assert '<span class="tag">门口</span>' in page
    assert '<span class="tag">那样</span>' not in page
    assert "物业费 20%" in page
    assert complaint.tracking_code not in page


def test_a_text_with_markup_stays_text(officer, city):
    complaint = desks.at_the_firm(city.contract, "<script>alert(1)</script>江南小区")
    page = text_of(officer.get(f"/desk/complaints/{complaint.pk}"))
    assert "<script>alert" not in page


def test_confirming_a_reading_by_one_press_sends_the_complaint_on(officer, city):
    complaint = desks.unread()
    f.make_finding(complaint, city.contract)
    said = {"choice": "lift", "next": "/desk/bureau/"}
    assert _post(officer, complaint, "correct", **said).url == "/desk/bureau/"
    complaint.refresh_from_db()
    assert (complaint.category_id, complaint.state) == ("lift", State.DISPATCHED)
    event = complaint.events.get(kind="complaint.corrected")
    assert (event.actor, event.by) == ("bureau", city.bureau_officer)
    page = text_of(officer.get(f"/desk/complaints/{complaint.pk}"))
    assert "未定 → 电梯" in page


def test_correcting_a_reading_from_the_list_of_all(officer, city):
    complaint = desks.unread()
    assert "请选一个类别" in text_of(_post(officer, complaint, "correct"))
    assert "请选一个类别" in text_of(_post(officer, complaint, "correct", choice="nonsense"))
    _post(officer, complaint, "correct", category="fees", danger="on")
    complaint.refresh_from_db()
    assert (complaint.category_id, complaint.danger) == ("fees", True)


def test_deciding_the_estate_by_a_candidate(officer, city):
    complaint = _ambiguous(city)
    page = text_of(officer.get(f"/desk/complaints/{complaint.pk}"))
    assert "江南小区 60%" in page
    assert "后苑小区 40%" in page
    _post(officer, complaint, "decide", choice=city.other_estate.code, note="打电话问过")
    complaint.refresh_from_db()
    finding = current_finding(complaint)
    assert (finding.estate, finding.company) == (city.other_estate, city.firm_b)
    assert (finding.standing, finding.note) == (Standing.CONFIRMED, "打电话问过")
    assert complaint.state == State.DISPATCHED


def test_deciding_the_estate_by_name_or_code(officer, city):
    f.make_estate("江南一期")
    f.make_estate("江南二期")
    complaint = _ambiguous(city)
    for typed, message in (("", "请写明是哪个小区"), ("没有的小区", "登记册里没有“没有的小区”"),
                           ("江南", "不止一个小区")):  # fmt: skip
        page = text_of(_post(officer, complaint, "decide", estate=typed, note="问过本人"))
        assert message in page
        assert "问过本人</textarea>" in page
    _post(officer, complaint, "decide", estate="江南小区")
    assert current_finding(complaint).estate == city.estate
    found = text_of(officer.get(f"/desk/complaints/{_ambiguous(city).pk}?estate=江南"))
    assert found.count("江南一期") == 1
    nothing = officer.get(f"/desk/complaints/{complaint.pk}?estate=火星")
    assert "没有查到“火星”" in text_of(nothing)


def test_the_same_estate_again_would_only_restart_the_clock(officer, city):
    complaint = desks.at_the_firm(city.contract)
    page = text_of(_post(officer, complaint, "decide", choice=city.estate.code))
    assert "现在认定的就是这个小区" in page
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert complaint.attributions.count() == 1


def test_upholding_a_contested_finding(officer, city):
    complaint = _contested(city)
    page = text_of(officer.get(f"/desk/complaints/{complaint.pk}"))
    assert "不是我们的楼" in page
    assert "act-decide" not in page
    assert "请写明理由" in text_of(_post(officer, complaint, "uphold", note=""))
    _post(officer, complaint, "uphold", note="合同写明 3 号楼在内")
    finding = current_finding(complaint)
    assert finding.standing == Standing.CONFIRMED
    assert finding.evidence["upheld"]
    late = _post(officer, complaint, "uphold", follow=True, note="再来一次")
    assert "没有待处理的异议" in text_of(late)


def test_overturning_to_another_estate(officer, city):
    complaint = _contested(city)
    said = {"whose": "another", "note": "核实属后苑小区"}
    assert "请写明是哪个小区" in text_of(_post(officer, complaint, "overturn", **said))
    same = _post(officer, complaint, "overturn", **said, estate="江南小区")
    assert "这就是原来认定的小区" in text_of(same)
    assert "核实属后苑小区</textarea>" in text_of(same)
    _post(officer, complaint, "overturn", **said, estate=city.other_estate.code)
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert current_finding(complaint).company == city.firm_b
    kinds = [event.kind for event in complaint.events.all()]
    assert kinds[-2:] == ["complaint.recalled", "complaint.dispatched"]


def test_overturning_to_nobody_leads_to_a_transfer(officer, city):
    complaint = _contested(city)
    _post(officer, complaint, "overturn", whose="nobody", note="是市政道路")
    complaint.refresh_from_db()
    assert complaint.state == State.RECEIVED
    assert current_finding(complaint).reason == Reason.NOBODYS
    page = text_of(officer.get("/desk/bureau/to_transfer/"))
    assert f"/desk/complaints/{complaint.pk}?act=transfer" in page


def test_transferring_with_the_department_filled_in(officer, city):
    category = f.make_category("illegal_structure", firm_answers=False, department="城管执法部门")
    complaint = f.make_complaint("楼顶违建", category=category)
    f.make_finding(complaint, city.contract)
    page = text_of(officer.get(f"/desk/complaints/{complaint.pk}"))
    assert 'value="城管执法部门"' in page
    missing = _post(officer, complaint, "transfer", department="", note="请现场查看")
    assert "请写明转交给哪个单位" in text_of(missing)
    assert "请现场查看</textarea>" in text_of(missing)
    _post(officer, complaint, "transfer", department="城管执法部门", note="请现场查看")
    complaint.refresh_from_db()
    assert complaint.state == State.TRANSFERRED
    event = complaint.events.last()
    assert event.note == "转交城管执法部门。请现场查看"
    assert event.data["department"] == "城管执法部门"
    assert event.by == city.bureau_officer


def test_what_a_firm_had_before_it_was_read_anew_waits_for_a_transfer(officer, city):
    complaint = desks.at_the_firm(city.contract)
    f.make_category("other_matter")
    _post(officer, complaint, "correct", category="other_matter")
    assert complaint.pk in [
        task.row.complaint.pk for task in officer.get("/desk/bureau/to_transfer/").context["tasks"]
    ]


def test_closing_needs_a_reason(officer, city):
    complaint = desks.answered(city.contract)
    assert "请写明理由" in text_of(_post(officer, complaint, "close"))
    _post(officer, complaint, "close", note="双方已经和解")
    complaint.refresh_from_db()
    assert complaint.state == State.CLOSED
    assert complaint.events.last().note == "双方已经和解"


def test_joining_to_a_first_and_splitting_off_for_good(officer, city):
    first = desks.at_the_firm(city.contract, external_id="RX-1")
    repeat = desks.at_the_firm(city.contract, external_id="RX-2")
    page = text_of(officer.get(f"/desk/complaints/{repeat.pk}"))
    assert 'value="RX-1"' in page
    for number, message in (("", "请填首件的编号"), ("RX-2", "没有编号是这个的另一件投诉"),
                            ("RX-9", "没有编号是这个的另一件投诉")):  # fmt: skip
        assert message in text_of(_post(officer, repeat, "join", number=number))
    _post(officer, repeat, "join", number="RX-1")
    repeat.refresh_from_db()
    assert (repeat.state, repeat.joined_to) == (State.JOINED, first)
    assert "并进来的 1 件" in text_of(officer.get(f"/desk/complaints/{first.pk}"))
    _post(officer, repeat, "split")
    repeat.refresh_from_db()
    assert repeat.state == State.DISPATCHED
    pipeline.process([repeat.pk])
    repeat.refresh_from_db()
    assert repeat.joined_to is None


def test_nothing_is_joined_to_what_has_ended(officer, city):
    first = desks.answered(city.contract, external_id="RX-1")
    actions.move(first, Move.CONFIRM, by=RESIDENT, resolved=True)
    repeat = desks.at_the_firm(city.contract)
    page = text_of(_post(officer, repeat, "join", number="RX-1"))
    assert "那一件现为“已办结”" in page


def test_neighbours_with_the_same_broken_lift_are_counted(officer, city):
    from property_oversight.attribution import incidents

    alike = [desks.at_the_firm(city.contract, reporter_phone="") for _i in range(2)]
    incidents.group([current_finding(complaint) for complaint in alike])
    page = text_of(officer.get(f"/desk/complaints/{alike[0].pk}"))
    assert "共 2 件，评分只计一次" in page


def test_the_list_is_narrowed_to_a_firm_or_an_estate(officer, city):
    ours, theirs = desks.at_the_firm(city.contract), desks.at_the_firm(city.other_contract)
    for name, code in (("company", city.firm_a.code), ("estate", city.estate.code)):
        rows = officer.get("/desk/complaints/", {name: code}).context["rows"]
        assert [row.complaint for row in rows] == [ours], name
    rows = officer.get("/desk/complaints/").context["rows"]
    assert {row.complaint for row in rows} == {ours, theirs}


# Talks ------------------------------------------------------------------------------------------
def test_a_talk_from_proposal_to_order(officer, city):
    complaint = desks.at_the_firm(city.contract)
    talk = desks.make_talk(city.firm_a, city.estate, complaints=(complaint.pk,))
    address = f"/desk/talks/{talk.pk}"
    page = text_of(officer.get(address))
    assert "逾期件数" in page
    assert f"/desk/complaints/{complaint.pk}" in page
    assert 'value="2026-08-10"' in page
    said = {"day": "2026-08-06", "hour": "09:30", "place": "305 会议室", "note": ""}
    early = text_of(officer.post(f"{address}/notify/", said))
    assert "约谈通知须提前 3 个工作日" in early
    assert 'value="305 会议室"' in early
    blank = text_of(officer.post(f"{address}/notify/", {"day": "明天"}))
    assert "请写成 2026-11-24 的样子" in blank
    assert "请写明约谈地点" in blank
    assert officer.post(f"{address}/notify/", said | {"day": "2026-08-20"}).url == address
    talk.refresh_from_db()
    assert (talk.state, talk.meets_at) == ("noticed", f.moment(2026, 8, 20, 9, 30))
    assert "请写明谈了什么" in text_of(officer.post(f"{address}/hold/", {"note": ""}))
    officer.post(f"{address}/hold/", {"note": "企业承诺更换维保单位"})
    officer.post(f"{address}/order/", {"note": "修复全部电梯", "rectify_by": "2026-09-15"})
    talk.refresh_from_db()
    assert (talk.state, f"{talk.rectify_by}") == ("rectifying", "2026-09-15")
    page = text_of(officer.get(address))
    for letter in Document.objects.all():
        assert f"/desk/documents/{letter.pk}" in page
    assert Document.objects.count() == 3
    assert "等社区到现场核实" in page
    with time_machine.travel(f.moment(2026, 9, 20), tick=False):
        officer.force_login(city.bureau_officer)
        assert "整改已过期限" in text_of(officer.get(address))


@pytest.mark.parametrize(
    ("verbs", "state"),
    [(["withdraw"], "withdrawn"), (["notify", "absent"], "absent"),
     (["notify", "hold", "close"], "closed")],
)  # fmt: skip
def test_other_ends_of_a_talk(officer, city, verbs, state):
    talk = desks.make_talk(city.firm_a, city.estate)
    said = {"day": "2026-08-20", "hour": "09:30", "place": "305 会议室", "note": "说明了理由"}
    for verb in verbs:
        officer.post(f"/desk/talks/{talk.pk}/{verb}/", said)
    talk.refresh_from_db()
    assert talk.state == state
    assert talk.events.last().note == "说明了理由"
    assert talk.events.last().by == city.bureau_officer


def test_an_illegal_step_of_a_talk_is_told_in_chinese(officer, city):
    talk = desks.make_talk(city.firm_a, city.estate)
    page = officer.post(f"/desk/talks/{talk.pk}/close/", {"note": "完了"}, follow=True)
    assert "约谈现为“待决定”，不能执行“办结”" in text_of(page)
    assert officer.post(f"/desk/talks/{talk.pk}/explode/").status_code == 404
    assert officer.get(f"/desk/talks/{talk.pk}/close/").url == f"/desk/talks/{talk.pk}"


def test_talks_by_how_far_they_are(officer, city):
    talk = desks.make_talk(city.firm_a, city.estate)
    shown = {
        tab: talk in officer.get("/desk/talks/", {"show": tab}).context["page"]
        for tab in ("proposed", "open", "ended")
    }
    assert shown == {"proposed": True, "open": False, "ended": False}


def test_talks_ask_as_often_for_one_as_for_three(officer, city):
    desks.same_at_one_and_three(
        officer,
        "/desk/talks/",
        lambda n: desks.make_talk(city.firm_a, city.estate, period=f"2025Q{n}"),
    )


def test_a_case_file_asks_as_often_for_one_complaint_as_for_three(officer, city):
    talk = desks.make_talk(city.firm_a, city.estate)

    def add(_n):
        talk.ground.complaints.append(desks.at_the_firm(city.contract).pk)
        talk.ground.save()

    desks.same_at_one_and_three(officer, f"/desk/talks/{talk.pk}", add)


# The register -----------------------------------------------------------------------------------
def test_a_firm_and_an_estate_with_contracts_scores_and_complaints(officer, city):
    desks.at_the_firm(city.contract)
    desks.make_talk(city.firm_a, city.estate)
    run = desks.make_run()
    desks.make_card(run, city.contract)
    ScoreCard.objects.create(
        run=run, company=city.firm_a, score=66, low=60, high=72, grade="C", households=920,
        household_months=2760, complaints=4, incidents=3, disparity=0.01,
    )  # fmt: skip
    page = text_of(officer.get(f"/desk/companies/{city.firm_a.code}"))
    assert "投诉 1 件，未结束 1 件" in page
    assert "江南小区" in page
    assert "64.0–78.0" in page
    assert "不像偶然" in page
    assert "不能排名次" in page
    page = text_of(officer.get(f"/desk/estates/{city.estate.code}"))
    assert "920 户" in page
    assert "三级" in page
    assert "71.4 分" in page
    assert officer.get("/desk/companies/nobody").status_code == 404
    assert officer.get("/desk/estates/nowhere").status_code == 404


def test_the_register_is_searched_by_name_and_code(officer, city):
    page = text_of(officer.get("/desk/companies/", {"q": "鼎盛"}))
    assert city.firm_a.name in page
    assert city.firm_b.name not in page
    page = text_of(officer.get("/desk/estates/", {"q": city.other_estate.code.lower()}))
    assert "后苑小区" in page
    assert "江南小区" not in page


# Scores -----------------------------------------------------------------------------------------
def test_reckoning_and_publishing_a_quarter(officer, city, categories):
    form = text_of(officer.get("/desk/scores/"))
    assert 'value="2026Q2"' in form
    for typed, message in (("", "请填季度"), ("二季度", "不是季度，应写作 2026Q3"),
                           ("2020Q1", "没有有效的物业服务合同")):  # fmt: skip
        page = text_of(officer.post("/desk/scores/", {"period": typed}))
        assert message in page
        assert f'value="{typed}"' in page or not typed
    response = officer.post("/desk/scores/", {"period": "2026q2"})
    run = ScoreRun.objects.get()
    assert response.url == f"/desk/scores/{run.pk}"
    assert Guidance.objects.count() == 2
    assert officer.post("/desk/scores/", {"period": "2026Q2"}).url == response.url
    page = text_of(officer.get(response.url))
    assert "未发布" in page
    assert page.index("江南小区") < page.index("后苑小区")
    assert "不能排名次" in page
    assert "鼎盛" in text_of(officer.get(f"{response.url}?show=firms"))
    assert "示例标准" in text_of(officer.get(f"{response.url}?show=guidance"))
    asked = text_of(officer.get(f"{response.url}/publish/"))
    assert "不能撤回" in asked
    run.refresh_from_db()
    assert run.published_at is None
    officer.post(f"{response.url}/publish/")
    run.refresh_from_db()
    assert (run.published_at, run.published_by) == (NOW, city.bureau_officer)
    again = officer.post(f"{response.url}/publish/", follow=True)
    assert "已经发布" in text_of(again)


def test_a_run_asks_as_often_for_one_card_as_for_three(officer, city):
    run = desks.make_run(published=False)

    def add(_n):
        estate = f.make_estate(community=city.community)
        card = desks.make_card(run, f.make_contract(estate, city.firm_a))
        Guidance.objects.create(
            card=card, contract=card.contract, verdict="fits", because="得分达到三级"
        )

    for show in ("estates", "guidance"):
        desks.same_at_one_and_three(officer, f"/desk/scores/{run.pk}?show={show}", add)


def test_who_is_not_of_the_bureau_neither_reckons_nor_publishes(client, city):
    run = desks.make_run(published=False)
    for name, person in city.people.items():
        if name != "bureau_officer":
            client.force_login(person)
            assert client.post("/desk/scores/", {"period": "2026Q2"}).status_code == 403, name
            assert client.post(f"/desk/scores/{run.pk}/publish/").status_code == 403, name
    run.refresh_from_db()
    assert run.published_at is None
    assert ScoreRun.objects.count() == 1
