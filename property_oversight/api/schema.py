"""What the OpenAPI document says of every operation: how to sign in, how errors look."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, inline_serializer
from rest_framework import serializers, status

from property_oversight.api.base import TITLES, ApiKeyAuthentication


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


class ProblemSerializer(serializers.Serializer[Any]):
    """What every error looks like: application/problem+json."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = inline_serializer(  # type: ignore[assignment]
        "ProblemError",
        {
            "pointer": serializers.CharField(help_text="出错字段的 JSON 指针"),
            "detail": serializers.CharField(),
            "code": serializers.CharField(),
        },
        many=True,
        required=False,
    )


class Schema(AutoSchema):
    """Every operation can answer with a problem; which ones is said once, here."""

    def get_response_serializers(self) -> Any:
        said: Any = super().get_response_serializers()
        answers: dict[Any, Any] = said if isinstance(said, dict) else {self._success_status(): said}
        documented = {int(str(key).split(",")[0].strip("('\" ")): key for key in answers}
        for number in (400, 401, 403, 404, 409, 415, 429):
            if number not in documented:
                answers[(str(number), "application/problem+json")] = OpenApiResponse(
                    ProblemSerializer, description=TITLES[number]
                )
        return answers

    def _success_status(self) -> str:
        return str(status.HTTP_201_CREATED if self.method == "POST" else status.HTTP_200_OK)
