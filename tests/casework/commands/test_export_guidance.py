"""export_guidance: one line a contract, with the verdict and why."""

import csv
from datetime import date

from property_oversight.scoring.actions import run


def test_export_guidance_has_the_columns_of_the_contract(city, categories, command, tmp_path):
    command("score", "--period", "2026Q3", "--as-of", "2026-10-31")
    target = tmp_path / "guidance.csv"
    assert command("export_guidance", target, period="2026Q3") == (0, "guidance.csv：2 行\n", "")
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [
        "estate_code", "tier", "fee_per_m2", "band_low", "band_high", "verdict", "because",
    ]  # fmt: skip
    by_estate = {row[0]: row for row in rows[1:]}
    assert set(by_estate) == {city.estate.code, city.other_estate.code}
    assert by_estate[city.estate.code][1:6] == ["3", "1.50", "0.00", "1.92", "fits"]
    assert by_estate[city.estate.code][6].endswith("（依据示例标准，非本市规定）")


def test_export_guidance_gives_what_was_not_given_yet(city, categories, command, tmp_path):
    run("2026Q3", as_of=date(2026, 10, 31))
    said = command("export_guidance", tmp_path / "guidance.csv", period="2026Q3")
    assert said.out == "guidance.csv：2 行\n"


def test_export_guidance_of_a_quarter_that_was_not_scored_does_nothing(city, command, tmp_path):
    said = command("export_guidance", tmp_path / "x.csv", period="2026Q3")
    assert (said.code, said.out) == (2, "")
    assert "还没有评分" in said.err
