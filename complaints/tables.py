"""Read what offices send: CSV in the encodings of their machines, or a spreadsheet. Pure.

Every refusal names file, row, column and reason; the rest of the file goes in.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from python_calamine import CalamineError, CalamineWorkbook

LONGEST_CELL = 100_000
_SPREADSHEETS = {".xlsx", ".xlsm", ".xls", ".ods"}
_EARLIEST, _LATEST = 1990, 2100
# Day 0 of a spreadsheet's calendar, set so that its missing 29 February 1900 does no harm.
_SPREADSHEET_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zone

T = TypeVar("T")


class UnreadableFile(Exception):
    """Nothing of the file can be used; the message says why, in Chinese."""


class BadCell(ValueError):
    """A cell that cannot be what its column holds; the message says why, in Chinese."""


class Refusal(NamedTuple):
    """A row that stays out. `row` counts as the office's program shows it, the header being 1."""

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        column = f"“{self.column}”" if self.column else ""
        return f"{self.file} 第 {self.row} 行{column}：{self.reason}"


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column by its English and its Chinese name, and what its cells hold."""

    name: str
    chinese: str
    read: Callable[[str], T]
    required: bool = False


@dataclass
class Table:
    """The good rows with their numbers, the refused ones, and the columns nobody asked for."""

    file: str
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def refuse(self, row: int, column: str, reason: str) -> None:
        self.refusals.append(Refusal(self.file, row, column, reason))


def read_table(path: Path, columns: Sequence[Column[Any]], *, sheet: str | None = None) -> Table:
    """Read the file, or one sheet of a workbook. Raises UnreadableFile."""
    lines = _lines(path, sheet)
    header = next(lines, None)
    if header is None:
        raise UnreadableFile(f"{path.name} 是空文件")
    table = Table(f"{path.name}/{sheet}" if sheet else path.name)
    wanted = {name: column for column in columns for name in (column.name, column.chinese)}
    places: dict[int, Column[Any]] = {}
    for place, cell in enumerate(header[1]):
        name = cell.strip().rstrip("*").strip()
        if name in wanted and wanted[name] not in places.values():
            places[place] = wanted[name]
        elif name:
            table.unknown.append(name)
    missing = [
        f"{column.chinese}（{column.name}）"
        for column in columns
        if column.required and column not in places.values()
    ]
    if missing:
        raise UnreadableFile(f"{table.file} 缺少列：{'、'.join(missing)}")
    for number, cells in lines:
        if any(cell.strip() for cell in cells):
            _read_row(table, number, cells, places)
    return table


def sheets(path: Path) -> list[str]:
    """The names of a workbook's sheets. Raises UnreadableFile."""
    return list(_workbook(path).sheet_names)


def _read_row(table: Table, number: int, cells: list[str], places: dict[int, Column[Any]]) -> None:
    values: dict[str, Any] = {}
    for place, column in places.items():
        cell = cells[place].strip() if place < len(cells) else ""
        if len(cell) > LONGEST_CELL:
            table.refuse(number, column.chinese, f"内容过长（{len(cell)} 字，最多 {LONGEST_CELL}）")
            return
        if "\x00" in cell:
            table.refuse(number, column.chinese, "含有无法保存的字符")
            return
        if not cell and column.required:
            table.refuse(number, column.chinese, "不能为空")
            return
        try:
            values[column.name] = column.read(cell)
        except BadCell as bad:
            table.refuse(number, column.chinese, f"{bad}：{cell[:40]}")
            return
    table.rows.append((number, values))


def _lines(path: Path, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    if path.suffix.lower() in _SPREADSHEETS:
        yield from _spreadsheet_lines(path, sheet)
        return
    csv.field_size_limit(2**31 - 1)
    # Strict: a quote that is never closed would swallow the rows after it without a word.
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    try:
        # Rows, not lines: a cell may hold line breaks, and an office counts rows.
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise UnreadableFile(
            f"{path.name} 第 {reader.line_num} 行不是有效的 CSV（引号不配对）：{error}"
        ) from error


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFile(f"没有文件 {path}") from error
    except OSError as error:
        raise UnreadableFile(f"{path.name} 无法打开：{error.strerror}") from error
    # Who marks a file as UTF-8 means it: broken, it must not be read as something else.
    marked = raw.startswith(codecs.BOM_UTF8)
    for encoding in ("utf-8-sig",) if marked else ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"{path.name} 的编码无法识别，请另存为 UTF-8 或 GB18030 的 CSV")


def _workbook(path: Path) -> CalamineWorkbook:
    if not path.exists():
        raise UnreadableFile(f"没有文件 {path}")
    try:
        workbook = CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        raise UnreadableFile(f"{path.name} 不是可以读取的表格文件") from error
    if not workbook.sheet_names:
        raise UnreadableFile(f"{path.name} 中没有工作表")
    return workbook


def _spreadsheet_lines(path: Path, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    workbook = _workbook(path)
    name = sheet or workbook.sheet_names[0]
    try:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise UnreadableFile(f"{path.name} 的工作表“{name}”无法读取") from error
    for number, cells in enumerate(rows, 1):
        yield number, [_as_text(cell) for cell in cells]


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


# What cells hold ---------------------------------------------------------------------------------


def text(cell: str) -> str:
    return cell


def texts(cell: str) -> list[str]:
    """Several in one cell, parted by ; or ；."""
    return [part.strip() for part in re.split(r"[;；]", cell) if part.strip()]


def whole_number(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d{1,9}", cell):
        raise BadCell("应为不小于 0 的整数")
    return int(cell)


def number(cell: str) -> float | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", cell):
        raise BadCell("应为不小于 0 的数")
    return float(cell)


def yes_no(cell: str) -> bool | None:
    if not cell:
        return None
    said = cell.lower()
    if said in {"是", "有", "1", "true", "yes", "y"}:
        return True
    if said in {"否", "无", "0", "false", "no", "n"}:
        return False
    raise BadCell("应为 是 或 否")


_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)


def moment_in(zone: tzinfo) -> Callable[[str], datetime | None]:
    """Reads an instant; one without a zone is meant in `zone`."""

    def moment(cell: str) -> datetime | None:
        if not cell:
            return None
        found = _parsed(cell)
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)

    return moment


def day(cell: str) -> date | None:
    return _parsed(cell).date() if cell else None


def _parsed(cell: str) -> datetime:
    if re.fullmatch(r"\d{5}(\.\d+)?", cell):
        found = _SPREADSHEET_EPOCH + timedelta(days=float(cell))
    else:
        hit = _MOMENT.fullmatch(cell)
        if hit is None:
            raise BadCell("不是日期")
        year, month, day_, hour, minute, second = (int(part or 0) for part in hit.groups()[:6])
        try:
            found = datetime(year, month, day_, hour, minute, second)  # noqa: DTZ001 - see below
            if hit.group(7):
                found = datetime.fromisoformat(
                    found.isoformat() + hit.group(7).replace("Z", "+00:00")
                )
        except ValueError as error:
            raise BadCell("没有这样的日期") from error
    if not _EARLIEST <= found.year <= _LATEST:
        raise BadCell("年份不合理")
    return found
