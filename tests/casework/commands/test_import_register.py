"""import_register: a folder or a workbook, keyed by code; refusals name file, row, column."""

import pytest
from openpyxl import Workbook

from property_oversight.registry.models import Company, Estate, Grid, ServiceContract

SHEETS = {
    "communities": ["社区编码,名称,街道,户数", "C1,望江社区,临江街道,2980"],
    "companies": ["企业编码,名称,别名,党组织", "Q1,鼎盛物业服务有限公司,鼎盛;鼎盛物业,1"],
    "estates": [
        "小区编码,名称,别名,社区编码,类型,户数,有电梯,业委会",
        "E1,江南小区,江南,C1,成熟物业小区,920,1,0",
    ],
    "grids": ["网格编码,社区编码,名称,户数,商户数,网格员数,小区编码", "G1,C1,第一网格,468,22,1,E1"],
    "contracts": [
        "小区编码,企业编码,分部,开始日期,结束日期,等级,收费标准",
        "E1,Q1,江南分部,2024/1/1,2027-01-01,4,1.85",
    ],
}


@pytest.fixture
def register(office_file):
    """Writes the folder, with more lines where a test wants them."""

    def write(**more: str):
        for name, lines in SHEETS.items():
            extra = [more[name]] if name in more else []
            office_file(f"register/{name}.csv", *lines, *extra)
        return office_file("register/说明.txt").parent

    return write


def rows() -> list:
    return [list(model.objects.order_by("pk").values())
            for model in (Company, Estate, Grid, ServiceContract)]  # fmt: skip


@pytest.mark.django_db
def test_import_register_takes_a_folder_in(command, register):
    said = command("import_register", register())
    assert (said.code, said.err) == (0, "")
    assert "物业服务合同：新增或更新 1 行" in said.out
    contract = ServiceContract.objects.get()
    assert (contract.estate.name, contract.company.code, contract.tier) == ("江南小区", "Q1", 4)


@pytest.mark.django_db
def test_import_register_takes_a_workbook_in(command, tmp_path):
    book = Workbook()
    book.remove(book.active)
    for name, lines in SHEETS.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line.split(","))
    book.save(tmp_path / "登记.xlsx")
    assert command("import_register", tmp_path / "登记.xlsx").code == 0
    assert ServiceContract.objects.count() == 1


@pytest.mark.django_db
def test_import_register_twice_changes_nothing(command, register):
    command("import_register", register())
    before = rows()
    said = command("import_register", register())
    assert (said.code, rows()) == (0, before)
    assert "小区：新增或更新 0 行" in said.out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sheet", "line", "refusal"),
    [
        ("estates", "E2,后苑小区,,C9,,880,,",
         "estates.csv 第 3 行“社区编码”：没有编码为 C9 的社区"),
        ("estates", "E2,后苑小区,,C1,,零,,", "estates.csv 第 3 行“户数”：应为不小于 0 的整数：零"),
        ("companies", "Q2,,,", "companies.csv 第 3 行“名称”：不能为空"),
        ("contracts", "E1,Q1,,2026-01-01,,,",
         "contracts.csv 第 3 行“开始日期”：与 鼎盛物业服务有限公司 自 2024-01-01 起的合同期限重叠"),
        ("contracts", "E1,Q1,,去年,,,", "contracts.csv 第 3 行“开始日期”：不是日期：去年"),
    ],
)  # fmt: skip
def test_import_register_refuses_a_row_by_name_and_takes_the_rest(
    command, register, sheet, line, refusal
):
    said = command("import_register", register(**{sheet: line}))
    assert said.code == 1
    assert said.err.strip() == refusal
    assert (Estate.objects.count(), ServiceContract.objects.count()) == (1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["没有这个文件夹", "register.xlsx", "leer"])
def test_import_register_of_what_is_no_register_does_nothing(command, tmp_path, name):
    (tmp_path / "leer").mkdir()
    (tmp_path / "register.xlsx").write_bytes(b"no workbook")
    said = command("import_register", tmp_path / name)
    assert (said.code, said.out) == (2, "")
    assert name in said.err
    assert not Estate.objects.exists()
