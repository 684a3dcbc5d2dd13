"""Training a candidate, asked for by an officer or at the command line; one at a time."""

import logging
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from complaints import training
from complaints.classification import NoModel
from complaints.models import TrainedModel
from ml.evaluate import Progress
from ml.train import Corpus, UnusableCorpus, quiet, read_corpus

logger = logging.getLogger(__name__)

_UNDER_WAY, _LAST_FAILURE = "retraining", "retraining-failed"
_LONGEST = 3600  # seconds; who has not ended by then has died
_REMEMBERED = 7 * 24 * 3600


def corpus() -> Corpus:
    """The corpus that comes with the house."""
    return read_corpus(Path(settings.FIXTURES_DIR) / "corpus")


def is_under_way() -> bool:
    return bool(cache.get(_UNDER_WAY))


def last_failure() -> str:
    """Why the last training ended without a candidate; empty where it did not."""
    return str(cache.get(_LAST_FAILURE, ""))


def claim() -> None:
    """Let nobody else begin until `release`. Raises ValidationError(code="under_way")."""
    if not cache.add(_UNDER_WAY, 1, _LONGEST):
        raise ValidationError(_("正在训练，请等它结束"), code="under_way")


def release() -> None:
    cache.delete(_UNDER_WAY)


def retrain_as_asked() -> None:
    """What the worker does. A failure is told to the officer, for a worker has no other voice."""
    try:
        retrain()
        cache.delete(_LAST_FAILURE)
    except (UnusableCorpus, NoModel, OSError) as error:
        logger.exception("training a candidate failed")
        cache.set(_LAST_FAILURE, str(error), _REMEMBERED)
    except ValidationError as error:
        cache.set(_LAST_FAILURE, "；".join(error.messages), _REMEMBERED)
    finally:
        release()


def retrain(
    base: Corpus | None = None,
    *,
    also_held_out: Corpus | None = None,
    progress: Progress = quiet,
) -> TrainedModel:
    """See `training.retrain`; without `base` from the corpus of the house."""
    return training.retrain(base or corpus(), also_held_out=also_held_out, progress=progress)


def judge(candidate: TrainedModel) -> None:
    """Hold a candidate against the model that is in use now, by what is confirmed now. Raises
    ValidationError: "serves_already", "broken"."""
    if candidate.state == TrainedModel.State.SERVING:
        raise ValidationError(_("这个模型就是在用的"), code="serves_already")
    try:
        training.judge(candidate, training.confirmations(corpus()).held_out)
    except NoModel as error:
        raise ValidationError(
            _("这个模型的文件缺失或损坏：%(why)s"), code="broken", params={"why": str(error)}
        ) from error
