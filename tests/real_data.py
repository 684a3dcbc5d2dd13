"""Real messages and estate names to measure with.

They are public but carry no licence, so they lie outside the repository: in the folder that
REAL_DATA names, or in shared/data beside the checkout. Nothing is ever trained on them but where a
measure says so.
"""

import csv
import json
import lzma
import os
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(os.environ.get("REAL_DATA") or settings.BASE_DIR.parent / "shared" / "data")
ABSENT = "the real messages are absent (REAL_DATA names no folder that holds them)"


def is_there() -> bool:
    return FOLDER.is_dir()


def labelled() -> list[dict[str, Any]]:
    """The messages about estates that two annotators have read."""
    lines = (FOLDER / "property_dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def table(name: str) -> list[dict[str, str]]:
    """The rows of a packed table."""
    csv.field_size_limit(2**31 - 1)
    with lzma.open(FOLDER / f"{name}.csv.xz", "rt", encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def estate_names(file: str) -> list[str]:
    """A list of estate names, with the province coded as it is in the messages."""
    path = FOLDER / file
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [line.strip().replace("湘", "楚") for line in lines if line.strip()]
