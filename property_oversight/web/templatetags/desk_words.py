"""The words that only the desks use: the navigation by hats, rules and figures of a talk."""

from typing import Any

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from property_oversight.accounts.models import Role
from property_oversight.accounts.queries import roles
from property_oversight.scoring.models import ScoreCard

register = template.Library()

Link = tuple[str, Promise]
_TALKS: Link = ("web:talks", _("约谈"))
_FEED: Link = ("web:feed", _("事件流"))
_LINKS: dict[Role, tuple[Link, ...]] = {
    Role.BUREAU: (
        ("web:bureau", _("工作台")),
        ("web:desk-complaints", _("投诉")),
        _TALKS,
        ("web:companies", _("企业")),
        ("web:estates", _("小区")),
        ("web:scores", _("评分")),
        ("web:models", _("模型")),
        _FEED,
    ),
    Role.FIRM: (
        ("web:firm", _("派给我们的")),
        ("web:firm-scores", _("我们的得分")),
        ("web:firm-evaluations", _("收到的评价")),
        _TALKS,
    ),
    Role.COMMUNITY: (
        ("web:community", _("辖区投诉")),
        ("web:rounds", _("评价企业")),
        _TALKS,
    ),
    Role.PETITION_OFFICE: (("web:petition", _("全部投诉")), _TALKS, _FEED),
}
_RULES = {
    "T1-low-score": _("得分过低"),
    "T2-two-listed": _("两个以上小区上榜"),
    "T3-overdue": _("逾期答复多"),
    "T4-danger-late": _("危及安全的投诉逾期"),
    "T5-joint": _("十户以上联名"),
}
_FIGURES = {
    "score": _("最低得分"),
    "high": _("区间上限"),
    "listed": _("上榜小区数"),
    "overdue": _("逾期件数"),
    "judged": _("到期件数"),
    "danger_late": _("逾期的危险件数"),
    "households": _("户数"),
}


@register.inclusion_tag("web/desk/nav.html", takes_context=True)
def desk_nav(context: Context) -> dict[str, Any]:
    """Where one may go: the places of every hat one wears, each place once."""
    request = context["request"]
    held = roles(request.user)
    match = request.resolver_match
    return {
        "links": list(
            dict.fromkeys(link for role, links in _LINKS.items() if role in held for link in links)
        ),
        "here": match.view_name if match else "",
        "user": request.user,
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def rule_words(code: str) -> str:
    """Why a talk is proposed, in a few words."""
    return str(_RULES.get(code, _("其他事由")))


@register.filter
def figures(found: dict[str, float]) -> list[tuple[str, str]]:
    """The figures of a ground, named."""
    return [(str(_FIGURES[name]), f"{found[name]:g}") for name in found if name in _FIGURES]


@register.filter
def differs(card: ScoreCard) -> bool:
    """Whether the estates of a firm differ more than chance would have it."""
    below = card.run.policy.get("disparity_below", 0.05)
    return card.disparity is not None and card.disparity < below
