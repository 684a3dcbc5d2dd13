"""What the model is sure of is taken, what it is not waits for a person, and all is kept."""

import os
import shutil
from dataclasses import replace

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from complaints import classification
from complaints.actions import RESIDENT, Actor, move
from complaints.classification import (
    NoModel,
    ServingModel,
    classify,
    correct,
    read_again,
    serving_model,
)
from complaints.models import Category, Complaint, Prediction, TrainedModel, Verdict
from complaints.workflow import Move
from ml import artifact
from property_oversight.accounts.actions import invite
from tests.factories import make_complaint, moment

SURE, DANGEROUS = "电梯坏了没人修", "电梯困人没人管"
UNSURE = "电梯里垃圾没人扫，物业费照收"  # of three matters at once


def test_a_sure_reading_is_taken(serving):
    complaint = make_complaint(SURE)
    with time_machine.travel(moment(2026, 8, 3, 10), tick=False):
        assert classify([complaint]) == 1
    stored = Complaint.objects.get(pk=complaint.pk)
    for row in (complaint, stored):
        assert row.category_id == "lift"
        assert row.read_at == moment(2026, 8, 3, 10)
        assert not row.awaits_reading


def test_an_unsure_reading_waits_for_a_person(serving):
    complaint = make_complaint(UNSURE)
    assert classify([complaint]) == 1
    complaint.refresh_from_db()
    assert complaint.category is None
    assert complaint.awaits_reading
    prediction = complaint.predictions.get()
    assert prediction.abstained
    assert prediction.category_id  # the best guess is kept all the same


def test_the_kind_that_the_senders_office_stated_is_read_with_the_words(serving):
    words = "还是那样"
    alone, filed = make_complaint(words), make_complaint(words, stated_category="电梯")
    classify([alone, filed])
    assert alone.predictions.get().category_id != "lift"
    assert filed.category_id == "lift"


def test_danger_is_read_and_kept(serving):
    dangerous, harmless = make_complaint(DANGEROUS), make_complaint("物业费太贵")
    classify([dangerous, harmless])
    assert (dangerous.danger, harmless.danger) == (True, False)
    assert dangerous.predictions.get().danger


def test_danger_that_a_person_has_told_is_not_read_away(serving):
    complaint = make_complaint("物业费太贵")
    Complaint.objects.filter(pk=complaint.pk).update(danger=True)
    classify([complaint])
    complaint.refresh_from_db()
    assert complaint.danger
    assert not complaint.predictions.get().danger


def test_a_category_that_is_known_stays(serving):
    complaint = make_complaint(SURE)
    Complaint.objects.filter(pk=complaint.pk).update(category="fees")
    classify([complaint])
    complaint.refresh_from_db()
    assert complaint.category_id == "fees"
    assert complaint.predictions.get().category_id == "lift"


def test_the_prediction_keeps_what_was_read_and_by_which_model(serving):
    complaint = make_complaint(SURE)
    classify([complaint])
    model = serving_model()
    (reading,) = model.reader.read([complaint.whole])
    prediction = complaint.predictions.get()
    assert (prediction.category_id, prediction.abstained) == ("lift", False)
    assert prediction.confidence == pytest.approx(reading.confidence)
    assert [code for code, _p in prediction.alternatives] == [c for c, _p in reading.alternatives]
    assert [word for word, _w in prediction.because] == [word for word, _w in reading.because]
    assert prediction.model_version == model.version
    event = complaint.events.get(kind="complaint.read")
    assert event.data == {
        "category": "lift",
        "guess": "lift",
        "confidence": pytest.approx(reading.confidence, abs=1e-4),
        "danger": False,
        "model": model.version,
    }


def test_the_event_of_an_unsure_reading_tells_the_guess_but_no_category(serving):
    complaint = make_complaint(UNSURE)
    classify([complaint])
    data = complaint.events.get(kind="complaint.read").data
    assert data["category"] is None
    assert data["guess"] == complaint.predictions.get().category_id


def test_a_model_given_is_used_in_place_of_the_one_in_use(categories, settings, small_model):
    settings.MODEL_DIR = small_model / "nowhere"
    model, _manifest = artifact.load(small_model)
    complaint = make_complaint(SURE)
    assert classify([complaint], ServingModel(model.set_params(threshold=1.01), "shy")) == 1
    assert complaint.awaits_reading
    assert complaint.predictions.get().model_version == "shy"


def test_reading_twice_reads_once(serving):
    complaints = [make_complaint(SURE), make_complaint(UNSURE)]
    stale = list(Complaint.objects.order_by("pk"))
    assert classify(complaints) == 2
    assert classify(complaints) == 0
    assert classify(stale) == 0  # another process had read them meanwhile
    assert [row.category_id for row in stale] == ["lift", None]
    assert all(row.read_at for row in stale)
    assert Prediction.objects.count() == 2


def test_reading_nothing_needs_no_model(db, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    assert classify([]) == 0


def test_title_and_text_are_read_together(serving):
    complaint = make_complaint("没人修", title="电梯坏了")
    classify([complaint])
    assert complaint.category_id == "lift"


def test_without_a_model_nothing_is_read(categories, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    complaint = make_complaint()
    with pytest.raises(NoModel):
        classify([complaint])
    complaint.refresh_from_db()
    assert complaint.read_at is None


def test_a_model_of_another_scikit_learn_is_none(db, settings, small_model, tmp_path):
    model, manifest = artifact.load(small_model)
    artifact.save(model, replace(manifest, sklearn="0.1"), tmp_path, "")
    settings.MODEL_DIR = tmp_path
    with pytest.raises(NoModel, match=r"0\.1"):
        serving_model()


def test_a_model_that_speaks_of_unknown_categories_is_none(serving):
    Category.objects.filter(code="lift").delete()
    complaint = make_complaint(SURE)
    with pytest.raises(NoModel, match="lift"):
        classify([complaint])
    complaint.refresh_from_db()
    assert complaint.read_at is None
    assert not Prediction.objects.exists()


def test_the_model_in_use_is_loaded_once_and_again_when_replaced(
    db, settings, small_model, tmp_path
):
    shutil.copytree(small_model, tmp_path / "model")
    settings.MODEL_DIR = tmp_path / "model"
    first = serving_model()
    assert serving_model() is first

    model, manifest = artifact.load(small_model)
    artifact.save(model, replace(manifest, version="v2"), tmp_path / "model", "")
    written = (tmp_path / "model" / artifact.MANIFEST).stat().st_mtime
    os.utime(tmp_path / "model" / artifact.MANIFEST, (written + 10, written + 10))
    assert serving_model().version == "v2"
    assert first.version == manifest.version != "v2"


def test_another_folder_is_another_model(db, settings, small_model, tmp_path):
    settings.MODEL_DIR = small_model
    first = serving_model()
    shutil.copytree(small_model, tmp_path / "model")
    settings.MODEL_DIR = tmp_path / "model"
    assert serving_model() is not first
    shutil.rmtree(tmp_path / "model")
    with pytest.raises(NoModel):
        serving_model()


# The model in use ------------------------------------------------------------------------------


@pytest.fixture
def city_of_models(settings, small_model, categories, tmp_path):
    """A starter model, and a maker of models trained here, all in folders of this test."""
    shutil.copytree(small_model, tmp_path / "model")
    settings.MODEL_DIR = tmp_path / "model"
    starter, manifest = artifact.load(small_model)

    def make(version: str, state: str = "serving") -> TrainedModel:
        folder = tmp_path / "models" / version
        artifact.save(starter, replace(manifest, version=version), folder, "")
        return TrainedModel.objects.create(
            version=version, folder=version, state=state, corpus_rows=32, confirmed_rows=5
        )

    return make


def test_without_a_promoted_model_the_starter_serves(city_of_models, settings):
    city_of_models("candidate", "candidate")
    city_of_models("old", "retired")
    starter = artifact.read_manifest(settings.MODEL_DIR)
    assert serving_model().version == starter.version


def test_a_promoted_model_serves_at_the_next_batch(city_of_models):
    complaints = [make_complaint(SURE), make_complaint(SURE), make_complaint(SURE)]
    classify(complaints[:1])
    starter = complaints[0].predictions.get().model_version
    newer = city_of_models("newer")
    classify(complaints[1:2])
    TrainedModel.objects.filter(pk=newer.pk).update(state="retired")
    classify(complaints[2:])
    versions = [c.predictions.get().model_version for c in complaints]
    assert versions == [starter, "newer", starter]


def test_asking_for_the_model_in_use_is_one_query(city_of_models, django_assert_num_queries):
    city_of_models("newer")
    first = serving_model()
    with django_assert_num_queries(1):
        assert serving_model() is first


def _lose(folder):
    shutil.rmtree(folder)


def _cut_short(folder):
    path = folder / artifact.MODEL
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _spoil(folder):
    path = folder / artifact.MODEL
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 4, len(content) // 2, 7):
        content[place] ^= 0xFF
    path.write_bytes(content)


def _swap(folder):
    model, manifest = artifact.load(folder)
    artifact.save(model, replace(manifest, version="another"), folder, "")


def _garble(folder):
    (folder / artifact.MANIFEST).write_text("{")


@pytest.mark.parametrize("accident", [_lose, _cut_short, _spoil, _swap, _garble])
def test_where_the_promoted_model_is_gone_complaints_wait_and_no_other_reads_them(
    city_of_models, tmp_path, accident
):
    city_of_models("newer")
    accident(tmp_path / "models" / "newer")
    complaint = make_complaint(SURE)
    with pytest.raises(NoModel) as told:
        classify([complaint])
    assert "newer" in str(told.value)
    assert Complaint.objects.get().read_at is None
    assert not Prediction.objects.exists()
    shutil.rmtree(tmp_path / "models" / "newer", ignore_errors=True)
    TrainedModel.objects.all().delete()
    city_of_models("newer")
    assert classify([complaint]) == 1


def test_a_second_model_cannot_serve(city_of_models):
    city_of_models("newer")
    with pytest.raises(IntegrityError), transaction.atomic():
        city_of_models("newest")


def test_a_reading_by_a_newer_model_is_added_and_the_older_one_stays(serving):
    complaint, settled, confirmed = (make_complaint(text) for text in (UNSURE, SURE, UNSURE))
    classify([complaint, settled, confirmed])
    correct(confirmed, Category.objects.get(code="lift"), by=RESIDENT)
    older = Prediction.objects.filter(complaint=complaint).values().get()
    model = serving_model()
    newer = replace(model, reader=artifact.load(settings.MODEL_DIR)[0], version="newer")
    newer.reader.set_params(threshold=0.0)
    everything = list(Complaint.objects.all())
    assert read_again(everything, model) == 0  # it has read them already
    assert read_again(everything, newer) == 1
    assert [row.model_version for row in complaint.predictions.all()] == ["newer", model.version]
    assert complaint.predictions.values().order_by("pk").first() == older
    complaint.refresh_from_db()
    assert complaint.category_id == older["category_id"]
    assert complaint.events.filter(kind="complaint.read").count() == 2
    assert settled.predictions.count() == confirmed.predictions.count() == 1


def test_predictions_and_verdicts_cannot_be_lost_with_anything_else(serving):
    complaint = make_complaint(SURE)
    classify([complaint])
    correct(complaint, Category.objects.get(code="lift"), by=RESIDENT)
    for row in (complaint, complaint.predictions.get(), Category.objects.get(code="lift")):
        with pytest.raises(ProtectedError):
            row.delete()


def test_the_share_of_words_the_model_has_never_met_is_kept(serving):
    known, strange = make_complaint("电梯，没人"), make_complaint("魑魅魍魉饕餮")
    classify([known, strange])
    assert known.predictions.get().unseen == 0.0
    assert strange.predictions.get().unseen == 1.0


def test_a_reader_without_a_vocabulary_says_nothing_of_unseen_words(serving):
    complaint = make_complaint(SURE)
    classify([complaint], replace(serving_model(), vocabulary=frozenset()))
    assert complaint.predictions.get().unseen is None


# A person says what it is about --------------------------------------------------------------


@pytest.mark.parametrize(("said", "agrees"), [("lift", True), ("fees", False)])
def test_what_a_person_says_is_kept_with_the_reading_it_answers(serving, said, agrees):
    user, complaint = invite("officer"), make_complaint(SURE)
    classify([complaint])
    with time_machine.travel(moment(2026, 8, 3, 11), tick=False):
        correct(complaint, Category.objects.get(code=said), by=Actor("bureau", user), danger=True)
    verdict = Verdict.objects.get()
    assert (verdict.complaint, verdict.prediction) == (complaint, complaint.predictions.get())
    assert (verdict.category_id, verdict.danger, verdict.agrees) == (said, True, agrees)
    assert (verdict.by, verdict.at) == (user, moment(2026, 8, 3, 11))


def test_a_second_word_is_another_row(serving):
    complaint = make_complaint(SURE)
    classify([complaint])
    for code in ("fees", "lift"):
        correct(complaint, Category.objects.get(code=code), by=RESIDENT)
    assert list(complaint.verdicts.values_list("category", "agrees")) == [
        ("lift", True),
        ("fees", False),
    ]


def test_a_word_on_what_no_model_has_read_agrees_with_nothing(categories):
    complaint = make_complaint()
    correct(complaint, Category.objects.get(code="fees"), by=RESIDENT)
    verdict = complaint.verdicts.get()
    assert (verdict.prediction, verdict.agrees) == (None, None)


def test_a_refused_word_leaves_nothing(categories):
    complaint = make_complaint()
    move(complaint, Move.WITHDRAW, by=RESIDENT)
    with pytest.raises(ValidationError):
        correct(complaint, Category.objects.get(code="fees"), by=RESIDENT)
    assert not Verdict.objects.exists()


def test_a_correction_keeps_what_the_model_had_read(serving):
    user, complaint = invite("officer"), make_complaint(SURE)
    classify([complaint])
    fees = Category.objects.get(code="fees")
    correct(complaint, fees, by=Actor("bureau", user), danger=True)
    stored = Complaint.objects.get(pk=complaint.pk)
    for row in (complaint, stored):
        assert (row.category, row.danger) == (fees, True)
    assert stored.predictions.get().category_id == "lift"
    event = stored.events.get(kind="complaint.corrected")
    assert event.data == {"from": "lift", "category": "fees", "danger": True}
    assert (event.by, event.actor) == (user, "bureau")


def test_a_correction_without_a_word_on_danger_leaves_it(categories):
    complaint = make_complaint()
    Complaint.objects.filter(pk=complaint.pk).update(danger=True)
    correct(complaint, Category.objects.get(code="fees"), by=RESIDENT)
    complaint.refresh_from_db()
    assert complaint.danger


def test_what_a_person_has_read_the_model_does_not_read_again(serving):
    complaint = make_complaint(SURE)
    correct(complaint, Category.objects.get(code="fees"), by=RESIDENT)
    assert classify([complaint]) == 0
    assert classify([Complaint.objects.get(pk=complaint.pk)]) == 0
    complaint.refresh_from_db()
    assert complaint.category_id == "fees"


def test_an_ended_complaint_keeps_its_category(categories):
    complaint = make_complaint()
    move(complaint, Move.WITHDRAW, by=RESIDENT)
    with pytest.raises(ValidationError) as refused:
        correct(complaint, Category.objects.get(code="fees"), by=RESIDENT)
    assert refused.value.code == "already_ended"
    complaint.refresh_from_db()
    assert complaint.category is None


def test_the_readings_of_a_batch_are_those_of_each_alone(serving):
    texts = [SURE, UNSURE, DANGEROUS, "物业费太贵", "保洁一周不来"]
    together = [make_complaint(text) for text in texts]
    classify(together)
    for text, complaint in zip(texts, together, strict=True):
        alone = make_complaint(text)
        classification.classify([alone])
        assert (alone.category_id, alone.danger) == (complaint.category_id, complaint.danger)
