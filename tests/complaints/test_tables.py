"""What offices send, mischief and all: the good rows go in, the bad ones are named."""

import csv
import re
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import tables
from complaints.tables import (
    LONGEST_CELL,
    BadCell,
    Column,
    Refusal,
    UnreadableFile,
    read_table,
    sheets,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENT = tables.moment_in(SHANGHAI)
COLUMNS = [
    Column("number", "编号", tables.text, required=True),
    Column("day", "日期", tables.day),
    Column("said", "内容", tables.text),
]


def csv_file(folder: Path, text: str, encoding: str = "utf-8", name: str = "表.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder: Path, *sheets_: tuple[str, list[list]], name: str = "表.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets_:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def values(table: tables.Table, name: str) -> list:
    return [row.get(name) for _number, row in table.rows]


# CSV -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("header", ["number,day,said", "编号,日期,内容", "编号*, day ,内容"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_in_the_encodings_of_offices(tmp_path, encoding, header, end):
    text = end.join([header, "A1,2026-08-03,电梯坏了", 'A2,2026/8/4,"停水，很久"', ""])
    table = read_table(csv_file(tmp_path, text, encoding), COLUMNS)
    assert table.rows == [
        (2, {"number": "A1", "day": date(2026, 8, 3), "said": "电梯坏了"}),
        (3, {"number": "A2", "day": date(2026, 8, 4), "said": "停水，很久"}),
    ]
    assert (table.refusals, table.unknown) == ([], [])


def test_rare_characters_survive_gb18030(tmp_path):
    table = read_table(csv_file(tmp_path, "编号,内容\nA1,㐂䶮𠮷小区\n", "gb18030"), COLUMNS)
    assert values(table, "said") == ["㐂䶮𠮷小区"]


@pytest.mark.parametrize(
    "content",
    [
        "编号,内容\nA1,电梯坏了\n".encode() + b"\xff\xfe\x80",
        "编号,内容\n".encode("utf-16"),
        bytes(range(256)),
    ],
    ids=["broken off", "utf-16", "bytes"],
)
def test_bytes_that_are_no_text_are_refused(tmp_path, content):
    (tmp_path / "表.csv").write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"表\.csv 的编码无法识别"):
        read_table(tmp_path / "表.csv", COLUMNS)


@pytest.mark.parametrize("content", ["", "\ufeff"])
def test_an_empty_file_is_named_empty(tmp_path, content):
    with pytest.raises(UnreadableFile, match=r"表\.csv 是空文件"):
        read_table(csv_file(tmp_path, content), COLUMNS)


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    assert read_table(csv_file(tmp_path, "编号,内容\n"), COLUMNS).rows == []


@pytest.mark.parametrize("name", ["没有.csv", "没有.xlsx"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(UnreadableFile, match=f"没有文件 .*{name}"):
        read_table(tmp_path / name, COLUMNS)


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(UnreadableFile, match="无法打开"):
        read_table(tmp_path, COLUMNS)


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("日期,内容", "编号（number）"),
        ("完全,不对,的表头", "编号（number）"),
        ("", "编号（number）"),
    ],
)
def test_a_missing_column_is_named_in_both_languages(tmp_path, header, missing):
    path = csv_file(tmp_path, f"{header}\nA1,2026-08-03\n")
    with pytest.raises(UnreadableFile) as refused:
        read_table(path, COLUMNS)
    assert str(refused.value) == f"表.csv 缺少列：{missing}"


def test_every_missing_column_is_named(tmp_path):
    required = [*COLUMNS, Column("place", "地点", tables.text, required=True)]
    with pytest.raises(UnreadableFile, match=r"编号（number）、地点（place）"):
        read_table(csv_file(tmp_path, "日期\n"), required)


def test_unknown_columns_are_listed_and_ignored(tmp_path):
    path = csv_file(tmp_path, "备注,编号,,内容,编号,经办人\n甲,A1,x,电梯,A2,乙\n")
    table = read_table(path, COLUMNS)
    assert table.rows == [(2, {"number": "A1", "said": "电梯"})]
    assert table.unknown == ["备注", "编号", "经办人"]  # the second 编号 is one too many


def test_a_column_of_two_names_counts_once(tmp_path):
    table = read_table(csv_file(tmp_path, "编号,number\nA1,B1\n"), COLUMNS)
    assert values(table, "number") == ["A1"]
    assert table.unknown == ["number"]


def test_short_rows_long_rows_and_blank_rows(tmp_path):
    path = csv_file(tmp_path, "编号,日期,内容\nA1\n\n,,\nA2,2026-08-03,电梯,多余,的格\n")
    table = read_table(path, COLUMNS)
    assert [number for number, _row in table.rows] == [2, 5]
    assert values(table, "said") == ["", "电梯"]
    assert values(table, "day") == [None, date(2026, 8, 3)]


def test_rows_are_counted_as_an_office_counts_them(tmp_path):
    text = '编号,日期,内容\nA1,2026-08-03,"第一行\n第二行\n第三行"\n\nA2,错,电梯\n'
    table = read_table(csv_file(tmp_path, text), COLUMNS)
    assert [number for number, _row in table.rows] == [2]
    assert table.rows[0][1]["said"] == "第一行\n第二行\n第三行"
    assert [refusal.row for refusal in table.refusals] == [4]


def test_a_refusal_names_file_row_column_and_reason(tmp_path):
    table = read_table(csv_file(tmp_path, "编号,日期\nA1,昨天\n,2026-08-03\nA2,\n"), COLUMNS)
    assert values(table, "number") == ["A2"]
    assert table.refusals == [
        Refusal("表.csv", 2, "日期", "不是日期：昨天"),
        Refusal("表.csv", 3, "编号", "不能为空"),
    ]
    assert [str(refusal) for refusal in table.refusals] == [
        "表.csv 第 2 行“日期”：不是日期：昨天",
        "表.csv 第 3 行“编号”：不能为空",
    ]
    assert str(Refusal("表.csv", 4, "", "重叠")) == "表.csv 第 4 行：重叠"


def test_a_cell_of_thirty_megabytes_stays_out_and_the_others_go_in(tmp_path):
    path = csv_file(tmp_path, f"编号,内容\nA1,电梯\nA2,{'x' * 30_000_000}\nA3,停水\n")
    table = read_table(path, COLUMNS)
    assert values(table, "number") == ["A1", "A3"]
    (refusal,) = table.refusals
    assert (refusal.row, refusal.column) == (3, "内容")
    assert "内容过长（30000000 字" in refusal.reason
    assert len(str(refusal)) < 200


def test_the_longest_cell_goes_in(tmp_path):
    rows = f"A1,{'x' * LONGEST_CELL}\nA2,{'x' * (LONGEST_CELL + 1)}\n"
    table = read_table(csv_file(tmp_path, f"编号,内容\n{rows}"), COLUMNS)
    assert values(table, "number") == ["A1"]


def test_a_nul_stays_out_and_the_others_go_in(tmp_path):
    table = read_table(csv_file(tmp_path, "编号,内容\nA1,电\x00梯\nA2,停水\n"), COLUMNS)
    assert values(table, "number") == ["A2"]
    assert table.refusals == [Refusal("表.csv", 2, "内容", "含有无法保存的字符")]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", '=HYPERLINK("http://example.com")', "+86138", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"],
)
def test_a_formula_is_the_text_that_was_typed(tmp_path, cell):
    path = tmp_path / "表.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([["编号", "内容"], ["A1", cell]])
    assert values(read_table(path, COLUMNS), "said") == [cell]


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_read_or_refused(tmp_path, content):
    path = tmp_path / "表.csv"
    path.write_bytes("编号,日期,内容\n".encode() + content)
    try:
        table = read_table(path, COLUMNS)
    except UnreadableFile:
        return
    numbers = [number for number, _row in table.rows] + [r.row for r in table.refusals]
    assert len(set(numbers)) == len(numbers)


# Spreadsheets --------------------------------------------------------------------------------


def test_a_workbook_is_read_as_its_cells_are_shown(tmp_path):
    path = workbook(
        tmp_path,
        (
            "投诉",
            [
                ["编号", "日期", "内容"],
                [1001, datetime(2026, 8, 3, 19, 58, 50), "电梯"],  # noqa: DTZ001
                [13800138000, date(2026, 8, 4), True],
                ["A3", "2026/8/5", False],
                [1.5, 45292, 3.25],
                [None, None, None],
                ["A7", None, "=1+1"],
            ],
        ),
    )
    table = read_table(path, COLUMNS)
    assert table.refusals == []
    assert [number for number, _row in table.rows] == [2, 3, 4, 5, 7]
    assert values(table, "number") == ["1001", "13800138000", "A3", "1.5", "A7"]
    assert values(table, "day") == [
        date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 5), date(2024, 1, 1), None
    ]  # fmt: skip
    assert values(table, "said")[:4] == ["电梯", "是", "否", "3.25"]


def test_a_workbook_keeps_the_time_of_day(tmp_path):
    rows = [["编号", "时间"], ["A1", datetime(2026, 8, 3, 19, 58, 50)]]  # noqa: DTZ001
    columns = [COLUMNS[0], Column("at", "时间", MOMENT)]
    (at,) = values(read_table(workbook(tmp_path, ("表", rows)), columns), "at")
    assert at == datetime(2026, 8, 3, 19, 58, 50, tzinfo=SHANGHAI)


def test_a_cell_in_a_workbook_that_is_no_date_is_named(tmp_path):
    rows = [["编号", "日期"], ["A1", True], ["A2", "昨天"], ["A3", date(2026, 8, 3)]]
    table = read_table(workbook(tmp_path, ("表", rows)), COLUMNS)
    assert [(r.row, r.column) for r in table.refusals] == [(2, "日期"), (3, "日期")]
    assert values(table, "number") == ["A3"]


def test_rows_of_a_workbook_are_counted_from_its_first_line(tmp_path):
    rows = [["编号", "日期"], [], [], ["A1", "昨天"]]
    table = read_table(workbook(tmp_path, ("表", rows)), COLUMNS)
    assert [refusal.row for refusal in table.refusals] == [4]


def test_a_sheet_is_read_by_its_name_and_the_first_without_one(tmp_path):
    path = workbook(
        tmp_path, ("一", [["编号"], ["A1"]]), ("二", [["编号", "其他"], ["B1", "x"], ["", "y"]])
    )
    assert sheets(path) == ["一", "二"]
    assert values(read_table(path, COLUMNS), "number") == ["A1"]
    second = read_table(path, COLUMNS, sheet="二")
    assert values(second, "number") == ["B1"]
    assert second.file == "表.xlsx/二"
    assert str(second.refusals[0]) == "表.xlsx/二 第 3 行“编号”：不能为空"
    with pytest.raises(UnreadableFile, match="工作表“三”无法读取"):
        read_table(path, COLUMNS, sheet="三")


@pytest.mark.parametrize(
    "content", [b"", b"not a workbook", b"PK\x03\x04broken", "编号,内容\nA1,电梯\n".encode()]
)
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods", ".XLSX"])
def test_a_workbook_that_is_none_is_refused(tmp_path, content, suffix):
    path = tmp_path / f"表{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="不是可以读取的表格文件"):
        read_table(path, COLUMNS)
    with pytest.raises(UnreadableFile):
        sheets(path)


def test_a_workbook_without_sheets_is_refused(tmp_path):
    path = workbook(tmp_path, ("表", [["编号"], ["A1"]]))
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    parts["xl/workbook.xml"] = re.sub(
        rb"<sheets>.*</sheets>", b"<sheets></sheets>", parts["xl/workbook.xml"]
    )
    with zipfile.ZipFile(path, "w") as hollow:
        for name, content in parts.items():
            hollow.writestr(name, content)
    with pytest.raises(UnreadableFile, match="没有工作表"):
        read_table(path, COLUMNS)


def test_an_empty_sheet_is_named_empty(tmp_path):
    with pytest.raises(UnreadableFile, match="是空文件"):
        read_table(workbook(tmp_path, ("表", [])), COLUMNS)


# What cells hold -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-08-03", date(2026, 8, 3)),
        ("2026/8/3", date(2026, 8, 3)),
        ("2026.8.3", date(2026, 8, 3)),
        ("2026年8月3日", date(2026, 8, 3)),
        ("2026/3/25 19:58:50", date(2026, 3, 25)),
        ("2026-08-03T23:59", date(2026, 8, 3)),
        ("2024-02-29", date(2024, 2, 29)),
        ("45292", date(2024, 1, 1)),  # a spreadsheet's own count of days
        ("45292.75", date(2024, 1, 1)),
        ("36526", date(2000, 1, 1)),
        ("", None),
    ],
)
def test_days_are_read_as_people_write_them(cell, day):
    assert tables.day(cell) == day


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2026-02-30", "没有这样的日期"),
        ("2025-02-29", "没有这样的日期"),
        ("2026-13-01", "没有这样的日期"),
        ("2026-00-10", "没有这样的日期"),
        ("2026-08-03 25:00", "没有这样的日期"),
        ("2026-08-03 10:00+99:00", "没有这样的日期"),
        ("1899-12-31", "年份不合理"),
        ("2999-01-01", "年份不合理"),
        ("10000", "年份不合理"),
        ("99999", "年份不合理"),
        ("昨天", "不是日期"),
        ("2026", "不是日期"),
        ("20260803", "不是日期"),
        ("2026-08-03-", "不是日期"),
        ("3/8/2026", "不是日期"),
    ],
)
def test_days_that_cannot_be_are_refused(cell, reason):
    for read in (tables.day, MOMENT):
        with pytest.raises(BadCell, match=reason):
            read(cell)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026/3/25 19:58:50", datetime(2026, 3, 25, 19, 58, 50, tzinfo=SHANGHAI)),
        ("2026-03-25", datetime(2026, 3, 25, tzinfo=SHANGHAI)),
        ("2026-03-25 7:05", datetime(2026, 3, 25, 7, 5, tzinfo=SHANGHAI)),
        ("2026-03-25T19:58:50.123", datetime(2026, 3, 25, 19, 58, 50, tzinfo=SHANGHAI)),
        ("2026-03-25T11:58:50Z", datetime(2026, 3, 25, 11, 58, 50, tzinfo=UTC)),
        ("2026-03-25T19:58:50+08:00", datetime(2026, 3, 25, 19, 58, 50, tzinfo=SHANGHAI)),
        ("2026-03-25 19:58 +0900",
         datetime(2026, 3, 25, 19, 58, tzinfo=timezone(timedelta(hours=9)))),
        ("45292.5", datetime(2024, 1, 1, 12, tzinfo=SHANGHAI)),
    ],
)  # fmt: skip
def test_moments_without_a_zone_are_meant_in_the_city(cell, moment):
    read = MOMENT(cell)
    assert read == moment
    assert read.tzinfo is not None


def test_no_moment_is_none():
    assert MOMENT("") is None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_every_moment_is_read_as_it_is_written(moment):
    whole = moment.replace(microsecond=0)
    assert MOMENT(whole.isoformat()) == whole.replace(tzinfo=SHANGHAI)
    assert tables.day(whole.date().isoformat()) == whole.date()


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("是", True), ("有", True), ("1", True), ("TRUE", True), ("Yes", True), ("y", True),
     ("否", False), ("无", False), ("0", False), ("False", False), ("NO", False), ("n", False),
     ("", None)],
)  # fmt: skip
def test_yes_and_no(cell, answer):
    assert tables.yes_no(cell) is answer


@pytest.mark.parametrize(
    ("cell", "number"), [("0", 0), ("920", 920), ("999999999", 999_999_999), ("", None)]
)
def test_whole_numbers(cell, number):
    assert tables.whole_number(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"), [("0", 0), ("1.85", 1.85), ("101200", 101_200), ("", None)]
)
def test_numbers(cell, number):
    assert tables.number(cell) == number


@pytest.mark.parametrize(
    ("read", "cells"),
    [
        (tables.yes_no, ["也许", "2", "是的"]),
        (tables.whole_number, ["-1", "1.5", "1e3", "约900", "1,200", "1" * 10]),
        (tables.number, ["-1", "1e3", ".5", "5.", "约900", "nan", "inf", "1" * 10]),
    ],
)
def test_cells_that_are_something_else_are_refused(read, cells):
    for cell in cells:
        with pytest.raises(BadCell, match=r"^应为"):
            read(cell)


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("鼎盛物业;鼎盛", ["鼎盛物业", "鼎盛"]),
        ("甲；乙 ; 丙", ["甲", "乙", "丙"]),
        (";；", []),
        ("", []),
    ],
)
def test_several_in_one_cell(cell, parts):
    assert tables.texts(cell) == parts


def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path):
    path = tmp_path / "quote.csv"
    path.write_text('name,text\n甲,"没有收尾\n乙,第二行\n丙,第三行\n', encoding="utf-8")
    with pytest.raises(tables.UnreadableFile, match="引号不配对"):
        tables.read_table(path, [tables.Column("name", "名称", tables.text)])


def test_a_file_marked_as_utf8_is_read_as_nothing_else(tmp_path):
    path = tmp_path / "marked.csv"
    path.write_bytes("\ufeffname\n".encode() + b"\xc4\xe3\xba\xc3\n")
    with pytest.raises(tables.UnreadableFile, match="编码无法识别"):
        tables.read_table(path, [tables.Column("name", "名称", tables.text)])
