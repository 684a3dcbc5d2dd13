"""Fold, cut, bare: the same text gives the same tokens, and a span survives the folding."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.cuts import cut_texts
from ml.text import bare, cut_with_jieba, cut_with_rjieba, fold

# What people write here: Han, digits and Latin in both widths, punctuation, a stray emoji.
WRITTEN = st.text(
    "电梯坏了三号楼物业费阳光花园0123９８７abcXYZＡｂ，。！？ \n-()（）🙂", max_size=60
)


def cut(text: str) -> list[str]:
    (words,) = cut_texts([text]).by_text()
    return words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("Wi-Fi", "wi-fi"),
        ("（电梯）", "(电梯)"),
        ("３号楼　２单元", "3号楼 2单元"),
        ("⽔电", "水电"),  # a radical that looks like the character
        ("㎡", "㎡"),  # would become two characters: stays
        ("ﬁ", "ﬁ"),
        ("İ", "İ"),
        ("🙂", "🙂"),
        ("", ""),
    ],
)
def test_fold_takes_width_and_case_away(written, folded):
    assert fold(written) == folded


@given(st.text())
@example("㍿㎡ﬃİ")
def test_fold_keeps_the_length(text):
    assert len(fold(text)) == len(text)


@given(st.text(), st.text())
def test_fold_goes_character_by_character(left, right):
    assert fold(left + right) == fold(left) + fold(right)


@given(WRITTEN)
def test_fold_twice_is_fold_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("电梯坏了", ["电梯", "坏", "了"]),
        ("物业费", ["物业费"]),
        ("12号", ["号"]),
        ("1203", []),
        ("Wi-Fi坏了", ["坏", "了", "wi", "fi"]),
        ("ABC电梯", ["电梯", "abc"]),
        ("2026年8月", ["年", "月"]),
        ("电1梯", ["电", "梯"]),  # a number parts the run
        ("２０２６ＡＢ", ["ab"]),
        ("电梯，电梯", ["电梯", "电梯"]),
        ("！？🙂 \n", []),
        ("", []),
    ],
)
def test_cut_gives_han_words_then_latin_words(text, words):
    assert cut(text) == words


@given(WRITTEN)
def test_cut_gives_words_of_one_kind(text):
    for word in cut(text):
        assert re.fullmatch(r"[a-z]+|[一-鿿]+", word)


@given(WRITTEN)
def test_cut_loses_nothing_but_numbers(text):
    left = re.sub("[0-9]", "", bare(text))
    assert "".join(cut(text)) == re.sub("[a-z]", "", left) + re.sub("[^a-z]", "", left)


@given(WRITTEN, WRITTEN)
def test_cut_does_not_remember_what_it_cut_before(text, other):
    first = cut(text)
    cut(other)
    assert cut(text) == first


def test_cut_does_not_see_width_or_case():
    assert cut("３号楼ＷＩＦＩ坏了") == cut("3号楼wifi坏了")


@given(st.text(st.characters(categories=["Lo", "Nd", "Po", "Lu", "Zs"]), max_size=60) | WRITTEN)
@example("我家在300-500弄，2026-11-22报修ＷＩＦＩ")
@example("㐀㐁一龥鿋")
def test_the_accelerator_gives_the_very_same_words(text):
    ours, theirs = cut_texts([text], cut_with_jieba), cut_texts([text], cut_with_rjieba)
    assert ours.by_text() == theirs.by_text()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("电梯，坏了！", "电梯坏了"),
        (" 3 号楼（东） ", "3号楼东"),
        ("Ａ-1", "a1"),
        ("……", ""),
    ],
)
def test_bare_leaves_letters_han_and_digits(text, left):
    assert bare(text) == left
