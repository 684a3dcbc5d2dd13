"""The finding as the database keeps it: one row a complaint is current, whoever writes it."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from property_oversight.attribution.models import Attribution
from tests.factories import make_complaint, make_finding


def test_attribution_refuses_a_second_current_finding(city):
    complaint = make_complaint()
    make_finding(complaint, city.contract)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_finding(complaint, city.other_contract)
    assert complaint.attributions.count() == 1


def test_attribution_keeps_any_number_of_superseded_findings(city):
    complaint = make_complaint()
    for _time in range(3):
        make_finding(complaint, city.contract, superseded_at=timezone.now())
    make_finding(complaint, city.other_contract)
    assert Attribution.objects.filter(complaint=complaint).count() == 4


def test_attribution_is_shown_by_its_estate_or_by_why_there_is_none(city):
    found = make_finding(make_complaint(external_id="甲"), city.contract)
    lost = make_finding(make_complaint(external_id="乙"), None)
    assert str(found) == "甲 → 江南小区"
    assert str(lost) == "乙 → 未提及登记在册的小区"
