"""The bureau's register: firms and estates with contracts, scores and complaints."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from complaints.models import Complaint
from complaints.workdays import today
from complaints.workflow import OPEN
from property_oversight.access.visibility import complaints_visible_to, talks_visible_to
from property_oversight.accounts.models import Role
from property_oversight.attribution.queries import complaints_found
from property_oversight.registry.queries import (
    GRID_STANDARD,
    companies_for_pages,
    companies_named_like,
    contract_history,
    estates_for_pages,
    estates_named_like,
    grid_load,
)
from property_oversight.reports.figures import counts_by_state
from property_oversight.web.company import periods_of, published_cards
from property_oversight.web.desk import door, page_of, searched, worker

_MOST_TALKS = 10


@require_safe
@door(Role.BUREAU)
def companies(request: HttpRequest) -> HttpResponse:
    text = searched(request)
    rows = companies_named_like(text) if text else companies_for_pages()
    page = page_of(request, rows.order_by("code"))
    day = today()
    firms = [(firm, sum(one.covers(day) for one in firm.contracts.all())) for firm in page]
    context = {"page": page, "firms": firms, "q": text}
    return render(request, "web/desk/companies.html", context)


@require_safe
@door(Role.BUREAU)
def company(request: HttpRequest, code: str) -> HttpResponse:
    """A firm: its contracts, its newest scores, its complaints, its talks."""
    user = worker(request)
    firm = companies_for_pages().filter(code=code).first()
    if firm is None:
        raise Http404
    cards = published_cards().filter(company=firm)
    period = next(iter(periods_of(cards)), "")
    context = {
        "company": firm,
        "contracts": sorted(
            firm.contracts.all(), key=lambda one: (one.estate.code, -one.starts_on.toordinal())
        ),
        "period": period,
        "firm_card": cards.filter(run__period=period, contract=None).first(),
        "cards": cards.filter(run__period=period, contract__isnull=False).order_by("estate__code"),
        "talks": talks_visible_to(user).filter(company=firm)[:_MOST_TALKS],
        "today": today(),
        **_counts(complaints_found(complaints_visible_to(user), company=firm)),
    }
    return render(request, "web/desk/company.html", context)


@require_safe
@door(Role.BUREAU)
def estates(request: HttpRequest) -> HttpResponse:
    text = searched(request)
    rows = estates_for_pages(today())
    if text:
        rows = rows.filter(pk__in=estates_named_like(text))
    page = page_of(request, rows.order_by("code"))
    return render(request, "web/desk/estates.html", {"page": page, "q": text})


@require_safe
@door(Role.BUREAU)
def estate(request: HttpRequest, code: str) -> HttpResponse:
    """An estate: who served it, how it was scored, what was complained of."""
    found = estates_for_pages(today()).filter(code=code).first()
    if found is None:
        raise Http404
    load = grid_load(found)
    context = {
        "estate": found,
        "contracts": contract_history(found),
        "cards": published_cards().filter(estate=found),
        "load": load[0] if load else None,
        "over": load[1] if load else None,
        "standard": GRID_STANDARD,
        "today": today(),
        **_counts(complaints_found(complaints_visible_to(worker(request)), estate=found)),
    }
    return render(request, "web/desk/estate.html", context)


def _counts(complaints: QuerySet[Complaint]) -> dict[str, Any]:
    counts = counts_by_state(complaints)
    return {
        "complaints": sum(counts.values()),
        "still_open": sum(counts.get(state, 0) for state in OPEN),
    }
