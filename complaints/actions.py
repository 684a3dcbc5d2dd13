"""The only writer of the desk: receive, move, note, attach. One verb, one event."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from complaints import deadlines
from complaints.models import (
    Attachment,
    Channel,
    Clock,
    Complaint,
    ComplaintEvent,
    ImportBatch,
    new_tracking_code,
)
from complaints.phones import key_of
from complaints.workflow import MOVES, Move, State, is_legal

LONGEST_TEXT = 20_000
# A new answer asks the resident anew, and another firm starts with a clean sheet: what was said
# before is in the history.
_SETS_OUTCOME = {Move.ANSWER, Move.CONFIRM, Move.REDO, Move.REOPEN, Move.RECALL,
                 Move.RECORD_ANSWER, Move.RECORD_CLOSURE}  # fmt: skip
_LONGEST = {
    field.name: (field.verbose_name, field.max_length or 0)
    for field in Complaint._meta.concrete_fields
    if field.name
    in {"title", "external_id", "stated_estate", "stated_category", "reporter_name",
        "reporter_phone"}
}  # fmt: skip
_LONGEST_SIDE = 2000
_MOST_PIXELS = 50_000_000


@dataclass(frozen=True)
class Draft:
    """A complaint as it comes in, before anything was found out about it."""

    text: str
    title: str = ""
    external_id: str = ""
    received_at: datetime | None = None
    occurred_on: date | None = None
    stated_estate: str = ""
    stated_category: str = ""
    reporter_name: str = ""
    reporter_phone: str = ""
    shows_phone_to_firm: bool = False


@dataclass(frozen=True)
class Actor:
    """Who does it: a signed-in person, a resident with the tracking code, or the system."""

    name: str
    user: Any = None


SYSTEM = Actor("system")
RESIDENT = Actor("resident")


def illegal_move(complaint: Complaint, move: Move) -> ValidationError:
    return ValidationError(
        _("投诉现为“%(state)s”，不能执行“%(move)s”"),
        code="illegal_move",
        params={"state": complaint.get_state_display(), "move": MOVES[move].why},
    )


def checked(draft: Draft) -> Draft:
    """`draft` if it can be a complaint. Raises ValidationError with the reason."""
    if not draft.text.strip():
        raise ValidationError(_("请写下诉求内容"), code="empty_text")
    if any("\x00" in getattr(draft, name) for name in ("text", *_LONGEST)):
        raise ValidationError(_("内容含有无法保存的字符"), code="bad_character")
    if len(draft.text) > LONGEST_TEXT:
        raise ValidationError(
            _("诉求内容最多 %(most)d 字，现有 %(length)d 字"),
            code="text_too_long",
            params={"most": LONGEST_TEXT, "length": len(draft.text)},
        )
    for name, (label, most) in _LONGEST.items():
        if len(getattr(draft, name)) > most:
            raise ValidationError(
                _("“%(field)s”最多 %(most)d 字"),
                code="field_too_long",
                params={"field": label, "most": most, "name": name},
            )
    return draft


def receive(draft: Draft, *, channel: Channel, by: Actor = SYSTEM) -> Complaint:
    """Take one complaint in. The same ticket of a channel twice gives the first one back."""
    return receive_many([draft], channel=channel, by=by)[0]


@transaction.atomic
def receive_many(
    drafts: Sequence[Draft],
    *,
    channel: Channel,
    by: Actor = SYSTEM,
    batch: ImportBatch | None = None,
) -> list[Complaint]:
    """Take many complaints in, in the order given; tickets that are known stay as they are."""
    now = timezone.now()
    wanted = []
    for draft in drafts:
        # Two numbers: the tracking code is the resident's key, the ticket's is for everybody.
        code = new_tracking_code()
        received_at = draft.received_at or now
        wanted.append(
            Complaint(
                tracking_code=code,
                channel=channel,
                external_id=draft.external_id or f"{channel}-{new_tracking_code()}",
                batch=batch,
                received_at=received_at,
                occurred_on=draft.occurred_on or timezone.localtime(received_at).date(),
                title=draft.title.strip(),
                text=draft.text.strip(),
                stated_estate=draft.stated_estate.strip(),
                stated_category=draft.stated_category.strip(),
                reporter=by.user,
                reporter_name=draft.reporter_name.strip(),
                reporter_phone=draft.reporter_phone.strip(),
                reporter_key=key_of(draft.reporter_phone),
                shows_phone_to_firm=draft.shows_phone_to_firm,
            )
        )
    # Two imports of one file at the same time: the unique constraint decides who was first.
    Complaint.objects.bulk_create(wanted, ignore_conflicts=True)
    stored = {
        complaint.external_id: complaint
        for complaint in Complaint.objects.filter(
            channel=channel, external_id__in=[c.external_id for c in wanted]
        )
    }
    ours = {complaint.tracking_code for complaint in wanted}
    ComplaintEvent.objects.bulk_create(
        _event(complaint, "complaint.received", at=complaint.received_at, by=by)
        for complaint in stored.values()
        if complaint.tracking_code in ours
    )
    return [stored[complaint.external_id] for complaint in wanted]


def index_phones() -> int:
    """Reckon the blind index of every complaint anew, after its key has changed. Returns how many
    were changed."""
    changed = []
    for row in Complaint.objects.only("reporter_phone", "reporter_key").order_by("pk").iterator():
        key = key_of(row.reporter_phone)
        if key != row.reporter_key:
            row.reporter_key = key
            changed.append(row)
    Complaint.objects.bulk_update(changed, ["reporter_key"], batch_size=400)
    return len(changed)


@transaction.atomic
def move(
    complaint: Complaint,
    to: Move,
    *,
    by: Actor,
    note: str = "",
    at: datetime | None = None,
    joined_to: Complaint | None = None,
    resolved: bool | None = None,
    satisfied: bool | None = None,
    data: dict[str, Any] | None = None,
) -> ComplaintEvent:
    """Make one move of the workflow. Raises ValidationError(code="illegal_move") where the table
    does not allow it. `complaint` is changed in place."""
    _check_note(note)
    moment = at or timezone.now()
    locked = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if not is_legal(locked.state, to):
        raise illegal_move(locked, to)
    source = locked.state
    locked.state = MOVES[to].target
    changed = {"state"}
    if locked.state == State.ANSWERED:
        locked.answered_at = moment
        changed.add("answered_at")
    if locked.state == State.CLOSED:
        locked.closed_at = moment
        changed.add("closed_at")
    elif locked.closed_at is not None:
        locked.closed_at = None
        changed.add("closed_at")
    if to in _SETS_OUTCOME:
        locked.resolved, locked.satisfied = resolved, satisfied
        changed |= {"resolved", "satisfied"}
    if to in {Move.JOIN, Move.SPLIT}:
        locked.joined_to = joined_to
        changed.add("joined_to")
    locked.save(update_fields=sorted(changed))
    for name in changed:
        setattr(complaint, name, getattr(locked, name))
    deadlines.settle(locked, to, timezone.localtime(moment).date())
    facts = {"from": str(source), "to": str(locked.state)} | (data or {})
    if changed & {"resolved", "satisfied"}:
        facts |= {"resolved": resolved, "satisfied": satisfied}
    event = _event(locked, MOVES[to].event, at=moment, by=by, note=note, data=facts)
    event.save()
    return event


@transaction.atomic
def note(
    complaint: Complaint,
    kind: str,
    *,
    by: Actor,
    text: str = "",
    data: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> ComplaintEvent:
    """Write down something that happened without moving the complaint."""
    _check_note(text)
    event = _event(complaint, kind, at=at or timezone.now(), by=by, note=text, data=data or {})
    event.save()
    return event


def _check_note(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise ValidationError(
            _("说明最多 %(most)d 字"), code="text_too_long", params={"most": LONGEST_TEXT}
        )
    if "\x00" in text:
        raise ValidationError(_("内容含有无法保存的字符"), code="bad_character")


def note_many(
    kind: str, complaints: Iterable[tuple[Complaint, dict[str, Any]]], *, by: Actor = SYSTEM
) -> None:
    """Write down the same kind of event for many complaints, each with its facts. Call it in the
    transaction of the change."""
    now = timezone.now()
    ComplaintEvent.objects.bulk_create(
        _event(complaint, kind, at=now, by=by, data=data) for complaint, data in complaints
    )


@transaction.atomic
def mark_overdue(clock: Clock) -> bool:
    """Write down once that a limit was broken. False where somebody was faster."""
    now = timezone.now()
    if not Clock.objects.filter(pk=clock.pk, missed_at=None).update(missed_at=now):
        return False
    facts = {"clock": clock.kind, "due_on": clock.due_on.isoformat(), "round": clock.round}
    note(clock.complaint, "complaint.overdue", by=SYSTEM, data=facts, at=now)
    return True


def attach(event: ComplaintEvent, content: bytes) -> Attachment:
    """Keep a picture with an event. Raises ValidationError where it is none."""
    picture = clean_picture(content)
    digest = hashlib.sha256(picture).hexdigest()
    attachment = Attachment(event=event, sha256=digest, size=len(picture))
    attachment.file.save(f"{digest[:20]}.jpg", ContentFile(picture), save=False)
    attachment.save()
    return attachment


def clean_picture(content: bytes) -> bytes:
    """The picture as a JPEG of our own making: upright, at most 2,000 pixels a side, without the
    place, time and device that the camera wrote into it."""
    not_a_picture = ValidationError(
        _("这不是可以识别的图片，请上传 JPG、PNG 或 WebP"), code="not_a_picture"
    )
    too_large = ValidationError(_("图片尺寸过大"), code="picture_too_large")
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise too_large
            upright = ImageOps.exif_transpose(opened).convert("RGB")
            upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            buffer = io.BytesIO()
            Image.frombytes("RGB", upright.size, upright.tobytes()).save(buffer, "JPEG", quality=85)
    except Image.DecompressionBombError as error:
        raise too_large from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise not_a_picture from error
    return buffer.getvalue()


def _event(
    complaint: Complaint,
    kind: str,
    *,
    at: datetime,
    by: Actor,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> ComplaintEvent:
    return ComplaintEvent(
        complaint=complaint, kind=kind, at=at, by=by.user, actor=by.name, note=note, data=data or {}
    )
