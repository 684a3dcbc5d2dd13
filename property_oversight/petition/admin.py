"""The back office of the feed."""

from django.contrib import admin

from complaints.admin import LookOnly
from property_oversight.petition.models import Delivery, FeedEntry, Subscriber


@admin.register(FeedEntry)
class FeedEntryAdmin(LookOnly):
    list_display = ("sequence", "type", "subject", "time")
    list_filter = ("type",)


@admin.register(Subscriber)
class SubscriberAdmin(admin.ModelAdmin):
    list_display = ("name", "url", "is_active", "disabled_because")


@admin.register(Delivery)
class DeliveryAdmin(LookOnly):
    list_display = ("subscriber", "entry", "state", "attempts", "due_at", "last_answer")
    list_filter = ("state", "subscriber")
    list_select_related = ("subscriber",)
