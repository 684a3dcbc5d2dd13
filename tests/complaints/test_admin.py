"""The back office looks and does not write around the actions."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from complaints.models import Complaint, ComplaintEvent, ImportBatch
from property_oversight.accounts.models import User


@pytest.fixture
def request_of_root():
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    return request


@pytest.mark.parametrize("model", [Complaint, ImportBatch])
def test_not_even_root_can_write_what_the_actions_write(model, request_of_root):
    desk = admin.site._registry[model]
    assert desk.has_view_permission(request_of_root)
    assert not desk.has_add_permission(request_of_root)
    assert not desk.has_change_permission(request_of_root)
    assert not desk.has_delete_permission(request_of_root)


def test_the_history_can_be_read_and_not_added_to(request_of_root):
    (inline,) = admin.site._registry[Complaint].get_inline_instances(request_of_root)
    assert inline.model is ComplaintEvent
    assert not inline.has_add_permission(request_of_root)
    assert not inline.can_delete
    assert set(inline.fields) <= set(inline.readonly_fields)


def test_who_complained_is_not_shown(request_of_root):
    desk = admin.site._registry[Complaint]
    assert not {"reporter_name", "reporter_phone", "reporter_key", "reporter"} & set(
        desk.get_fields(request_of_root)
    )
    assert not [name for name in (*desk.list_display, *desk.search_fields) if "reporter" in name]
