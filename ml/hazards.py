"""Hazards: which clauses of a text tell of present danger.

A letter about fees may say in half a sentence that a guard has beaten somebody. So danger is not
weighed over the whole alone, but clause by clause, and the loudest clause counts.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ml.cuts import Cuts

Labels = npt.NDArray[np.int8]

SAFE: Final = 0
HAZARD: Final = 1
UNKNOWN: Final = -1
_LEAST = 3
"""So many characters of a marked span make the clause they stand in part of it."""


def label_clauses(
    texts: Sequence[str], cuts: Cuts, danger: Sequence[bool], spans: Sequence[Sequence[str]]
) -> Labels:
    """SAFE, HAZARD or UNKNOWN for each clause of `cuts`, which are of `texts`. `spans`: for each
    text the words in it that tell of danger; of a dangerous one without any no clause is known."""
    labels = np.zeros(len(cuts.clause_rows), dtype=np.int8)
    vague = [told and not marked for told, marked in zip(danger, spans, strict=True)]
    labels[np.asarray(vague, dtype=bool)[cuts.clause_rows]] = UNKNOWN
    starts = (np.cumsum(cuts.sizes) - cuts.sizes).tolist()
    for text, start, marked in zip(texts, starts, spans, strict=True):
        for span in marked:
            at = start + text.index(span)
            clauses, counts = np.unique(
                cuts.symbol_clauses[at : at + len(span)], return_counts=True
            )
            labels[clauses[counts >= min(_LEAST, counts.max())]] = HAZARD
    return labels


def loudest(cuts: Cuts, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of each text the highest of its clauses' `scores`."""
    highest = np.full(len(cuts), -np.inf)
    ours = cuts.clause_rows >= 0
    np.maximum.at(highest, cuts.clause_rows[ours], scores[ours])
    return highest
