"""Features: texts -> weighed words, characters and concepts, of the whole and of the title."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_selection import chi2
from sklearn.utils.validation import check_is_fitted

from ml.cuts import Cuts, Integers
from ml.terms import Terms

Floats = npt.NDArray[np.float64]

LEXICON = Path(__file__).parent / "lexicon" / "concepts.txt"
_BASIC_PLANE = 0x10000
_DIGITS = slice(ord("0"), ord("9") + 1)


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
    Columns: words and characters of the whole, then of the title; concepts of the whole, then of
    the title.

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

    def fit(self, X: Cuts, y: Sequence[str] | None = None) -> Self:
        """Learn which words and characters there are, how common each is and, where labels `y`
        are given, which of them tell something about the label."""
        self._learn(X, y)
        return self

    def fit_transform(self, X: Cuts, y: Sequence[str] | None = None) -> sparse.csr_matrix:
        """`fit`, then `transform` of the same texts, which are counted once."""
        return self._beside_concepts(self._learn(X, y), X)

    def transform(self, X: Cuts) -> sparse.csr_matrix:
        """The matrix, shape (texts, columns)."""
        return self.of_texts(self.look_up(X))

    def look_up(self, X: Cuts) -> "Found":
        """The known words, characters and pairs of `X`, of which the matrices are made."""
        check_is_fitted(self)
        tables = self._lookup()
        return Found(X, tables.words(X), *tables.characters(_signs(X)))

    def of_texts(self, found: "Found") -> sparse.csr_matrix:
        """`transform` of what was looked up."""
        return self._beside_concepts(self._weighed(self._counted(found)), found.cuts)

    def of_clauses(self, found: "Found") -> sparse.csr_matrix:
        """How often each known word, character and pair stands in each clause, shape (clauses,
        known); nothing is selected or weighed."""
        ids, clauses = map(np.concatenate, zip(*found.in_clauses(), strict=True))
        known = ids >= 0
        ones = np.ones(np.count_nonzero(known))
        shape = (len(found.cuts.clause_rows), self._width)
        return sparse.csr_matrix((ones, (clauses[known], ids[known])), shape=shape)

    def clause_sums(self, found: "Found", weights: Floats) -> Floats:
        """`of_clauses(found) @ weights`, sooner."""
        weights = np.append(weights, 0.0)  # the last: unknown
        clauses = len(found.cuts.clause_rows)
        sums = [np.bincount(at, weights[ids], clauses) for ids, at in found.in_clauses()]
        return np.sum(sums, axis=0)

    def word_places(self) -> Integers:
        """For each column the place in `words_` of the word it counts, -1 where it counts none."""
        place = self.columns_ % self._width
        of_words = np.where(place < len(self.words_), place, -1)
        return np.concatenate([of_words, np.full(2 * len(self.concepts_), -1)])

    def _learn(self, X: Cuts, y: Sequence[str] | None) -> sparse.csr_matrix:
        """Learn as `fit` says. Returns the words and characters of `X`, weighed."""
        texts = np.bincount(_distinct(X.words, X.word_rows), minlength=len(X.vocabulary))
        common = np.flatnonzero(texts >= self.least)
        self.words_ = sorted(X.vocabulary[word] for word in common.tolist())
        self.characters_, self.pairs_ = _common(_signs(X), X.symbol_rows, self.least)
        concepts = read_lexicon()
        self.concepts_ = list(concepts)
        self.terms_ = sorted(set(chain.from_iterable(concepts.values())))
        place = {term: i for i, term in enumerate(self.terms_)}
        self.term_concepts_ = np.zeros((len(self.terms_), len(concepts)))
        for column, terms in enumerate(concepts.values()):
            for term in terms:
                self.term_concepts_[place[term], column] = 1.0
        self.term_concepts_ /= self.term_concepts_.sum(axis=1, keepdims=True)
        self.columns_ = np.arange(2 * self._width)
        counts = self._counted(self.look_up(X))
        self.idf_ = _idf(counts)
        if y is not None:
            counts = counts[:, self._select(counts, y)]
        return self._weighed(counts)

    def _select(self, counts: sparse.csr_matrix, y: Sequence[str]) -> Integers:
        """Forget the columns that tell least about `y`. Returns those that are left."""
        told = np.nan_to_num(chi2(self._weighed(counts), np.asarray(y))[0])
        enough = max(np.sort(told)[::-1][: self.most].min(initial=np.inf), np.finfo(float).tiny)
        left = np.flatnonzero(told >= enough)
        self.columns_, self.idf_ = self.columns_[left], self.idf_[left]
        return left

    @property
    def _width(self) -> int:
        """How many words, characters and pairs are known: the whole may have a column for each,
        and again the title."""
        return len(self.words_) + len(self.characters_) + len(self.pairs_)

    def _counted(self, found: "Found") -> sparse.csr_matrix:
        """How often each word and character stands in each text and in its title."""
        tables, width, X = self._lookup(), len(self.columns_), found.cuts
        titles = (X.word_in_title, X.symbol_in_title, X.symbol_in_title[1:])
        # Half the size sorts in half the time.
        size = np.uint32 if len(X) * width < 2**32 else np.int64
        keys = []
        for (ids, row), titled in zip(found.in_texts(), titles, strict=True):
            keys.append(_keys(tables.of_whole[ids], row, width, size))
            keys.append(_keys(tables.of_title[ids[titled]], row[titled], width, size))
        return _tallied(np.concatenate(keys), (len(X), width))

    def _weighed(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        values = (1 + np.log(counts.data)) * self.idf_[counts.indices]
        of_title, place = np.divmod(self.columns_, self._width)
        block = 2 * of_title + (place >= len(self.words_))
        row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        part = 4 * row + block[counts.indices]
        lengths = np.sqrt(np.bincount(part, values**2, minlength=4 * counts.shape[0]))
        values /= np.maximum(lengths, 1e-9)[part]
        return sparse.csr_matrix((values, counts.indices, counts.indptr), shape=counts.shape)

    def _beside_concepts(self, weighed: sparse.csr_matrix, X: Cuts) -> sparse.csr_matrix:
        terms, last = self._lookup().terms.find(X.symbols, X.symbol_rows)
        rows, titled = X.symbol_rows[last], X.symbol_in_title[last]
        spoken = []
        for part in (slice(None), titled):
            ones, at = np.ones(len(terms[part])), (rows[part], terms[part])
            counts = sparse.csr_matrix((ones, at), shape=(len(X), len(self.terms_)))
            said = np.log1p(np.asarray(counts @ self.term_concepts_))
            lengths = np.linalg.norm(said, axis=1, keepdims=True)
            spoken.append(self.concept_weight * said / np.maximum(lengths, 1e-9))
        concepts = sparse.csr_matrix(np.hstack(spoken))
        return sparse.hstack([weighed, concepts], format="csr")

    def _lookup(self) -> "_Tables":
        tables: _Tables | None = getattr(self, "_tables", None)
        if tables is None or tables.columns is not self.columns_:
            tables = self._tables = _Tables(self)
        return tables

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in super().__getstate__().items() if k != "_tables"}


class Found(NamedTuple):
    """Of the words, characters and pairs of neighbours of some texts the place among those that are
    known, -1 where unknown."""

    cuts: Cuts
    words: Integers
    characters: Integers
    pairs: Integers

    def in_texts(self) -> Iterator[tuple[Integers, Integers]]:
        """Places of words, of characters and of pairs, each with the text they stand in."""
        return self._parted(self.cuts.word_rows, self.cuts.symbol_rows)

    def in_clauses(self) -> Iterator[tuple[Integers, Integers]]:
        """The same with the clause they stand in."""
        return self._parted(self.cuts.word_clauses, self.cuts.symbol_clauses)

    def _parted(self, words: Integers, symbols: Integers) -> Iterator[tuple[Integers, Integers]]:
        yield self.words, words
        yield self.characters, symbols
        # A pair that reaches over two parts stands in neither.
        yield np.where(symbols[:-1] == symbols[1:], self.pairs, -1), symbols[:-1]


class _Tables:
    """What makes looking up fast; made from a fitted Features, never saved with it."""

    def __init__(self, features: Features) -> None:
        self.columns = features.columns_
        self._word = {word: i for i, word in enumerate(features.words_)}
        known, start = features.characters_, len(features.words_)
        self._single = np.full(_BASIC_PLANE, -1)
        self._single[known] = start + np.arange(len(known))
        self._place = np.full(_BASIC_PLANE, len(known), dtype=np.int32)  # the last: unknown
        self._place[known] = np.arange(len(known))
        self._side = len(known) + 1
        self._pair = np.full(self._side**2, -1, dtype=np.int32)
        first, second = np.divmod(features.pairs_, _BASIC_PLANE)
        ids = start + len(known) + np.arange(len(features.pairs_))
        self._pair[self._place[first] * self._side + self._place[second]] = ids
        column = np.full(2 * features._width, -1)
        column[self.columns] = np.arange(len(self.columns))
        # The last is for what is not known.
        self.of_whole, self.of_title = np.pad(
            column.reshape(2, -1), ((0, 0), (0, 1)), constant_values=-1
        )
        self.terms = Terms(features.terms_)

    def words(self, cuts: Cuts) -> Integers:
        """The place of each word, -1 where unknown."""
        known = np.fromiter(map(self._word.get, cuts.vocabulary, repeat(-1)), np.int64)
        return np.asarray(known[cuts.words])

    def characters(self, signs: Integers) -> tuple[Integers, Integers]:
        """The place of each character and of each pair of neighbours, -1 where unknown."""
        place = self._place[signs]
        pairs = self._pair[place[:-1] * self._side + place[1:]]
        return self._single[signs], pairs.astype(np.int64)


def _signs(cuts: Cuts) -> Integers:
    """The characters, every digit as 0."""
    points = np.minimum(cuts.symbols, _BASIC_PLANE - 1)
    points[(points >= _DIGITS.start) & (points < _DIGITS.stop)] = _DIGITS.start
    return points


def _distinct(ids: Integers, rows: Integers) -> Integers:
    """`ids` with each only once a row."""
    height = int(rows.max(initial=0)) + 1
    return np.asarray(np.unique(ids.astype(np.int64) * height + rows) // height)


def _common(symbols: Integers, rows: Integers, least: int) -> tuple[Integers, Integers]:
    """Characters, and pairs (first * 65536 + second), that stand in at least `least` texts."""
    characters = np.flatnonzero(np.bincount(_distinct(symbols, rows)) >= least)
    inside = rows[:-1] == rows[1:]
    keys = (symbols[:-1].astype(np.int64) * _BASIC_PLANE + symbols[1:])[inside]
    known, place = np.unique(keys, return_inverse=True)
    texts = np.bincount(_distinct(place, rows[:-1][inside]), minlength=len(known))
    return characters, known[texts >= least]


def _keys(columns: Integers, rows: Integers, width: int, size: type) -> npt.NDArray[Any]:
    """One number for each column and row; columns below zero are nothing."""
    known = columns >= 0
    return rows[known].astype(size) * size(width) + columns[known].astype(size)


def _tallied(keys: npt.NDArray[Any], shape: tuple[int, int]) -> sparse.csr_matrix:
    """How often each key stands there."""
    height, width = shape
    keys.sort()
    is_first = np.ones(len(keys), dtype=bool)
    is_first[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(is_first)
    counts = np.diff(first, append=len(keys)).astype(np.float64)
    row, column = np.divmod(keys[first], keys.dtype.type(max(1, width)))
    pointers = np.searchsorted(row, np.arange(height + 1))
    return sparse.csr_matrix((counts, column.astype(np.int32), pointers), shape=shape)


def _idf(counts: sparse.csr_matrix) -> Floats:
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + texts)) + 1)
