"""Gazetteer: text -> Link(estate code, confidence, span, how, candidates)."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from ml.likeness import Likeness
from ml.names import (
    Need,
    everyday,
    key_of,
    need_of,
    points_with_digits,
    signs,
    signs_of_many,
    taken_apart,
    told,
)
from ml.surroundings import BRANDED, Call, after, before, called, is_han, is_run
from ml.terms import Terms
from ml.text import code_points, fold_points, written

_SHORTEST = 2

# What a mention is worth by where it stands. A title says what a message is about; without one the
# opening does. Nothing that is named only later, and in passing, is what a message is about.
_TITLE, _BODY, _FIRST, _AGAIN = 1.0, 0.6, 0.2, 0.1
_MOST_AGAIN = 3
_OPENING = 60
_PASSING = 0.75
_SPEAKS_FOR_ITSELF = 4  # signs
_STATED, _PLACED = 2.0, 0.15

# A name that something unknown stands before may be the end of a longer one; the more signs tell it
# from other names, the less. By how many signs tell.
_LOOSE = (0.0, 0.0, 0.0, 0.15, 0.45, 0.65, 0.75)
_ALWAYS_LOOSE, _SAME_LOOSE, _ONCE_INSIDE = 0.8, 0.7, 0.5
_BRANDED_LEAST = 5
_BY_ONE_SIGN = 0.3

_FAINT, _FAIR, _CLEAR = 0.12, 0.3, 0.5  # a mention not worth looking at; worth counting; plain
_SOUND, _FUZZY, _ADDRESS = 0.8, 0.7, 0.8  # what nearly the name, and the address, are worth
_CROWDED = 0.35  # where many names of the register sound alike, likeness makes candidates, no link
_COMMUNITY = 0.55  # 社区 is a neighbourhood more often than an estate
_UNHEARD = 0.6  # where the title names something that the register does not hold
_SHORTHAND = 0.9  # how much of a short name's score goes to the longer name that holds it
_ENOUGH = 0.45  # from here on a text is linked
_RIVAL = 0.75  # unless another estate has more than this part of the best one's score
_CERTAIN = 0.8  # what a plain mention of an official name in the text is worth, and no doubt left
_CANDIDATES = 5
_SECOND_LOOK = 200  # characters after the title

_PLACE_KIND = re.compile(r"(?:街道办事处|街道|办事处|社区居委会|社区|居委会|镇|乡|村|区|县|市)$")
_HOUSE = re.compile(r"[路街巷道弄里]\d+号")
_DOOR = re.compile(r"\d+号.*")


class Reason(StrEnum):
    """Why a text was linked, or why not."""

    NAMED = "named"
    STATED = "stated"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"


class How(StrEnum):
    """How the words of a text were matched with a name of the register."""

    EXACT = "exact"
    ALIAS = "alias"
    CORE = "core"  # without what people leave off: 小区, 二期, the developer
    PINYIN = "pinyin"
    FUZZY = "fuzzy"
    ADDRESS = "address"


class Mention(NamedTuple):
    """Words that name an estate. Offsets count characters of the text, end exclusive."""

    start: int
    end: int
    how: How


@dataclass(frozen=True)
class Link:
    """The estate a text speaks of. `span` is its plainest mention."""

    code: str | None
    confidence: float
    span: tuple[int, int] | None
    candidates: tuple[tuple[str, float], ...]
    reason: Reason
    mentions: tuple[Mention, ...] = ()

    @property
    def how(self) -> How | None:
        """How the words at `span` were matched."""
        return next((one.how for one in self.mentions if (one.start, one.end) == self.span), None)


NOWHERE = Link(None, 0.0, None, (), Reason.NOT_FOUND)


class _Holder(NamedTuple):
    """An estate that may be written so."""

    code: str
    kept: float
    how: How
    name: str


_Held = dict[str, dict[str, _Holder]]


@dataclass(slots=True)
class _Key:
    """Signs to look for, and whose they are."""

    text: str
    need: Need
    is_kind: bool  # it says itself that it is an estate
    tells: int  # signs that tell it from other names: none in 花园小区, which may end any name
    loose: float
    holders: tuple[_Holder, ...]


class _Hit(NamedTuple):
    """A key found in a text, and how surely it is meant there."""

    start: int
    end: int
    weight: float
    reach: int
    key: _Key
    how: How | None  # where it differs from how the key belongs to its holders
    is_loose: bool  # something unknown stands before it
    is_inside: bool  # a longer name goes on behind it
    call: Call


@dataclass(slots=True)
class _Case:
    """What speaks for one estate."""

    hits: list[tuple[_Hit, float, How]] = field(default_factory=list)
    score: float = 0.0

    def best(self) -> tuple[_Hit, float, How]:
        return max(self.hits, key=lambda hit: (hit[1], -hit[0].start))


class Gazetteer:
    """All names of a register in one automaton; immutable once built, so threads may share it.

    The first look goes over the whole text at once, for names as they are registered and as people
    shorten them. Whether a name is meant, and whole, is read from what stands around it; of
    overlapping names the one that fits best wins. Only where that finds nobody, a second look goes
    to the places where something is named as estates are, and compares by sound and by one sign.
    A name that two estates bear yields candidates, not a guess.
    """

    def __init__(
        self, names: Iterable[tuple[str, str]], places: Iterable[tuple[str, str]] = ()
    ) -> None:
        """`names`: pairs of estate code and one of its names, the official one first. `places`:
        pairs of estate code and where it lies (sub-district, community, address)."""
        held: _Held = defaultdict(dict)
        needs: dict[str, Need] = {}
        self._by_code: dict[str, str] = {}
        self._families: dict[str, str] = {}
        pairs = list(names)
        codes = signs_of_many(code for code, _name in pairs)
        texts = signs_of_many(name for _code, name in pairs)
        for (code, name), sign, text in zip(pairs, codes, texts, strict=True):
            family, ways = taken_apart(text)
            official = code not in self._families
            if official:
                self._families[code] = family
                self._by_code[sign] = code
            for key, kept, need in ways:
                how = How.CORE if kept < 1 else How.EXACT if official else How.ALIAS
                known = held[key].get(code)
                if known is None or known.kept < kept:
                    held[key][code] = _Holder(code, kept, how, name)
                needs[key] = min(need, needs.get(key, need))
        self._places: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for code, place in places:
            self._locate(code, place, held, needs)
        self._close(held, needs)

    def _locate(self, code: str, place: str, held: "_Held", needs: dict[str, Need]) -> None:
        """Where an estate lies: a place it may be told by, and a house number to find it by."""
        key = key_of(signs(place))
        if _HOUSE.search(key):
            held[key].setdefault(code, _Holder(code, _ADDRESS, How.ADDRESS, place))
            needs.setdefault(key, Need.NOTHING)
            key = _DOOR.sub("", key)
        said = _PLACE_KIND.sub("", key)
        if len(said) >= _SHORTEST and said not in self._places[code]:
            self._places[code] += (said,)

    def _close(self, held: "_Held", needs: dict[str, Need]) -> None:
        words = everyday(held.keys())
        self._leading, self._pairs = words.leading, words.pairs
        self._all_places = frozenset(place for places in self._places.values() for place in places)
        longer = _ends_of(set(self._families.values()), held.keys())
        self._keys: dict[str, _Key] = {}
        for text, by_code in held.items():
            if len(text) < _SHORTEST:
                continue
            need = max(needs[text], need_of(text, words.ordinary))
            loose = 0.0 if need else _LOOSE[min(told(text), len(_LOOSE) - 1)] / (1 + longer[text])
            most = max(holder.kept for holder in by_code.values())
            holders = tuple(sorted(one for one in by_code.values() if one.kept == most))
            self._keys[text] = _Key(text, need, text.endswith("小区"), told(text), loose, holders)
        self._in_order = list(self._keys.values())
        self._terms = Terms(list(self._keys))
        self._likeness = Likeness(
            text
            for text, key in self._keys.items()
            if not key.need
            and key.holders[0].kept >= _ADDRESS
            and key.holders[0].how != How.ADDRESS
        )

    def __len__(self) -> int:
        return len(self._keys)

    def link(self, text: str, stated: str = "") -> Link:
        """The estate `text` speaks of, with the stated one as further evidence."""
        return self.link_many([text], [stated])[0]

    def link_many(self, texts: Sequence[str], stated: Sequence[str] | None = None) -> list[Link]:
        """One Link for each text; `stated` holds the estate each writer named in a form of its
        own (a code or a name), empty where none. A thousand in one call cost little more than a
        hundred."""
        if not self._keys:
            return [NOWHERE] * len(texts)
        claims = [self._claimed(claim) for claim in stated] if stated else [()] * len(texts)
        page = _Page(texts)
        looks = self._first_look(page)
        links = [
            self._judge(reading, hits, claimed)
            for reading, hits, claimed in zip(page.readings, looks, claims, strict=True)
        ]
        unfound = [i for i, link in enumerate(links) if link.reason is Reason.NOT_FOUND]
        more = self._second_look([page.readings[i] for i in unfound], [looks[i] for i in unfound])
        for i, found in zip(unfound, more, strict=True):
            if found:
                hits = sorted([*looks[i], *found], key=lambda one: one.start)
                links[i] = self._judge(page.readings[i], hits, claims[i])
        return links

    # Looking ----------------------------------------------------------------------------------

    def _first_look(self, page: "_Page") -> list[list[_Hit]]:
        """Of each text the hits that do not overlap, in the order of the text."""
        folded = page.folded
        found: list[list[_Hit]] = [[] for _reading in page.readings]
        keys, last = self._terms.find(page.points, page.rows)
        for number, end in zip(keys.tolist(), (last + 1).tolist(), strict=True):
            key = self._in_order[number]
            start = end - len(key.text)
            if is_run(folded[end - 1], folded[end]) or is_run(folded[start - 1], folded[start]):
                continue
            row = page.rows[start]
            hit = self._hit(page.readings[row], start, end, key)
            if hit is not None:
                found[row].append(hit)
        return [_apart(hits) if hits else hits for hits in found]

    def _hit(
        self, reading: "_Reading", start: int, end: int, key: _Key, how: How | None = None
    ) -> _Hit | None:
        """`key` at its place, if it may be meant there."""
        then = after(reading.seen, end, self._pairs)
        if key.is_kind and then.call < Call.KIND and not then.inside:
            then = then._replace(fit=1.0 if then.fit > _CLEAR else then.fit, call=Call.KIND)
        if key.need and then.call < _CALLS[key.need]:
            return None
        fit = self._begins(reading, start)
        is_loose = fit == 0.0 or (fit == BRANDED and len(key.text) < _BRANDED_LEAST)
        if is_loose and start - reading.start > 1 and self._begins(reading, start - 1):
            fit = _BY_ONE_SIGN  # places have longer names: the one sign belongs to this name
        weight = (key.loose * (fit or 1.0) if is_loose else fit) * then.fit
        if not key.tells and is_han(reading.folded[start - 1]):
            return None
        if key.text.endswith("社区"):
            weight *= _COMMUNITY
        if weight <= _FAINT:
            return None
        return _Hit(
            start, end, weight, end - start + then.reach, key, how, is_loose, then.inside, then.call
        )

    def _begins(self, reading: "_Reading", start: int) -> float:
        return before(reading.folded, start, self._leading, self._all_places)

    def _second_look(
        self, readings: Sequence["_Reading"], looks: Sequence[Sequence[_Hit]]
    ) -> list[list[_Hit]]:
        """Names that are nearly what is written where an estate must be named."""
        spans = [
            (number, at, end)
            for number, reading in enumerate(readings)
            for start, end in reading.called(reading.title + _SECOND_LOOK)
            for at in range(start, min(start + 4, end - 2))
            if at == start or self._begins(reading, at)
        ]
        found: list[list[_Hit]] = [[] for _reading in readings]
        crowd = _CROWDED if self._likeness.is_crowded else 1.0
        for alike, worth, how in (
            (self._likeness.of_one_sound, _SOUND, How.PINYIN),
            (self._likeness.of_one_slip, _FUZZY, How.FUZZY),
        ):
            # What was found by sound is not looked for by slips.
            open_spans = [span for span in spans if not found[span[0]]]
            words = [readings[number].seen[start:end] for number, start, end in open_spans]
            for place, text in alike(words):
                number, start, end = open_spans[place]
                hit = self._hit(readings[number], start, end, self._keys[text], how)
                if hit is not None:
                    weight = hit.weight * worth * crowd
                    found[number].append(hit._replace(weight=weight, is_loose=False))
        return [self._only(hits, more) for hits, more in zip(looks, found, strict=True)]

    def _only(self, hits: Sequence[_Hit], more: Sequence[_Hit]) -> list[_Hit]:
        """Of `more` what is like the name of one place alone, and beside the other hits."""
        if not more:
            return []
        by_place: dict[tuple[int, int], set[str]] = defaultdict(set)
        for hit in more:
            by_place[hit.start, hit.end] |= {self._families[h.code] for h in hit.key.holders}
        sure = [hit for hit in more if len(by_place[hit.start, hit.end]) == 1]
        return [hit for hit in _apart([*hits, *sure]) if hit.how is not None]

    # Judging ----------------------------------------------------------------------------------

    def _judge(self, reading: "_Reading", hits: Sequence[_Hit], claimed: Collection[str]) -> Link:
        if not hits and not claimed:
            return NOWHERE
        cases = self._cases(reading, hits)
        self._score(reading, cases, hits)
        for code in claimed:
            cases.setdefault(code, _Case()).score += _STATED / len(claimed)
        ranked = sorted(cases.items(), key=lambda item: (-item[1].score, item[0]))
        total = sum(case.score for case in cases.values())
        candidates = tuple((code, case.score / total) for code, case in ranked[:_CANDIDATES])
        (best, case), *others = ranked
        family = self._families[best]
        rival = max(
            (
                other.score
                for code, other in others
                if self._families[code] != family or other.score > case.score * 0.999
            ),
            default=0.0,
        )
        sure = min(1.0, case.score / _CERTAIN) * case.score / (case.score + rival)
        plainest = case.best()[0] if case.hits else None
        mentions = tuple(
            Mention(hit.start - reading.start, hit.end - reading.start, how)
            for hit, _weight, how in case.hits
        )
        span = (plainest.start - reading.start, plainest.end - reading.start) if plainest else None
        if rival >= _RIVAL * case.score:
            return Link(None, sure, span, candidates, Reason.AMBIGUOUS, mentions)
        if case.score < _ENOUGH:
            return Link(None, sure, span, candidates, Reason.NOT_FOUND, mentions)
        reason = Reason.NAMED if case.hits else Reason.STATED
        return Link(best, sure, span, candidates, reason, mentions)

    def _cases(self, reading: "_Reading", hits: Sequence[_Hit]) -> dict[str, _Case]:
        cases: dict[str, _Case] = defaultdict(_Case)
        for hit in hits:
            holders = hit.key.holders
            if len(holders) > 1:
                # Of names that differ only in what is folded away, the one written is meant.
                said = reading.page.text[hit.start : hit.end]
                holders = tuple(h for h in holders if h.name == said) or holders
            for holder in holders:
                how = hit.how or holder.how
                cases[holder.code].hits.append((hit, hit.weight * holder.kept, how))
        return cases

    def _score(self, reading: "_Reading", cases: dict[str, _Case], hits: Sequence[_Hit]) -> None:
        title = reading.title
        first = next((hit for hit in hits if hit.weight > _CLEAR), None)
        for case in cases.values():
            above = max((w for hit, w, _how in case.hits if hit.start < title), default=0.0)
            below = max((w for hit, w, _how in case.hits if hit.start >= title), default=0.0)
            times = sum(weight > _FAIR for _hit, weight, _how in case.hits)
            case.score = _TITLE * above + _BODY * below
            case.score += _AGAIN * min(max(times - 1, 0), _MOST_AGAIN)
            if any(hit is first for hit, _weight, _how in case.hits):
                case.score += _FIRST * max(above, below)
            if not above and times == 1 and self._is_passing(case.best()[0]):
                case.score *= _PASSING
            if all(hit.is_loose for hit, _weight, _how in case.hits):
                case.score *= reading.doubt([hit.start for hit, _weight, _how in case.hits])
            if any(hit.is_inside for hit, _weight, _how in case.hits):
                case.score *= _ONCE_INSIDE
        self._credit_shorthand(cases)
        if self._names_a_stranger(reading, hits):
            for case in cases.values():
                if all(hit.start >= title for hit, _weight, _how in case.hits):
                    case.score *= _UNHEARD
        for code, case in cases.items():
            lies = sum(reading.says(place) for place in self._places.get(code, ()))
            case.score += _PLACED * lies

    @staticmethod
    def _is_passing(hit: _Hit) -> bool:
        """Whether a name that stands once, and not in the title, may only sound like an estate's:
        nothing says that it is one, and it is short enough to be something else."""
        return hit.call == Call.NOTHING and hit.key.tells < _SPEAKS_FOR_ITSELF

    @staticmethod
    def _credit_shorthand(cases: dict[str, _Case]) -> None:
        """Who has written a name once in full writes it short afterwards."""
        plain = sorted(
            ((case.best()[0].key.text, case) for case in cases.values()),
            key=lambda pair: len(pair[0]),
        )
        for number, (short, case) in enumerate(plain):
            for full, other in reversed(plain[number + 1 :]):
                if len(short) < len(full) and short in full and other.best()[1] >= _CLEAR:
                    other.score += _SHORTHAND * case.score
                    case.score *= 1 - _SHORTHAND
                    break

    @staticmethod
    def _names_a_stranger(reading: "_Reading", hits: Sequence[_Hit]) -> bool:
        """Whether the title names an estate that the register does not hold."""
        return any(
            not any(hit.start < end and start < hit.end and hit.weight > _FAIR for hit in hits)
            for start, end in reading.called(reading.title)
        )

    def _claimed(self, stated: str) -> Collection[str]:
        """Codes of the estate that a form names, by code or by name."""
        if not stated:
            return ()
        claim = signs(stated).strip()
        if claim in self._by_code:
            return (self._by_code[claim],)
        for text in (key_of(claim), taken_apart(claim).stem):
            if text in self._keys:
                return sorted({holder.code for holder in self._keys[text].holders})
        (hits,) = self._first_look(_Page([claim]))
        return sorted(
            {holder.code for hit in hits if hit.weight > _CLEAR for holder in hit.key.holders}
        )


_CALLS = {Need.HOME: Call.HOME, Need.KIND: Call.KIND}
_END = "\n"


class _Page:
    """Texts end to end as they were written, with width and case folded, and as names are compared,
    a line break before and after each. Offsets count from the beginning of the page."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.text = _END.join(["", *texts, ""])
        points = fold_points(code_points(self.text))
        self.folded = written(points)
        self.points = points_with_digits(points)
        self.seen = written(self.points)
        sizes = [len(text) + 1 for text in texts]
        self.rows = np.repeat(np.arange(-1, len(texts)), [1, *sizes])
        self.readings = [
            _Reading(self, start, end - 1) for start, end in pairwise(accumulate(sizes, initial=1))
        ]


class _Reading:
    """One text of a page; `title` is where its title ends."""

    __slots__ = ("_called", "end", "page", "start", "title")

    def __init__(self, page: _Page, start: int, end: int) -> None:
        self.page, self.start, self.end = page, start, end
        self.title = page.seen.find(_END, start, end)
        if self.title <= start:
            self.title = min(end, start + _OPENING)
        self._called: dict[int, list[tuple[int, int]]] = {}

    @property
    def folded(self) -> str:
        return self.page.folded

    @property
    def seen(self) -> str:
        return self.page.seen

    def says(self, word: str) -> bool:
        return self.seen.find(word, self.start, self.end) >= 0

    def doubt(self, starts: Sequence[int]) -> float:
        """What is left of a name that something unknown always stands before: little where that
        is always the same, for then it belongs to the name."""
        lefts = {self.seen[max(start - 2, self.start) : start] for start in starts}
        return _SAME_LOOSE if len(lefts) < len(starts) else _ALWAYS_LOOSE

    def called(self, end: int) -> list[tuple[int, int]]:
        end = min(end, self.end)
        if end not in self._called:
            self._called[end] = called(self.seen, self.start - 1, end)
        return self._called[end]


def _apart(hits: Iterable[_Hit]) -> list[_Hit]:
    """Of overlapping hits the one that fits best and reaches farthest."""
    taken: list[_Hit] = []
    for hit in sorted(hits, key=lambda one: (-one.weight * one.reach, one.start, -one.end)):
        if all(hit.end <= other.start or other.end <= hit.start for other in taken):
            taken.append(hit)
    return sorted(taken, key=lambda one: one.start)


def _ends_of(names: Collection[str], keys: Collection[str]) -> Counter[str]:
    """How many names end in each key without being it."""
    ends: Counter[str] = Counter()
    for name in names:
        ends.update(name[at:] for at in range(1, len(name) - 1) if name[at:] in keys)
    return ends
