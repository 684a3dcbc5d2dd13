"""Celery doors: primitives in, one call, no logic."""

from celery import shared_task
from django.db import transaction

from property_oversight.casework import pipeline, retraining, rounds


@shared_task(name="casework.process_complaint")
def process_complaint(key: int) -> None:
    pipeline.process([key])


def process_after_commit(key: int) -> None:
    """Put a complaint into the queue once it is stored, for a worker must find the row. Where the
    queue is away, the round takes it up."""

    # A function with a name: Django asks for it when the call has failed, and a partial has none.
    def hand_over() -> None:
        process_complaint.delay(key)

    transaction.on_commit(hand_over, robust=True)


@shared_task(name="casework.quarter_hourly_round")
def quarter_hourly_round() -> None:
    rounds.quarter_hourly()


@shared_task(name="casework.nightly_round")
def nightly_round() -> None:
    rounds.nightly()


@shared_task(name="casework.tell_petition_office")
def tell_petition_office() -> None:
    rounds.tell_petition_office()


@shared_task(name="casework.retrain_model")
def retrain_model() -> None:
    retraining.retrain_as_asked()
