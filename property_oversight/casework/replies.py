"""What a firm and a community say of a complaint, with pictures: the answer, the look on site."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints import actions
from complaints.actions import Actor
from complaints.models import Complaint, ComplaintEvent
from complaints.workflow import Move

VERIFIED = "complaint.verified"


def answer(
    complaint: Complaint, *, by: Any, text: str, pictures: Sequence[bytes] = ()
) -> ComplaintEvent:
    """The firm answers. A picture that is none leaves the complaint unanswered."""
    said = _said(text)
    clean = [actions.clean_picture(picture) for picture in pictures]
    with transaction.atomic():
        event = actions.move(complaint, Move.ANSWER, by=Actor("firm", by), note=said)
        _attach(event, clean)
    return event


def report_check(
    complaint: Complaint, *, by: Any, text: str, pictures: Sequence[bytes] = ()
) -> ComplaintEvent:
    """The community has looked on site and says what it found."""
    said = _said(text)
    clean = [actions.clean_picture(picture) for picture in pictures]
    with transaction.atomic():
        event = actions.note(complaint, VERIFIED, by=Actor("community", by), text=said)
        _attach(event, clean)
    return event


def _said(text: str) -> str:
    if not text.strip():
        raise ValidationError(_("请写明情况"), code="empty_text")
    return text.strip()


def _attach(event: ComplaintEvent, pictures: Sequence[bytes]) -> None:
    for picture in pictures:
        actions.attach(event, picture)
