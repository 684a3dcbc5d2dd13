"""seed: says what is new; a second time nothing is."""

import pytest

pytestmark = pytest.mark.django_db


def test_seed_says_what_is_new(command):
    said = command("seed")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(
        "categories 新增 22，questions 新增 5，tiers 新增 10，calendar 新增 "
    )
    assert command("seed").out == (
        "categories 新增 0，questions 新增 0，tiers 新增 0，calendar 新增 0\n"
    )


def test_seed_without_its_files_does_nothing(command, settings, tmp_path):
    settings.FIXTURES_DIR = tmp_path
    said = command("seed")
    assert (said.code, said.out) == (2, "")
    assert "categories.csv" in said.err
