"""The register goes in from a folder or a workbook, matched by code; what stays out is named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from complaints.tables import UnreadableFile
from property_oversight.registry.bulk import SHEETS, import_register
from property_oversight.registry.models import (
    Community,
    Company,
    Estate,
    EstateName,
    Grid,
    OwnersCommittee,
    RegisterChange,
    ServiceContract,
    Subdistrict,
)
from property_oversight.registry.queries import contract_on, names_for_linking, register_version

pytestmark = pytest.mark.django_db

Sheets = dict[str, list[list]]

REGISTER: Sheets = {
    "communities": [
        ["community_code", "name", "subdistrict", "households"],
        ["C01", "望江社区", "临江街道", "2980"],
        ["C02", "橘园社区", "临江街道", "2890"],
    ],
    "companies": [
        ["company_code", "name", "aliases", "party_branch"],
        ["Q01", "鼎盛物业服务有限公司", "鼎盛物业;鼎盛", "1"],
        ["Q02", "安居物业有限公司", "", "0"],
    ],
    "estates": [
        ["estate_code", "name", "aliases", "community_code", "kind", "households", "area_m2",
         "has_lift", "built_year", "owners_committee", "address"],
        ["E001", "江南小区", "江南里", "C01", "commercial", "920", "101200.5", "1", "2011", "0",
         "望江路18号"],
        ["E002", "后苑小区", "", "C02", "renovated_old", "880", "", "0", "", "1", ""],
    ],
    "grids": [
        ["grid_code", "community_code", "name", "households", "merchants", "officers",
         "estate_codes"],
        ["G01", "C01", "第一网格", "468", "22", "1", "E001"],
        ["G02", "C02", "", "1316", "153", "2", "E001;E002"],
    ],
    "contracts": [
        ["estate_code", "company_code", "branch", "starts_on", "ends_on", "tier", "fee_per_m2"],
        ["E001", "Q01", "江南分部", "2024-01-01", "2027-01-01", "4", "1.85"],
        ["E002", "Q02", "", "2025/7/1", "", "3级", "1.5"],
    ],
}  # fmt: skip


def in_chinese(register: Sheets) -> Sheets:
    """The same sheets, as an office heads and names them."""
    chinese = {}
    for name, (header, *rows) in register.items():
        title, columns = SHEETS[name]
        words = {column.name: column.chinese for column in columns}
        chinese[title] = [[words.get(cell, cell) for cell in header], *rows]
    return chinese


def folder_of(folder: Path, register: Sheets, encoding: str = "utf-8") -> Path:
    for name, rows in register.items():
        text = "".join(",".join(row) + "\n" for row in rows)
        (folder / f"{name}.csv").write_bytes(text.encode(encoding))
    return folder


def workbook_of(folder: Path, register: Sheets) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in register.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "登记.xlsx")
    return folder / "登记.xlsx"


def with_rows(name: str, *rows: list) -> Sheets:
    return REGISTER | {name: [*REGISTER[name], *rows]}


def with_cell(name: str, row: int, column: str, cell: str) -> Sheets:
    header, *rows = (list(line) for line in REGISTER[name])
    rows[row][header.index(column)] = cell
    return REGISTER | {name: [header, *rows]}


def snapshot() -> tuple:
    models = (Subdistrict, Community, Company, Estate, EstateName, Grid, OwnersCommittee,
              ServiceContract, RegisterChange)  # fmt: skip
    links = Grid.estates.through.objects.order_by("pk").values_list("grid_id", "estate_id")
    return *(list(model.objects.order_by("pk").values()) for model in models), list(links)


def refusals(result) -> list[tuple[str, int, str, str]]:
    return [tuple(refusal) for refusal in result.refusals]


# The whole register --------------------------------------------------------------------------


@pytest.mark.parametrize("name_as", [dict, in_chinese], ids=["english", "chinese"])
@pytest.mark.parametrize("send", [folder_of, workbook_of])
def test_the_register_goes_in(tmp_path, send, name_as):
    result = import_register(send(tmp_path, name_as(REGISTER)))
    assert result.counts == dict.fromkeys(SHEETS, 2)
    assert (result.refusals, result.unknown) == ([], [])

    estate, other = Estate.objects.order_by("code")
    assert (estate.name, estate.community.name) == ("江南小区", "望江社区")
    assert estate.community.subdistrict.name == "临江街道"
    assert Subdistrict.objects.count() == 1
    assert (estate.kind, other.kind) == (Estate.Kind.COMMERCIAL, Estate.Kind.RENOVATED_OLD)
    assert (estate.households, estate.area_m2, estate.has_lift) == (920, 101_200.5, True)
    assert (estate.built_year, estate.address) == (2011, "望江路18号")
    assert (other.area_m2, other.has_lift, other.built_year) == (None, False, None)
    assert names_for_linking() == [
        ("E001", "江南小区"), ("E001", "江南里"), ("E002", "后苑小区")
    ]  # fmt: skip
    assert [c.name for c in OwnersCommittee.objects.all()] == ["后苑小区业主委员会"]

    company = Company.objects.get(code="Q01")
    assert (company.aliases, company.party_branch) == (["鼎盛物业", "鼎盛"], True)
    grids = Grid.objects.order_by("code")
    assert [[e.code for e in grid.estates.all()] for grid in grids] == [["E001"], ["E001", "E002"]]
    assert (grids[1].households, grids[1].merchants, grids[1].officers) == (1316, 153, 2)

    contract = contract_on(estate, date(2026, 8, 3))
    assert (contract.company, contract.branch, contract.tier) == (company, "江南分部", 4)
    assert (contract.ends_on, contract.fee_per_m2) == (date(2027, 1, 1), Decimal("1.85"))
    later = ServiceContract.objects.get(estate=other)
    assert (later.starts_on, later.ends_on, later.tier) == (date(2025, 7, 1), None, 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_encodings_of_offices_go_in(tmp_path, encoding):
    import_register(folder_of(tmp_path, in_chinese(REGISTER), encoding))
    assert Estate.objects.get(code="E001").name == "江南小区"


@pytest.mark.parametrize("send", [folder_of, workbook_of])
def test_the_same_register_twice_changes_nothing(tmp_path, send):
    path = send(tmp_path, with_rows("estates", ["E9", "无主小区", "", "C99", "", "1"] + [""] * 5))
    import_register(path)
    before, version = snapshot(), register_version()
    again = import_register(path)
    assert snapshot() == before
    assert register_version() == version
    assert again.counts == dict.fromkeys(SHEETS, 0)
    assert len(again.refusals) == 1  # and it still says what stayed out


def test_the_register_of_the_demo_city_goes_in_whole():
    path = settings.FIXTURES_DIR / "demo_city" / "register"
    result = import_register(path)
    assert (result.refusals, result.unknown) == ([], [])
    version = register_version()
    import_register(path)
    assert register_version() == version


def test_sheets_go_in_alone_in_their_order(tmp_path):
    import_register(folder_of(tmp_path, {"communities": REGISTER["communities"]}))
    result = import_register(workbook_of(tmp_path, {"estates": REGISTER["estates"]}))
    assert result.counts == {"estates": 2}


def test_a_workbook_of_an_office_may_hold_other_sheets(tmp_path):
    sheets = {"说明": [["本表由住建局填写"]]} | {f" {k} ": v for k, v in REGISTER.items()}
    assert import_register(workbook_of(tmp_path, sheets)).counts == dict.fromkeys(SHEETS, 2)


def test_numbers_and_dates_of_a_workbook_are_numbers_and_dates(tmp_path):
    register = REGISTER | {
        "communities": [["community_code", "name"], ["C01", "望江社区"]],
        "companies": [["company_code", "name"], [91430100, "鼎盛物业"]],
        "estates": [
            ["estate_code", "name", "community_code", "households", "has_lift", "area_m2"],
            [1001, "江南小区", "C01", 920, True, 101200.5],
        ],
        "contracts": [
            ["estate_code", "company_code", "starts_on", "ends_on", "fee_per_m2"],
            [1001, 91430100, date(2024, 1, 1), 46388, 1.85],
        ],
    }
    del register["grids"]
    assert import_register(workbook_of(tmp_path, register)).refusals == []
    contract = ServiceContract.objects.get()
    assert (contract.estate.code, contract.company.code) == ("1001", "91430100")
    assert (contract.starts_on, contract.ends_on) == (date(2024, 1, 1), date(2027, 1, 1))
    assert (contract.fee_per_m2, contract.estate.has_lift) == (Decimal("1.85"), True)


# What changes --------------------------------------------------------------------------------


def test_a_changed_cell_changes_its_row_and_the_version(tmp_path):
    import_register(folder_of(tmp_path, REGISTER))
    version = register_version()
    result = import_register(folder_of(tmp_path, with_cell("estates", 0, "households", "930")))
    assert {name: count for name, count in result.counts.items() if count} == {"estates": 1}
    assert Estate.objects.get(code="E001").households == 930
    assert register_version() > version


def test_an_estate_renamed_by_the_office_keeps_its_old_name_findable(tmp_path):
    import_register(folder_of(tmp_path, REGISTER))
    import_register(folder_of(tmp_path, with_cell("estates", 0, "name", "江南壹号")))
    assert Estate.objects.get(code="E001").name == "江南壹号"
    assert ("E001", "江南小区") in names_for_linking()
    assert ("E001", "江南壹号") in names_for_linking()


def test_an_alias_more_is_a_change(tmp_path):
    import_register(folder_of(tmp_path, REGISTER))
    result = import_register(folder_of(tmp_path, with_cell("estates", 1, "aliases", "后苑里")))
    assert result.counts["estates"] == 1
    assert ("E002", "后苑里") in names_for_linking()


def test_a_blank_cell_takes_nothing_away(tmp_path):
    import_register(folder_of(tmp_path, REGISTER))
    result = import_register(folder_of(tmp_path, with_cell("estates", 0, "area_m2", "")))
    assert result.counts["estates"] == 0
    assert Estate.objects.get(code="E001").area_m2 == 101_200.5


@pytest.mark.parametrize(
    ("said", "name"),
    [("1", "江南小区业主委员会"), ("是", "江南小区业主委员会"), ("第一届业委会", "第一届业委会"),
     ("0", None), ("无", None), ("", None)],
)  # fmt: skip
def test_the_owners_committee_is_told_by_yes_or_by_name(tmp_path, said, name):
    import_register(folder_of(tmp_path, with_cell("estates", 0, "owners_committee", said)))
    committee = OwnersCommittee.objects.filter(estate__code="E001").first()
    assert (committee and committee.name) == name


def test_a_dissolved_committee_goes_and_a_blank_says_nothing(tmp_path):
    import_register(folder_of(tmp_path, REGISTER))
    import_register(folder_of(tmp_path, with_cell("estates", 1, "owners_committee", "")))
    assert OwnersCommittee.objects.count() == 1
    result = import_register(folder_of(tmp_path, with_cell("estates", 1, "owners_committee", "0")))
    assert result.counts["estates"] == 1
    assert not OwnersCommittee.objects.exists()


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_hand_over_in_one_file_goes_in_whatever_its_order(tmp_path, newest_first):
    import_register(folder_of(tmp_path, REGISTER))
    header = REGISTER["contracts"][0]
    rows = [
        ["E002", "Q02", "", "2025-07-01", "2026-07-01", "3", "1.5"],  # the old one is shortened
        ["E002", "Q01", "", "2026-07-01", "", "3", "1.6"],
    ]
    register = REGISTER | {"contracts": [header, *(reversed(rows) if newest_first else rows)]}
    result = import_register(folder_of(tmp_path, register))
    assert result.refusals == []
    estate = Estate.objects.get(code="E002")
    assert contract_on(estate, date(2026, 6, 30)).company.code == "Q02"
    assert contract_on(estate, date(2026, 7, 1)).company.code == "Q01"


# What stays out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "row", "column", "reason"),
    [
        ("estates", ["E9", "新小区", "", "C99", "", "1"] + [""] * 5, "社区编码",
         "没有编码为 C99 的社区"),
        ("grids", ["G9", "C99"] + [""] * 5, "社区编码", "没有编码为 C99 的社区"),
        ("grids", ["G9", "C01", "", "", "", "", "E99"], "小区编码", "没有编码为 E99 的小区"),
        ("contracts", ["E99", "Q01", "", "2020-01-01", "", "", ""], "小区编码",
         "没有编码为 E99 的小区"),
        ("contracts", ["E001", "Q99", "", "2020-01-01", "", "", ""], "企业编码",
         "没有编码为 Q99 的物业企业"),
        ("contracts", ["E001", "Q02", "", "2026-01-01", "", "", ""], "开始日期",
         "与 鼎盛物业服务有限公司 自 2024-01-01 起的合同期限重叠"),
        ("contracts", ["E001", "Q02", "", "2020-01-01", "2020-01-01", "", ""], "结束日期",
         "结束日期必须晚于开始日期"),
        ("contracts", ["E001", "Q02", "", "2020-01-01", "2021-01-01", "10", ""], "等级",
         "等级应在 1 到 9 之间：10"),
        ("contracts", ["E001", "Q02", "", "2020-01-01", "2021-01-01", "", "100"], "收费标准",
         "收费标准不合理：100"),
        ("contracts", ["E001", "Q02", "x" * 61, "2020-01-01", "", "", ""], "分部", "最多 60 字"),
        ("communities", ["C9", "新社区", "x" * 61, ""], "街道", "最多 60 字"),
        ("communities", ["C9", "", "", ""], "名称", "不能为空"),
        ("communities", ["C9", "x" * 61, "", ""], "名称", "最多 60 字"),
        ("companies", ["x" * 41, "新物业", "", ""], "企业编码", "最多 40 字"),
        ("companies", ["Q9", "新物业", f"短名;{'x' * 121}", ""], "别名", "最多 120 字"),
        ("companies", ["Q9", "新物业", "", "也许"], "党组织", "应为 是 或 否：也许"),
        ("estates", ["E9", "新小区", "", "C01", "别墅", "1"] + [""] * 5, "类型",
         "应为 成熟物业小区、已改造老旧小区、未改造老旧小区 之一：别墅"),
        ("estates", ["E9", "新小区", "", "C01", "", "0"] + [""] * 5, "户数", "户数应大于 0：0"),
        ("estates", ["E9", "新小区", "", "C01", "", ""] + [""] * 5, "户数", "不能为空"),
        ("estates", ["E9", "新小区", "x" * 121, "C01", "", "1"] + [""] * 5, "别名", "最多 120 字"),
        ("estates", ["E9", "x" * 121, "", "C01", "", "1"] + [""] * 5, "名称", "最多 120 字"),
        ("estates", ["E9", "新小区", "", "C01", "", "1", "", "", "20111", "", ""], "建成年份",
         "年份不合理：20111"),
        ("estates", ["E9", "新小区", "", "C01", "", "1", "", "", "", "", "x" * 201], "地址",
         "最多 200 字"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_by_name_and_the_rest_goes_in(
    tmp_path, sheet, row, column, reason
):
    result = import_register(folder_of(tmp_path, with_rows(sheet, row)))
    ((file, number, where, why),) = refusals(result)
    assert (file, number, where) == (f"{sheet}.csv", 4, column)
    assert why.startswith(reason)
    assert result.counts == dict.fromkeys(SHEETS, 2)
    assert ServiceContract.objects.count() == Grid.objects.count() == Estate.objects.count() == 2


def test_refusals_of_a_workbook_name_the_sheet(tmp_path):
    result = import_register(
        workbook_of(tmp_path, in_chinese(with_rows("companies", ["", "无码物业", "", ""])))
    )
    assert str(result.refusals[0]) == "登记.xlsx/物业企业 第 4 行“企业编码”：不能为空"


def test_unknown_columns_are_named_with_their_sheet(tmp_path):
    header, *rows = REGISTER["companies"]
    register = REGISTER | {"companies": [[*header, "法人"], *([*row, "张三"] for row in rows)]}
    result = import_register(folder_of(tmp_path, register))
    assert result.unknown == ["companies.csv：法人"]
    assert Company.objects.count() == 2


def test_a_missing_column_stops_the_import_before_anything_is_written(tmp_path):
    register = REGISTER | {"contracts": [["estate_code"], ["E001"]]}
    with pytest.raises(UnreadableFile, match=r"contracts\.csv 缺少列：企业编码（company_code）"):
        import_register(folder_of(tmp_path, register))
    assert not Community.objects.exists()


@pytest.mark.parametrize("send", [folder_of, workbook_of])
def test_where_no_sheet_is_a_register_the_expected_ones_are_named(tmp_path, send):
    with pytest.raises(UnreadableFile, match="communities（社区）"):
        import_register(send(tmp_path, {"其他": [["编号"], ["1"]]}))


@pytest.mark.parametrize("name", ["没有", "没有.xlsx"])
def test_a_path_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(UnreadableFile, match=name):
        import_register(tmp_path / name)
