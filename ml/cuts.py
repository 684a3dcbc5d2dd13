"""Many texts folded and cut into words at once: a thousand at the price of one long one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count, pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from ml.text import (
    BLANK,
    CodePoints,
    code_points,
    cut_runs,
    fold_points,
    is_han,
    is_latin,
    written,
)

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# What stands between the runs of Han characters while they are cut; each comes back as a word.
_END, _TITLE_END, _CLAUSE_END = "\n", "\t", "\f"
_MARKS = (_END, _TITLE_END, _CLAUSE_END, BLANK)
_END_ID, _TITLE_END_ID, _CLAUSE_END_ID = range(3)
_CLAUSES = np.zeros(0x10000, dtype=bool)
_CLAUSES[[ord(sign) for sign in "。！？；，、：!?;,:\n…"]] = True


@dataclass(frozen=True)
class Cuts:
    """Texts as they are read, laid end to end. A text's title is what stands before its first line
    break; a text without one is all body. Titles and bodies are parted into clauses, which are
    numbered through all texts."""

    symbols: npt.NDArray[np.uint32]
    """The folded characters of all texts in a row."""
    sizes: Integers
    """How many of them are of each text,"""
    title_sizes: Integers
    """and how many of these, from the first, of its title."""
    symbol_clauses: Integers
    """The clause that each character stands in; the sign that ends a clause belongs to it."""
    clause_rows: Integers
    """The text that each clause stands in; -1 where it stands in none of these texts."""
    vocabulary: Sequence[str]
    words: Integers
    """The words, each by its place in `vocabulary`,"""
    word_rows: Integers
    """the text that each stands in,"""
    word_in_title: Flags
    """whether in its title,"""
    word_clauses: Integers
    """and in which clause."""

    def __len__(self) -> int:
        return len(self.sizes)

    @cached_property
    def symbol_rows(self) -> Integers:
        """The text that each character stands in."""
        return np.repeat(np.arange(len(self)), self.sizes)

    @cached_property
    def symbol_in_title(self) -> Flags:
        """Whether each character stands in a title."""
        starts = np.cumsum(self.sizes) - self.sizes
        within = np.arange(len(self.symbols)) - np.repeat(starts, self.sizes)
        return np.asarray(within < np.repeat(self.title_sizes, self.sizes))

    def __getitem__(self, which: npt.NDArray[np.intp]) -> Self:
        """The texts at the places `which`, ascending; their clauses keep their numbers."""
        place = np.full(len(self), -1)
        place[which] = np.arange(len(which))
        rows = place[self.word_rows]
        symbols = place[self.symbol_rows] >= 0
        return type(self)(
            symbols=self.symbols[symbols],
            sizes=self.sizes[which],
            title_sizes=self.title_sizes[which],
            symbol_clauses=self.symbol_clauses[symbols],
            clause_rows=np.where(self.clause_rows < 0, -1, place[self.clause_rows]),
            vocabulary=self.vocabulary,
            words=self.words[rows >= 0],
            word_rows=rows[rows >= 0],
            word_in_title=self.word_in_title[rows >= 0],
            word_clauses=self.word_clauses[rows >= 0],
        )

    def by_text(self) -> list[list[str]]:
        """The words of each text: Han words in their order, then Latin words."""
        order = np.argsort(self.word_rows, kind="stable")
        words = [self.vocabulary[word] for word in self.words[order].tolist()]
        ends = np.searchsorted(self.word_rows[order], np.arange(len(self) + 1)).tolist()
        return [words[start:end] for start, end in pairwise(ends)]


def cut_texts(texts: Sequence[str], cutter: Callable[[str], list[str]] = cut_runs) -> Cuts:
    """Fold and cut `texts` (title, line break, body) in one call: Han runs by jieba without its
    hidden Markov model, Latin words whole. Numbers are no words: a door number says nothing about
    the matter.

    Digits, Latin and punctuation are cut off before the Han runs reach the cutter: only so do
    jieba and its accelerator agree.
    """
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    points = fold_points(code_points(_END.join([*texts, ""])))
    rows = np.repeat(np.arange(len(texts)), sizes + 1)
    ends = np.cumsum(sizes + 1) - 1
    breaks = np.flatnonzero(points == ord(_END))
    title_ends = breaks[np.searchsorted(breaks, ends - sizes)]
    title_sizes = np.where(title_ends < ends, title_ends - (ends - sizes), 0)
    closes = _CLAUSES[np.minimum(points, len(_CLAUSES) - 1)]
    closes[1:] &= ~closes[:-1]
    closes[title_ends] = closes[ends] = True
    clauses = np.cumsum(closes) - closes

    han = is_han(points)
    # Of what is not Han one blank a run is kept, so that the cutter has less to skip.
    kept = han | closes
    kept[1:] |= han[:-1]
    signs = np.where(han, points, ord(BLANK))
    signs[closes], signs[title_ends], signs[ends] = map(ord, (_CLAUSE_END, _TITLE_END, _END))
    words = cutter(written(signs[kept]))
    starts, latin = _latin(points)

    place: dict[str, int] = defaultdict(count().__next__)  # a new word gets the next number
    ids = np.fromiter(map(place.__getitem__, chain(_MARKS, words, latin)), np.int64)[len(_MARKS) :]
    han_ids = ids[: len(words)]
    word_rows, word_clauses = _ended(han_ids == _END_ID), _ended(han_ids <= _CLAUSE_END_ID)
    title_words = np.zeros_like(sizes)
    marks = np.flatnonzero(han_ids == _TITLE_END_ID)
    title_words[word_rows[marks]] = marks
    in_title = np.arange(len(words)) < title_words[word_rows]
    is_word = ids >= len(_MARKS)
    latin_in_title = starts - (ends - sizes)[rows[starts]] < title_sizes[rows[starts]]
    is_text = np.ones(len(points), dtype=bool)
    is_text[ends] = False
    return Cuts(
        symbols=points[is_text],
        sizes=sizes,
        title_sizes=title_sizes,
        symbol_clauses=clauses[is_text],
        clause_rows=rows[closes],
        vocabulary=list(place),
        words=ids[is_word],
        word_rows=np.concatenate([word_rows, rows[starts]])[is_word],
        word_in_title=np.concatenate([in_title, latin_in_title])[is_word],
        word_clauses=np.concatenate([word_clauses, clauses[starts]])[is_word],
    )


def _latin(points: CodePoints) -> tuple[Integers, list[str]]:
    """Where Latin words begin, and the words."""
    letters_at = is_latin(points)
    edges = np.diff(letters_at, prepend=False, append=False)
    starts, ends = np.flatnonzero(edges).reshape(-1, 2).T
    letters, sizes = written(points[letters_at]), np.cumsum(ends - starts)
    return starts, [letters[a:b] for a, b in pairwise([0, *sizes.tolist()])]


def _ended(marks: Flags) -> Integers:
    """How many marks stand before each place."""
    return np.asarray(np.cumsum(marks) - marks)
