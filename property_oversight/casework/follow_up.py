"""What the holder of a tracking code says after filing: hurry up, there is more, not mended."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import actions
from complaints.actions import RESIDENT
from complaints.models import Complaint, ComplaintEvent
from complaints.queries import working_calendar
from complaints.workdays import today, workdays_between
from complaints.workflow import OPEN, Move, State
from property_oversight.casework import tasks

URGED = "complaint.urged"
SUPPLEMENTED = "complaint.supplemented"
AWAITS_OTHERS = OPEN - {State.ANSWERED}
"""After an answer it is the resident's turn: there is nobody to hurry."""


def urged_today(complaint: Complaint, on: date) -> bool:
    """Whether no working day has begun since the last time; once a working day is enough."""
    urges = [event.at for event in complaint.events.all() if event.kind == URGED]
    if not urges:
        return False
    last = timezone.localtime(max(urges)).date()
    return workdays_between(last, on, working_calendar(since=last)) < 1


@transaction.atomic
def urge(complaint: Complaint) -> ComplaintEvent:
    """The resident asks for haste."""
    locked = _locked(complaint)
    if locked.state not in AWAITS_OTHERS:
        raise ValidationError(
            _("投诉现为“%(state)s”，不用催办"),
            code="nothing_to_urge",
            params={"state": locked.get_state_display()},
        )
    if urged_today(locked, today()):
        raise ValidationError(
            _("今天已经催办过了，一个工作日催办一次就够，办理单位已经收到"), code="urged_today"
        )
    return actions.note(locked, URGED, by=RESIDENT)


def supplement(complaint: Complaint, text: str, pictures: Sequence[bytes] = ()) -> ComplaintEvent:
    """The resident adds words and pictures. The same words twice in a row are one supplement, for
    people press buttons twice."""
    if not text.strip():
        raise ValidationError(_("请写下要补充的内容"), code="empty_text")
    clean = [actions.clean_picture(picture) for picture in pictures]
    with transaction.atomic():
        locked = _locked(complaint)
        if locked.state not in OPEN:
            raise ValidationError(
                _("投诉现为“%(state)s”，不能再补充"),
                code="not_open",
                params={"state": locked.get_state_display()},
            )
        last = locked.events.last()
        if last is not None and (last.kind, last.note) == (SUPPLEMENTED, text.strip()):
            return last
        event = actions.note(locked, SUPPLEMENTED, by=RESIDENT, text=text.strip())
        for picture in clean:
            actions.attach(event, picture)
    return event


@transaction.atomic
def reopen(complaint: Complaint, note: str) -> ComplaintEvent:
    """The resident says that it is not mended after all; the case goes to the firm again, with a
    new limit. Of contentment nobody has asked."""
    event = actions.move(complaint, Move.REOPEN, by=RESIDENT, note=note, resolved=False)
    tasks.process_after_commit(complaint.pk)
    return event


def _locked(complaint: Complaint) -> Complaint:
    return Complaint.objects.select_for_update().get(pk=complaint.pk)
