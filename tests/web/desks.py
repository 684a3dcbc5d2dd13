"""What the tests of the desks share: complaints at every stage, talks, counted pages."""

import io
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from complaints import actions
from complaints.actions import SYSTEM
from complaints.models import Complaint
from complaints.workflow import Move
from property_oversight.scoring.models import Contribution, ScoreCard, ScoreRun
from property_oversight.talks.models import Ground, Talk, TalkEvent
from tests import factories as f

NOW = f.moment(2026, 8, 5, 10)
NAME, PHONE = "王秀英", "13812345678"
TEXT = f"江南小区3号楼2单元501室的电梯停了，我是{NAME}，电话{PHONE}，快来修"
SECRETS = (NAME, PHONE, "501")


def photo(name: str = "lift.png") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


def no_photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("lift.png", b"no picture at all", "image/png")


def at_the_firm(contract: Any, text: str = TEXT, **more: Any) -> Complaint:
    """Read, attributed to the firm of `contract`, dispatched."""
    category = more.pop("category", None) or f.make_category("lift")
    said = {"reporter_name": NAME, "reporter_phone": PHONE} | more
    complaint = f.make_complaint(text, category=category, **said)
    f.make_finding(complaint, contract)
    actions.move(complaint, Move.DISPATCH, by=SYSTEM)
    return complaint


def answered(contract: Any, **more: Any) -> Complaint:
    complaint = at_the_firm(contract, **more)
    actions.move(complaint, Move.ANSWER, by=actions.Actor("firm"), note="已经修好")
    return complaint


def unread(text: str = "门口那个东西又那样了", **more: Any) -> Complaint:
    """Looked at by the model, which was not sure."""
    complaint = f.make_complaint(text, **more)
    complaint.read_at = complaint.received_at
    complaint.save(update_fields=["read_at"])
    f.make_category("fees")
    complaint.predictions.create(
        category=f.make_category("lift"),
        confidence=0.41,
        abstained=True,
        danger=False,
        alternatives=[["lift", 0.41], ["fees", 0.2]],
        because=[["门口", 0.3], ["那样", -0.1]],
        model_version="test",
    )
    return complaint


def make_talk(
    company: Any, estate: Any, *, period: str = "2026Q2", complaints: tuple[int, ...] = ()
) -> Talk:
    talk = Talk.objects.create(
        company=company, rule="T3-overdue", period=period, proposed_on=NOW.date()
    )
    talk.estates.set([estate])
    Ground.objects.create(
        talk=talk,
        because="5 件到期应答复的投诉中有 3 件逾期",
        complaints=list(complaints),
        figures={"overdue": 3, "judged": 5},
    )
    TalkEvent.objects.create(talk=talk, kind="talk.proposed", data={})
    return talk


def make_run(period: str = "2026Q2", *, published: bool = True) -> ScoreRun:
    return ScoreRun.objects.create(
        period=period,
        as_of=NOW.date(),
        policy={"disparity_below": 0.05},
        data_hash="0" * 64,
        published_at=NOW if published else None,
    )


def make_card(run: ScoreRun, contract: Any, score: float | None = 71.4) -> ScoreCard:
    numbers = {"score": score, "low": 64.0, "high": 78.0, "base": 70.0, "grade": "C"}
    card = ScoreCard.objects.create(
        run=run,
        company=contract.company,
        estate=contract.estate,
        contract=contract,
        not_rated_because="" if score else "服务量不足",
        households=500,
        household_months=1500,
        complaints=4,
        incidents=3,
        **(numbers if score else {}),
    )
    if score:
        Contribution.objects.create(
            card=card, indicator="I1-burden", name="投诉负担", points=71, low=60, high=80,
            weight=25, contribution=1.4, because="每千户每月 2.0 件",
        )  # fmt: skip
    return card


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def same_at_one_and_three(client: Client, address: str, make: Callable[[int], object]) -> None:
    """A list asks as often for three rows as for one; a page of three shows three."""
    make(1)
    one = queries(client, address)
    make(2)
    make(3)
    assert queries(client, address) == one


def text_of(response: Any) -> str:
    return str(response.content.decode())
