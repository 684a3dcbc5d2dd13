"""The back office of the register."""

from django.contrib import admin

from property_oversight.registry.models import (
    Community,
    Company,
    Estate,
    EstateName,
    Grid,
    ServiceContract,
)


class EstateNameInline(admin.TabularInline):
    model = EstateName
    extra = 0


@admin.register(Estate)
class EstateAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "community", "kind", "households")
    list_filter = ("kind", "community")
    list_select_related = ("community",)
    search_fields = ("code", "name", "names__name")
    inlines = (EstateNameInline,)


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "party_branch")
    search_fields = ("code", "name")


@admin.register(ServiceContract)
class ServiceContractAdmin(admin.ModelAdmin):
    list_display = ("estate", "company", "branch", "starts_on", "ends_on", "tier", "fee_per_m2")
    list_select_related = ("estate", "company")

    # Contracts are signed and ended through the actions, which refuse what overlaps.
    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Community)
class CommunityAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "subdistrict", "households")


@admin.register(Grid)
class GridAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "community", "households", "merchants", "officers")
