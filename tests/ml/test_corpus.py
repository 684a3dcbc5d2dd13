"""The corpus that the starter model learns from: enough of each code, true spans, no twins."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from django.conf import settings

from ml.similarity import jaccard, shingles
from ml.text import bare
from ml.train import joined
from tests import real_data

FOLDER = Path(settings.FIXTURES_DIR) / "corpus"
VOICES = {"owner", "letter", "netizen", "enquiry", "wechat", "group", "hotline", "elder"}
LEAST = 6000
LEAST_A_CODE = defaultdict(lambda: 150, other_matter=200, housing_development=200)
TWINS = 0.7


@pytest.fixture(scope="module")
def rows():
    return [
        json.loads(line) | {"file": path.stem}
        for path in sorted(FOLDER.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_there_are_enough_of_each_code(rows):
    counts = Counter(row["primary"] for row in rows)
    assert len(rows) >= LEAST
    assert all(count >= LEAST_A_CODE[code] for code, count in counts.items())
    assert len({row["id"] for row in rows}) == len(rows)


def test_lengths_and_voices_are_as_in_an_inbox(rows):
    lengths = sorted(len(row["text"]) for row in rows)
    assert lengths[0] <= 12
    assert lengths[-1] >= 1500
    assert sum(length > 300 for length in lengths) > len(rows) / 4
    voices = Counter(row["voice"] for row in rows)
    assert set(voices) == VOICES
    assert min(voices.values()) > 300


def test_rows_are_whole(rows):
    lines = (settings.FIXTURES_DIR / "categories.csv").read_text(encoding="utf-8").splitlines()
    codes = {row["代码"] for row in csv.DictReader(lines)}
    keys = {"id", "title", "text", "primary", "secondary", "danger", "danger_spans", "estate",
            "company", "voice"}  # fmt: skip
    assert {row["primary"] for row in rows} == codes
    for row in rows:
        assert set(row) - {"file"} == keys, row["id"]
        assert {row["primary"], *row["secondary"]} <= codes, row["id"]
        assert row["id"].rpartition("-")[0] == row["file"] == row["primary"]


def test_what_is_marked_stands_in_the_text(rows):
    for row in rows:
        whole = f"{row['title']}\n{row['text']}"
        for words in (row["estate"], row["company"], *row["danger_spans"]):
            assert words is None or (words and words in whole), row["id"]
        assert row["danger"] == bool(row["danger_spans"]), row["id"]
        assert len(row["secondary"]) <= 2
        assert row["primary"] not in row["secondary"]


def test_nothing_stands_there_twice(rows):
    assert len({bare(joined(row["title"], row["text"])) for row in rows}) == len(rows)


def test_no_two_texts_are_twins(rows):
    assert _twins([row["text"] for row in rows], TWINS) == []


@pytest.mark.skipif(not real_data.is_there(), reason=real_data.ABSENT)
def test_no_text_is_taken_from_a_real_message(rows):
    tables = ("gov_messages_7class", "stream_2019", "messages_with_replies")
    real = [row["text"] for row in real_data.labelled()]
    real += [row["text"] for name in tables for row in real_data.table(name)]
    parts = {part for text in real for part in _sentences(text)}
    taken = [row["id"] for row in rows if parts & set(_sentences(row["text"]))]
    assert taken == []


def _sentences(text: str) -> list[str]:
    """Sentences long enough that two people do not write the same by chance."""
    for sign in "！？；\n":
        text = text.replace(sign, "。")
    return [part.strip() for part in text.split("。") if len(part.strip()) >= 20]


def _twins(texts: list[str], alike: float) -> list[tuple[int, int, float]]:
    """Pairs with a Jaccard similarity of trigrams of at least `alike`, found through the rarest
    shingles of each: so alike they must share one of them (prefix filtering, Chaudhuri 2006)."""
    sets = [shingles(text) for text in texts]
    common = Counter(shingle for one in sets for shingle in one)
    seen = defaultdict(list)
    twins = []
    for i, one in enumerate(sets):
        rarest = sorted(one, key=lambda shingle: (common[shingle], shingle))
        prefix = rarest[: len(one) - int(alike * len(one)) + 1]
        near = sorted({j for shingle in prefix for j in seen[shingle]})
        twins += [(j, i, found) for j in near if (found := jaccard(one, sets[j])) >= alike]
        for shingle in prefix:
            seen[shingle].append(i)
    return twins
