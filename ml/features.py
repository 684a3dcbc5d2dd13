"""Features: texts -> weighted words, characters and concepts, of the whole and of the title."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Self

import ahocorasick
import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_selection import chi2
from sklearn.utils.validation import check_is_fitted

from ml.text import code_points, cut_folded, fold_many

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LEXICON = Path(__file__).parent / "lexicon" / "concepts.txt"
_BASIC_PLANE = 0x10000
_DIGITS = slice(ord("0"), ord("9") + 1)
# Of the counted blocks (words and characters of the whole, words and characters of the title).
_BLOCKS, _WORDS = 4, (0, 2)


@dataclass(frozen=True)
class Cut:
    """A text as it is read: folded, and cut into words. The title is what stands before the first
    line break; a text without one is all body."""

    folded: str
    title_length: int
    words: tuple[str, ...]
    title_words: int
    """How many of `words`, from the first, stand in the title."""


def cut_texts(texts: Sequence[str]) -> list[Cut]:
    """Fold and cut `texts` (title, line break, body), a thousand in one call."""
    folded = fold_many(texts)
    titles = [max(0, text.find("\n")) for text in folded]
    parts = [
        part for text, end in zip(folded, titles, strict=True) for part in (text[:end], text[end:])
    ]
    words = cut_folded(parts)
    return [
        Cut(text, end, tuple(words[2 * i] + words[2 * i + 1]), len(words[2 * i]))
        for i, (text, end) in enumerate(zip(folded, titles, strict=True))
    ]


def read_lexicon(path: Path = LEXICON) -> dict[str, tuple[str, ...]]:
    """Concept -> its terms."""
    lines = path.read_text(encoding="utf-8").splitlines()
    parted = [line.split() for line in lines if line and not line.startswith("#")]
    return {concept: tuple(terms) for concept, *terms in parted}


class Features(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Of the whole text and again of its title: words, characters (single and in pairs) and the
    concepts of the lexicon. The title says what the writer wants solved, the body what else
    happened: so each has weights of its own.

    Words and characters are TF-IDF (1 + log of the count, smooth idf), concepts the logarithm of
    their count; each of the six blocks is scaled to length one, concepts to `concept_weight`.
    Columns: whole (words, characters, concepts), then title in the same order.

    scikit-learn's own vectorisers would give the same figures; this one counts a thousand texts
    in one sort and is several times as fast.

    Parameters
    ----------
    least : int
        In how many texts a word or a pair of characters must stand to be known.
    most : int
        How many words and characters are kept where labels are given: those that tell most about
        the label (chi-squared). All of them read no better and take twice as long to weigh.
    concept_weight : float
        Length of the concept blocks.
    """

    def __init__(self, *, least: int = 2, most: int = 30_000, concept_weight: float = 0.3) -> None:
        self.least = least
        self.most = most
        self.concept_weight = concept_weight

    def fit(self, X: Sequence[Cut], y: Sequence[str] | None = None) -> Self:
        """Learn which words and characters there are, how common each is and, where labels `y`
        are given, which of them tell something about the label."""
        self._learn(X, y)
        return self

    def fit_transform(self, X: Sequence[Cut], y: Sequence[str] | None = None) -> sparse.csr_matrix:
        """`fit`, then `transform` of the same texts, which are counted once."""
        return self._weighed(self._learn(X, y), X)

    def _learn(self, X: Sequence[Cut], y: Sequence[str] | None) -> list[sparse.csr_matrix]:
        """Learn as `fit` says. Returns the counts of what is kept."""
        seen = Counter(chain.from_iterable(set(text.words) for text in X))
        self.words_ = sorted(word for word, texts in seen.items() if texts >= self.least)
        symbols, lengths = _symbols([text.folded for text in X])
        characters, pairs = _common(symbols, lengths, self.least)
        self.characters_, self.pairs_ = characters, pairs
        concepts = read_lexicon()
        self.concepts_ = list(concepts)
        self.terms_ = sorted(set(chain.from_iterable(concepts.values())))
        place = {term: i for i, term in enumerate(self.terms_)}
        self.term_concepts_ = np.zeros((len(self.terms_), len(concepts)))
        for column, terms in enumerate(concepts.values()):
            for term in terms:
                self.term_concepts_[place[term], column] = 1.0
        self.term_concepts_ /= self.term_concepts_.sum(axis=1, keepdims=True)
        self.columns_ = [np.arange(self._width(block)) for block in range(_BLOCKS)]
        counts = self._counts(X)
        self.idf_ = [_idf(block) for block in counts]
        if y is not None:
            self._select(counts, y)
            counts = [block[:, kept] for block, kept in zip(counts, self.columns_, strict=True)]
        return counts

    def _select(self, counts: Sequence[sparse.csr_matrix], y: Sequence[str]) -> None:
        """Forget the columns that tell least about `y`."""
        told = [
            np.nan_to_num(chi2(_tf_idf(block, idf), np.asarray(y))[0])
            for block, idf in zip(counts, self.idf_, strict=True)
        ]
        ranked = np.sort(np.concatenate(told))[::-1]
        enough = max(ranked[: self.most].min(initial=np.inf), np.finfo(float).tiny)
        self.columns_ = [np.flatnonzero(block >= enough) for block in told]
        self.idf_ = [idf[kept] for idf, kept in zip(self.idf_, self.columns_, strict=True)]

    def _width(self, block: int) -> int:
        return len(self.words_) if block in _WORDS else len(self.characters_) + len(self.pairs_)

    def transform(self, X: Sequence[Cut]) -> sparse.csr_matrix:
        """The matrix, shape (texts, columns)."""
        check_is_fitted(self)
        return self._weighed(self._counts(X), X)

    def _weighed(self, counts: Sequence[sparse.csr_matrix], X: Sequence[Cut]) -> sparse.csr_matrix:
        blocks = [_tf_idf(block, idf) for block, idf in zip(counts, self.idf_, strict=True)]
        whole, title = self._concepts(X)
        blocks.insert(2, sparse.csr_matrix(self.concept_weight * whole))
        blocks.append(sparse.csr_matrix(self.concept_weight * title))
        return sparse.hstack(blocks, format="csr")

    def word_columns(self) -> list[tuple[int, npt.NDArray[np.intp]]]:
        """For the words of the whole and of the title: the first column, and which word (its place
        in `words_`) each column from there on counts."""
        in_whole = len(self.columns_[0]) + len(self.columns_[1])
        title = in_whole + len(self.concepts_)
        return [(0, self.columns_[_WORDS[0]]), (title, self.columns_[_WORDS[1]])]

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in super().__getstate__().items() if k != "_tables"}

    def _counts(self, X: Sequence[Cut]) -> list[sparse.csr_matrix]:
        """Words and characters of the whole, words and characters of the title."""
        tables = self._lookup()
        words = [text.words for text in X]
        word_counts = np.fromiter(map(len, words), np.int64, len(X))
        ids = np.fromiter(
            map(tables.word.get, chain.from_iterable(words), repeat(-1)),
            np.int64,
            word_counts.sum(),
        )
        symbols, sizes = _symbols([text.folded for text in X])
        singles, pairs = tables.characters(symbols)
        title_words = np.fromiter((text.title_words for text in X), np.int64, len(X))
        title_sizes = np.fromiter((text.title_length for text in X), np.int64, len(X))
        counts = []
        for block, (words_wanted, wanted) in enumerate(
            ((word_counts, sizes), (title_words, title_sizes))
        ):
            head = _heads(word_counts, words_wanted)
            counts.append(_counted(tables.kept(2 * block, ids[head]), words_wanted, len(X)))
            heads = [_heads(sizes, wanted), _heads(sizes, np.maximum(wanted - 1, 0))]
            found = np.concatenate([singles[heads[0]], pairs[heads[1]]])
            runs = np.concatenate([wanted, np.maximum(wanted - 1, 0)])
            counts.append(_counted(tables.kept(2 * block + 1, found), runs, len(X)))
        return [
            sparse.csr_matrix(block, shape=(len(X), len(kept)))
            for block, kept in zip(counts, self.columns_, strict=True)
        ]

    def _concepts(self, X: Sequence[Cut]) -> list[Floats]:
        """The concepts of the whole and of the title."""
        find = self._lookup().automaton.iter
        hits = [list(find(text.folded)) for text in X]
        terms = np.array([term for row in hits for _end, term in row], dtype=np.int64)
        ends = np.array([end for row in hits for end, _term in row], dtype=np.int64)
        found = np.fromiter(map(len, hits), np.int64, len(X))
        titles = np.repeat([text.title_length for text in X], found)
        return [
            self._spoken_of(_counted(ids, found, len(X)))
            for ids in (terms, np.where(ends < titles, terms, -1))
        ]

    def _spoken_of(self, counts: tuple[Floats, Integers, Integers]) -> Floats:
        terms = sparse.csr_matrix(counts, shape=(len(counts[-1]) - 1, len(self.terms_)))
        said = np.log1p(np.asarray(terms @ self.term_concepts_))
        return np.asarray(said / np.maximum(np.linalg.norm(said, axis=1, keepdims=True), 1e-9))

    def _lookup(self) -> "_Tables":
        tables: _Tables | None = getattr(self, "_tables", None)
        if tables is None or tables.columns is not self.columns_:
            tables = self._tables = _Tables(self)
        return tables


class _Tables:
    """What makes looking up fast; made from a fitted Features, never saved with it."""

    def __init__(self, features: Features) -> None:
        self.word = {word: i for i, word in enumerate(features.words_)}
        known = features.characters_
        self._place = np.full(_BASIC_PLANE, len(known), dtype=np.int32)  # the last: unknown
        self._place[known] = np.arange(len(known))
        self._side = len(known) + 1
        self._pair = np.full(self._side**2, -1, dtype=np.int32)
        first, second = np.divmod(features.pairs_, _BASIC_PLANE)
        self._pair[self._place[first] * self._side + self._place[second]] = len(known) + np.arange(
            len(features.pairs_)
        )
        self.columns = features.columns_
        self._kept = []
        for block, columns in enumerate(self.columns):
            kept = np.full(features._width(block) + 1, -1, dtype=np.int64)  # the last: unknown
            kept[columns] = np.arange(len(columns))
            self._kept.append(kept)
        self.automaton = ahocorasick.Automaton()
        for i, term in enumerate(features.terms_):
            self.automaton.add_word(term, i)
        self.automaton.make_automaton()

    def characters(self, symbols: Integers) -> tuple[Integers, Integers]:
        """Columns of each character and of each pair that begins with it, -1 where unknown."""
        place = self._place[symbols]
        singles = np.where(place == self._side - 1, -1, place).astype(np.int64)
        pairs = np.full(len(place), -1, dtype=np.int64)
        pairs[:-1] = self._pair[place[:-1] * self._side + place[1:]]
        return singles, pairs

    def kept(self, block: int, ids: Integers) -> Integers:
        """The column of each id in `block`, -1 where it is not counted."""
        return self._kept[block][ids]


def _symbols(folded: Sequence[str]) -> tuple[Integers, Integers]:
    """All characters of the texts in a row, every digit as 0, and the texts' lengths."""
    points = np.minimum(code_points("".join(folded)), _BASIC_PLANE - 1).astype(np.int64)
    points[(points >= _DIGITS.start) & (points < _DIGITS.stop)] = _DIGITS.start
    return points, np.fromiter(map(len, folded), np.int64, len(folded))


def _common(symbols: Integers, lengths: Integers, least: int) -> tuple[Integers, Integers]:
    """Characters, and pairs (first * 65536 + second), that stand in at least `least` texts."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    singles = np.unique(rows * _BASIC_PLANE + symbols) % _BASIC_PLANE
    characters, texts = np.unique(singles, return_counts=True)
    characters = characters[texts >= least]
    inside = rows[:-1] == rows[1:]
    keys = (symbols[:-1] * _BASIC_PLANE + symbols[1:])[inside]
    known, place = np.unique(keys, return_inverse=True)
    distinct = np.unique(rows[:-1][inside] * len(known) + place) % max(1, len(known))
    texts = np.bincount(distinct, minlength=len(known))
    pairs = known[texts >= least]
    return characters, pairs


def _heads(lengths: Integers, wanted: Integers) -> Integers:
    """Indices of the first `wanted` items of each run of `lengths` items."""
    starts = np.cumsum(lengths) - lengths
    offsets = np.arange(wanted.sum()) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    return np.repeat(starts, wanted) + offsets


def _counted(
    ids: Integers, lengths: Integers, rows: int
) -> tuple[npt.NDArray[np.float64], Integers, Integers]:
    """How often each id stands in each row, as data, indices and pointers of a CSR matrix; ids
    below zero are nothing. `lengths` may hold the rows several times over."""
    row = np.repeat(np.arange(len(lengths)) % max(1, rows), lengths)
    known = ids >= 0
    width = int(ids.max(initial=0)) + 1
    keys = np.sort(row[known] * width + ids[known])
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    counts = np.diff(first, append=len(keys)).astype(np.float64)
    row, column = np.divmod(keys[first], width)
    return counts, column, np.searchsorted(row, np.arange(rows + 1))


def _idf(counts: sparse.csr_matrix) -> Floats:
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + texts)) + 1)


def _tf_idf(counts: sparse.csr_matrix, idf: Floats) -> sparse.csr_matrix:
    values = (1 + np.log(counts.data)) * idf[counts.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(row, values**2, minlength=counts.shape[0]))
    values /= np.maximum(lengths, 1e-9)[row]
    return sparse.csr_matrix((values, counts.indices, counts.indptr), shape=counts.shape)
