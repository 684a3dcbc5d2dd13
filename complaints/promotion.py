"""A person decides which model reads: promote, refuse, roll back. Each decision is kept with its
reason and the figures it was made on."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from complaints.actions import LONGEST_TEXT, Actor
from complaints.classification import NoModel, load_model, serving_model
from complaints.models import ModelDecision, TrainedModel
from complaints.queries import model_in_use

BEYOND_CHANCE = 0.05
State, Verb = TrainedModel.State, ModelDecision.Verb


def why_not_better(figures: dict[str, Any]) -> list[str]:
    """What speaks against a candidate, in words; empty where nothing does. A promotion against it
    needs a reason."""
    found = figures.get("comparison")
    if found is None:
        return []
    words = []
    if found["worse"] > found["better"] and found["chance_of_worse"] < BEYOND_CHANCE:
        words.append(str(_("正确率低于在用模型，不像偶然")))
    danger = found["danger_recall"]
    if danger is not None and danger["difference"] < 0:
        words.append(str(_("漏掉的危险情形比在用模型多")))
    return words


def promote(candidate: TrainedModel, *, by: Actor, note: str = "") -> None:
    """Let `candidate` read from now on; what has served until now is retired.

    Raises ValidationError: "serves_already", "not_judged" (too few held-out texts),
    "judged_against_another" (the model in use has changed since), "needs_reason" (see
    `why_not_better`), "broken", "somebody_was_faster".
    """
    _check_note(note)
    _check_files(candidate)
    try:
        with transaction.atomic():
            locked, former = _locked(candidate)
            if locked.state == State.SERVING:
                raise ValidationError(_("这个模型已经在用"), code="serves_already")
            _check_figures(locked, note)
            if former is not None:
                _move(former, State.RETIRED)
            locked.replaced = former
            _move(locked, State.SERVING)
            _decide(locked, Verb.PROMOTE, by, note)
    except IntegrityError as error:
        raise _somebody_was_faster() from error
    candidate.refresh_from_db()


def refuse(candidate: TrainedModel, *, by: Actor, note: str) -> None:
    """Say that `candidate` will not be used, and why. Raises ValidationError: "no_candidate",
    "needs_reason"."""
    _check_note(note)
    if not note.strip():
        raise ValidationError(_("请写明理由"), code="needs_reason")
    with transaction.atomic():
        locked, _former = _locked(candidate)
        if locked.state != State.CANDIDATE:
            raise ValidationError(_("只有候选模型可以不采用"), code="no_candidate")
        _move(locked, State.REFUSED)
        _decide(locked, Verb.REFUSE, by, note)
    candidate.refresh_from_db()


def roll_back(*, by: Actor, note: str = "") -> TrainedModel | None:
    """Put the model that served before the present one back, None where that is the starter. Needs
    no figures, for it is the way out. Raises ValidationError: "nothing_before", "broken" (what
    served before), "somebody_was_faster"."""
    _check_note(note)
    present = model_in_use()
    if present is None:
        raise ValidationError(_("在用的就是初始模型，没有更早的"), code="nothing_before")
    former = present.replaced
    _check_files(former)
    with transaction.atomic():
        still = TrainedModel.objects.select_for_update().filter(pk=present.pk, state=State.SERVING)
        if not still.exists():
            raise _somebody_was_faster()
        _move(present, State.RETIRED)
        if former is not None:
            _move(former, State.SERVING)
        _decide(present, Verb.ROLL_BACK, by, note)
    return former


def _locked(candidate: TrainedModel) -> tuple[TrainedModel, TrainedModel | None]:
    """The candidate and what serves now, both locked."""
    locked = TrainedModel.objects.select_for_update().get(pk=candidate.pk)
    return locked, TrainedModel.objects.select_for_update().filter(state=State.SERVING).first()


def _check_note(note: str) -> None:
    if len(note) > LONGEST_TEXT:
        raise ValidationError(
            _("说明最多 %(most)d 字"), code="text_too_long", params={"most": LONGEST_TEXT}
        )


def _check_figures(candidate: TrainedModel, note: str) -> None:
    if "comparison" not in candidate.figures:
        raise ValidationError(_("留出的人工读件太少，还不能判断好坏"), code="not_judged")
    try:
        against = serving_model().version
    except NoModel as error:
        raise ValidationError(
            _("在用的模型读不出来，没有可比的；请先退回"), code="not_judged"
        ) from error
    if candidate.figures["against"] != against:
        raise ValidationError(
            _("这些数字是与另一个模型比的，请先重新比较"), code="judged_against_another"
        )
    if why_not_better(candidate.figures) and not note.strip():
        raise ValidationError(
            _("%(why)s；仍要启用请写明理由"),
            code="needs_reason",
            params={"why": "；".join(why_not_better(candidate.figures))},
        )


def _check_files(trained: TrainedModel | None) -> None:
    try:
        load_model(trained)
    except NoModel as error:
        raise ValidationError(
            _("这个模型的文件缺失或损坏：%(why)s"), code="broken", params={"why": str(error)}
        ) from error


def _move(trained: TrainedModel, state: TrainedModel.State) -> None:
    trained.state = state
    trained.save(update_fields=["state", "replaced"])


def _decide(trained: TrainedModel, verb: ModelDecision.Verb, by: Actor, note: str) -> None:
    ModelDecision.objects.create(
        model=trained,
        verb=verb,
        note=note.strip(),
        figures=trained.figures.get("comparison", {}),
        by=by.user,
    )


def _somebody_was_faster() -> ValidationError:
    return ValidationError(_("别人刚刚换了模型，请看最新情况"), code="somebody_was_faster")
