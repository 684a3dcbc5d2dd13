"""Supervisory talks: seen by those they concern, walked by the bureau, verified on site."""

from collections.abc import Callable
from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from property_oversight.access.abilities import Act
from property_oversight.access.visibility import talks_visible_to
from property_oversight.api.base import LONGEST_CODE, MomentField, one_of, person, require
from property_oversight.api.schema import Docx, file_of, verb
from property_oversight.talks import actions
from property_oversight.talks.models import Document, Talk, TalkEvent

_TAG = "约谈"
_LONGEST_NOTE = 5000


class LetterSerializer(serializers.ModelSerializer[Document]):
    class Meta:
        model = Document
        fields = ["id", "kind"]


class TalkEventSerializer(serializers.ModelSerializer[TalkEvent]):
    letter = serializers.SerializerMethodField(help_text="文书，凭 id 下载；没有时为 null")

    class Meta:
        model = TalkEvent
        fields = ["kind", "at", "note", "letter"]

    @extend_schema_field(LetterSerializer(allow_null=True))
    def get_letter(self, event: TalkEvent) -> Any:
        letter = getattr(event, "document", None)
        return LetterSerializer(letter).data if letter else None


class TalkSerializer(serializers.ModelSerializer[Talk]):
    company_code = serializers.CharField(source="company.code")
    estate_codes = serializers.SerializerMethodField(help_text="涉及的小区")
    because = serializers.CharField(source="ground.because", help_text="事由")
    complaints = serializers.ListField(
        child=serializers.IntegerField(), source="ground.complaints", help_text="涉及投诉的 id"
    )
    events = TalkEventSerializer(many=True, help_text="经过")

    class Meta:
        model = Talk
        fields = ["id", "company_code", "estate_codes", "period", "rule", "proposed_on", "state",
                  "meets_at", "place", "rectify_by", "because", "complaints",
                  "events"]  # fmt: skip

    def get_estate_codes(self, talk: Talk) -> list[str]:
        return [estate.code for estate in talk.estates.all()]


class NotifySerializer(serializers.Serializer[Any]):
    meets_at = MomentField(help_text="约谈时间；须提前 3 个工作日")
    place = serializers.CharField(max_length=120, help_text="约谈地点")
    note = serializers.CharField(
        max_length=_LONGEST_NOTE,
        required=False,
        allow_blank=True,
        default="",
        help_text="写进通知书的说明",
    )


class GroundedSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=_LONGEST_NOTE, help_text="情况或理由")


class OrderSerializer(GroundedSerializer):
    rectify_by = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="整改期限；默认 15 个工作日"
    )


class TalkFilter(django_filters.FilterSet):
    company = django_filters.CharFilter("company__code", label="企业编码", max_length=LONGEST_CODE)

    class Meta:
        model = Talk
        fields = ["state", "period", "rule"]


@extend_schema_view(
    list=extend_schema(
        summary="看得见的约谈",
        tags=[_TAG],
        description="企业看得到自己的，社区看得到涉及本社区小区的，都从决定约谈之后看起。",
    ),
    retrieve=extend_schema(summary="一次约谈", tags=[_TAG]),
)
class TalkViewSet(viewsets.ReadOnlyModelViewSet[Talk]):
    serializer_class = TalkSerializer
    filterset_class = TalkFilter
    lookup_value_regex = r"[0-9]{1,18}"
    acts_otherwise = Act.SEE_DESK

    def get_queryset(self) -> QuerySet[Talk]:
        return talks_visible_to(person(self.request))

    def _do(
        self,
        act: Act,
        serializer: type[serializers.Serializer[Any]],
        step: Callable[..., TalkEvent],
    ) -> Response:
        """Find the row, ask the ability, read the words, take the step."""
        talk = one_of(self.get_queryset(), pk=int(self.kwargs["pk"]))
        user = require(self.request, act, talk)
        form = serializer(data=self.request.data)
        form.is_valid(raise_exception=True)
        step(talk, by=user, **cast(dict[str, Any], form.validated_data))
        now = self.get_queryset().filter(pk=talk.pk).first() or talk
        return Response(TalkSerializer(now).data)

    @verb("发出约谈通知", tag=_TAG, body=NotifySerializer, answer=TalkSerializer)
    def notify(self, request: Request, pk: str) -> Response:
        return self._do(Act.NOTIFY_TALK, NotifySerializer, actions.notify)

    @verb("已经约谈，记纪要", tag=_TAG, body=GroundedSerializer, answer=TalkSerializer)
    def hold(self, request: Request, pk: str) -> Response:
        return self._do(Act.HOLD_TALK, GroundedSerializer, actions.hold)

    @verb(
        "企业无故未到", tag=_TAG, body=GroundedSerializer, answer=TalkSerializer, path="mark-absent"
    )
    def mark_absent(self, request: Request, pk: str) -> Response:
        return self._do(Act.MARK_TALK_ABSENT, GroundedSerializer, actions.mark_absent)

    @verb("下达整改通知", tag=_TAG, body=OrderSerializer, answer=TalkSerializer)
    def order(self, request: Request, pk: str) -> Response:
        return self._do(Act.ORDER_RECTIFICATION, OrderSerializer, actions.order)

    @verb("社区核实：整改到位", tag=_TAG, body=GroundedSerializer, answer=TalkSerializer)
    def verify(self, request: Request, pk: str) -> Response:
        return self._do(Act.VERIFY_RECTIFICATION, GroundedSerializer, actions.verify)

    @verb("社区核实：整改不到位", tag=_TAG, body=GroundedSerializer, answer=TalkSerializer)
    def fail(self, request: Request, pk: str) -> Response:
        return self._do(Act.FAIL_RECTIFICATION, GroundedSerializer, actions.fail)

    @verb("办结约谈", tag=_TAG, body=GroundedSerializer, answer=TalkSerializer)
    def close(self, request: Request, pk: str) -> Response:
        return self._do(Act.CLOSE_TALK, GroundedSerializer, actions.close)

    @verb("决定不约谈", tag=_TAG, body=GroundedSerializer, answer=TalkSerializer)
    def withdraw(self, request: Request, pk: str) -> Response:
        return self._do(Act.WITHDRAW_TALK, GroundedSerializer, actions.withdraw)

    @file_of("下载约谈文书", tag=_TAG, path=r"letters/(?P<letter>[0-9]{1,18})", kind=Docx)
    def letter(self, request: Request, pk: str, letter: str) -> HttpResponseBase:
        talk = one_of(self.get_queryset(), pk=int(pk))
        for event in talk.events.all():
            document = getattr(event, "document", None)
            if document is not None and document.pk == int(letter):
                name = f"{document.get_kind_display()}-{talk.company.name}-{talk.pk}.docx"
                return FileResponse(document.file.open("rb"), as_attachment=True, filename=name)
        raise Http404
