"""Reads of attribution: each sees a complaint through the one finding that stands for it."""

import pytest
from django.utils import timezone

from complaints.actions import SYSTEM, move
from complaints.models import Complaint
from complaints.workflow import Move
from property_oversight.attribution import queries
from property_oversight.attribution.actions import attribute, contest, decide
from property_oversight.attribution.models import Reason
from tests.factories import make_category, make_complaint, make_finding


@pytest.fixture
def moved(city):
    """A complaint that was found at firm A's estate and then decided to be at firm B's."""
    complaint = make_complaint()
    make_finding(complaint, city.contract)
    decide(complaint, city.other_estate, by=city.bureau_officer)
    return complaint


def test_current_finding_is_the_one_that_nothing_has_superseded(city, moved):
    assert queries.current_finding(moved).company == city.firm_b
    assert [one.company for one in queries.current_findings()] == [city.firm_b]


def test_current_finding_of_a_complaint_nobody_has_looked_at_is_none(db):
    assert queries.current_finding(make_complaint()) is None


def test_complaints_found_asks_the_current_finding_only(city, moved):
    everything = Complaint.objects.all()
    assert list(queries.complaints_found(everything, company=city.firm_b)) == [moved]
    assert not queries.complaints_found(everything, company=city.firm_a)
    assert list(queries.complaints_found(everything, estate__community=city.other_community))


@pytest.mark.parametrize("number", [1, 3])
def test_with_finding_brings_findings_along_in_two_queries(city, number, django_assert_num_queries):
    for _each in range(number):
        make_finding(make_complaint(), city.contract)
    with django_assert_num_queries(2):
        names = [
            (complaint.current[0].estate.community.name, complaint.current[0].company.name)
            for complaint in queries.with_finding(Complaint.objects.all())
        ]
    assert names == [("东风社区", "鼎盛物业服务有限公司")] * number


def test_with_finding_leaves_superseded_findings_out(moved):
    (complaint,) = queries.with_finding(Complaint.objects.all())
    assert len(complaint.current) == 1


def test_unattributed_complaints_are_those_without_a_current_finding(city):
    looked_at, waiting, reopened = (make_complaint() for _each in range(3))
    make_finding(looked_at, None)
    make_finding(reopened, city.contract, superseded_at=timezone.now())
    assert set(queries.unattributed_complaints()) == {waiting, reopened}


@pytest.mark.parametrize(
    ("reason", "waits"),
    [
        (Reason.AMBIGUOUS, True),
        (Reason.NOT_FOUND, True),
        (Reason.NO_CONTRACT, True),
        (Reason.NOBODYS, False),
    ],
)
def test_complaints_without_a_firm_wait_for_a_person(db, reason, waits):
    complaint = make_complaint(category=make_category("lift"))
    make_finding(complaint, None, reason=reason)
    assert (complaint in queries.complaints_awaiting_attribution()) is waits


def test_complaints_wait_for_attribution_while_nobody_knows_what_they_are_about(db):
    complaint = make_complaint()
    make_finding(complaint, None)
    assert complaint in queries.complaints_awaiting_attribution()


def test_complaints_that_are_no_firms_matter_do_not_wait_for_a_firm(db):
    complaint = make_complaint(category=make_category("other_matter"))
    make_finding(complaint, None)
    assert complaint not in queries.complaints_awaiting_attribution()


def test_complaints_that_have_ended_do_not_wait_for_attribution(db):
    complaint = make_complaint(category=make_category("lift"))
    make_finding(complaint, None)
    move(complaint, Move.WITHDRAW, by=SYSTEM)
    assert complaint not in queries.complaints_awaiting_attribution()


def test_contested_findings_are_those_that_stand_contested_now(city):
    finding = make_finding(make_complaint(), city.contract)
    make_finding(make_complaint(), city.other_contract)
    contested = contest(finding, by=city.firm_a_clerk, note="不是我们的")
    assert list(queries.contested_findings()) == [contested]


def test_untold_findings_are_every_row_and_not_only_the_current_ones(city):
    complaint = make_complaint("江南小区停水")
    attribute([complaint])
    decide(complaint, city.other_estate, by=city.bureau_officer)
    assert queries.untold_findings().count() == 2
    complaint.attributions.update(told_at=timezone.now())
    assert not queries.untold_findings()
