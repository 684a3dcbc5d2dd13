"""One unsure reading after another: one key confirms it, another says what it is."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from complaints.models import Complaint, Prediction
from complaints.queries import all_categories
from complaints.workdays import today
from ml.text import fold
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import complaints_visible_to, finding_of
from property_oversight.accounts.models import Role
from property_oversight.casework import decisions
from property_oversight.reports.figures import waiting_for_bureau
from property_oversight.web.deeds import is_allowed
from property_oversight.web.desk import door, worker
from property_oversight.web.desk_forms import OneOfThreeForm
from property_oversight.web.resident_forms import refuse

_CHOICES = 3
_MOST_SKIPPED = 200
_KEY = re.compile(r"[0-9]{1,18}")


@require_safe
@door(Role.BUREAU)
def next_case(request: HttpRequest) -> HttpResponse:
    """The case at which a look is worth most, but for those that were passed over."""
    skipped = _skipped(request.GET)
    waiting = waiting_for_bureau(worker(request), today()).unread
    case = waiting.exclude(pk__in=skipped).first()
    form = None if case is None else OneOfThreeForm(initial={"danger": case.danger})
    return _page(request, case, form, skipped)


@require_POST
@door(Role.BUREAU)
def confirm(request: HttpRequest, key: int) -> HttpResponse:
    """Say what it is about, and go on to the next at once."""
    user, skipped = worker(request), _skipped(request.POST)
    case = complaints_visible_to(user).filter(pk=key).first()
    if case is None:
        raise Http404
    if not is_allowed(user, Act.CORRECT, case):
        raise PermissionDenied
    following = f"{reverse('web:reading')}{_asking(skipped)}"
    if not (case.is_open and case.awaits_reading):
        messages.info(request, _("%(number)s 已经有人确认过了。") % {"number": case.external_id})
        return redirect(following)
    form = OneOfThreeForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form, skipped)
    said = form.cleaned_data
    try:
        decisions.correct_reading(case, said["category"], by=user, danger=said["danger"])
    except ValidationError as error:
        refuse(form, error)
        return _page(request, case, form, skipped)
    messages.success(request, _what_was_said(case, said))
    return redirect(following)


def _page(
    request: HttpRequest, case: Complaint | None, form: OneOfThreeForm | None, skipped: list[int]
) -> HttpResponse:
    context: dict[str, Any] = {
        "count": waiting_for_bureau(worker(request), today()).unread.count(),
        "skipped": _joined(skipped),
        "skipped_count": len(skipped),
    }
    if case is not None:
        newest = next(iter(case.predictions.all()), None)
        context |= {
            "complaint": case,
            "form": form,
            "finding": finding_of(case),
            "title": marked(case.title, _words(newest)),
            "text": marked(case.text, _words(newest)),
            "choices": _choices(newest),
            "after": _asking([*skipped, case.pk]),
        }
    return render(request, "web/desk/reading.html", context)


def marked(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """`text` in parts, each with whether it is one of `words`, which are folded."""
    wanted = sorted(filter(None, words), key=len, reverse=True)
    if not wanted:
        return [(text, False)]
    parts, end = [], 0
    for hit in re.finditer("|".join(map(re.escape, wanted)), fold(text)):
        parts += [(text[end : hit.start()], False), (text[hit.start() : hit.end()], True)]
        end = hit.end()
    parts.append((text[end:], False))
    return [part for part in parts if part[0]]


def _words(newest: Prediction | None) -> list[str]:
    return [word for word, weight in newest.because if weight > 0] if newest else []


def _choices(newest: Prediction | None) -> list[tuple[str, str, float]]:
    """The likeliest codes with their names and shares, best first."""
    names = dict(all_categories().values_list("code", "name"))
    likely = newest.alternatives if newest else []
    return [(code, names[code], part) for code, part in likely if code in names][:_CHOICES]


def _what_was_said(case: Complaint, said: dict[str, Any]) -> str:
    return format_html(
        '{} <a class="tap" href="{}?act=correct#act-correct">{}</a>',
        _("%(number)s 定为“%(name)s”%(danger)s。")
        % {
            "number": case.external_id,
            "name": said["category"].name,
            "danger": _("，危及安全") if said["danger"] else "",
        },
        reverse("web:desk-complaint", args=[case.pk]),
        _("改正这一件"),
    )


def _skipped(said: QueryDict) -> list[int]:
    """The cases that were passed over on this round, the latest of them."""
    keys = said.get("skip", "").split("-")
    return [int(key) for key in keys if _KEY.fullmatch(key)][-_MOST_SKIPPED:]


def _joined(keys: list[int]) -> str:
    return "-".join(map(str, keys[-_MOST_SKIPPED:]))


def _asking(keys: list[int]) -> str:
    return f"?skip={_joined(keys)}" if keys else ""
