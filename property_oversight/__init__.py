"""Oversight: whose estate, which contract, what score, what tariff, which talk, and the faces."""

from property_oversight.celery import app as celery_app

__all__ = ["celery_app"]
