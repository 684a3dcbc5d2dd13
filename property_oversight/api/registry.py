"""Estates, companies and categories: public."""

from typing import Any

import django_filters
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.models import Category
from complaints.queries import all_categories
from complaints.workdays import today
from property_oversight.access.visibility import cards_visible_to
from property_oversight.api.base import LONGEST_CODE, one_of
from property_oversight.api.scores import CardSerializer, GuidanceSerializer
from property_oversight.pricing.queries import guidance_on_cards
from property_oversight.registry.models import Company, Estate, ServiceContract
from property_oversight.registry.queries import (
    companies_for_pages,
    companies_named_like,
    contract_on,
    estates_by_code,
    estates_for_pages,
    estates_named_like,
    grid_load,
)
from property_oversight.reports.figures import open_at_estate
from property_oversight.scoring.models import ScoreCard

_TAG = "登记"
_LONGEST_SEARCH = 80


class CategorySerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ["code", "name", "group", "urgency", "department", "firm_answers", "channel"]


class ContractSerializer(serializers.ModelSerializer[ServiceContract]):
    company = serializers.CharField(source="company.name")
    company_code = serializers.CharField(source="company.code")

    class Meta:
        model = ServiceContract
        fields = ["company_code", "company", "branch", "starts_on", "ends_on", "tier",
                  "fee_per_m2"]  # fmt: skip


class EstateSerializer(serializers.ModelSerializer[Estate]):
    community_code = serializers.CharField(source="community.code")
    community = serializers.CharField(source="community.name")
    subdistrict = serializers.CharField(source="community.subdistrict.name", allow_null=True)
    contracts = ContractSerializer(
        source="contracts_in_force", many=True, help_text="今天有效的物业服务合同"
    )

    class Meta:
        model = Estate
        fields = ["code", "name", "community_code", "community", "subdistrict", "kind",
                  "households", "area_m2", "has_lift", "built_year", "address",
                  "contracts"]  # fmt: skip


class MatterSerializer(serializers.Serializer[Any]):
    category = serializers.CharField(help_text="类别名称")
    count = serializers.IntegerField(help_text="未结束的件数")


class GridLoadSerializer(serializers.Serializer[Any]):
    per_officer = serializers.FloatField(help_text="每名网格员负责的户数与商户数之和")
    over_percent = serializers.IntegerField(help_text="超出标准（500）的百分比，可为负")


class EstatePageSerializer(EstateSerializer):
    """What everybody may know of an estate, as on its public page."""

    card = serializers.SerializerMethodField(help_text="最近一次发布的评分卡")
    guidance = serializers.SerializerMethodField(help_text="随该评分卡给出的收费指导")
    open_matters = serializers.SerializerMethodField(help_text="未结束的投诉，按类别计数")
    grid_load = serializers.SerializerMethodField(help_text="网格员的负荷；登记不全时为 null")

    class Meta(EstateSerializer.Meta):
        fields = [*EstateSerializer.Meta.fields, "card", "guidance", "open_matters",
                  "grid_load"]  # fmt: skip

    @staticmethod
    def _card(estate: Estate) -> ScoreCard | None:
        """The newest published; where two firms have one each, that of today's firm."""
        cards = cards_visible_to(AnonymousUser()).filter(estate=estate)
        newest, contract = cards.first(), contract_on(estate, today())
        if newest is None or contract is None:
            return newest
        return cards.filter(run=newest.run, contract=contract).first() or newest

    def to_representation(self, instance: Estate) -> Any:
        self._shown = self._card(instance)
        return super().to_representation(instance)

    @extend_schema_field(CardSerializer(allow_null=True))
    def get_card(self, estate: Estate) -> Any:
        return CardSerializer(self._shown).data if self._shown else None

    @extend_schema_field(GuidanceSerializer(allow_null=True))
    def get_guidance(self, estate: Estate) -> Any:
        if self._shown is None:
            return None
        own = cards_visible_to(AnonymousUser()).filter(pk=self._shown.pk)
        given = guidance_on_cards(own).first()
        return GuidanceSerializer(given).data if given else None

    @extend_schema_field(MatterSerializer(many=True))
    def get_open_matters(self, estate: Estate) -> Any:
        counts = open_at_estate(estate.pk)
        return [{"category": category, "count": count} for category, count in counts]

    @extend_schema_field(GridLoadSerializer(allow_null=True))
    def get_grid_load(self, estate: Estate) -> Any:
        load = grid_load(estate)
        return {"per_officer": load[0], "over_percent": load[1]} if load else None


class CompanySerializer(serializers.ModelSerializer[Company]):
    aliases = serializers.ListField(child=serializers.CharField())
    estate_codes = serializers.SerializerMethodField(help_text="今天服务的小区")

    class Meta:
        model = Company
        fields = ["code", "name", "aliases", "party_branch", "estate_codes"]

    def get_estate_codes(self, company: Company) -> list[str]:
        held = (contract for contract in company.contracts.all() if contract.covers(today()))
        return sorted({contract.estate.code for contract in held})


class EstateFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="named_like", label="名称（含曾用名）的一部分，或编码", max_length=_LONGEST_SEARCH
    )
    community = django_filters.CharFilter(
        "community__code", label="社区编码", max_length=LONGEST_CODE
    )

    class Meta:
        model = Estate
        fields = ["kind"]

    def named_like(self, rows: QuerySet[Estate], _name: str, text: str) -> QuerySet[Estate]:
        return rows.filter(pk__in=estates_named_like(text).values("pk"))


class CompanyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="named_like", label="名称的一部分，或编码", max_length=_LONGEST_SEARCH
    )

    def named_like(self, rows: QuerySet[Company], _name: str, text: str) -> QuerySet[Company]:
        return rows.filter(pk__in=companies_named_like(text).values("pk"))


class _Public(viewsets.ReadOnlyModelViewSet):
    """Open to everybody; one row by its code."""

    permission_classes = [AllowAny]
    lookup_field = "code"
    lookup_value_regex = f"[^/]{{1,{LONGEST_CODE}}}"

    def get_object(self) -> Any:
        return one_of(self.get_queryset(), code=self.kwargs["code"])


@extend_schema_view(
    list=extend_schema(summary="投诉类别", tags=[_TAG]),
    retrieve=extend_schema(summary="一个投诉类别", tags=[_TAG]),
)
class CategoryViewSet(_Public):
    serializer_class = CategorySerializer
    queryset = all_categories()


@extend_schema_view(
    list=extend_schema(summary="小区", tags=[_TAG], description="按名称查找时，曾用名也算。"),
    retrieve=extend_schema(
        summary="一个小区",
        description="连同今天的合同、最近发布的评分卡、收费指导和未结束投诉的件数。"
        "已并入别的小区的，答复的是并入后的小区。",
        tags=[_TAG],
        responses={200: EstatePageSerializer},
    ),
)
class EstateViewSet(_Public):
    serializer_class = EstateSerializer
    filterset_class = EstateFilter

    def get_queryset(self) -> QuerySet[Estate]:
        return estates_for_pages(today())

    def retrieve(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        code = self.kwargs["code"]
        known = estates_by_code([code]).get(code) if "\x00" not in code else None
        if known is not None and known.merged_into is not None:
            code = known.merged_into.code
        return Response(EstatePageSerializer(one_of(self.get_queryset(), code=code)).data)


@extend_schema_view(
    list=extend_schema(summary="物业企业", tags=[_TAG]),
    retrieve=extend_schema(summary="一个物业企业", tags=[_TAG]),
)
class CompanyViewSet(_Public):
    serializer_class = CompanySerializer
    queryset = companies_for_pages()
    filterset_class = CompanyFilter
