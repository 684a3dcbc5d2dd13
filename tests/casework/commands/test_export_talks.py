"""export_talks: one line a talk."""

import csv

import pytest

from tests.factories import make_talk


def test_export_talks_has_the_columns_of_the_contract(city, command, tmp_path):
    make_talk(city.firm_a, city.estate, city.other_estate, because="因为")
    target = tmp_path / "talks.csv"
    assert command("export_talks", target) == (0, "talks.csv：1 行\n", "")
    with target.open(encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file)
    assert header == [
        "company_code", "estate_codes", "rule_code", "proposed_on", "state", "because",
    ]  # fmt: skip
    codes = ";".join(sorted([city.estate.code, city.other_estate.code]))
    assert row == [city.firm_a.code, codes, "T3-overdue", "2026-10-09", "proposed", "因为"]


@pytest.mark.django_db
def test_export_talks_of_none_is_a_header(command, tmp_path):
    assert command("export_talks", tmp_path / "新" / "talks.csv").out == "talks.csv：0 行\n"
    assert (tmp_path / "新" / "talks.csv").exists()
