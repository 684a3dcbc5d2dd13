"""The steps of a talk: proposed once a firm, rule and quarter; every move by the table."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from complaints.actions import RESIDENT, SYSTEM, move
from complaints.models import CalendarDay
from complaints.workflow import Move as ComplaintMove
from property_oversight.registry.actions import rename
from property_oversight.scoring.actions import run as score
from property_oversight.talks import actions
from property_oversight.talks.models import Document, Ground, Talk, TalkEvent
from property_oversight.talks.workflow import MOVES, Move, State, is_legal
from tests.factories import (
    make_category,
    make_company,
    make_complaint,
    make_estate,
    make_finding,
    make_talk,
    moment,
)

MONDAY = moment(2026, 8, 3)
THURSDAY = moment(2026, 8, 6, 9, 30)
"""Three working days after Monday."""


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


# Every move from every state ---------------------------------------------------------------------

STEPS = {
    Move.NOTIFY: lambda talk, **by: actions.notify(talk, meets_at=THURSDAY, place="305 室", **by),
    Move.HOLD: lambda talk, **by: actions.hold(talk, note="企业承诺整改", **by),
    Move.MARK_ABSENT: lambda talk, **by: actions.mark_absent(talk, note="无人到场", **by),
    Move.ORDER: lambda talk, **by: actions.order(talk, note="修好全部电梯", **by),
    Move.VERIFY: lambda talk, **by: actions.verify(talk, note="现场看过", **by),
    Move.FAIL: lambda talk, **by: actions.fail(talk, note="还是坏的", **by),
    Move.CLOSE: lambda talk, **by: actions.close(talk, note="整改到位", **by),
    Move.WITHDRAW: lambda talk, **by: actions.withdraw(talk, note="企业已换维保", **by),
}
LETTERS = {Move.NOTIFY: "notice", Move.HOLD: "minutes", Move.ORDER: "order"}


def rows(talk: Talk) -> tuple:
    """Everything the database holds of a talk."""
    return (
        Talk.objects.filter(pk=talk.pk).values().get(),
        list(TalkEvent.objects.filter(talk=talk).values()),
        list(Document.objects.filter(event__talk=talk).values()),
    )


def test_steps_of_this_test_are_all_moves():
    assert set(STEPS) == set(Move)


@pytest.mark.django_db
@pytest.mark.parametrize("to", Move)
@pytest.mark.parametrize("state", State)
def test_move_lands_or_is_refused_as_the_table_says(state, to):
    talk = make_talk(make_company(), make_estate(), state=state, meets_at=THURSDAY)
    before = rows(talk)
    if not is_legal(state, to):
        with pytest.raises(ValidationError) as refused:
            STEPS[to](talk, by=None)
        assert refused.value.code == "illegal_move"
        assert rows(talk) == before
        assert talk.state == state
        return
    event = STEPS[to](talk, by=None)
    assert talk.state == MOVES[to].target
    assert Talk.objects.get(pk=talk.pk).state == MOVES[to].target
    assert list(talk.events.values_list("kind", flat=True)) == ["talk.proposed", MOVES[to].event]
    assert event.data == {"from": state, "to": MOVES[to].target, "rule": "T3-overdue"}
    assert event.told_at is None
    letters = Document.objects.filter(event__talk=talk).values_list("kind", flat=True)
    assert list(letters) == ([LETTERS[to]] if to in LETTERS else [])


def test_move_asks_the_database_and_not_an_old_page(city):
    talk = make_talk(city.firm_a, city.estate, state=State.PROPOSED)
    stale = Talk.objects.get(pk=talk.pk)
    actions.withdraw(talk, by=city.bureau_officer, note="已整改")
    with pytest.raises(ValidationError) as refused:
        actions.notify(stale, by=city.bureau_officer, meets_at=THURSDAY, place="305 室")
    assert refused.value.code == "illegal_move"
    assert refused.value.messages == ["约谈现为“不约谈”，不能执行“发出约谈通知书”"]


def test_move_writes_down_who_and_why(city):
    talk = make_talk(city.firm_a, city.estate, state=State.RECTIFYING)
    event = actions.verify(talk, by=city.community_officer, note="  四部电梯都在运行 ")
    assert (event.by, event.note) == (city.community_officer, "四部电梯都在运行")


# Notice ------------------------------------------------------------------------------------------


@pytest.fixture
def proposed(db) -> Talk:
    return make_talk(make_company(), make_estate())


def notify(talk: Talk, meets_at: datetime, place: str = "305 室"):
    return actions.notify(talk, by=None, meets_at=meets_at, place=place)


@pytest.mark.parametrize(
    ("meets_at", "in_time"),
    [
        (moment(2026, 8, 3, 15), False),
        (moment(2026, 8, 5, 23, 59), False),
        (moment(2026, 8, 6, 0, 0), True),
        (datetime(2026, 8, 5, 16, 0, tzinfo=UTC), True),  # midnight in the city
        (datetime(2026, 8, 5, 15, 59, tzinfo=UTC), False),
    ],
)
def test_notice_is_given_three_working_days_before(proposed, meets_at, in_time):
    if in_time:
        notify(proposed, meets_at)
        assert (proposed.meets_at, proposed.place) == (meets_at, "305 室")
        return
    with pytest.raises(ValidationError) as refused:
        notify(proposed, meets_at)
    assert refused.value.code == "too_soon"
    assert refused.value.messages == ["约谈通知须提前 3 个工作日，最早 2026-08-06"]
    assert Talk.objects.get().state == State.PROPOSED


@pytest.fixture
def national_day(db) -> None:
    """The first week of October is free; the Saturday after it is worked (国办发明电)."""
    CalendarDay.objects.bulk_create(
        CalendarDay(day=date(2026, 10, day), is_workday=False, name="国庆节") for day in range(1, 8)
    )
    CalendarDay.objects.create(day=date(2026, 10, 10), is_workday=True, name="国庆节调休")


@pytest.mark.parametrize(("day", "in_time"), [(6, False), (9, False), (10, True), (12, True)])
def test_notice_period_leaves_holidays_out_and_counts_make_up_days(
    proposed, national_day, day, in_time
):
    with time_machine.travel(moment(2026, 9, 30), tick=False):
        if in_time:
            assert notify(proposed, moment(2026, 10, day, 9, 30)).kind == "talk.noticed"
        else:
            with pytest.raises(ValidationError, match="最早 2026-10-10"):
                notify(proposed, moment(2026, 10, day, 9, 30))


@pytest.mark.parametrize("place", ["", "  "])
def test_notice_without_a_place_is_refused(proposed, place):
    with pytest.raises(ValidationError) as refused:
        notify(proposed, THURSDAY, place)
    assert refused.value.code == "no_place"


def test_notice_is_given_again_to_a_firm_that_stayed_away(proposed):
    notify(proposed, THURSDAY)
    actions.mark_absent(proposed, by=None, note="无人到场")
    notify(proposed, moment(2026, 8, 10, 9, 30), "报告厅")
    proposed.refresh_from_db()
    assert (proposed.state, proposed.place) == (State.NOTICED, "报告厅")
    assert Document.objects.filter(kind="notice").count() == 2


# Reasons -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("note", ["", "  \n"])
@pytest.mark.parametrize(
    ("step", "state"),
    [
        (actions.hold, State.NOTICED),
        (actions.mark_absent, State.NOTICED),
        (actions.order, State.HELD),
        (actions.verify, State.RECTIFYING),
        (actions.fail, State.RECTIFYING),
        (actions.close, State.VERIFIED),
        (actions.withdraw, State.PROPOSED),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_step_without_a_reason_is_refused(db, step, state, note):
    talk = make_talk(make_company(), make_estate(), state=state)
    before = rows(talk)
    with pytest.raises(ValidationError) as refused:
        step(talk, by=None, note=note)
    assert refused.value.code == "no_reason"
    assert rows(talk) == before


# Rectification -----------------------------------------------------------------------------------


@pytest.fixture
def held(db) -> Talk:
    return make_talk(make_company(), make_estate(), state=State.HELD)


def test_rectification_is_due_in_fifteen_working_days(held):
    actions.order(held, by=None, note="修好全部电梯")
    assert Talk.objects.get().rectify_by == date(2026, 8, 24)


def test_rectification_is_due_later_over_a_holiday(held, national_day):
    with time_machine.travel(moment(2026, 9, 28), tick=False):  # Tuesday and Wednesday, then 13
        actions.order(held, by=None, note="修好全部电梯")
    assert held.rectify_by == date(2026, 10, 23)


@pytest.mark.parametrize(("day", "taken"), [(2, False), (3, False), (4, True)])
def test_rectification_cannot_be_due_today(held, day, taken):
    day = date(2026, 8, day)
    if taken:
        actions.order(held, by=None, note="修好", rectify_by=day)
        assert held.rectify_by == day
    else:
        with pytest.raises(ValidationError) as refused:
            actions.order(held, by=None, note="修好", rectify_by=day)
        assert refused.value.code == "bad_deadline"
        assert Talk.objects.get().state == State.HELD


# Proposals ---------------------------------------------------------------------------------------

AFTER = date(2026, 10, 9)


@pytest.fixture
def neglected(city) -> list:
    """Four complaints of August that firm A has never answered."""
    complaints = []
    for _each in range(4):
        complaint = make_complaint(category=make_category("fees"))
        make_finding(complaint, city.contract)
        move(complaint, ComplaintMove.DISPATCH, by=SYSTEM, at=MONDAY)
        complaints.append(complaint)
    return complaints


def propose(on: date = AFTER, period: str = "2026Q3") -> list[Talk]:
    return actions.propose_due(score(period, as_of=on), on=on)


def overdue(talks: list[Talk]) -> Talk:
    """Of `talks` the one about late answers; so many of them also make the score low."""
    return next(talk for talk in talks if talk.rule == "T3-overdue")


def test_proposal_carries_its_ground_and_its_evidence(city, neglected):
    talk = overdue(propose())
    assert (talk.company, talk.rule, talk.period) == (city.firm_a, "T3-overdue", "2026Q3")
    assert (talk.state, talk.proposed_on) == (State.PROPOSED, AFTER)
    assert list(talk.estates.all()) == [city.estate]
    assert talk.ground.because == "4 件到期应答复的投诉中有 4 件逾期（江南小区）"
    assert talk.ground.complaints == [complaint.pk for complaint in neglected]
    assert talk.ground.figures == {"overdue": 4, "judged": 4}
    (event,) = talk.events.all()
    assert event.kind == "talk.proposed"
    assert event.data == {
        "rule": "T3-overdue",
        "period": "2026Q3",
        "because": talk.ground.because,
    }


def test_proposal_is_made_once_a_firm_rule_and_quarter(city, neglected):
    made = propose()
    assert {talk.rule for talk in made} == {"T1-low-score", "T3-overdue"}
    assert propose() == []
    assert propose(date(2026, 10, 20)) == []
    assert (Talk.objects.count(), TalkEvent.objects.count()) == (2, 2)


def test_proposal_is_not_made_again_from_new_data_of_the_same_quarter(city, neglected):
    propose()
    late = make_complaint(category=make_category("fees"))
    make_finding(late, city.contract)
    move(late, ComplaintMove.DISPATCH, by=SYSTEM, at=MONDAY)
    assert propose() == []
    assert Ground.objects.get(talk__rule="T3-overdue").figures == {"overdue": 4, "judged": 4}


def test_proposal_that_an_officer_has_withdrawn_is_not_made_again(city, neglected):
    talk = overdue(propose())
    actions.withdraw(talk, by=city.bureau_officer, note="企业已全部答复")
    assert propose() == []


def test_proposal_of_another_quarter_is_another_talk(city, neglected):
    propose()
    for _each in range(3):
        complaint = make_complaint(category=make_category("fees"), received_at=moment(2026, 10, 12))
        make_finding(complaint, city.contract)
        move(complaint, ComplaintMove.DISPATCH, by=SYSTEM, at=moment(2026, 10, 12))
    talk = overdue(propose(date(2026, 12, 1), "2026Q4"))
    assert (talk.period, talk.ground.figures) == ("2026Q4", {"overdue": 3, "judged": 3})


def test_proposal_keeps_its_evidence_when_the_facts_change_afterwards(city, neglected):
    propose()
    before = list(Ground.objects.values())
    for complaint in neglected:
        move(complaint, ComplaintMove.WITHDRAW, by=RESIDENT)
    rename(city.estate, "望江名邸")
    score("2026Q3", as_of=AFTER)
    assert propose() == []
    assert list(Ground.objects.values()) == before


def test_proposal_is_made_for_each_rule_that_finds_a_ground(city, neglected):
    neglected[0].danger = True
    neglected[0].save()
    assert [talk.rule for talk in propose()] == ["T1-low-score", "T3-overdue", "T4-danger-late"]


def test_due_grounds_can_be_asked_for_without_writing_anything(city, neglected):
    found = actions.due_grounds(score("2026Q3", as_of=AFTER), AFTER)
    assert [(company, ground.rule) for company, ground in found] == [
        (city.firm_a, "T1-low-score"),
        (city.firm_a, "T3-overdue"),
    ]
    assert not Talk.objects.exists()


def test_talk_of_a_firm_rule_and_quarter_is_unique_in_the_database(city):
    make_talk(city.firm_a)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_talk(city.firm_a)
