"""What would tell a firm who complained is hidden; where to mend something is not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.privacy import masked

HIDDEN = "＊＊＊"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打13800138000联系", f"请打{HIDDEN}联系"),
        ("请打138 0013 8000联系", f"请打{HIDDEN}联系"),
        ("请打138-0013-8000联系", f"请打{HIDDEN}联系"),
        ("请打１３８００１３８０００联系", f"请打{HIDDEN}联系"),
        ("请打+8613800138000联系", f"请打{HIDDEN}联系"),
        ("请打+86 13800138000联系", f"请打{HIDDEN}联系"),
        ("请打8613800138000联系", f"请打{HIDDEN}联系"),
        ("13800138000、13900139000", f"{HIDDEN}、{HIDDEN}"),
        ("座机0731-88881234", f"座机{HIDDEN}"),
        ("座机010 88881234", f"座机{HIDDEN}"),
        ("座机073188881234", f"座机{HIDDEN}"),
    ],
)
def test_telephone_numbers_are_hidden(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    "number", ["430102199001011234", "43010219900101123X", "43010219900101123x", "430102900101123"]
)
def test_identity_numbers_are_hidden(number):
    assert masked(f"身份证{number}。") == f"身份证{HIDDEN}。"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3栋2单元1201室漏水", f"3栋2单元{HIDDEN}室漏水"),
        ("3栋 2单元 1201室", f"3栋 2单元 {HIDDEN}室"),
        ("12号楼502", f"12号楼{HIDDEN}"),
        ("12号楼502号房", f"12号楼{HIDDEN}号房"),
        ("2单元301", f"2单元{HIDDEN}"),
        ("５幢１８０１房", f"5幢{HIDDEN}房"),
        ("A座1203", f"A座{HIDDEN}"),
        ("三号楼一单元1203室", f"三号楼一单元{HIDDEN}室"),
        ("1栋101室和2栋202室", f"1栋{HIDDEN}室和2栋{HIDDEN}室"),
    ],
)
def test_door_numbers_are_hidden(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("101栋101室", f"101栋{HIDDEN}室"),  # the same digits, once a building and once a door
        ("1101栋101室", f"1101栋{HIDDEN}室"),
        ("12号楼3单元电梯坏了", "12号楼3单元电梯坏了"),
        ("2栋的垃圾没人扫", "2栋的垃圾没人扫"),
    ],
)
def test_the_building_stays(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "物业费每月300元",
        "2026年8月3日电梯停了",
        "等了1500分钟",
        "工单2026080300012345678901",  # too long for anybody's number
        "电梯编号12345",
    ],
)
def test_other_numbers_stay(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["王秀英"], f"我是{HIDDEN}，{HIDDEN}家漏水"),
        ([" 王秀英 "], f"我是{HIDDEN}，{HIDDEN}家漏水"),
        (["王"], "我是王秀英，王秀英家漏水"),  # one character would hide half the text
        (["", "  "], "我是王秀英，王秀英家漏水"),
        (["李雷", "王秀英"], f"我是{HIDDEN}，{HIDDEN}家漏水"),
        ([], "我是王秀英，王秀英家漏水"),
    ],
)
def test_given_names_are_hidden(names, shown):
    assert masked("我是王秀英，王秀英家漏水", names) == shown


def test_everything_at_once():
    text = "我是王秀英，住3栋2单元1201室，电话１３８００１３８０００，身份证43010219900101123X"
    assert masked(text, ["王秀英"]) == (
        f"我是{HIDDEN}，住3栋2单元{HIDDEN}室，电话{HIDDEN}，身份证{HIDDEN}"
    )


@given(st.text("电梯坏了，。 +-", max_size=20), st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
       st.text("电梯坏了，。 ", max_size=20))  # fmt: skip
def test_no_mobile_number_is_left_in_any_text(before, number, after):
    assert not re.search(r"\d{5}", masked(f"{before}{number}{after}"))


@given(st.text("栋单元号楼室1２３王 座Ab\n", max_size=60))
def test_what_is_hidden_stays_hidden(text):
    assert masked(masked(text)) == masked(text)


def test_a_text_of_nothing_but_digits_is_read_in_time():
    assert masked("1" * 20_000) == "1" * 20_000
