"""Contracts are signed and ended through the actions, which refuse what overlaps."""

from django.contrib import admin
from django.test import RequestFactory

from property_oversight.accounts.models import User
from property_oversight.registry.models import ServiceContract


def test_not_even_root_can_write_contracts_in_the_back_office():
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    desk = admin.site._registry[ServiceContract]
    assert desk.has_view_permission(request)
    assert not desk.has_add_permission(request)
    assert not desk.has_change_permission(request)
    assert not desk.has_delete_permission(request)
