"""Spreadsheet -> receive, row by row, keyed by channel and external number, with a report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from complaints import actions, tables
from complaints.actions import Draft
from complaints.models import Channel, Complaint, ImportBatch
from complaints.workflow import Move, State

_CHUNK = 500

_moment = tables.moment_in(timezone.get_default_timezone())

COLUMNS: list[tables.Column[Any]] = [
    tables.Column("external_id", "工单编号", tables.text, required=True),
    tables.Column("received_at", "受理时间", _moment, required=True),
    tables.Column("text", "诉求内容", tables.text, required=True),
    tables.Column("title", "诉求标题", tables.text),
    tables.Column("occurred_on", "发生日期", tables.day),
    tables.Column("reporter_name", "姓名", tables.text),
    tables.Column("reporter_phone", "电话", tables.text),
    tables.Column("stated_estate", "反映小区", tables.text),
    tables.Column("stated_category", "诉求类别", tables.text),
    tables.Column("replied_at", "答复时间", _moment),
    tables.Column("closed_at", "办结时间", _moment),
    tables.Column("resolved", "是否解决", tables.yes_no),
    tables.Column("satisfied", "是否满意", tables.yes_no),
]

_CHINESE = {column.name: column.chinese for column in COLUMNS}
_OUTCOME = ("replied_at", "closed_at", "resolved", "satisfied")
_OFFICE = actions.Actor("import")


@dataclass
class Import:
    """What became of a file."""

    batch: ImportBatch
    complaints: list[int]
    """Primary keys of the new complaints."""
    refusals: list[tables.Refusal]
    unknown_columns: list[str]


def import_complaints(
    path: Path, channel: Channel, *, progress: Callable[[Iterable[Any]], Iterable[Any]] = iter
) -> Import:
    """Read the file in. What is known already is left as it is. Raises tables.UnreadableFile."""
    table = tables.read_table(path, COLUMNS)
    batch = ImportBatch.objects.create(channel=channel, file_name=path.name[:255])
    rows = _first_of_each(table)
    new: list[int] = []
    for start in progress(range(0, len(rows), _CHUNK)):
        new += _import_chunk(table, rows[start : start + _CHUNK], channel, batch)
    batch.rows_new, batch.rows_refused = len(new), len(table.refusals)
    batch.rows_known = len(rows) - len(new)
    batch.refusals = [list(refusal) for refusal in table.refusals]
    batch.finished_at = timezone.now()
    same = ImportBatch.objects.filter(
        channel=channel, file_name=batch.file_name, refusals=batch.refusals, pk__lt=batch.pk
    )
    if not new and same.exists():
        batch.delete()  # the same file again has changed nothing, not even this list
    else:
        batch.save()
    return Import(batch, new, table.refusals, table.unknown)


def _first_of_each(table: tables.Table) -> list[tuple[int, dict[str, Any]]]:
    """The rows that can be complaints; of one ticket number the first, a second refused."""
    seen: dict[str, dict[str, Any]] = {}
    kept = []
    for number, row in table.rows:
        fault = _fault(row)
        if fault:
            table.refuse(number, *fault)
            continue
        earlier = seen.setdefault(row["external_id"], row)
        if earlier is row:
            kept.append((number, row))
        elif earlier != row:
            table.refuse(number, "工单编号", f"与前面的行编号相同而内容不同：{row['external_id']}")
    return kept


def _fault(row: dict[str, Any]) -> tuple[str, str] | None:
    """Column and reason where the row cannot be what happened."""
    received_at = row["received_at"]
    occurred_on = row.get("occurred_on")
    if occurred_on and occurred_on > timezone.localtime(received_at).date():
        return "发生日期", "晚于受理时间"
    for name, chinese in (("replied_at", "答复时间"), ("closed_at", "办结时间")):
        if row.get(name) and row[name] < received_at:
            return chinese, "早于受理时间"
    if row.get("replied_at") and row.get("closed_at") and row["closed_at"] < row["replied_at"]:
        return "办结时间", "早于答复时间"
    try:
        actions.checked(draft_of(row))
    except ValidationError as error:
        name = (error.params or {}).get("name", "text")
        return _CHINESE[name], "；".join(error.messages)
    return None


def draft_of(row: dict[str, Any]) -> Draft:
    return Draft(**{name: value for name, value in row.items()
                    if name not in _OUTCOME and value is not None})  # fmt: skip


@transaction.atomic
def _import_chunk(
    table: tables.Table,
    rows: list[tuple[int, dict[str, Any]]],
    channel: Channel,
    batch: ImportBatch,
) -> list[int]:
    drafts = [draft_of(row) for _number, row in rows]
    complaints = actions.receive_many(drafts, channel=channel, by=_OFFICE, batch=batch)
    new = []
    for (_number, row), complaint in zip(rows, complaints, strict=True):
        if complaint.batch_id == batch.pk:
            record_outcome(complaint, row)
            new.append(complaint.pk)
    return new


def record_outcome(complaint: Complaint, row: dict[str, Any]) -> None:
    """Write history as it happened; nobody is sent anything."""
    outcome: dict[str, Any] = {"resolved": row.get("resolved"), "satisfied": row.get("satisfied")}
    if row.get("replied_at"):
        actions.move(complaint, Move.RECORD_ANSWER, by=_OFFICE, at=row["replied_at"], **outcome)
    if row.get("closed_at"):
        actions.move(complaint, Move.RECORD_CLOSURE, by=_OFFICE, at=row["closed_at"], **outcome)
    elif complaint.state == State.RECEIVED and True in outcome.values():
        # Said to be settled, though nobody wrote down when: the word counts, the day is unknown.
        actions.move(
            complaint, Move.RECORD_CLOSURE, by=_OFFICE, at=complaint.received_at, **outcome
        )
    elif complaint.state == State.RECEIVED and False in outcome.values():
        actions.note(
            complaint, "complaint.supplemented", by=_OFFICE, text="来源系统记：未解决", data=outcome
        )
