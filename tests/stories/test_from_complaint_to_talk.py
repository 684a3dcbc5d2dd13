"""The main job, from a resident's sentence to the end of a supervisory talk."""

from datetime import date

import time_machine

from complaints.actions import RESIDENT, Actor, Draft, move
from complaints.models import Channel
from complaints.workflow import Move, State
from property_oversight.casework import intake, pipeline, rounds
from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience
from property_oversight.petition.models import FeedEntry
from property_oversight.pricing.queries import guidance_of
from property_oversight.scoring.queries import cards_of, latest_run
from property_oversight.talks import actions as talks
from property_oversight.talks.models import Document, Talk
from property_oversight.talks.workflow import State as TalkState
from tests.factories import moment


def lodge(text: str, phone: str):
    complaint = intake.lodge(
        Draft(text=text, reporter_name="王秀英", reporter_phone=phone),
        channel=Channel.WEB,
        by=RESIDENT,
    )
    pipeline.process([complaint.pk])
    complaint.refresh_from_db()
    return complaint


def test_a_firm_that_does_not_answer_is_talked_to_and_one_that_does_is_not(city, serving):
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        ignored = [
            lodge(f"江南小区{n}号楼电梯坏了三天没人修", f"199000000{n:02}") for n in range(1, 5)
        ]
        served = lodge("后苑小区二号楼电梯坏了没人修", "19900000099")
    assert {complaint.state for complaint in [*ignored, served]} == {State.DISPATCHED}

    with time_machine.travel(moment(2026, 8, 4), tick=False):
        clerk = Actor("firm", city.firm_b_clerk)
        move(served, Move.ANSWER, by=clerk, note="已修好，更换了门机皮带")
        move(served, Move.CONFIRM, by=RESIDENT, resolved=True, satisfied=True)

    with time_machine.travel(moment(2026, 8, 6), tick=False):
        # One working day for a lift; the whole of the 4th and the 5th have gone by.
        assert rounds.look_at_clocks(date(2026, 8, 6)) == 8
        assert rounds.look_at_clocks(date(2026, 8, 6)) == 0

    with time_machine.travel(moment(2026, 10, 9, 2), tick=False):
        quarter = open_quarter("2026Q3")
        for estate, points in ((city.estate, 50), (city.other_estate, 92)):
            evaluate(quarter, Audience.COMMUNITY, estate, evaluator=estate.community.code,
                     on=date(2026, 10, 9), points=points)  # fmt: skip
        rounds.nightly(date(2026, 10, 9))
        rounds.nightly(date(2026, 10, 9))

    run = latest_run("2026Q3")
    cards = {card.estate.name: card for card in cards_of(run) if card.estate}
    assert cards["江南小区"].score < cards["后苑小区"].score
    for card in cards.values():
        parts = sum(part.contribution for part in card.contributions.all())
        assert card.base + parts == card.score or abs(card.base + parts - card.score) < 1e-9
        assert card.low <= card.score <= card.high
    assert guidance_of(run).count() == 2
    proposed = {(talk.company.name, talk.rule) for talk in Talk.objects.all()}
    assert ("鼎盛物业服务有限公司", "T3-overdue") in proposed
    assert not [name for name, _rule in proposed if name == city.firm_b.name]

    talk = Talk.objects.get(rule="T3-overdue")
    assert sorted(talk.ground.complaints) == sorted(complaint.pk for complaint in ignored)
    officer, community = city.bureau_officer, city.community_officer
    with time_machine.travel(moment(2026, 10, 12), tick=False):
        talks.notify(talk, by=officer, meets_at=moment(2026, 10, 16, 9, 30), place="305 会议室")
    with time_machine.travel(moment(2026, 10, 16, 11), tick=False):
        talks.hold(talk, by=officer, note="企业承诺更换维保单位")
        talks.order(talk, by=officer, note="一周内修复全部电梯并公示维保记录")
    with time_machine.travel(moment(2026, 10, 26), tick=False):
        talks.verify(talk, by=community, note="现场看过，四部电梯都在运行")
        talks.close(talk, by=officer, note="整改到位")
        rounds.tell_petition_office()
    talk.refresh_from_db()
    assert talk.state == TalkState.CLOSED
    assert [document.kind for document in Document.objects.order_by("pk")] == [
        "notice", "minutes", "order",
    ]  # fmt: skip

    told = list(FeedEntry.objects.filter(subject=f"talks/{talk.pk}").values_list("type", flat=True))
    assert told == [
        "talk.proposed", "talk.noticed", "talk.held", "talk.ordered", "talk.verified",
        "talk.closed",
    ]  # fmt: skip
    everything = str(list(FeedEntry.objects.values_list("data", flat=True)))
    assert "王秀英" not in everything
    assert "1990000" not in everything
    assert ignored[0].tracking_code not in everything


def test_a_complaint_goes_to_the_firm_of_the_day_and_back_when_the_firm_was_right(city, serving):
    from property_oversight.access.visibility import complaints_visible_to, finding_of
    from property_oversight.attribution import actions as attribution
    from property_oversight.casework import decisions

    with time_machine.travel(moment(2026, 8, 3), tick=False):
        complaint = lodge("江南小区一号楼电梯困人没人管", "19900000001")
        assert complaint in complaints_visible_to(city.firm_a_clerk)
        assert complaint not in complaints_visible_to(city.firm_b_clerk)
        finding = finding_of(complaints_visible_to(city.firm_a_clerk).get(pk=complaint.pk))

        contested = attribution.contest(finding, by=city.firm_a_clerk, note="说的是后苑小区")
        decisions.overturn(
            contested, by=city.bureau_officer, note="核实属后苑小区", estate=city.other_estate
        )

    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    assert complaint not in complaints_visible_to(city.firm_a_clerk)
    assert complaint in complaints_visible_to(city.firm_b_clerk)
    assert [event.kind for event in complaint.events.all()] == [
        "complaint.received", "complaint.read", "complaint.dispatched", "complaint.recalled",
        "complaint.dispatched",
    ]  # fmt: skip
    assert complaint.attributions.count() == 3
    assert complaint.attributions.filter(superseded_at=None).count() == 1
