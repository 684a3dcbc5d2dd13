"""Asking as a machine does; every answer is held against the OpenAPI document."""

import json
import re
from functools import cache
from urllib.parse import unquote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from property_oversight.accounts.actions import issue_key
from tests.complaints.pictures import picture

UNDOCUMENTED = {405, 301}
"""What any address may answer to a method or a name that it does not have."""


def call(client: Client, verb: str, path: str, user=None, *, accept: str | None = None, **body):
    """Ask with the key of `user`, in JSON."""
    headers = {"Authorization": f"Api-Key {issue_key(user, 'test')}"} if user else {}
    if accept:
        headers["Accept"] = accept
    more = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
    answer = getattr(client, verb)(f"/api/v1/{path}", headers=headers, **more)
    hold_against_document(answer, verb, f"/api/v1/{path}")
    return answer


def send(client: Client, path: str, user=None, **form):
    """Ask with files, as a form does."""
    headers = {"Authorization": f"Api-Key {issue_key(user, 'test')}"} if user else {}
    answer = client.post(f"/api/v1/{path}", data=form, headers=headers)
    hold_against_document(answer, "post", f"/api/v1/{path}")
    return answer


def a_picture(name: str = "lift.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(), content_type="image/jpeg")


def contents_of(answer) -> bytes:
    """The file that was handed out."""
    assert answer.status_code == 200
    # Reading to the end closes the file; close() would take the test's connection with it.
    return b"".join(answer.streaming_content)


def queries_of(client: Client, path: str, user) -> int:
    """How many questions to the database an answer took; the answer must have rows."""
    from django.db import connection

    secret = issue_key(user, "counting")
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(f"/api/v1/{path}", headers={"Authorization": f"Api-Key {secret}"})
    assert answer.status_code == 200
    page = answer.json()
    assert page.get("results") or page.get("events")
    return len(seen)


@cache
def document() -> dict:
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True)))


@cache
def _addresses() -> list[tuple[re.Pattern, str]]:
    """Paths of the document as patterns, the most particular first."""
    paths = sorted(document()["paths"], key=lambda path: (path.count("{"), -len(path)))
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path.rstrip("/"))) + "/?$"), path)
        for path in paths
    ]


def operation_of(verb: str, path: str) -> dict | None:
    plain = unquote(path.partition("?")[0])
    hit = next((known for pattern, known in _addresses() if pattern.match(plain)), None)
    return document()["paths"][hit].get(verb) if hit else None


def hold_against_document(answer, verb: str, path: str) -> None:
    """The document says that this may be answered, and that it looks like this."""
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code >= 400:
        assert kind == "application/problem+json", (answer.status_code, kind)
        held({"$ref": "#/components/schemas/Problem"}, answer.json())
        assert answer.json()["status"] == answer.status_code
    operation = operation_of(verb, path)
    if operation is None or answer.status_code in UNDOCUMENTED:
        return
    said = operation["responses"].get(str(answer.status_code))
    assert said, f"{verb} {path} answers {answer.status_code}, of which the document knows nothing"
    assert kind in said["content"], f"{verb} {path} answers {kind}"
    if kind.endswith("json"):
        held(said["content"][kind]["schema"], answer.json())


def held(schema: dict, value) -> None:
    Draft202012Validator(schema | {"components": document()["components"]}).validate(value)
