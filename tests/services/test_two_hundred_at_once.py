"""Two hundred complaints at once through gunicorn, and the worker is killed in the middle."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.services.conftest import wait_for

pytestmark = pytest.mark.services

MANY = 200
MATTERS = (
    "电梯停运没人修",
    "垃圾三天没有清运",
    "物业费涨价没有公示",
    "消防通道被车堵住",
    "门禁坏了谁都能进",
)


def _text(number: int) -> str:
    return f"江南小区第{number}号反映：{MATTERS[number % len(MATTERS)]}，已经说过{number}遍了"


def _file_through_the_form(base: str, number: int) -> None:
    with httpx.Client(base_url=base, timeout=60, headers={"Referer": base}) as client:
        page = client.get("/file/").text
        fields = dict(re.findall(r'name="([\w-]+)"[^>]*value="([^"]*)"', page))
        hidden = {
            name: value
            for name, value in fields.items()
            if name in {"csrfmiddlewaretoken", "token", "form_token"}
        }
        answer = client.post("/file/", data={**hidden, "text": _text(number)})
        assert answer.status_code in {200, 302, 303}, answer.text[:500]


def _file_through_the_interface(base: str, number: int) -> None:
    answer = httpx.post(f"{base}/api/v1/complaints/", json={"text": _text(number)}, timeout=60)
    assert answer.status_code == 201, answer.text


def test_all_are_stored_read_and_told_and_none_twice(running_city):
    city = running_city

    def file(number: int) -> None:
        if number == MANY // 2:
            city.kill("worker")
        if number % 2:
            _file_through_the_form(city.base, number)
        else:
            _file_through_the_interface(city.base, number)

    with ThreadPoolExecutor(20) as crowd:
        list(crowd.map(file, range(MANY)))

    stored = "SELECT count(*), count(DISTINCT text) FROM complaints_complaint WHERE text ~ %s"
    mine = "^江南小区第[0-9]+号反映"
    assert city.ask(stored, mine) == [(MANY, MANY)]

    city.start_worker()
    unfinished = (
        "SELECT count(*) FROM complaints_complaint c WHERE c.text ~ %s AND (c.read_at IS NULL OR "
        "NOT EXISTS (SELECT 1 FROM attribution_attribution a WHERE a.complaint_id = c.id))"
    )
    # What the dead worker had taken with it, the quarter-hourly round takes up.
    city.manage("run_rounds")
    wait_for("the rest", lambda: city.ask(unfinished, mine) == [(0,)])
    city.manage("run_rounds")

    for kind in ("complaint.received", "complaint.read"):
        counted = city.ask(
            "SELECT count(*), count(DISTINCT e.complaint_id) FROM complaints_complaintevent e "
            "JOIN complaints_complaint c ON c.id = e.complaint_id "
            "WHERE c.text ~ %s AND e.kind = %s",
            mine,
            kind,
        )
        assert counted == [(MANY, MANY)], kind
    predictions = city.ask(
        "SELECT count(*), count(DISTINCT p.complaint_id) FROM complaints_prediction p "
        "JOIN complaints_complaint c ON c.id = p.complaint_id WHERE c.text ~ %s",
        mine,
    )
    assert predictions == [(MANY, MANY)]
    untold = city.ask(
        "SELECT count(*) FROM complaints_complaintevent e LEFT JOIN petition_feedentry f "
        "ON f.event_id = e.event_id WHERE f.event_id IS NULL"
    )
    assert untold == [(0,)]
    numbers = city.ask("SELECT count(*), min(sequence), max(sequence) FROM petition_feedentry")
    assert numbers[0][0] == numbers[0][2]
    assert numbers[0][1] == 1
