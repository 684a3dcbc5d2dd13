"""How alike two texts are, in three measures of [0, 1].

Trigrams tell the same sentence written twice. Words by their weight (ml.weights) tell the same
matter in other words, and how much of a short text a long one holds.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ml.cuts import cut_texts
from ml.text import bare, fold, fold_many
from ml.weights import UNHEARD, known

_WIDTH = 3

Words = Mapping[str, float]
"""Word -> weight, of length one; empty where a text says nothing about any matter."""


def shingles(text: str) -> frozenset[str]:
    """Character trigrams of the bare text; a shorter text is its own only shingle."""
    stripped = bare(text)
    if len(stripped) <= _WIDTH:
        return frozenset({stripped} if stripped else ())
    return frozenset(stripped[i : i + _WIDTH] for i in range(len(stripped) - _WIDTH + 1))


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Jaccard similarity in [0, 1]; two empty sets have nothing in common."""
    if not left or not right:
        return 0.0
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)


# Where somebody lives is said in every complaint of an estate, whatever it is about.
_PLACES = re.compile(r"[一-鿿]{2}(?:街道|社区|镇|乡)|[一-鿿]{2,3}(?:路|大道)")


def words_of(texts: Sequence[str], names: Sequence[Iterable[str]]) -> list[Words]:
    """The words of each text by weight. `names` are those of its estate, which tell nothing about
    the matter; nor do streets and neighbourhoods."""
    plain = [
        _without(text, sorted(map(fold, called), key=len, reverse=True))
        for text, called in zip(fold_many(texts), names, strict=True)
    ]
    return [_weighed(words) for words in cut_texts(plain).by_text()]


def _without(folded: str, names: Iterable[str]) -> str:
    for name in names:
        if name:
            folded = folded.replace(name, " ")
    return _PLACES.sub(" ", folded)


def _weighed(words: Sequence[str]) -> Words:
    table = known()
    weights = {
        word: (1 + math.log(count)) * weight
        for word, count in Counter(words).items()
        if (weight := table.get(word, UNHEARD)) > 0 and not (len(word) == 1 and word.isascii())
    }
    length = length_of(weights)
    return {word: weight / length for word, weight in weights.items()} if length else {}


def length_of(words: Words) -> float:
    """Euclidean length."""
    return math.sqrt(sum(weight * weight for weight in words.values()))


def shared(left: Words, right: Words) -> dict[str, float]:
    """What each common word adds to the inner product."""
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    return {word: weight * many[word] for word, weight in few.items() if word in many}


def cosine(left: Words, right: Words) -> float:
    """Cosine of two texts' words in [0, 1]."""
    return min(1.0, sum(shared(left, right).values()))


def held(short: Words, long: Words) -> float:
    """What part of the weight of `short` stands in `long` as well, in [0, 1]: a reminder of two
    lines says less than the letter it reminds of, and little else."""
    total = sum(short.values())
    return sum(weight for word, weight in short.items() if word in long) / total if total else 0.0
