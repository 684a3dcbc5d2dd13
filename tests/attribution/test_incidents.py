"""Many neighbours, one broken lift: one incident, counted once, however often it is grouped."""

from datetime import date

import pytest

from complaints.actions import SYSTEM
from complaints.classification import correct
from property_oversight.attribution.actions import decide
from property_oversight.attribution.incidents import group
from property_oversight.attribution.models import Attribution, Incident
from property_oversight.attribution.queries import SHARED_MATTERS, current_finding
from tests.factories import make_category, make_complaint, make_finding, moment


def complains(contract, day: date, matter: str | None = "lift", **more) -> Attribution:
    """A neighbour's complaint of `day`, read and attributed."""
    complaint = make_complaint(
        category=make_category(matter) if matter else None,
        received_at=moment(day.year, day.month, day.day),
        **more,
    )
    return make_finding(complaint, contract)


def incident_of(finding: Attribution) -> Incident | None:
    finding.refresh_from_db()
    return finding.incident


def test_incident_holds_twelve_neighbours_of_one_lift(city):
    findings = [complains(city.contract, date(2026, 8, 3)) for _neighbour in range(12)]
    assert group(findings) == 12
    incident = Incident.objects.get()
    assert incident.findings.count() == 12
    assert (incident.estate, incident.category_id) == (city.estate, "lift")
    assert (incident.first_on, incident.last_on) == (date(2026, 8, 3), date(2026, 8, 3))


def test_incident_grouped_again_changes_nothing(city):
    findings = [complains(city.contract, date(2026, 8, day)) for day in (3, 4, 5)]
    assert group(findings) == 3
    before = list(Attribution.objects.values_list("pk", "incident"))
    assert group(findings) == 0
    assert list(Attribution.objects.values_list("pk", "incident")) == before
    assert Incident.objects.count() == 1


def test_incident_takes_in_the_neighbour_who_complains_later(city):
    first = complains(city.contract, date(2026, 8, 3))
    group([first])
    later = complains(city.contract, date(2026, 8, 10))
    group([later])
    assert incident_of(first) == incident_of(later)
    assert Incident.objects.get().last_on == date(2026, 8, 10)


def test_incident_reaches_back_to_what_was_told_late(city):
    group([complains(city.contract, date(2026, 8, 10))])
    group([complains(city.contract, date(2026, 8, 4))])
    incident = Incident.objects.get()
    assert (incident.first_on, incident.last_on) == (date(2026, 8, 4), date(2026, 8, 10))


@pytest.mark.parametrize(
    ("days_later", "incidents"), [(0, 1), (7, 1), (8, 2), (21, 2)]
)  # fmt: skip
def test_incident_ends_a_week_after_its_last_complaint(city, days_later, incidents):
    group([complains(city.contract, date(2026, 8, 1))])
    group([complains(city.contract, date(2026, 8, 1 + days_later))])
    assert Incident.objects.count() == incidents


def test_incident_of_another_matter_is_another(city):
    one, other = (
        complains(city.contract, date(2026, 8, 3), matter) for matter in ("lift", "fire_safety")
    )
    group([one, other])
    assert incident_of(one) != incident_of(other)


def test_incident_of_another_estate_is_another(city):
    one, other = (
        complains(contract, date(2026, 8, 3)) for contract in (city.contract, city.other_contract)
    )
    group([one, other])
    assert incident_of(one) != incident_of(other)


@pytest.mark.parametrize("matter", ["fees", "noise_fumes", "service_conduct"])
def test_incident_is_never_made_of_what_has_a_cause_of_its_own_each_time(city, matter):
    finding = complains(city.contract, date(2026, 8, 3), matter)
    assert group([finding]) == 0
    assert incident_of(finding) is None


@pytest.mark.parametrize("matter", sorted(SHARED_MATTERS))
def test_incident_is_made_of_what_breaks_for_everybody_at_once(city, matter):
    assert group([complains(city.contract, date(2026, 8, 3), matter)]) == 1


def test_incident_waits_for_an_estate_and_for_a_reading(city):
    nowhere = make_finding(make_complaint(category=make_category("lift")), None)
    unread = complains(city.contract, date(2026, 8, 3), matter=None)
    assert group([nowhere, unread]) == 0


def test_incident_is_found_for_an_estate_without_a_contract(city):
    complaint = make_complaint(category=make_category("lift"))
    finding = make_finding(complaint, None, estate=city.estate)
    assert group([finding]) == 1


def test_incident_takes_in_a_complaint_once_a_person_has_corrected_the_reading(city):
    known = complains(city.contract, date(2026, 8, 3))
    misread = complains(city.contract, date(2026, 8, 4), "fees")
    group([known, misread])
    assert incident_of(misread) is None
    correct(misread.complaint, make_category("lift"), by=SYSTEM)
    assert group([misread]) == 1
    assert incident_of(misread) == incident_of(known)


def test_incident_lets_go_of_a_complaint_that_turns_out_to_be_about_something_else(city):
    findings = [complains(city.contract, date(2026, 8, day)) for day in (3, 4)]
    group(findings)
    correct(findings[1].complaint, make_category("fees"), by=SYSTEM)
    assert group(findings) == 0
    assert incident_of(findings[0]) is not None
    assert incident_of(findings[1]) is None


def test_incident_follows_a_person_who_says_that_it_is_another_estate(city):
    finding = complains(city.contract, date(2026, 8, 3))
    group([finding])
    decide(finding.complaint, city.other_estate, by=city.bureau_officer)
    assert current_finding(finding.complaint).incident.estate == city.other_estate


def test_incident_counts_only_findings_that_are_current(city):
    finding = complains(city.contract, date(2026, 8, 3))
    decide(finding.complaint, city.other_estate, by=city.bureau_officer)
    assert group([finding]) == 0
    assert incident_of(finding) is None
