"""Which of the complaints about one estate are one matter, and why.

Accounts come in the order of time. Each joins the bundle whose words it shares most, where it
shares enough of them, or begins one. An account that belongs to two bundles shows that they may be
one. What was once put together stays; only new accounts are placed, so that a second run, and a
run day by day, give the same bundles.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from ml.places import buildings_of
from ml.similarity import Words, length_of, shared, words_of
from ml.text import fold
from ml.weights import known

# Of texts of one kind about different estates fewer than one pair in a hundred is so alike.
SAME_KIND = 0.20
OTHER_KIND = 0.25
"""Likeness that is needed where the accounts were read as different kinds of matter."""
AT_ONCE = {"lift": 0.0, "utilities": 0.08}
"""Likeness that is enough for what breaks suddenly, all within a week. Of one lift that stands
still one neighbour tells of his legs, another of her groceries, and they share no word; that two
lifts of the buildings spoken of broke in one week is the rarer case."""
NOT_SURE = 0.30
"""Likeness that is needed where it is not sure that this estate is meant."""
ONE_MATTER = 0.30
"""Likeness from which two bundles that one account belongs to are one."""

WITHOUT_IT = 0.05
"""Likeness that must be left without the weightiest common word where that is not of the trade: it
may be a name, and two complaints that name the same man need not be one matter."""

# What happens in one building; two buildings have two lifts, but one power cut.
IN_ONE_BUILDING = frozenset({
    "lift", "leak_repair", "facilities", "cleaning", "noise_fumes", "illegal_structure",
    "decoration", "fire_safety",
})  # fmt: skip
# What breaks, is mended, and breaks again: the second time is another incident.
SUDDEN = frozenset(AT_ONCE)
WEEK = 7
PATIENCE, PATIENCE_SUDDEN = 45, 14
"""Days after the last account for which a bundle waits for another."""

_MOST_WORDS = 400
_REASONS = 8


@dataclass(frozen=True)
class Account:
    """What one complaint tells. `matter`: code of the kind it was read as."""

    key: int
    words: Words
    on: date
    matter: str
    buildings: frozenset[str] = frozenset()
    is_sure: bool = True


def accounts(
    told: Sequence[tuple[int, str, date, str, Iterable[str], bool]],
) -> list[Account]:
    """Read many at once: key, text, day, kind of matter, names of the estate, whether it is sure
    that this estate is meant."""
    words = words_of([one[1] for one in told], [one[4] for one in told])
    return [
        Account(key, said, on, matter, buildings_of(fold(text)), is_sure)
        for (key, text, on, matter, _names, is_sure), said in zip(told, words, strict=True)
    ]


class Why(NamedTuple):
    """Why an account belongs to a bundle. `words`: the shared words, each with its part of the
    likeness; `days`: how far it is from the bundle's nearest day."""

    likeness: float
    words: tuple[tuple[str, float], ...]
    days: int
    is_same_kind: bool


@dataclass(eq=False)
class Bundle:
    """Accounts that are one matter. `words` are the sums of the accounts' words; `said` counts in
    how many accounts each stands."""

    key: int | None = None
    words: dict[str, float] = field(default_factory=dict)
    said: Counter[str] = field(default_factory=Counter)
    matters: Counter[str] = field(default_factory=Counter)
    buildings: Counter[str] = field(default_factory=Counter)
    with_building: int = 0
    size: int = 0
    first_on: date = date.max
    last_on: date = date.min
    is_apart: bool = False
    """A person has parted it from another: no likeness brings them together again."""

    @property
    def matter(self) -> str:
        """The kind most accounts were read as; of several the first in the alphabet."""
        return min(self.matters, key=lambda code: (-self.matters[code], code))

    def add(self, one: Account) -> None:
        _sum(self.words, one.words)
        self.said.update(one.words.keys())
        self.matters[one.matter] += 1
        self.buildings.update(one.buildings)
        self.with_building += bool(one.buildings)
        self.size += 1
        self._reach(one.on, one.on)

    def absorb(self, other: "Bundle") -> None:
        _sum(self.words, other.words)
        for mine, theirs in ((self.said, other.said), (self.matters, other.matters),
                             (self.buildings, other.buildings)):  # fmt: skip
            mine.update(theirs)
        self.with_building += other.with_building
        self.size += other.size
        self._reach(other.first_on, other.last_on)

    def _reach(self, first: date, last: date) -> None:
        self.first_on, self.last_on = min(self.first_on, first), max(self.last_on, last)

    def reasons_for(self, one: Account) -> Why | None:
        """Why `one` belongs here, None where it does not."""
        days = max((one.on - self.last_on).days, (self.first_on - one.on).days, 0)
        if days > patience(one.matter, self.matter) or self._is_elsewhere(one):
            return None
        common = shared(one.words, self.words)
        inner = sum(common.values())
        likeness = inner / length_of(self.words) if inner else 0.0
        is_same = 2 * self.matters[one.matter] >= self.size
        if likeness < _needed(one, is_same=is_same, days=days):
            return None
        top = sorted(common.items(), key=lambda item: (-item[1], item[0]))[:_REASONS]
        if top and top[0][0] not in known() and self._rest(one, top[0][0], inner) < WITHOUT_IT:
            return None
        words = tuple((word, round(part / inner, 4)) for word, part in top)
        return Why(round(min(1.0, likeness), 4), words, days, is_same)

    def _rest(self, one: Account, word: str, inner: float) -> float:
        """How like `one` would be if nobody had said `word`."""
        mine, theirs = one.words[word], self.words[word]
        left = max(0.0, 1 - mine**2) * max(0.0, length_of(self.words) ** 2 - theirs**2)
        return (inner - mine * theirs) / math.sqrt(left) if left > 0 else 1.0

    def _is_elsewhere(self, one: Account) -> bool:
        """Whether it is about another building than most accounts here."""
        return (
            bool(one.buildings)
            and self._is_bound(one.matter)
            and (one.buildings.isdisjoint(self.buildings))
        )

    def _is_bound(self, matter: str) -> bool:
        """Whether it is of a kind that happens in one building, and most accounts name theirs."""
        kinds = {matter, self.matter}
        return IN_ONE_BUILDING.issuperset(kinds) and 2 * self.with_building >= self.size

    def is_like(self, other: "Bundle") -> bool:
        """Whether the two are one matter."""
        if self.is_apart or other.is_apart:
            return False
        bound = self._is_bound(other.matter) and other._is_bound(self.matter)
        if bound and self.buildings and self.buildings.keys().isdisjoint(other.buildings):
            return False
        lengths = length_of(self.words) * length_of(other.words)
        return sum(shared(self.words, other.words).values()) >= ONE_MATTER * lengths > 0

    def kept(self) -> dict[str, Any]:
        """What `Bundle.of` needs to go on with it later, fit for JSON."""
        top = sorted(self.words, key=lambda word: (-self.words[word], word))[:_MOST_WORDS]
        return {
            "words": {word: [round(self.words[word], 5), self.said[word]] for word in top},
            "matters": dict(self.matters),
            "buildings": dict(self.buildings),
            "with_building": self.with_building,
            "size": self.size,
        }

    @classmethod
    def of(
        cls, key: int, kept: Mapping[str, Any], first_on: date, last_on: date, *, is_apart: bool
    ) -> "Bundle":
        return cls(
            key=key,
            words={word: weight for word, (weight, _said) in kept["words"].items()},
            said=Counter({word: said for word, (_weight, said) in kept["words"].items()}),
            matters=Counter(kept["matters"]),
            buildings=Counter(kept["buildings"]),
            with_building=kept["with_building"],
            size=kept["size"],
            first_on=first_on,
            last_on=last_on,
            is_apart=is_apart,
        )


def _needed(one: Account, *, is_same: bool, days: int) -> float:
    if not one.is_sure:
        return NOT_SURE
    if not is_same:
        return OTHER_KIND
    return AT_ONCE.get(one.matter, SAME_KIND) if days <= WEEK else SAME_KIND


def _sum(mine: dict[str, float], theirs: Words) -> None:
    for word, weight in theirs.items():
        mine[word] = mine.get(word, 0.0) + weight


def patience(*matters: str) -> int:
    """Days for which a matter of these kinds waits for another account."""
    return PATIENCE_SUDDEN if SUDDEN.issuperset(matters) else PATIENCE


@dataclass
class Gathering:
    """What became of the accounts of one estate."""

    bundles: list[Bundle]
    places: dict[int, tuple[Bundle, Why | None]]
    """Key of an account -> its bundle, and why; no reason where it began the bundle. An account
    that is not sure to mean this estate begins none and is missing."""
    absorbed: list[tuple[Bundle, Bundle]]
    """Bundles that turned out to be part of another: the part, the whole."""


def gather(accounts: Iterable[Account], bundles: Iterable[Bundle] = ()) -> Gathering:
    """Place the accounts of one estate among its `bundles`, which are changed."""
    result = Gathering(sorted(bundles, key=_age), {}, [])
    for one in sorted(accounts, key=lambda one: (one.on, one.key)):
        fits = [
            (why, bundle)
            for bundle in result.bundles
            if (why := bundle.reasons_for(one)) is not None
        ]
        if not fits:
            if one.is_sure:
                begun = Bundle()
                begun.add(one)
                result.bundles.append(begun)
                result.places[one.key] = begun, None
            continue
        why, best = max(fits, key=lambda fit: fit[0].likeness)
        best.add(one)
        result.places[one.key] = best, why
        if one.is_sure:
            others = [bundle for _why, bundle in fits if bundle is not best]
            _bring_together(best, others, result)
    return result


def _age(bundle: Bundle) -> tuple[date, int]:
    return bundle.first_on, bundle.key or 0


def _bring_together(best: Bundle, others: Sequence[Bundle], result: Gathering) -> None:
    """Make one of the bundles that an account belongs to, where they are alike themselves."""
    for other in others:
        if not best.is_like(other):
            continue
        # What has a name already keeps it, then the elder.
        whole, part = sorted((best, other), key=lambda one: (one.key is None, *_age(one)))
        whole.absorb(part)
        result.bundles.remove(part)
        result.absorbed.append((part, whole))
        for key, (bundle, why) in result.places.items():
            if bundle is part:
                result.places[key] = whole, why
        best = whole
