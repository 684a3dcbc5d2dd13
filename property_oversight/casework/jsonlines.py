"""Texts in JSON lines: {"id", "title", "text"}."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from complaints.tables import Refusal, UnreadableFile

CHUNK = 1000
T = TypeVar("T")


@dataclass(frozen=True)
class TextRow:
    """One text to read, with the id its sender knows it by."""

    id: Any
    title: str
    text: str
    stated_estate: str


def read_texts(path: Path) -> tuple[list[TextRow], list[Refusal]]:
    """The good lines and the refused ones. Raises UnreadableFile."""
    rows, refusals = [], []
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                row = _row(line)
                if isinstance(row, str):
                    refusals.append(Refusal(path.name, number, "", row))
                else:
                    rows.append(row)
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path.name} 不是 UTF-8 编码的文本") from error
    return rows, refusals


def _row(line: str) -> TextRow | str:
    """The row, or why there is none."""
    try:
        said = json.loads(line)
    except ValueError:
        return "不是有效的 JSON"
    if not isinstance(said, dict) or not isinstance(said.get("text"), str):
        return "应为含 text 的 JSON 对象"
    return TextRow(
        said.get("id"),
        str(said.get("title") or ""),
        said["text"],
        str(said.get("stated_estate") or ""),
    )


def chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`rows` in pieces of `size`."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
