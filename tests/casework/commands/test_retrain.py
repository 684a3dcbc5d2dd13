"""retrain: what people have confirmed becomes a candidate; the comparison is printed."""

import shutil

import pytest

from complaints.actions import RESIDENT
from complaints.classification import correct, serving_model
from complaints.models import TrainedModel
from complaints.training import is_held_out
from tests.conftest import SENTENCES
from tests.factories import make_category, make_complaint


@pytest.fixture
def corpus(office_file):
    rows = [f"{text},{label}" for label, texts in SENTENCES.items() for text in texts]
    return office_file("语料.csv", "text,primary", *rows)


@pytest.fixture
def city_that_confirms(settings, small_model, categories, tmp_path):
    shutil.copytree(small_model, tmp_path / "model")
    settings.MODEL_DIR = tmp_path / "model"
    learned = 0
    while learned < 6:
        complaint = make_complaint(f"充电桩{'甲乙丙丁戊己'[learned]}跳闸")
        if not is_held_out(complaint.pk):
            correct(complaint, make_category("ev_charging"), by=RESIDENT)
            learned += 1


def test_retrain_makes_a_candidate_and_says_that_it_cannot_be_judged_yet(
    command, corpus, city_that_confirms
):
    said = command("retrain", corpus=corpus)
    assert (said.code, said.err) == (0, "")
    candidate = TrainedModel.objects.get()
    assert (candidate.state, candidate.corpus_rows, candidate.confirmed_rows) == (
        "candidate", 32, 6,
    )  # fmt: skip
    assert candidate.version in said.out
    assert "留出 0 条，满 50 条" in said.out


def test_retrain_prints_the_comparison_on_a_citys_own_file(
    command, corpus, city_that_confirms, office_file
):
    rows = [f"充电桩在第{chr(0x4E10 + n)}号楼跳闸,ev_charging" for n in range(60)]
    own = office_file("本市.csv", "内容,类别", *rows, "电梯坏了,lift", "电梯停了,lift")
    said = command("retrain", corpus=corpus, held_out=own, text_column="内容", label_column="类别")
    found = TrainedModel.objects.get().figures["comparison"]
    assert found["texts"] == 62
    assert serving_model().version in said.out
    assert f"正确率 {found['accuracy']['serving']:.3f} → {found['accuracy']['candidate']:.3f}" in (
        said.out
    )
    assert "危险召回率" not in said.out  # no text tells of danger


def test_retrain_with_nothing_confirmed_does_nothing(command, corpus, serving):
    said = command("retrain", corpus=corpus)
    assert said.code == 2
    assert "没有新的人工读件" in said.err
    assert not TrainedModel.objects.exists()


def test_retrain_from_a_file_that_is_not_there_does_nothing(command, tmp_path, serving):
    said = command("retrain", corpus=tmp_path / "没有.csv")
    assert said.code == 2
    assert "没有.csv" in said.err


def test_classify_reads_with_the_promoted_model(
    command, corpus, city_that_confirms, office_file, tmp_path
):
    command("retrain", corpus=corpus)
    TrainedModel.objects.update(state="serving")
    source = office_file("in.jsonl", '{"id": 1, "text": "充电桩跳闸"}')
    assert command("classify", source, tmp_path / "out.jsonl").code == 0
    assert '"category": "ev_charging"' in (tmp_path / "out.jsonl").read_text()
