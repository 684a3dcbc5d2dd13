"""Evaluations from a table: good rows go in, bad ones are refused by file, row, column, reason."""

from pathlib import Path

import pytest
import time_machine

from complaints.tables import UnreadableFile
from property_oversight.evaluations.bulk import import_evaluations
from property_oversight.evaluations.models import Evaluation, Round
from tests.factories import moment

HEADER = "轮次,评价主体,小区编码,评价人,得分,意见"


@pytest.fixture(autouse=True)
def _in_october():
    with time_machine.travel(moment(2026, 10, 9), tick=False):
        yield


@pytest.fixture
def sheet(tmp_path):
    """Writes a file of rows under the Chinese header."""

    def write(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "评价.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
        return path

    return write


def test_import_takes_every_audience_by_chinese_or_english_name(city, sheet):
    code = city.estate.code
    result = import_evaluations(
        sheet(
            f"2026Q3,社区,{code},C001,90,整洁",
            f"2026Q3,owners,{code},业主-7,61.5,",
            f"2026Q3,现场,{code},检查组,0,",
        )
    )
    assert (result.new, result.known, result.refusals, result.unknown) == (3, 0, [], [])
    assert set(Evaluation.objects.values_list("audience", "evaluator", "points")) == {
        ("community", "C001", 90.0),
        ("owners", "业主-7", 61.5),
        ("site", "检查组", 0.0),
    }
    assert {one.company for one in Evaluation.objects.all()} == {city.firm_a}


def test_import_reads_english_names_and_the_encoding_of_office_machines(city, sheet):
    path = sheet(
        f"2026Q3,社区,{city.estate.code},C001,90,整洁",
        header="round,audience,estate_code,evaluator,points,comment",
        encoding="gb18030",
    )
    assert import_evaluations(path).new == 1
    assert Evaluation.objects.get().comment == "整洁"


def test_import_without_an_evaluator_means_the_community_of_the_estate(city, sheet):
    import_evaluations(sheet(f"2026Q3,社区,{city.estate.code},,90,"))
    assert Evaluation.objects.get().evaluator == city.community.code


def test_import_of_the_same_file_twice_adds_nothing(city, sheet):
    path = sheet(
        f"2026Q3,社区,{city.estate.code},C001,90,", f"2026Q3,业主,{city.estate.code},甲,70,"
    )
    import_evaluations(path)
    before = list(Evaluation.objects.values_list("pk", "superseded_at"))
    again = import_evaluations(path)
    assert (again.new, again.known) == (0, 2)
    assert list(Evaluation.objects.values_list("pk", "superseded_at")) == before


def test_import_of_a_corrected_file_supersedes_what_has_changed(city, sheet):
    import_evaluations(sheet(f"2026Q3,社区,{city.estate.code},C001,90,"))
    result = import_evaluations(sheet(f"2026Q3,社区,{city.estate.code},C001,40,"))
    assert (result.new, result.known) == (1, 0)
    assert [one.points for one in Evaluation.objects.filter(superseded_at=None)] == [40.0]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("2026Q3,记者,{code},C001,90,", "评价主体", "应为 社区、业主、现场 之一：记者"),
        ("2026Q3,社区,{code},C001,120,", "得分", "应在 0 到 100 之间：120"),
        ("2026Q3,社区,{code},C001,-5,", "得分", "应为不小于 0 的数：-5"),
        ("2026Q3,社区,{code},C001,很好,", "得分", "应为不小于 0 的数：很好"),
        ("2026Q3,社区,{code},C001,,", "得分", "不能为空"),
        ("2026Q3,社区,E404,C001,90,", "小区编码", "登记中没有这个小区：E404"),
        ("2026年三季度,社区,{code},C001,90,", "轮次",
         "“2026年三季度”不是季度，应写作 2026Q3"),
        ("2026Q3,社区,{code},%s,90," % ("长" * 81), "评价人", "最多 80 字：" + "长" * 40),
    ],
)  # fmt: skip
def test_import_refuses_a_bad_row_and_takes_the_rest(city, sheet, row, column, reason):
    code = city.estate.code
    result = import_evaluations(
        sheet(row.format(code=code), f"2026Q3,业主,{code},甲,70,")
    )  # fmt: skip
    assert result.new == 1
    (refusal,) = result.refusals
    assert refusal == ("评价.csv", 2, column, reason)
    assert str(refusal) == f"评价.csv 第 2 行“{column}”：{reason}"


def test_import_of_a_bad_round_opens_none(city, sheet):
    import_evaluations(sheet(f"2026Q9,社区,{city.estate.code},C001,90,"))
    assert not Round.objects.exists()


def test_import_names_columns_that_nobody_asked_for(city, sheet):
    path = sheet(f"2026Q3,社区,{city.estate.code},90,晴", header="轮次,评价主体,小区编码,得分,天气")
    assert import_evaluations(path).unknown == ["天气"]


def test_import_of_a_file_without_a_needed_column_is_refused_whole(city, sheet):
    with pytest.raises(UnreadableFile, match="缺少列：得分（points）"):
        import_evaluations(sheet("2026Q3,社区,E001", header="轮次,评价主体,小区编码"))
