"""Are neighbours' complaints of one matter put together, and strangers kept out?

The truth is one matter of the stream of 4,120 messages of one city: the mixing plant beside the
estate 丽发新城, from its first day in the stream to its last. A message tells of it where it names
the estate and speaks of the plant or of what it is made of (`PLANT`). Read one by one, these are 56
messages and all tell of the plant; of the 66 messages that name the estate, the other ten are about
its roads, its water, a bus, a market, a rubbish station and the like.

The whole stream is linked and read as it would be in the office, then put together; nothing is
picked beforehand. Two simpler rules stand beside: the same estate and kind of matter within seven
days, for four kinds only and for all.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from django.conf import settings

from complaints.tables import moment_in
from ml.classifier import ComplaintClassifier
from ml.cuts import cut_texts
from ml.incidents import Account, accounts, gather
from ml.linking import Gazetteer, Reason
from ml.repeats import SAME_TEXT, Statement, is_same_matter, statements
from ml.similarity import jaccard
from ml.train import joined, read_corpus
from tests import real_data

ESTATE = re.compile("丽发新城")
PLANT = re.compile("搅拌|水泥|沙石|砂石|粉尘|混凝土|混泥土")
_SHARED = frozenset({"lift", "utilities", "facilities", "fire_safety"})
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Told:
    """A message of the stream as the office knows it once it was linked and read."""

    key: int
    text: str
    on: date
    estate: str
    name: str
    matter: str
    is_sure: bool


def stream() -> list[tuple[str, date]]:
    """Texts and days, in the order of time."""
    moment = moment_in(ZoneInfo(settings.TIME_ZONE))
    rows = [(moment(row["time"]), joined(row["title"], row["text"]))
            for row in real_data.table("stream_2019")]  # fmt: skip
    return [(text, at.date()) for at, text in sorted(rows, key=lambda row: row[0])]


def the_plant(texts: Sequence[str]) -> frozenset[int]:
    return frozenset(
        key for key, text in enumerate(texts) if ESTATE.search(text) and PLANT.search(text)
    )


def known(messages: Sequence[tuple[str, date]]) -> list[Told]:
    """The messages that concern an estate of the register, surely or as its only candidate."""
    texts = [text for text, _on in messages]
    names = [
        (f"R{number}", name)
        for number, name in enumerate(dict.fromkeys(real_data.estate_names("estates_changsha.txt")))
    ]
    called = dict(names)
    corpus = read_corpus(Path(settings.FIXTURES_DIR) / "corpus")
    model = ComplaintClassifier().fit(corpus.texts, corpus.labels)
    matters = model.predict(cut_texts(texts)).tolist()
    told = []
    for key, link in enumerate(Gazetteer(names).link_many(texts)):
        only = link.reason == Reason.NOT_FOUND and len(link.candidates) == 1
        code = link.code or (link.candidates[0][0] if only else None)
        if code is not None:
            told.append(Told(key, texts[key], messages[key][1], code, called[code],
                             matters[key], link.code is not None))  # fmt: skip
    return told


def put_together(told: Sequence[Told]) -> dict[int, int]:
    """Key of a message -> number of its incident, by what is said."""
    read = accounts([(o.key, o.text, o.on, o.matter, (o.name,), o.is_sure) for o in told])
    by_estate: dict[str, list[Account]] = defaultdict(list)
    for one, said in zip(told, read, strict=True):
        by_estate[one.estate].append(said)
    found = [gather(mine) for mine in by_estate.values()]
    numbers = {id(bundle): n for n, bundle in enumerate(b for g in found for b in g.bundles)}
    return {
        key: numbers[id(bundle)] for each in found for key, (bundle, _why) in each.places.items()
    }


def by_kind_and_week(told: Sequence[Told], kinds: frozenset[str] | None) -> dict[int, int]:
    """The simpler rule: one estate, one kind of matter, no week without a complaint."""
    newest: dict[tuple[str, str], tuple[date, int]] = {}
    found: dict[int, int] = {}
    for number, one in enumerate(told):
        if not one.is_sure or (kinds is not None and one.matter not in kinds):
            continue
        last, incident = newest.get((one.estate, one.matter), (date.min, 0))
        incident = incident if last > date.min and one.on - last <= _WEEK else number
        newest[one.estate, one.matter] = one.on, incident
        found[one.key] = incident
    return found


def judged(label: str, found: dict[int, int], truth: frozenset[int]) -> str:
    """How much of the plant's matter is in its largest incident, and how much else."""
    sizes = Counter(found.values())
    ours = Counter(found[key] for key in truth if key in found)
    largest, hits = ours.most_common(1)[0] if ours else (None, 0)
    strangers = (sizes[largest] - hits) if largest is not None else 0
    many = [size for size in sizes.values() if size > 1]
    return (
        f"incidents, {label}: {hits} of {len(truth)} messages on one plant in one incident "
        f"({hits / len(truth):.1%}), strangers {strangers / max(1, hits + strangers):.1%}; "
        f"{len(many)} incidents of two and more hold {sum(many)} messages, "
        f"the largest {sorted(many, reverse=True)[:6]}"
    )


def seconds(action: Callable[[], object]) -> float:
    started = perf_counter()
    action()
    return perf_counter() - started


PAIRS = 20_000


def taken_for_repeats() -> str:
    """How many pairs of texts of one kind, each about a thing of its own, would be taken for one
    matter if one person had written both about one estate."""
    corpus = read_corpus(Path(settings.FIXTURES_DIR) / "corpus")
    by_kind: dict[str, list[Statement]] = defaultdict(list)
    for one in statements([(text, kind, ()) for text, kind in
                           zip(corpus.texts, corpus.labels, strict=True)]):  # fmt: skip
        by_kind[one.matter].append(one)
    chance = random.Random(1)
    pairs = [chance.sample(by_kind[kind], 2) for kind in sorted(by_kind)
             for _again in range(PAIRS // len(by_kind))]  # fmt: skip
    same = sum(is_same_matter(one, other, is_same_estate=True) for one, other in pairs)
    before = sum(jaccard(one.shingles, other.shingles) >= SAME_TEXT for one, other in pairs)
    return (
        f"repeats: of {len(pairs)} pairs of one kind about different things "
        f"{same / len(pairs):.1%} would be joined "
        f"(by common trigrams alone {before / len(pairs):.1%})"
    )


def measure() -> Iterator[str]:
    yield taken_for_repeats()
    messages = stream()
    truth = the_plant([text for text, _on in messages])
    told = known(messages)
    yield judged("four kinds within a week", by_kind_and_week(told, _SHARED), truth)
    yield judged("one kind within a week", by_kind_and_week(told, None), truth)
    found = put_together(told)
    yield judged("by what is said", found, truth)
    took = min(seconds(lambda: put_together(told)) for _again in range(3))
    yield (
        f"incidents: {len(told)} of {len(messages)} messages concern an estate of the register; "
        f"put together in {took:.2f} s"
    )
