"""Terms: found wherever they stand, also inside one another, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.terms import Terms
from ml.text import code_points

FEW = st.text("电梯坏了🙂a", min_size=1, max_size=5)


def plainly(terms, text):
    return sorted(
        (i, at + len(term) - 1)
        for i, term in enumerate(terms)
        for at in range(len(text) - len(term) + 1)
        if text.startswith(term, at)
    )


@given(
    st.lists(FEW.filter(lambda term: term != "🙂"), unique=True, max_size=8),
    st.text("电梯坏了🙂a", max_size=40),
)
def test_all_are_found_and_nothing_else(terms, text):
    found, last = Terms(terms).find(code_points(text), np.zeros(len(text), dtype=np.int64))
    assert sorted(zip(found.tolist(), last.tolist(), strict=True)) == plainly(terms, text)


def test_none_reaches_over_two_texts():
    text, rows = "电梯坏了", np.array([0, 0, 1, 1])
    found, last = Terms(["电梯", "梯坏", "坏了", "电梯坏了"]).find(code_points(text), rows)
    assert sorted(zip(found.tolist(), last.tolist(), strict=True)) == [(0, 1), (2, 3)]


def test_a_term_may_be_long():
    term = "长" * 100
    found, last = Terms([term]).find(code_points(term + "短"), np.zeros(101, dtype=np.int64))
    assert (found.tolist(), last.tolist()) == ([0], [99])


@pytest.mark.parametrize("terms", [[""], ["🙂"]])
def test_terms_that_cannot_be_looked_up_are_refused(terms):
    with pytest.raises(ValueError, match="terms"):
        Terms(terms)
