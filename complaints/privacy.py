"""Mask what would tell a firm who complained: numbers a person gave in a text of their own."""

import re
from collections.abc import Iterable

_HIDDEN = "＊＊＊"
_NUMBERS = re.compile(
    r"(?<!\d)(?:\d{17}[\dXx]|\d{15}"  # identity number
    r"|(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}"  # mobile
    r"|0\d{2,3}[\s-]?\d{7,8})(?!\d)"  # fixed line
)
_COUNT = r"[\dA-Za-z一二三四五六七八九十]{1,3}\s*"
_DOOR = re.compile(
    rf"(?P<building>{_COUNT}(?:单元|号楼|栋|幢|座)\s*(?:{_COUNT}单元\s*)?)\d{{3,4}}(?!\d)"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def masked(text: str, names: Iterable[str] = ()) -> str:
    """`text` with phones, identity numbers, door numbers and the given names hidden; the building
    stays, for without it nobody could mend anything."""
    plain = text.translate(_FULL_WIDTH)
    plain = _NUMBERS.sub(_HIDDEN, plain)
    plain = _DOOR.sub(rf"\g<building>{_HIDDEN}", plain)
    for name in names:
        if len(name.strip()) > 1:
            plain = plain.replace(name.strip(), _HIDDEN)
    return plain
