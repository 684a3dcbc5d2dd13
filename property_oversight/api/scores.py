"""Scores and fee guidance; running and publishing them is the bureau's."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.workdays import quarter, today
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import cards_visible_to, runs_visible_to
from property_oversight.api.base import LONGEST_CODE, a_past_day, one_of, person
from property_oversight.api.schema import verb
from property_oversight.casework import decisions
from property_oversight.pricing.models import Guidance
from property_oversight.pricing.queries import guidance_on_cards
from property_oversight.scoring import actions as scoring
from property_oversight.scoring.models import Contribution, ScoreCard, ScoreRun

_TAG = "评分"


def _a_quarter(code: str) -> None:
    quarter(code)


class ContributionSerializer(serializers.ModelSerializer[Contribution]):
    class Meta:
        model = Contribution
        fields = ["indicator", "name", "points", "low", "high", "weight", "contribution", "because"]


class CardSerializer(serializers.ModelSerializer[ScoreCard]):
    period = serializers.CharField(source="run.period", help_text="季度")
    published_at = serializers.DateTimeField(source="run.published_at", allow_null=True)
    estate_code = serializers.CharField(
        source="estate.code", allow_null=True, help_text="企业的评分卡没有小区，为 null"
    )
    company_code = serializers.CharField(source="company.code")
    rated = serializers.BooleanField(help_text="是否评了分；没有的见 not_rated_because")
    contributions = ContributionSerializer(many=True, help_text="分项：得分由什么构成")

    class Meta:
        model = ScoreCard
        fields = ["id", "period", "published_at", "estate_code", "company_code", "rated",
                  "not_rated_because", "score", "low", "high", "grade", "base", "households",
                  "complaints", "incidents", "disparity", "contributions"]  # fmt: skip


class GuidanceSerializer(serializers.ModelSerializer[Guidance]):
    period = serializers.CharField(source="card.run.period", help_text="季度")
    estate_code = serializers.CharField(source="contract.estate.code")
    company_code = serializers.CharField(source="contract.company.code")

    class Meta:
        model = Guidance
        fields = ["id", "period", "estate_code", "company_code", "tier", "fee_per_m2", "band_low",
                  "band_high", "verdict", "because", "is_sample"]  # fmt: skip


class RunSerializer(serializers.ModelSerializer[ScoreRun]):
    policy = serializers.DictField(help_text="当时的评分办法")

    class Meta:
        model = ScoreRun
        fields = ["id", "period", "as_of", "policy", "data_hash", "made_at", "published_at"]


class NewRunSerializer(serializers.Serializer[Any]):
    period = serializers.CharField(
        max_length=10, validators=[_a_quarter], help_text="季度，如 2026Q3"
    )
    as_of = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        validators=[a_past_day],
        help_text="数据截至哪一天；默认今天",
    )


class CardFilter(django_filters.FilterSet):
    period = django_filters.CharFilter(
        "run__period", label="季度，如 2026Q3", validators=[_a_quarter]
    )
    estate = django_filters.CharFilter("estate__code", label="小区编码", max_length=LONGEST_CODE)
    company = django_filters.CharFilter("company__code", label="企业编码", max_length=LONGEST_CODE)
    level = django_filters.ChoiceFilter(
        method="of_level",
        label="小区的还是企业的",
        choices=[("estate", "小区"), ("company", "企业")],
    )

    def of_level(self, rows: QuerySet[ScoreCard], _name: str, level: str) -> QuerySet[ScoreCard]:
        return rows.filter(contract__isnull=level == "company")


class GuidanceFilter(django_filters.FilterSet):
    period = django_filters.CharFilter(
        "card__run__period", label="季度，如 2026Q3", validators=[_a_quarter]
    )
    estate = django_filters.CharFilter(
        "contract__estate__code", label="小区编码", max_length=LONGEST_CODE
    )

    class Meta:
        model = Guidance
        fields = ["verdict"]


class RunFilter(django_filters.FilterSet):
    period = django_filters.CharFilter(label="季度，如 2026Q3", validators=[_a_quarter])


@extend_schema_view(
    list=extend_schema(
        summary="评分卡", tags=[_TAG], description="已发布的人人可看；未发布的只有主管部门看得到。"
    ),
    retrieve=extend_schema(summary="一张评分卡", tags=[_TAG]),
)
class CardViewSet(viewsets.ReadOnlyModelViewSet[ScoreCard]):
    """Published cards are everybody's."""

    serializer_class = CardSerializer
    filterset_class = CardFilter
    permission_classes = [AllowAny]
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ScoreCard]:
        return cards_visible_to(person(self.request))


@extend_schema_view(
    list=extend_schema(summary="收费指导", tags=[_TAG], description="与所依据的评分卡同时可见。"),
    retrieve=extend_schema(summary="一份收费指导", tags=[_TAG]),
)
class GuidanceViewSet(viewsets.ReadOnlyModelViewSet[Guidance]):
    serializer_class = GuidanceSerializer
    filterset_class = GuidanceFilter
    permission_classes = [AllowAny]
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Guidance]:
        return guidance_on_cards(cards_visible_to(person(self.request)))


@extend_schema_view(
    list=extend_schema(summary="评分批次", tags=[_TAG]),
    retrieve=extend_schema(summary="一个评分批次", tags=[_TAG]),
)
class RunViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ScoreRun]
):
    serializer_class = RunSerializer
    filterset_class = RunFilter
    lookup_value_regex = r"[0-9]{1,18}"
    acts = {"list": Act.RUN_SCORES, "retrieve": Act.RUN_SCORES, "create": Act.RUN_SCORES,
            "publish": Act.PUBLISH_SCORES}  # fmt: skip

    def get_queryset(self) -> QuerySet[ScoreRun]:
        return runs_visible_to(person(self.request))

    @extend_schema(
        summary="计算一个季度",
        description="评分和收费指导一并算出。数据和办法都没有变时，答复的是原来那一批。",
        tags=[_TAG],
        request=NewRunSerializer,
        responses={201: RunSerializer},
    )
    def create(self, request: Request) -> Response:
        form = NewRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        made = decisions.reckon(said["period"], as_of=said["as_of"] or today())
        return Response(RunSerializer(made).data, status=status.HTTP_201_CREATED)

    @verb(
        "发布", tag=_TAG, body=None, answer=RunSerializer, description="发布后人人可看，不能收回。"
    )
    def publish(self, request: Request, pk: str) -> Response:
        published = scoring.publish(one_of(self.get_queryset(), pk=int(pk)), by=request.user)
        return Response(RunSerializer(published).data)
