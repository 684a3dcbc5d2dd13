"""Import evaluations from a table."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from complaints import tables
from complaints.workdays import today
from property_oversight.evaluations.actions import evaluate, open_quarter
from property_oversight.evaluations.models import Audience, Evaluation
from property_oversight.registry.queries import estates_by_code

_MOST = 100
_LONGEST_EVALUATOR = 80


def _audience(cell: str) -> str:
    wanted = {str(label): value for value, label in Audience.choices} | {
        value: value for value in Audience.values
    }
    if cell not in wanted:
        raise tables.BadCell(f"应为 {'、'.join(str(label) for label in Audience.labels)} 之一")
    return wanted[cell]


def _points(cell: str) -> float:
    points = tables.number(cell)
    if points is None or points > _MOST:
        raise tables.BadCell("应在 0 到 100 之间")
    return points


def _evaluator(cell: str) -> str:
    if len(cell) > _LONGEST_EVALUATOR:
        raise tables.BadCell(f"最多 {_LONGEST_EVALUATOR} 字")
    return cell


COLUMNS: list[tables.Column[Any]] = [
    tables.Column("round", "轮次", tables.text, required=True),
    tables.Column("audience", "评价主体", _audience, required=True),
    tables.Column("estate_code", "小区编码", tables.text, required=True),
    tables.Column("evaluator", "评价人", _evaluator),
    tables.Column("points", "得分", _points, required=True),
    tables.Column("comment", "意见", tables.text),
]


@dataclass
class Import:
    """What became of a file."""

    new: int
    known: int
    refusals: list[tables.Refusal]
    unknown: list[str]


def import_evaluations(path: Path) -> Import:
    """Read evaluations in; the same row twice is one. Raises tables.UnreadableFile."""
    table = tables.read_table(path, COLUMNS)
    estates = estates_by_code(row["estate_code"] for _number, row in table.rows)
    before = Evaluation.objects.count()
    taken = 0
    for number, row in table.rows:
        estate = estates.get(row["estate_code"])
        if estate is None:
            table.refuse(number, "小区编码", f"登记中没有这个小区：{row['estate_code']}")
            continue
        try:
            with transaction.atomic():
                evaluate(
                    open_quarter(row["round"]),
                    Audience(row["audience"]),
                    estate,
                    evaluator=row.get("evaluator") or estate.community.code,
                    on=today(),
                    points=row["points"],
                    comment=row.get("comment") or "",
                )
            taken += 1
        except ValidationError as error:
            column = "轮次" if getattr(error, "code", "") == "bad_period" else ""
            table.refuse(number, column, "；".join(error.messages))
    new = Evaluation.objects.count() - before
    return Import(new, taken - new, table.refusals, table.unknown)
