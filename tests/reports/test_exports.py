"""Tables that offices take away: safe to open, without who complained."""

import csv
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from complaints.actions import RESIDENT, SYSTEM, Actor, move
from complaints.workflow import Move
from property_oversight.access.visibility import complaints_visible_to
from property_oversight.pricing.actions import guide
from property_oversight.pricing.queries import guidance_of
from property_oversight.reports import exports
from property_oversight.scoring.actions import run as score
from property_oversight.scoring.queries import cards_of
from property_oversight.talks.models import Talk
from property_oversight.talks.queries import with_case_file
from tests.factories import (
    make_category,
    make_company,
    make_complaint,
    make_contract,
    make_estate,
    make_finding,
    make_talk,
    moment,
)

# Cells that a spreadsheet would run ---------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']
)
def test_formula_is_marked_as_text(cell):
    assert exports.safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "电梯=坏", "1-2", "a@b.c", 7, -7, -0.5, None, True])
def test_everything_else_is_left_as_it_is(cell):
    assert exports.safe(cell) == cell


HOSTILE = [["编号", "内容"], ["1", "=cmd|'/c calc'!A1"], ["-2", "第一行\n第二行，有“引号”"]]


def test_csv_escapes_formulas_and_keeps_everything_else(tmp_path):
    path = tmp_path / "新文件夹" / "表.csv"
    assert exports.write_csv(path, HOSTILE) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # office programs look for it
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["编号", "内容"],
            ["1", "'=cmd|'/c calc'!A1"],
            ["'-2", "第一行\n第二行，有“引号”"],
        ]


def test_csv_of_nothing_but_a_header_counts_no_rows(tmp_path):
    assert exports.write_csv(tmp_path / "x.csv", [["编号"]]) == 0


def test_workbook_opens_and_holds_no_formula():
    book = load_workbook(BytesIO(exports.workbook("投诉", HOSTILE)))
    assert book.sheetnames == ["投诉"]
    cells = [[cell.value for cell in row] for row in book["投诉"].iter_rows()]
    assert cells == [
        ["编号", "内容"],
        ["1", "'=cmd|'/c calc'!A1"],
        ["'-2", "第一行\n第二行，有“引号”"],
    ]
    assert {cell.data_type for row in book["投诉"].iter_rows() for cell in row} == {"s"}


# Scores, guidance, talks --------------------------------------------------------------------------


def test_score_table_leaves_cells_of_what_is_not_rated_empty(city):
    make_contract(make_estate(code="A0", households=5), make_company(code="A"))
    made = score("2026Q3", as_of=date(2026, 10, 31))
    header, row, *_more = exports.score_table(cards_of(made), level="estate")
    assert header[:11] == [
        "estate_code", "company_code", "period", "rated", "score", "low", "high", "grade",
        "households", "complaints", "incidents",
    ]  # fmt: skip
    assert row == ["A0", "A", "2026Q3", 0, "", "", "", "", 5, 0, 0, *[""] * 7]


def test_score_table_holds_points_by_indicator(city):
    made = score("2026Q3", as_of=date(2026, 10, 31))
    header, row, _other = exports.score_table(cards_of(made), level="estate")
    assert len(header) == len(row)
    shown = dict(zip(header, row, strict=True))
    assert (shown["I1-burden"], shown["I2-timely"]) == (100.0, "")
    assert (shown["low"], shown["high"], shown["grade"]) == (100.0, 100.0, "A")


def test_score_table_of_companies_holds_no_estates(city):
    made = score("2026Q3", as_of=date(2026, 10, 31))
    header, *rows = exports.score_table(cards_of(made), level="company")
    assert (header[0], header[-1]) == ("company_code", "disparity")
    assert [row[0] for row in rows] == [city.firm_a.code, city.firm_b.code]
    assert {len(row) for row in rows} == {len(header)}


def test_guidance_table_says_where_the_standard_is_a_sample(city, categories):
    made = score("2026Q3", as_of=date(2026, 10, 31))
    guide(made)
    _header, *rows = exports.guidance_table(guidance_of(made))
    assert all(row[-1].endswith("（依据示例标准，非本市规定）") for row in rows)
    guidance_of(made).update(is_sample=False)
    _header, *rows = exports.guidance_table(guidance_of(made))
    assert not any("示例" in row[-1] for row in rows)


def test_talk_table_parts_estates_by_semicolons(city):
    make_talk(city.firm_a, city.estate, city.other_estate)
    _header, row = exports.talk_table(with_case_file(Talk.objects.all()))
    assert row[1].split(";") == sorted([city.estate.code, city.other_estate.code])


# Complaints ---------------------------------------------------------------------------------------


@pytest.fixture
def complaint(city):
    complaint = make_complaint(
        "我是王秀英，3栋2单元1502，电话19900001234，电梯坏了",
        external_id="RX-1",
        category=make_category("lift"),
        reporter_name="王秀英",
        reporter_phone="19900001234",
        received_at=moment(2026, 8, 3, 14, 5),
    )
    make_finding(complaint, city.contract)
    move(complaint, Move.DISPATCH, by=SYSTEM)
    move(complaint, Move.ANSWER, by=Actor("firm"), note="已修好")
    move(complaint, Move.CONFIRM, by=RESIDENT, resolved=True)
    return complaint


def test_complaint_table_tells_everything_but_who_complained(city, complaint):
    header, row = exports.complaint_table(complaints_visible_to(city.bureau_officer))
    assert dict(zip(header, row, strict=True)) == {
        "编号": "RX-1",
        "来源": "12345热线",
        "受理时间": "2026-08-03 14:05",
        "小区": "江南小区",
        "物业企业": "鼎盛物业服务有限公司",
        "类别": "电梯",
        "状态": "已办结",
        "是否解决": "是",
        "是否满意": "",
        "内容": "我是＊＊＊，3栋2单元＊＊＊，电话＊＊＊，电梯坏了",
    }
    assert complaint.tracking_code not in str(row)


def test_complaint_table_holds_what_one_may_see(city, complaint):
    rows = {
        name: list(exports.complaint_table(complaints_visible_to(person)))[1:]
        for name, person in city.people.items()
    }
    assert {name: len(found) for name, found in rows.items()} == {
        "firm_a_clerk": 1,
        "firm_b_clerk": 0,
        "community_officer": 1,
        "officer_next_door": 0,
        "bureau_officer": 1,
        "petition_clerk": 1,
    }


def test_complaint_table_leaves_unknown_cells_empty(city):
    make_complaint("停水", external_id="RX-2")
    _header, row = exports.complaint_table(complaints_visible_to(city.bureau_officer))
    assert row[3:6] == ["", "", ""]
    assert row[7:9] == ["", ""]


@pytest.mark.parametrize("number", [1, 3])
def test_complaint_table_asks_a_fixed_number_of_queries(city, number, django_assert_num_queries):
    for _each in range(number):
        make_finding(make_complaint(category=make_category("lift")), city.contract)
    with django_assert_num_queries(7):
        assert len(list(exports.complaint_table(complaints_visible_to(city.petition_clerk)))) == (
            number + 1
        )
