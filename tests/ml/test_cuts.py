"""Cuts: many texts at once are cut as each of them alone, into titles, clauses and words."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.cuts import cut_texts
from ml.text import cut_with_jieba, cut_with_rjieba, fold
from ml.train import joined
from tests import real_data

WRITTEN = st.text("电梯坏了三号楼物业费阳光花园0９abcＡ，。！ \n\t\f-()🙂", max_size=40)


def cut(text: str) -> list[str]:
    """The plain way: run by run, then the Latin words."""
    runs = re.findall("[\u4e00-\u9fd5]+", fold(text))
    return [word for run in runs for word in cut_with_jieba(run)] + re.findall("[a-z]+", fold(text))


def titled(texts, row) -> list[str]:
    inside = (texts.word_rows == row) & texts.word_in_title
    return [texts.vocabulary[word] for word in texts.words[inside]]


def test_a_text_is_cut_into_title_and_body():
    texts = cut_texts(["电梯坏了\n电梯坏", "\n电梯坏", "电梯坏"])
    assert texts.by_text()[0] == ["电梯", "坏", "了", "电梯", "坏"]
    assert [titled(texts, row) for row in range(3)] == [["电梯", "坏", "了"], [], []]
    assert texts.title_sizes.tolist() == [4, 0, 0]
    assert texts.by_text()[2] == cut("电梯坏")


@given(st.lists(WRITTEN, max_size=8))
@example(["", "\n", "电梯\n", "a\nb\n", "wifi坏了\nＷＩＦＩ"])
def test_many_are_cut_as_one_by_one(written):
    texts = cut_texts(written)
    assert len(texts) == len(written)
    for row, text in enumerate(written):
        assert texts.by_text()[row] == cut(text)
        title, _break, _body = fold(text).partition("\n")
        expected = sorted(cut(title)) if "\n" in fold(text) else []
        assert sorted(titled(texts, row)) == expected
        symbols = texts.symbols[texts.symbol_rows == row]
        assert "".join(map(chr, symbols)) == fold(text)


@given(st.lists(WRITTEN, max_size=6), st.sets(st.integers(0, 5)))
def test_some_of_the_texts_are_as_if_cut_alone(written, wanted):
    which = np.array(sorted(i for i in wanted if i < len(written)), dtype=np.int64)
    some, alone = cut_texts(written)[which], cut_texts([written[i] for i in which])
    assert [some.by_text()[i] for i in range(len(which))] == [
        alone.by_text()[i] for i in range(len(which))
    ]
    assert (some.symbols == alone.symbols).all()
    assert (some.symbol_in_title == alone.symbol_in_title).all()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("电梯坏了，没人修。", ["电梯坏了，", "没人修。"]),
        ("电梯困人\n昨晚，困了两小时！！！", ["电梯困人\n", "昨晚，", "困了两小时！", "！！"]),
        ("一句话", ["一句话"]),
    ],
)
def test_a_sign_ends_its_clause(text, clauses):
    texts = cut_texts(["前面的一条。", text])
    ours = texts.symbol_rows == 1
    numbers = texts.symbol_clauses[ours]
    written = [
        "".join(map(chr, texts.symbols[ours][numbers == number])) for number in np.unique(numbers)
    ]
    assert written == [fold(clause) for clause in clauses]
    assert (texts.clause_rows[numbers] == 1).all()


@given(st.lists(WRITTEN, max_size=8))
def test_words_stand_in_the_clause_of_their_characters(written):
    texts = cut_texts(written)
    for number in np.unique(texts.symbol_clauses):
        clause = "".join(map(chr, texts.symbols[texts.symbol_clauses == number]))
        words = [texts.vocabulary[word] for word in texts.words[texts.word_clauses == number]]
        assert words == cut(clause)


@pytest.mark.skipif(not real_data.is_there(), reason=real_data.ABSENT)
def test_the_accelerator_gives_the_very_same_words_on_every_real_message():
    tables = ("gov_messages_7class", "stream_2019", "messages_with_replies")
    rows = [*real_data.labelled(), *(row for name in tables for row in real_data.table(name))]
    texts = [joined(row["title"] or "", row["text"]) for row in rows]
    ours, theirs = cut_texts(texts, cut_with_jieba), cut_texts(texts, cut_with_rjieba)
    assert ours.vocabulary == theirs.vocabulary
    assert (ours.words == theirs.words).all()
    assert (ours.word_rows == theirs.word_rows).all()
