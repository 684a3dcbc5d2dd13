"""What became of the model's readings: counted by month, version and code, with intervals."""

from datetime import date

import pytest
from scipy import stats

from complaints.actions import RESIDENT
from complaints.classification import correct
from complaints.models import Prediction
from ml.estimates import LEVEL
from property_oversight.reports.readings import (
    readings_by_code,
    readings_by_month,
    whole_months,
)
from tests.factories import make_category, make_complaint, moment

pytestmark = pytest.mark.django_db
AUGUST = date(2026, 8, 1)


def read(code: str = "lift", *, said: str | None = None, danger=False, told=None, **more):
    """A reading on 3 August by version one, answered where `said` or `told` is given."""
    complaint = make_complaint()
    prediction = complaint.predictions.create(
        **{
            "category": make_category(code),
            "confidence": 0.5,
            "abstained": False,
            "danger": danger,
            "alternatives": [[code, 0.5]],
            "because": [],
            "model_version": "one",
            "made_at": moment(2026, 8, 3),
            **more,
        }
    )
    if said or told is not None:
        correct(complaint, make_category(said or code), by=RESIDENT, danger=bool(told))
    return prediction


def month(on: date = date(2026, 8, 31)):
    (found,) = readings_by_month(on)
    return found


def test_nothing_read_is_nothing_shown():
    assert readings_by_month(AUGUST) == []
    assert readings_by_code() == []


def test_a_month_counts_readings_abstentions_and_words_never_met():
    read(abstained=True, unseen=0.2)
    read(unseen=0.4)
    read(unseen=None)
    found = month()
    assert (found.month, found.version, found.readings, found.abstained) == (AUGUST, "one", 3, 1)
    assert found.abstained_share == pytest.approx(1 / 3)
    assert found.unseen == pytest.approx(0.3)
    assert found.override is None  # nobody has looked


def test_overruled_are_those_that_a_person_gave_another_code():
    read(said="lift")
    read(said="fees")
    read()
    found = month()
    assert (found.looked_at, found.overruled) == (2, 1)
    book = stats.binomtest(1, 2).proportion_ci(LEVEL, method="wilson")
    assert (found.override.low, found.override.high) == pytest.approx((book.low, book.high))


def test_the_latest_word_counts():
    prediction = read(said="fees")
    correct(prediction.complaint, make_category("lift"), by=RESIDENT, danger=True)
    found = month()
    assert (found.looked_at, found.overruled, found.alarms_missed) == (1, 0, 1)


def test_alarms_are_confirmed_denied_or_missed():
    for alarm, told in [(True, True), (True, True), (True, False), (False, True), (False, False)]:
        read(danger=alarm, told=told)
    read(danger=True)  # nobody has looked
    found = month()
    counts = (found.alarms_confirmed, found.alarms_denied, found.alarms_missed)
    assert counts == (2, 1, 1)


def test_a_word_on_what_no_model_has_read_counts_nowhere():
    correct(make_complaint(), make_category("lift"), by=RESIDENT)
    assert readings_by_month(AUGUST) == []


def test_months_are_those_of_the_city_and_versions_stand_apart():
    read(made_at=moment(2026, 9, 1, 0, 30))  # still August in Greenwich
    read(made_at=moment(2026, 8, 20), model_version="a newer")
    read(said="fees")
    found = readings_by_month(date(2026, 9, 2))
    assert [(row.month.month, row.version, row.overruled) for row in found] == [
        (8, "one", 1), (8, "a newer", 0), (9, "one", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(("on", "shown"), [(date(2027, 7, 31), 1), (date(2027, 8, 1), 0)])
def test_twelve_months_are_shown(on, shown):
    read()
    assert len(readings_by_month(on)) == shown


def test_the_versions_of_a_month_add_up():
    read(abstained=True, unseen=0.1, said="fees")
    read(unseen=0.5, danger=True, told=True, model_version="two", made_at=moment(2026, 8, 9))
    read(unseen=0.3, model_version="two", made_at=moment(2026, 8, 10))
    read(made_at=moment(2026, 9, 1))
    august, september = whole_months(readings_by_month(date(2026, 9, 2)))
    assert (august.version, august.readings, august.abstained) == ("two", 3, 1)
    assert (august.looked_at, august.overruled, august.alarms_confirmed) == (2, 1, 1)
    assert august.unseen == pytest.approx(0.3)
    assert (september.readings, september.unseen) == (1, None)


def test_codes_stand_in_their_order_with_what_became_of_each():
    for code, position in (("fees", 1), ("lift", 0), ("parking", 2)):
        make_category(code, position=position)
    read("lift", said="fees")
    read("lift", abstained=True)
    read("fees", said="fees")
    found = {row.code: row for row in readings_by_code()}
    assert list(found) == ["lift", "fees"]
    lift = found["lift"]
    assert (lift.name, lift.readings, lift.abstained, lift.looked_at, lift.overruled) == (
        "电梯", 2, 1, 1, 1,
    )  # fmt: skip
    assert found["fees"].override.value == 0.0


def test_codes_of_one_version_or_one_month():
    read("lift", said="fees")
    read("fees", model_version="two")
    read("parking", made_at=moment(2026, 9, 1), said="fees")
    assert [row.code for row in readings_by_code(version="two")] == ["fees"]
    (lift, fees) = sorted(readings_by_code(month=AUGUST), key=lambda row: -row.looked_at)
    assert (lift.code, lift.overruled, fees.code, fees.looked_at) == ("lift", 1, "fees", 0)
    (parking,) = readings_by_code(month=date(2026, 9, 1), version="one")
    assert (parking.code, parking.overruled) == ("parking", 1)


@pytest.mark.parametrize("times", [1, 7])
def test_queries_are_as_many_for_one_as_for_seven(django_assert_num_queries, times):
    for number in range(times):
        read(said="fees", made_at=moment(2026, 1 + number, 3), model_version=str(number))
    with django_assert_num_queries(2):
        assert len(readings_by_month(AUGUST)) == times
    with django_assert_num_queries(3):
        readings_by_code()
    assert Prediction.objects.count() == times
