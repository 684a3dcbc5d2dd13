"""Supervisory talks: seen by those they concern, walked by the bureau, verified on site."""

from collections.abc import Callable
from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from property_oversight.access.abilities import Act
from property_oversight.access.visibility import talks_visible_to
from property_oversight.api.base import one_of, person, require
from property_oversight.talks import actions
from property_oversight.talks.models import Talk, TalkEvent


class TalkEventSerializer(serializers.ModelSerializer[TalkEvent]):
    class Meta:
        model = TalkEvent
        fields = ["kind", "at", "note"]


class TalkSerializer(serializers.ModelSerializer[Talk]):
    company_code = serializers.CharField(source="company.code")
    estate_codes = serializers.SerializerMethodField()
    because = serializers.CharField(source="ground.because")
    complaints = serializers.ListField(child=serializers.IntegerField(), source="ground.complaints")
    events = TalkEventSerializer(many=True)

    class Meta:
        model = Talk
        fields = ["id", "company_code", "estate_codes", "period", "rule", "proposed_on", "state",
                  "meets_at", "place", "rectify_by", "because", "complaints",
                  "events"]  # fmt: skip

    def get_estate_codes(self, talk: Talk) -> list[str]:
        return [estate.code for estate in talk.estates.all()]


class NotifySerializer(serializers.Serializer[Any]):
    meets_at = serializers.DateTimeField()
    place = serializers.CharField(max_length=120)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True, default="")


class WhySerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=5000)


class OrderSerializer(WhySerializer):
    rectify_by = serializers.DateField(required=False, allow_null=True, default=None)


@extend_schema_view(
    list=extend_schema(summary="看得见的约谈", tags=["约谈"]),
    retrieve=extend_schema(summary="一次约谈", tags=["约谈"]),
)
class TalkViewSet(viewsets.ReadOnlyModelViewSet[Talk]):
    serializer_class = TalkSerializer
    lookup_value_regex = r"\d{1,18}"
    acts_otherwise = Act.SEE_DESK

    def get_queryset(self) -> QuerySet[Talk]:
        return talks_visible_to(person(self.request))

    def _do(
        self,
        act: Act,
        serializer: type[serializers.Serializer[Any]],
        step: Callable[..., TalkEvent],
    ) -> Response:
        """Check the words, then the row, then the ability, then take the step."""
        form = serializer(data=self.request.data)
        form.is_valid(raise_exception=True)
        talk = one_of(self.get_queryset(), pk=int(self.kwargs["pk"]))
        user = require(self.request, act, talk)
        step(talk, by=user, **cast(dict[str, Any], form.validated_data))
        return Response(TalkSerializer(one_of(self.get_queryset(), pk=talk.pk)).data)

    @extend_schema(summary="发出通知", tags=["约谈"], request=NotifySerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def notify(self, request: Request, pk: str) -> Response:
        return self._do(Act.NOTIFY_TALK, NotifySerializer, actions.notify)

    @extend_schema(summary="已约谈", tags=["约谈"], request=WhySerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        return self._do(Act.HOLD_TALK, WhySerializer, actions.hold)

    @extend_schema(summary="无故未到", tags=["约谈"], request=WhySerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"], url_path="mark-absent")
    def mark_absent(self, request: Request, pk: str) -> Response:
        return self._do(Act.MARK_TALK_ABSENT, WhySerializer, actions.mark_absent)

    @extend_schema(summary="下达整改", tags=["约谈"], request=OrderSerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def order(self, request: Request, pk: str) -> Response:
        return self._do(Act.ORDER_RECTIFICATION, OrderSerializer, actions.order)

    @extend_schema(summary="整改到位", tags=["约谈"], request=WhySerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        return self._do(Act.VERIFY_RECTIFICATION, WhySerializer, actions.verify)

    @extend_schema(summary="整改不到位", tags=["约谈"], request=WhySerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def fail(self, request: Request, pk: str) -> Response:
        return self._do(Act.FAIL_RECTIFICATION, WhySerializer, actions.fail)

    @extend_schema(summary="办结", tags=["约谈"], request=WhySerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        return self._do(Act.CLOSE_TALK, WhySerializer, actions.close)

    @extend_schema(summary="不约谈", tags=["约谈"], request=WhySerializer,
                   responses={200: TalkSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self._do(Act.WITHDRAW_TALK, WhySerializer, actions.withdraw)
