"""What every resource shares: keys, permission, errors, paging.

The settings name what stands here, so nothing here may import rest_framework.views.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework import exceptions, pagination, permissions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.utils.urls import replace_query_param

from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import Person
from property_oversight.accounts.models import ApiKey, User
from property_oversight.accounts.queries import key_with

if TYPE_CHECKING:
    from rest_framework.views import APIView

M = TypeVar("M", bound=Model)

BIGGEST_KEY = 2**63 - 1
_CONFLICTS = {"illegal_move", "superseded", "already_published", "already_contested",
              "already_upheld", "not_contested", "already_ended"}  # fmt: skip


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key …`: the request is made by the user whom the key belongs to."""

    keyword = "Api-Key"

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        key = key_with(secret.strip())
        if key is None or not key.user.is_active:
            raise exceptions.AuthenticationFailed("密钥无效、已撤销或已过期", code="bad_key")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class MayAct(permissions.BasePermission):
    """Asks the ability table. A view names its act for each method or action in `acts`, or one
    for all the others in `acts_otherwise`; where there is none the view is open to everybody, and
    its rows are the business of visibility."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        acts: Mapping[str, Act] = getattr(view, "acts", {})
        name = getattr(view, "action", None) or (request.method or "").lower()
        act = acts.get(name, getattr(view, "acts_otherwise", None))
        return act is None or may(person(request), act)


def person(request: Request) -> Person:
    """Who asks."""
    return request.user


def require(request: Request, act: Act, obj: Any) -> User:
    """The asking user, if the table lets him do `act` to `obj`. Raises PermissionDenied."""
    if not may(person(request), act, obj):
        raise PermissionDenied("没有权限这样做")
    return cast(User, request.user)


def one_of(rows: QuerySet[M], **where: Any) -> M:
    """The row that fits, or 404: to a stranger it does not exist."""
    for value in where.values():
        if "\x00" in str(value) or (isinstance(value, int) and abs(value) > BIGGEST_KEY):
            raise Http404
    row = rows.filter(**where).first()
    if row is None:
        raise Http404
    return row


class FilingThrottle(ScopedRateThrottle):
    """Complaints per address; an office with a key files as many as it has."""

    scope = "file"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.method != "POST" or request.user.is_authenticated:
            return True
        self.rate = str(api_settings.DEFAULT_THROTTLE_RATES[self.scope])
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return super(ScopedRateThrottle, self).allow_request(request, view)

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


# Errors (RFC 9457) --------------------------------------------------------------------------------


TITLES = {
    400: "请求有误",
    401: "需要身份",
    403: "没有权限",
    404: "没有找到",
    405: "方法不被允许",
    406: "无法按要求的格式答复",
    409: "与现状冲突",
    413: "内容过大",
    415: "不支持的内容格式",
    429: "请求过于频繁",
}


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every expected error as a problem document; the unexpected are left to be a 500."""
    headers: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    if isinstance(error, Http404):
        code, number, detail = "not_found", 404, "没有找到，或者您无权知道它是否存在"
    elif isinstance(error, PermissionDenied):
        code, number, detail = "forbidden", 403, str(error) or "没有权限这样做"
    elif isinstance(error, ValidationError):
        code = getattr(error, "code", None) or "invalid"
        number = 409 if code in _CONFLICTS else 400
        detail = "；".join(error.messages)
    elif isinstance(error, exceptions.ValidationError):
        code, number = "invalid", 400
        errors = list(_pointed(error.get_full_details(), ""))
        detail = "；".join(one["detail"] for one in errors)
    elif isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else "invalid"
        number, detail = error.status_code, str(error.detail)
        wait = getattr(error, "wait", None)
        if wait:
            headers["Retry-After"] = str(int(wait) + 1)
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    else:
        return None
    from rest_framework.views import set_rollback

    set_rollback()
    body = {
        "type": f"urn:property-oversight:problem:{code}",
        "title": TITLES.get(number, "出错"),
        "status": number,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    response = Response(body, status=number, headers=headers)
    response.content_type = "application/problem+json"
    return response


def _pointed(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """DRF's nested details as a flat list of JSON pointers."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"}:
        yield {"pointer": pointer, "detail": str(details["message"]), "code": str(details["code"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else f"/{name}"
            yield from _pointed(inner, pointer + own)
    elif isinstance(details, Sequence):
        for inner in details:
            yield from _pointed(inner, pointer)


# Paging -------------------------------------------------------------------------------------------


def whole_number(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    """A query parameter, a whole number in [least, most]; absent or empty: `default`."""
    said = request.query_params.get(name, "")
    if not said:
        return default
    if not said.isascii() or not said.isdigit() or not least <= int(said[:25]) <= most:
        raise exceptions.ValidationError({name: f"应为 {least} 到 {most} 的整数"})
    return int(said)


class KeyPagination(pagination.BasePagination):
    """Pages by primary key, newest first, so that no row is shown twice or skipped whatever comes
    in meanwhile. `before` is the smallest key of the page before."""

    most = 200
    usual = 50

    def paginate_queryset(
        self, queryset: Any, request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        self.limit = whole_number(request, "limit", self.usual, least=1, most=self.most)
        before = whole_number(request, "before", 0, least=0, most=BIGGEST_KEY)
        rows = queryset.order_by("-pk")
        if before:
            rows = rows.filter(pk__lt=before)
        self.page = list(rows[: self.limit + 1])
        self.url = request.build_absolute_uri()
        return self.page[: self.limit]

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if len(self.page) > self.limit:
            following = replace_query_param(self.url, "before", self.page[self.limit - 1].pk)
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": "每页条数",
                "schema": {"type": "integer", "minimum": 1, "maximum": self.most},
            },
            {
                "name": "before",
                "in": "query",
                "required": False,
                "description": "只要主键小于此数的（取自上一页的 next）",
                "schema": {"type": "integer", "minimum": 0, "maximum": BIGGEST_KEY},
            },
        ]
