"""What the machines' tests share: a dispatched complaint, counters that start at nought."""

import pytest
from django.core.cache import cache

from complaints.models import Complaint
from complaints.workflow import State
from tests.factories import make_category, make_complaint, make_finding


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def dispatched(city, categories) -> Complaint:
    """A complaint of 王秀英 at 江南小区, with firm A."""
    from property_oversight.casework import pipeline

    complaint = make_complaint(
        "江南小区3栋1单元502室王秀英，电话13812345678，电梯坏了",
        category=make_category("lift"),
        reporter_name="王秀英",
        reporter_phone="13812345678",
    )
    make_finding(complaint, city.contract)
    pipeline.process([complaint.pk])
    complaint.refresh_from_db()
    assert complaint.state == State.DISPATCHED
    return complaint
