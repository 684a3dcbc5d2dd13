"""Claim, sign, send, retry, give up: each entry to each subscriber, in order."""

import ipaddress
import json
import random
import socket
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from standardwebhooks import Webhook

from property_oversight.petition.models import Delivery, Subscriber
from property_oversight.petition.payloads import envelope

# The ladder of the Standard Webhooks specification, in seconds after each failure.
LADDER = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
_TIMEOUT = 15.0
_ABANDONED_AFTER = timedelta(minutes=5)
_GONE = 410


def deliver_due() -> int:
    """Send what is due to every active subscriber. Returns how many were delivered."""
    return sum(_deliver_to(subscriber) for subscriber in Subscriber.objects.filter(is_active=True))


def _deliver_to(subscriber: Subscriber) -> int:
    """Send in order; the first that fails holds the later ones back, so that no answer overtakes
    the question."""
    sent = 0
    while (delivery := _claim_next(subscriber)) is not None:
        if not _send(subscriber, delivery):
            break
        sent += 1
    return sent


def _claim_next(subscriber: Subscriber) -> Delivery | None:
    """The oldest entry under way, if it is due and nobody else is sending it."""
    now = timezone.now()
    under_way = subscriber.deliveries.filter(
        state__in=[Delivery.State.PENDING, Delivery.State.SENDING]
    )
    oldest = under_way.select_related("entry").order_by("entry_id").first()
    if oldest is None:
        return None
    # A sender that died in between leaves its claim behind; after a while it is taken over.
    free = Q(state=Delivery.State.PENDING, due_at__lte=now) | Q(
        state=Delivery.State.SENDING, claimed_at__lt=now - _ABANDONED_AFTER
    )
    claimed = Delivery.objects.filter(free, pk=oldest.pk).update(
        state=Delivery.State.SENDING, claimed_at=now, attempts=oldest.attempts + 1
    )
    if not claimed:
        return None
    oldest.refresh_from_db(fields=["state", "claimed_at", "attempts"])
    return oldest


def _send(subscriber: Subscriber, delivery: Delivery) -> bool:
    """Make the call and write down the answer. True where it was delivered."""
    status, answer = _call(subscriber, delivery)
    if status is not None and 200 <= status < 300:  # noqa: PLR2004 - success, as HTTP has it
        _settle(delivery, Delivery.State.SENT, answer)
        return True
    if status == _GONE:
        Subscriber.objects.filter(pk=subscriber.pk).update(
            is_active=False, disabled_because="订阅方答复 410，不再接收"
        )
    if delivery.attempts > len(LADDER):
        _settle(delivery, Delivery.State.DEAD, answer)
        return False
    wait = LADDER[delivery.attempts - 1] * random.uniform(1.0, 1.2)  # noqa: S311 - jitter
    delivery.due_at = timezone.now() + timedelta(seconds=wait)
    _settle(delivery, Delivery.State.PENDING, answer)
    return False


def _settle(delivery: Delivery, state: Delivery.State, answer: str) -> None:
    delivery.state, delivery.last_answer = state, answer[:200]
    delivery.save(update_fields=["state", "last_answer", "due_at"])


def _call(subscriber: Subscriber, delivery: Delivery) -> tuple[int | None, str]:
    """HTTP status, None where there was no answer, and what to write down."""
    entry = delivery.entry
    body = json.dumps(envelope(entry), ensure_ascii=False, separators=(",", ":"))
    moment = timezone.now()  # in UTC: the library reads any other zone as if it were
    try:
        refuse_private(subscriber.url)
        signature = Webhook(subscriber.secret).sign(str(entry.event_id), moment, body)
        answer = httpx.post(
            subscriber.url,
            content=body.encode(),
            headers={
                "content-type": "application/cloudevents+json; charset=utf-8",
                "webhook-id": str(entry.event_id),
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": signature,
            },
            timeout=_TIMEOUT,
            follow_redirects=False,
        )
    except Exception as error:
        # A bad address, an empty secret, no answer: one subscriber's fault is not the others'.
        return None, f"{type(error).__name__}: {error}"
    return answer.status_code, f"HTTP {answer.status_code}"


def refuse_private(url: str) -> None:
    """Raise ValueError where `url` leads into a network of our own, unless that is allowed."""
    if settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        return
    parts = urlsplit(url)
    for family in socket.getaddrinfo(parts.hostname, parts.port or 443):
        if not ipaddress.ip_address(family[4][0]).is_global:
            raise ValueError("地址在内部网络，未获许可")
