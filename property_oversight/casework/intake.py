"""lodge(): the one way in for a single complaint, whatever the channel."""

from collections.abc import Sequence

from django.db import transaction

from complaints import actions
from complaints.actions import Actor, Draft
from complaints.models import Channel, Complaint
from property_oversight.casework import tasks


def lodge(
    draft: Draft, *, channel: Channel, by: Actor, pictures: Sequence[bytes] = ()
) -> Complaint:
    """Take a complaint in and have it processed once it is stored.

    Raises ValidationError, with nothing stored, where the text or a picture is none. Whether the
    queue is there or not makes no difference to the caller: the quarter-hourly round takes what
    the queue has lost.
    """
    actions.checked(draft)
    clean = [actions.clean_picture(picture) for picture in pictures]
    with transaction.atomic():
        complaint = actions.receive(draft, channel=channel, by=by)
        received = complaint.events.get(kind="complaint.received")
        # The same ticket twice is one complaint with one set of pictures.
        for picture in clean if not received.attachments.exists() else []:
            actions.attach(received, picture)
        tasks.process_after_commit(complaint.pk)
    return complaint
