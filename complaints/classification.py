"""Ask ml what a complaint is about; take it above the threshold, else leave it to a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import actions
from complaints.models import Category, Complaint, Prediction
from ml import artifact
from ml.classifier import Prediction as Reading


class Reader(Protocol):
    """Anything that reads texts as the classifier does."""

    def read(self, texts: Sequence[str]) -> list[Reading]: ...


@dataclass(frozen=True)
class ServingModel:
    """The model in use, with the version that every reading is signed with."""

    reader: Reader
    version: str


class NoModel(RuntimeError):
    """No trained model lies where the settings say; complaints wait until one does."""


_loaded: tuple[Path, float, ServingModel] | None = None


def serving_model() -> ServingModel:
    """The model in MODEL_DIR, loaded once and again when it has been replaced. Raises NoModel."""
    global _loaded  # noqa: PLW0603 - one copy a process: a model is some tens of megabytes
    folder = Path(settings.MODEL_DIR)
    try:
        written_at = (folder / artifact.MANIFEST).stat().st_mtime
        if _loaded is None or _loaded[:2] != (folder, written_at):
            model, manifest = artifact.load(folder)
            _loaded = (folder, written_at, ServingModel(model, manifest.version))
    except (FileNotFoundError, ValueError) as error:
        raise NoModel(str(error)) from error
    return _loaded[2]


def classify(complaints: Sequence[Complaint], model: ServingModel | None = None) -> int:
    """Read the complaints that have not been read yet, in one batch. Returns how many were read.

    The text is read outside the transaction; what another process has read meanwhile stays.
    """
    waiting = [complaint for complaint in complaints if complaint.read_at is None]
    if not waiting:
        return 0
    model = model or serving_model()
    readings = dict(
        zip(
            (complaint.pk for complaint in waiting),
            model.reader.read([_as_read(complaint) for complaint in waiting]),
            strict=True,
        )
    )
    known = set(Category.objects.values_list("code", flat=True))
    unknown = {reading.category for reading in readings.values()} - known
    if unknown:
        raise NoModel(f"模型给出的类别不在类别表中：{'、'.join(sorted(unknown))}")
    with transaction.atomic():
        fresh = Complaint.objects.select_for_update().filter(pk__in=readings, read_at=None)
        told = _keep(list(fresh), readings, model.version)
    for complaint in waiting:
        if complaint.pk in told:
            mine = told[complaint.pk]
            complaint.category_id, complaint.danger = mine.category_id, mine.danger
            complaint.read_at = mine.read_at
        else:
            complaint.refresh_from_db(fields=["category", "danger", "read_at"])
    return len(told)


def _as_read(complaint: Complaint) -> str:
    """The words of the writer, after those by which the sender's office has filed them."""
    return f"{complaint.stated_category}\n{complaint.whole}".lstrip("\n")


def _keep(
    complaints: list[Complaint], readings: dict[int, Reading], version: str
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
    """A person says what it is about; what the model had read stays on record."""
    locked = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if not locked.is_open:
        raise ValidationError(_("投诉已经结束，不能再改类别"), code="already_ended")
    before = locked.category_id
    locked.category = category
    locked.danger = locked.danger if danger is None else danger
    locked.read_at = locked.read_at or timezone.now()
    locked.save(update_fields=["category", "danger", "read_at"])
    actions.note(
        locked,
        "complaint.corrected",
        by=by,
        data={"from": before, "category": category.code, "danger": locked.danger},
    )
    complaint.category, complaint.danger = category, locked.danger
    complaint.read_at = locked.read_at
