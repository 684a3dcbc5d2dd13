"""Reads of the feed."""

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from property_oversight.petition.models import Delivery, FeedEntry, Subscriber


def entries_after(sequence: int, limit: int) -> QuerySet[FeedEntry]:
    """The next entries after `sequence`; nothing is ever entered before it afterwards."""
    return FeedEntry.objects.filter(sequence__gt=sequence).order_by("sequence")[:limit]


def head() -> int:
    """The number of the newest entry, 0 where there is none."""
    return FeedEntry.objects.aggregate(last=Max("sequence"))["last"] or 0


def entries_newest_first() -> QuerySet[FeedEntry]:
    """The feed as a person reads it."""
    return FeedEntry.objects.order_by("-sequence")


def subscribers_with_deliveries() -> QuerySet[Subscriber]:
    """Who is sent the feed: how much is on its way, how much was given up, and what was answered
    last."""
    under_way = Q(deliveries__state__in=[Delivery.State.PENDING, Delivery.State.SENDING])
    answered = Delivery.objects.filter(subscriber=OuterRef("pk")).exclude(last_answer="")
    return Subscriber.objects.annotate(
        pending=Count("deliveries", filter=under_way),
        dead=Count("deliveries", filter=Q(deliveries__state=Delivery.State.DEAD)),
        answered_last=Subquery(answered.order_by("-entry_id").values("last_answer")[:1]),
    ).order_by("name")
