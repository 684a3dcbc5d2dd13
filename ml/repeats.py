"""Does a person say the same thing again? Short reminders of long letters and letters alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.incidents import IN_ONE_BUILDING
from ml.names import words
from ml.places import buildings_of
from ml.similarity import Words, cosine, held, jaccard, shingles, words_of
from ml.text import fold
from ml.weights import known

SAME_TEXT = 0.35
"""Share of common trigrams from which on two texts are one, said twice."""
ALIKE, ALIKE_HERE = 0.30, 0.20
"""Cosine that tells one matter; and where estate and kind of matter are known to be the same."""
HELD_HERE = 0.45
"""What the longer text must hold of the shorter where estate and kind are the same. Of two texts
of one kind, about different things, the longer holds so much in four of a hundred pairs of a short
and a long one, in one of a hundred of any."""

_REMINDING = words(
    "上次 上回 上周 上个月 再次 再 又 催 催办 催促 催问 之前 前几天 前天 昨天 刚才 反映 反应 投诉"
    " 举报 进展 结果 回复 回音 答复 处理 尽快 赶紧 解决 一下 请问 麻烦 至今 现在 还是 依旧 仍然"
    " 一直 问题 事 事情 管 没 没人管 没人理 没人来 没动静 打 电话 工单 单子 编号 受理 热线 平台"
    " 几天 多久 到底 时候 修好 弄好 搞好 办好"
)
_SAYS_SOMETHING = 1.0  # weight from which on a word speaks of a matter


@dataclass(frozen=True)
class Statement:
    """What a person said once. `matter`: code of the kind it was read as, "" where unknown."""

    words: Words
    shingles: frozenset[str]
    buildings: frozenset[str]
    matter: str

    @property
    def subject(self) -> Words:
        """The words without those by which people remind."""
        return {word: part for word, part in self.words.items() if word not in _REMINDING}

    @property
    def only_reminds(self) -> bool:
        """Whether it speaks of something said before and says nothing itself."""
        table = known()
        rest = self.subject
        return len(rest) < len(self.words) and all(
            table.get(word, _SAYS_SOMETHING) < _SAYS_SOMETHING for word in rest
        )


def statements(said: Sequence[tuple[str, str, Sequence[str]]]) -> list[Statement]:
    """Read many at once: text, kind of matter, names of the estate."""
    weighed = words_of([text for text, _matter, _names in said], [names for *_, names in said])
    return [
        Statement(mine, shingles(text), buildings_of(fold(text)), matter)
        for (text, matter, _names), mine in zip(said, weighed, strict=True)
    ]


def is_same_matter(one: Statement, other: Statement, *, is_same_estate: bool) -> bool:
    """Whether two statements of one person, about no different estates, are one matter.
    `is_same_estate`: whether it is known that they are about the same."""
    if _in_two_buildings(one, other):
        return False
    if jaccard(one.shingles, other.shingles) >= SAME_TEXT:
        return True
    alike = cosine(one.words, other.words)
    if not is_same_estate or not one.matter or one.matter != other.matter:
        return alike >= ALIKE
    short, long = sorted((one, other), key=lambda statement: len(statement.subject))
    return alike >= ALIKE_HERE or held(short.subject, long.words) >= HELD_HERE


def _in_two_buildings(one: Statement, other: Statement) -> bool:
    kinds = {one.matter, other.matter} - {""}
    return (
        IN_ONE_BUILDING.issuperset(kinds)
        and bool(one.buildings)
        and bool(other.buildings)
        and one.buildings.isdisjoint(other.buildings)
    )
