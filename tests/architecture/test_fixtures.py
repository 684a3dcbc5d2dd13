"""What ships as data is whole: the corpus labels, spans and codes, the demo city's references."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from ml.text import bare
from ml.train import joined

FIXTURES = settings.FIXTURES_DIR


def _rows(path: Path) -> list[dict]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


CATEGORIES = {row["代码"] for row in _rows(FIXTURES / "categories.csv")}
CORPUS = [
    (path.name, json.loads(line))
    for path in sorted((FIXTURES / "corpus").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.strip()
]


def test_corpus_has_every_code():
    assert {row["primary"] for _file, row in CORPUS} == CATEGORIES
    assert min(Counter(row["primary"] for _file, row in CORPUS).values()) >= 35


def test_corpus_rows_are_whole():
    keys = {"id", "title", "text", "primary", "secondary", "danger", "estate", "company", "voice"}
    for file, row in CORPUS:
        assert set(row) == keys, row["id"]
        assert {row["primary"], *row["secondary"]} <= CATEGORIES, row["id"]
        assert row["primary"] not in row["secondary"], row["id"]
        assert isinstance(row["danger"], bool), row["id"]
        assert f"{row['primary']}.jsonl" == file, row["id"]
        whole = joined(row["title"], row["text"])
        for name in ("estate", "company"):
            assert row[name] is None or row[name] in whole, row["id"]


def test_corpus_repeats_nothing():
    assert len({row["id"] for _file, row in CORPUS}) == len(CORPUS)
    assert len({bare(joined(row["title"], row["text"])) for _file, row in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("channel", ["hotline", "petition", "community_qa", "web"])
def test_demo_complaints_use_only_numbers_nobody_has(channel):
    path = FIXTURES / "demo_city" / f"complaints_{channel}.csv"
    for row in _rows(path):
        assert row["电话"] == "" or row["电话"].startswith("1990000")
