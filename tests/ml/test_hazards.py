"""Hazards: the clauses in which the marked words stand, and the loudest clause of a text."""

import numpy as np
import pytest

from ml.cuts import cut_texts
from ml.hazards import HAZARD, SAFE, UNKNOWN, label_clauses, loudest

LETTER = "物业乱收费\n物业费涨价，保安还打人，楼道没人扫。"


@pytest.mark.parametrize(
    ("danger", "spans", "labels"),
    [
        (False, (), [SAFE, SAFE, SAFE, SAFE]),
        (True, ("打人",), [SAFE, SAFE, HAZARD, SAFE]),
        (True, ("保安还打人，楼道",), [SAFE, SAFE, HAZARD, SAFE]),  # 楼道 is too little of it
        (True, ("涨价，保安还打人",), [SAFE, HAZARD, HAZARD, SAFE]),
        (True, (), [UNKNOWN] * 4),
    ],
)
def test_clauses_are_labelled_by_the_words_marked(danger, spans, labels):
    texts = ["电梯坏了。", LETTER]
    cuts = cut_texts(texts)
    found = label_clauses(texts, cuts, [False, danger], [(), spans])
    assert found[cuts.clause_rows == 0].tolist()[:1] == [SAFE]
    # The line break that ends the last clause stands alone.
    assert found[cuts.clause_rows == 1].tolist()[:4] == labels


def test_the_loudest_clause_speaks_for_its_text():
    cuts = cut_texts(["甲，乙，丙", "", "丁"])
    scores = np.zeros(len(cuts.clause_rows))
    scores[1], scores[-1] = 3.0, -2.0
    assert loudest(cuts, scores).tolist() == [3.0, 0.0, -2.0]
    (only,) = loudest(cuts[np.array([2])], scores)
    assert only == -2.0
