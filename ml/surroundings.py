"""What stands before and after a name in a sentence: whether a name is meant there, and whole."""

import re
from collections.abc import Collection
from enum import IntEnum
from typing import NamedTuple

from ml.names import BRANDS, words

# An administrative word closes what stands before a name; so do a street and a house number.
_PLACE = frozenset("市区县镇乡路街道村社省州号巷弄旁边侧段")
_LINK = frozenset(
    "在是的们于对为与和将入来还向求买让给到从由被把至及或跟同因住我就请据经以有了着但而且也又则使"
    "替去派诉报查告叫属即现该离距似像如买租售建管治整究下"
)
_BESIDE = words("不像 不如 相比 比起 类似 例如 比如 隔着 毗邻 紧邻 邻近 临近 靠近 挨着")
_FORMER = frozenset("前原某")
_NOUNS = words(
    "小区 业主 全体 建议 办理 规划 状告 代表 责令 名为 名叫 位于 居于 有关 关于 楼盘 项目 本人"
    " 家住 附近 旁边 对面 现任 主管 国营 大学 学院 中学 医院 市场 大道 片区 新区"
)

_OPEN = r"[”\"』」)》\]】']*"
_OF = r"(?:的)?(?:全体|广大|所有|部分|众多|整个|1名|1位|1个|老|各)?"
_KIND = (
    r"(?:居民|住宅|安置|商住|职工|教工|教师|老|新)*"
    r"(?:小区|住宅区|安置区|家属|宿舍|生活区|大院|院内|院子)"
)
_HOME = (
    _OF + r"(?:业主|业委|住户|居民|洋房|别墅"
    r"|[a-z\d、,#\-]{1,5}(?:栋|幢|座|区|期|单元|号楼|号栋|#|组团)"
    r"|第?[\d十]+(?:栋|幢|座|期|单元|届)|[东南西北中][区苑门])"
)
_CUE = (
    _OF + r"(?:物业|物管|住宅|公寓|楼盘|项目|开发商|电梯|车库|地下|停车|车位|楼[下上栋顶]"
    r"|门口|门面|房屋|外墙|房子|保安|购房|交房|精装|商铺|大门|\d{1,3}号|\d{1,2}楼)"
)
_OTHER = (
    r"(?:大|东|西|南|北|中|\d)?(?:道|路|街|巷|桥|立交|地铁|高速|隧道|线)"
    r"|(?:房地产|地产|置业|集团|建设|实业|开发|投资|物业服务|物业管理)?(?:有限|公司|集团|责任)"
    r"|置业|地产|派出所|医院|学校|小学|中学|大学|学院|幼儿园|大?酒店|宾馆|银行|法院|分局|超市|公园"
    r"|市场|商圈|片区|镇|乡|县|站|湖|水库|局|厅"
)
_TAIL = (
    r"(?:花园|家园|花苑|花都|花城|新城|名城|星城|锦城|世家|人家|公馆|国际|广场|山庄|庄园|新居|名居"
    r"|雅居|新村|新都|半岛|水岸|华都|名都|大厦|小镇|[苑邸郡庭轩墅湾]|(?<!政)府"
    r"|(?<![公儿校])园(?![区林])|(?<!县)城(?![管市区镇乡]))"
)
_LIST = r"、|等[^待到]"
_NEAR = r"旁|附近|对面|隔壁|周边|相邻|以?[东西南北]面|[东西南北]侧|以[东西南北]"
_AFTER = re.compile(
    rf"(?P<kind>{_OPEN}{_KIND})|(?P<latin>[a-z]{{2}})|(?P<community>社区|居委|村委|办事处|街道)"
    rf"|(?P<other>{_OTHER})|(?P<home>{_OPEN}{_HOME})|(?P<cue>{_OPEN}{_CUE})"
    rf"|(?P<longer>[^\W\d_的和与在是、及等有了]{{0,2}}?{_TAIL})"
    rf"|(?P<list>{_OPEN}(?:{_LIST}))|(?P<near>{_OPEN}(?:{_NEAR}))"
)
_ASIDE = re.compile(rf"{_OPEN}(?:{_LIST}|{_NEAR})")
_INNER = r"[^\W_的和与在是及等有了对被把要收将已因何能应给司市区县]"
# Something named as estates are named: after a place or a word that leads there, and ended by what
# goes with homes or by a word for what it is.
# The sign set comes first, for it is looked for many times as fast as words are.
_CALLED = re.compile(
    r"[市区县镇乡路街道诉映报是住在于:：“\"\n](?:(?<=[市区县镇乡路街道“\"\n])"
    r"|(?<=投诉|反映|举报|我是|家住|住在|位于|关于)|(?<=我们是)|(?<=小区名称[:：]))"
    r"(?:(?P<name>"
    + _INNER
    + "{3,9}?)"
    + r"(?=[的全广所部众整老各业住居洋别a-z\d、,#\-第十东南西北中安商职教新小家宿生大院物电])(?="
    + _HOME
    + "|"
    + _KIND
    + r"|物业(?!公司|管理|服务|有限)|电梯)"
    r"|(?P<whole>"
    + _INNER
    + "{2,9}?(?=[公花家新名星锦世人国广山庄雅半水华大小苑邸郡庭轩墅湾府园城])(?:公寓|"
    + _TAIL
    + ")))"
)

CLOSED, LINKED, BRANDED, LISTED = 1.0, 0.95, 0.8, 0.5


class Call(IntEnum):
    """How plainly what follows says that the name before it is an estate's."""

    NOTHING = 0
    CUE = 1
    HOME = 2
    KIND = 3


class After(NamedTuple):
    """How well what follows goes with a name that ends here."""

    fit: float
    call: Call = Call.NOTHING
    reach: int = 0  # characters that belong to the mention beyond the name
    inside: bool = False  # a longer name goes on


_EDGE, _NEUTRAL, _STRADDLED = After(0.9), After(0.85), After(0.4)
_FITS = {
    "latin": After(0.3, inside=True),
    "community": After(0.5),
    "other": After(0.12),
    "home": After(1.0, Call.HOME),
    "cue": After(0.95, Call.CUE),
    "longer": After(0.3, inside=True),
    "list": After(LISTED),
    "near": After(0.5),
}
_NUMERALS = frozenset("一二三四五六七八九十百")


def is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def is_run(left: str, right: str) -> bool:
    """Whether two neighbours are of one number or one Latin word."""
    if left.isascii() and right.isascii():
        return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())
    return left in _NUMERALS and right in _NUMERALS


def before(text: str, start: int, leading: Collection[str], places: Collection[str]) -> float:
    """How surely a name may begin at `start`; 0 where what stands before may belong to it."""
    if start == 0:
        return CLOSED
    character = text[start - 1]
    two, three = text[max(start - 2, 0) : start], text[max(start - 3, 0) : start]
    if character == "、" or two in _BESIDE:
        return LISTED
    if character in _PLACE or not is_han(character) or two in places or three in places:
        return CLOSED
    if character in _LINK or two in leading or two in _NOUNS:
        return LINKED
    if character in _FORMER and (start == 1 or text[start - 2] in _PLACE):
        return LINKED
    return BRANDED if two in BRANDS or three in BRANDS else 0.0


def after(text: str, end: int, pairs: Collection[str]) -> After:
    """What follows a name that ends at `end`."""
    if end >= len(text):
        return _EDGE
    found = _AFTER.match(text, end)
    if found is None:
        if not is_han(text[end]):
            return _EDGE
        return _STRADDLED if text[end - 1 : end + 1] in pairs else _NEUTRAL
    if found.lastgroup == "kind":
        close = found.end()
        return After(LISTED if _ASIDE.match(text, close) else 1.0, Call.KIND, close - end)
    return _FITS[str(found.lastgroup)]


def called(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where something is named as estates are named, whether a register knows it or not. A text
    begins after a line break."""
    return [
        found.span("name" if found["name"] else "whole")
        for found in _CALLED.finditer(text, start, end)
    ]
