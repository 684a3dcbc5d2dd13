"""One page for a complaint at every desk: each part is there for who may see it, each form for who
may do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from complaints.models import Attachment, Clock, Complaint, ComplaintEvent
from complaints.queries import all_categories, repeats_of
from complaints.workdays import today
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import complaints_visible_to, finding_of
from property_oversight.accounts.models import User
from property_oversight.attribution.models import Attribution, Standing
from property_oversight.attribution.queries import findings_of
from property_oversight.registry.models import Estate
from property_oversight.registry.queries import estates_by_code, estates_named_like
from property_oversight.web import bureau, community, company, incident
from property_oversight.web.deeds import Deed, carry_out, is_allowed, offers, open_deeds
from property_oversight.web.desk import door, worker
from property_oversight.web.rows import Eyes, row_of
from property_oversight.web.templatetags.web_words import event_words, share

DEEDS: dict[str, Deed[Complaint]] = {
    **company.DEEDS, **community.DEEDS, **bureau.DEEDS, **incident.DEEDS,
}  # fmt: skip
_MOST_FOUND = 10
_RECEIVED = "complaint.received"
_OFFICES = {"firm", "community", "bureau"}


@dataclass(frozen=True)
class Step:
    """One thing that happened. `by` is the officer, for the bureau's eyes."""

    event: ComplaintEvent
    what: str
    more: str
    note: str
    by: str
    photos: list[Attachment]


@dataclass(frozen=True)
class Limit:
    """A clock and how it went."""

    clock: Clock
    how: str
    is_late: bool


@dataclass(frozen=True)
class Reading:
    """What the model read, in words."""

    confidence: float
    abstained: bool
    guess: str
    alternatives: list[tuple[str, str, float]]
    """Code, name, how likely."""
    because: list[str]


@door()
@require_safe
def complaint(request: HttpRequest, key: int) -> HttpResponse:
    return _page(request, _visible(request, key), {})


@door()
def act(request: HttpRequest, key: int, verb: str) -> HttpResponse:
    """Do one of the things that the page offers."""
    case = _visible(request, key)
    deed = DEEDS.get(verb)
    if deed is None:
        raise Http404
    home = reverse("web:desk-complaint", args=[key])
    result = carry_out(request, worker(request), case, deed, home)
    return _page(request, case, {verb: result}) if isinstance(result, forms.Form) else result


def _visible(request: HttpRequest, key: int) -> Complaint:
    found = complaints_visible_to(worker(request)).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, case: Complaint, refused: Mapping[str, forms.Form]) -> HttpResponse:
    user, finding = worker(request), finding_of(case)
    eyes = Eyes.of(user)
    names = {} if not eyes.sees_reporter else _category_names()
    repeats = list(repeats_of(case))
    neighbours = [name for one in repeats for name in (one.reporter_name, one.reporter_phone)]
    now = open_deeds(user, case, DEEDS)
    context: dict[str, Any] = {
        "complaint": case,
        "row": row_of(case, eyes, today()),
        "finding": finding,
        "sees_reporter": eyes.sees_reporter,
        "phone": _phone(user, case),
        "title": eyes.read(case.title, case, neighbours),
        "text": eyes.read(case.text, case, neighbours),
        "photos": _photos_of_receipt(case),
        "limits": [_limit(clock) for clock in case.clocks.all()],
        "steps": [_step(event, case, eyes, names, neighbours) for event in case.events.all()],
        "why_contested": _why_contested(case, finding, eyes),
        "matter": incident.neighbours_of(finding),
        "offers": offers(
            now,
            case,
            lambda verb: reverse("web:desk-complaint-act", args=[case.pk, verb]),
            wanted=_wanted(request, case, finding),
            refused=refused,
        ),
        "refused": any(form.errors for form in refused.values()),
    }
    if eyes.sees_reporter:
        context |= _for_the_bureau(request, case, finding, names, repeats)
    return render(request, "web/desk/complaint.html", context)


def _wanted(request: HttpRequest, case: Complaint, finding: Attribution | None) -> str:
    """The form that lies open: the one asked for, or the case's one next act."""
    if request.GET.get("estate"):
        return "decide"
    return request.GET.get("act", "") or bureau.next_verb(case, finding)


def _for_the_bureau(
    request: HttpRequest,
    case: Complaint,
    finding: Attribution | None,
    names: dict[str, str],
    repeats: list[Complaint],
) -> dict[str, Any]:
    """What rests on the whole text and on who said it."""
    wanted = request.GET.get("estate", "").replace("\x00", "").strip()[:80]
    found = list(estates_named_like(wanted).order_by("code")[:_MOST_FOUND]) if wanted else []
    return {
        "reading": _reading(case, names),
        "marked": _marked(case, finding),
        "why": incident.why(finding),
        "candidates": _candidates(finding),
        "estate_q": wanted,
        "estates_found": found,
        "findings": list(findings_of(case)),
        "repeats": repeats,
    }


def _phone(user: User, case: Complaint) -> str:
    """The resident's phone for the firm that serves the estate: while there is something to mend,
    and only where the resident has agreed."""
    agreed = case.shows_phone_to_firm and case.is_open
    return case.reporter_phone if agreed and is_allowed(user, Act.ANSWER, case) else ""


def _why_contested(case: Complaint, finding: Attribution | None, eyes: Eyes) -> str:
    """The firm's reason, or what the bureau said to it; other notes are between offices."""
    if finding is None or not finding.note:
        return ""
    decided = finding.standing == Standing.CONTESTED or bool(finding.evidence.get("upheld"))
    return eyes.read(finding.note, case) if decided or eyes.sees_reporter else ""


def _photos_of_receipt(case: Complaint) -> list[Attachment]:
    received = (event for event in case.events.all() if event.kind == _RECEIVED)
    return [photo for event in received for photo in event.attachments.all()]


def _limit(clock: Clock) -> Limit:
    late = clock.is_overdue(today())
    if clock.met_on is not None:
        how = _("晚于期限") if late else _("按时完成")
    elif clock.stopped_at is not None:
        how = _("不再计时")
    else:
        how = _("已逾期 %(days)d 天") % {"days": (today() - clock.due_on).days} if late else (
            _("计时中")
        )  # fmt: skip
    return Limit(clock, how, late)


def _step(
    event: ComplaintEvent,
    case: Complaint,
    eyes: Eyes,
    names: dict[str, str],
    neighbours: list[str],
) -> Step:
    # Who a resident is, is shown once above, not in the history.
    officer = event.by if event.actor in _OFFICES and eyes.sees_reporter else None
    return Step(
        event=event,
        what=_what(event),
        more=_more(event, names),
        note=eyes.read(event.note, case, neighbours),
        by=str(officer) if officer else "",
        photos=[] if event.kind == _RECEIVED else list(event.attachments.all()),
    )


def _what(event: ComplaintEvent) -> str:
    if event.kind == "complaint.overdue" and event.data.get("clock") in Clock.Kind.values:
        return _("超过%(clock)s时限") % {"clock": Clock.Kind(event.data["clock"]).label}
    return event_words(event.kind)


def _more(event: ComplaintEvent, names: dict[str, str]) -> str:
    """The facts of a reading, for the bureau."""
    read = names.get(event.data.get("category") or event.data.get("guess") or "", "")
    if event.kind == "complaint.read" and read:
        confidence = share(event.data.get("confidence"))
        return _("%(name)s，把握 %(confidence)s") % {"name": read, "confidence": confidence}
    if event.kind == "complaint.corrected" and read:
        before = names.get(event.data.get("from") or "", _("未定"))
        return f"{before} → {read}"
    return ""


def _category_names() -> dict[str, str]:
    return dict(all_categories().values_list("code", "name"))


def _reading(case: Complaint, names: dict[str, str]) -> Reading | None:
    newest = next(iter(case.predictions.all()), None)
    if newest is None:
        return None
    likely = [(code, names[code], part) for code, part in newest.alternatives if code in names]
    return Reading(
        confidence=newest.confidence,
        abstained=newest.abstained,
        guess=names.get(newest.category_id, ""),
        alternatives=likely,
        because=[word.replace(" ", "") for word, weight in newest.because if weight > 0],
    )


def _marked(case: Complaint, finding: Attribution | None) -> tuple[str, str, str] | None:
    """The whole text in three parts: before, the words the finding rests on, after."""
    span = finding.evidence.get("span") if finding else None
    if not span:
        return None
    start, end = span
    whole = case.whole
    return whole[:start].lstrip("\n"), whole[start:end], whole[end:]


def _candidates(finding: Attribution | None) -> list[tuple[Estate, float]]:
    """The estates that the text may mean, the likeliest first."""
    pairs = finding.evidence.get("candidates", []) if finding else []
    estates = estates_by_code(code for code, _part in pairs)
    return [(estates[code], part) for code, part in pairs if code in estates]
