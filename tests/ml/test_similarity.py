"""How alike two texts are: a number between 0 and 1 that does not care who is named first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.similarity import (
    cosine,
    held,
    jaccard,
    length_of,
    shingles,
    words_of,
)
from ml.text import bare

TEXTS = st.text("电梯坏了三天没人修物业费12ab，。 ", max_size=40)


def similarity(left: str, right: str) -> float:
    return jaccard(shingles(left), shingles(right))


@given(TEXTS, TEXTS)
def test_similarity_is_symmetric_and_bounded(left, right):
    assert 0.0 <= similarity(left, right) <= 1.0
    assert similarity(left, right) == similarity(right, left)


@given(TEXTS)
def test_similarity_of_a_text_with_itself_is_one(text):
    assert similarity(text, text) == (1.0 if bare(text) else 0.0)


@given(TEXTS, TEXTS)
def test_similarity_is_one_only_for_the_same_shingles(left, right):
    assert (similarity(left, right) == 1.0) == (shingles(left) == shingles(right) != frozenset())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("电梯坏了三天没人修", "电梯，坏了三天！没人修。"),
        ("３号楼ＷＩＦＩ", "3号楼wifi"),
        ("电 梯", "电梯"),
    ],
)
def test_similarity_does_not_see_punctuation_width_or_case(left, right):
    assert similarity(left, right) == 1.0


@pytest.mark.parametrize(
    ("left", "right"),
    [("电梯坏了三天没人修", "物业费乱涨价"), ("", ""), ("", "电梯"), ("。。。", "，，，")],
)
def test_similarity_of_unlike_or_empty_texts_is_nought(left, right):
    assert similarity(left, right) == 0.0


def test_similarity_falls_as_texts_part():
    first = "三号楼电梯坏了三天没人修"
    again = "三号楼电梯坏了四天没人修"
    other = "三号楼楼道垃圾没人扫"
    assert 1.0 > similarity(first, again) > similarity(first, other) > 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", frozenset()),
        ("电", {"电"}),
        ("电梯坏", {"电梯坏"}),
        ("电梯坏了", {"电梯坏", "梯坏了"}),
    ],
)
def test_shingles_of_a_short_text_are_the_text(text, expected):
    assert shingles(text) == expected


def test_jaccard_counts_what_is_shared():
    assert jaccard(frozenset("abc"), frozenset("bcd")) == pytest.approx(2 / 4)


# By words ----------------------------------------------------------------------------------------

LETTER = (
    "尊敬的领导：您好！我是江南小区3号楼的业主。我们楼的电梯从上个月起三天两头停运，老人小孩每天"
    "爬十六楼，物业说等维保公司报价，维保公司说等物业付钱，一拖再拖。恳请领导督促解决，谢谢！"
)
REMINDER = "3号楼电梯还停着，没人修"
OTHER = "物业费涨到每平方两块八，没有公示"


def words(*texts: str) -> list[dict[str, float]]:
    return words_of(texts, [("江南小区",)] * len(texts))


def test_a_reminder_is_held_by_the_letter_it_reminds_of():
    letter, reminder, other = words(LETTER, REMINDER, OTHER)
    assert similarity(LETTER, REMINDER) < 0.1  # what trigrams make of it
    assert held(reminder, letter) > 0.4
    assert held(other, letter) < 0.2


def test_words_are_of_length_one_and_place_and_politeness_tell_nothing():
    (said,) = words("尊敬的领导：江南小区望江街道滨江大道，电梯停运")
    assert length_of(said) == pytest.approx(1.0)
    assert {"江南", "望江", "滨江", "街道"}.isdisjoint(said)
    assert said.get("尊敬", 0.0) < 0.05 < said["电梯"]


@pytest.mark.parametrize("text", ["", "。。。", "江南小区", "3"])
def test_a_text_that_says_nothing_has_no_words(text):
    (said,) = words(text)
    assert said == {}
    assert held(said, words(LETTER)[0]) == cosine(said, said) == 0.0


@given(TEXTS, TEXTS)
def test_measures_by_words_are_bounded_and_cosine_is_symmetric(left, right):
    one, other = words(left, right)
    assert 0.0 <= cosine(one, other) <= 1.0
    assert cosine(one, other) == pytest.approx(cosine(other, one))
    assert 0.0 <= held(one, other) <= 1.0 + 1e-9
    assert held(one, one) == pytest.approx(1.0 if one else 0.0)
