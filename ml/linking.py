"""Gazetteer: text -> Link(estate code, confidence, span, candidates)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import ahocorasick

from ml.text import fold

# What people leave off when they name an estate, longest first.
_SUFFIX = re.compile(
    r"(?:居民小区|住宅小区|小区|家属院|宿舍|花园|公寓|社区|[一二三四五六七八九十\d]+期)$"
)
_SHORTEST = 2
_WHOLE, _CORE = 1.0, 0.85
_STATED_BONUS = 0.5
_CLEAR_LEAD = 0.15


class Reason(StrEnum):
    """Why a text was linked, or why not."""

    NAMED = "named"
    STATED = "stated"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Link:
    """The estate a text speaks of. `span` counts characters of the text, end exclusive."""

    code: str | None
    confidence: float
    span: tuple[int, int] | None
    candidates: tuple[tuple[str, float], ...]
    reason: Reason


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    score: float
    codes: tuple[str, ...]


def core(name: str) -> str:
    """`name` without what people leave off (小区, 花园, 二期…); never shorter than three characters
    unless the name itself is."""
    stripped = _SUFFIX.sub("", name)
    return stripped if len(stripped) > _SHORTEST else name


class Gazetteer:
    """All names of a register in one automaton; immutable once built, so threads may share it.

    Exact names and names without their suffix are found in one pass; of overlapping hits the
    longest wins, so that a name inside another name is not a hit of its own. A name that two
    estates bear yields candidates, not a guess.
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """`names`: pairs of estate code and one of its names (official, former, alias)."""
        self._codes: dict[str, dict[str, float]] = defaultdict(dict)
        self._by_code: dict[str, str] = {}
        for code, name in names:
            self._by_code[fold(code)] = code
            whole = fold(name).strip()
            self._remember(whole, code, _WHOLE)
            self._remember(core(whole), code, _CORE)
        self._automaton = ahocorasick.Automaton()
        for name in self._codes:
            self._automaton.add_word(name, len(name))
        if self._codes:
            self._automaton.make_automaton()

    def _remember(self, name: str, code: str, score: float) -> None:
        if len(name) >= _SHORTEST:
            known = self._codes[name]
            known[code] = max(score, known.get(code, 0.0))

    def __len__(self) -> int:
        return len(self._codes)

    def link_many(self, texts: Sequence[str], stated: Sequence[str] | None = None) -> list[Link]:
        """One Link for each text; `stated` holds the estate each writer named in a form of its
        own (a code or a name), empty where none."""
        claims = stated if stated is not None else [""] * len(texts)
        return [self.link(text, claim) for text, claim in zip(texts, claims, strict=True)]

    def link(self, text: str, stated: str = "") -> Link:
        """The estate `text` speaks of, with the stated one as further evidence."""
        scores: dict[str, float] = {}
        spans: dict[str, tuple[int, int]] = {}
        for hit in self._longest_hits(fold(text)):
            for code in hit.codes:
                scores[code] = scores.get(code, 0.0) + hit.score
                spans.setdefault(code, (hit.start, hit.end))
        claimed = self._claimed(stated)
        for code in claimed:
            scores[code] = scores.get(code, 0.0) + _STATED_BONUS + 1.0 / len(claimed)
        if not scores:
            return Link(None, 0.0, None, (), Reason.NOT_FOUND)
        total = sum(scores.values())
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        candidates = tuple((code, score / total) for code, score in ranked[:5])
        best, share = candidates[0]
        runner_up = candidates[1][1] if len(candidates) > 1 else 0.0
        if share - runner_up < _CLEAR_LEAD:
            return Link(None, share, spans.get(best), candidates, Reason.AMBIGUOUS)
        confidence = share * min(1.0, scores[best])
        reason = Reason.NAMED if best in spans else Reason.STATED
        return Link(best, confidence, spans.get(best), candidates, reason)

    def _claimed(self, stated: str) -> list[str]:
        """Codes of the estate that a form names, by code or by name."""
        claim = fold(stated).strip()
        if not claim:
            return []
        if claim in self._by_code:
            return [self._by_code[claim]]
        return sorted(self._codes.get(claim) or self._codes.get(core(claim)) or ())

    def _longest_hits(self, text: str) -> list[_Hit]:
        if not self._codes:
            return []
        found = [(end - length + 1, end + 1) for end, length in self._automaton.iter(text)]
        found.sort(key=lambda span: (span[0] - span[1], span[0]))
        taken: list[tuple[int, int]] = []
        hits: list[_Hit] = []
        for start, end in found:
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            known = self._codes[text[start:end]]
            best = max(known.values())
            codes = tuple(sorted(code for code, score in known.items() if score == best))
            hits.append(_Hit(start, end, best / len(codes), codes))
        return hits
