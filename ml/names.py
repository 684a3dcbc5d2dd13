"""What an estate's name is made of: the part that tells, what people leave off, how it sounds."""

import os
import re
from collections.abc import Collection, Iterable
from enum import IntEnum
from functools import cache
from itertools import compress, pairwise
from typing import NamedTuple

import jieba
import numpy as np
from numpy.typing import NDArray

from ml.text import CodePoints, fold


def words(line: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(line.split())


_NUMERALS = dict(
    zip("〇零一壹二贰三叁四肆五伍六陆七柒八捌九玖", "00112233445566778899", strict=True)
)
_NUMERAL = re.compile(f"[{''.join(_NUMERALS)}]")
_DIGITS = np.arange(0x10000, dtype=np.uint32)
_DIGITS[[ord(numeral) for numeral in _NUMERALS]] = [ord(digit) for digit in _NUMERALS.values()]

# What a name loses first: an aside in brackets, the phase or part, the word for what it is.
_ASIDE = re.compile(r"[(\[【].*?[)\]】]")
_PHASE = re.compile(r"[\da-z东南西北中十][期区栋座]|组团|别墅")
_SILENT = re.compile(r"[\s·•▪‧・∙.]")
_BRACKET = re.compile(r"[()\[\]【】]")
_PART = re.compile(
    r"(?:第?[\d十]+(?:[、和,-]第?[\d十]+)*期|[a-z\d]{1,2}[区座栋]|[东南西北中]区|[\d十]+[区栋]"
    r"|[a-z\d十东南西北中]组团)$"
)
_ESTATE = re.compile(r"(?:居民小区|住宅小区|安置小区|商住小区|生活小区|小区|住宅区|安置区|社区)$")
_QUARTERS = re.compile(
    r"(?:职工|教工|教师|员工|单位)?(?:家属小区|家属大院|家属院|家属区|家属楼|宿舍小区|宿舍区"
    r"|宿舍楼|宿舍院|宿舍|生活区|住宅楼|住宅|大院)$"
)
_GROUNDS = re.compile(r"(?:国际公寓|酒店公寓|公寓楼|公寓|别墅|花园|花苑|商住楼|大厦)$")

# Developers whose name stands before that of the estate, and is left off as often as not.
BRANDS = words(
    "万科 保利 恒大 中海 绿地 华润 龙湖 融创 金地 招商 中建 五矿 绿城 旭辉 富力 世茂 远洋 首开"
    " 中粮 中铁 中铁建 中冶 中交 中航 中信 中南 阳光城 龙光 雅居乐 佳兆业 碧桂园 荣盛 金科 金茂"
    " 建发 越秀 华侨城 华远 鲁能 合景 正荣 禹洲 万达 北辰 合生 奥园 中梁 祥生 弘阳 电建 城建 融信"
    " 泰禾 海伦堡 协信 和泓 金辉 俊发 宝能 京基 花样年 金融街 路劲 长房 鑫远"
)

# What such a name says is where somebody works or buys, unless it is called a place to live in.
_OFFICE = re.compile(
    r"(?:[局厅委办部处所站厂]|公司|集团|学校|学院|大学|中学|小学|幼儿园|[分支银]行|政府|[大支]队"
    r"|合作社|供销社|报社|[法医]院|检察院|研究院|设计院|卫生院|委员会|管委会|电视台|党校|工会|协会"
    r"|天然气|自来水|燃气|机关|单位|[十\d]中)$"
)
_ROAD = re.compile(r"(?:[路街巷道弄]|胡同|环线|公园)$")
_NUMBER = re.compile(r"[\da-z十百第号弄栋幢楼院单元室\-#]+")
_EMPTY = words(
    "小区 家园 花园 花苑 新城 新村 公寓 大厦 广场 社区 家属院 宿舍 生活区 住宅区 安置区 安置房"
    " 保障房 公租房 廉租房 经适房 住宅 别墅 洋房 国际 中心 大院 山庄 庄园 公馆 商住 居民 物业"
    " 商品房 拆迁房 集资房 老小区 新小区 南区 北区 东区 西区 中区 东苑 西苑 南苑 北苑 中苑"
)
_END = "\n"
_LEAST = _PAIR = 2
_LONG_CORE = 3
_SHORT_ROAD = 4


class Need(IntEnum):
    """What must stand after a name before it counts as the name of an estate."""

    NOTHING = 0
    HOME = 1  # a word that goes with homes alone: 业主, 3栋, 小区
    KIND = 2  # a word that says it is a place to live in: 小区, 宿舍


class Spelling(NamedTuple):
    """One way to write a name: the signs to look for and how much of the name they keep."""

    key: str
    kept: float
    need: Need = Need.NOTHING


class Name(NamedTuple):
    """A name taken apart. What estates of one family share is the stem: no aside, phase or kind."""

    stem: str
    spellings: tuple[Spelling, ...]


def signs(text: str) -> str:
    """`text` as names are compared: width, case and numerals folded, length preserved."""
    return with_digits(fold(text))


def with_digits(folded: str) -> str:
    """Folded text with Chinese numerals as digits: 壹号, 一号 and 1号 are one name."""
    return _NUMERAL.sub(lambda found: _NUMERALS[found.group()], folded)


def points_with_digits(points: CodePoints) -> CodePoints:
    """`with_digits` of many characters at once, as numbers."""
    return np.where(points < len(_DIGITS), _DIGITS[np.minimum(points, len(_DIGITS) - 1)], points)


def signs_of_many(names: Iterable[str]) -> list[str]:
    """`signs` of each name, at the price of one long text."""
    return signs("".join(f"{name.replace(_END, ' ')}{_END}" for name in names)).split(_END)[:-1]


def key_of(text: str) -> str:
    """The key of a whole name, given its signs: brackets and dots left out."""
    return _BRACKET.sub("", _SILENT.sub("", text))


def told(key: str) -> int:
    """How many signs of `key` tell it from other names."""
    left = _ESTATE.sub("", key)
    return len(left) if is_telling(left) else 0


def is_telling(key: str) -> bool:
    """Whether a name could consist of `key`: not a number, and not a word for any estate."""
    return not _NUMBER.fullmatch(key) and key not in _EMPTY


def _cut(pattern: re.Pattern[str], key: str, least: int = _LEAST) -> str:
    """`key` without what `pattern` takes off, if what is left can still be a name."""
    left = pattern.sub("", key)
    return left if len(left) >= least and is_telling(left) else key


def _stages(text: str) -> tuple[str, ...]:
    """A name losing its aside, its phase, its kind, and the phase that stood before the kind."""
    stages = [_SILENT.sub("", text)]
    for pattern in (_ASIDE, _PART, _ESTATE, _PART):
        stages.append(_cut(pattern, stages[-1]))
    return tuple(stages)


_LOSSES = (0.92, 0.85, 0.95, 0.85)
_PHASE_LOST, _QUARTERS_LOST, _GROUNDS_LOST, _BRAND_LOST = 0.85, 0.85, 0.7, 0.75


def taken_apart(text: str) -> Name:
    """How a name may be written, given its signs: from the whole to what is barely enough to know
    it by."""
    stages = _stages(text)
    core = stages[-1]
    ways = [Spelling(key, 1.0) for key in dict.fromkeys((key_of(text), text.strip()))]
    kept = 1.0
    for (longer, shorter), loss in zip(pairwise(stages), _LOSSES, strict=True):
        if longer == shorter:
            continue
        # Of two phases that have lost their number neither is meant more than the other, and both
        # less than the estate that never had one.
        kept = min(kept, _PHASE_LOST if _PHASE.search(longer[len(shorter) :]) else loss)
        ways.append(Spelling(shorter, kept, Need.KIND if len(shorter) <= _LEAST else Need.NOTHING))
    quarters = _cut(_QUARTERS, core)
    if quarters != core:
        ways.append(Spelling(quarters, _QUARTERS_LOST, Need.KIND))
        return Name(core, tuple(ways))
    grounds = _cut(_GROUNDS, core, _LONG_CORE)
    if grounds != core:
        ways.append(Spelling(grounds, _GROUNDS_LOST, Need.HOME))
    if (short := unbranded(core)) != core:
        ways.append(Spelling(short, _BRAND_LOST))
    return Name(core, tuple(ways))


def unbranded(core: str) -> str:
    """`core` without the developer before it, where enough is left to know it by."""
    for length in (3, 2):
        left = core[length:]
        if core[:length] in BRANDS and told(left) > _LONG_CORE:
            grounds = _GROUNDS.sub("", left)
            return left if is_telling(grounds) and len(grounds) >= _LEAST else core
    return core


def need_of(key: str, ordinary: Collection[str]) -> Need:
    """What must follow `key`, which may be an office, a road or a word of everyday."""
    if _OFFICE.search(key):
        return Need.KIND
    if len(key) <= _LEAST:
        return Need.KIND if key in ordinary else Need.HOME
    if key in ordinary or (_ROAD.search(key) and len(key) <= _SHORT_ROAD):
        return Need.HOME
    return Need.NOTHING


class Words(NamedTuple):
    """What the dictionary of everyday language says."""

    leading: frozenset[str]  # after these a name may begin: 关于, 投诉, 我们
    pairs: frozenset[str]  # common words of two characters: across an end, the name goes on
    ordinary: frozenset[str]  # of the asked keys, those that are words


_ENTRY = re.compile(r"^(\S{2,4}) (\d+) (\S+)$", re.MULTILINE)
_LEADING_TAGS = frozenset("vprcduft")
_PROPER_TAGS = frozenset({"nr", "nz"})
_RARE, _COMMON = 30, 300


class _Dictionary(NamedTuple):
    leading: frozenset[str]
    pairs: frozenset[str]
    hashes: NDArray[np.int64]  # of the words that are no proper names: a tenth of their weight


@cache
def _dictionary() -> _Dictionary:
    """jieba's dictionary, read once a process: a quarter of a second, and it never changes."""
    leading, pairs, hashes = set(), set(), set()
    with jieba.Tokenizer().get_dict_file() as lines:
        for entry in _ENTRY.finditer(with_digits(lines.read().decode("utf-8"))):
            word, count, tag = entry.groups()
            if len(word) == _PAIR:
                if tag[0] in _LEADING_TAGS and int(count) >= _RARE:
                    leading.add(word)
                if int(count) >= _COMMON:
                    pairs.add(word)
            if tag[:2] not in _PROPER_TAGS:
                hashes.add(hash(word))
    known = np.fromiter(hashes, np.int64, len(hashes))
    return _Dictionary(frozenset(leading), frozenset(pairs), np.sort(known))


def everyday(keys: Collection[str]) -> Words:
    """Words that lead to a name, and which of `keys` are words."""
    dictionary = _dictionary()
    asked = list(keys)
    hashes = np.fromiter(map(hash, asked), np.int64, len(asked))
    place = np.searchsorted(dictionary.hashes[:-1], hashes)
    ordinary = frozenset(compress(asked, dictionary.hashes[place] == hashes))
    return Words(dictionary.leading, dictionary.pairs, ordinary)


_FLAT = str.maketrans("āáǎàēéěèếềōóǒòīíǐìūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeeeooooiiiiuuuuvvvvvnnnm")


@cache
def _sounds() -> dict[int, int]:
    """A character for each sound: that of the first character that is read so. Regional mix-ups
    (n/l, zh/z, -ng/-n) are one sound, for so they are typed."""
    # Its phrases would weigh forty megabytes, and one character is read at a time here.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    from pypinyin.pinyin_dict import pinyin_dict

    first: dict[str, int] = {}
    table = {}
    for point in range(0x4E00, 0xA000):
        reading = pinyin_dict.get(point)
        if reading is None:
            continue
        sound = reading.split(",")[0].translate(_FLAT)
        sound = sound.replace("zh", "z").replace("ch", "c").replace("sh", "s")
        sound = sound.replace("ng", "n")
        if sound.startswith("n"):
            sound = "l" + sound[1:]
        table[point] = first.setdefault(sound, point)
    return table


def sounded(key: str) -> str:
    """`key` with every character replaced by the one that stands for its sound."""
    return key.translate(_sounds())
