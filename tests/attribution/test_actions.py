"""Whom a complaint concerns: found from its words and the contract of the day, then argued about.

A correction is always a new row; the old one stays as it was, only superseded.
"""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from property_oversight.attribution import actions, incidents
from property_oversight.attribution.models import Attribution, Reason, Standing
from property_oversight.attribution.queries import current_finding
from property_oversight.registry import actions as registry
from tests.factories import (
    make_category,
    make_community,
    make_company,
    make_complaint,
    make_contract,
    make_estate,
    make_finding,
    moment,
)


def found(text: str = "明珠花园的电梯坏了", **more) -> Attribution:
    """What the linker makes of a complaint."""
    complaint = make_complaint(text, **more)
    assert actions.attribute([complaint]) == 1
    return complaint.attributions.get()


def error_code(refused) -> str:
    return refused.value.code


# The contract of the day -------------------------------------------------------------------------


@pytest.fixture
def handed_over(db):
    """明珠花园: 旧管家 until the last of June 2026, 新管家 from the first of July."""
    estate = make_estate("明珠花园")
    old, new = make_company("旧管家物业"), make_company("新管家物业")
    make_contract(estate, old, starts_on=date(2025, 1, 1), ends_on=date(2026, 7, 1))
    make_contract(estate, new, starts_on=date(2026, 7, 1))
    return estate


@pytest.mark.parametrize(
    ("happened_on", "firm"),
    [
        (date(2025, 1, 1), "旧管家物业"),
        (date(2026, 6, 30), "旧管家物业"),
        (date(2026, 7, 1), "新管家物业"),
        (date(2026, 8, 3), "新管家物业"),
    ],
)
def test_finding_names_the_firm_whose_contract_was_in_force_that_day(
    handed_over, happened_on, firm
):
    finding = found(occurred_on=happened_on)
    assert (finding.estate, finding.company.name) == (handed_over, firm)
    assert finding.contract.covers(happened_on)
    assert finding.reason == Reason.NAMED


def test_finding_goes_by_the_day_it_happened_and_not_by_the_day_it_came_in(handed_over):
    finding = found(occurred_on=date(2026, 6, 30), received_at=moment(2026, 7, 5))
    assert finding.company.name == "旧管家物业"
    assert finding.evidence["day"] == "2026-06-30"


def test_finding_without_a_day_goes_by_the_day_in_the_city_on_which_it_came_in(handed_over):
    # Half past twelve at night in the city is still the day before by Greenwich.
    finding = found(received_at=moment(2026, 7, 1, 0, 30))
    assert finding.company.name == "新管家物业"


def test_finding_leaves_the_last_day_of_a_register_to_the_old_firm(db):
    estate = make_estate("明珠花园")
    old, new = make_company(), make_company()
    make_contract(estate, old, starts_on=date(2025, 1, 1), ends_on=date(2026, 6, 30))
    make_contract(estate, new, starts_on=date(2026, 7, 1))
    assert found(occurred_on=date(2026, 6, 30)).company == old
    assert found(occurred_on=date(2026, 7, 1)).company == new


def test_finding_gives_the_day_of_the_hand_over_to_the_successor(db):
    estate = make_estate("明珠花园")
    old, new = make_company(), make_company()
    make_contract(estate, old, starts_on=date(2025, 1, 1), ends_on=date(2026, 6, 30))
    make_contract(estate, new, starts_on=date(2026, 6, 30))
    assert found(occurred_on=date(2026, 6, 30)).company == new


@pytest.mark.parametrize("happened_on", [date(2024, 12, 31), date(2026, 7, 2)])
def test_finding_names_the_estate_but_no_firm_where_no_contract_was_in_force(db, happened_on):
    estate = make_estate("明珠花园")
    contract = make_contract(
        estate, make_company(), starts_on=date(2025, 1, 1), ends_on=date(2026, 7, 1)
    )
    finding = found(occurred_on=happened_on)
    assert not contract.covers(happened_on)
    assert (finding.estate, finding.contract, finding.company) == (estate, None, None)
    assert finding.reason == Reason.NO_CONTRACT


# Names -------------------------------------------------------------------------------------------


@pytest.fixture
def namesakes(db):
    """Two estates called 幸福里, each with a firm."""
    estates = [make_estate("幸福里", code=code) for code in ("X1", "X2")]
    for estate in estates:
        make_contract(estate, make_company())
    return estates


def test_finding_of_an_ambiguous_name_lists_candidates_and_chooses_none(namesakes):
    finding = found("幸福里的垃圾没人收")
    assert (finding.estate, finding.company) == (None, None)
    assert finding.reason == Reason.AMBIGUOUS
    assert finding.evidence["candidates"] == [["X1", 0.5], ["X2", 0.5]]


def test_finding_of_an_ambiguous_name_is_settled_by_the_estate_that_was_stated(namesakes):
    finding = found("幸福里的垃圾没人收", stated_estate="X2")
    assert (finding.estate, finding.reason) == (namesakes[1], Reason.NAMED)
    assert finding.evidence["stated"] == "X2"


def test_finding_of_a_text_without_a_known_name_says_so(city):
    finding = found("我们这里的电梯坏了", stated_estate="没有登记的大院")
    assert (finding.estate, finding.contract, finding.company) == (None, None, None)
    assert (finding.reason, finding.confidence) == (Reason.NOT_FOUND, 0.0)
    assert finding.evidence == {
        "span": None,
        "words": "",
        "how": None,
        "mentions": [],
        "stated": "没有登记的大院",
        "candidates": [],
        "day": "2026-08-03",
    }


@pytest.mark.parametrize("claim", ["江南小区", "code"])
def test_finding_takes_the_stated_estate_by_name_or_by_code(city, claim):
    claim = city.estate.code if claim == "code" else claim
    finding = found("电梯坏了三天没人修", stated_estate=claim)
    assert (finding.estate, finding.company) == (city.estate, city.firm_a)
    assert finding.reason == Reason.STATED
    assert (finding.evidence["span"], finding.evidence["stated"]) == (None, claim)


def test_finding_of_two_estates_told_apart_by_nothing_is_left_to_a_person(city):
    finding = found("电梯坏了", title="江南小区和后苑小区都一样")
    assert finding.reason == Reason.AMBIGUOUS
    assert {code for code, _share in finding.evidence["candidates"]} == {
        city.estate.code,
        city.other_estate.code,
    }


def test_finding_makes_one_row_for_each_of_many_complaints(city):
    complaints = [make_complaint(text) for text in ("江南小区停水", "后苑小区停水", "停水")]
    assert actions.attribute(complaints) == 3
    firms = [current_finding(complaint).company for complaint in complaints]
    assert firms == [city.firm_a, city.firm_b, None]


# Evidence ----------------------------------------------------------------------------------------


def test_finding_freezes_the_words_it_rests_on_by_their_place_in_title_and_text(city):
    finding = found("那部电梯又坏了", title="请看看江南小区")
    assert finding.evidence["span"] == [3, 7]
    assert finding.evidence["words"] == "江南小区"
    assert finding.complaint.whole[3:7] == "江南小区"
    assert finding.evidence["candidates"] == [[city.estate.code, 1.0]]
    assert finding.evidence["how"] == "exact"
    assert finding.evidence["mentions"] == [[3, 7, "江南小区", "exact"]]
    assert finding.confidence == 1.0


def test_finding_says_how_each_mention_was_matched(city):
    registry.rename(city.estate, "望江名邸")
    finding = found("望江名邸3栋停水，老名字是江南小区", title="忘江名邸停水")
    assert [mention[2:] for mention in finding.evidence["mentions"]] == [
        ["望江名邸", "exact"],
        ["江南小区", "alias"],
    ]


def test_finding_of_a_name_written_by_its_sound_says_so(city):
    registry.rename(city.estate, "望江名邸")
    finding = found("忘江名邸3栋停水")
    assert finding.estate == city.estate
    assert (finding.evidence["words"], finding.evidence["how"]) == ("忘江名邸", "pinyin")


def test_finding_of_two_of_one_name_is_settled_by_the_community_that_is_named(db):
    here = make_estate("听松花园", community=make_community("东风社区"))
    make_estate("听松花园", community=make_community("胜利社区"))
    assert found("东风社区的听松花园停水").estate == here


def test_finding_keeps_its_evidence_when_the_register_changes_afterwards(city):
    finding = found("江南小区电梯坏了")
    before = dict(finding.evidence)
    registry.rename(city.estate, "江南雅苑")
    registry.end(city.contract, on=date(2026, 8, 1))
    finding.refresh_from_db()
    assert finding.evidence == before
    assert finding.contract == city.contract


def test_finding_is_made_once(city):
    complaint = make_complaint("江南小区电梯坏了")
    assert actions.attribute([complaint]) == 1
    assert actions.attribute([complaint]) == 0
    assert complaint.attributions.count() == 1


def test_finding_of_a_person_is_not_overwritten_by_the_linker(city):
    complaint = make_complaint("江南小区电梯坏了")
    actions.decide(complaint, city.other_estate, by=city.bureau_officer)
    assert actions.attribute([complaint]) == 0
    assert current_finding(complaint).estate == city.other_estate


# The gazetteer -----------------------------------------------------------------------------------


def test_gazetteer_is_built_once_while_the_register_stands_still(city):
    assert actions.gazetteer() is actions.gazetteer()


def test_gazetteer_is_built_anew_when_the_register_has_changed(city):
    before = actions.gazetteer()
    assert before.link("云栖台的路灯不亮").code is None
    estate = make_estate("云栖台")
    assert actions.gazetteer() is not before
    assert actions.gazetteer().link("云栖台的路灯不亮").code == estate.code


def test_gazetteer_finds_a_renamed_estate_by_both_names(city):
    actions.gazetteer()
    registry.rename(city.estate, "望江名邸")
    for text in ("望江名邸停电", "江南小区停电"):
        assert actions.gazetteer().link(text).code == city.estate.code


def test_gazetteer_leads_from_a_merged_estate_to_the_one_it_became(city):
    actions.gazetteer()
    registry.merge(city.other_estate, city.estate)
    finding = found("后苑小区电梯坏了")
    assert (finding.estate, finding.company) == (city.estate, city.firm_a)


# While it is built, people are served -------------------------------------------------------------


@pytest.fixture
def slow_to_build(monkeypatch):
    """A register that takes long to build, for a thread that serves a person."""
    monkeypatch.setattr(actions, "_QUICK", 0.0)
    monkeypatch.setattr(actions, "_is_main_thread", lambda: False)


def wait_for_a_build() -> None:
    for thread in threading.enumerate():
        if thread.name == actions.BUILDER:
            thread.join(10)


@pytest.mark.django_db(transaction=True)
def test_gazetteer_serves_the_old_names_until_the_new_ones_are_built(slow_to_build, monkeypatch):
    make_estate("云栖台")
    before = actions.gazetteer()
    go_on = threading.Event()

    class Slow(actions.Gazetteer):
        def __init__(self, *names):
            assert go_on.wait(10)
            super().__init__(*names)

    monkeypatch.setattr(actions, "Gazetteer", Slow)
    make_estate("望江名邸")
    assert actions.gazetteer() is before
    assert actions.gazetteer() is before
    assert sum(thread.name == actions.BUILDER for thread in threading.enumerate()) == 1
    go_on.set()
    wait_for_a_build()
    assert actions.gazetteer() is not before
    assert actions.gazetteer().link("望江名邸停水").code is not None


@pytest.mark.django_db(transaction=True)
def test_gazetteer_that_cannot_be_built_leaves_the_old_one_serving(slow_to_build, monkeypatch):
    make_estate("云栖台")
    before = actions.gazetteer()

    def broken():
        raise DatabaseError("gone")

    monkeypatch.setattr(actions, "names_for_linking", broken)
    make_estate("望江名邸")
    assert actions.gazetteer() is before
    wait_for_a_build()
    assert actions.gazetteer() is before
    wait_for_a_build()


def test_gazetteer_keeps_nobody_waiting_for_a_small_register_to_be_read_again(city, monkeypatch):
    monkeypatch.setattr(actions, "_is_main_thread", lambda: False)
    monkeypatch.setattr(actions, "_QUICK", 60.0)
    before = actions.gazetteer()
    make_estate("云栖台")
    assert actions.gazetteer() is not before


def test_gazetteer_of_a_command_is_always_the_newest(city, monkeypatch):
    monkeypatch.setattr(actions, "_QUICK", 0.0)
    before = actions.gazetteer()
    make_estate("云栖台")
    assert actions.gazetteer() is not before


# What people decide ------------------------------------------------------------------------------


def history(complaint) -> list[tuple[str, bool]]:
    """Standing of every finding, in order, and whether it is current."""
    return [(one.standing, one.superseded_at is None) for one in complaint.attributions.all()]


def test_decide_makes_a_new_row_and_supersedes_the_old_one(city):
    finding = found("江南小区电梯坏了")
    decided = actions.decide(
        finding.complaint, city.other_estate, by=city.bureau_officer, note="门牌是后苑的"
    )
    assert (decided.estate, decided.contract, decided.company) == (
        city.other_estate,
        city.other_contract,
        city.firm_b,
    )
    assert (decided.reason, decided.confidence) == (Reason.DECIDED, 1.0)
    assert (decided.note, decided.decided_by) == ("门牌是后苑的", city.bureau_officer)
    assert history(finding.complaint) == [("found", False), ("confirmed", True)]
    finding.refresh_from_db()
    assert (finding.estate, finding.note, finding.decided_by) == (city.estate, "", None)


def test_decide_asks_for_the_contract_of_the_day_it_happened(handed_over, city):
    complaint = make_complaint(occurred_on=date(2026, 6, 30))
    decided = actions.decide(complaint, handed_over, by=city.bureau_officer)
    assert decided.company.name == "旧管家物业"


def test_decide_says_so_where_the_estate_had_no_contract_that_day(city):
    complaint = make_complaint(occurred_on=date(2024, 5, 1))
    decided = actions.decide(complaint, city.estate, by=city.bureau_officer)
    assert (decided.estate, decided.company) == (city.estate, None)
    assert (decided.reason, decided.standing) == (Reason.NO_CONTRACT, Standing.CONFIRMED)


def test_contest_makes_a_new_row_that_names_the_same_firm(city):
    finding = found("江南小区电梯坏了")
    contested = actions.contest(finding, by=city.firm_a_clerk, note="说的是市政电梯")
    assert contested.pk != finding.pk
    assert contested.event_id != finding.event_id
    assert (contested.contract, contested.company) == (city.contract, city.firm_a)
    assert contested.evidence == finding.evidence
    assert history(finding.complaint) == [("found", False), ("contested", True)]


@pytest.mark.parametrize("note", ["", "  \n"])
def test_contest_without_a_reason_is_refused(city, note):
    finding = found("江南小区电梯坏了")
    with pytest.raises(ValidationError) as refused:
        actions.contest(finding, by=city.firm_a_clerk, note=note)
    assert error_code(refused) == "no_reason"
    assert history(finding.complaint) == [("found", True)]


def test_contest_twice_is_refused(city):
    finding = found("江南小区电梯坏了")
    contested = actions.contest(finding, by=city.firm_a_clerk, note="不是我们的")
    with pytest.raises(ValidationError) as refused:
        actions.contest(contested, by=city.firm_a_clerk, note="真的不是")
    assert error_code(refused) == "already_contested"
    with pytest.raises(ValidationError) as refused:
        actions.contest(finding, by=city.firm_a_clerk, note="看旧页面的人")
    assert error_code(refused) == "superseded"
    assert history(finding.complaint) == [("found", False), ("contested", True)]


def test_contest_of_a_finding_that_names_no_firm_is_refused(city):
    finding = found("电梯坏了")
    with pytest.raises(ValidationError) as refused:
        actions.contest(finding, by=city.firm_a_clerk, note="不是我们的")
    assert error_code(refused) == "nothing_to_contest"


def test_contest_after_the_bureau_has_upheld_is_refused(city):
    contested = actions.contest(found("江南小区停电"), by=city.firm_a_clerk, note="不是我们的")
    upheld = actions.uphold(contested, by=city.bureau_officer, note="合同写明是你们的")
    with pytest.raises(ValidationError) as refused:
        actions.contest(upheld, by=city.firm_a_clerk, note="还是不服")
    assert error_code(refused) == "already_upheld"


def test_contest_is_open_to_the_next_firm_after_an_overturn(city):
    contested = actions.contest(found("江南小区停电"), by=city.firm_a_clerk, note="不是我们的")
    moved = actions.overturn(
        contested, by=city.bureau_officer, note="后苑的", estate=city.other_estate
    )
    again = actions.contest(moved, by=city.firm_b_clerk, note="也不是我们的")
    assert (again.company, again.standing) == (city.firm_b, Standing.CONTESTED)


def test_uphold_confirms_the_contested_finding_in_a_new_row(city):
    finding = found("江南小区停电")
    contested = actions.contest(finding, by=city.firm_a_clerk, note="不是我们的")
    upheld = actions.uphold(contested, by=city.bureau_officer, note="合同写明")
    assert (upheld.company, upheld.evidence["upheld"]) == (city.firm_a, True)
    assert "upheld" not in contested.evidence
    assert history(finding.complaint) == [
        ("found", False),
        ("contested", False),
        ("confirmed", True),
    ]


def test_overturn_gives_the_complaint_to_the_firm_of_another_estate(city):
    finding = found("江南小区停电")
    contested = actions.contest(finding, by=city.firm_a_clerk, note="不是我们的")
    new = actions.overturn(
        contested, by=city.bureau_officer, note="后苑的", estate=city.other_estate
    )
    assert (new.company, new.reason) == (city.firm_b, Reason.DECIDED)
    assert history(finding.complaint) == [
        ("found", False),
        ("contested", False),
        ("confirmed", True),
    ]


def test_overturn_without_an_estate_makes_it_nobodys(city):
    contested = actions.contest(found("江南小区停电"), by=city.firm_a_clerk, note="市政停电")
    new = actions.overturn(contested, by=city.bureau_officer, note="供电公司的事")
    assert (new.estate, new.contract, new.company) == (city.estate, None, None)
    assert (new.reason, new.standing) == (Reason.NOBODYS, Standing.CONFIRMED)


@pytest.mark.parametrize("verdict", [actions.uphold, actions.overturn])
def test_verdict_on_what_nobody_contests_is_refused(city, verdict):
    finding = found("江南小区停电")
    with pytest.raises(ValidationError) as refused:
        verdict(finding, by=city.bureau_officer, note="自言自语")
    assert error_code(refused) == "not_contested"
    assert history(finding.complaint) == [("found", True)]


@pytest.mark.parametrize("verdict", [actions.uphold, actions.overturn])
def test_verdict_is_given_once(city, verdict):
    contested = actions.contest(found("江南小区停电"), by=city.firm_a_clerk, note="不是我们的")
    verdict(contested, by=city.bureau_officer, note="核实过")
    with pytest.raises(ValidationError) as refused:
        verdict(contested, by=city.bureau_officer, note="再点一次")
    assert error_code(refused) == "not_contested"


def test_every_finding_is_news_to_the_petition_office(city):
    finding = found("江南小区停电")
    contested = actions.contest(finding, by=city.firm_a_clerk, note="不是我们的")
    actions.uphold(contested, by=city.bureau_officer, note="是你们的")
    rows = finding.complaint.attributions.all()
    assert {row.told_at for row in rows} == {None}
    assert len({row.event_id for row in rows}) == 3


def test_contest_of_a_neighbours_matter_keeps_it_in_its_incident(city):
    complaint = make_complaint(category=make_category("lift"))
    finding = make_finding(complaint, city.contract)
    incidents.group([finding])
    finding.refresh_from_db()
    contested = actions.contest(finding, by=city.firm_a_clerk, note="不是我们的")
    assert contested.incident == finding.incident
    actions.overturn(contested, by=city.bureau_officer, note="后苑的", estate=city.other_estate)
    assert current_finding(complaint).incident.estate == city.other_estate
