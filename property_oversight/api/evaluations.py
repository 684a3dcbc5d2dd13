"""Evaluations: what a community said, and saying it."""

from datetime import timedelta
from typing import Any, cast

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.workdays import quarter, today
from property_oversight.access.abilities import Act
from property_oversight.access.visibility import evaluations_visible_to
from property_oversight.api.base import LONGEST_CODE, CodeField, person, require
from property_oversight.api.schema import ProblemSerializer
from property_oversight.evaluations.actions import evaluate
from property_oversight.evaluations.models import Answer, Audience, Evaluation, Question, Round
from property_oversight.evaluations.queries import open_round, questions
from property_oversight.registry.models import Estate
from property_oversight.registry.queries import contract_on, current_estates

_TAG = "评价"
_LONGEST_COMMENT = 5000


class AnswerSerializer(serializers.ModelSerializer[Answer]):
    question = serializers.CharField(source="question.code", help_text="问题的代码")

    class Meta:
        model = Answer
        fields = ["question", "points"]


class EvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    round = serializers.CharField(source="round.code", help_text="轮次，即季度")
    estate_code = serializers.CharField(source="estate.code")
    company_code = serializers.CharField(source="company.code", allow_null=True)
    answers = AnswerSerializer(many=True)

    class Meta:
        model = Evaluation
        fields = ["id", "round", "audience", "estate_code", "company_code", "points", "answers",
                  "comment", "late", "said_at"]  # fmt: skip


class NewEvaluationSerializer(serializers.Serializer[Any]):
    estate = CodeField(queryset=current_estates(), help_text="本社区小区的编码")
    points = serializers.FloatField(
        min_value=0, max_value=100, required=False, help_text="总分；与 answers 二选一"
    )
    answers = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=100),
        required=False,
        help_text="各题得分，以问题的代码为键；须每题都有",
    )
    comment = serializers.CharField(
        max_length=_LONGEST_COMMENT, required=False, allow_blank=True, default=""
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("points" in attrs) == ("answers" in attrs):
            raise serializers.ValidationError(_("points 与 answers 须填其一"))
        return attrs

    def validate_answers(self, said: dict[str, int]) -> dict[Question, int]:
        asked = {question.code: question for question in questions()}
        unknown, missing = said.keys() - asked.keys(), asked.keys() - said.keys()
        if unknown or missing:
            words = _("没有这道题：%(unknown)s；还缺：%(missing)s") % {
                "unknown": "、".join(sorted(unknown)) or "—",
                "missing": "、".join(sorted(missing)) or "—",
            }
            raise serializers.ValidationError(words)
        return {asked[code]: points for code, points in said.items()}


class QuestionSerializer(serializers.ModelSerializer[Question]):
    class Meta:
        model = Question
        fields = ["code", "text", "points"]


class RoundSerializer(serializers.ModelSerializer[Round]):
    questions = serializers.SerializerMethodField()

    class Meta:
        model = Round
        fields = ["code", "opens_on", "closes_on", "questions"]

    def get_questions(self, _round: Round) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], QuestionSerializer(questions(), many=True).data)


class EvaluationFilter(django_filters.FilterSet):
    round = django_filters.CharFilter("round__code", label="轮次，如 2026Q3", max_length=20)
    estate = django_filters.CharFilter("estate__code", label="小区编码", max_length=LONGEST_CODE)
    company = django_filters.CharFilter("company__code", label="企业编码", max_length=LONGEST_CODE)

    class Meta:
        model = Evaluation
        fields = ["audience"]


@extend_schema_view(
    list=extend_schema(
        summary="看得见的评价",
        tags=[_TAG],
        description="主管部门看全部，社区看本社区小区的，企业看对自己的。",
    ),
    retrieve=extend_schema(summary="一份评价", tags=[_TAG]),
)
class EvaluationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Evaluation]
):
    serializer_class = EvaluationSerializer
    filterset_class = EvaluationFilter
    lookup_value_regex = r"[0-9]{1,18}"
    acts = {"create": Act.EVALUATE}
    acts_otherwise = Act.SEE_DESK

    def get_queryset(self) -> QuerySet[Evaluation]:
        seen = evaluations_visible_to(person(self.request))
        return seen.prefetch_related("answers__question")

    @extend_schema(
        summary="评价本社区的一个小区（当前轮次）",
        description="同一小区再评一次，以后一次为准，先前的留存。",
        tags=[_TAG],
        request=NewEvaluationSerializer,
        responses={201: EvaluationSerializer},
    )
    def create(self, request: Request) -> Response:
        form = NewEvaluationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        estate: Estate = said["estate"]
        user = require(request, Act.EVALUATE, estate)
        evaluation = evaluate(
            _round_for(estate),
            Audience.COMMUNITY,
            estate,
            evaluator=estate.community.code,
            on=today(),
            points=said.get("points"),
            answers=said.get("answers"),
            comment=said["comment"],
            by=user,
        )
        return Response(EvaluationSerializer(evaluation).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="当前轮次和要评的问题",
        description="没有开放的轮次时为 404。",
        tags=[_TAG],
        responses={200: RoundSerializer, (404, "application/problem+json"): ProblemSerializer},
        filters=False,
    )
    @action(detail=False, url_path="open-round", pagination_class=None)
    def open_round(self, request: Request) -> Response:
        now = open_round(today())
        if now is None:
            raise Http404
        return Response(RoundSerializer(now).data)


def _round_for(estate: Estate) -> Round:
    """The open round, if somebody serves `estate` whom to judge: after the quarter has ended, that
    is who served on its last day."""
    now = open_round(today())
    if now is None:
        raise ValidationError(_("现在没有开放的评价轮次"), code="no_open_round")
    if contract_on(estate, min(today(), quarter(now.code)[1] - timedelta(days=1))) is None:
        raise ValidationError(_("这个小区没有登记在册的物业合同，不用评价"), code="no_contract")
    return now
