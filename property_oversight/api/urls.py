"""Addresses for machines, under /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from property_oversight.api.complaints import ComplaintViewSet, OwnComplaintViewSet
from property_oversight.api.evaluations import EvaluationViewSet
from property_oversight.api.petition import PetitionEventsView
from property_oversight.api.registry import CategoryViewSet, CompanyViewSet, EstateViewSet
from property_oversight.api.scores import CardViewSet, GuidanceViewSet, RunViewSet
from property_oversight.api.talks import TalkViewSet

router = SimpleRouter()
router.register("complaints/by-code", OwnComplaintViewSet, basename="own-complaint")
router.register("complaints", ComplaintViewSet, basename="complaint")
router.register("categories", CategoryViewSet, basename="category")
router.register("estates", EstateViewSet, basename="estate")
router.register("companies", CompanyViewSet, basename="company")
router.register("evaluations", EvaluationViewSet, basename="evaluation")
router.register("cards", CardViewSet, basename="card")
router.register("guidance", GuidanceViewSet, basename="guidance")
router.register("score-runs", RunViewSet, basename="score-run")
router.register("talks", TalkViewSet, basename="talk")

app_name = "api"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    path("petition/events", PetitionEventsView.as_view(), name="petition-events"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
]
