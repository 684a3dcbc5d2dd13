"""A telephone number as people write it -> one spelling, and the blind index by which a person is
known again without the number itself being searched."""

import hashlib
import hmac
import re
import unicodedata

from django.conf import settings

# Where one field holds several numbers, or a number and how to reach the desk behind it.
_PARTS = re.compile(r"[/,;、，；|]|或")
_EXTENSION = re.compile(
    r"(?:转|分机|ext\.?|x|#)\s*\d{1,6}$|(?<=\d{7})\s*[-—]\s*\d{1,5}$", re.IGNORECASE
)
_FILLING = re.compile(r"[\s()\[\]（）【】.·_\-—–]")
_HOME = re.compile(r"(?:\+|00)?86(?=\d{9})")
_MOBILE = re.compile(r"1[3-9]\d{9}")
# 北京、上海等 three-digit area codes have eight digits behind them, four-digit ones seven or eight.
_FIXED = re.compile(r"(?:10|2\d)[2-8]\d{7}|[3-9]\d{2}[2-8]\d{6,7}")
_ABROAD = re.compile(r"(?:\+|00)((?!86)[1-9]\d{7,14})")
_MADE_UP = re.compile(r"(\d)\1{7}$")


def normalised(phone: str) -> str:
    """`phone` as +86 and digits (mobile, or fixed line with its area code), or as + and digits for
    another country; "" where it is no number by which a person could be known: a local number
    without area code, a hotline, a masked or a made-up one. Of several the first that is one."""
    plain = unicodedata.normalize("NFKC", phone).strip()
    return next((found for part in _PARTS.split(plain) if (found := _one(part.strip()))), "")


def _one(part: str) -> str:
    return _number(part) or _number(_EXTENSION.sub("", part))


def _number(part: str) -> str:
    digits = _FILLING.sub("", part)
    abroad = _ABROAD.fullmatch(digits)
    if abroad:
        return f"+{abroad[1]}"
    home = _HOME.match(digits)
    national = digits[home.end() :] if home else digits
    if _MOBILE.fullmatch(national):
        return "" if _MADE_UP.search(national) else f"+86{national}"
    # Behind +86 the zero of the area code is left off; without it, it tells a fixed line.
    if home or national.startswith("0"):
        line = national.removeprefix("0")
        return f"+86{line}" if _FIXED.fullmatch(line) else ""
    return ""


def key_of(phone: str) -> str:
    """The blind index of `phone`: HMAC-SHA256 in hex, "" where it is no number. Who has only the
    table cannot try numbers out: the key (BLIND_INDEX_KEY) is not in it."""
    number = normalised(phone)
    if not number:
        return ""
    key = settings.BLIND_INDEX_KEY.encode()
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()
