"""The words that all faces share: Chinese dates, what happened, who did it, masked numbers."""

import re
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from complaints import privacy
from complaints.workflow import EVENTS as COMPLAINT_EVENTS
from property_oversight.scoring.models import ScoreCard
from property_oversight.talks.workflow import EVENTS as TALK_EVENTS

register = template.Library()

_NOTHING = "—"
_ACTORS = {
    "system": _("系统"),
    "import": _("来源系统"),
    "resident": _("居民"),
    "firm": _("物业企业"),
    "community": _("社区"),
    "bureau": _("主管部门"),
    "petition_office": _("信访办"),
}
_NEAR_THE_LEFT, _NEAR_THE_RIGHT = 20, 80
_NUMERALS = "零一二三四五六七八九十"
_SHORTEST_PHONE = 7


@register.filter
def day(value: date | str | None) -> str:
    """2026年11月24日, also of an instant (by the city's clock) and of what JSON keeps."""
    if isinstance(value, str):
        value = parse_datetime(value) or parse_date(value)
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return f"{value.year}年{value.month}月{value.day}日" if value else _NOTHING


@register.filter
def moment(value: datetime | None) -> str:
    """2026年11月24日 09:30, by the city's clock."""
    if value is None:
        return _NOTHING
    local = timezone.localtime(value)
    return f"{day(local)} {local:%H:%M}"


@register.filter
def quarter_words(code: str) -> str:
    """2026Q3 -> 2026年第三季度."""
    hit = re.fullmatch(r"(\d{4})Q([1-4])", code)
    return f"{hit[1]}年第{_NUMERALS[int(hit[2])]}季度" if hit else code


@register.filter
def tier_words(tier: int | None) -> str:
    """3 -> 三级."""
    if tier is None:
        return "未登记"
    return f"{_NUMERALS[tier] if tier < len(_NUMERALS) else tier}级"


@register.filter
def event_words(kind: str) -> str:
    """What happened, of a complaint or of a talk."""
    return COMPLAINT_EVENTS.get(kind) or TALK_EVENTS.get(kind) or "其他"


@register.filter
def actor_words(actor: str) -> str:
    """Whose hat the person wore who did it."""
    return str(_ACTORS.get(actor, _NOTHING))


@register.filter
def masked_phone(phone: str) -> str:
    """13812345678 -> 138****5678: enough to recognise, too little to ring up."""
    number = phone.strip()
    if not number:
        return "未留"
    if len(number) < _SHORTEST_PHONE:
        return "****"
    return f"{number[:3]}****{number[-4:]}"


@register.filter
def masked(text: str, name: str = "") -> str:
    """A text of the resident's as others may read it: `{{ c.text|masked:c.reporter_name }}`."""
    return privacy.masked(text, [name] if name else [])


@register.filter
def points(value: float | None) -> str:
    """One decimal."""
    return _NOTHING if value is None else f"{value:.1f}"


@register.filter
def signed(value: float | None) -> str:
    """One decimal with its sign, so that no colour is needed."""
    if value is None:
        return _NOTHING
    return f"{value:+.1f}".replace("-", "−")


@register.filter
def size(value: float) -> str:
    """One decimal without the sign, where words say which way."""
    return f"{abs(value):.1f}"


@register.filter
def spaced(code: str) -> str:
    """ABCD2345EFGH -> ABCD 2345 EFGH, as people read it out."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


@register.filter
def share(value: float | None) -> str:
    """0.461 -> 46%."""
    return _NOTHING if value is None else f"{value:.0%}"


@register.filter
def percent(value: float) -> str:
    """0.4612 -> 46.1%."""
    return f"{value:.1%}"


@register.filter
def signed_percent(value: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return signed(100 * value)


@register.filter
def month_words(value: date) -> str:
    """2026年11月."""
    return f"{value.year}年{value.month}月"


@register.filter
def short_version(version: str) -> str:
    """The part of a model's version that tells it apart from others."""
    return version.split("-", 1)[0].upper()


@register.filter
def yes_no(value: bool | None) -> str:
    """是, 否, or nothing said."""
    return "未表态" if value is None else ("是" if value else "否")


@register.inclusion_tag("web/score_bar.html")
def score_bar(card: ScoreCard) -> dict[str, Any]:
    """A rated card as a drawing made here: score, interval, the city's average, on 0 to 100."""
    score, low, high = card.score or 0.0, card.low or 0.0, card.high or 0.0
    left, right = _across(low), _across(high)
    bar = {
        "card": card,
        "left": left,
        "width": max(2, right - left),
        "score": _across(score),
        "score_anchor": _anchor(score),
    }
    if card.base is not None:
        bar |= {"average": _across(card.base), "average_anchor": _anchor(card.base)}
    return bar


def _across(value: float) -> int:
    """Where on the drawing, 360 wide with a margin of 20, a number from 0 to 100 stands."""
    return round(20 + 3.2 * min(100.0, max(0.0, value)))


def _anchor(value: float) -> str:
    """So that a label near an end stays on the drawing."""
    if value < _NEAR_THE_LEFT:
        return "start"
    return "end" if value > _NEAR_THE_RIGHT else "middle"


@register.inclusion_tag("web/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form's field with label, help and errors that belong to it: `{% field form.text %}`."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        kind, css = "check", "form-check-input"
    elif isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        kind, css = "choices", "form-check-input"
    else:
        kind, css = "box", "form-select" if isinstance(widget, forms.Select) else "form-control"
    widget.attrs["class"] = f"{css} is-invalid" if bound.errors else css
    return {"field": bound, "kind": kind}
