"""Complaints: file one, follow one's own, work on those one sees."""

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from complaints import actions, duplicates
from complaints.actions import RESIDENT, Actor, Draft
from complaints.models import Category, Channel, Clock, Complaint, ComplaintEvent
from complaints.privacy import masked
from complaints.queries import all_categories
from complaints.workflow import Move
from property_oversight.access.abilities import RESIDENT_MOVES, Act, may
from property_oversight.access.visibility import (
    complaint_by_tracking_code,
    complaints_visible_to,
    finding_of,
)
from property_oversight.accounts.models import Role, User
from property_oversight.accounts.queries import roles
from property_oversight.api.base import FilingThrottle, one_of, person, require
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Attribution
from property_oversight.attribution.queries import complaints_found
from property_oversight.casework import decisions, follow_up, intake
from property_oversight.registry.queries import current_estates


class ComplaintFilter(django_filters.FilterSet):
    """What a list may be narrowed by; a value that cannot be is a 400."""

    received_after = django_filters.IsoDateTimeFilter("received_at", "gte", label="受理不早于")
    received_before = django_filters.IsoDateTimeFilter("received_at", "lt", label="受理早于")
    estate = django_filters.CharFilter(method="of_estate", label="小区编码")
    company = django_filters.CharFilter(method="of_company", label="企业编码")

    class Meta:
        model = Complaint
        fields = ["state", "category", "channel", "danger"]

    def of_estate(self, rows: QuerySet[Complaint], _name: str, code: str) -> QuerySet[Complaint]:
        return complaints_found(rows, estate__code=code)

    def of_company(self, rows: QuerySet[Complaint], _name: str, code: str) -> QuerySet[Complaint]:
        return complaints_found(rows, company__code=code)


class FindingSerializer(serializers.ModelSerializer[Attribution]):
    estate_code = serializers.CharField(source="estate.code", default=None)
    estate = serializers.CharField(source="estate.name", default=None)
    company_code = serializers.CharField(source="company.code", default=None)
    company = serializers.CharField(source="company.name", default=None)

    class Meta:
        model = Attribution
        fields = ["estate_code", "estate", "company_code", "company", "reason", "standing",
                  "confidence"]  # fmt: skip


class ClockSerializer(serializers.ModelSerializer[Clock]):
    class Meta:
        model = Clock
        fields = ["kind", "round", "started_on", "workdays", "due_on", "provisional", "met_on",
                  "missed_at"]  # fmt: skip


class EventSerializer(serializers.ModelSerializer[ComplaintEvent]):
    note = serializers.SerializerMethodField()

    class Meta:
        model = ComplaintEvent
        fields = ["kind", "at", "actor", "note"]

    def get_note(self, event: ComplaintEvent) -> str:
        return masked(event.note, [event.complaint.reporter_name])


class OwnComplaintSerializer(serializers.ModelSerializer[Complaint]):
    """What who holds the tracking code sees: no name, no phone, for codes get lost."""

    category = serializers.CharField(source="category.name", default=None)
    finding = serializers.SerializerMethodField()
    clocks = ClockSerializer(many=True)
    events = EventSerializer(many=True)

    class Meta:
        model = Complaint
        fields = ["tracking_code", "channel", "received_at", "occurred_on", "title", "text",
                  "category", "danger", "state", "answered_at", "closed_at", "resolved",
                  "satisfied", "finding", "clocks", "events"]  # fmt: skip

    @extend_schema_field(FindingSerializer(allow_null=True))
    def get_finding(self, complaint: Complaint) -> Any:
        finding = finding_of(complaint)
        return FindingSerializer(finding).data if finding else None


class ComplaintSerializer(OwnComplaintSerializer):
    """What an office sees; who complained is the bureau's to know."""

    category = serializers.CharField(source="category_id", default=None)
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    reporter_name = serializers.SerializerMethodField()
    reporter_phone = serializers.SerializerMethodField()

    class Meta:
        model = Complaint
        fields = ["id", "channel", "external_id", "received_at", "occurred_on", "title", "text",
                  "category", "danger", "state", "answered_at", "closed_at", "resolved",
                  "satisfied", "finding", "reporter_name", "reporter_phone", "clocks",
                  "events"]  # fmt: skip

    def _person(self) -> Any:
        return person(self.context["request"])

    def _sees_reporter(self) -> bool:
        return may(self._person(), Act.SEE_REPORTER)

    def _shown(self, complaint: Complaint, text: str) -> str:
        return text if self._sees_reporter() else masked(text, [complaint.reporter_name])

    def get_title(self, complaint: Complaint) -> str:
        return self._shown(complaint, complaint.title)

    def get_text(self, complaint: Complaint) -> str:
        return self._shown(complaint, complaint.text)

    def get_reporter_name(self, complaint: Complaint) -> str:
        return complaint.reporter_name if self._sees_reporter() else ""

    def get_reporter_phone(self, complaint: Complaint) -> str:
        agreed = complaint.shows_phone_to_firm and Role.FIRM in roles(self._person())
        return complaint.reporter_phone if agreed or self._sees_reporter() else ""


class DraftSerializer(serializers.Serializer[Any]):
    """A new complaint."""

    text = serializers.CharField(max_length=actions.LONGEST_TEXT, help_text="诉求内容")
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    stated_estate = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="小区名称或编码"
    )
    occurred_on = serializers.DateField(required=False, allow_null=True)
    reporter_name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    reporter_phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    shows_phone_to_firm = serializers.BooleanField(required=False, default=False)


class ReceiptSerializer(serializers.ModelSerializer[Complaint]):
    """What the person who filed gets: the code to follow it by."""

    class Meta:
        model = Complaint
        fields = ["tracking_code", "received_at", "state"]


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(
        max_length=actions.LONGEST_TEXT, required=False, allow_blank=True, default=""
    )


class ReasonSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=actions.LONGEST_TEXT)


class ConfirmSerializer(NoteSerializer):
    satisfied = serializers.BooleanField(required=False, allow_null=True, default=None)


class CorrectSerializer(serializers.Serializer[Any]):
    category = serializers.SlugRelatedField(slug_field="code", queryset=all_categories())
    danger = serializers.BooleanField(required=False, allow_null=True, default=None)


class DecideSerializer(NoteSerializer):
    estate = serializers.SlugRelatedField(slug_field="code", queryset=current_estates())


class OverturnSerializer(ReasonSerializer):
    estate = serializers.SlugRelatedField(
        slug_field="code", queryset=current_estates(), required=False, allow_null=True
    )


class JoinSerializer(serializers.Serializer[Any]):
    first = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="首件的 id")


def _read(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return cast(dict[str, Any], form.validated_data)


@extend_schema_view(
    list=extend_schema(summary="看得见的投诉", tags=["投诉"]),
    retrieve=extend_schema(summary="一件投诉", tags=["投诉"]),
)
class ComplaintViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Complaint]
):
    """One queryset for list and detail, whoever asks."""

    serializer_class = ComplaintSerializer
    filterset_class = ComplaintFilter
    lookup_value_regex = r"\d{1,19}"
    throttle_classes = [FilingThrottle]
    acts_otherwise = Act.SEE_DESK

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.action == "create" else super().get_permissions()

    def get_queryset(self) -> QuerySet[Complaint]:
        return complaints_visible_to(person(self.request))

    def get_object(self) -> Complaint:
        return one_of(self.get_queryset(), pk=int(self.kwargs["pk"]))

    @extend_schema(
        summary="提交投诉",
        tags=["投诉"],
        request=DraftSerializer,
        responses={201: ReceiptSerializer},
    )
    def create(self, request: Request) -> Response:
        said = _read(DraftSerializer, request)
        user = request.user if isinstance(request.user, User) else None
        by = Actor("interface", user) if user else RESIDENT
        complaint = intake.lodge(Draft(**said), channel=Channel.API, by=by)
        return Response(ReceiptSerializer(complaint).data, status=status.HTTP_201_CREATED)

    def _ready(self, act: Act) -> tuple[Complaint, User]:
        complaint = self.get_object()
        return complaint, require(self.request, act, complaint)

    def _finding(self, complaint: Complaint) -> Attribution:
        finding = finding_of(complaint)
        if finding is None:
            raise serializers.ValidationError("尚未认定归属")
        return finding

    def _answer(self, complaint: Complaint) -> Response:
        """The complaint as it is now; the bare receipt where one no longer sees it."""
        now = complaints_visible_to(person(self.request)).filter(pk=complaint.pk).first()
        if now is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(ComplaintSerializer(now, context=self.get_serializer_context()).data)

    def _moved(self, act: Act, move: Move, role: str, note: str) -> Response:
        complaint, user = self._ready(act)
        actions.move(complaint, move, by=Actor(role, user), note=note)
        return self._answer(complaint)

    @extend_schema(summary="签收", tags=["投诉"], request=NoteSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        return self._moved(Act.ACCEPT, Move.ACCEPT, "firm", _read(NoteSerializer, request)["note"])

    @extend_schema(summary="答复", tags=["投诉"], request=ReasonSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        note = _read(ReasonSerializer, request)["note"]
        return self._moved(Act.ANSWER, Move.ANSWER, "firm", note)

    @extend_schema(summary="现场核实", tags=["投诉"], request=ReasonSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        note = _read(ReasonSerializer, request)["note"]
        complaint, user = self._ready(Act.VERIFY)
        actions.note(complaint, "complaint.verified", by=Actor("community", user), text=note)
        return self._answer(complaint)

    @extend_schema(summary="对归属提出异议", tags=["投诉"], request=ReasonSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def contest(self, request: Request, pk: str) -> Response:
        note = _read(ReasonSerializer, request)["note"]
        complaint, user = self._ready(Act.CONTEST)
        attribution.contest(self._finding(complaint), by=user, note=note)
        return self._answer(complaint)

    @extend_schema(summary="维持归属", tags=["投诉"], request=ReasonSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def uphold(self, request: Request, pk: str) -> Response:
        note = _read(ReasonSerializer, request)["note"]
        complaint, user = self._ready(Act.UPHOLD)
        attribution.uphold(self._finding(complaint), by=user, note=note)
        return self._answer(complaint)

    @extend_schema(summary="推翻归属", tags=["投诉"], request=OverturnSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def overturn(self, request: Request, pk: str) -> Response:
        said = _read(OverturnSerializer, request)
        complaint, user = self._ready(Act.OVERTURN)
        decisions.overturn(
            self._finding(complaint), by=user, note=said["note"], estate=said.get("estate")
        )
        return self._answer(complaint)

    @extend_schema(summary="人工认定小区", tags=["投诉"], request=DecideSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        said = _read(DecideSerializer, request)
        complaint, user = self._ready(Act.DECIDE)
        decisions.decide_estate(complaint, said["estate"], by=user, note=said["note"])
        return self._answer(complaint)

    @extend_schema(summary="确认或更正类别", tags=["投诉"], request=CorrectSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        said = _read(CorrectSerializer, request)
        complaint, user = self._ready(Act.CORRECT)
        category: Category = said["category"]
        decisions.correct_reading(complaint, category, by=user, danger=said["danger"])
        return self._answer(complaint)

    @extend_schema(summary="转办", tags=["投诉"], request=ReasonSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> Response:
        note = _read(ReasonSerializer, request)["note"]
        return self._moved(Act.TRANSFER, Move.TRANSFER, "bureau", note)

    @extend_schema(summary="办结", tags=["投诉"], request=ReasonSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        note = _read(ReasonSerializer, request)["note"]
        return self._moved(Act.CLOSE, Move.CLOSE, "bureau", note)

    @extend_schema(summary="并入首件", tags=["投诉"], request=JoinSerializer,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def join(self, request: Request, pk: str) -> Response:
        said = _read(JoinSerializer, request)
        complaint, user = self._ready(Act.JOIN)
        first = one_of(self.get_queryset(), pk=said["first"])
        duplicates.join(complaint, first, by=Actor("bureau", user))
        return self._answer(complaint)

    @extend_schema(summary="拆出另办", tags=["投诉"], request=None,
                   responses={200: ComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.SPLIT)
        duplicates.split(complaint, by=Actor("bureau", user))
        return self._answer(complaint)


@extend_schema_view(retrieve=extend_schema(summary="凭查询码查进度", tags=["投诉"]))
class OwnComplaintViewSet(mixins.RetrieveModelMixin, viewsets.GenericViewSet[Complaint]):
    """Who holds the tracking code follows the complaint and says how it ended."""

    serializer_class = OwnComplaintSerializer
    permission_classes = [AllowAny]
    lookup_field = "code"
    lookup_value_regex = r"[0-9A-Za-z]{1,20}"

    def get_object(self) -> Complaint:
        return one_of(complaint_by_tracking_code(self.kwargs["code"]))

    def _answer(self, code: str) -> Response:
        return Response(OwnComplaintSerializer(one_of(complaint_by_tracking_code(code))).data)

    def _moved(self, act: Act, code: str, **outcome: Any) -> Response:
        actions.move(self.get_object(), RESIDENT_MOVES[act], by=RESIDENT, **outcome)
        return self._answer(code)

    @extend_schema(summary="催办", tags=["投诉"], request=None,
                   responses={200: OwnComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def urge(self, request: Request, code: str) -> Response:
        follow_up.urge(self.get_object())
        return self._answer(code)

    @extend_schema(summary="补充", tags=["投诉"], request=ReasonSerializer,
                   responses={200: OwnComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def supplement(self, request: Request, code: str) -> Response:
        follow_up.supplement(self.get_object(), _read(ReasonSerializer, request)["note"])
        return self._answer(code)

    @extend_schema(summary="确认已解决", tags=["投诉"], request=ConfirmSerializer,
                   responses={200: OwnComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, code: str) -> Response:
        said = _read(ConfirmSerializer, request)
        return self._moved(
            Act.CONFIRM, code, note=said["note"], resolved=True, satisfied=said["satisfied"]
        )

    @extend_schema(summary="没有解决，退回重办", tags=["投诉"], request=ReasonSerializer,
                   responses={200: OwnComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def redo(self, request: Request, code: str) -> Response:
        note = _read(ReasonSerializer, request)["note"]
        return self._moved(Act.REDO, code, note=note, resolved=False, satisfied=False)

    @extend_schema(summary="办结后恢复办理", tags=["投诉"], request=ReasonSerializer,
                   responses={200: OwnComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, code: str) -> Response:
        follow_up.reopen(self.get_object(), _read(ReasonSerializer, request)["note"])
        return self._answer(code)

    @extend_schema(summary="撤回", tags=["投诉"], request=NoteSerializer,
                   responses={200: OwnComplaintSerializer})  # fmt: skip
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        return self._moved(Act.WITHDRAW, code, note=_read(NoteSerializer, request)["note"])
