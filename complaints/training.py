"""Learn from what people have confirmed: gather it, build a candidate, hold it against the model in
use. Which of them reads is decided in `promotion`."""

import hashlib
import shutil
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.classification import (
    NoModel,
    ServingModel,
    as_read,
    folder_of,
    load_model,
    serving_model,
)
from complaints.models import Complaint, TrainedModel, Verdict
from complaints.queries import model_in_use
from ml import artifact
from ml.compare import compare
from ml.evaluate import Progress
from ml.text import bare
from ml.train import Corpus, corpus_hash, joined, quiet, train

HELD_OUT_PART = 5
FEWEST_TO_JUDGE = 50
_FEWEST_OF_A_CODE = 2


@dataclass(frozen=True)
class Confirmed:
    """A text and what a person said of it. It is learned as title and text, and read as in
    service, after the words by which the sender's office has filed it."""

    complaint: int | None
    """None for a text of the city's own file."""
    learned: str
    read: str
    category: str
    danger: bool


@dataclass(frozen=True)
class Confirmations:
    """What is learned from, and what no model ever learns from."""

    learned: list[Confirmed]
    held_out: list[Confirmed]


def confirmations(corpus: Corpus) -> Confirmations:
    """All that people have confirmed and that does not stand in `corpus`, parted for good.

    Of texts that are the same but for blanks and punctuation the first confirmed speaks for all and
    says on which side they stand; so no text changes sides, whatever is confirmed later. The
    newest verdict on a complaint counts.
    """
    newest: dict[int, Verdict] = {}  # in the order of the first verdicts
    for verdict in Verdict.objects.select_related("complaint").order_by("pk"):
        newest[verdict.complaint_id] = verdict
    seen = {bare(text) for text in corpus.texts}
    told = Confirmations([], [])
    for verdict in newest.values():
        row = _confirmed(verdict)
        key = bare(row.learned)
        if key and key not in seen:
            seen.add(key)
            (told.held_out if is_held_out(verdict.complaint_id) else told.learned).append(row)
    return told


def confirmed_counts() -> tuple[int, int]:
    """Of how many complaints somebody has said what they are about: to learn from, held out."""
    keys = set(Verdict.objects.values_list("complaint_id", flat=True))
    held_out = sum(map(is_held_out, keys))
    return len(keys) - held_out, held_out


def is_held_out(key: int) -> bool:
    """Whether the complaint with this key is one of the fifth that no model learns from."""
    digest = hashlib.sha256(str(key).encode()).digest()
    return int.from_bytes(digest[:8], "big") % HELD_OUT_PART == 0


def _confirmed(verdict: Verdict) -> Confirmed:
    complaint = verdict.complaint
    return Confirmed(
        complaint.pk,
        _nameless(joined(complaint.title, complaint.text), complaint),
        as_read(complaint),
        verdict.category_id,
        verdict.danger,
    )


def _nameless(text: str, complaint: Complaint) -> str:
    """Without the complainant's name: it shall not become a word of the model."""
    name = complaint.reporter_name.strip()
    return text.replace(name, "") if len(name) > 1 else text


def with_confirmed(corpus: Corpus, rows: Sequence[Confirmed]) -> Corpus:
    """`corpus` and the confirmed texts, each weighing as much as any other. A code with a single
    text is left out: it could not be learned and checked."""
    counts = Counter(corpus.labels) + Counter(row.category for row in rows)
    kept = [row for row in rows if counts[row.category] >= _FEWEST_OF_A_CODE]
    groups = corpus.groups
    return replace(
        corpus,
        texts=corpus.texts + [row.learned for row in kept],
        labels=corpus.labels + [row.category for row in kept],
        danger=corpus.danger + [row.danger for row in kept],
        spans=corpus.danger_spans + [()] * len(kept),  # a person says whether, not where
        groups=groups and groups + [f"complaint {row.complaint}" for row in kept],
    )


def retrain(
    corpus: Corpus, *, also_held_out: Corpus | None = None, progress: Progress = quiet
) -> TrainedModel:
    """Build a candidate from `corpus` and what was confirmed, and hold it against the model in use.
    The same data give the candidate that is there already, judged anew. `also_held_out`: a city's
    own labelled texts to judge by; those of them that are learned from do not count.

    Raises ValidationError(code="nothing_new") where nothing was confirmed that the model in use has
    not learned from, UnusableCorpus."""
    told = confirmations(corpus)
    data = with_confirmed(corpus, told.learned)
    digest = corpus_hash(data)
    version = artifact.version(digest)
    present = model_in_use()
    if len(data) == len(corpus) or (present is not None and present.version == version):
        raise ValidationError(
            _("没有新的人工读件可学（留出的五分之一和语料里已有的不算）"), code="nothing_new"
        )
    candidate = TrainedModel(
        version=version,
        folder=version,
        data_hash=digest,
        corpus_rows=len(corpus),
        confirmed_rows=len(data) - len(corpus),
    )
    if not (folder_of(candidate) / artifact.MANIFEST).exists():
        _build(candidate, data, progress)
    manifest = artifact.read_manifest(folder_of(candidate))
    candidate.figures = {"own": manifest.metrics if manifest else {}}
    try:
        with transaction.atomic():
            candidate.save()
    except IntegrityError:
        candidate = TrainedModel.objects.get(version=version)
    judge(candidate, told.held_out + _of_a_file(also_held_out, data, told.held_out))
    return candidate


def _of_a_file(
    also: Corpus | None, learned: Corpus, held_out: Sequence[Confirmed]
) -> list[Confirmed]:
    if also is None:
        return []
    seen = {bare(text) for text in learned.texts} | {bare(row.learned) for row in held_out}
    rows = zip(also.texts, also.labels, also.danger, strict=True)
    return [
        Confirmed(None, text, text, label, danger)
        for text, label, danger in rows
        if bare(text) not in seen
    ]


def _build(candidate: TrainedModel, data: Corpus, progress: Progress) -> None:
    """Train beside, then put in place: a folder is a whole model or none, also where two build the
    same at once."""
    folder = folder_of(candidate)
    beside = folder.with_name(f".{uuid.uuid4().hex}")
    try:
        train(data, beside, progress=progress)
        if not (folder / artifact.MANIFEST).exists():
            shutil.rmtree(folder, ignore_errors=True)  # what was left of one
            beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def judge(candidate: TrainedModel, held_out: Sequence[Confirmed]) -> None:
    """Have the candidate and the model in use read the held-out texts, and keep how they compare.
    With fewer than `FEWEST_TO_JUDGE` texts, or no model in use to be held against, nothing is
    said. Raises NoModel where the candidate's files are broken."""
    figures = {
        "own": candidate.figures.get("own", {}),
        "held_out": len(held_out),
        "of_a_file": sum(row.complaint is None for row in held_out),
        "judged_at": timezone.now().isoformat(),
    }
    try:
        serving = serving_model()
    except NoModel:
        serving = None
    if serving is not None and len(held_out) >= FEWEST_TO_JUDGE:
        figures |= _compared(serving, load_model(candidate), held_out)
    candidate.figures = figures
    candidate.save(update_fields=["figures"])


def _compared(
    serving: ServingModel, candidate: ServingModel, held_out: Sequence[Confirmed]
) -> dict[str, Any]:
    texts = [row.read for row in held_out]
    found = compare(
        [row.category for row in held_out],
        [row.danger for row in held_out],
        serving.reader.read(texts),
        candidate.reader.read(texts),
    )
    return {"against": serving.version, "comparison": asdict(found)}
