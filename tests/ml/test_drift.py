"""The share of words that a model has never met."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.cuts import cut_texts
from ml.drift import unseen_shares

WORDS = ["电梯", "物业费", "垃圾", "停车", "楼道"]


@pytest.mark.parametrize(
    ("known", "share"), [(set(WORDS), 0.0), ({"电梯"}, 0.5), ({"垃圾"}, 1.0), (set(), 1.0)]
)
def test_share_counts_each_word_as_often_as_it_is_said(known, share):
    assert unseen_shares(cut_texts(["电梯\n物业费，电梯，物业费"]), known) == [share]


def test_a_text_without_words_has_no_share():
    assert unseen_shares(cut_texts(["123！？", "电梯"]), {"电梯"}) == [None, 0.0]
    assert unseen_shares(cut_texts([]), {"电梯"}) == []


@given(st.lists(st.sampled_from(WORDS), min_size=1), st.sets(st.sampled_from(WORDS)))
def test_more_words_learned_never_make_a_text_stranger(said, known):
    text = cut_texts(["，".join(said)])
    (share,), (wider,) = unseen_shares(text, known), unseen_shares(text, known | {"电梯"})
    assert 0.0 <= wider <= share <= 1.0
    assert share == pytest.approx(sum(word not in known for word in said) / len(said))
