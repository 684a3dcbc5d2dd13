"""Estates, companies and categories: public."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers, viewsets
from rest_framework.permissions import AllowAny

from complaints.models import Category
from complaints.queries import all_categories
from complaints.workdays import today
from property_oversight.api.base import one_of
from property_oversight.registry.models import Company, Estate, ServiceContract
from property_oversight.registry.queries import (
    companies_for_pages,
    estates_for_pages,
    estates_named_like,
)


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
    community = serializers.CharField(source="community.name")
    contracts = ContractSerializer(source="contracts_in_force", many=True)

    class Meta:
        model = Estate
        fields = ["code", "name", "community", "kind", "households", "has_lift", "contracts"]


class CompanySerializer(serializers.ModelSerializer[Company]):
    estate_codes = serializers.SerializerMethodField()

    class Meta:
        model = Company
        fields = ["code", "name", "aliases", "party_branch", "estate_codes"]

    def get_estate_codes(self, company: Company) -> list[str]:
        return sorted({contract.estate.code for contract in company.contracts.all()})


class _Public(viewsets.ReadOnlyModelViewSet):
    """Open to everybody; one row by its code."""

    permission_classes = [AllowAny]
    lookup_field = "code"

    def get_object(self) -> Any:
        return one_of(self.get_queryset(), code=self.kwargs["code"])


@extend_schema_view(
    list=extend_schema(summary="投诉类别", tags=["登记"]),
    retrieve=extend_schema(summary="一个类别", tags=["登记"]),
)
class CategoryViewSet(_Public):
    serializer_class = CategorySerializer
    queryset = all_categories()


@extend_schema_view(
    list=extend_schema(
        summary="小区",
        tags=["登记"],
        parameters=[OpenApiParameter("q", str, description="名称（含曾用名）或编码")],
    ),
    retrieve=extend_schema(summary="一个小区", tags=["登记"]),
)
class EstateViewSet(_Public):
    serializer_class = EstateSerializer

    def get_queryset(self) -> QuerySet[Estate]:
        estates = estates_for_pages(today())
        wanted = self.request.query_params.get("q", "").strip() if self.request else ""
        if "\x00" in wanted:
            raise exceptions.ValidationError({"q": "含有无法识别的字符"})
        return estates.filter(pk__in=estates_named_like(wanted)) if wanted else estates


@extend_schema_view(
    list=extend_schema(summary="物业企业", tags=["登记"]),
    retrieve=extend_schema(summary="一个物业企业", tags=["登记"]),
)
class CompanyViewSet(_Public):
    serializer_class = CompanySerializer
    queryset = companies_for_pages()
