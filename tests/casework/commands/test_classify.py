"""classify: the shape that people's scripts rely on, whether it is sure or not."""

import json

import pytest

KEYS = ["id", "category", "confidence", "alternatives", "abstained", "danger", "because"]


@pytest.fixture
def source(office_file):
    return office_file(
        "in.jsonl",
        '{"id": "a", "title": "电梯", "text": "三号楼电梯困人没人管"}',
        '{"id": 2, "title": "", "text": "物业费收了不开票"}',
        encoding="utf-8",
    )


def answers(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_classify_writes_a_line_for_each_text_in_its_order(small_model, source, tmp_path, command):
    target = tmp_path / "out.jsonl"
    said = command("classify", source, target, model=small_model)
    assert (said.code, said.out, said.err) == (0, "in.jsonl：读 2 条\n", "")
    lift, fees = answers(target)
    assert list(lift) == list(fees) == KEYS
    assert (lift["id"], lift["category"], lift["danger"]) == ("a", "lift", True)
    assert (fees["id"], fees["category"], fees["danger"]) == (2, "fees", False)


def test_classify_says_how_sure_it_is_and_why(small_model, source, tmp_path, command):
    target = tmp_path / "out.jsonl"
    command("classify", source, target, model=small_model)
    for answer in answers(target):
        codes, shares = zip(*answer["alternatives"], strict=True)
        assert (codes[0], shares[0]) == (answer["category"], answer["confidence"])
        assert list(shares) == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1.0)
        assert answer["abstained"] is False
        assert answer["because"]
        assert all(isinstance(word, str) and weight > 0 for word, weight in answer["because"])


def test_classify_gives_its_best_guess_also_where_it_leaves_it_to_a_person(
    hesitant, source, tmp_path, command
):
    target = tmp_path / "out.jsonl"
    command("classify", source, target)  # the model in use
    assert [(one["category"], one["abstained"]) for one in answers(target)] == [
        ("lift", True),
        ("fees", True),
    ]


def test_classify_names_lines_it_cannot_read_and_reads_the_rest(
    small_model, office_file, tmp_path, command
):
    source = office_file("in.jsonl", "{", '{"id": 1, "text": "物业费收了不开票"}', '{"id": 2}')
    target = tmp_path / "out.jsonl"
    said = command("classify", source, target, model=small_model)
    assert said.code == 1
    assert said.err.splitlines() == [
        "in.jsonl 第 1 行：不是有效的 JSON",
        "in.jsonl 第 3 行：应为含 text 的 JSON 对象",
    ]
    assert [one["id"] for one in answers(target)] == [1]


def test_classify_without_a_model_does_nothing(source, tmp_path, command):
    said = command("classify", source, tmp_path / "out.jsonl", model=tmp_path / "nothing")
    assert said.code == 2
    assert "中没有可用的模型" in said.err
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("missing", ["source", "target"])
def test_classify_of_what_cannot_be_opened_does_nothing(
    small_model, source, tmp_path, command, missing
):
    paths = {"source": source, "target": tmp_path / "out.jsonl"}
    paths[missing] = tmp_path / "没有" / "file.jsonl"
    said = command("classify", paths["source"], paths["target"], model=small_model)
    assert said.code == 2
    assert str(paths[missing]) in said.err
    assert "无法读写" in said.err
