"""The back office of scoring."""

from django.contrib import admin

from complaints.admin import LookOnly
from property_oversight.scoring.models import ScoreCard, ScoreRun


@admin.register(ScoreRun)
class ScoreRunAdmin(LookOnly):
    list_display = ("period", "as_of", "made_at", "published_at")


@admin.register(ScoreCard)
class ScoreCardAdmin(LookOnly):
    list_display = ("run", "company", "estate", "score", "low", "high", "grade")
    list_filter = ("run",)
    list_select_related = ("run", "company", "estate")
