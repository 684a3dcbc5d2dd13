"""Deterministic makers of rows, one per model; chance only where a test brings its own seed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from complaints import actions
from complaints.actions import Draft
from complaints.classification import folder_of, serving_model
from complaints.models import Category, Channel, Complaint, TrainedModel
from ml import artifact
from property_oversight.attribution.models import Attribution, Reason
from property_oversight.registry import actions as registry
from property_oversight.registry.models import Community, Company, Estate, ServiceContract
from property_oversight.talks.models import Ground, Talk, TalkEvent
from property_oversight.talks.workflow import State as TalkState

SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = count(1)


def moment(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant by the city's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def make_community(name: str = "", code: str = "", **more: Any) -> Community:
    number = next(_numbers)
    return Community.objects.create(
        code=code or f"C{number:03}", name=name or f"第{number}社区", **more
    )


def make_estate(
    name: str = "", *, community: Community | None = None, code: str = "", **more: Any
) -> Estate:
    number = next(_numbers)
    estate = Estate.objects.create(
        code=code or f"E{number:03}",
        name=name or f"测试{number}号院",
        community=community or make_community(),
        **{"households": 500, **more},
    )
    registry.learn_names(estate, [estate.name])
    registry.mark_changed("test")
    return estate


def make_company(name: str = "", *, code: str = "", **more: Any) -> Company:
    number = next(_numbers)
    return Company.objects.create(
        code=code or f"Q{number:03}", name=name or f"测试{number}物业公司", **more
    )


def make_contract(
    estate: Estate,
    company: Company,
    *,
    starts_on: date = date(2025, 1, 1),
    ends_on: date | None = None,
    **more: Any,
) -> ServiceContract:
    return registry.sign(estate, company, starts_on=starts_on, ends_on=ends_on, **more)


def make_category(code: str = "lift", **more: Any) -> Category:
    defaults = {
        "name": {"lift": "电梯", "fees": "物业费", "other_matter": "其他事项"}.get(code, code),
        "group": "测试",
        "urgency": "urgent" if code == "lift" else "normal",
        "department": "物业企业",
        "firm_answers": code != "other_matter",
        "channel": "专项治理与机制",
    }
    return Category.objects.get_or_create(code=code, defaults=defaults | more)[0]


def make_complaint(
    text: str = "电梯坏了三天没人修",
    *,
    category: Category | None = None,
    channel: Channel = Channel.HOTLINE,
    **more: Any,
) -> Complaint:
    """A received complaint; with a category it counts as read."""
    number = next(_numbers)
    draft = Draft(
        **{
            "text": text,
            "external_id": f"T{number:05}",
            "received_at": moment(2026, 8, 3),
            **more,
        }
    )
    complaint = actions.receive(draft, channel=channel)
    if category is not None:
        complaint.category = category
        complaint.read_at = complaint.received_at
        complaint.save(update_fields=["category", "read_at"])
    return complaint


def make_finding(
    complaint: Complaint, contract: ServiceContract | None, **more: Any
) -> Attribution:
    """The current finding of a complaint, as the linker would have made it."""
    return Attribution.objects.create(
        complaint=complaint,
        contract=contract,
        estate=more.pop("estate", contract.estate if contract else None),
        company=contract.company if contract else None,
        **{
            "reason": Reason.NAMED if contract else Reason.NOT_FOUND,
            "confidence": 0.9,
            "evidence": {},
            **more,
        },
    )


def make_talk(
    company: Company,
    *estates: Estate,
    state: TalkState = TalkState.PROPOSED,
    because: str = "3 件到期应答复的投诉中有 3 件逾期",
    complaints: Sequence[Complaint] = (),
    **more: Any,
) -> Talk:
    """A talk with its ground and the event of its proposal, brought to `state`."""
    talk = Talk.objects.create(
        company=company,
        **{
            "period": "2026Q3",
            "rule": "T3-overdue",
            "proposed_on": date(2026, 10, 9),
            "state": state,
            **more,
        },
    )
    talk.estates.set(estates)
    keys = [complaint.pk for complaint in complaints]
    Ground.objects.create(talk=talk, because=because, complaints=keys)
    TalkEvent.objects.create(talk=talk, kind="talk.proposed", data={"rule": talk.rule})
    return talk


def _figure(serving: float, candidate: float) -> dict:
    difference = candidate - serving
    return {"serving": serving, "candidate": candidate, "difference": difference,
            "low": difference - 0.02, "high": difference + 0.02}  # fmt: skip


def make_comparison(
    better: int = 9, worse: int = 1, chance: float = 0.99, recall=(0.7, 0.8)
) -> dict:
    """How a candidate compares, as judging keeps it."""
    return {
        "texts": 60,
        "dangerous": 10,
        "accuracy": _figure(0.7, 0.7 + (better - worse) / 60),
        "macro_f1": _figure(0.6, 0.65),
        "danger_recall": recall and _figure(*recall),
        "coverage": _figure(0.8, 0.8),
        "better": better,
        "worse": worse,
        "chance_of_worse": chance,
    }


def make_candidate(version: str, **comparison: Any) -> TrainedModel:
    """A candidate as training leaves it, judged against the model in use; it reads as the starter
    does."""
    row = TrainedModel.objects.create(
        version=version,
        folder=version,
        corpus_rows=32,
        confirmed_rows=5,
        figures={
            "against": serving_model().version,
            "held_out": 60,
            "comparison": make_comparison(**comparison),
        },
    )
    starter, manifest = artifact.load(folder_of(None))
    artifact.save(starter, replace(manifest, version=version), folder_of(row), "")
    return row
