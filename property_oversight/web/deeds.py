"""One thing a person may do on the page of a case: who, when, what is typed, what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from complaints.models import Complaint
from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import complaints_visible_to, finding_of
from property_oversight.accounts.models import User
from property_oversight.talks.models import Talk
from property_oversight.web.resident_forms import refuse

Case = TypeVar("Case", Complaint, Talk)
Said = dict[str, Any]


def nothing(_case: Any) -> Said:
    """No field is filled in beforehand."""
    return {}


@dataclass(frozen=True)
class Deed(Generic[Case]):
    """The verb is the last part of the address. `stands` says whether the act makes sense where the
    case is; whether the person may do it is the business of the abilities."""

    verb: str
    act: Act
    title: str | Promise
    done: str | Promise
    do: Callable[[User, Case, Said], object]
    stands: Callable[[Case], bool]
    form: type[forms.Form] = forms.Form
    hint: str | Promise = ""
    initial: Callable[[Case], Said] = nothing
    template: str = "web/desk/act.html"
    is_usual: bool = True
    """Whether its form lies open where nothing else is asked for."""

    def blank(self, case: Case) -> forms.Form:
        return self.form(initial=self.initial(case), auto_id=self._ids)

    def filled(self, request: HttpRequest) -> forms.Form:
        return self.form(request.POST, request.FILES, auto_id=self._ids)

    @property
    def _ids(self) -> str:
        """Several forms stand on one page."""
        return f"id_{self.verb}_%s"


@dataclass(frozen=True)
class Offer:
    """A deed as the page shows it."""

    deed: Deed[Any]
    form: forms.Form
    is_open: bool
    address: str


def another_by_number(user: User, complaint: Complaint, number: str) -> Complaint:
    """The other complaint that a form names; of one number on two channels the earlier. Raises
    ValidationError(code="no_such_complaint") also where `user` may not see it."""
    same_number = complaints_visible_to(user).filter(external_id=number.strip())
    other = same_number.exclude(pk=complaint.pk).order_by("received_at", "pk").first()
    if other is None:
        raise ValidationError(_("没有编号是这个的另一件投诉"), code="no_such_complaint")
    return other


def is_allowed(user: User, act: Act, case: Complaint | Talk) -> bool:
    """Whether `user` may do it with this very case, without asking for its finding again."""
    finding = finding_of(case) if isinstance(case, Complaint) else None
    return may(user, act, finding or case)


def open_deeds(user: User, case: Case, deeds: Mapping[str, Deed[Case]]) -> list[Deed[Case]]:
    """What `user` may do with `case` now, in the order of the table."""
    return [
        deed for deed in deeds.values() if deed.stands(case) and is_allowed(user, deed.act, case)
    ]


def offers(
    open_now: list[Deed[Case]],
    case: Case,
    address: Callable[[str], str],
    *,
    wanted: str = "",
    refused: Mapping[str, forms.Form] | None = None,
) -> list[Offer]:
    """The forms of a page; one lies open: the refused one, the one asked for, or the usual."""
    rejected: Mapping[str, forms.Form] = refused or {}
    usual = next((deed.verb for deed in open_now if deed.is_usual), "")
    asked_for = wanted if wanted in {deed.verb for deed in open_now} else usual
    unfolded = next(iter(rejected), asked_for)
    return [
        Offer(
            deed,
            rejected.get(deed.verb) or deed.blank(case),
            deed.verb == unfolded,
            address(deed.verb),
        )
        for deed in open_now
    ]


def carry_out(
    request: HttpRequest, user: User, case: Case, deed: Deed[Case], home: str
) -> HttpResponse | forms.Form:
    """Do it and go on to where the person came from, or give back the form that says why not."""
    if not is_allowed(user, deed.act, case):
        raise PermissionDenied
    if request.method != "POST":
        return redirect(home)
    form = deed.filled(request)
    if not form.is_valid():
        if deed.stands(case):
            return form
        messages.error(request, _("没有办成：这件事的状态已经变了，请看最新情况。"))
        return redirect(home)
    try:
        deed.do(user, case, form.cleaned_data)
    except ValidationError as error:
        case.refresh_from_db(fields=["state"])
        if deed.stands(case) and form.fields:
            refuse(form, error)
            return form
        messages.error(request, " ".join(error.messages))
        return redirect(home)
    messages.success(request, str(deed.done))
    return redirect(_next(request) or home)


def _next(request: HttpRequest) -> str:
    """The list a button was pressed in, if it is one of ours."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else ""
