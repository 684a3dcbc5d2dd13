"""The same person's repeats of the same matter: find, join, split. Repeats count once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from complaints import actions
from complaints.models import Attachment, Complaint, ComplaintEvent, Prediction
from complaints.workflow import OPEN, Move, State, is_legal
from ml.repeats import Statement, is_same_matter, statements

_WITHIN = timedelta(days=60)
# Who complains again after an answer is not content with it; joined to the answered one, the new
# word would lapse with it.
_CAN_TAKE_IN = OPEN - {State.ANSWERED}
_TOLD = ("complaint.received", "complaint.supplemented")

Estates = Mapping[int, tuple[int, Sequence[str]]]
"""Key of a complaint -> key and names of the estate it was found to be about, where it was."""


def earlier_of(complaints: Iterable[Complaint]) -> list[Complaint]:
    """What the same people have said before and is still open, the oldest first; also what was
    joined to such. One question for any number of complaints."""
    asked = [complaint for complaint in complaints if complaint.reporter_key]
    if not asked:
        return []
    times = [complaint.received_at for complaint in asked]
    first_is_open = Q(state=State.JOINED, joined_to__state__in=_CAN_TAKE_IN)
    return list(
        Complaint.objects.filter(
            Q(state__in=_CAN_TAKE_IN) | first_is_open,
            reporter_key__in={complaint.reporter_key for complaint in asked},
            received_at__gte=min(times) - _WITHIN,
            received_at__lte=max(times),
        )
        .select_related("joined_to")
        .order_by("received_at", "pk")
    )


def firsts_of(
    complaints: Sequence[Complaint], earlier: Sequence[Complaint], estates: Estates
) -> dict[int, Complaint]:
    """Key of a complaint -> the earlier one of the same person that it repeats; those that repeat
    none are missing. A repeat of a repeat leads to the first.

    国办函〔2025〕66号: repeats of one matter are handled as one ticket, whatever way they came in.
    """
    said = _read({one.pk: one for one in [*complaints, *earlier]}.values(), estates)
    by_person: dict[str, list[Complaint]] = defaultdict(list)
    for candidate in earlier:
        by_person[candidate.reporter_key].append(candidate)
    found: dict[int, Complaint] = {}
    for complaint in sorted(complaints, key=_order):
        if not complaint.reporter_key or not is_legal(complaint.state, Move.JOIN):
            continue
        before = [
            candidate
            for candidate in by_person[complaint.reporter_key]
            if _order(candidate) < _order(complaint)
            and complaint.received_at - candidate.received_at <= _WITHIN
            and not _in_two_places(candidate, complaint, estates)
        ]
        same = [
            found.get(candidate.pk) or candidate.joined_to or candidate
            for candidate in before
            if is_same_matter(
                said[candidate.pk], said[complaint.pk],
                is_same_estate=_in_one_place(candidate, complaint, estates),
            )
        ]  # fmt: skip
        if not same and said[complaint.pk].only_reminds:
            # “上次反映的事怎么还没人管”: of one matter there is no doubt which.
            matters = {(found.get(one.pk) or one.joined_to or one).pk for one in before}
            same = [one for one in before if {one.pk} == matters]
        if same:
            found[complaint.pk] = min(same, key=_order)
    return found


def _order(complaint: Complaint) -> tuple[object, int]:
    return complaint.received_at, complaint.pk


def _read(complaints: Iterable[Complaint], estates: Estates) -> dict[int, Statement]:
    several = list(complaints)
    newest = Prediction.objects.filter(complaint=OuterRef("pk")).order_by("-pk")
    kinds = Complaint.objects.filter(pk__in=[one.pk for one in several]).annotate(
        guess=Subquery(newest.values("category")[:1])
    )
    matters = {key: category or guess or "" for key, category, guess in
               kinds.values_list("pk", "category_id", "guess")}  # fmt: skip
    read = statements([
        (one.whole, matters.get(one.pk, ""), (one.stated_estate, *estates.get(one.pk, (0, ()))[1]))
        for one in several
    ])  # fmt: skip
    return {one.pk: mine for one, mine in zip(several, read, strict=True)}


def _in_two_places(one: Complaint, other: Complaint, estates: Estates) -> bool:
    if one.pk in estates and other.pk in estates:
        return estates[one.pk][0] != estates[other.pk][0]
    return bool(one.stated_estate and other.stated_estate) and (
        one.stated_estate != other.stated_estate
    )


def _in_one_place(one: Complaint, other: Complaint, estates: Estates) -> bool:
    if one.pk in estates and other.pk in estates:
        return estates[one.pk][0] == estates[other.pk][0]
    return bool(one.stated_estate) and one.stated_estate == other.stated_estate


@transaction.atomic
def join(complaint: Complaint, first: Complaint, *, by: actions.Actor) -> None:
    """Make `complaint` a part of `first`, which gets its words and pictures as a supplement. What
    was joined to `complaint` goes over with it; a repeat of a repeat is joined to the first."""
    while first.joined_to is not None:
        first = first.joined_to
    if first.pk == complaint.pk:
        raise ValidationError(_("不能并入自己"), code="joined_to_itself")
    if not first.is_open:
        raise ValidationError(_("首件已经结束，不能并入"), code="first_has_ended")
    repeats = list(Complaint.objects.filter(joined_to=complaint).order_by("received_at", "pk"))
    actions.move(
        complaint, Move.JOIN, by=by, joined_to=first, data={"joined_to": first.external_id}
    )
    Complaint.objects.filter(joined_to=complaint).update(joined_to=first)
    for one in (complaint, *repeats):
        supplement = actions.note(
            first,
            "complaint.supplemented",
            by=by,
            text=one.text,
            data={"joined": one.external_id, "channel": one.channel},
        )
        _carry_pictures(one, supplement)


def _carry_pictures(complaint: Complaint, supplement: ComplaintEvent) -> None:
    """The pictures a resident sent with `complaint` stand in the first one's history as well: the
    same files, in a second row."""
    own = Attachment.objects.filter(event__complaint=complaint, event__kind__in=_TOLD).exclude(
        event__data__has_key="joined"
    )
    Attachment.objects.bulk_create(
        Attachment(event=supplement, file=one.file.name, sha256=one.sha256, size=one.size)
        for one in own.order_by("pk")
    )


def split(complaint: Complaint, *, by: actions.Actor) -> None:
    """Undo a wrong join; the complaint starts again as received."""
    actions.move(complaint, Move.SPLIT, by=by, joined_to=None)
