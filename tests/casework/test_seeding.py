"""Reference data: loaded whole, twice the same, and never over what the bureau has edited."""

import shutil
from datetime import date

import pytest

from complaints import deadlines
from complaints.models import CalendarDay, Category, Clock
from complaints.tables import UnreadableFile
from property_oversight.casework.seeding import seed
from property_oversight.evaluations.models import Question
from property_oversight.pricing.models import TierStandard
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db


def test_seed_loads_categories_questions_tiers_and_the_calendar():
    counts = seed()
    assert counts == {
        "categories": Category.objects.count(),
        "questions": Question.objects.count(),
        "tiers": TierStandard.objects.count(),
        "calendar": CalendarDay.objects.count(),
    }
    assert (counts["categories"], counts["questions"], counts["tiers"]) == (22, 5, 10)
    assert sum(Question.objects.values_list("points", flat=True)) == 100
    assert {standard.is_sample for standard in TierStandard.objects.all()} == {True}


def test_seed_a_second_time_changes_nothing():
    seed()
    before = [
        list(model.objects.order_by("pk").values())
        for model in (Category, Question, TierStandard, CalendarDay)
    ]
    assert set(seed().values()) == {0}
    assert before == [
        list(model.objects.order_by("pk").values())
        for model in (Category, Question, TierStandard, CalendarDay)
    ]


def test_seed_leaves_what_the_bureau_has_edited():
    seed()
    Category.objects.filter(pk="lift").update(name="电梯与扶梯", urgency="normal")
    TierStandard.objects.filter(tier=3).update(base_price=9)
    CalendarDay.objects.filter(day=date(2026, 10, 1)).update(is_workday=True)
    seed()
    assert Category.objects.get(pk="lift").name == "电梯与扶梯"
    assert {one.base_price for one in TierStandard.objects.filter(tier=3)} == {9}
    assert CalendarDay.objects.get(day=date(2026, 10, 1)).is_workday


def test_seed_keeps_the_order_of_the_files():
    seed()
    assert Category.objects.first().pk == "lift"
    assert Category.objects.last().pk == "other_matter"


def test_calendar_knows_holidays_and_make_up_days():
    seed()
    holiday = CalendarDay.objects.get(day=date(2026, 10, 1))
    make_up = CalendarDay.objects.get(day=date(2026, 10, 10))
    assert (holiday.is_workday, holiday.name) == (False, "国庆节")
    assert (make_up.is_workday, make_up.name) == (True, "国庆节调休")


def test_seed_sets_anew_the_limits_that_were_guessed():
    complaint = make_complaint()
    clock = deadlines.start(complaint, Clock.Kind.ANSWER, date(2026, 9, 24))
    assert (clock.due_on, clock.provisional) == (date(2026, 10, 8), True)
    seed()
    clock.refresh_from_db()
    assert (clock.due_on, clock.provisional) == (date(2026, 10, 15), False)


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("tiers.csv", "六,是,1.20,0.2,1.0,0,2019-08-01,,示例,是", "应为不小于 0 的整数：六"),
        ("categories.csv", "x,名,类,normal,单位,或许,途径,", "应为 是 或 否：或许"),
    ],
)
def test_seed_refuses_a_fixture_that_was_spoilt(settings, tmp_path, name, line, reason):
    for file in ("categories.csv", "questions.csv", "tiers.csv"):
        shutil.copy(settings.FIXTURES_DIR / file, tmp_path)
    with (tmp_path / name).open("a", encoding="utf-8") as spoilt:
        spoilt.write(line + "\n")
    settings.FIXTURES_DIR = tmp_path
    with pytest.raises(UnreadableFile, match=f"{name} 第 .* 行.*{reason}"):
        seed()
