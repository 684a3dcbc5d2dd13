"""The OpenAPI document: served, in Chinese, complete; and nothing that fits in it makes a 500."""

import json
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import yaml
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from property_oversight.access.abilities import Act
from property_oversight.accounts.actions import issue_key
from property_oversight.casework.decisions import reckon
from property_oversight.evaluations.actions import open_quarter
from property_oversight.talks import actions as talks
from tests.api.calling import document, operation_of
from tests.factories import make_talk, moment

CHINESE = re.compile("[\u4e00-\u9fff]")


def operations() -> Iterator[tuple[str, str, dict]]:
    for path, verbs in document()["paths"].items():
        for verb, operation in verbs.items():
            yield verb, path, operation


def test_the_document_has_no_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", tmp_path / "x.yaml")


@pytest.mark.parametrize(
    ("path", "headers", "read"),
    [
        ("schema", {}, yaml.safe_load),
        ("schema/", {"Accept": "application/yaml"}, yaml.safe_load),
        ("schema?format=json", {}, json.loads),
        ("schema", {"Accept": "application/json"}, json.loads),
    ],
)
def test_it_is_served_as_yaml_and_as_json(client, db, path, headers, read):
    answer = client.get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == 200
    served = read(answer.content)
    assert served["openapi"] == "3.1.0"
    assert served["paths"].keys() == document()["paths"].keys()


def test_a_problem_with_the_document_is_json_all_the_same(client, db):
    answer = client.post("/api/v1/schema")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"


def test_the_addresses_of_the_contract_are_in_it():
    assert "/api/v1/petition/events" in document()["paths"]
    assert "/api/v1/complaints/" in document()["paths"]


def test_every_operation_is_named_and_explained_in_chinese():
    names = [operation["operationId"] for _verb, _path, operation in operations()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)
    tags = {tag["name"] for tag in document()["tags"]}
    for verb, path, operation in operations():
        assert CHINESE.search(operation["summary"]), (verb, path)
        assert set(operation["tags"]) <= tags


def test_no_english_is_left_for_people_to_read():
    def words(part, name="") -> Iterator[str]:
        if isinstance(part, dict):
            for key, inner in part.items():
                yield from words(inner, key)
        elif isinstance(part, list):
            for inner in part:
                yield from words(inner)
        elif name in {"description", "summary"} and part:
            yield part

    english = [said for said in words(document()) if not CHINESE.search(said)]
    assert set(english) <= {"1.0"}


def test_every_operation_says_what_its_errors_look_like():
    for verb, path, operation in operations():
        errors = {int(code) for code in operation["responses"] if int(code) >= 400}
        assert {400, 401, 406} <= errors, (verb, path)
        for code in errors:
            content = operation["responses"][str(code)]["content"]
            assert content == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }
        if verb == "post":
            assert {409, 413, 415} <= errors, (verb, path)
        if {} not in operation["security"]:
            assert 403 in errors, (verb, path)
        if "{" in path:
            assert 404 in errors, (verb, path)


def test_every_act_of_a_person_has_an_address():
    """But for the exports and the desks, which are pages."""
    names = {operation["operationId"] for _verb, _path, operation in operations()}
    acts = {act.name.lower() for act in Act if str(act).split(".")[0] in {"complaint", "talk"}}
    said = {name.removeprefix("own_").removeprefix("complaint_").removeprefix("talk_")
            for name in names}  # fmt: skip
    acts = {act.removesuffix("_talk").removesuffix("_rectification") for act in acts}
    acts = {act.replace("mark_talk_absent", "mark_absent").replace("lodge", "create")
            for act in acts}  # fmt: skip
    assert acts - {"see_reporter"} <= said


# Nothing makes a 500 ----------------------------------------------------------------------------

EVIL = ["a\x00b", "\ud800", "", 2**63, -(2**63) - 1, 0.5, True, None, [], ["\x00"],
        {"a": "\x00"}, "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-14:00", "x" * 70_000,
        "٣", "NaN"]  # fmt: skip
EVIL_IN_BODIES = [one for one in EVIL if one not in (0.5, True, "٣", -(2**63) - 1)]
PLAIN = {"string": "说明", "integer": 1, "number": 50, "boolean": True, "array": [], "object": {}}
ACTORS = {"accept": "firm_a_clerk", "answer": "firm_a_clerk", "contest": "firm_a_clerk",
          "verify": "community_officer", "fail": "community_officer",
          "evaluation_create": "community_officer"}  # fmt: skip


@pytest.fixture
def stage(city, dispatched) -> dict[str, str]:
    """A row of everything, and the keys it is known by."""
    open_quarter("2026Q4")
    run = reckon("2026Q3", as_of=moment(2026, 10, 20).date())
    talk = make_talk(city.firm_a, city.estate)
    talks.notify(talk, by=city.bureau_officer, meets_at=moment(2099, 1, 5), place="305")
    card = run.cards.filter(contract__isnull=False).first()
    return {
        "complaints": str(dispatched.pk),
        "by-code": dispatched.tracking_code,
        "talks": str(talk.pk),
        "cards": str(card.pk),
        "guidance": str(card.guidance.pk),
        "score-runs": str(run.pk),
        "estates": city.estate.code,
        "companies": city.firm_a.code,
        "categories": "lift",
        "evaluations": "1",
    }


@pytest.fixture
def ask(city, stage, caplog):
    """Ask, and take back what it has done."""
    caplog.set_level(logging.CRITICAL, "django.request")
    quiet = Client(raise_request_exception=False)
    keys = {who: issue_key(user, "fuzz") for who, user in city.people.items()}

    def asking(verb: str, path: str, operation: dict, **more):
        name = operation["operationId"]
        act = name.split("_", 1)[-1] if name.startswith(("complaint_", "talk_")) else name
        key = keys[ACTORS.get(act, "bureau_officer")]
        with transaction.atomic():
            answer = getattr(quiet, verb)(path, headers={"Authorization": f"Api-Key {key}"}, **more)
            transaction.set_rollback(True)
        assert answer.status_code < 500, (verb, path[:200], str(more)[:300])
        return answer

    return asking


def filled(path: str, stage: dict[str, str], **odd: str) -> str:
    room = "by-code" if "by-code" in path else path.split("/")[3]
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace(f"{{{name}}}", odd.get(name, stage.get(room, "1")))
    return path


def as_address(value) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def body_of(operation: dict, city) -> dict:
    """A body that fits."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return {}
    schema = document()["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[-1]]
    known = {"estate": city.other_estate.code, "category": "fees", "period": "2026Q3",
             "reporter_phone": "13812345678"}  # fmt: skip
    if operation["operationId"] == "evaluation_create":
        known |= {"estate": city.estate.code, "answers": {}}
    body = {}
    for name, kind in schema["properties"].items():
        plain = kind.get("type", "string")
        plain = plain[0] if isinstance(plain, list) else plain
        day = {"date": "2026-10-20", "date-time": "2099-01-05T09:00:00+08:00"}
        body[name] = known.get(name, day.get(kind.get("format", ""), PLAIN[plain]))
    return body


def test_no_query_makes_a_500(ask, stage):
    for verb, path, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            for value in EVIL:
                address = f"{filled(path, stage)}?{parameter['name']}={as_address(value)}"
                ask(verb, address, operation)


def test_no_address_makes_a_500(ask, stage):
    for verb, path, operation in operations():
        for name in re.findall(r"{(\w+)}", path):
            for value in EVIL:
                ask(verb, filled(path, stage, **{name: as_address(value)}), operation)


def test_no_body_makes_a_500(ask, stage, city):
    reached = set()
    for verb, path, operation in operations():
        if verb != "post":
            continue
        plain = body_of(operation, city)
        address = filled(path, stage)
        for name in plain:
            for value in EVIL_IN_BODIES:
                said = json.dumps(plain | {name: value})
                answer = ask(verb, address, operation, data=said, content_type="application/json")
                reached.add((operation["operationId"], answer.status_code))
        for whole in (None, 7, [], "\x00"):
            ask(verb, address, operation, data=json.dumps(whole), content_type="application/json")
        answer = ask(verb, address, operation, data=json.dumps(plain),
                     content_type="application/json")  # fmt: skip
        reached.add((operation["operationId"], answer.status_code))
        assert operation_of(verb, address) == operation
    # The rows were really reached, and not only refused at the door.
    doors = {name for name, status in reached if status in {401, 403, 404}}
    assert doors <= {"talk_verify", "talk_fail"}, doors
