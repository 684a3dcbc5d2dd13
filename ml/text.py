"""Fold and cut Chinese text: the same text always gives the same tokens."""

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
_PLANE = 0x10000
_SURROGATES = range(0xD800, 0xE000)
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FD5  # what jieba itself takes for Han
_A, _Z = ord("a"), ord("z")
BLANK = " "

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


def written(points: CodePoints) -> str:
    """The text that consists of the characters with these numbers."""
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def is_han(points: CodePoints) -> npt.NDArray[np.bool_]:
    """Which of the characters jieba takes for Han."""
    return np.asarray((points >= _FIRST_HAN) & (points <= _LAST_HAN))


def is_latin(points: CodePoints) -> npt.NDArray[np.bool_]:
    """Which of the folded characters are Latin letters."""
    return np.asarray((points >= _A) & (points <= _Z))


def fold_points(points: CodePoints) -> CodePoints:
    """The characters folded, see `fold`."""
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
    return written(fold_points(code_points(text)))


def fold_many(texts: Sequence[str]) -> list[str]:
    """Each text folded, all in one pass."""
    whole = fold("".join(texts))
    ends = accumulate(map(len, texts), initial=0)
    return [whole[start:end] for start, end in pairwise(ends)]


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


cut_runs: Callable[[str], list[str]] = cut_with_jieba if rjieba is None else cut_with_rjieba
"""Words of runs of Han characters, by whichever of the two is there."""


def bare(text: str) -> str:
    """Folded `text` with only letters, Han characters and digits left."""
    return "".join(_RUN.findall(fold(text)))
