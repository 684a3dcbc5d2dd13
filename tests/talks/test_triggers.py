"""When a talk is proposed: each rule below, at and above its boundary, with figures to show."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property_oversight.talks.triggers import (
    LIST_LENGTH,
    RULES,
    EstateFacts,
    Facts,
    Joint,
    burden_list,
    danger_late,
    grounds,
    joint_complaint,
    listed_estates,
    low_score,
    overdue,
)


def estate(code: str = "E1", name: str = "江南小区", **known) -> EstateFacts:
    return EstateFacts(
        **{"estate": code, "name": name, "score": None, "incidents": 0, "burden": 0.0, **known}
    )


def facts(*estates: EstateFacts, listed: Sequence[str] = ()) -> Facts:
    return Facts("Q1", "2026Q3", estates, frozenset(listed))


def keys(number: int, start: int = 1) -> tuple[int, ...]:
    return tuple(range(start, start + number))


def test_firm_without_a_fault_gives_no_ground():
    assert grounds(facts(estate(score=(90.0, 85.0, 95.0), incidents=2, judged=10))) == []


def test_rules_are_named_by_the_codes_of_the_handbook():
    assert list(RULES) == [
        "T1-low-score", "T2-two-listed", "T3-overdue", "T4-danger-late", "T5-joint",
    ]  # fmt: skip


# T1 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "found"),
    [
        ((50.0, 40.0, 59.9), True),
        ((50.0, 40.0, 60.0), False),
        ((50.0, 40.0, 60.1), False),  # below 60, but chance alone might have done it
        ((90.0, 85.0, 95.0), False),
        (None, False),
    ],
)
def test_low_score_is_a_ground_where_the_whole_interval_lies_below_60(score, found):
    assert (low_score(facts(estate(score=score))) is not None) is found


def test_low_score_names_every_low_estate_and_the_figures_of_the_worst():
    ground = low_score(
        facts(
            estate("E1", "江南小区", score=(55.25, 50.0, 59.0)),
            estate("E2", "后苑小区", score=(41.26, 35.0, 47.5)),
            estate("E3", "西苑小区", score=(80.0, 75.0, 85.0)),
        )
    )
    assert ground.rule == "T1-low-score"
    assert ground.because == (
        "江南小区、后苑小区得分低于 60 分：后苑小区 41.3 分（90% 区间 35.0–47.5，上限仍低于 60）"
    )
    assert ground.estates == ("E1", "E2")
    assert ground.figures == {"score": 41.26, "high": 47.5}


# T2 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "found"), [(0, False), (1, False), (2, True), (3, True)]
)  # fmt: skip
def test_listed_estates_are_a_ground_from_two_on(listed, found):
    estates = [estate(f"E{n}", f"{n}号小区") for n in range(4)]
    ground = listed_estates(facts(*estates, listed=[f"E{n}" for n in range(listed)]))
    assert (ground is not None) is found


def test_listed_estates_of_other_firms_are_no_ground():
    assert listed_estates(facts(estate("E1"), listed=["E1", "E8", "E9"])) is None


def test_listed_estates_are_named_with_the_quarter():
    ground = listed_estates(
        facts(estate("E1", "江南小区"), estate("E2", "后苑小区"), estate("E3"), listed=["E1", "E2"])
    )
    assert ground.rule == "T2-two-listed"
    assert ground.because == ("2026Q3 投诉负担最重的 10 个小区中有该企业 2 个：江南小区、后苑小区")
    assert (ground.estates, ground.figures) == (("E1", "E2"), {"listed": 2})


@pytest.mark.parametrize(
    ("incidents", "listed"), [(4, False), (5, True), (6, True)]
)  # fmt: skip
def test_burden_list_holds_estates_from_five_incidents_on(incidents, listed):
    assert ("E1" in burden_list([estate(incidents=incidents, burden=9.0)])) is listed


def test_burden_list_is_ten_long_and_goes_by_incidents_per_household():
    estates = [estate(f"E{n:02}", incidents=50 - n, burden=float(n)) for n in range(12)]
    assert burden_list(estates) == {f"E{n:02}" for n in range(2, 12)}


def test_burden_list_of_equals_goes_by_code():
    estates = [estate(f"E{n:02}", incidents=9, burden=1.0) for n in reversed(range(12))]
    assert burden_list(estates) == {f"E{n:02}" for n in range(LIST_LENGTH)}


# T3 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "judged", "found"),
    [
        (2, 2, False),  # all of them, but two are few
        (3, 3, True),
        (3, 14, True),
        (3, 15, True),  # exactly a fifth
        (3, 16, False),
        (19, 100, False),
        (20, 100, True),
        (0, 0, False),
    ],
)
def test_overdue_is_a_ground_from_three_and_a_fifth_on(late, judged, found):
    ground = overdue(facts(estate(overdue=keys(late), judged=judged)))
    assert (ground is not None) is found


def test_overdue_adds_up_the_estates_of_a_firm_and_names_those_that_were_late():
    ground = overdue(
        facts(
            estate("E1", "江南小区", overdue=keys(2), judged=4),
            estate("E2", "后苑小区", overdue=keys(1, 7), judged=2),
            estate("E3", "西苑小区", judged=3),
        )
    )
    assert ground.rule == "T3-overdue"
    assert ground.because == "9 件到期应答复的投诉中有 3 件逾期（江南小区、后苑小区）"
    assert (ground.estates, ground.complaints) == (("E1", "E2"), (1, 2, 7))
    assert ground.figures == {"overdue": 3, "judged": 9}


# T4 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2])
def test_danger_late_is_a_ground_from_the_first_on(number):
    ground = danger_late(facts(estate(danger_late=keys(number), overdue=keys(number))))
    assert (ground is not None) is (number > 0)


def test_danger_late_names_estate_and_complaints():
    ground = danger_late(facts(estate(danger_late=(4,)), estate("E2", "后苑小区")))
    assert ground.rule == "T4-danger-late"
    assert ground.because == "1 件危及安全的投诉未在时限内答复（江南小区）"
    assert (ground.estates, ground.complaints) == (("E1",), (4,))
    assert ground.figures == {"danger_late": 1}


# T5 ----------------------------------------------------------------------------------------------


def test_joint_complaint_is_a_ground_where_facts_know_of_one():
    assert joint_complaint(facts(estate())) is None
    assert joint_complaint(facts(estate(joint=(Joint("电梯", 10, keys(10)),)))) is not None


def test_joint_complaint_names_the_biggest_incident_and_every_estate():
    ground = joint_complaint(
        facts(
            estate("E1", "江南小区", joint=(Joint("电梯", 10, keys(10)),)),
            estate("E2", "后苑小区", joint=(Joint("消防安全", 14, keys(14, 50)),)),
        )
    )
    assert ground.rule == "T5-joint"
    assert ground.because == ("后苑小区有 14 户就同一事件（消防安全）投诉，达到 10 户联名标准")
    assert (ground.estates, ground.complaints) == (("E1", "E2"), keys(14, 50))
    assert ground.figures == {"households": 14}


# All together ------------------------------------------------------------------------------------


def test_grounds_are_all_that_the_rules_find():
    found = grounds(
        facts(
            estate("E1", "江南小区", score=(40.0, 30.0, 50.0), overdue=keys(3), judged=3,
                   danger_late=(1,), joint=(Joint("电梯", 12, keys(12)),)),
            estate("E2", "后苑小区"),
            listed=["E1", "E2"],
        )
    )  # fmt: skip
    assert [ground.rule for ground in found] == list(RULES)


@given(
    st.lists(
        st.builds(
            estate,
            st.sampled_from(["E1", "E2", "E3"]),
            st.sampled_from(["江南小区", "后苑小区", "西苑小区"]),
            score=st.none() | st.just((50.0, 40.0, 59.0)) | st.just((80.0, 70.0, 90.0)),
            overdue=st.integers(0, 5).map(keys),
            judged=st.integers(0, 20),
            danger_late=st.integers(0, 2).map(keys),
            joint=st.just(()) | st.just((Joint("电梯", 12, keys(12)),)),
        ),
        max_size=4,
    )
)
def test_ground_always_names_an_estate_of_the_firm_and_a_figure(estates):
    firm = facts(*estates, listed=["E1", "E2"])
    for ground in grounds(firm):
        assert set(ground.estates) <= {one.estate for one in estates}
        assert any(one.name in ground.because for one in estates)
        assert any(str(int(figure)) in ground.because for figure in ground.figures.values())
