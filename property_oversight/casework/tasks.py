"""Celery doors: primitives in, one call, no logic."""

from celery import shared_task

from property_oversight.casework import pipeline, rounds


@shared_task(name="casework.process_complaint")
def process_complaint(key: int) -> None:
    pipeline.process([key])


@shared_task(name="casework.quarter_hourly_round")
def quarter_hourly_round() -> None:
    rounds.quarter_hourly()


@shared_task(name="casework.nightly_round")
def nightly_round() -> None:
    rounds.nightly()


@shared_task(name="casework.tell_petition_office")
def tell_petition_office() -> None:
    rounds.tell_petition_office()
