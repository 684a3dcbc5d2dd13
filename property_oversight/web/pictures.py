"""Small line pictures, drawn here: one share a picture, so that no colour has to tell lines
apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from property_oversight.web.templatetags.web_words import share

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 346, 34, 118
_TOPS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_MOST_LABELS = 6


@dataclass(frozen=True)
class Point:
    """A month's share, with its interval where there is one; None where nothing was counted."""

    month: date
    value: float | None
    low: float | None = None
    high: float | None = None
    begins: bool = False
    """Whether another model came into use since the month before."""


@dataclass(frozen=True)
class Dot:
    """A point on the drawing; y grows downwards."""

    x: float
    y: float
    words: str
    low: float | None
    high: float | None

    @property
    def above(self) -> float:
        """Where words stand over it."""
        return (self.y if self.high is None else self.high) - 6


@dataclass(frozen=True)
class Picture:
    """What the template draws."""

    title: str
    words: str
    """The whole picture for who does not see it."""
    top: float
    path: str
    dots: list[Dot]
    labels: list[tuple[float, str]]
    changes: list[float]
    """Where, between two months, the model changed."""


def trend(title: str, points: Sequence[Point]) -> Picture:
    """Shares over months, the oldest first."""
    told = [point for point in points if point.value is not None]
    highest = max((max(point.value or 0, point.high or 0) for point in told), default=0)
    top = next(one for one in _TOPS if one >= min(1.0, highest))
    step = (_RIGHT - _LEFT) / max(1, len(points))
    places = [_LEFT + step * (i + 0.5) for i in range(len(points))]
    dots = [
        Dot(
            round(x, 1),
            _down(point.value, top),
            share(point.value),
            None if point.low is None else _down(point.low, top),
            None if point.high is None else _down(point.high, top),
        )
        for x, point in zip(places, points, strict=True)
        if point.value is not None
    ]
    every = -(-len(points) // _MOST_LABELS)
    named = range((len(points) - 1) % every, len(points), every)
    return Picture(
        title=title,
        words="，".join(
            f"{_month(point.month, whole=True)} {share(point.value)}" for point in points
        ),
        top=top,
        path=_line(places, points, top),
        dots=dots,
        labels=[(round(places[i], 1), _month(points[i].month, whole=i == named[0])) for i in named],
        changes=[
            round(x - step / 2, 1) for x, point in zip(places, points, strict=True) if point.begins
        ],
    )


def _down(value: float, top: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * value / top, 1)


def _line(places: Sequence[float], points: Sequence[Point], top: float) -> str:
    """The line through the months that have a share; it breaks off where one has none."""
    parts, pen_is_down = [], False
    for x, point in zip(places, points, strict=True):
        if point.value is not None:
            parts.append(f"{'L' if pen_is_down else 'M'}{x:.1f} {_down(point.value, top)}")
        pen_is_down = point.value is not None
    return " ".join(parts)


def _month(day: date, *, whole: bool) -> str:
    return _("%(year)d年%(month)d月") % {"year": day.year, "month": day.month} if whole else (
        _("%(month)d月") % {"month": day.month}
    )  # fmt: skip
