"""What the OpenAPI document says of every operation: its name, how to sign in, how errors look."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer

from property_oversight.api.base import TITLES, ApiKeyAuthentication

Handler = TypeVar("Handler", bound=Callable[..., Any])
Form = type[serializers.Serializer[Any]]


def verb(
    summary: str,
    *,
    tag: str,
    body: Form | None,
    answer: Form,
    description: str = "",
    path: str | None = None,
) -> Callable[[Handler], Handler]:
    """An act on one row, `POST …/<row>/<verb>/`, and what the document says of it."""

    def decorate(handler: Handler) -> Handler:
        documented = extend_schema(
            summary=summary,
            description=description,
            tags=[tag],
            request=body,
            responses={200: answer},
        )
        acting: Any = action(detail=True, methods=["post"], url_path=path)
        return documented(acting(handler))

    return decorate


class _File(BaseRenderer):
    """Lets a client ask for the kind of file that the view hands out by itself."""

    charset = None
    render_style = "binary"

    def render(self, data: Any, *_more: Any) -> Any:
        return data


class Jpeg(_File):
    media_type = "image/jpeg"
    format = "jpg"


class Docx(_File):
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    format = "docx"


def file_of(
    summary: str, *, tag: str, path: str, kind: type[_File]
) -> Callable[[Handler], Handler]:
    """A file that belongs to one row, `GET …/<row>/<path>/`."""

    def decorate(handler: Handler) -> Handler:
        documented = extend_schema(
            summary=summary,
            tags=[tag],
            parameters=[OpenApiParameter("format", exclude=True)],
            responses={(200, kind.media_type): OpenApiTypes.BINARY},
        )
        getting: Any = action(
            detail=True, methods=["get"], url_path=path, renderer_classes=[kind, JSONRenderer]
        )
        return documented(getting(handler))

    return decorate


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the key."""

    target_class = ApiKeyAuthentication
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Authorization: Api-Key <密钥>",
        }


@extend_schema_serializer(description="所有出错的答复（RFC 9457，application/problem+json）")
class ProblemSerializer(serializers.Serializer[Any]):
    """What every error looks like."""

    type = serializers.CharField(help_text="问题种类的标识")
    title = serializers.CharField(help_text="状态码的含义")
    status = serializers.IntegerField(help_text="HTTP 状态码")
    detail = serializers.CharField(help_text="这一次错在哪里")
    code = serializers.CharField(help_text="供程序判断的代码")
    errors = inline_serializer(  # type: ignore[assignment]
        "ProblemError",
        {
            "pointer": serializers.CharField(help_text="出错字段的 JSON 指针，或参数名"),
            "detail": serializers.CharField(),
            "code": serializers.CharField(),
        },
        many=True,
        required=False,
    )


class Schema(AutoSchema):
    """Names every operation for its resource and verb, and says which problems it may answer."""

    def get_operation_id(self) -> str:
        basename = str(getattr(self.view, "basename", "")).replace("-", "_")
        return f"{basename}_{getattr(self.view, 'action', None) or self.method.lower()}"

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        described: Any = self._get_response_for_code
        for number in self._problems():
            response = OpenApiResponse(ProblemSerializer, description=str(TITLES[number]))
            answers.setdefault(
                str(number),
                described(response, str(number), ["application/problem+json"], direction),
            )
        return answers

    def _problems(self) -> list[int]:
        """400 also for what cannot be read at all, 404 also for the unseen, 401 also for a bad
        key where none is needed."""
        numbers = {400, 401, 406}
        if not any(isinstance(one, AllowAny) for one in self.view.get_permissions()):
            numbers.add(403)
        if "{" in self.path:
            numbers.add(404)
        if self.method == "POST":
            numbers |= {403, 409, 413, 415}
        if self.view.get_throttles():
            numbers.add(429)
        return sorted(numbers)
