"""What a person's decision sets in motion: the verdict is one room's, what follows another's."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from complaints import actions, classification, duplicates
from complaints.actions import Actor
from complaints.models import Category, Complaint
from complaints.workflow import AT_THE_FIRM, Move, State
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Attribution
from property_oversight.casework import pipeline, retraining, tasks
from property_oversight.pricing.actions import guide
from property_oversight.registry.models import Estate
from property_oversight.scoring import actions as scoring
from property_oversight.scoring.models import ScoreRun


def correct_reading(
    complaint: Complaint, category: Category, *, by: Any, danger: bool | None = None
) -> None:
    """A person says what a complaint is about; it goes on from there."""
    classification.correct(complaint, category, by=Actor("bureau", by), danger=danger)
    pipeline.process([complaint.pk])


def decide_estate(complaint: Complaint, estate: Estate, *, by: Any, note: str = "") -> Attribution:
    """A person says which estate a complaint is about; a firm that had it in error is relieved."""
    with transaction.atomic():
        finding = attribution.decide(complaint, estate, by=by, note=note)
        _recall(complaint, by=by, note=note)
    pipeline.process([complaint.pk])
    return finding


def overturn(
    finding: Attribution, *, by: Any, note: str, estate: Estate | None = None
) -> Attribution:
    """The firm was right: the complaint is taken back from it and goes to whom it concerns."""
    with transaction.atomic():
        new = attribution.overturn(finding, by=by, note=note, estate=estate)
        _recall(finding.complaint, by=by, note=note)
    pipeline.process([finding.complaint_id])
    return new


def split_off(complaint: Complaint, *, by: Any) -> None:
    """A person says that a joined complaint is a matter of its own; it goes on from there."""
    duplicates.split(complaint, by=Actor("bureau", by))
    pipeline.process([complaint.pk])


@transaction.atomic
def reckon(period: str, *, as_of: date) -> ScoreRun:
    """Score a quarter and say what that means for the fees; what has not changed since the last
    reckoning is not reckoned again."""
    score_run = scoring.run(period, as_of=as_of)
    guide(score_run)
    return score_run


def ask_for_candidate() -> None:
    """Have a worker train a candidate. Raises ValidationError: "under_way", "queue_away"."""
    retraining.claim()
    try:
        tasks.retrain_model.delay()
    except OperationalError as error:
        retraining.release()
        raise ValidationError(_("队列不通，没有开始训练"), code="queue_away") from error


def _recall(complaint: Complaint, *, by: Any, note: str) -> None:
    complaint.refresh_from_db(fields=["state"])
    if complaint.state in {*AT_THE_FIRM, State.ANSWERED}:
        actions.move(complaint, Move.RECALL, by=Actor("bureau", by), note=note)
