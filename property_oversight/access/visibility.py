"""Rows: what each person sees. One queryset serves list and detail, so a stranger finds nothing."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints.models import Complaint
from complaints.queries import with_history
from complaints.workflow import State
from property_oversight.accounts.models import Role, User
from property_oversight.accounts.queries import community_ids, company_ids, roles
from property_oversight.attribution.models import Attribution
from property_oversight.attribution.queries import current_findings, with_finding
from property_oversight.evaluations.models import Evaluation
from property_oversight.evaluations.queries import current_evaluations
from property_oversight.scoring.models import ScoreCard, ScoreRun
from property_oversight.scoring.queries import all_cards, all_runs, standing_cards
from property_oversight.talks.models import Talk
from property_oversight.talks.queries import with_case_file
from property_oversight.talks.workflow import State as TalkState

Person = User | AnonymousUser
_SEES_ALL = {Role.BUREAU, Role.PETITION_OFFICE}


def complaints_visible_to(user: Person) -> QuerySet[Complaint]:
    """The bureau and the petition office see all; a firm what was dispatched to it, a community
    what concerns its estates. Everything a page about complaints needs comes along."""
    complaints = with_finding(with_history(Complaint.objects.all()))
    held = roles(user)
    if held & _SEES_ALL:
        return complaints
    rows = Q()
    if Role.FIRM in held:
        ours = current_findings().filter(complaint_id=OuterRef("pk"), company__in=company_ids(user))
        reached_us = ~Q(state__in=[State.RECEIVED, State.JOINED, State.WITHDRAWN])
        rows |= Exists(ours) & reached_us & Q(category__firm_answers=True)
    if Role.COMMUNITY in held:
        near = current_findings().filter(
            complaint_id=OuterRef("pk"), estate__community__in=community_ids(user)
        )
        rows |= Q(Exists(near))
    return complaints.filter(rows) if rows else complaints.none()


def complaint_by_tracking_code(code: str) -> QuerySet[Complaint]:
    """Who holds the code sees the complaint."""
    complaints = with_finding(with_history(Complaint.objects.all()))
    return complaints.filter(tracking_code=code.strip().upper())


def cards_visible_to(user: Person) -> QuerySet[ScoreCard]:
    """Published scores are everybody's; a run that is not published is the bureau's."""
    if Role.BUREAU in roles(user):
        return all_cards()
    return standing_cards()


def runs_visible_to(user: Person) -> QuerySet[ScoreRun]:
    """Reckonings, published or not, are the bureau's."""
    return all_runs() if Role.BUREAU in roles(user) else all_runs().none()


def talks_visible_to(user: Person) -> QuerySet[Talk]:
    """The bureau and the petition office see all; a firm its own and a community those about its
    estates, once an officer has decided to hold them."""
    talks = with_case_file(Talk.objects.all())
    held = roles(user)
    if held & _SEES_ALL:
        return talks
    rows = Q()
    if Role.FIRM in held:
        rows |= Q(company__in=company_ids(user))
    if Role.COMMUNITY in held:
        rows |= Q(estates__community__in=community_ids(user))
    if not rows:
        return talks.none()
    decided = ~Q(state__in=[TalkState.PROPOSED, TalkState.WITHDRAWN])
    return talks.filter(rows & decided).distinct()


def evaluations_visible_to(user: Person) -> QuerySet[Evaluation]:
    """The bureau sees all, a community its own word, a firm what was said of it."""
    evaluations = current_evaluations().select_related("round", "estate", "company")
    held = roles(user)
    if Role.BUREAU in held:
        return evaluations
    rows = Q()
    if Role.FIRM in held:
        rows |= Q(company__in=company_ids(user))
    if Role.COMMUNITY in held:
        rows |= Q(estate__community__in=community_ids(user))
    return evaluations.filter(rows) if rows else evaluations.none()


def finding_of(complaint: Complaint) -> Attribution | None:
    """The current finding of a complaint that came from this module, without another query."""
    found: list[Attribution] = complaint.current  # type: ignore[attr-defined]
    return found[0] if found else None


def complaints_matching(
    user: Person, complaints: QuerySet[Complaint], text: str
) -> QuerySet[Complaint]:
    """Of `complaints` those that a person looks for: by number, kind of matter, estate or firm, and
    the bureau also by what was said. Who may not read a name or number must not find out by
    searching for it whose complaint it is."""
    hit = current_findings().filter(
        Q(estate__name__icontains=text) | Q(company__name__icontains=text),
        complaint_id=OuterRef("pk"),
    )
    found = Q(external_id__icontains=text) | Q(category__name__icontains=text) | Q(Exists(hit))
    if Role.BUREAU in roles(user):
        found |= Q(text__icontains=text) | Q(title__icontains=text)
        found |= Q(reporter_name=text) | Q(reporter_phone=text)
    return complaints.filter(found)
