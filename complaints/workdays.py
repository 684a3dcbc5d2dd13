"""The city's days: today, working days over holidays and make-up days (调休), quarters."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_SATURDAY = 5
ONE_DAY = timedelta(days=1)

Calendar = Mapping[date, bool]
"""Day -> is it a working day; days that are absent follow the week."""


def today() -> date:
    """What day it is in the city."""
    return timezone.localtime().date()


def is_workday(day: date, calendar: Calendar) -> bool:
    """Whether people work on `day`: the notice decides, else Monday to Friday."""
    return calendar.get(day, day.weekday() < _SATURDAY)


def add_workdays(start: date, days: int, calendar: Calendar) -> date:
    """The day on which a limit of `days` working days ends.

    The day of the start does not count (《民法典》第二百零一条), and a limit ends on a working day
    (第二百零三条).
    """
    day = start
    while days > 0:
        day += ONE_DAY
        if is_workday(day, calendar):
            days -= 1
    while not is_workday(day, calendar):
        day += ONE_DAY
    return day


def workdays_between(start: date, end: date, calendar: Calendar) -> int:
    """Working days after `start` up to and including `end`; negative where `end` is earlier."""
    if end < start:
        return -workdays_between(end, start, calendar)
    span = (end - start).days
    return sum(is_workday(start + timedelta(days=i), calendar) for i in range(1, span + 1))


def quarter(code: str) -> tuple[date, date]:
    """First day of a quarter ("2026Q3") and of the one after it. Raises ValidationError."""
    hit = re.fullmatch(r"(20\d\d)Q([1-4])", code, re.ASCII)
    if hit is None:
        raise ValidationError(
            _("“%(code)s”不是季度，应写作 2026Q3"), code="bad_period", params={"code": code}
        )
    year, number = int(hit.group(1)), int(hit.group(2))
    start = date(year, 3 * number - 2, 1)
    return start, date(year + number // 4, 3 * number % 12 + 1, 1)


def quarter_of(day: date) -> str:
    """The quarter that `day` lies in."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarter_before(code: str) -> str:
    """The quarter that ended when `code` began."""
    return quarter_of(quarter(code)[0] - ONE_DAY)
