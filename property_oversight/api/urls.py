"""Addresses for machines, under /api/v1/."""

from typing import Any

from django.http import Http404
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from property_oversight.api.complaints import ComplaintViewSet
from property_oversight.api.evaluations import EvaluationViewSet
from property_oversight.api.own_complaints import OwnComplaintViewSet
from property_oversight.api.petition import PetitionEventsView
from property_oversight.api.registry import CategoryViewSet, CompanyViewSet, EstateViewSet
from property_oversight.api.scores import CardViewSet, GuidanceViewSet, RunViewSet
from property_oversight.api.talks import TalkViewSet


class Router(SimpleRouter):
    """With or without the last slash: to redirect a POST would lose what was posted."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"


@extend_schema(exclude=True)
class NoSuchAddress(APIView):
    """A machine that has lost its way is told so in its own tongue."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


router = Router()
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
    path("petition/events/", PetitionEventsView.as_view(schema=None)),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path("", NoSuchAddress.as_view()),
]
