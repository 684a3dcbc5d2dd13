"""Right and wrong links on real messages, against registers that hold look-alikes by the thousand.

The messages and the lists are those of tests/real_data.py.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from django.conf import settings

from ml.linking import Gazetteer
from ml.train import joined
from tests import real_data

SEEDS = (1, 2, 3, 4, 5)
LENGTH = 350

# Written for judging alone, so that a fault in the linker's own idea of a suffix is not excused:
# what is in brackets, phases and parts, then what says only that it is an estate.
_ASIDE = re.compile(r"[(（【].*?[)）】]|[\s·•▪]")
_PART = re.compile(
    r"(?:第?[一二三四五六七八九十\d]+(?:、?[一二三四五六七八九十\d])*[期区栋]|[a-zA-Z东西南北中][区组]团?)$"
)
_KIND = re.compile(r"(?:(?:居民|住宅|安置)?(?:小区|社区)|安置)$")

_DEVELOPER = re.compile("^(?:万科|保利|恒大|中海|绿地|金科|世茂|中建|碧桂园|鑫远)")


@dataclass(frozen=True)
class Message:
    whole: str
    spellings: frozenset[str]  # empty where no estate is named


@dataclass(frozen=True)
class Tally:
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    def recall(self, named: int) -> float:
        return self.right / max(named, 1)


def read_messages() -> list[Message]:
    """The labelled messages; those on which the annotators differed are left out."""
    return [
        Message(joined(row["title"], row["text"]), frozenset(row["estate"]))
        for row in real_data.labelled()
        if row["estate"] is not None
    ]


def estates_of(messages: Iterable[Message]) -> list[frozenset[str]]:
    """All acceptable spellings of each distinct estate: messages that share one speak of one."""
    estates: list[frozenset[str]] = []
    for message in messages:
        if not message.spellings:
            continue
        same = [estate for estate in estates if estate & message.spellings]
        estates = [estate for estate in estates if estate not in same]
        estates.append(message.spellings.union(*same))
    return sorted(estates, key=sorted)


def bare_name(name: str) -> str:
    """`name` up to suffix: two names that are alike here are taken for one estate."""
    left = _ASIDE.sub("", name).lower()
    for pattern in (_PART, _KIND, _PART):
        shorter = pattern.sub("", left)
        left = shorter if len(shorter) > 1 else left
    return left


def unbranded(name: str) -> str:
    """`bare_name` without the developer before it: what must go when an estate is taken out."""
    bare = bare_name(name)
    left = _DEVELOPER.sub("", bare)
    return left if len(left) > 2 else bare


def longest(spellings: Iterable[str]) -> str:
    return max(sorted(spellings), key=len)


def shortest(spellings: Iterable[str]) -> str:
    return min(sorted(spellings), key=len)


def turned(spellings: Iterable[str]) -> str:
    """A spelling that nobody wrote: 小区 taken off where it stood, put on where it did not."""
    name = shortest(spellings)
    short = name.removesuffix("小区")
    return short if len(short) > 1 and short != name else f"{name}小区"


CANONICAL = {"longest": longest, "shortest": shortest, "turned": turned}


def register(estates: Iterable[str], lists: Iterable[str]) -> list[tuple[str, str]]:
    """Codes and names, equal names once."""
    return [(f"R{number}", name) for number, name in enumerate(dict.fromkeys([*estates, *lists]))]


def tally(
    gazetteer: Gazetteer, names: Sequence[tuple[str, str]], messages: Sequence[Message]
) -> Tally:
    """A link is right where the register's name is an acceptable spelling up to suffix: the lists
    hold some of the same estates in another spelling, and to name one of those is no mistake."""
    bare = {code: bare_name(name) for code, name in names}
    right = wrong = missed = 0
    for message, link in zip(
        messages, gazetteer.link_many([one.whole for one in messages]), strict=True
    ):
        if link.code is None:
            missed += bool(message.spellings)
        elif bare[link.code] in {bare_name(spelling) for spelling in message.spellings}:
            right += 1
        else:
            wrong += 1
    return Tally(right, wrong, missed)


def measure() -> Iterator[str]:
    messages = read_messages()
    city = real_data.estate_names("estates_changsha.txt")
    nation = real_data.estate_names("estates_national.txt.xz")
    for label, lists in (("1,500", city), ("86,000", [*city, *nation])):
        yield from _choices(label, messages, lists)
        yield from _taken_out(label, messages, lists)
        yield _cost(label, messages, lists)
    yield _on_corpus()


def _on_corpus() -> str:
    """Our own texts, which name their estate once and late more often than real messages do; the
    register holds their estates alone, and a namesake counts as the estate."""
    rows = [
        json.loads(line)
        for path in sorted((settings.FIXTURES_DIR / "corpus").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    register_of = {bare_name(row["estate"]): row["estate"] for row in rows if row["estate"]}
    links = Gazetteer(register_of.items()).link_many(
        [joined(row["title"], row["text"]) for row in rows]
    )
    named = sum(bool(row["estate"]) for row in rows)
    linked = [(row, link.code) for row, link in zip(rows, links, strict=True) if link.code]
    right = sum(bool(row["estate"]) and bare_name(row["estate"]) == code for row, code in linked)
    return (
        f"linking the corpus, {len(register_of)} names: precision {right / len(linked):.3f}, "
        f"recall {right / named:.3f}"
    )


def _choices(label: str, messages: list[Message], lists: list[str]) -> Iterator[str]:
    """How the register spells its names must not matter."""
    named = sum(bool(message.spellings) for message in messages)
    for choice, canonical in CANONICAL.items():
        names = register(map(canonical, estates_of(messages)), lists)
        result = tally(Gazetteer(names), names, messages)
        yield (
            f"linking, {label}, {choice} spelling: precision {result.precision:.3f}, "
            f"recall {result.recall(named):.3f} "
            f"({result.right} right, {result.wrong} wrong, {result.missed} missed)"
        )


def _taken_out(label: str, messages: list[Message], lists: list[str]) -> Iterator[str]:
    """A fifth of the true estates is not in the register: whom do their messages go to?"""
    estates = estates_of(messages)
    for seed in SEEDS:
        out = random.Random(seed).sample(estates, len(estates) // 5)
        gone = {unbranded(spelling) for estate in out for spelling in estate}
        names = register(
            [longest(estate) for estate in estates if estate not in out],
            [name for name in lists if unbranded(name) not in gone],
        )
        orphans = [one for one in messages if any(one.spellings & estate for estate in out)]
        result = tally(Gazetteer(names), names, orphans)
        yield (
            f"linking, {label}, a fifth taken out (seed {seed}): "
            f"{(result.wrong + result.right) / len(orphans):.1%} of {len(orphans)} messages linked"
        )


def _cost(label: str, messages: list[Message], lists: list[str]) -> str:
    names = register(map(longest, estates_of(messages)), lists)
    started = perf_counter()
    gazetteer = Gazetteer(names)
    built = perf_counter() - started
    texts = [message.whole[:LENGTH] for message in messages if len(message.whole) >= LENGTH]
    started = perf_counter()
    gazetteer.link_many(texts)
    each = (perf_counter() - started) / len(texts)
    return (
        f"linking, {label}: {len(names)} names built in {built:.2f} s, "
        f"{each * 1000:.3f} ms a message of {LENGTH} characters"
    )
