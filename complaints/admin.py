"""The back office of the desk: to look, not to write around the actions."""

from django.contrib import admin
from django.http import HttpRequest

from complaints.models import CalendarDay, Category, Complaint, ComplaintEvent, ImportBatch


class LookOnly(admin.ModelAdmin):
    """Shows and changes nothing: writes go through the actions, so that they leave a trace."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class EventInline(admin.TabularInline):
    model = ComplaintEvent
    fields = readonly_fields = ("at", "kind", "actor", "by", "note")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Complaint)
class ComplaintAdmin(LookOnly):
    list_display = ("external_id", "channel", "received_at", "category", "state", "danger")
    list_filter = ("state", "channel", "category")
    list_select_related = ("category",)
    search_fields = ("external_id", "tracking_code")
    exclude = ("reporter_name", "reporter_phone", "reporter_key", "reporter")
    inlines = (EventInline,)


@admin.register(ImportBatch)
class ImportBatchAdmin(LookOnly):
    list_display = ("file_name", "channel", "started_at", "rows_new", "rows_known", "rows_refused")


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "group", "urgency", "department", "firm_answers")


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin):
    list_display = ("day", "is_workday", "name")
    list_filter = ("is_workday",)
