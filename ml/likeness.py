"""Names that are nearly what was written: by sound, or but for one wrong or missing character."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from ml.names import sounded, told

_SOUND_LEAST, _FUZZY_LEAST = 4, 5
_FIRST_LEAST = 6
_CROWDED = 0.03
# To differ in one of these is to be another estate, not a slip of the pen.
_TELLING = frozenset(
    "东南西北中上下前后左右内外大小新老旧旁十0123456789abcdefgh湖海江河溪湾山岭峰岛林天地日月星金银红绿"
    "蓝白紫"
)


class Likeness:
    """Keys by their sound and by what is left when one of their signs is gone, as sorted hashes:
    a tenth of what a dictionary of strings would weigh."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = [key for key in keys if told(key) >= _SOUND_LEAST]
        self._sounds = _Hashes((sounded(key),) for key in self._keys)
        self.is_crowded = self._sounds.share_of_doubles() > _CROWDED
        self._gaps = _Hashes(gaps(key) if len(key) >= _FUZZY_LEAST else () for key in self._keys)

    def of_one_sound(self, words: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Which word sounds like which key."""
        for number, place in self._sounds.find([sounded(word) for word in words]):
            word, key = words[number], self._keys[place]
            if is_slip_of_the_ear(word, key):
                yield number, key

    def of_one_slip(self, words: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Which word is which key but for one sign."""
        tries = [(number, gap) for number, word in enumerate(words) for gap in gaps(word)]
        seen = set()
        for at, place in self._gaps.find([gap for _number, gap in tries]):
            number, key = tries[at][0], self._keys[place]
            if (number, key) not in seen and is_slip_of_the_pen(words[number], key):
                seen.add((number, key))
                yield number, key


def gaps(word: str) -> tuple[str, ...]:
    """`word` and what is left of it when one sign is gone: words with one of these in common are
    no more than one sign or one swap apart."""
    return (word, *dict.fromkeys(word[:i] + word[i + 1 :] for i in range(len(word))))


def is_slip_of_the_ear(word: str, key: str) -> bool:
    """Whether `word` may be `key` misheard: of one sound, and written alike for the most part."""
    if word == key or sounded(word) != sounded(key):
        return False
    wrong = [(a, b) for a, b in zip(word, key, strict=True) if a != b]
    # The last sign says what kind of place it is: 苑 is not 园.
    return word[-1] == key[-1] and 2 * len(wrong) <= told(key)


def is_slip_of_the_pen(word: str, key: str) -> bool:
    """Whether `word` may be `key` with one sign wrong, missing, too much, or two swapped."""
    if word == key or min(len(word), told(key)) < _FUZZY_LEAST - 1 or OSA.distance(word, key) != 1:
        return False
    if sorted(word) == sorted(key):
        return True
    start = next((i for i, (a, b) in enumerate(zip(word, key, strict=False)) if a != b), None)
    if start is None or (start == 0 and min(len(word), len(key)) < _FIRST_LEAST):
        return False
    if len(word) == len(key):
        changed = {word[start], key[start]}
        return len(key) >= _FUZZY_LEAST and start < len(key) - 1 and not changed & _TELLING
    longer = max(word, key, key=len)
    return 0 < start < len(longer) - 1 and longer[start] not in _TELLING


class _Hashes:
    """Strings of many owners, found by hash. Whoever asks compares the strings themselves."""

    def __init__(self, rows: Iterable[Iterable[str]]) -> None:
        hashes: list[int] = []
        owners: list[int] = []
        for owner, row in enumerate(rows):
            for text in row:
                hashes.append(hash(text))
                owners.append(owner)
        found = np.array(hashes, dtype=np.int64)
        order = np.argsort(found, kind="stable")
        self._hashes: NDArray[np.int64] = found[order]
        self._owners: NDArray[np.int32] = np.array(owners, dtype=np.int32)[order]

    def share_of_doubles(self) -> float:
        """How many of the strings are not the only one of their hash."""
        _hashes, counts = np.unique(self._hashes, return_counts=True)
        return float(counts[counts > 1].sum() / max(len(self._hashes), 1))

    def find(self, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
        """(number of the text, owner) pairs."""
        wanted = np.array([hash(text) for text in texts], dtype=np.int64)
        lows = np.searchsorted(self._hashes, wanted, "left").tolist()
        highs = np.searchsorted(self._hashes, wanted, "right").tolist()
        for number, (low, high) in enumerate(zip(lows, highs, strict=True)):
            for owner in self._owners[low:high].tolist():
                yield number, owner
