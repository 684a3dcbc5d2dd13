"""The neighbours' matter: its page, its place on a complaint's page, and what the bureau may say of
what belongs to it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from complaints.models import Complaint
from complaints.workflow import State
from ml.incidents import SAME_KIND
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import complaints_visible_to, finding_of
from property_oversight.accounts.models import User
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Attribution, Incident
from property_oversight.attribution.queries import (
    SEVERAL,
    all_incidents,
    complaints_of_incident,
    size_of_incident,
    words_of_incident,
)
from property_oversight.talks.triggers import JOINT_FROM
from property_oversight.web.deeds import Deed, Said, another_by_number
from property_oversight.web.desk import door, page_of, worker
from property_oversight.web.desk_forms import BringTogetherForm, ReasonForm
from property_oversight.web.rows import rows_of
from property_oversight.web.templatetags.web_words import share


@dataclass(frozen=True)
class Neighbours:
    """An incident as a page tells of it: no names, and of words only those that several used."""

    incident: Incident
    complaints: int
    households: int
    words: list[str]

    @property
    def is_joint(self) -> bool:
        return self.households >= JOINT_FROM

    @property
    def joint_from(self) -> int:
        return JOINT_FROM


def neighbours(incident: Incident) -> Neighbours:
    return Neighbours(incident, *size_of_incident(incident), words_of_incident(incident))


def neighbours_of(finding: Attribution | None) -> Neighbours | None:
    """Who else complains of the same matter; None where nobody does."""
    if finding is None or finding.incident is None:
        return None
    found = neighbours(finding.incident)
    return found if found.complaints >= SEVERAL else None


_WORDS_TOLD = 5


def why(finding: Attribution | None) -> str:
    """What puts a complaint to its neighbours' matter, in a sentence."""
    kept = finding.evidence.get("incident") if finding else None
    if not kept:
        return ""
    if kept.get("decided"):
        return str(_("由人工认定属于这个事件，系统不再改动。"))
    if kept.get("first"):
        return str(_("这是系统收到的第一件。"))
    kind = _("类别相同") if kept["same_kind"] else _("类别不同")
    near = _("与最近的一件相隔 %(days)d 天") if kept["days"] else _("在同一段时间")
    grounds = [str(kind), str(near) % {"days": kept["days"]} if kept["days"] else str(near)]
    words = [word for word, _part in kept["words"] if len(word) > 1][:_WORDS_TOLD]
    if words and kept["likeness"] >= SAME_KIND:
        said = {"words": "、".join(words), "part": share(kept["likeness"])}
        grounds.append(str(_("说法相像 %(part)s（%(words)s）")) % said)
    return str(_("归入的依据：小区相同，%(grounds)s。")) % {"grounds": "，".join(grounds)}


@require_safe
@door()
def incident(request: HttpRequest, key: int) -> HttpResponse:
    """The complaints of one matter that the person may see; who sees none finds nothing."""
    user = worker(request)
    matter = get_object_or_404(all_incidents(), pk=key)
    visible = complaints_of_incident(complaints_visible_to(user), matter)
    page = page_of(request, visible.order_by("received_at", "pk"))
    if not page.paginator.count:
        raise Http404
    context = {
        "matter": neighbours(matter),
        "page": page,
        "rows": rows_of(page, user),
        "visible": page.paginator.count,
    }
    return render(request, "web/desk/incident.html", context)


def _set_apart(user: User, complaint: Complaint, said: Said) -> None:
    attribution.set_apart(_found(complaint), by=user, note=said["note"])


def _bring_together(user: User, complaint: Complaint, said: Said) -> None:
    other = another_by_number(user, complaint, said["number"])
    attribution.bring_together(_found(complaint), _found(other), by=user, note=said["note"])


def _found(complaint: Complaint) -> Attribution:
    finding = finding_of(complaint)
    if finding is None:
        raise ValidationError(_("还没有认定小区"), code="not_found")
    return finding


def _has_neighbours(complaint: Complaint) -> bool:
    finding = finding_of(complaint)
    matter = finding.incident if finding else None
    return matter is not None and matter.said.get("size", 0) >= SEVERAL


def _has_estate(complaint: Complaint) -> bool:
    finding = finding_of(complaint)
    return finding is not None and finding.estate is not None and complaint.state != State.JOINED


DEEDS: dict[str, Deed[Complaint]] = {
    deed.verb: deed
    for deed in (
        Deed(
            "apart",
            Act.SET_APART,
            _("与邻居不是同一事件"),
            _("已从同一事件拆出，以后系统不再把它合进去。"),
            _set_apart,
            lambda complaint: _has_neighbours(complaint) and complaint.state != State.JOINED,
            form=ReasonForm,
            hint=_("拆出后单独成一个事件，评分另计。"),
            is_usual=False,
        ),
        Deed(
            "together",
            Act.BRING_TOGETHER,
            _("归入邻居的同一事件"),
            _("已归入同一事件，以后系统不再改动。"),
            _bring_together,
            _has_estate,
            form=BringTogetherForm,
            hint=_("许多邻居反映同一件事，评分只计一次，各件仍分别答复。"),
            is_usual=False,
        ),
    )
}
