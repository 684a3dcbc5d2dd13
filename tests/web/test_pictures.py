"""Pictures of a share over months: where the dots lie, and what they say to who sees none."""

from datetime import date
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from property_oversight.web.pictures import Point, trend

SHARE = st.none() | st.floats(0, 1)


def months(*values, **more):
    return [Point(date(2026, 1 + i, 1), value, **more) for i, value in enumerate(values)]


@given(st.lists(SHARE, min_size=1, max_size=12))
def test_every_dot_lies_within_the_frame(values):
    picture = trend("试", months(*values))
    assert len(picture.dots) == sum(value is not None for value in values)
    assert all(44 < dot.x < 346 and 34 <= dot.y <= 118 for dot in picture.dots)
    xs = [dot.x for dot in picture.dots]
    assert xs == sorted(set(xs))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_a_greater_share_lies_higher(values):
    dots = trend("试", months(*values)).dots
    for (one, a), (other, b) in pairwise(zip(values, dots, strict=True)):
        assert (one <= other) == (a.y >= b.y) or a.y == b.y


def test_the_scale_grows_with_the_share_and_its_interval():
    assert trend("试", months(0.01, 0.015)).top == 0.02
    assert trend("试", months(0.18)).top == 0.2
    assert trend("试", [Point(date(2026, 1, 1), 0.18, 0.1, 0.5)]).top == 0.6
    assert trend("试", months(1.0)).top == 1.0
    assert trend("试", months(None)).top == 0.02


def test_the_line_breaks_where_nothing_was_counted():
    path = trend("试", months(0.1, 0.2, None, 0.1)).path
    assert [step[0] for step in path.split() if step[0] in "ML"] == ["M", "L", "M"]


def test_a_change_of_model_stands_between_two_months():
    points = [Point(date(2026, 1, 1), 0.1), Point(date(2026, 2, 1), 0.1, begins=True)]
    picture = trend("试", points)
    assert picture.changes == [(picture.dots[0].x + picture.dots[1].x) / 2]


def test_who_sees_no_picture_is_told_every_month():
    words = trend("留给人工的", months(0.184, None)).words
    assert words == "2026年1月 18%，2026年2月 —"


@pytest.mark.parametrize("count", [1, 6, 7, 12])
def test_labels_do_not_crowd_and_the_last_month_is_named(count):
    labels = trend("试", months(*[0.1] * count)).labels
    assert len(labels) <= 6
    assert labels[0][1].startswith("2026年")
    assert labels[-1][1] in {f"{count}月", f"2026年{count}月"}


def test_the_drawing_names_itself_and_needs_no_colour():
    points = [Point(date(2026, 1, 1), 0.1, 0.05, 0.2), Point(date(2026, 2, 1), 0.3, begins=True)]
    drawn = render_to_string("web/trend.html", {"picture": trend("改判的", points)})
    assert 'role="img"' in drawn
    assert 'aria-label="改判的：2026年1月 10%，2026年2月 30%"' in drawn
    assert "换模型" in drawn
    assert drawn.count("<circle") == 2
    assert ">30%</text>" in drawn
    assert "style=" not in drawn
