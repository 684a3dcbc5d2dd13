"""What ships as data is whole: the demo city's references."""

import csv
from pathlib import Path

import pytest
from django.conf import settings

FIXTURES = settings.FIXTURES_DIR


def _rows(path: Path) -> list[dict]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("channel", ["hotline", "petition", "community_qa", "web"])
def test_demo_complaints_use_only_numbers_nobody_has(channel):
    path = FIXTURES / "demo_city" / f"complaints_{channel}.csv"
    for row in _rows(path):
        assert row["电话"] == "" or row["电话"].startswith("1990000")
