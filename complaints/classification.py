"""Ask ml what a complaint is about; take it above the threshold, else leave it to a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import actions
from complaints.models import Category, Complaint, Prediction, TrainedModel, Verdict
from complaints.queries import complaints_to_read_again, model_in_use
from ml import artifact
from ml.classifier import Prediction as Reading
from ml.cuts import Cuts, cut_texts
from ml.drift import unseen_shares


class Reader(Protocol):
    """Anything that reads texts as the classifier does."""

    def read(self, texts: Sequence[str] | Cuts) -> list[Reading]: ...


@dataclass(frozen=True)
class ServingModel:
    """A model with the version that every reading is signed with."""

    reader: Reader
    version: str
    vocabulary: frozenset[str] = frozenset()
    """The words it has learned."""


class NoModel(RuntimeError):
    """No trained model lies where it should; complaints wait until one does."""


_loaded: tuple[Path, float, ServingModel] | None = None


def folder_of(trained: TrainedModel | None) -> Path:
    """Where the files of a model lie; None is the starter model."""
    starter = Path(settings.MODEL_DIR)
    return starter if trained is None else starter.parent / "models" / trained.folder


def serving_model() -> ServingModel:
    """The model in use: the one a person has promoted, else the starter in MODEL_DIR. Loaded once
    and again when another is put in its place, which every process sees at its next batch. Raises
    NoModel; where a promoted model is missing or broken no other one takes its place."""
    global _loaded  # noqa: PLW0603 - one copy a process: a model is some tens of megabytes
    trained = model_in_use()
    folder = folder_of(trained)
    try:
        written_at = (folder / artifact.MANIFEST).stat().st_mtime
    except OSError as error:
        raise NoModel(_no_model(folder, error)) from error
    loaded = _loaded  # another thread may put another one there meanwhile
    if loaded is None or loaded[:2] != (folder, written_at):
        loaded = _loaded = (folder, written_at, load_model(trained))
    return loaded[2]


def load_model(trained: TrainedModel | None) -> ServingModel:
    """A model from its files, None for the starter. Raises NoModel where they are missing, broken
    or those of another model."""
    folder = folder_of(trained)
    try:
        model, manifest = artifact.load(folder)
    except (OSError, ValueError) as error:
        raise NoModel(_no_model(folder, error)) from error
    if trained is not None and manifest.version != trained.version:
        raise NoModel(_no_model(folder, f"{manifest.version} != {trained.version}"))
    return ServingModel(model, manifest.version, frozenset(model.features_.words_))


def serving_papers() -> artifact.Manifest:
    """What the model in use says of itself. Raises NoModel."""
    folder = folder_of(model_in_use())
    try:
        papers = artifact.read_manifest(folder)
    except (OSError, ValueError) as error:
        raise NoModel(_no_model(folder, error)) from error
    if papers is None:
        raise NoModel(_no_model(folder, artifact.MANIFEST))
    return papers


def _no_model(folder: Path, why: object) -> str:
    return f"{folder} 中没有可用的模型：{why}"


def classify(complaints: Sequence[Complaint], model: ServingModel | None = None) -> int:
    """Read the complaints that have not been read yet, in one batch. Returns how many were read.

    The text is read outside the transaction; what another process has read meanwhile stays.
    """
    waiting = [complaint for complaint in complaints if complaint.read_at is None]
    return _read(waiting, Complaint.objects.filter(read_at=None), model)


def read_again(complaints: Sequence[Complaint], model: ServingModel) -> int:
    """As `classify`, of complaints that await a person's reading and that `model` has not read: it
    may be sure where the model before was not. What was read before stays beside."""
    waiting = [complaint for complaint in complaints if complaint.awaits_reading]
    return _read(waiting, complaints_to_read_again(model.version), model)


def _read(
    waiting: Sequence[Complaint], still: QuerySet[Complaint], model: ServingModel | None
) -> int:
    if not waiting:
        return 0
    model = model or serving_model()
    cut = cut_texts([as_read(complaint) for complaint in waiting])
    keys = [complaint.pk for complaint in waiting]
    readings = dict(zip(keys, model.reader.read(cut), strict=True))
    unseen = dict(zip(keys, unseen_shares(cut, model.vocabulary), strict=True))
    known = set(Category.objects.values_list("code", flat=True))
    unknown = {reading.category for reading in readings.values()} - known
    if unknown:
        raise NoModel(f"模型给出的类别不在类别表中：{'、'.join(sorted(unknown))}")
    with transaction.atomic():
        fresh = still.select_for_update().filter(pk__in=readings)
        told = _keep(list(fresh), readings, unseen if model.vocabulary else {}, model.version)
    for complaint in waiting:
        if complaint.pk in told:
            mine = told[complaint.pk]
            complaint.category_id, complaint.danger = mine.category_id, mine.danger
            complaint.read_at = mine.read_at
        else:
            complaint.refresh_from_db(fields=["category", "danger", "read_at"])
    return len(told)


def as_read(complaint: Complaint) -> str:
    """The words of the writer, after those by which the sender's office has filed them."""
    return f"{complaint.stated_category}\n{complaint.whole}".lstrip("\n")


def _keep(
    complaints: list[Complaint],
    readings: dict[int, Reading],
    unseen: dict[int, float | None],
    version: str,
) -> dict[int, Complaint]:
    now = timezone.now()
    for complaint in complaints:
        reading = readings[complaint.pk]
        complaint.read_at = now
        complaint.danger = complaint.danger or reading.danger
        if not reading.abstained and complaint.category_id is None:
            complaint.category_id = reading.category
    Complaint.objects.bulk_update(complaints, ["read_at", "danger", "category"], batch_size=200)
    Prediction.objects.bulk_create(
        Prediction(
            complaint=complaint,
            category_id=reading.category,
            confidence=reading.confidence,
            abstained=reading.abstained,
            danger=reading.danger,
            alternatives=[list(pair) for pair in reading.alternatives],
            because=[list(pair) for pair in reading.because],
            model_version=version,
            unseen=unseen.get(complaint.pk),
            made_at=now,
        )
        for complaint, reading in ((c, readings[c.pk]) for c in complaints)
    )
    actions.note_many(
        "complaint.read",
        (
            (
                complaint,
                {
                    "category": complaint.category_id,
                    "guess": readings[complaint.pk].category,
                    "confidence": round(readings[complaint.pk].confidence, 4),
                    "danger": complaint.danger,
                    "model": version,
                },
            )
            for complaint in complaints
        ),
    )
    return {complaint.pk: complaint for complaint in complaints}


@transaction.atomic
def correct(
    complaint: Complaint, category: Category, *, by: actions.Actor, danger: bool | None = None
) -> None:
    """A person says what it is about; what the model had read stays on record, and what the person
    said is kept to learn from. Raises ValidationError(code="already_ended")."""
    locked = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if not locked.is_open:
        raise ValidationError(_("投诉已经结束，不能再改类别"), code="already_ended")
    before = locked.category_id
    locked.category = category
    locked.danger = locked.danger if danger is None else danger
    locked.read_at = locked.read_at or timezone.now()
    locked.save(update_fields=["category", "danger", "read_at"])
    prediction = locked.predictions.first()
    Verdict.objects.create(
        complaint=locked,
        prediction=prediction,
        category=category,
        danger=locked.danger,
        agrees=None if prediction is None else prediction.category_id == category.pk,
        by=by.user,
    )
    actions.note(
        locked,
        "complaint.corrected",
        by=by,
        data={"from": before, "category": category.code, "danger": locked.danger},
    )
    complaint.category, complaint.danger = category, locked.danger
    complaint.read_at = locked.read_at
