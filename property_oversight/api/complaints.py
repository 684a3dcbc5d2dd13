"""Complaints as the offices see them: file one, list, read, and do what one's hat may do."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django_filters.fields import IsoDateTimeField, ModelChoiceField
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from complaints import actions, duplicates, privacy
from complaints.actions import RESIDENT, Actor, Draft
from complaints.models import (
    Attachment,
    Channel,
    Clock,
    Complaint,
    ComplaintEvent,
    Prediction,
)
from complaints.queries import all_categories
from complaints.workflow import OPEN, Move, State
from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import complaints_visible_to, finding_of
from property_oversight.accounts.models import User
from property_oversight.api.base import (
    EARLIEST,
    LAST_YEAR,
    LONGEST_CODE,
    CodeField,
    FilingThrottle,
    a_past_day,
    one_of,
    person,
    pictures_field,
    require,
)
from property_oversight.api.schema import Jpeg, file_of, verb
from property_oversight.attribution import actions as attribution
from property_oversight.attribution.models import Attribution, Standing
from property_oversight.attribution.queries import complaints_found
from property_oversight.casework import decisions, intake, replies
from property_oversight.registry.queries import current_estates

_TAG = "投诉"
_LONGEST_NOTE = 5000
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PHONE = re.compile(r"\+?[0-9()-]{7,20}")
OFFICES = {"firm", "community", "bureau"}


# What is shown ----------------------------------------------------------------------------------


class FindingSerializer(serializers.ModelSerializer[Attribution]):
    """Whom a complaint concerns, as everybody may know who sees the complaint."""

    estate_code = serializers.CharField(source="estate.code", allow_null=True)
    estate = serializers.CharField(source="estate.name", allow_null=True)
    company_code = serializers.CharField(source="company.code", allow_null=True)
    company = serializers.CharField(source="company.name", allow_null=True)

    class Meta:
        model = Attribution
        fields = ["estate_code", "estate", "company_code", "company", "reason", "standing",
                  "confidence", "decided_at"]  # fmt: skip


class OfficeFindingSerializer(FindingSerializer):
    """With the firm's reason against it, or what the bureau said to that."""

    note = serializers.SerializerMethodField(help_text="异议理由，或主管部门的认定说明")
    incident = serializers.IntegerField(
        source="incident_id", allow_null=True, help_text="同一事件的编号：邻居们反映的同一件事"
    )
    candidates = serializers.SerializerMethodField(
        help_text="文中可能指的小区：[编码, 可能性]；仅主管部门"
    )

    class Meta(FindingSerializer.Meta):
        fields = [*FindingSerializer.Meta.fields, "note", "incident", "candidates"]

    def get_note(self, finding: Attribution) -> str:
        decided = finding.standing == Standing.CONTESTED or bool(finding.evidence.get("upheld"))
        if not (decided or self.context["sees_reporter"]):
            return ""
        return cast(str, self.context["read"](finding.note))

    @extend_schema_field(serializers.ListField(child=serializers.ListField(), allow_null=True))
    def get_candidates(self, finding: Attribution) -> Any:
        return finding.evidence.get("candidates", []) if self.context["sees_reporter"] else None


class ClockSerializer(serializers.ModelSerializer[Clock]):
    class Meta:
        model = Clock
        fields = ["kind", "round", "started_on", "workdays", "due_on", "provisional", "met_on",
                  "missed_at", "stopped_at"]  # fmt: skip


class PredictionSerializer(serializers.ModelSerializer[Prediction]):
    category = serializers.CharField(source="category_id", help_text="最可能的类别")
    alternatives = serializers.ListField(
        child=serializers.ListField(), help_text="其他可能：[类别, 可能性]"
    )
    because = serializers.ListField(child=serializers.ListField(), help_text="依据词：[词, 权重]")

    class Meta:
        model = Prediction
        fields = ["category", "confidence", "abstained", "danger", "alternatives", "because",
                  "model_version", "made_at"]  # fmt: skip


class EventSerializer(serializers.ModelSerializer[ComplaintEvent]):
    """What happened. `context["read"]` says how its words may be read, `context["sees_reporter"]`
    whether the officer's name is shown."""

    note = serializers.SerializerMethodField()
    by = serializers.SerializerMethodField(help_text="经办人；仅主管部门看得到")
    pictures = serializers.SerializerMethodField(help_text="照片的 id，凭此下载")

    class Meta:
        model = ComplaintEvent
        fields = ["kind", "at", "actor", "by", "note", "pictures"]

    def get_note(self, event: ComplaintEvent) -> str:
        return cast(str, self.context["read"](event.note))

    def get_by(self, event: ComplaintEvent) -> str | None:
        shown = self.context["sees_reporter"] and event.actor in OFFICES and event.by
        return str(event.by) if shown else None

    def get_pictures(self, event: ComplaintEvent) -> list[int]:
        return [picture.pk for picture in event.attachments.all()]


class ComplaintSerializer(serializers.ModelSerializer[Complaint]):
    """What an office sees; who complained is the bureau's to know."""

    category = serializers.CharField(source="category_id", allow_null=True)
    joined_to = serializers.IntegerField(
        source="joined_to_id", allow_null=True, help_text="并入的首件的 id"
    )
    finding = serializers.SerializerMethodField(help_text="归属认定；还没有时为 null")
    reading = serializers.SerializerMethodField(help_text="系统判读；仅主管部门")
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField(help_text="诉求内容；主管部门以外的，隐去个人信息")
    stated_estate = serializers.SerializerMethodField(help_text="反映人自己写的小区")
    reporter_name = serializers.SerializerMethodField(help_text="仅主管部门；看不到时为空")
    reporter_phone = serializers.SerializerMethodField(
        help_text="主管部门；反映人同意的，办理期间承办企业也看得到；看不到时为空"
    )
    clocks = ClockSerializer(many=True, help_text="时限")
    events = serializers.SerializerMethodField(help_text="经过")

    class Meta:
        model = Complaint
        fields = ["id", "channel", "external_id", "received_at", "occurred_on", "title", "text",
                  "stated_estate", "category", "danger", "state", "joined_to", "answered_at",
                  "closed_at", "resolved", "satisfied", "finding", "reading", "reporter_name",
                  "reporter_phone", "clocks", "events"]  # fmt: skip

    def to_representation(self, instance: Complaint) -> Any:
        self._sees_reporter = may(self._person, Act.SEE_REPORTER)
        self._inner: dict[str, Any] = {
            "read": self._reader(instance),
            "sees_reporter": self._sees_reporter,
        }
        return super().to_representation(instance)

    @property
    def _person(self) -> Any:
        return person(self.context["request"])

    def _reader(self, complaint: Complaint) -> Callable[[str], str]:
        """How the words of a complaint may be read. Those of the complaints that were joined to it
        stand in its history, so their names are hidden too."""
        if self._sees_reporter:
            return lambda text: text
        people = [complaint, *complaint.joined_complaints.all()]
        hidden = [word for one in people for word in (one.reporter_name, one.reporter_phone)]
        return lambda text: privacy.masked(text, hidden)

    def get_title(self, complaint: Complaint) -> str:
        return cast(str, self._inner["read"](complaint.title))

    def get_text(self, complaint: Complaint) -> str:
        return cast(str, self._inner["read"](complaint.text))

    def get_stated_estate(self, complaint: Complaint) -> str:
        return cast(str, self._inner["read"](complaint.stated_estate))

    @extend_schema_field(OfficeFindingSerializer(allow_null=True))
    def get_finding(self, complaint: Complaint) -> Any:
        finding = finding_of(complaint)
        if finding is None:
            return None
        return OfficeFindingSerializer(finding, context=self._inner).data

    @extend_schema_field(PredictionSerializer(allow_null=True))
    def get_reading(self, complaint: Complaint) -> Any:
        newest = next(iter(complaint.predictions.all()), None)
        seen = newest is not None and self._sees_reporter
        return PredictionSerializer(newest).data if seen else None

    def get_reporter_name(self, complaint: Complaint) -> str:
        return complaint.reporter_name if self._sees_reporter else ""

    def get_reporter_phone(self, complaint: Complaint) -> str:
        agreed = complaint.shows_phone_to_firm and complaint.is_open
        finding = finding_of(complaint)
        theirs = agreed and finding is not None and may(self._person, Act.ANSWER, finding)
        return complaint.reporter_phone if theirs or self._sees_reporter else ""

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, complaint: Complaint) -> Any:
        return EventSerializer(complaint.events.all(), many=True, context=self._inner).data


# What is said -----------------------------------------------------------------------------------


class DraftSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=actions.LONGEST_TEXT, help_text="诉求内容")
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    stated_estate = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="小区名称或编码"
    )
    occurred_on = serializers.DateField(
        required=False, allow_null=True, validators=[a_past_day], help_text="发生日期；默认今天"
    )
    reporter_name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    reporter_phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    shows_phone_to_firm = serializers.BooleanField(
        required=False, default=False, help_text="同意承办企业看到电话"
    )
    pictures = pictures_field()

    def validate_reporter_phone(self, said: str) -> str:
        """One way of writing, or a person's second complaint is not known for his."""
        phone = re.sub(r"\s", "", unicodedata.normalize("NFKC", said))
        mobile = phone.replace("-", "")
        if _MOBILE.fullmatch(mobile):
            return mobile
        if phone and not _PHONE.fullmatch(phone):
            raise serializers.ValidationError(_("应为手机号或带区号的座机号"), code="bad_phone")
        return phone


class ReceiptSerializer(serializers.ModelSerializer[Complaint]):
    class Meta:
        model = Complaint
        fields = ["tracking_code", "received_at", "state"]
        extra_kwargs = {"tracking_code": {"help_text": "查询码：凭它查进度、补充、确认，请保存好"}}


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(
        max_length=_LONGEST_NOTE, required=False, allow_blank=True, default=""
    )


class ReasonSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=_LONGEST_NOTE, help_text="情况或理由")


class ReplySerializer(ReasonSerializer):
    pictures = pictures_field()


class CorrectSerializer(serializers.Serializer[Any]):
    category = CodeField(queryset=all_categories(), help_text="类别代码")
    danger = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="不填则不变"
    )


class DecideSerializer(NoteSerializer):
    estate = CodeField(queryset=current_estates(), help_text="小区编码")


class OverturnSerializer(ReasonSerializer):
    estate = CodeField(
        queryset=current_estates(),
        required=False,
        allow_null=True,
        default=None,
        help_text="应归的小区编码；不填则不归任何物业企业",
    )


class TransferSerializer(NoteSerializer):
    department = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="转交给哪个单位"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["department"] and not attrs["note"].strip():
            raise serializers.ValidationError(_("请写明转交给哪个单位，或者理由"))
        return attrs


class JoinSerializer(serializers.Serializer[Any]):
    first = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="首件的 id")


def read(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What was said, checked. Raises ValidationError."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return cast(dict[str, Any], form.validated_data)


# What a list may be narrowed by -----------------------------------------------------------------


class _MomentField(IsoDateTimeField):
    """A moment that every database and every zone can hold."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        if moment is not None and not EARLIEST.year <= moment.year <= LAST_YEAR:
            raise ValidationError(_("超出时间范围"), code="out_of_range")
        return moment


class _MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = _MomentField


class _CategoryField(ModelChoiceField):
    def to_python(self, value: Any) -> Any:
        if "\x00" in str(value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


@extend_schema_field({"type": "string", "description": "类别代码"})
class _CategoryFilter(django_filters.ModelChoiceFilter):
    field_class = _CategoryField


@extend_schema_field({"type": "boolean", "description": "危及安全"})
class _YesNoFilter(django_filters.TypedChoiceFilter):
    """Django's own takes whatever it does not know for no answer at all."""

    def __init__(self, **more: Any) -> None:
        choices = [("true", _("是")), ("false", _("否"))]
        super().__init__(choices=choices, coerce=lambda said: said == "true", **more)


class ComplaintFilter(django_filters.FilterSet):
    """A value that cannot be is a 400; a code that nobody has finds nothing."""

    category = _CategoryFilter(queryset=all_categories(), label="类别代码")
    danger = _YesNoFilter(label="危及安全")
    received_after = _MomentFilter("received_at", "gte", label="受理不早于（含）")
    received_before = _MomentFilter("received_at", "lt", label="受理早于（不含）")
    estate = django_filters.CharFilter(
        method="of_estate", label="归属的小区编码", max_length=LONGEST_CODE
    )
    company = django_filters.CharFilter(
        method="of_company", label="归属的企业编码", max_length=LONGEST_CODE
    )

    class Meta:
        model = Complaint
        fields = ["state", "channel"]

    def of_estate(self, rows: QuerySet[Complaint], _name: str, code: str) -> QuerySet[Complaint]:
        return complaints_found(rows, estate__code=code)

    def of_company(self, rows: QuerySet[Complaint], _name: str, code: str) -> QuerySet[Complaint]:
        return complaints_found(rows, company__code=code)


# The resource -----------------------------------------------------------------------------------


@extend_schema_view(
    list=extend_schema(
        summary="看得见的投诉",
        tags=[_TAG],
        description="主管部门和信访办看全部，企业看派给自己的，社区看本社区小区的。",
    ),
    retrieve=extend_schema(summary="一件投诉", tags=[_TAG]),
)
@method_decorator(never_cache, name="dispatch")
class ComplaintViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Complaint]
):
    """One queryset for list and detail, whoever asks."""

    serializer_class = ComplaintSerializer
    filterset_class = ComplaintFilter
    lookup_value_regex = r"[0-9]{1,19}"
    acts_otherwise = Act.SEE_DESK

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.action == "create" else super().get_permissions()

    def get_throttles(self) -> Any:
        return [FilingThrottle()] if self.action == "create" else []

    def get_queryset(self) -> QuerySet[Complaint]:
        return complaints_visible_to(person(self.request)).prefetch_related("joined_complaints")

    def get_object(self) -> Complaint:
        return one_of(self.get_queryset(), pk=int(self.kwargs["pk"]))

    @extend_schema(
        summary="提交投诉",
        description="人人可提交，不需要密钥；同一地址每小时的件数有限。请保存好答复中的查询码。",
        tags=[_TAG],
        request=DraftSerializer,
        responses={201: ReceiptSerializer},
    )
    def create(self, request: Request) -> Response:
        said = read(DraftSerializer, request)
        pictures = said.pop("pictures")
        user = request.user if isinstance(request.user, User) else None
        by = Actor("interface", user) if user else RESIDENT
        lodged = intake.lodge(Draft(**said), channel=Channel.API, by=by, pictures=pictures)
        return Response(ReceiptSerializer(lodged).data, status=status.HTTP_201_CREATED)

    def _ready(self, act: Act) -> tuple[Complaint, User]:
        """The row, and who acts on it. A stranger's row is not there; what may not be done with a
        row one sees is forbidden."""
        complaint = self.get_object()
        return complaint, require(self.request, act, finding_of(complaint) or complaint)

    def _answer(self, complaint: Complaint) -> Response:
        """The complaint as it is now."""
        now = self.get_queryset().filter(pk=complaint.pk).first() or complaint
        return Response(ComplaintSerializer(now, context=self.get_serializer_context()).data)

    @verb("签收", tag=_TAG, body=NoteSerializer, answer=ComplaintSerializer)
    def accept(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.ACCEPT)
        note = read(NoteSerializer, request)["note"]
        actions.move(complaint, Move.ACCEPT, by=Actor("firm", user), note=note)
        return self._answer(complaint)

    @verb("答复", tag=_TAG, body=ReplySerializer, answer=ComplaintSerializer)
    def answer(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.ANSWER)
        said = read(ReplySerializer, request)
        replies.answer(complaint, by=user, text=said["note"], pictures=said["pictures"])
        return self._answer(complaint)

    @verb("现场核实", tag=_TAG, body=ReplySerializer, answer=ComplaintSerializer)
    def verify(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.VERIFY)
        said = read(ReplySerializer, request)
        replies.report_check(complaint, by=user, text=said["note"], pictures=said["pictures"])
        return self._answer(complaint)

    @verb(
        "对归属提出异议",
        tag=_TAG,
        body=ReasonSerializer,
        answer=ComplaintSerializer,
        description="由主管部门核定；核定之前不计入评分，办理期限照走。",
    )
    def contest(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.CONTEST)
        note = read(ReasonSerializer, request)["note"]
        attribution.contest(_found(complaint, "nothing_to_contest"), by=user, note=note)
        return self._answer(complaint)

    @verb("维持归属", tag=_TAG, body=ReasonSerializer, answer=ComplaintSerializer)
    def uphold(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.UPHOLD)
        note = read(ReasonSerializer, request)["note"]
        attribution.uphold(_found(complaint, "not_contested"), by=user, note=note)
        return self._answer(complaint)

    @verb("推翻归属", tag=_TAG, body=OverturnSerializer, answer=ComplaintSerializer)
    def overturn(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.OVERTURN)
        said = read(OverturnSerializer, request)
        finding = _found(complaint, "not_contested")
        if finding.estate is not None and finding.estate == said["estate"]:
            raise ValidationError(_("这就是原来认定的小区"), code="same_estate")
        decisions.overturn(finding, by=user, note=said["note"], estate=said["estate"])
        return self._answer(complaint)

    @verb("人工认定小区", tag=_TAG, body=DecideSerializer, answer=ComplaintSerializer)
    def decide(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.DECIDE)
        said = read(DecideSerializer, request)
        finding = finding_of(complaint)
        same = finding is not None and finding.company and finding.estate == said["estate"]
        if same and complaint.state != State.RECEIVED:
            # To decide it again would take the case from the firm that works on it.
            raise ValidationError(_("现在认定的就是这个小区"), code="same_estate")
        decisions.decide_estate(complaint, said["estate"], by=user, note=said["note"])
        return self._answer(complaint)

    @verb("确认或更正类别", tag=_TAG, body=CorrectSerializer, answer=ComplaintSerializer)
    def correct(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.CORRECT)
        said = read(CorrectSerializer, request)
        decisions.correct_reading(complaint, said["category"], by=user, danger=said["danger"])
        return self._answer(complaint)

    @verb("转办", tag=_TAG, body=TransferSerializer, answer=ComplaintSerializer)
    def transfer(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.TRANSFER)
        said = read(TransferSerializer, request)
        facts, note = {}, said["note"]
        if said["department"]:
            facts = {"department": said["department"]}
            note = str(_("转交%(department)s。%(note)s")) % said
        by = Actor("bureau", user)
        actions.move(complaint, Move.TRANSFER, by=by, note=note, data=facts)
        return self._answer(complaint)

    @verb("办结", tag=_TAG, body=ReasonSerializer, answer=ComplaintSerializer)
    def close(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.CLOSE)
        note = read(ReasonSerializer, request)["note"]
        actions.move(complaint, Move.CLOSE, by=Actor("bureau", user), note=note)
        return self._answer(complaint)

    @verb(
        "并入首件",
        tag=_TAG,
        body=JoinSerializer,
        answer=ComplaintSerializer,
        description="只并同一人反映的同一件事；首件须还在办理。",
    )
    def join(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.JOIN)
        first = self.get_queryset().filter(pk=read(JoinSerializer, request)["first"]).first()
        if first is None or first == complaint:
            raise serializers.ValidationError({"first": _("没有这样的另一件投诉")})
        first = first.joined_to or first
        if first.state not in OPEN:
            raise ValidationError(
                _("那一件现为“%(state)s”，只能并入还在办理的投诉"),
                code="first_has_ended",
                params={"state": first.get_state_display()},
            )
        duplicates.join(complaint, first, by=Actor("bureau", user))
        return self._answer(complaint)

    @verb("拆出另办", tag=_TAG, body=None, answer=ComplaintSerializer)
    def split(self, request: Request, pk: str) -> Response:
        complaint, user = self._ready(Act.SPLIT)
        decisions.split_off(complaint, by=user)
        return self._answer(complaint)

    @file_of("下载照片", tag=_TAG, path=r"pictures/(?P<picture>[0-9]{1,18})", kind=Jpeg)
    def picture(self, request: Request, pk: str, picture: str) -> HttpResponseBase:
        events = self.get_object().events.all()
        shown = [one for event in events for one in event.attachments.all()]
        return handed_out(shown, int(picture))


def _found(complaint: Complaint, code: str) -> Attribution:
    finding = finding_of(complaint)
    if finding is None:
        raise ValidationError(_("还没有认定归属"), code=code)
    return finding


def handed_out(shown: list[Attachment], key: int) -> HttpResponseBase:
    """One of the pictures that the asking person may see."""
    for picture in shown:
        if picture.pk == key:
            response = FileResponse(picture.file.open("rb"), content_type="image/jpeg")
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response
    raise Http404
