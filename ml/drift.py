"""How far today's messages have moved away from what a model has learned from."""

from collections.abc import Collection

import numpy as np

from ml.cuts import Cuts


def unseen_shares(texts: Cuts, known: Collection[str]) -> list[float | None]:
    """Of each text the share of its words that are not among `known` (best a set); None where a
    text has no word. A word counts as often as it is said."""
    strange = np.array([word not in known for word in texts.vocabulary], dtype=bool)
    said = np.bincount(texts.word_rows, minlength=len(texts))
    missed = np.bincount(texts.word_rows, strange[texts.words], minlength=len(texts))
    return [
        miss / count if count else None
        for miss, count in zip(missed.tolist(), said.tolist(), strict=True)
    ]
