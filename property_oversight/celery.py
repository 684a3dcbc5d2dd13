"""The Celery application; its schedule is code, so that one beat runs what is written here."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "property_oversight.settings")

app = Celery("property_oversight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["property_oversight.casework"])
app.conf.beat_schedule = {
    "quarter-hourly round": {
        "task": "casework.quarter_hourly_round",
        "schedule": crontab(minute="*/15"),
    },
    "nightly round": {
        "task": "casework.nightly_round",
        "schedule": crontab(hour=2, minute=5),
    },
    "tell the petition office": {
        "task": "casework.tell_petition_office",
        "schedule": 20.0,
    },
}
