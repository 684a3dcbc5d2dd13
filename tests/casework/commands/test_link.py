"""link: against the register in the database, with the firm of today."""

import json
from datetime import date

import pytest
import time_machine

from property_oversight.registry.actions import end
from tests.factories import make_estate, moment

KEYS = ["id", "estate_code", "estate_name", "confidence", "span", "candidates", "company_code"]


@pytest.fixture
def link(command, office_file, tmp_path):
    """Links texts and gives the answers back."""

    def run(*rows: dict) -> list[dict]:
        source = office_file("in.jsonl", *[json.dumps(row) for row in rows], encoding="utf-8")
        target = tmp_path / "out.jsonl"
        said = command("link", source, target)
        assert (said.code, said.out) == (0, f"in.jsonl：认定 {len(rows)} 条\n")
        return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]

    return run


def test_link_names_estate_and_firm_and_where_it_read_it(city, link):
    row = {"id": "a", "title": "电梯", "text": "江南小区又停了"}
    (answer,) = link(row)
    assert list(answer) == KEYS
    assert answer == {
        "id": "a",
        "estate_code": city.estate.code,
        "estate_name": "江南小区",
        "confidence": 1.0,
        "span": [3, 7],
        "candidates": [[city.estate.code, 1.0]],
        "company_code": city.firm_a.code,
    }
    assert f"{row['title']}\n{row['text']}"[slice(*answer["span"])] == "江南小区"


def test_link_counts_the_line_break_of_an_empty_title(city, link):
    (answer,) = link({"id": 1, "text": "江南小区又停了"})
    assert answer["span"] == [1, 5]


def test_link_of_an_unknown_place_is_null(city, link):
    (answer,) = link({"id": 1, "text": "哪里都一样"})
    assert answer == {
        "id": 1, "estate_code": None, "estate_name": None, "confidence": 0.0, "span": None,
        "candidates": [], "company_code": None,
    }  # fmt: skip


def test_link_of_an_ambiguous_name_lists_candidates_and_chooses_none(city, link):
    for code in ("X1", "X2"):
        make_estate("幸福里", code=code)
    (answer,) = link({"id": 1, "text": "幸福里停水"})
    assert (answer["estate_code"], answer["company_code"]) == (None, None)
    assert answer["candidates"] == [["X1", 0.5], ["X2", 0.5]]
    assert answer["span"] == [1, 4]


def test_link_takes_a_stated_estate_as_evidence(city, link):
    (answer,) = link({"id": 1, "text": "停水", "stated_estate": city.estate.code})
    assert (answer["estate_code"], answer["span"]) == (city.estate.code, None)


@pytest.mark.parametrize(("day", "served"), [(date(2026, 8, 3), True), (date(2026, 8, 5), False)])
def test_link_names_the_firm_of_today(city, link, day, served):
    end(city.contract, on=date(2026, 8, 4))
    with time_machine.travel(moment(day.year, day.month, day.day), tick=False):
        (answer,) = link({"id": 1, "text": "江南小区停水"})
    assert answer["estate_code"] == city.estate.code
    assert answer["company_code"] == (city.firm_a.code if served else None)


def test_link_against_an_empty_register_finds_nothing(db, link):
    assert link({"id": 1, "text": "江南小区停水"})[0]["estate_code"] is None


def test_link_names_lines_it_cannot_read(city, command, office_file, tmp_path):
    source = office_file("in.jsonl", '{"id": 1, "text": "江南小区停水"}', "x")
    said = command("link", source, tmp_path / "out.jsonl")
    assert (said.code, said.err) == (1, "in.jsonl 第 2 行：不是有效的 JSON\n")


@pytest.mark.django_db
def test_link_of_a_file_that_is_not_there_does_nothing(command, tmp_path):
    said = command("link", tmp_path / "没有.jsonl", tmp_path / "out.jsonl")
    assert said.code == 2
    assert "没有.jsonl 无法读写" in said.err
    assert not (tmp_path / "out.jsonl").exists()
