"""Texts in JSON lines: good lines are read, bad ones are named."""

from pathlib import Path

import pytest

from complaints.tables import UnreadableFile
from property_oversight.casework.jsonlines import TextRow, chunks, read_texts


@pytest.fixture
def lines(tmp_path):
    def write(*rows: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "in.jsonl"
        path.write_text("\n".join(rows) + "\n", encoding=encoding)
        return path

    return write


def test_line_holds_id_title_text_and_what_was_stated(lines):
    path = lines('{"id": 7, "title": "电梯", "text": "坏了", "stated_estate": "E1", "x": 0}')
    assert read_texts(path) == ([TextRow(7, "电梯", "坏了", "E1")], [])


def test_line_needs_nothing_but_a_text(lines):
    rows, refusals = read_texts(lines('{"text": "坏了"}', '{"text": "", "title": null}'))
    assert rows == [TextRow(None, "", "坏了", ""), TextRow(None, "", "", "")]
    assert refusals == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("坏了", "不是有效的 JSON"),
        ('{"text": "坏了"', "不是有效的 JSON"),
        ('["坏了"]', "应为含 text 的 JSON 对象"),
        ('{"title": "电梯"}', "应为含 text 的 JSON 对象"),
        ('{"text": 7}', "应为含 text 的 JSON 对象"),
        ("null", "应为含 text 的 JSON 对象"),
    ],
)
def test_bad_line_is_named_and_the_others_are_read(lines, line, reason):
    rows, refusals = read_texts(lines('{"text": "好"}', "", line, '{"text": "也好"}'))
    assert [row.text for row in rows] == ["好", "也好"]
    assert [str(refusal) for refusal in refusals] == [f"in.jsonl 第 3 行：{reason}"]


def test_file_may_bear_the_mark_of_office_programs(lines):
    rows, _refusals = read_texts(lines('{"text": "坏了"}', encoding="utf-8-sig"))
    assert rows[0].text == "坏了"


def test_file_that_is_not_utf8_is_refused_whole(lines):
    with pytest.raises(UnreadableFile, match=r"in.jsonl 不是 UTF-8 编码的文本"):
        read_texts(lines('{"text": "坏了"}', encoding="gb18030"))


@pytest.mark.parametrize(
    ("number", "pieces"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])]
)
def test_chunks_are_of_one_size_but_the_last(number, pieces):
    rows = list(range(number))
    made = list(chunks(rows, 3))
    assert [len(piece) for piece in made] == pieces
    assert [one for piece in made for one in piece] == rows
