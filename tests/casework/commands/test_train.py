"""train: any labelled file becomes a model with manifest and card; the hold-out is printed."""

import json

import pytest

from ml import artifact
from tests.conftest import SENTENCES


@pytest.fixture
def corpus(office_file):
    rows = [f"{text},{label}" for label, texts in SENTENCES.items() for text in texts]
    return office_file("语料.csv", "内容,类别", *rows)


def train(command, corpus, folder, **columns):
    options = {"text_column": "内容", "label_column": "类别"} | columns
    return command("train", corpus=corpus, out=folder, **options)


def test_train_writes_model_manifest_and_card_and_prints_macro_f1(command, corpus, tmp_path):
    said = train(command, corpus, tmp_path / "model")
    assert (said.code, said.err) == (0, "")
    model, manifest = artifact.load(tmp_path / "model")
    assert f"macro-F1 {manifest.metrics['macro_f1']:.4f}" in said.out
    assert set(model.classes_) == set(SENTENCES)
    assert len(list((tmp_path / "model").iterdir())) >= 3


def test_trained_model_is_one_that_classify_can_use(command, corpus, office_file, tmp_path):
    train(command, corpus, tmp_path / "model")
    source = office_file("in.jsonl", '{"id": 1, "text": "电梯又停了"}')
    target = tmp_path / "out.jsonl"
    assert command("classify", source, target, model=tmp_path / "model").code == 0
    assert json.loads(target.read_text())["category"] == "lift"


@pytest.mark.parametrize(
    ("columns", "name"), [({"text_column": "正文"}, "正文"), ({"label_column": "标签"}, "标签")]
)
def test_train_on_a_column_that_is_not_there_does_nothing(command, corpus, tmp_path, columns, name):
    said = train(command, corpus, tmp_path / "model", **columns)
    assert said.code == 2
    assert name in said.err
    assert not (tmp_path / "model").exists()


def test_train_on_a_file_that_is_not_there_does_nothing(command, tmp_path):
    said = train(command, tmp_path / "没有.csv", tmp_path / "model")
    assert said.code == 2
    assert "没有.csv" in said.err


def test_train_on_one_label_does_nothing(command, office_file, tmp_path):
    corpus = office_file("语料.csv", "内容,类别", *[f"电梯坏了{n},lift" for n in range(9)])
    said = train(command, corpus, tmp_path / "model")
    assert said.code == 2
    assert said.err.strip()
