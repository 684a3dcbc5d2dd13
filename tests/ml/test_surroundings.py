"""Whether a name begins and ends where it seems to, and whether an estate is meant."""

import pytest

from ml.names import everyday, signs
from ml.surroundings import BRANDED, CLOSED, LINKED, Call, after, before, called, is_run

WORDS = everyday(())


@pytest.mark.parametrize(
    ("left", "fit"),
    [
        ("", CLOSED),
        ("A3区", CLOSED),
        ("长春路", CLOSED),
        ("，", CLOSED),
        ("投诉", LINKED),
        ("我是", LINKED),
        ("关于", LINKED),
        ("我们小区", CLOSED),
        ("万科", BRANDED),
        ("市前", LINKED),
        ("桃坪", 0.0),
        ("柠檬", 0.0),
        ("五", 0.0),
    ],
)
def test_what_stands_before_says_whether_a_name_may_begin(left, fit):
    assert before(f"{left}听松阁", len(left), WORDS.leading, ()) == fit


def test_a_place_of_the_register_closes_what_stands_before():
    assert before("桃坪听松阁", 2, WORDS.leading, {"桃坪"}) == CLOSED


@pytest.mark.parametrize(
    ("right", "call"),
    [
        ("小区停水", Call.KIND),
        ("”小区停水", Call.KIND),
        ("宿舍停水", Call.KIND),
        ("3栋停水", Call.HOME),
        ("二期停水", Call.HOME),
        ("的业主", Call.HOME),
        ("全体业主", Call.HOME),
        ("物业不管", Call.CUE),
        ("电梯坏了", Call.CUE),
        ("停水", Call.NOTHING),
        ("，停水", Call.NOTHING),
        ("", Call.NOTHING),
    ],
)
def test_what_follows_may_call_the_name_an_estate(right, call):
    then = after(signs(f"听松阁{right}"), 3, WORDS.pairs)
    assert then.call == call
    assert then.fit >= 0.85


@pytest.mark.parametrize(
    "right",
    ["路不平", "大道", "置业", "房地产公司", "派出所", "国际公馆", "山湖名城", "苑", "moma", "社区",
     "、银杏里", "附近", "小区、银杏里小区", "小区旁边"],
)  # fmt: skip
def test_what_follows_may_say_that_it_is_something_else_or_somewhere_near(right):
    assert after(signs(f"听松阁{right}"), 3, WORDS.pairs).fit <= 0.5


def test_a_word_that_runs_across_the_end_makes_it_doubtful():
    assert after("幸福城市了", 3, WORDS.pairs).fit < 0.5


@pytest.mark.parametrize(
    ("left", "right", "run"),
    [("1", "8", True), ("a", "b", True), ("1", "a", False), ("二", "十", True), ("0", "二", False)],
)
def test_numbers_and_words_are_read_to_their_ends(left, right, run):
    assert is_run(left, right) is run


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("投诉A市翠微名邸小区停水", ["翠微名邸"]),
        ("关于B区云栖里3栋漏水", ["云栖里"]),
        ("云水谣花园停水", ["云水谣花园"]),
        ("公交车不准点", []),
        ("投诉某市某某物业公司乱收费", []),
    ],
)
def test_an_estate_may_be_named_that_nobody_has_registered(text, names):
    seen = signs(f"\n{text}")
    assert [seen[slice(*span)] for span in called(seen, 0, len(seen))] == names
