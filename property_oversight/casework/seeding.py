"""Load reference data from `fixtures/` and the calendar; the same twice changes nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import chinese_calendar
from django.conf import settings

from complaints import deadlines, tables
from complaints.models import CalendarDay, Category, Urgency
from complaints.tables import Column
from property_oversight.evaluations.models import Question
from property_oversight.pricing.models import TierStandard

_CATEGORIES: list[Column[Any]] = [
    Column("code", "代码", tables.text, required=True),
    Column("name", "名称", tables.text, required=True),
    Column("group", "大类", tables.text, required=True),
    Column("urgency", "默认紧急程度", Urgency, required=True),
    Column("department", "负责单位", tables.text, required=True),
    Column("firm_answers", "属物业企业职责", tables.yes_no, required=True),
    Column("channel", "处置途径", tables.text, required=True),
    Column("standard_code", "DB44代码", tables.text),
]
_QUESTIONS: list[Column[Any]] = [
    Column("code", "代码", tables.text, required=True),
    Column("text", "问题", tables.text, required=True),
    Column("points", "满分", tables.whole_number, required=True),
]
_TIERS: list[Column[Any]] = [
    Column("tier", "等级", tables.whole_number, required=True),
    Column("has_lift", "有电梯", tables.yes_no, required=True),
    Column("base_price", "基准价", tables.number, required=True),
    Column("float_up", "上浮", tables.number, required=True),
    Column("float_down", "下浮", tables.number, required=True),
    Column("least_score", "所需得分", tables.number, required=True),
    Column("valid_from", "施行日期", tables.day, required=True),
    Column("valid_to", "废止日期", tables.day),
    Column("source", "依据", tables.text, required=True),
    Column("is_sample", "示例", tables.yes_no, required=True),
]


def seed() -> dict[str, int]:
    """Load categories, evaluation questions, the sample tier standard and the calendar. What the
    bureau has edited since stays as it is. Returns how many rows are new."""
    folder = Path(settings.FIXTURES_DIR)
    counts = {
        "categories": sum(
            Category.objects.get_or_create(code=row.pop("code"), defaults=row)[1]
            for row in _rows(folder / "categories.csv", _CATEGORIES, numbered=True)
        ),
        "questions": sum(
            Question.objects.get_or_create(code=row.pop("code"), defaults=row)[1]
            for row in _rows(folder / "questions.csv", _QUESTIONS, numbered=True)
        ),
        "tiers": sum(
            TierStandard.objects.get_or_create(
                tier=row.pop("tier"),
                has_lift=row.pop("has_lift"),
                valid_from=row.pop("valid_from"),
                defaults=row,
            )[1]
            for row in _rows(folder / "tiers.csv", _TIERS)
        ),
        "calendar": _seed_calendar(),
    }
    deadlines.recompute_provisional()
    return counts


def _rows(
    path: Path, columns: list[Column[Any]], *, numbered: bool = False
) -> Iterator[dict[str, Any]]:
    table = tables.read_table(path, columns)
    if table.refusals or table.unknown:
        raise tables.UnreadableFile("；".join(map(str, [*table.refusals, *table.unknown])))
    for position, (_number, row) in enumerate(table.rows):
        yield row | {"position": position} if numbered else row


def _seed_calendar() -> int:
    """Public holidays that fall on weekdays and make-up days that fall on weekends (国务院办公厅
    yearly notices, as chinesecalendar carries them). Later years are not guessed."""
    known = set(CalendarDay.objects.values_list("day", flat=True))
    days: dict[date, tuple[bool, str]] = {
        day: (False, _chinese(name)) for day, name in chinese_calendar.holidays.items()
    }
    days |= {
        day: (True, f"{_chinese(name)}调休") for day, name in chinese_calendar.workdays.items()
    }
    new = [
        CalendarDay(day=day, is_workday=works, name=name)
        for day, (works, name) in sorted(days.items())
        if day not in known
    ]
    return len(CalendarDay.objects.bulk_create(new))


def _chinese(name: str) -> str:
    return str(chinese_calendar.Holiday(name).chinese)
