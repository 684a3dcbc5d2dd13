"""Evaluations: what a community said, and saying it."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.workdays import today
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import evaluations_visible_to
from property_oversight.api.base import person, require
from property_oversight.evaluations.actions import evaluate
from property_oversight.evaluations.models import Audience, Evaluation
from property_oversight.evaluations.queries import open_round
from property_oversight.registry.queries import current_estates


class EvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    round = serializers.CharField(source="round.code")
    estate_code = serializers.CharField(source="estate.code")
    company_code = serializers.CharField(source="company.code", default=None)

    class Meta:
        model = Evaluation
        fields = ["id", "round", "audience", "estate_code", "company_code", "points", "comment",
                  "late", "said_at"]  # fmt: skip


class NewEvaluationSerializer(serializers.Serializer[Any]):
    estate = serializers.SlugRelatedField(slug_field="code", queryset=current_estates())
    points = serializers.FloatField(min_value=0, max_value=100)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


@extend_schema_view(
    list=extend_schema(summary="看得见的评价", tags=["评价"]),
    retrieve=extend_schema(summary="一份评价", tags=["评价"]),
)
class EvaluationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Evaluation]
):
    serializer_class = EvaluationSerializer
    lookup_value_regex = r"\d{1,18}"
    acts = {"list": Act.SEE_DESK, "retrieve": Act.SEE_DESK, "create": Act.EVALUATE}

    def get_queryset(self) -> QuerySet[Evaluation]:
        return evaluations_visible_to(person(self.request))

    @extend_schema(
        summary="评价本社区的一个小区（当前轮次）",
        tags=["评价"],
        request=NewEvaluationSerializer,
        responses={201: EvaluationSerializer},
    )
    def create(self, request: Request) -> Response:
        form = NewEvaluationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        estate = said["estate"]
        user = require(request, Act.EVALUATE, estate)
        current = open_round(today())
        if current is None:
            raise serializers.ValidationError("现在没有开放的评价轮次")
        evaluation = evaluate(
            current,
            Audience.COMMUNITY,
            estate,
            evaluator=estate.community.code,
            on=today(),
            points=said["points"],
            comment=said["comment"],
            by=user,
        )
        return Response(EvaluationSerializer(evaluation).data, status=status.HTTP_201_CREATED)
