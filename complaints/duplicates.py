"""The same person's repeats of the same matter: find, join, split. Repeats count once."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints import actions
from complaints.models import Complaint
from complaints.workflow import OPEN, Move, State, is_legal
from ml.similarity import similarity

_WITHIN = timedelta(days=60)
_ALIKE = 0.35


def first_of(complaint: Complaint) -> Complaint | None:
    """The earlier open complaint that this one repeats: same phone, like text, within 60 days.

    国办函〔2025〕66号: repeats of one matter are handled as one ticket. Who complains again after
    an answer is not content with it; joined to the answered one, the new word would lapse with it.
    """
    if not complaint.reporter_phone:
        return None
    earlier = Complaint.objects.filter(
        Q(received_at__lt=complaint.received_at)
        | Q(received_at=complaint.received_at, pk__lt=complaint.pk),
        received_at__gte=complaint.received_at - _WITHIN,
        reporter_phone=complaint.reporter_phone,
        state__in=OPEN - {State.ANSWERED},
    ).order_by("received_at", "pk")
    for candidate in earlier:
        same_matter = similarity(candidate.text, complaint.text) >= _ALIKE
        places = {candidate.stated_estate, complaint.stated_estate} - {""}
        if same_matter and len(places) < 2:  # noqa: PLR2004 - two places are two matters
            return candidate
    return None


def join_if_repeat(complaint: Complaint) -> Complaint | None:
    """Join `complaint` to the one it repeats; None where it repeats none or has gone too far."""
    if not is_legal(complaint.state, Move.JOIN):
        return None
    first = first_of(complaint)
    if first is None:
        return None
    join(complaint, first, by=actions.SYSTEM)
    return first


@transaction.atomic
def join(complaint: Complaint, first: Complaint, *, by: actions.Actor) -> None:
    """Make `complaint` a part of `first`, which gets its text as a supplement."""
    if first.pk == complaint.pk:
        raise ValidationError(_("不能并入自己"), code="joined_to_itself")
    if not first.is_open:
        raise ValidationError(_("首件已经结束，不能并入"), code="first_has_ended")
    actions.move(
        complaint, Move.JOIN, by=by, joined_to=first, data={"joined_to": first.external_id}
    )
    actions.note(
        first,
        "complaint.supplemented",
        by=by,
        text=complaint.text,
        data={"joined": complaint.external_id},
    )


def split(complaint: Complaint, *, by: actions.Actor) -> None:
    """Undo a wrong join; the complaint starts again as received."""
    actions.move(complaint, Move.SPLIT, by=by, joined_to=None)
