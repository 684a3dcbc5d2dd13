"""The roof: pages for people, interfaces for machines, and how both are watched."""

from django.contrib import admin
from django.urls import include, path

from property_oversight.api.health import healthz, readyz

urlpatterns = [
    path("", include("property_oversight.web.urls")),
    path("api/v1/", include("property_oversight.api.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("django_prometheus.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "property_oversight.web.refusals.bad_request"
