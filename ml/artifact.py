"""Save and load a model with its manifest: made of what, with what, and how well it reads."""

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile

import sklearn
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from ml.classifier import ComplaintClassifier

MODEL, MANIFEST, CARD = "model.skops", "manifest.json", "card.md"
# What reading a damaged archive ends in, by where the damage lies.
_DAMAGE = (BadZipFile, EOFError, KeyError, NotImplementedError, TypeError, zlib.error)
# A model file may hold these types of ours and nothing else that loading would have to run.
_TRUSTED = ["ml.classifier.ComplaintClassifier", "ml.features.Features"]


@dataclass(frozen=True)
class Manifest:
    """The model's papers. `version` names the data and the code that shaped it."""

    version: str
    data_hash: str
    rows: int
    classes: list[str]
    sklearn: str
    metrics: dict[str, float]
    per_class: dict[str, dict[str, float]] = field(default_factory=dict)
    intervals: dict[str, list[float]] = field(default_factory=dict)
    """Of each metric the two ends of its interval."""
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    """True code -> code it was read as -> how often."""
    reliability: list[list[float]] = field(default_factory=list)
    """For each tenth of the confidence: where it begins, texts, mean confidence, share right."""


def data_hash(rows: list[tuple[str, ...]]) -> str:
    """SHA-256 over the training rows, independent of the file they came in."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=False).encode())
    return digest.hexdigest()


def version(digest: str) -> str:
    """The name of a model made from data with this hash by the scikit-learn that runs here."""
    return f"{digest[:12]}-sklearn{sklearn.__version__}"


def save(model: ComplaintClassifier, manifest: Manifest, folder: Path, card: str) -> None:
    """Write model, manifest and card. The manifest comes last: a folder without one is no model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    skops.io.dump(model, folder / MODEL, compression=ZIP_DEFLATED)
    (folder / CARD).write_text(card, encoding="utf-8")
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in `folder`, or None where no whole model lies there. Raises ValueError where
    it is none of ours."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except TypeError as error:
        raise ValueError(f"{folder / MANIFEST}: {error}") from error


def load(folder: Path) -> tuple[ComplaintClassifier, Manifest]:
    """The model in `folder`. Raises FileNotFoundError where none lies there, ValueError where
    it is damaged or was made by another scikit-learn than the one that would run it."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise FileNotFoundError(folder / MANIFEST)
    if manifest.sklearn != sklearn.__version__:
        raise ValueError(f"{folder}: scikit-learn {manifest.sklearn} != {sklearn.__version__}")
    try:
        model: ComplaintClassifier = skops.io.load(folder / MODEL, trusted=_TRUSTED)
    except UntrustedTypesFoundException:
        raise  # an intruder, not an accident
    except _DAMAGE as error:
        raise ValueError(f"{folder / MODEL}: {error}") from error
    return model, manifest
