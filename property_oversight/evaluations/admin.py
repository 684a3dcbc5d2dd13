"""The back office of evaluation."""

from django.contrib import admin

from complaints.admin import LookOnly
from property_oversight.evaluations.models import Evaluation, Question, Round


@admin.register(Round)
class RoundAdmin(admin.ModelAdmin):
    list_display = ("code", "opens_on", "closes_on")


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    list_display = ("code", "text", "points", "position")


@admin.register(Evaluation)
class EvaluationAdmin(LookOnly):
    list_display = ("round", "audience", "estate", "company", "points", "late", "superseded_at")
    list_filter = ("round", "audience")
    list_select_related = ("round", "estate", "company")
