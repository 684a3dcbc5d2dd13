"""Scores and fee guidance; running and publishing them is the bureau's."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.workdays import quarter, today
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import cards_visible_to, runs_visible_to
from property_oversight.api.base import one_of, person
from property_oversight.pricing.actions import guide
from property_oversight.pricing.models import Guidance
from property_oversight.pricing.queries import guidance_on_cards
from property_oversight.scoring import actions as scoring
from property_oversight.scoring.models import Contribution, ScoreCard, ScoreRun


class ContributionSerializer(serializers.ModelSerializer[Contribution]):
    class Meta:
        model = Contribution
        fields = ["indicator", "name", "points", "low", "high", "weight", "contribution", "because"]


class CardSerializer(serializers.ModelSerializer[ScoreCard]):
    period = serializers.CharField(source="run.period")
    estate_code = serializers.CharField(source="estate.code", default=None)
    company_code = serializers.CharField(source="company.code")
    rated = serializers.BooleanField()
    contributions = ContributionSerializer(many=True)

    class Meta:
        model = ScoreCard
        fields = ["id", "period", "estate_code", "company_code", "rated", "not_rated_because",
                  "score", "low", "high", "grade", "base", "households", "complaints",
                  "incidents", "disparity", "contributions"]  # fmt: skip


class GuidanceSerializer(serializers.ModelSerializer[Guidance]):
    period = serializers.CharField(source="card.run.period")
    estate_code = serializers.CharField(source="contract.estate.code")

    class Meta:
        model = Guidance
        fields = ["id", "period", "estate_code", "tier", "fee_per_m2", "band_low", "band_high",
                  "verdict", "because", "is_sample"]  # fmt: skip


class RunSerializer(serializers.ModelSerializer[ScoreRun]):
    class Meta:
        model = ScoreRun
        fields = ["id", "period", "as_of", "policy", "data_hash", "made_at", "published_at"]


class NewRunSerializer(serializers.Serializer[Any]):
    period = serializers.CharField(max_length=10, help_text="季度，如 2026Q3")
    as_of = serializers.DateField(required=False, allow_null=True, default=None)


_PERIOD = OpenApiParameter("period", str, description="季度，如 2026Q3")


def _period(request: Request) -> str:
    """The quarter asked for, checked; empty where none."""
    said = request.query_params.get("period", "")
    if said:
        quarter(said)
    return said


@extend_schema_view(
    list=extend_schema(summary="评分卡", tags=["评分"], parameters=[_PERIOD]),
    retrieve=extend_schema(summary="一张评分卡", tags=["评分"]),
)
class CardViewSet(viewsets.ReadOnlyModelViewSet[ScoreCard]):
    """Published cards are everybody's."""

    serializer_class = CardSerializer
    permission_classes = [AllowAny]
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[ScoreCard]:
        cards = cards_visible_to(person(self.request))
        period = _period(self.request)
        return cards.filter(run__period=period) if period else cards


@extend_schema_view(
    list=extend_schema(summary="收费指导", tags=["评分"], parameters=[_PERIOD]),
    retrieve=extend_schema(summary="一份收费指导", tags=["评分"]),
)
class GuidanceViewSet(viewsets.ReadOnlyModelViewSet[Guidance]):
    serializer_class = GuidanceSerializer
    permission_classes = [AllowAny]
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Guidance]:
        guidance = guidance_on_cards(cards_visible_to(person(self.request)))
        period = _period(self.request)
        return guidance.filter(card__run__period=period) if period else guidance


@extend_schema_view(
    list=extend_schema(summary="评分批次", tags=["评分"]),
    retrieve=extend_schema(summary="一个评分批次", tags=["评分"]),
)
class RunViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ScoreRun]
):
    serializer_class = RunSerializer
    lookup_value_regex = r"\d{1,18}"
    acts = {"list": Act.RUN_SCORES, "retrieve": Act.RUN_SCORES, "create": Act.RUN_SCORES,
            "publish": Act.PUBLISH_SCORES}  # fmt: skip

    def get_queryset(self) -> QuerySet[ScoreRun]:
        return runs_visible_to(person(self.request))

    @extend_schema(
        summary="计算一个季度",
        tags=["评分"],
        request=NewRunSerializer,
        responses={201: RunSerializer},
    )
    def create(self, request: Request) -> Response:
        form = NewRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        made = scoring.run(said["period"], as_of=said["as_of"] or today())
        guide(made)
        return Response(RunSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="发布", tags=["评分"], request=None, responses={200: RunSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        published = scoring.publish(one_of(self.get_queryset(), pk=int(pk)), by=request.user)
        return Response(RunSerializer(published).data)
