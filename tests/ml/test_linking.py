"""Which estate a text speaks of: names as people write them, and no guess where two bear one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.linking import Gazetteer, Link, Reason, core

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
NOBODY = Link(None, 0.0, None, (), Reason.NOT_FOUND)


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
        ("江南太吵", "E4", "江南"),
        ("a区9号院停水", "E7", "a区9号院"),
        ("投诉Ａ区９号院停水", "E7", "Ａ区９号院"),
    ],
)
def test_a_name_is_found_where_it_stands(text, code, words):
    link = CITY.link(text)
    assert (link.code, link.reason) == (code, Reason.NAMED)
    assert said(text, link) == words
    assert link.candidates[0][0] == code


def test_the_official_name_weighs_more_than_the_name_without_its_suffix():
    whole, short = CITY.link("锦绣江南小区太吵"), CITY.link("锦绣江南太吵")
    assert whole.confidence == 1.0
    assert 0.5 < short.confidence < whole.confidence


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
    backwards = Gazetteer(reversed(NAMES))
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


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("锦绣江南小区", "锦绣江南"),
        ("阳光花园二期", "阳光花园"),
        ("东方红花园", "东方红"),
        ("纺织厂家属院", "纺织厂"),
        ("阳光花园", "阳光花园"),  # two characters would be left: anything might be meant
        ("江南小区", "江南小区"),
        ("小区", "小区"),
        ("3期", "3期"),
    ],
)
def test_core_leaves_off_what_people_leave_off(name, left):
    assert core(name) == left
