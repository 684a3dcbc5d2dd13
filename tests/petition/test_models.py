"""What the database holds to: an event enters once, and is sent once to each subscriber."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from property_oversight.petition.models import Delivery, FeedEntry, Subscriber


def entry(sequence: int, event_id: uuid.UUID) -> FeedEntry:
    return FeedEntry.objects.create(
        sequence=sequence,
        event_id=event_id,
        type="complaint.received",
        subject="complaints/web/1",
        time=timezone.now(),
        data={},
    )


@pytest.mark.django_db
def test_entry_is_made_once_an_event():
    event_id = uuid.uuid4()
    entry(1, event_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        entry(2, event_id)


@pytest.mark.django_db
def test_delivery_is_made_once_a_subscriber():
    first = entry(1, uuid.uuid4())
    subscriber = Subscriber.objects.create(name="信访办", url="https://example.org", secret="x")
    Delivery.objects.create(subscriber=subscriber, entry=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(subscriber=subscriber, entry=first)
