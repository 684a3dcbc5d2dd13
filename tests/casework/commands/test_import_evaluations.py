"""import_evaluations: exit 0, 1 or 2, and refusals by file, row and column."""

import pytest

from property_oversight.evaluations.models import Evaluation

HEADER = "轮次,评价主体,小区编码,评价人,得分,意见"


def test_import_evaluations_says_how_many_are_new(city, command, office_file):
    path = office_file("评价.csv", HEADER, f"2026Q3,社区,{city.estate.code},C001,90,整洁")
    assert command("import_evaluations", path) == (0, "评价.csv：新增 1，已有 0，拒收 0\n", "")
    assert command("import_evaluations", path) == (0, "评价.csv：新增 0，已有 1，拒收 0\n", "")


def test_import_evaluations_refuses_rows_by_name(city, command, office_file):
    code = city.estate.code
    path = office_file(
        "评价.csv", HEADER, f"2026Q3,社区,{code},C001,120,", f"2026Q3,业主,{code},甲,70,",
        f"三季度,业主,{code},乙,70,", "2026Q3,业主,E404,甲,70,",
    )  # fmt: skip
    said = command("import_evaluations", path)
    assert (said.code, said.out) == (1, "评价.csv：新增 1，已有 0，拒收 3\n")
    assert sorted(said.err.splitlines()) == [
        "评价.csv 第 2 行“得分”：应在 0 到 100 之间：120",
        "评价.csv 第 4 行“轮次”：“三季度”不是季度，应写作 2026Q3",
        "评价.csv 第 5 行“小区编码”：登记中没有这个小区：E404",
    ]


@pytest.mark.django_db
def test_import_evaluations_of_an_unusable_file_does_nothing(command, office_file):
    said = command("import_evaluations", office_file("评价.csv", "轮次,得分", "2026Q3,9"))
    assert said.code == 2
    assert said.err.startswith("评价.csv 缺少列：")
    assert not Evaluation.objects.exists()
