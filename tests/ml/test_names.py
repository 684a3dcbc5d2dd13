"""Taking names apart: what is left off, and what would no longer be a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.names import (
    Need,
    everyday,
    key_of,
    need_of,
    signs,
    signs_of_many,
    sounded,
    taken_apart,
    told,
    unbranded,
)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("锦绣江南小区", "锦绣江南"),
        ("锦绣江南住宅小区", "锦绣江南"),
        ("青石桥花园二期", "青石桥花园"),
        ("青石桥花园(二期)", "青石桥花园"),
        ("青石桥花园第1期", "青石桥花园"),
        ("青石桥花园Ａ区小区", "青石桥花园"),
        ("青石桥花园（城北）", "青石桥花园"),
        ("棉纺厂家属院", "棉纺厂家属院"),  # 棉纺厂 is a mill
        ("幸福社区", "幸福"),
        ("花园小区", "花园小区"),  # what is left must tell
        ("12小区", "12小区"),
        ("小区", "小区"),
        ("3期", "3期"),
        ("", ""),
    ],
)
def test_a_stem_is_what_estates_of_one_family_share(name, stem):
    assert taken_apart(signs(name)).stem == stem


def test_the_more_is_left_off_the_less_of_the_name_is_kept():
    ways = {way.key: way.kept for way in taken_apart(signs("万科青石桥花园(二期)")).spellings}
    assert list(ways) == [
        "万科青石桥花园2期", "万科青石桥花园(2期)", "万科青石桥花园", "万科青石桥", "青石桥花园"
    ]  # fmt: skip
    assert ways["万科青石桥花园2期"] == 1.0
    assert ways["万科青石桥花园"] > ways["青石桥花园"] > ways["万科青石桥"]


def test_a_phase_that_has_lost_its_number_is_less_sure_than_a_name_without_its_kind():
    phase = dict(way[:2] for way in taken_apart(signs("听松阁一期")).spellings)
    plain = dict(way[:2] for way in taken_apart(signs("听松阁小区")).spellings)
    assert phase["听松阁"] < plain["听松阁"] < 1.0


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("万科青石桥名居", "青石桥名居"),
        ("万科听松阁", "万科听松阁"),  # three signs are the name of a place
        ("万科城市花园", "城市花园"),
        ("青石桥名居", "青石桥名居"),
    ],
)
def test_the_developer_is_left_off_where_enough_is_left(name, left):
    assert unbranded(name) == left


@pytest.mark.parametrize(
    ("key", "need"),
    [
        ("青石桥名居", Need.NOTHING),
        ("水利局", Need.KIND),
        ("棉纺厂", Need.KIND),
        ("第2中学", Need.KIND),
        ("长春路", Need.HOME),
        ("丰和", Need.HOME),
        ("建设", Need.KIND),
    ],
)
def test_what_a_name_needs_behind_it(key, need):
    assert need_of(key, everyday({key}).ordinary) == need


@pytest.mark.parametrize(
    ("key", "signs_that_tell"), [("景园小区", 2), ("花园小区", 0), ("青石桥花园", 5), ("102", 0)]
)
def test_told_counts_the_signs_that_tell(key, signs_that_tell):
    assert told(key) == signs_that_tell


def test_everyday_words_lead_to_a_name_and_are_no_names():
    words = everyday({"建设", "听松阁", "里面"})
    assert words.ordinary == {"建设", "里面"}
    assert {"投诉", "关于", "反映"} <= words.leading
    assert not {"阳光", "锦绣"} & words.leading


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("银杏", "银幸", True),
        ("林", "陵", True),  # -n and -ng
        ("山", "三", True),  # sh and s
        ("兰", "南", True),  # n and l
        ("银杏", "银河", False),
        ("A1", "B1", False),
    ],
)
def test_what_is_mixed_up_sounds_alike(one, other, alike):
    assert (sounded(one) == sounded(other)) is alike


@given(st.text())
def test_signs_keep_every_character_in_its_place(text):
    assert len(signs(text)) == len(text)
    assert signs(signs(text)) == signs(text)


@given(st.lists(st.text("东湖一２Ａ\n ", max_size=5)))
def test_signs_of_many_are_the_signs_of_each(names):
    assert signs_of_many(names) == [signs(name.replace("\n", " ")) for name in names]


@given(st.text(max_size=40))
def test_any_name_can_be_taken_apart(text):
    name = taken_apart(signs(text))
    assert name.spellings[0].kept == 1.0
    assert name.spellings[0].key == key_of(signs(text))
    assert all(0 < way.kept <= 1 for way in name.spellings)


def test_a_name_of_digits_is_taken_apart_at_once():
    taken_apart("1" * 5000 + "x")
