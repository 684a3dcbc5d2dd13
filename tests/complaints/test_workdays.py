"""The city's days: holidays and make-up days as the State Council announced them, quarters."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from complaints.models import CalendarDay
from complaints.queries import working_calendar
from complaints.workdays import (
    add_workdays,
    is_workday,
    quarter,
    quarter_before,
    quarter_of,
    today,
    workdays_between,
)


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=i) for i in range((end - start).days + 1)]


# 国务院办公厅关于 2025 年、2026 年部分节假日安排的通知, written out by hand.
OFF = [
    *days("2025-01-01", "2025-01-01"), *days("2025-01-28", "2025-02-04"),
    *days("2025-04-04", "2025-04-06"), *days("2025-05-01", "2025-05-05"),
    *days("2025-05-31", "2025-06-02"), *days("2025-10-01", "2025-10-08"),
    *days("2026-01-01", "2026-01-03"), *days("2026-02-15", "2026-02-23"),
    *days("2026-04-04", "2026-04-06"), *days("2026-05-01", "2026-05-05"),
    *days("2026-06-19", "2026-06-21"), *days("2026-09-25", "2026-09-27"),
    *days("2026-10-01", "2026-10-07"),
]  # fmt: skip
MADE_UP = [
    date.fromisoformat(day)
    for day in (
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    )
]  # fmt: skip
NOTICES = dict.fromkeys(OFF, False) | dict.fromkeys(MADE_UP, True)

CALENDARS = st.dictionaries(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.booleans(),
                            max_size=40)  # fmt: skip
DAYS = st.dates(date(2024, 12, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-01-26", True),  # Sunday, made up for Spring Festival
        ("2025-01-27", True),  # Monday before it
        ("2025-01-28", False),  # New Year's Eve, a Tuesday
        ("2025-02-04", False),
        ("2025-02-08", True),  # Saturday
        ("2025-02-09", False),  # an ordinary Sunday
        ("2025-10-08", False),  # Wednesday: National Day and Mid-Autumn together
        ("2025-10-11", True),
        ("2026-01-02", False),  # Friday
        ("2026-01-04", True),  # Sunday
        ("2026-02-14", True),
        ("2026-02-23", False),  # Monday
        ("2026-02-24", True),
        ("2026-06-19", False),
        ("2026-09-20", True),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-08-03", True),  # an ordinary Monday
        ("2026-08-01", False),  # an ordinary Saturday
    ],
)
def test_is_workday_follows_the_notice_then_the_week(day, works):
    assert is_workday(date.fromisoformat(day), NOTICES) is works


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2026-08-03", 1, "2026-08-04"),  # the day of the start does not count
        ("2026-08-03", 10, "2026-08-17"),
        ("2026-08-07", 1, "2026-08-10"),  # over a weekend
        ("2026-08-08", 1, "2026-08-10"),  # from a Saturday
        ("2025-09-30", 1, "2025-10-09"),  # over the National Day
        ("2025-09-26", 1, "2025-09-28"),  # a Sunday that is made up
        ("2025-09-30", 3, "2025-10-11"),  # a Saturday that is made up
        ("2025-12-31", 1, "2026-01-04"),
        ("2026-02-14", 1, "2026-02-24"),  # over Spring Festival
        ("2026-02-13", 10, "2026-03-05"),
        ("2026-04-30", 4, "2026-05-09"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-08-03", 0, "2026-08-03"),
        ("2026-08-01", 0, "2026-08-03"),  # a limit ends on a working day
    ],
)
def test_add_workdays(start, limit, end):
    assert add_workdays(date.fromisoformat(start), limit, NOTICES) == date.fromisoformat(end)


@given(DAYS, st.integers(1, 60), CALENDARS)
@example(date(2026, 2, 14), 1, NOTICES)
def test_counting_takes_back_what_adding_gave(start, limit, calendar):
    end = add_workdays(start, limit, calendar)
    assert workdays_between(start, end, calendar) == limit
    assert is_workday(end, calendar)


@given(DAYS, DAYS, CALENDARS)
def test_counting_backwards_is_counting_forwards_with_a_sign(one, other, calendar):
    assert workdays_between(one, other, calendar) == -workdays_between(other, one, calendar)


@given(DAYS, DAYS, DAYS, CALENDARS)
def test_counted_stretches_add_up(one, two, three, calendar):
    first, middle, last = sorted((one, two, three))
    assert workdays_between(first, last, calendar) == (
        workdays_between(first, middle, calendar) + workdays_between(middle, last, calendar)
    )


@given(DAYS, st.integers(1, 30), CALENDARS)
def test_a_longer_limit_ends_later(start, limit, calendar):
    assert add_workdays(start, limit, calendar) < add_workdays(start, limit + 1, calendar)


@pytest.mark.django_db
def test_the_seeded_calendar_is_the_notices(categories):
    seeded = working_calendar(since=date(2025, 6, 1))
    for day in days("2025-01-01", "2026-12-31"):
        assert is_workday(day, seeded) == is_workday(day, NOTICES), day
    assert CalendarDay.objects.get(day=date(2026, 2, 14)).name == "春节调休"


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime(2026, 8, 3, 15, 59, tzinfo=UTC), date(2026, 8, 3)),
        (datetime(2026, 8, 3, 16, 0, tzinfo=UTC), date(2026, 8, 4)),
        (datetime(2026, 12, 31, 20, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_today_is_the_day_in_the_city(utc, day):
    with time_machine.travel(utc, tick=False):
        assert today() == day


@pytest.mark.parametrize(
    ("code", "first", "after"),
    [
        ("2026Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026Q2", date(2026, 4, 1), date(2026, 7, 1)),
        ("2026Q3", date(2026, 7, 1), date(2026, 10, 1)),
        ("2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_quarter_is_half_open(code, first, after):
    assert quarter(code) == (first, after)


@pytest.mark.parametrize("code", ["", "2026", "2026Q0", "2026Q5", "1999Q1", "2026q3", "2026Q3 "])
def test_quarter_refuses_what_is_none(code):
    with pytest.raises(ValidationError, match="不是季度") as refused:
        quarter(code)
    assert refused.value.code == "bad_period"


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_lies_in_its_quarter(day):
    first, after = quarter(quarter_of(day))
    assert first <= day < after


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_the_quarter_before_ends_where_this_one_begins(day):
    code = quarter_of(day)
    assert quarter(quarter_before(code))[1] == quarter(code)[0]


def test_the_quarter_before_the_first_is_last_years_last():
    assert quarter_before("2026Q1") == "2025Q4"
