"""Pages that say no, and what to do instead."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read; one that is too large has a number of its own."""
    too_large = isinstance(exception, RequestDataTooBig)
    template, status = ("413.html", 413) if too_large else ("400.html", 400)
    return render(request, template, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page stood open too long, or the browser keeps no cookies."""
    return render(request, "web/stale_page.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """Somebody tries one tracking code after the other."""
    return render(request, "web/too_many.html", status=429)
