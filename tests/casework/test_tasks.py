"""The doors of the queue: a primitive in, one call, no harm where there is nothing to do."""

import pytest

from complaints.models import Complaint
from complaints.workflow import State
from property_oversight.casework import tasks
from property_oversight.celery import app
from property_oversight.petition.models import FeedEntry
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db


def test_process_complaint_leads_it_to_the_firm(city, serving):
    complaint = make_complaint("江南小区三号楼电梯坏了三天没人修")
    tasks.process_complaint.delay(complaint.pk)
    tasks.process_complaint.delay(complaint.pk)  # a queue may deliver twice
    assert Complaint.objects.get().state == State.DISPATCHED
    assert complaint.events.filter(kind="complaint.dispatched").count() == 1


def test_process_complaint_that_is_not_there_does_nothing(serving):
    tasks.process_complaint.delay(4711)
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    "task",
    [tasks.quarter_hourly_round, tasks.nightly_round, tasks.tell_petition_office],
    ids=lambda task: task.name,
)
def test_round_tells_the_petition_office_in_the_end(db, task):
    make_complaint()
    task.delay()
    assert FeedEntry.objects.filter(type="complaint.received").count() == 1


def test_schedule_names_tasks_that_exist():
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
