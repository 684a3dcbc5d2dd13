"""How alike two texts are: a number between 0 and 1 that does not care who is named first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.similarity import jaccard, shingles, similarity
from ml.text import bare

TEXTS = st.text("电梯坏了三天没人修物业费12ab，。 ", max_size=40)


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
