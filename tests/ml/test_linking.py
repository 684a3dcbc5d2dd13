"""Which estate a text speaks of: names as people write them, and no guess where two bear one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.linking import NOWHERE, Gazetteer, How, Link, Reason

NAMES = [
    ("E1", "阳光花园"),
    ("E1", "阳光家园北区"),  # an alias
    ("E2", "阳光花园二期"),
    ("E3", "锦绣江南小区"),
    ("E4", "江南"),
    ("E5", "东湖花园"),  # two estates of one name, in two communities
    ("E6", "东湖花园"),
    ("E7", "Ａ区９号院"),
]
CITY = Gazetteer(NAMES)
NOBODY = NOWHERE


def said(text: str, link: Link) -> str:
    assert link.span is not None
    return text[slice(*link.span)]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("阳光花园3栋电梯又坏了", "E1", "阳光花园"),
        ("住在阳光家园北区的老人", "E1", "阳光家园北区"),  # by its alias
        ("阳光花园二期没有路灯", "E2", "阳光花园二期"),  # the longer name, not the one inside
        ("锦绣江南小区太吵", "E3", "锦绣江南小区"),
        ("锦绣江南太吵", "E3", "锦绣江南"),  # without its suffix; 江南 inside is no estate here
        ("江南小区太吵", "E4", "江南"),
        ("a区9号院停水", "E7", "a区9号院"),
        ("投诉Ａ区９号院停水", "E7", "Ａ区９号院"),
    ],
)
def test_a_name_is_found_where_it_stands(text, code, words):
    link = CITY.link(text)
    assert (link.code, link.reason) == (code, Reason.NAMED)
    assert said(text, link) == words
    assert link.candidates[0][0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "雨天进不了门\n上个月起，锦绣江南的门禁一下雨就失灵。",
            "E3",
        ),  # four signs speak for themselves
        ("雨天进不了门\n上个月起，去过江南的人都说那边雨多。", None),  # two are a place as well
    ],
)
def test_a_name_that_stands_once_and_late_counts_if_it_can_be_nothing_else(text, code):
    assert CITY.link(text).code == code


def test_the_official_name_weighs_more_than_the_name_without_its_suffix():
    whole, short = CITY.link("锦绣江南小区太吵"), CITY.link("锦绣江南太吵")
    assert whole.confidence == 1.0
    assert 0.5 < short.confidence <= whole.confidence
    assert (whole.how, short.how) == (How.EXACT, How.CORE)


@pytest.mark.parametrize(
    "text",
    [
        "ＡＢＣ１２３（锦绣江南小区）电梯坏了",
        "　　锦绣江南小区",
        "🙂㎡锦绣江南小区",
        "标题\n锦绣江南小区",
        "İﬁ锦绣江南小区",
    ],
)
def test_spans_count_in_the_text_as_it_was_written(text):
    assert said(text, CITY.link(text)) == "锦绣江南小区"


@given(st.text(max_size=30), st.text(max_size=30))
def test_spans_count_in_any_text(before, after):
    text = f"{before}，云栖谷，{after}"
    link = Gazetteer([("E9", "云栖谷")]).link(text)
    assert link.code == "E9"
    assert said(text, link) == "云栖谷"


def test_one_name_of_two_estates_gives_candidates_and_no_guess():
    link = CITY.link("东湖花园的电梯坏了")
    assert (link.code, link.reason) == (None, Reason.AMBIGUOUS)
    assert link.candidates == (("E5", 0.5), ("E6", 0.5))


def test_two_estates_named_once_each_give_candidates_and_no_guess():
    link = CITY.link("阳光花园和锦绣江南小区都停水")
    assert (link.code, link.reason) == (None, Reason.AMBIGUOUS)
    assert {code for code, _share in link.candidates} == {"E1", "E3"}


def test_the_estate_named_more_often_is_meant():
    link = CITY.link("阳光花园停水，不像锦绣江南小区，阳光花园天天停水")
    assert (link.code, link.reason) == ("E1", Reason.NAMED)
    assert [code for code, _share in link.candidates] == ["E1", "E3"]
    assert link.confidence < CITY.link("阳光花园停水").confidence


@pytest.mark.parametrize("text", ["公交车不准点", "", "？？？", "东湖"])
def test_a_text_that_names_no_estate_is_linked_to_none(text):
    assert CITY.link(text) == NOBODY


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("E3", "E3"),
        ("e3", "E3"),
        ("Ｅ３", "E3"),
        ("锦绣江南小区", "E3"),
        (" 锦绣江南 ", "E3"),
        ("阳光家园北区", "E1"),
    ],
)
def test_a_stated_estate_counts_by_code_and_by_name(stated, code):
    link = CITY.link("电梯坏了没人修", stated)
    assert (link.code, link.reason, link.span) == (code, Reason.STATED, None)
    assert link.confidence == 1.0


@pytest.mark.parametrize("stated", ["E99", "不存在的小区", "  ", ""])
def test_a_stated_estate_that_nobody_knows_says_nothing(stated):
    assert CITY.link("电梯坏了", stated) == NOBODY
    assert CITY.link("阳光花园电梯坏了", stated) == CITY.link("阳光花园电梯坏了")


def test_the_stated_code_decides_between_two_of_one_name():
    link = CITY.link("东湖花园的电梯坏了", "E6")
    assert (link.code, link.reason) == ("E6", Reason.NAMED)
    assert said("东湖花园的电梯坏了", link) == "东湖花园"


def test_the_stated_name_of_two_estates_decides_nothing():
    link = CITY.link("电梯坏了", "东湖花园")
    assert (link.code, link.reason) == (None, Reason.AMBIGUOUS)
    assert [code for code, _share in link.candidates] == ["E5", "E6"]


def test_what_is_stated_weighs_more_than_what_is_mentioned():
    link = CITY.link("不像锦绣江南小区那样有人管", "E1")
    assert (link.code, link.reason) == ("E1", Reason.STATED)
    assert [code for code, _share in link.candidates] == ["E1", "E3"]


@pytest.mark.parametrize("stated", ["", "E1", "阳光花园"])
@pytest.mark.parametrize("text", ["", "阳光花园电梯坏了"])
def test_an_empty_register_links_nothing(text, stated):
    empty = Gazetteer([])
    assert len(empty) == 0
    assert empty.link(text, stated) == NOBODY


def test_linking_many_is_linking_one_by_one():
    texts = ["阳光花园停水", "东湖花园停水", "停水", "锦绣江南停水"]
    stated = ["", "E6", "E4", ""]
    assert CITY.link_many(texts, stated) == [
        CITY.link(text, claim) for text, claim in zip(texts, stated, strict=True)
    ]
    assert CITY.link_many(texts) == [CITY.link(text) for text in texts]
    assert CITY.link_many([]) == []
    with pytest.raises(ValueError, match="shorter"):
        CITY.link_many(texts, ["E1"])


def test_the_order_of_the_register_changes_nothing():
    backwards = Gazetteer(sorted(NAMES, key=lambda pair: pair[0], reverse=True))
    for text in ("阳光花园停水", "东湖花园停水", "锦绣江南和阳光花园二期", "停水"):
        assert backwards.link(text) == CITY.link(text)


@given(st.text("阳光花园二期锦绣江南小区东湖，好", max_size=40))
def test_shares_of_candidates_are_shares(text):
    link = CITY.link(text)
    shares = [share for _code, share in link.candidates]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1.0 + 1e-9
    assert 0.0 <= link.confidence <= 1.0
    if link.code is not None:
        assert link.code == link.candidates[0][0]
        assert said(text, link)


# How a name is recognised ------------------------------------------------------------------------

TOWN = Gazetteer(
    [
        ("T1", "银杏雅苑小区"),
        ("T1", "银杏里"),  # an alias
        ("T2", "万科云栖谷"),
        ("T3", "青石桥花园（二期）"),
        ("T4", "棉纺厂家属院"),
        ("T5", "枫桥水岸名居"),
        ("T6", "听松阁花园"),
        ("T7", "御景壹号"),
        ("T8", "星汇·荷塘"),
        ("T9", "丰和"),
    ],
    [("T5", "城南街道"), ("T5", "竹溪社区"), ("T5", "竹溪路18号")],
)


@pytest.mark.parametrize(
    ("text", "code", "words", "how"),
    [
        ("银杏雅苑小区停水", "T1", "银杏雅苑小区", How.EXACT),
        ("银杏雅苑停水", "T1", "银杏雅苑", How.CORE),
        ("我住在银杏里", "T1", "银杏里", How.ALIAS),
        ("银幸雅苑3栋停水", "T1", "银幸雅苑", How.PINYIN),
        ("万科云栖谷的业主", "T2", "万科云栖谷", How.EXACT),
        ("云栖谷花园", None, "", None),  # three signs are too few to leave the developer off
        ("青石桥花园二期停水", "T3", "青石桥花园二期", How.EXACT),
        ("青石桥花园(二期)停水", "T3", "青石桥花园(二期)", How.EXACT),
        ("青石桥花园停水", "T3", "青石桥花园", How.CORE),
        ("棉纺厂宿舍停水", "T4", "棉纺厂", How.CORE),
        ("枫桥水案名居的电梯坏了", "T5", "枫桥水案名居", How.PINYIN),
        ("枫桥水名居的电梯坏了", "T5", "枫桥水名居", How.FUZZY),
        ("枫桥水闸名居的电梯坏了", "T5", "枫桥水闸名居", How.FUZZY),
        ("枫桥岸水名居的电梯坏了", "T5", "枫桥岸水名居", How.FUZZY),
        ("竹溪路18号停水", "T5", "竹溪路18号", How.ADDRESS),
        ("听松阁业主反映", "T6", "听松阁", How.CORE),
        ("御景1号停水", "T7", "御景1号", How.EXACT),
        ("星汇荷塘停水", "T8", "星汇荷塘", How.EXACT),
        ("星汇·荷塘停水", "T8", "星汇·荷塘", How.EXACT),
        ("丰和小区停水", "T9", "丰和", How.EXACT),
    ],
)
def test_a_link_says_which_words_it_rests_on_and_how_they_were_matched(text, code, words, how):
    link = TOWN.link(text)
    assert (link.code, link.how if code else None) == (code, how)
    if code:
        assert said(text, link) == words
        assert [one.how for one in link.mentions] == [how]


@pytest.mark.parametrize(
    "text",
    [
        "棉纺厂欠薪",  # where people work, not where they live
        "丰和超市涨价",  # two signs need a word that goes with homes
        "御景1号线开通",
        "枫桥水岸名居路不平",  # a road
        "枫桥水岸名居置业有限公司",  # a firm
        "银杏雅苑国际公馆停水",  # a longer name goes on
        "听松阁苑停水",
        "棉纺厂派出所",
        "竹溪路188号停水",  # a number is read to its end
        "松阁花园停水",
        "青石桥花苑停水",  # near look-alikes
        "银杏佳苑停水",
    ],
)
def test_look_alikes_are_not_taken(text):
    assert TOWN.link(text).code is None


def test_a_name_inside_a_longer_unknown_one_is_not_meant():
    small = Gazetteer([("S1", "景园小区"), ("S2", "花园小区")])
    assert small.link("北湾景园小区停水").code is None
    assert small.link("住在景园小区").code == "S1"
    assert small.link("颐和花园小区停水").code is None


def test_the_title_says_what_a_message_is_about():
    link = CITY.link("阳光花园停水\n不像锦绣江南小区，物业从来不来")
    assert (link.code, link.reason) == ("E1", Reason.NAMED)


def test_a_title_that_names_a_stranger_makes_what_is_named_in_passing_doubtful():
    passing = "噪音太大，隔着锦绣江南小区附近的马路都听得见"
    assert CITY.link(f"投诉A市翠微名邸小区\n{passing}").code is None


def test_who_has_written_a_name_in_full_writes_it_short_afterwards():
    pair = Gazetteer([("P1", "梧桐里"), ("P2", "梧桐里山湖名城")])
    link = pair.link("梧桐里山湖名城停水，梧桐里物业不管，梧桐里业主着急")
    assert link.code == "P2"


@pytest.mark.parametrize(
    ("where", "code"), [("北苑街道", "E5"), ("在南山社区", "E6"), ("在西河社区", None)]
)
def test_the_place_tells_estates_of_one_name_apart(where, code):
    city = Gazetteer(
        [("E5", "东湖花园"), ("E6", "东湖花园")], [("E5", "北苑街道"), ("E6", "南山社区")]
    )
    link = city.link(f"{where}，东湖花园的电梯坏了")
    assert link.code == code
    assert {one for one, _share in link.candidates} == {"E5", "E6"}


def test_a_known_place_closes_what_stands_before_a_name():
    names = [("K1", "梅景园")]
    assert Gazetteer(names).link("桃坪梅景园停水").code is None
    assert Gazetteer(names, [("K1", "桃坪街道")]).link("桃坪梅景园停水").code == "K1"


def test_names_that_differ_in_what_is_folded_away_are_told_apart_as_written():
    twins = Gazetteer([("W1", "云城MOMA"), ("W2", "云城moma")])
    assert twins.link("云城MOMA停水").code == "W1"
    assert twins.link("云城moma停水").code == "W2"


def test_where_many_names_sound_alike_likeness_makes_candidates_and_no_link():
    alike = [(f"A{i}", name) for i, name in enumerate(("金鑫佳园", "锦鑫佳园", "银杏雅苑"))]
    link = Gazetteer(alike).link("银幸雅苑3栋停水")
    assert link.code is None
    assert [code for code, _share in link.candidates] == ["A2"]


NAMES_OF_ALL_KINDS = st.text("东湖花园小区一二期阳光苑A区1（）·宿舍 路号", min_size=1, max_size=9)
WRITTEN = st.text("东湖花园小区一二期阳光苑A区1（）·宿舍 路号，\n我是业主3栋𠮷", max_size=60)


@given(st.lists(st.tuples(st.sampled_from("ABC"), NAMES_OF_ALL_KINDS), max_size=5), WRITTEN)
def test_a_link_is_sound_whatever_is_registered_and_whatever_is_written(names, text):
    gazetteer = Gazetteer(names)
    link = gazetteer.link(text)
    codes = {code for code, _name in names}
    assert link.code is None or link.code in codes
    assert {code for code, _share in link.candidates} <= codes
    assert all(0 <= one.start < one.end <= len(text) for one in link.mentions)
    assert link.span is None or any(link.span == (m.start, m.end) for m in link.mentions)
    assert 0.0 <= link.confidence <= 1.0
    assert link == Gazetteer(names).link(text) == gazetteer.link_many([text])[0]


@given(st.text(max_size=80), st.text(max_size=10))
def test_no_text_and_no_claim_breaks_the_linker(text, stated):
    link = TOWN.link(text, stated)
    assert link.code is None or link.code.startswith("T")
