"""The desks' front door: signing in, where each hat works, and the files that pages show."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from complaints.workdays import today
from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import complaints_visible_to, talks_visible_to
from property_oversight.accounts.models import Role, User
from property_oversight.accounts.queries import roles
from property_oversight.reports.exports import complaint_table, workbook
from property_oversight.web.desk_forms import SignInForm

PAGE = 30
HOMES = {
    Role.BUREAU: "web:bureau",
    Role.FIRM: "web:firm",
    Role.COMMUNITY: "web:community",
    Role.PETITION_OFFICE: "web:petition",
}
"""Where each hat works, the widest view first."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_SEARCH = 80

View = Callable[..., HttpResponseBase]


class SignIn(LoginView):
    template_name = "web/desk/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


def door(*hats: Role) -> Callable[[View], View]:
    """Lets in who wears one of `hats`, or any hat at all where none is named. What stands on a desk
    is nobody else's, so no cache keeps it."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            person = worker(request)
            if not may(person, Act.SEE_DESK) or (hats and not roles(person) & set(hats)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(login_required(guarded))

    return guard


def worker(request: HttpRequest) -> User:
    """The person who has signed in; `door` has seen to it that there is one."""
    assert isinstance(request.user, User)  # noqa: S101 - behind login_required there is no other
    return request.user


def page_of(request: HttpRequest, rows: Any) -> Page[Any]:
    """The page of a list that the address asks for; beyond the end it is the last."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def searched(request: HttpRequest) -> str:
    """What was typed into the search box."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST_SEARCH]


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody to his own desk; who has none is told whom to ask."""
    held = roles(worker(request))
    for role, address in HOMES.items():
        if role in held:
            return redirect(address)
    return render(request, "web/desk/no_hat.html")


@require_safe
@door()
def export(request: HttpRequest) -> HttpResponse:
    """The complaints one sees, as a spreadsheet."""
    person = worker(request)
    if not may(person, Act.EXPORT):
        raise PermissionDenied
    rows = complaints_visible_to(person).order_by("-received_at", "-pk")
    content = workbook("投诉", complaint_table(rows))
    name = _("投诉-%(day)s.xlsx") % {"day": today().isoformat()}
    return HttpResponse(
        content,
        content_type=_XLSX,
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


@login_required
@cache_control(private=True, max_age=3600)
@require_safe
def photo(request: HttpRequest, key: int) -> HttpResponseBase:
    """A picture of a complaint that one sees."""
    seen = complaints_visible_to(worker(request))
    complaint = _first(seen.filter(events__attachments__pk=key))
    for event in complaint.events.all():
        for attachment in event.attachments.all():
            if attachment.pk == key:
                response = FileResponse(attachment.file.open("rb"), content_type="image/jpeg")
                response.headers["X-Content-Type-Options"] = "nosniff"
                return response
    raise Http404


@require_safe
@door()
def document(request: HttpRequest, key: int) -> HttpResponseBase:
    """A letter of a talk that one sees."""
    talk = _first(talks_visible_to(worker(request)).filter(events__document__pk=key))
    for event in talk.events.all():
        letter = getattr(event, "document", None)
        if letter is not None and letter.pk == key:
            name = f"{letter.get_kind_display()}-{talk.company.name}-{talk.pk}.docx"
            return FileResponse(letter.file.open("rb"), as_attachment=True, filename=name)
    raise Http404


def _first(rows: QuerySet[Any]) -> Any:
    found = rows.first()
    if found is None:
        raise Http404
    return found
