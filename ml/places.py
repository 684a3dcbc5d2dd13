"""Which buildings of an estate a text speaks of."""

import re

_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ONE = r"(?:[a-z]?\d{1,3}|[a-z]|[一二三四五六七八九十]{1,3})"
_AND = r"\s*(?:[、,，/和及与至到~—-]|一(?=\d))\s*"
# After these a number counts buildings, and 这一栋 is any.
_COUNTED = r"(?<![共有近约建了等这那每整另几百\da-z.])"
_NAMED = re.compile(
    rf"{_COUNTED}({_ONE}(?:{_AND}{_ONE})*)\s*(号楼|号栋|栋|幢|座)(?!别墅|洋房|住房|住宅|楼房)"
)
_EACH = re.compile(_ONE)


def buildings_of(folded: str) -> frozenset[str]:
    """The buildings named in a folded text, each in one spelling: 3号楼, 三栋, 3幢 are "3"."""
    return frozenset(
        number
        for found in _NAMED.finditer(folded)
        for one in _EACH.findall(found[1])
        for number in _numbers(one, is_number=found[2].startswith("号"))
    )


def _numbers(written: str, *, is_number: bool) -> list[str]:
    if written[0] not in _DIGITS and written[0] != "十":
        return [written.lstrip("0") or "0"]
    if written == "一" and not is_number:
        return []  # 一栋楼 is a building, not the first
    if "十" not in written:
        return [str(_DIGITS[digit]) for digit in written]  # 五六栋 are two
    tens, ones = written.split("十", 1)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return []
    return [str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))]
