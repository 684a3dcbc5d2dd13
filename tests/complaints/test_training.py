"""What people have confirmed is learned from, but for a fifth by which every model is judged."""

import shutil
from itertools import count

import pytest
from django.core.exceptions import ValidationError

from complaints.actions import RESIDENT
from complaints.classification import classify, correct, folder_of, load_model, serving_model
from complaints.models import Category, Complaint, TrainedModel
from complaints.training import (
    FEWEST_TO_JUDGE,
    Confirmed,
    confirmations,
    confirmed_counts,
    is_held_out,
    judge,
    retrain,
    with_confirmed,
)
from ml import artifact
from ml.text import bare
from ml.train import Corpus
from tests.factories import make_category, make_complaint

_numbers = count(1)
MATTERS = {"lift": "电梯又停在半路", "fees": "物业费又涨价了", "cleaning": "垃圾堆着没人扫"}


@pytest.fixture
def own_folders(settings, small_model, categories, tmp_path):
    """A starter model whose neighbours are this test's alone."""
    shutil.copytree(small_model, tmp_path / "model")
    settings.MODEL_DIR = tmp_path / "model"


def confirm(text: str, code: str = "lift", *, danger: bool = False, **more) -> Complaint:
    complaint = make_complaint(text, **more)
    correct(complaint, make_category(code), by=RESIDENT, danger=danger)
    return complaint


def on_side(held_out: bool, text: str, code: str = "lift", **more) -> Complaint:
    """A confirmed complaint that is, or is not, held out; others are passed over unconfirmed."""
    while True:
        complaint = make_complaint(text, **more)
        if is_held_out(complaint.pk) == held_out:
            correct(complaint, make_category(code), by=RESIDENT, danger=False)
            return complaint


def confirm_many(held_out: int, learned: int) -> None:
    """Texts of three matters, each different, on either side."""
    for side, wanted in ((True, held_out), (False, learned)):
        for number in range(wanted):
            code = list(MATTERS)[number % 3]
            word = "".join(chr(0x4E00 + int(d)) for d in str(next(_numbers)))
            on_side(side, f"{MATTERS[code]}{word}", code)


def texts(rows) -> list[str]:
    return [row.learned.strip() for row in rows]


def test_a_fifth_is_held_out_and_stays_so():
    kept = [key for key in range(1, 5001) if is_held_out(key)]
    assert 900 < len(kept) < 1100
    assert kept[:5] == [key for key in range(1, 100) if is_held_out(key)][:5]
    assert {key % 5 for key in kept} == {0, 1, 2, 3, 4}  # not simply each fifth


def test_confirmed_texts_are_parted(small_corpus, categories):
    learned = on_side(False, "门禁坏了谁都能进", "security", title="门禁")
    held = on_side(True, "门卫整天睡觉", "security")
    make_complaint("没有人确认过")
    told = confirmations(small_corpus)
    assert told.learned == [
        Confirmed(learned.pk, "门禁\n门禁坏了谁都能进", "门禁\n门禁坏了谁都能进", "security", False)
    ]
    assert [row.complaint for row in told.held_out] == [held.pk]


def test_the_newest_verdict_is_the_label(small_corpus, categories):
    complaint = on_side(False, "门禁坏了谁都能进", "fees")
    correct(complaint, Category.objects.get(code="security"), by=RESIDENT, danger=True)
    (row,) = confirmations(small_corpus).learned
    assert (row.category, row.danger) == ("security", True)


def test_what_the_office_has_filed_it_under_is_read_but_not_learned(small_corpus, categories):
    on_side(False, "还是那样", stated_category="秩序")
    (row,) = confirmations(small_corpus).learned
    assert row.learned == "\n还是那样"
    assert row.read == "秩序\n\n还是那样"


def test_the_name_of_who_complains_is_not_learned(small_corpus, categories):
    on_side(False, "我是王秀英，王秀英家门口", reporter_name="王秀英")
    on_side(False, "王法何在", reporter_name="王")
    assert texts(confirmations(small_corpus).learned) == ["我是，家门口", "王法何在"]


def test_what_stands_in_the_corpus_is_neither_learned_again_nor_held_out(small_corpus, categories):
    for held_out in (True, False):
        on_side(held_out, f"　{small_corpus.texts[0]}！！")
    told = confirmations(small_corpus)
    assert (told.learned, told.held_out) == ([], [])


@pytest.mark.parametrize("first_held_out", [True, False])
def test_repeats_stand_where_the_first_confirmed_stands(small_corpus, categories, first_held_out):
    first = on_side(first_held_out, "门禁坏了")
    on_side(not first_held_out, "门禁，坏了！", "fees")
    told = confirmations(small_corpus)
    kept, other = (told.held_out, told.learned) if first_held_out else (told.learned, told.held_out)
    assert [(row.complaint, row.category) for row in kept] == [(first.pk, "lift")]
    assert other == []


def test_no_text_ever_changes_sides(small_corpus, categories):
    """Whatever is confirmed later, earlier complaints too: what was learned is never judged by."""
    earlier = make_complaint("门禁坏了")
    on_side(False, "门禁坏了")
    learned = texts(confirmations(small_corpus).learned)
    correct(earlier, make_category("fees"), by=RESIDENT)
    on_side(True, "门禁坏了")
    told = confirmations(small_corpus)
    assert texts(told.learned) == learned
    assert texts(told.held_out) == []


def test_confirmed_rows_weigh_as_much_as_others(small_corpus):
    rows = [Confirmed(1, "门禁坏了", "门禁坏了", "lift", True)]
    data = with_confirmed(small_corpus, rows)
    assert data.texts == [*small_corpus.texts, "门禁坏了"]
    assert (data.labels[-1], data.danger[-1], data.groups) == ("lift", True, None)


def test_groups_are_kept_where_the_corpus_has_them(small_corpus):
    grouped = Corpus(["甲", "乙"], ["lift", "lift"], [False, False], ["一号院", "一号院"])
    data = with_confirmed(grouped, [Confirmed(7, "丙", "丙", "lift", False)])
    assert data.groups == ["一号院", "一号院", "complaint 7"]


def test_a_code_with_a_single_text_cannot_be_learned(small_corpus):
    one = Confirmed(1, "门禁坏了", "门禁坏了", "security", False)
    two = Confirmed(2, "门卫睡觉", "门卫睡觉", "security", False)
    assert len(with_confirmed(small_corpus, [one])) == len(small_corpus)
    assert len(with_confirmed(small_corpus, [one, two])) == len(small_corpus) + 2


def test_complaints_are_counted_once_on_their_side(categories):
    for side in (True, False, False):
        complaint = on_side(side, "门禁坏了")
        correct(complaint, make_category("fees"), by=RESIDENT)
    assert confirmed_counts() == (2, 1)


# Building a candidate ---------------------------------------------------------------------------
def test_nothing_confirmed_is_nothing_to_learn(own_folders, small_corpus):
    on_side(True, "门禁坏了")
    with pytest.raises(ValidationError) as refused:
        retrain(small_corpus)
    assert refused.value.code == "nothing_new"
    assert not TrainedModel.objects.exists()


def test_a_candidate_knows_what_was_confirmed_and_serves_nobody(
    own_folders, small_corpus, settings
):
    for text in ("充电桩跳闸", "充电桩又坏了"):
        on_side(False, text, "ev_charging")
    on_side(True, "充电桩冒烟")
    starter = serving_model().version
    candidate = retrain(small_corpus)
    assert (candidate.state, candidate.corpus_rows, candidate.confirmed_rows) == (
        "candidate", len(small_corpus), 2,
    )  # fmt: skip
    assert serving_model().version == starter
    folder = settings.MODEL_DIR.parent / "models" / candidate.version
    assert folder_of(candidate) == folder
    assert (folder / artifact.CARD).exists()
    model, manifest = artifact.load(folder)
    assert (manifest.version, manifest.data_hash) == (candidate.version, candidate.data_hash)
    assert manifest.rows == len(small_corpus) + 2
    assert "ev_charging" in model.classes_
    assert candidate.figures["own"] == manifest.metrics
    assert [path.name for path in folder.parent.iterdir()] == [candidate.version]


def test_no_model_is_trained_on_what_is_held_out(own_folders, small_corpus):
    confirm_many(held_out=12, learned=12)
    candidate = retrain(small_corpus)
    told = confirmations(small_corpus)
    assert len(told.held_out) == 12
    data = with_confirmed(small_corpus, told.learned)
    assert not {bare(row.learned) for row in told.held_out} & {bare(text) for text in data.texts}
    assert artifact.read_manifest(folder_of(candidate)).rows == len(data)


def test_the_same_data_give_the_same_candidate(own_folders, small_corpus):
    confirm_many(held_out=0, learned=6)
    first = retrain(small_corpus)
    written_at = (folder_of(first) / artifact.MANIFEST).stat().st_mtime_ns
    second = retrain(small_corpus)
    assert (second.pk, second.version) == (first.pk, first.version)
    assert (folder_of(first) / artifact.MANIFEST).stat().st_mtime_ns == written_at
    confirm_many(held_out=0, learned=1)
    assert retrain(small_corpus).version != first.version


def test_a_candidate_whose_files_were_lost_is_built_again(own_folders, small_corpus):
    confirm_many(held_out=0, learned=6)
    candidate = retrain(small_corpus)
    (folder_of(candidate) / artifact.MANIFEST).unlink()
    assert retrain(small_corpus) == candidate
    assert load_model(candidate).version == candidate.version


def test_what_the_model_in_use_has_learned_is_nothing_new(own_folders, small_corpus):
    confirm_many(held_out=0, learned=6)
    candidate = retrain(small_corpus)
    TrainedModel.objects.filter(pk=candidate.pk).update(state="serving")
    with pytest.raises(ValidationError) as refused:
        retrain(small_corpus)
    assert refused.value.code == "nothing_new"


# Judging ----------------------------------------------------------------------------------------
def test_too_few_held_out_texts_say_nothing(own_folders, small_corpus):
    confirm_many(held_out=FEWEST_TO_JUDGE - 1, learned=6)
    figures = retrain(small_corpus).figures
    assert figures["held_out"] == FEWEST_TO_JUDGE - 1
    assert "comparison" not in figures


def test_candidate_and_model_in_use_read_the_same_held_out_texts(own_folders, small_corpus):
    confirm_many(held_out=FEWEST_TO_JUDGE, learned=30)
    candidate = retrain(small_corpus)
    found = candidate.figures["comparison"]
    assert (found["texts"], candidate.figures["against"]) == (
        FEWEST_TO_JUDGE, serving_model().version,
    )  # fmt: skip
    rows = confirmations(small_corpus).held_out
    for name, model in (("serving", serving_model()), ("candidate", load_model(candidate))):
        readings = model.reader.read([row.read for row in rows])
        right = [one.category == row.category for one, row in zip(readings, rows, strict=True)]
        assert found["accuracy"][name] == pytest.approx(sum(right) / len(rows))
    assert TrainedModel.objects.get().figures == candidate.figures


def test_a_citys_own_file_is_judged_by_but_for_what_was_learned(own_folders, small_corpus):
    confirm_many(held_out=10, learned=6)
    told = confirmations(small_corpus)
    strange = [f"电梯坏在第{chr(0x4E10 + n)}层" for n in range(FEWEST_TO_JUDGE)]
    known = [small_corpus.texts[0], told.learned[0].learned, told.held_out[0].learned]
    whole = Corpus(strange + known, ["lift"] * 53, [False] * 53, None)
    figures = retrain(small_corpus, also_held_out=whole).figures
    assert (figures["held_out"], figures["of_a_file"]) == (60, 50)
    assert figures["comparison"]["texts"] == 60


def test_without_a_model_in_use_there_is_nothing_to_be_held_against(own_folders, small_corpus):
    confirm_many(held_out=FEWEST_TO_JUDGE, learned=6)
    candidate = retrain(small_corpus)
    shutil.rmtree(folder_of(None))
    judge(candidate, confirmations(small_corpus).held_out)
    assert "comparison" not in candidate.figures
    assert candidate.figures["own"]


def test_what_was_read_meanwhile_does_not_matter(own_folders, small_corpus):
    """Confirming answers a reading; learning asks for the verdict alone."""
    complaint = make_complaint("电梯坏了没人修")
    while is_held_out(complaint.pk):
        complaint = make_complaint("电梯坏了没人修")
    classify([complaint])
    correct(complaint, make_category("fees"), by=RESIDENT)
    assert [row.category for row in confirmations(small_corpus).learned] == ["fees"]
