"""One's own complaint: who holds the tracking code follows it and says how it ended."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from complaints import actions, privacy
from complaints.actions import LONGEST_TEXT, RESIDENT
from complaints.models import Attachment, Complaint, ComplaintEvent
from property_oversight.access.abilities import RESIDENT_MOVES, Act, may_resident
from property_oversight.access.visibility import complaint_by_tracking_code, finding_of
from property_oversight.api.base import FilingThrottle, GuessThrottle, one_of, pictures_field
from property_oversight.api.complaints import (
    OFFICES,
    ClockSerializer,
    FindingSerializer,
    handed_out,
    read,
)
from property_oversight.api.schema import Jpeg, file_of, verb
from property_oversight.casework import follow_up

_TAG = "我的投诉"
_LONGEST_REASON = 2000
# Steps of the house's own work, which tell a resident nothing.
_INTERNAL = {
    "complaint.read",
    "complaint.corrected",
    "complaint.set_apart",
    "complaint.brought_together",
}
# Whose words are meant for the resident; a note on another event is between offices.
_SPOKEN = {
    "complaint.answered",
    "complaint.answer_recorded",
    "complaint.closed",
    "complaint.closure_recorded",
    "complaint.transferred",
    "complaint.verified",
    "complaint.supplemented",
    "complaint.returned",
    "complaint.reopened",
}


class OwnEventSerializer(serializers.ModelSerializer[ComplaintEvent]):
    """What happened. Of another complaint (`context["own"]` is false) only the offices' words are
    shown: that it is the same person's is what two telephone numbers say, no more."""

    note = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField(help_text="照片的 id，凭此下载")

    class Meta:
        model = ComplaintEvent
        fields = ["kind", "at", "actor", "note", "pictures"]

    def get_note(self, event: ComplaintEvent) -> str:
        # The words of a complaint that was joined are those of whoever filed that one.
        readable = event.kind in _SPOKEN and "joined" not in event.data
        if not readable or not (self.context["own"] or event.actor in OFFICES):
            return ""
        return _without_person(event)

    def get_pictures(self, event: ComplaintEvent) -> list[int]:
        return [picture.pk for picture in shown_of(event, own=self.context["own"])]


def shown_of(event: ComplaintEvent, *, own: bool) -> list[Attachment]:
    # Pictures of a complaint that was joined are those of whoever filed that one.
    readable = "joined" not in event.data and (own or event.actor in OFFICES)
    return list(event.attachments.all()) if readable else []


def _without_person(event: ComplaintEvent) -> str:
    """A note without the resident's name and numbers; a firm's own telephone stays."""
    complaint = event.complaint
    if event.actor not in OFFICES:
        return privacy.masked(event.note, [complaint.reporter_name, complaint.reporter_phone])
    text = event.note
    for word in (complaint.reporter_phone, complaint.reporter_name):
        if len(word) > 1:
            text = text.replace(word, "＊＊＊")
    return text


class ProgressSerializer(serializers.ModelSerializer[Complaint]):
    """How far a complaint is."""

    category = serializers.CharField(source="category.name", allow_null=True, help_text="类别名称")
    finding = serializers.SerializerMethodField(help_text="归属认定；还没有时为 null")
    clocks = ClockSerializer(many=True, help_text="时限")
    events = serializers.SerializerMethodField(help_text="经过")
    own = False

    class Meta:
        model = Complaint
        fields = ["category", "state", "answered_at", "closed_at", "resolved", "satisfied",
                  "finding", "clocks", "events"]  # fmt: skip

    @extend_schema_field(FindingSerializer(allow_null=True))
    def get_finding(self, complaint: Complaint) -> Any:
        finding = finding_of(complaint)
        return FindingSerializer(finding).data if finding else None

    @extend_schema_field(OwnEventSerializer(many=True))
    def get_events(self, complaint: Complaint) -> Any:
        shown = [event for event in complaint.events.all() if event.kind not in _INTERNAL]
        return OwnEventSerializer(shown, many=True, context={"own": self.own}).data


class OwnComplaintSerializer(ProgressSerializer):
    """What who holds the tracking code sees: no name, no phone, for codes get lost."""

    title = serializers.SerializerMethodField(help_text="隐去个人信息")
    text = serializers.SerializerMethodField(help_text="隐去个人信息")
    first = serializers.SerializerMethodField(
        help_text="先前反映的同一件事：已并入的，进度看这里；没有并入的为 null"
    )
    own = True

    class Meta(ProgressSerializer.Meta):
        fields = ["tracking_code", "channel", "received_at", "occurred_on", "title", "text",
                  "danger", *ProgressSerializer.Meta.fields, "first"]  # fmt: skip

    def get_title(self, complaint: Complaint) -> str:
        return privacy.masked(complaint.title, [complaint.reporter_name])

    def get_text(self, complaint: Complaint) -> str:
        return privacy.masked(complaint.text, [complaint.reporter_name])

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_first(self, complaint: Complaint) -> Any:
        first = _first(complaint)
        return ProgressSerializer(first).data if first != complaint else None


def _first(complaint: Complaint) -> Complaint:
    """What a repeat was joined to, and what that was joined to."""
    seen = {complaint.pk}
    while complaint.joined_to is not None and complaint.joined_to.pk not in seen:
        seen.add(complaint.joined_to.pk)
        complaint = one_of(complaint_by_tracking_code(complaint.joined_to.tracking_code))
    return complaint


class ConfirmSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(
        max_length=_LONGEST_REASON, required=False, allow_blank=True, default=""
    )
    satisfied = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="满意吗；不填则不算"
    )


class UnmendedSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=_LONGEST_REASON, help_text="哪里没有解决")


class SupplementSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=LONGEST_TEXT, help_text="要补充的内容")
    pictures = pictures_field()


class WithdrawSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(
        max_length=_LONGEST_REASON, required=False, allow_blank=True, default=""
    )


@extend_schema_view(
    retrieve=extend_schema(
        summary="凭查询码查进度",
        description="不需要密钥。不含姓名、电话。查错的次数太多会被暂时拒绝。",
        tags=[_TAG],
    )
)
@method_decorator(never_cache, name="dispatch")
class OwnComplaintViewSet(mixins.RetrieveModelMixin, viewsets.GenericViewSet[Complaint]):
    """The code is the key: no account is needed."""

    serializer_class = OwnComplaintSerializer
    permission_classes = [AllowAny]
    lookup_field = "code"
    lookup_value_regex = r"[^/]{1,80}"

    def get_throttles(self) -> Any:
        filing = [FilingThrottle()] if self.action == "supplement" else []
        return [GuessThrottle(), *filing]

    def get_object(self) -> Complaint:
        try:
            return one_of(complaint_by_tracking_code(_tidy(self.kwargs["code"])))
        except Http404:
            GuessThrottle().count(self.request, self)
            raise

    def _ready(self, act: Act) -> Complaint:
        """The row, if the table lets who holds its code do `act`."""
        if not may_resident(act):
            raise PermissionDenied
        return self.get_object()

    def _answer(self, complaint: Complaint) -> Response:
        now = one_of(complaint_by_tracking_code(complaint.tracking_code))
        return Response(OwnComplaintSerializer(now).data)

    def _moved(self, complaint: Complaint, act: Act, **outcome: Any) -> Response:
        actions.move(complaint, RESIDENT_MOVES[act], by=RESIDENT, **outcome)
        return self._answer(complaint)

    @verb(
        "催办",
        tag=_TAG,
        body=None,
        answer=OwnComplaintSerializer,
        description="一个工作日一次。",
    )
    def urge(self, request: Request, code: str) -> Response:
        complaint = self._ready(Act.URGE)
        follow_up.urge(complaint)
        return self._answer(complaint)

    @verb("补充", tag=_TAG, body=SupplementSerializer, answer=OwnComplaintSerializer)
    def supplement(self, request: Request, code: str) -> Response:
        complaint = self._ready(Act.SUPPLEMENT)
        said = read(SupplementSerializer, request)
        follow_up.supplement(complaint, said["note"], said["pictures"])
        return self._answer(complaint)

    @verb("确认已解决", tag=_TAG, body=ConfirmSerializer, answer=OwnComplaintSerializer)
    def confirm(self, request: Request, code: str) -> Response:
        complaint = self._ready(Act.CONFIRM)
        said = read(ConfirmSerializer, request)
        return self._moved(complaint, Act.CONFIRM, resolved=True, **said)

    @verb("没有解决，退回重办", tag=_TAG, body=UnmendedSerializer, answer=OwnComplaintSerializer)
    def redo(self, request: Request, code: str) -> Response:
        complaint = self._ready(Act.REDO)
        note = read(UnmendedSerializer, request)["note"]
        return self._moved(complaint, Act.REDO, note=note, resolved=False, satisfied=False)

    @verb("办结后恢复办理", tag=_TAG, body=UnmendedSerializer, answer=OwnComplaintSerializer)
    def reopen(self, request: Request, code: str) -> Response:
        complaint = self._ready(Act.REOPEN)
        follow_up.reopen(complaint, read(UnmendedSerializer, request)["note"])
        return self._answer(complaint)

    @verb(
        "撤回",
        tag=_TAG,
        body=WithdrawSerializer,
        answer=OwnComplaintSerializer,
        description="撤回后不再办理，也不能恢复。",
    )
    def withdraw(self, request: Request, code: str) -> Response:
        complaint = self._ready(Act.WITHDRAW)
        note = read(WithdrawSerializer, request)["note"]
        return self._moved(complaint, Act.WITHDRAW, note=note)

    @file_of("下载照片", tag=_TAG, path=r"pictures/(?P<picture>[0-9]{1,18})", kind=Jpeg)
    def picture(self, request: Request, code: str, picture: str) -> HttpResponseBase:
        complaint = self.get_object()
        first = _first(complaint)
        shown = [one for event in complaint.events.all() for one in shown_of(event, own=True)]
        if first != complaint:
            shown += [one for event in first.events.all() for one in shown_of(event, own=False)]
        return handed_out(shown, int(picture))


def _tidy(code: str) -> str:
    """A code as people type it: small letters, full width, spaces, hyphens."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", code).upper())
