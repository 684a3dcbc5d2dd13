"""export_scores: the columns that people's scripts rely on, to the letter."""

import csv

import pytest

HEAD = ["estate_code", "company_code", "period", "rated", "score", "low", "high", "grade",
        "households", "complaints", "incidents"]  # fmt: skip
INDICATORS = ["I1-burden", "I2-timely", "I3-resolved", "I4-satisfied", "I5-community", "I6-owners",
              "I7-site"]  # fmt: skip


@pytest.fixture
def export(city, command, tmp_path):
    def run(**options) -> tuple[list[str], list[dict[str, str]]]:
        target = tmp_path / "scores.csv"
        said = command("export_scores", target, period="2026Q3", **options)
        assert (said.code, said.err) == (0, "")
        with target.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        assert said.out == f"scores.csv：{len(rows)} 行\n"
        return list(reader.fieldnames), rows

    command("score", "--period", "2026Q3", "--as-of", "2026-10-31")
    return run


def test_export_scores_of_estates_has_one_column_an_indicator(city, export):
    header, rows = export()
    assert header == [*HEAD, *INDICATORS]
    assert [(row["estate_code"], row["company_code"]) for row in rows] == [
        (city.estate.code, city.firm_a.code),
        (city.other_estate.code, city.firm_b.code),
    ]
    first = rows[0]
    assert (first["period"], first["rated"], first["households"]) == ("2026Q3", "1", "920")
    assert (first["score"], first["I1-burden"], first["I5-community"]) == ("100.0", "100.0", "")


def test_export_scores_of_companies_has_no_estate_and_a_disparity(city, export):
    header, rows = export(level="company")
    assert header == [*HEAD[1:], "disparity"]
    assert [row["company_code"] for row in rows] == [city.firm_a.code, city.firm_b.code]
    assert {row["disparity"] for row in rows} == {"1.0"}


def test_export_scores_of_a_quarter_that_was_not_scored_does_nothing(city, command, tmp_path):
    said = command("export_scores", tmp_path / "x.csv", period="2026Q2")
    assert said == (2, "", "2026Q2 还没有评分，请先执行 score --period 2026Q2\n")
    assert not (tmp_path / "x.csv").exists()


def test_export_scores_to_where_nothing_can_be_written_says_so(city, export, command, tmp_path):
    (tmp_path / "file").touch()
    said = command("export_scores", tmp_path / "file" / "x.csv", period="2026Q3")
    assert said.code == 2
    assert "无法读写" in said.err
