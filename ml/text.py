"""Fold and cut Chinese text: the same text always gives the same tokens, a thousand texts at the
price of one long one."""

import logging
import re
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

import jieba
import numpy as np
import numpy.typing as npt

try:  # the optional extra "fast": the very same words, more than ten times sooner
    import rjieba
except ImportError:
    rjieba = None  # type: ignore[assignment]

_RUN = re.compile(r"[㐀-䶿一-鿿]+|[a-z]+|[0-9]+")
_LATIN = re.compile(r"[a-z]+")
_PLANE = 0x10000
_SURROGATES = range(0xD800, 0xE000)
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FD5  # what jieba itself takes for Han
_SPACE = 0x20

CodePoints = npt.NDArray[np.uint32]


def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


@cache
def _folded_plane() -> CodePoints:
    """What each character of the basic plane is folded to."""
    plane = np.arange(_PLANE, dtype=np.uint32)
    for point in range(_PLANE):
        if point not in _SURROGATES:  # half a pair is no character
            plane[point] = ord(_fold_character(chr(point)))
    return plane


def code_points(text: str) -> CodePoints:
    """The characters of `text` as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _written(points: CodePoints) -> str:
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _folded(points: CodePoints) -> CodePoints:
    plane = _folded_plane()
    folded = plane[np.minimum(points, _PLANE - 1)]
    rare = np.flatnonzero(points >= _PLANE)
    for index in rare:
        folded[index] = ord(_fold_character(chr(points[index])))
    return folded


def fold(text: str) -> str:
    """`text` with full-width forms, compatibility forms and case folded away.

    Character by character and length-preserving, so that a span found in the folded
    text is a span of the original.
    """
    return _written(_folded(code_points(text)))


def fold_many(texts: Sequence[str]) -> list[str]:
    """Each text folded, all in one pass."""
    return _parted(fold("".join(texts)), [len(text) for text in texts])


def _parted(whole: str, lengths: Sequence[int]) -> list[str]:
    return [whole[start:end] for start, end in pairwise(accumulate(lengths, initial=0))]


@cache
def _tokenizer() -> jieba.Tokenizer:
    # jieba's own start-up messages are noise in every command; its cache file is kept per user,
    # because a fixed name in a shared temporary folder belongs to whoever wrote it first.
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    folder = Path(tempfile.gettempdir()) / f"property-oversight-{_user_tag()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    tokenizer.tmp_dir = str(folder)
    tokenizer.initialize()
    return tokenizer


def _user_tag() -> str:
    try:
        return Path.home().name or "root"
    except RuntimeError:
        return "nobody"


def cut_with_jieba(han: str) -> list[str]:
    """Words of runs of Han characters with blanks between them, blanks included."""
    return _tokenizer().lcut(han, HMM=False)


def cut_with_rjieba(han: str) -> list[str]:
    """The same words as `cut_with_jieba`. Needs the extra "fast"."""
    return rjieba.cut(han, False)


_cut: Callable[[str], list[str]] = cut_with_jieba if rjieba is None else cut_with_rjieba


def cut_folded(
    texts: Sequence[str], cutter: Callable[[str], list[str]] | None = None
) -> list[list[str]]:
    """Words of each folded text: its Han runs cut by jieba without its hidden Markov model, then
    its Latin words whole. Numbers are no words: a door number says nothing about the matter.

    Digits, Latin and punctuation are cut off before the Han runs reach the cutter: only so do
    jieba and its accelerator agree.
    """
    points = code_points("".join(texts))
    han = (points >= _FIRST_HAN) & (points <= _LAST_HAN)
    # Of what is not Han one blank a run is kept, so that the cutter has less to skip.
    kept = han.copy()
    kept[1:] |= han[:-1]
    runs = _written(np.where(han, points, _SPACE)[kept])
    ends = np.concatenate([[0], np.cumsum(kept)])[
        np.fromiter(accumulate(map(len, texts), initial=0), dtype=np.int64, count=len(texts) + 1)
    ]
    cut_run = cutter or _cut
    words = []
    for text, (start, end) in zip(texts, pairwise(ends.tolist()), strict=True):
        found = [word for word in cut_run(runs[start:end]) if word != " "]
        found += _LATIN.findall(text)
        words.append(found)
    return words


def cut(text: str) -> list[str]:
    """Words of `text`, see `cut_folded`."""
    return cut_folded([fold(text)])[0]


def bare(text: str) -> str:
    """Folded `text` with only letters, Han characters and digits left."""
    return "".join(_RUN.findall(fold(text)))
