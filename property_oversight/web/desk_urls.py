"""Addresses of the signed-in desks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
