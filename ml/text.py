"""Fold and cut Chinese text: the same text always gives the same tokens."""

import logging
import re
import tempfile
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import jieba

# Digits and Latin are kept apart from the Han runs: only so do jieba and its accelerators agree.
_RUN = re.compile(r"(?P<han>[㐀-䶿一-鿿]+)|(?P<latin>[a-z]+)|(?P<digits>[0-9]+)")


@lru_cache(maxsize=65_536)
def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


def fold(text: str) -> str:
    """`text` with full-width forms, compatibility forms and case folded away.

    Character by character and length-preserving, so that a span found in the folded
    text is a span of the original.
    """
    return "".join(map(_fold_character, text))


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


def cut(text: str) -> list[str]:
    """Words of `text`: Han runs cut by jieba without its hidden Markov model, Latin words
    whole, every number as the one token `0` (a door number says nothing about the matter)."""
    cut_han = _tokenizer().cut
    words: list[str] = []
    for run in _RUN.finditer(fold(text)):
        if run.lastgroup == "han":
            words.extend(cut_han(run.group(), HMM=False))
        else:
            words.append("0" if run.lastgroup == "digits" else run.group())
    return words


def spaced(texts: Iterable[str]) -> list[str]:
    """Each text as its words joined by spaces: what a vectoriser without callables can read."""
    return [" ".join(cut(text)) for text in texts]


def bare(text: str) -> str:
    """Folded `text` with only letters, Han characters and digits left."""
    return "".join(run.group() for run in _RUN.finditer(fold(text)))
