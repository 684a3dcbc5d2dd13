"""A labelled file becomes a model; a file that cannot be learned from is refused in Chinese."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ml import artifact
from ml.card import card
from ml.train import Corpus, UnusableCorpus, joined, main, read_corpus, train
from tests.conftest import SENTENCES

ROWS = [(text, label) for label in ("fees", "lift") for text in SENTENCES[label][:4]]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def as_csv(rows=ROWS, header="text,label") -> str:
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"


def as_jsonl(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_of_offices(tmp_path, encoding):
    corpus = read_corpus(write(tmp_path / "c.csv", as_csv(), encoding), label="label")
    assert corpus.texts == [joined("", text) for text, _label in ROWS]
    assert corpus.labels == [label for _text, label in ROWS]
    assert corpus.danger == [False] * len(ROWS)
    assert corpus.groups is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_json_lines_are_read(tmp_path, encoding):
    text = as_jsonl([{"text": text, "primary": label} for text, label in ROWS])
    corpus = read_corpus(write(tmp_path / "c.jsonl", text + "\n\n", encoding))
    assert corpus.labels == [label for _text, label in ROWS]


def test_the_words_that_tell_of_danger_are_read_if_they_stand_in_the_text(tmp_path):
    rows = [{"text": text, "primary": label} for text, label in ROWS]
    rows[0] |= {"danger": True, "danger_spans": [ROWS[0][0][1:3], "别处的话", ""]}
    rows[1] |= {"danger": True, "danger_spans": "困人"}  # no list
    corpus = read_corpus(write(tmp_path / "c.jsonl", as_jsonl(rows)))
    assert corpus.danger_spans == [(ROWS[0][0][1:3],)] + [()] * (len(ROWS) - 1)


def test_every_json_lines_file_of_a_folder_is_read(tmp_path):
    for name in ("lift", "fees"):
        rows = [{"text": text, "primary": label} for text, label in ROWS if label == name]
        write(tmp_path / f"{name}.jsonl", as_jsonl(rows))
    write(tmp_path / "notes.txt", "not a corpus")
    assert Counter(read_corpus(tmp_path).labels) == {"lift": 4, "fees": 4}


def test_title_and_text_are_read_as_one(tmp_path):
    rows = [{"title": "标题", "text": text, "primary": label} for text, label in ROWS]
    path = write(tmp_path / "c.jsonl", as_jsonl(rows))
    assert read_corpus(path).texts[0] == f"标题\n{ROWS[0][0]}"
    assert read_corpus(path, title=None).texts[0] == f"\n{ROWS[0][0]}"


def test_repeats_are_dropped_whatever_their_punctuation(tmp_path):
    rows = [*ROWS, (ROWS[0][0], "lift"), (f"{ROWS[1][0]}！！", "fees")]
    corpus = read_corpus(write(tmp_path / "c.csv", as_csv(rows)), label="label")
    assert len(corpus) == len(ROWS)
    assert corpus.labels[0] == ROWS[0][1]  # the first one counts


def test_rows_without_text_or_label_are_dropped(tmp_path):
    rows = [*ROWS, ("", "lift"), ("？？？", "lift"), ("电梯停了好久", " "), ("电梯又坏", "")]
    assert len(read_corpus(write(tmp_path / "c.csv", as_csv(rows)), label="label")) == len(ROWS)


def test_a_label_seen_once_cannot_be_learned_and_is_dropped(tmp_path):
    rows = [*ROWS, ("路灯不亮", "light")]
    corpus = read_corpus(write(tmp_path / "c.csv", as_csv(rows)), label="label")
    assert set(corpus.labels) == {"lift", "fees"}


@pytest.mark.parametrize(
    ("told", "danger"),
    [(True, True), (1, True), ("1", True), ("true", True), ("True", True), ("是", True),
     (False, False), (0, False), ("0", False), ("否", False), ("", False), (None, False)],
)  # fmt: skip
def test_danger_is_read_where_it_is_told(tmp_path, told, danger):
    rows = [{"text": text, "primary": label, "danger": told} for text, label in ROWS]
    assert read_corpus(write(tmp_path / "c.jsonl", as_jsonl(rows))).danger == [danger] * len(ROWS)


def test_groups_are_kept_where_every_row_has_one(tmp_path):
    rows = [(text, label, f"E{i % 3}") for i, (text, label) in enumerate(ROWS)]
    path = write(tmp_path / "c.csv", as_csv(rows, "text,label,group"))
    assert read_corpus(path, label="label").groups == [group for _text, _label, group in rows]
    rows[0] = (*ROWS[0], "")
    write(path, as_csv(rows, "text,label,group"))
    assert read_corpus(path, label="label").groups is None


@pytest.mark.parametrize(
    ("columns", "missing"),
    [({"text": "内容"}, "内容"), ({"label": "类别"}, "类别"), ({}, "primary")],
)
def test_a_missing_column_is_named_in_chinese(tmp_path, columns, missing):
    path = write(tmp_path / "样本.csv", as_csv())
    with pytest.raises(UnusableCorpus, match=f"^样本.csv 没有“{missing}”列$"):
        read_corpus(path, **columns)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (as_csv(ROWS[:4]), "至少要有两个类别"),  # one category
        (as_csv([ROWS[0], ROWS[4]]), "至少要有两个类别"),  # two categories seen once
        (as_csv([]), "至少要有两个类别"),
        ("", "至少要有两个类别"),
    ],
)
def test_too_little_is_refused(tmp_path, content, reason):
    with pytest.raises(UnusableCorpus, match=reason):
        read_corpus(write(tmp_path / "c.csv", content), label="label")


@pytest.mark.parametrize(
    ("line", "reason"), [("{", "第 2 行不是有效的 JSON"), ("[1]", "第 2 行不是 JSON 对象")]
)
def test_a_broken_line_is_named(tmp_path, line, reason):
    path = write(tmp_path / "c.jsonl", f'{{"text": "电梯", "primary": "lift"}}\n{line}\n')
    with pytest.raises(UnusableCorpus, match=reason):
        read_corpus(path)


def test_a_line_without_the_text_is_a_row_without_text(tmp_path):
    rows = [{"text": text, "primary": label} for text, label in ROWS]
    path = write(tmp_path / "c.jsonl", as_jsonl([*rows, {"primary": "lift"}, {"text": "电梯"}]))
    assert len(read_corpus(path)) == len(ROWS)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "c.csv").write_bytes(b"text,label\n\xff\xfe\x80,lift\n")
    with pytest.raises(UnusableCorpus, match=r"c\.csv 的编码无法识别"):
        read_corpus(tmp_path / "c.csv", label="label")


def test_training_writes_model_manifest_and_card(small_corpus, tmp_path):
    manifest = train(small_corpus, tmp_path)
    model, read = artifact.load(tmp_path)
    assert read == manifest
    assert manifest.rows == len(small_corpus)
    assert manifest.classes == list(model.classes_)
    assert model.danger_ is not None
    assert set(manifest.metrics) == {
        "accuracy", "top3", "macro_f1", "coverage", "accuracy_when_confident",
        "calibration_error", "danger_recall", "danger_precision",
    }  # fmt: skip
    assert all(0.0 <= value <= 1.0 for value in manifest.metrics.values())
    assert (tmp_path / artifact.CARD).read_text(encoding="utf-8") == card(manifest)


def test_the_same_corpus_gives_the_same_model(small_corpus, tmp_path):
    first = train(small_corpus, tmp_path / "first")
    again = train(small_corpus, tmp_path / "again")
    assert first == again
    texts = ["电梯停了", "物业费太贵"]
    models = [artifact.load(tmp_path / name)[0] for name in ("first", "again")]
    assert np.array_equal(*(model.predict_proba(texts) for model in models))
    assert models[0].get_params() == models[1].get_params()


@pytest.mark.parametrize("changed", ["text", "label", "danger", "spans"])
def test_another_corpus_gives_another_version(small_corpus, tmp_path, changed):
    texts, labels, danger = (
        list(small_corpus.texts), list(small_corpus.labels), list(small_corpus.danger)
    )  # fmt: skip
    if changed == "text":
        texts[0] += "了"
    elif changed == "label":
        labels[0] = "fees"
    elif changed == "danger":
        danger[0] = not danger[0]
    spans = [("困人",) if "困人" in text and changed == "spans" else () for text in texts]
    other = train(Corpus(texts, labels, danger, None, spans), tmp_path / "other")
    assert other.version != train(small_corpus, tmp_path / "first").version


def test_groups_are_kept_apart_in_training(small_corpus, tmp_path):
    groups = [f"E{i % 3}" for i in range(len(small_corpus))]
    corpus = Corpus(small_corpus.texts, small_corpus.labels, small_corpus.danger, groups)
    assert train(corpus, tmp_path).rows == len(small_corpus)


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        (["甲乙", "丙丁", "子丑", "寅卯"], None),  # no word twice
        (SENTENCES["lift"][:2] + SENTENCES["fees"][:2], ["E1"] * 4),  # nobody to hold out
        (SENTENCES["lift"][:2] + SENTENCES["fees"][:2], ["E1", "E1", "E2", "E2"]),
    ],
)
def test_a_corpus_that_cannot_be_checked_is_refused_and_nothing_written(tmp_path, texts, groups):
    corpus = Corpus(texts, ["a", "a", "b", "b"], [False] * 4, groups)
    with pytest.raises(UnusableCorpus, match="文本太少"):
        train(corpus, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_line_trains_and_prints_the_card(tmp_path, capsys):
    rows = [{"text": text, "primary": label}
            for label, texts in SENTENCES.items() for text in texts]  # fmt: skip
    path = write(tmp_path / "c.jsonl", as_jsonl(rows))
    assert main([str(path), str(tmp_path / "out")]) == 0
    assert "分类模型卡" in capsys.readouterr().out
    assert artifact.read_manifest(tmp_path / "out").rows == len(rows)


@pytest.mark.parametrize("arguments", [[], ["one"], ["one", "two", "three"]])
def test_the_command_line_says_how_it_is_used(arguments, capsys):
    assert main(arguments) == 2
    assert "用法" in capsys.readouterr().err


def test_the_command_line_says_why_it_cannot_train(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere.csv"), str(tmp_path / "out")]) == 2
    write(tmp_path / "c.csv", as_csv())
    assert main([str(tmp_path / "c.csv"), str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.count("无法训练") == 2
    assert "没有“primary”列" in said
