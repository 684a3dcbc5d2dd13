"""The back office of attribution."""

from django.contrib import admin

from complaints.admin import LookOnly
from property_oversight.attribution.models import Attribution


@admin.register(Attribution)
class AttributionAdmin(LookOnly):
    list_display = ("complaint", "estate", "company", "reason", "standing", "superseded_at")
    list_filter = ("standing", "reason")
    list_select_related = ("complaint", "estate", "company")
