"""The petition office's desk: everything, read only; the feed and where machines fetch it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import complaints_visible_to
from property_oversight.accounts.models import Role
from property_oversight.petition.payloads import EVENT_TYPES
from property_oversight.petition.queries import (
    entries_newest_first,
    head,
    subscribers_with_deliveries,
)
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.rows import ALL_TABS, listing

FEED_ADDRESS = "/api/v1/petition/events?after=0&limit=100"


@require_safe
@door(Role.PETITION_OFFICE)
def complaints(request: HttpRequest) -> HttpResponse:
    """Every complaint without who complained, and how far the feed has got."""
    rows = complaints_visible_to(worker(request))
    context = listing(request, rows, ALL_TABS) | {
        "title": _("全部投诉"),
        "head": head(),
        "feed_url": request.build_absolute_uri(FEED_ADDRESS),
    }
    return render(request, "web/desk/petition.html", context)


@require_safe
@door(Role.PETITION_OFFICE, Role.BUREAU)
def feed(request: HttpRequest) -> HttpResponse:
    """The numbered entries, and how far each subscriber has been told."""
    if not may(worker(request), Act.READ_FEED):
        raise PermissionDenied
    page = page_of(request, entries_newest_first())
    context = {
        "head": head(),
        "feed_url": request.build_absolute_uri(FEED_ADDRESS),
        "subscribers": subscribers_with_deliveries(),
        "page": page,
        "entries": [(entry, EVENT_TYPES.get(entry.type, "")) for entry in page],
    }
    return render(request, "web/desk/feed.html", context)
