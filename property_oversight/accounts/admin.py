"""The back office of accounts."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from rest_framework_api_key.admin import APIKeyModelAdmin

from property_oversight.accounts.models import ApiKey, Membership, User


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(User)
class PersonAdmin(UserAdmin):
    inlines = (MembershipInline,)


@admin.register(ApiKey)
class ApiKeyAdmin(APIKeyModelAdmin):
    pass
