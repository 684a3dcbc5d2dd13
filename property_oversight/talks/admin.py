"""The back office of talks."""

from django.contrib import admin

from complaints.admin import LookOnly
from property_oversight.talks.models import Talk


@admin.register(Talk)
class TalkAdmin(LookOnly):
    list_display = ("company", "period", "rule", "state", "proposed_on")
    list_filter = ("state", "rule")
    list_select_related = ("company",)
