"""Two pictures of the model card, drawn here and readable without colour: the confusions, and
confidence against the share that was right."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from property_oversight.web.templatetags.web_words import share

_CELL, _LEFT, _TOP = 22, 132, 132
_TOLD = 0.05  # from this share on a cell bears its number
_SIDE, _EDGE = 240, 44


@dataclass(frozen=True)
class Cell:
    """A square whose area is the share of the true code's texts that were read so."""

    x: float
    y: float
    size: float
    words: str
    """The share in hundredths, where it is large enough to tell."""
    is_right: bool


@dataclass(frozen=True)
class Confusion:
    """Rows are what is true, columns what was read, both in the order of the codes."""

    names: list[tuple[float, str]]
    cells: list[Cell]
    side: float

    @property
    def width(self) -> float:
        """Room for the last slanting name as well."""
        return self.side + 70


@dataclass(frozen=True)
class Mark:
    """A tenth of the confidence: x is what was said, y what was right."""

    x: float
    y: float
    radius: float
    words: str


def confusion_picture(
    table: Mapping[str, Mapping[str, int]], names: Mapping[str, str]
) -> Confusion:
    """`table`: true code -> code it was read as -> how often."""
    place = {code: i for i, code in enumerate(table)}
    cells = []
    for true, row in table.items():
        total = sum(row.values())
        for read, count in sorted(row.items()):
            part = count / total
            size = round(math.sqrt(part) * (_CELL - 2), 1)
            cells.append(
                Cell(
                    x=round(_LEFT + _CELL * place[read] + (_CELL - size) / 2, 1),
                    y=round(_TOP + _CELL * place[true] + (_CELL - size) / 2, 1),
                    size=size,
                    words=f"{part * 100:.0f}" if part >= _TOLD and true != read else "",
                    is_right=true == read,
                )
            )
    middle = _CELL / 2
    return Confusion(
        names=[(_TOP + _CELL * i + middle, names.get(code, code)) for code, i in place.items()],
        cells=cells,
        side=_LEFT + _CELL * len(table),
    )


def reliability_picture(bins: Sequence[Sequence[float]]) -> list[Mark]:
    """`bins`: where each begins, texts, mean confidence, share right. A mark's area grows with the
    number of texts."""
    most = max((count for _low, count, _said, _right in bins), default=1.0)
    return [
        Mark(
            x=round(_EDGE + _SIDE * said, 1),
            y=round(10 + _SIDE * (1 - right), 1),
            radius=round(3 + 9 * math.sqrt(count / most), 1),
            words=f"{share(said)} → {share(right)}（{count:.0f}）",
        )
        for _low, count, said, right in bins
    ]
