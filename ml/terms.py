"""Terms: every occurrence of many terms in a long row of characters."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ml.cuts import Integers
from ml.text import CodePoints, code_points

_PLANE = 0x10000
_BITS = 32
_PAIR = 2
_FACTOR = 0x9E3779B97F4A7C15  # odd, its bits well mixed: powers of it tell characters apart

Bits = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]


class Terms:
    """A long row is looked at once, and at few places twice: a table of the first two characters
    says where a term of which length may begin, a hash which one, and the characters themselves
    decide. For a million characters that is several times as fast as an automaton.

    Parameters
    ----------
    terms : sequence of str
        Distinct, none of them empty; terms of one character are of the basic plane.
    """

    def __init__(self, terms: Sequence[str]) -> None:
        by_length: dict[int, list[int]] = defaultdict(list)
        for i, term in enumerate(terms):
            by_length[len(term)].append(i)
        singles = by_length.pop(1, [])
        if by_length.pop(0, []) or any(ord(terms[i]) >= _PLANE for i in singles):
            raise ValueError("terms are not empty, and of one character only in the basic plane")
        self._single = np.full(_PLANE, -1, dtype=np.int64)
        for i in singles:
            self._single[ord(terms[i])] = i
        self._groups = [_Group([terms[i] for i in ids], ids) for ids in by_length.values()]
        starts = [group.spelt[:, :_PAIR] for group in self._groups]
        first_two = np.concatenate([np.zeros((0, _PAIR), dtype=np.uint32), *starts])
        known = np.unique(np.minimum(first_two, _PLANE - 1))
        self._place = np.zeros(_PLANE, dtype=np.int32)  # zero: begins no term
        self._place[known] = np.arange(1, len(known) + 1)
        self._side = len(known) + 1
        self._lengths = np.zeros(self._side**2, dtype=np.uint32)
        for group, pairs in zip(self._groups, starts, strict=True):
            places = self._place[np.minimum(pairs, _PLANE - 1)]
            self._lengths[self._of_pair(places)] |= group.bit

    def _of_pair(self, places: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        return np.asarray(places[..., 0] * self._side + places[..., 1])

    def find(self, symbols: CodePoints, rows: Integers) -> tuple[Integers, Integers]:
        """Which term, by its place in `terms`, and where its last character stands; `rows` says to
        which text each of the `symbols` belongs, and no term reaches over two."""
        within = np.minimum(symbols, _PLANE - 1)
        places = self._place[within]
        lengths = self._lengths[places[:-1] * self._side + places[1:]]
        starts = np.flatnonzero(lengths)
        lengths = lengths[starts]
        single = self._single[within]
        found, last = [single[single >= 0]], [np.flatnonzero(single >= 0)]
        for group in self._groups:
            at = starts[(lengths & group.bit) > 0]
            ends = at + (group.length - 1)
            whole = ends < len(rows)
            whole[whole] = rows[at[whole]] == rows[ends[whole]]
            terms, which = group.match(symbols, at[whole])
            found.append(terms)
            last.append(ends[whole][which])
        return np.concatenate(found), np.concatenate(last)


class _Group:
    """Terms of one length."""

    def __init__(self, terms: Sequence[str], ids: Sequence[int]) -> None:
        self.length = len(terms[0])
        self.bit = np.uint32(1 << (min(self.length, _BITS) - 1))
        powers = [pow(_FACTOR, i, 2**64) for i in range(self.length)]
        self._powers = np.array(powers, dtype=np.uint64)
        spelt = np.array([code_points(term) for term in terms])
        hashes = self._hash(spelt)
        order = np.argsort(hashes)
        self._hashes, self.spelt = hashes[order], spelt[order]
        self._ids = np.array(ids, dtype=np.int64)[order]

    def _hash(self, windows: CodePoints) -> Hashes:
        return np.asarray((windows * self._powers).sum(axis=1, dtype=np.uint64))

    def match(self, symbols: CodePoints, at: Integers) -> tuple[Integers, Integers]:
        """The terms that begin at the places `at`, and at which of them."""
        windows = symbols[at[:, None] + np.arange(self.length)]
        guess = np.searchsorted(self._hashes[:-1], self._hash(windows))
        which = np.flatnonzero((self.spelt[guess] == windows).all(axis=1))
        return self._ids[guess[which]], which
