"""How alike two texts are: the shares of character trigrams they have in common."""

from ml.text import bare

_WIDTH = 3


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


def similarity(left: str, right: str) -> float:
    """Jaccard similarity in [0, 1] of two texts."""
    return jaccard(shingles(left), shingles(right))
