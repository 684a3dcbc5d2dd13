"""How the model reads, as people have found: by month and version, by code; what has drifted."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Avg, Count, F, Min, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from complaints.models import Prediction, Verdict
from complaints.queries import all_categories, current_verdicts
from ml.estimates import Estimate, share_alone

MONTHS = 12


@dataclass(frozen=True)
class MonthOfReadings:
    """One version's readings of a month, and what people made of them since. A share is None where
    there was nothing to count."""

    month: date
    version: str
    readings: int
    abstained: int
    unseen: float | None
    """Mean share of a message's words that the model had never met."""
    looked_at: int
    """Readings that a person has answered."""
    overruled: int
    """Of these, those that the person gave another code."""
    alarms_confirmed: int
    alarms_denied: int
    alarms_missed: int
    """Danger that a person told and the model had not."""

    @property
    def abstained_share(self) -> float | None:
        return self.abstained / self.readings if self.readings else None

    @property
    def override(self) -> Estimate | None:
        """The override rate: of the readings that a person has answered the share overruled."""
        return share_alone(self.overruled, self.looked_at)


@dataclass(frozen=True)
class CodeReadings:
    """What became of the readings with one code."""

    code: str
    name: str
    readings: int
    abstained: int
    looked_at: int
    overruled: int

    @property
    def override(self) -> Estimate | None:
        """As in `MonthOfReadings`."""
        return share_alone(self.overruled, self.looked_at)


_NOBODY_LOOKED = dict.fromkeys(
    ("looked_at", "overruled", "alarms_confirmed", "alarms_denied", "alarms_missed"), 0
)


def readings_by_month(on: date) -> list[MonthOfReadings]:
    """The last `MONTHS` months until `on`, by version, the oldest first. Two queries."""
    since = timezone.make_aware(datetime.combine(_months_before(on, MONTHS - 1), time.min))
    answers = (
        _answers()
        .filter(prediction__made_at__gte=since)
        .annotate(month=TruncMonth("prediction__made_at"), version=F("prediction__model_version"))
        .values("month", "version")
        .annotate(
            looked_at=Count("pk"),
            overruled=Count("pk", filter=Q(agrees=False)),
            alarms_confirmed=Count("pk", filter=Q(prediction__danger=True, danger=True)),
            alarms_denied=Count("pk", filter=Q(prediction__danger=True, danger=False)),
            alarms_missed=Count("pk", filter=Q(prediction__danger=False, danger=True)),
        )
    )
    looked_at = {
        (row["month"], row["version"]): {
            name: count for name, count in row.items() if name in _NOBODY_LOOKED
        }
        for row in answers
    }
    read = (
        Prediction.objects.filter(made_at__gte=since)
        .annotate(month=TruncMonth("made_at"), version=F("model_version"))
        .values("month", "version")
        .annotate(
            readings=Count("pk"),
            abstained=Count("pk", filter=Q(abstained=True)),
            unseen=Avg("unseen"),
            first=Min("made_at"),
        )
        .order_by("month", "first")
    )
    return [
        MonthOfReadings(
            month=timezone.localtime(row["month"]).date(),
            version=row["version"],
            readings=row["readings"],
            abstained=row["abstained"],
            unseen=row["unseen"],
            **looked_at.get((row["month"], row["version"]), _NOBODY_LOOKED),
        )
        for row in read
    ]


def whole_months(rows: list[MonthOfReadings]) -> list[MonthOfReadings]:
    """The versions of each month put together; `version` names the last of them."""
    together: dict[date, MonthOfReadings] = {}
    for row in rows:
        before = together.get(row.month)
        together[row.month] = row if before is None else _added(before, row)
    return list(together.values())


def _added(one: MonthOfReadings, other: MonthOfReadings) -> MonthOfReadings:
    counted = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("readings", "abstained", *_NOBODY_LOOKED)
    }
    known = [(row.unseen, row.readings) for row in (one, other) if row.unseen is not None]
    weight = sum(readings for _share, readings in known)
    unseen = sum(share * readings for share, readings in known) / weight if weight else None
    return MonthOfReadings(other.month, other.version, unseen=unseen, **counted)


def readings_by_code(*, version: str = "", month: date | None = None) -> list[CodeReadings]:
    """What became of the readings of each code, of one version or one month where they are given;
    codes that nothing was read as are left out. Three queries."""
    read, answers = Prediction.objects.all(), _answers()
    if version:
        read = read.filter(model_version=version)
        answers = answers.filter(prediction__model_version=version)
    if month is not None:
        begin = timezone.make_aware(datetime.combine(month.replace(day=1), time.min))
        end = timezone.make_aware(datetime.combine(_months_before(month, -1), time.min))
        read = read.filter(made_at__gte=begin, made_at__lt=end)
        answers = answers.filter(prediction__made_at__gte=begin, prediction__made_at__lt=end)
    counts = _by_code(
        read.order_by(),
        "category",
        readings=Count("pk"),
        abstained=Count("pk", filter=Q(abstained=True)),
    )
    looked_at = _by_code(
        answers,
        "prediction__category",
        looked_at=Count("pk"),
        overruled=Count("pk", filter=Q(agrees=False)),
    )
    nobody = {"looked_at": 0, "overruled": 0}
    return [
        CodeReadings(one.code, one.name, **counts[one.code], **looked_at.get(one.code, nobody))
        for one in all_categories()
        if one.code in counts
    ]


def _answers() -> QuerySet[Verdict]:
    """The latest words of people on what a model had read."""
    return current_verdicts().filter(prediction__isnull=False).order_by()


def _by_code(rows: QuerySet[Any], code: str, **counted: Count) -> dict[str, dict[str, int]]:
    found = rows.values(code).annotate(**counted)
    return {row.pop(code): row for row in found}


def _months_before(day: date, months: int) -> date:
    """The first of the month that lies so many months before that of `day`."""
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)
