"""The numbered feed for the petition office."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from property_oversight.access.abilities import Act
from property_oversight.api.base import BIGGEST_KEY, whole_number
from property_oversight.petition.payloads import envelope
from property_oversight.petition.queries import entries_after, head

MOST, USUAL = 1000, 100


class CloudEventSerializer(serializers.Serializer[Any]):
    specversion = serializers.CharField(help_text="1.0")
    id = serializers.UUIDField(help_text="事件号；重复收到的以此辨认")
    source = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField(help_text="事件类型，带版本，如 complaint.received.v1")
    subject = serializers.CharField()
    time = serializers.DateTimeField(help_text="发生时间")
    datacontenttype = serializers.CharField()
    sequence = serializers.CharField(help_text="序号，从 1 起，不跳号")
    data = serializers.DictField()  # type: ignore[assignment]


class EventPageSerializer(serializers.Serializer[Any]):
    events = CloudEventSerializer(many=True)
    next = serializers.IntegerField(help_text="下次请求的 after")
    has_more = serializers.BooleanField()
    head = serializers.IntegerField(help_text="最新一条的序号")


class PetitionEventsView(APIView):
    """What is entered stays where it is: a reader who keeps `next` misses nothing."""

    acts = {"get": Act.READ_FEED}

    @extend_schema(
        operation_id="petition_events",
        summary="信访事件流",
        description="按序号从小到大；保存好 next，下次从那里接着取，不会漏，也不会重。",
        tags=["信访"],
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": BIGGEST_KEY, "default": 0},
                description="只要序号大于此数的，默认 0",
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
                description=f"条数，1 到 {MOST}，默认 {USUAL}",
            ),
        ],
        responses={200: EventPageSerializer},
    )
    def get(self, request: Request) -> Response:
        after = whole_number(request, "after", 0, least=0, most=BIGGEST_KEY)
        limit = whole_number(request, "limit", USUAL, least=1, most=MOST)
        newest = head()
        events = [envelope(entry) for entry in entries_after(after, limit)]
        following = int(events[-1]["sequence"]) if events else after
        return Response(
            {
                "events": events,
                "next": following,
                "has_more": following < newest,
                "head": newest,
            }
        )
