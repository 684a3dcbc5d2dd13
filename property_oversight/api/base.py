"""What every resource shares: keys, permission, throttles, errors, paging, what may be read.

The settings name what stands here, so nothing here may import rest_framework.views.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db.models import IntegerField, Model, QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework import exceptions, pagination, permissions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.utils.urls import replace_query_param

from complaints.workdays import today
from property_oversight.access.abilities import Act, may
from property_oversight.access.visibility import Person
from property_oversight.accounts.models import ApiKey, User
from property_oversight.accounts.queries import key_with

if TYPE_CHECKING:
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=Model)

BIGGEST_KEY = 2**63 - 1
LONGEST_CODE = 40
MOST_PICTURES = 3
EARLIEST = date(2000, 1, 1)
"""The register, the quarters and the calendar know no day before it."""
LAST_YEAR = 2999


# Who asks, and what he may ----------------------------------------------------------------------


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key …`: the request is made by the user whom the key belongs to."""

    keyword = "Api-Key"

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _space, secret = header.partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        key = key_with(secret.strip())
        if key is None or not key.user.is_active:
            raise exceptions.AuthenticationFailed(_("密钥无效、已撤销或已过期"), code="bad_key")
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
        raise PermissionDenied(_("没有权限这样做"))
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


# How often --------------------------------------------------------------------------------------


class _PerAddress(SimpleRateThrottle):
    """Counts by address, and keeps no address. A cache that is away stops nobody."""

    def get_rate(self) -> str:
        return str(api_settings.DEFAULT_THROTTLE_RATES[self.scope or ""])

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        address = str(self.get_ident(request))
        fingerprint = hashlib.sha256(address.encode()).hexdigest()[:32]
        return self.cache_format % {"scope": self.scope, "ident": fingerprint}

    def allow_request(self, request: Request, view: "APIView") -> bool:
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError):
            logger.exception("throttle %s cannot count", self.scope)
            return True


class FilingThrottle(_PerAddress):
    """Complaints and supplements; an office with a key files as many as it has."""

    scope = "file"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        return request.user.is_authenticated or super().allow_request(request, view)


class GuessThrottle(_PerAddress):
    """Wrong tracking codes. The codes cannot be guessed anyway; this keeps the noise down."""

    scope = "guess"

    def throttle_success(self) -> bool:
        return True  # asking is free; only what `count` was told of counts

    def count(self, request: Request, view: "APIView") -> None:
        """One more wrong code."""
        try:
            if SimpleRateThrottle.allow_request(self, request, view):
                super().throttle_success()
        except (RedisError, OSError):
            logger.exception("throttle %s cannot count", self.scope)


# What comes in ----------------------------------------------------------------------------------


class JsonParser(JSONParser):
    """Refuses what is too large before it is read, and what is nested too deep to be meant."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "")
        if length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError from error


class CodeField(serializers.SlugRelatedField[Any]):
    """A row by its code. What the database would choke on is no code."""

    default_error_messages = {"does_not_exist": _("没有编码为“{value}”的登记")}

    def __init__(self, **more: Any) -> None:
        super().__init__(slug_field="code", **more)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or "\x00" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


class MomentField(serializers.DateTimeField):
    """A moment that every zone and every database can hold."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")
        if not EARLIEST.year <= moment.year <= LAST_YEAR:
            self.fail("overflow")
        return moment


class PictureField(serializers.FileField):
    """The bytes of a picture; whether it is one is found out when it is stored."""

    default_error_messages = {"too_large": _("图片“{name}”太大，每张不超过 {most} 兆")}

    def to_internal_value(self, data: Any) -> Any:
        file: Any = super().to_internal_value(data)
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            most = settings.UPLOAD_LIMIT_BYTES // (1024 * 1024)
            self.fail("too_large", name=file.name, most=most)
        return file.read()


def pictures_field() -> "serializers.ListField":
    """Pictures that go with what is said (multipart/form-data)."""
    return serializers.ListField(
        child=PictureField(),
        max_length=MOST_PICTURES,
        required=False,
        default=list,
        help_text=f"照片，最多 {MOST_PICTURES} 张；须以 multipart/form-data 提交",
    )


def a_past_day(day: date) -> None:
    """Refuses days that have not come, and those before there were any records."""
    if not EARLIEST <= day <= today():
        raise serializers.ValidationError(_("应在 2000 年以后，且不晚于今天"), code="out_of_range")


# Errors (RFC 9457) ------------------------------------------------------------------------------


TITLES: dict[int, str | Promise] = {
    400: _("请求有误"),
    401: _("需要身份"),
    403: _("没有权限"),
    404: _("没有找到"),
    405: _("方法不被允许"),
    406: _("无法按要求的格式答复"),
    409: _("与现状冲突"),
    413: _("内容过大"),
    415: _("不支持的内容格式"),
    429: _("请求过于频繁"),
}
_CONFLICTS = {"illegal_move", "superseded", "already_published", "already_contested",
              "already_upheld", "already_ended", "not_contested", "nothing_to_contest",
              "nothing_to_urge", "urged_today", "not_open", "same_estate",
              "first_has_ended", "no_open_round", "no_contract"}  # fmt: skip
_ORDINARY: dict[type[Exception], tuple[int, str, str | Promise]] = {
    Http404: (404, "not_found", _("没有找到，或者您无权知道它是否存在")),
    RequestDataTooBig: (413, "too_large", _("提交的内容太大")),
    SuspiciousOperation: (400, "bad_request", _("请求无法识别")),
    exceptions.ParseError: (400, "parse_error", _("请求内容无法解析，请检查格式")),
}


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every expected error as a problem document; the unexpected are left to be a 500."""
    told = _told(error)
    if told is None:
        return None
    from rest_framework.views import set_rollback

    set_rollback()
    status, code, detail, errors = told
    body: dict[str, Any] = {
        "type": f"urn:property-oversight:problem:{code}",
        "title": TITLES.get(status, _("出错")),
        "status": status,
        "detail": _writable(detail),
        "code": code,
    }
    if errors:
        body["errors"] = [{name: _writable(words) for name, words in one.items()} for one in errors]
    response = Response(body, status=status, headers=_headers(error))
    response.content_type = "application/problem+json"
    # Whatever was asked for (the schema is YAML): a problem is JSON.
    if context.get("request") is not None:
        context["request"].accepted_renderer = JSONRenderer()
        context["request"].accepted_media_type = "application/json"
    return response


_Told = tuple[int, str, "str | Promise", list[dict[str, str]]]


def _told(error: Exception) -> _Told | None:
    """Status, code, words, and what is wrong where."""
    for kind, (status, code, words) in _ORDINARY.items():
        if isinstance(error, kind):
            return status, code, words, []
    if isinstance(error, PermissionDenied):
        return 403, "forbidden", str(error) or _("没有权限这样做"), []
    if isinstance(error, ValidationError):
        code = getattr(error, "code", None) or "invalid"
        errors = _by_field(error) if hasattr(error, "error_dict") else []
        return (409 if code in _CONFLICTS else 400), code, "；".join(error.messages), errors
    if isinstance(error, exceptions.ValidationError):
        errors = list(_pointed(error.get_full_details(), ""))
        return 400, "invalid", "；".join(one["detail"] for one in errors), errors
    if isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else "invalid"
        words = str(error.detail)
        if words.startswith("CSRF Failed"):
            code, words = "csrf_failed", _("用网页登录的身份提交须带 CSRF 令牌；机器请用密钥")
        return error.status_code, code, words, []
    return None


def _writable(words: str | Promise) -> str:
    """What was said wrongly is often repeated to who said it; half a character cannot be."""
    return str(words).encode("utf-8", "replace").decode()


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(auth_header)
    return headers


def _by_field(error: ValidationError) -> list[dict[str, str]]:
    """The errors of a model's fields, each with its place."""
    return [
        {"pointer": f"/{name}", "detail": " ".join(one.messages), "code": one.code or "invalid"}
        for name, errors in error.error_dict.items()
        for one in errors
    ]


def _pointed(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """DRF's nested details as a flat list of JSON pointers."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"}:
        yield {"pointer": pointer, "detail": str(details["message"]), "code": str(details["code"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else f"/{escaped}"
            yield from _pointed(inner, pointer + own)
    elif isinstance(details, Sequence):
        for inner in details:
            yield from _pointed(inner, pointer)


# Paging -----------------------------------------------------------------------------------------


def whole_number(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    """A query parameter, a whole number in [least, most]; absent or empty: `default`."""
    said = request.query_params.get(name, "")
    if not said:
        return default
    plain = said.isascii() and said.isdigit() and len(said) <= len(str(BIGGEST_KEY))
    if not plain or not least <= int(said) <= most:
        raise exceptions.ValidationError(
            {name: _("应为 %(least)d 到 %(most)d 的整数") % {"least": least, "most": most}}
        )
    return int(said)


class KeyPagination(pagination.BasePagination):
    """Pages in the order of the primary key, so that no row is shown twice or skipped whatever
    comes in meanwhile. `after` is the key of the last row of the page before."""

    most = 200
    usual = 50

    def paginate_queryset(
        self, queryset: Any, request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        self.limit = whole_number(request, "limit", self.usual, least=1, most=self.most)
        rows = queryset.order_by("pk")
        after = self._after(request, queryset.model)
        if after is not None:
            rows = rows.filter(pk__gt=after)
        self.page = list(rows[: self.limit + 1])
        self.url = request.build_absolute_uri()
        return self.page[: self.limit]

    @staticmethod
    def _after(request: Request, model: type[Model]) -> int | str | None:
        """The key as the model's keys are; None at the start."""
        if isinstance(model._meta.pk, IntegerField):
            return whole_number(request, "after", 0, least=0, most=BIGGEST_KEY) or None
        said = request.query_params.get("after", "")
        if "\x00" in said:
            raise exceptions.ValidationError({"after": _("含有无法识别的字符")})
        return said or None

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if len(self.page) > self.limit:
            following = replace_query_param(self.url, "after", self.page[self.limit - 1].pk)
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "下一页的地址；没有下一页时为 null",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        model: type[Model] = view.serializer_class.Meta.model  # type: ignore[attr-defined]
        key = "integer" if isinstance(model._meta.pk, IntegerField) else "string"
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": f"每页条数，默认 {self.usual}",
                "schema": {"type": "integer", "minimum": 1, "maximum": self.most},
            },
            {
                "name": "after",
                "in": "query",
                "required": False,
                "description": "接在主键为此值的一行之后（取自上一页的 next）",
                "schema": {"type": key},
            },
        ]
