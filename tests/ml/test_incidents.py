"""Neighbours with one matter are put together, two matters stay two, and it can be said why."""

import json
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.incidents import (
    PATIENCE,
    PATIENCE_SUDDEN,
    Account,
    Bundle,
    Gathering,
    accounts,
    gather,
)

FIRST = date(2026, 8, 3)
PLANT = [
    "小区旁边新建的搅拌站粉尘满天，噪音也大，窗户都不敢开",
    "搅拌站日夜轰鸣，噪音大得睡不着",
    "水泥搅拌站离居民楼不到百米，粉尘和噪音严重污染环境",
    "再次投诉搅拌站：运渣车进进出出，粉尘呛人，噪音扰民",
]
LIFT = ["3栋电梯又停了，爬十六楼", "3号楼的电梯坏了三天没人修", "三栋电梯停运，老人下不了楼"]


def told(
    text: str, key: int = 0, day: int = 0, matter: str = "lift", *, is_sure: bool = True
) -> Account:
    on = FIRST + timedelta(days=day)
    return accounts([(key, text, on, matter, ("江南小区",), is_sure)])[0]


def noisy(text: str, key: int) -> Account:
    return told(text, key, matter="noise_fumes")


def all_told(texts: list[str], matter: str, days: int = 1) -> list[Account]:
    return [told(text, key, key * days, matter) for key, text in enumerate(texts)]


def partition(found: Gathering) -> set[frozenset[int]]:
    bundles: dict[int, set[int]] = {}
    for key, (bundle, _why) in found.places.items():
        bundles.setdefault(id(bundle), set()).add(key)
    return {frozenset(keys) for keys in bundles.values()}


@pytest.mark.parametrize(("texts", "matter"), [(PLANT, "noise_fumes"), (LIFT, "lift")])
def test_one_matter_in_several_words_is_one_bundle(texts, matter):
    found = gather(all_told(texts, matter))
    assert partition(found) == {frozenset(range(len(texts)))}
    assert [bundle.size for bundle in found.bundles] == [len(texts)]


def test_why_names_the_shared_words_the_days_and_the_kind():
    found = gather([told(LIFT[1], 1), told(LIFT[2], 2, day=3)])
    (_bundle, first), (_same, why) = found.places[1], found.places[2]
    assert first is None
    assert why is not None
    assert (why.days, why.is_same_kind) == (3, True)
    words = dict(why.words)
    assert max(words, key=words.get) == "电梯"
    assert 0.9 < sum(words.values()) <= 1.0001
    assert 0.0 < why.likeness <= 1.0


def test_one_word_that_may_be_a_name_is_not_enough():
    habit, barrier = "恒信的师傅说习惯就好", "道闸被恒信拆走了"
    assert len(gather(all_told([habit, barrier], "security")).bundles) == 2
    again = "道闸被恒信拆走了，外人随便进"
    assert len(gather(all_told([barrier, again], "security")).bundles) == 1


def test_two_buildings_have_two_lifts():
    found = gather([told("3栋电梯坏了没人修", 1), told("9栋电梯坏了没人修", 2)])
    assert partition(found) == {frozenset({1}), frozenset({2})}


def test_who_names_no_building_does_not_make_one_of_two_lifts():
    found = gather(all_told([f"{where}电梯坏了没人修" for where in ("3栋", "9栋", "")], "lift"))
    assert len(found.bundles) == 2
    assert found.absorbed == []


def test_neighbours_without_one_lift_need_no_common_word():
    texts = [
        "5栋电梯早上六点五十就停了",
        "孩子十四斤，婴儿车九斤，爬二十二楼两趟",
        "外卖小哥不肯上楼",
    ]
    assert len(gather(all_told(texts, "lift")).bundles) == 1
    assert len(gather(all_told(texts, "service_conduct")).bundles) == 3
    assert len(gather(all_told(texts, "lift", days=8)).bundles) == 3


def test_two_buildings_have_one_power_cut():
    texts = ["3栋昨晚停电到现在没来", "9栋昨晚停电，到现在还没来电"]
    found = gather(all_told(texts, "utilities"))
    assert partition(found) == {frozenset({0, 1})}


def test_who_names_no_building_means_the_one_that_is_spoken_of():
    found = gather([told("3栋电梯坏了没人修", 1), told("电梯坏了没人修", 2)])
    assert partition(found) == {frozenset({1, 2})}


def test_neighbours_of_different_buildings_complain_of_one_plant():
    texts = [*PLANT, f"我住12栋，{PLANT[0]}", f"我家在7栋，{PLANT[1]}"]
    found = gather(all_told(texts, "noise_fumes"))
    assert len(found.bundles) == 1


@pytest.mark.parametrize(
    ("one", "other", "matter"),
    [
        ("楼上半夜拖桌子，吵得睡不着", "广场舞音响太响，晚上九点还在放", "noise_fumes"),
        ("物业费涨到每平方两块八，没有公示", "装修押金半年了还不退", "fees"),
        ("保安在岗亭睡觉，外人随便进", "电瓶车在楼下被偷", "security"),
    ],
)
def test_matters_of_one_kind_with_causes_of_their_own_stay_apart(one, other, matter):
    assert len(gather(all_told([one, other], matter)).bundles) == 2


@pytest.mark.parametrize(
    ("matter", "texts", "patience"),
    [("lift", LIFT, PATIENCE_SUDDEN), ("noise_fumes", PLANT, PATIENCE)],
)
def test_a_bundle_waits_so_long_after_its_last_account(matter, texts, patience):
    for days, bundles in ((patience, 1), (patience + 1, 2)):
        pair = [told(texts[0], 0, 0, matter), told(texts[0], 1, days, matter)]
        assert len(gather(pair).bundles) == bundles


def test_a_matter_of_ten_months_stays_one():
    found = gather([told(PLANT[n % 4], n, 30 * n, "noise_fumes") for n in range(11)])
    assert partition(found) == {frozenset(range(11))}
    (bundle,) = found.bundles
    assert (bundle.first_on, bundle.last_on) == (FIRST, FIRST + timedelta(days=300))


def test_what_is_told_late_is_put_where_it_belongs():
    found = gather([told(LIFT[0], 1, day=10)])
    later = gather([told(LIFT[1], 2, day=2)], found.bundles)
    assert later.places[2][0].size == 2
    assert later.places[2][0].first_on == FIRST + timedelta(days=2)


def test_who_is_not_sure_to_mean_this_estate_begins_no_bundle():
    unsure = told(PLANT[2], 9, 1, "noise_fumes", is_sure=False)
    assert gather([unsure]).places == {}
    found = gather([*all_told(PLANT, "noise_fumes"), unsure])
    assert 9 in found.places
    stranger = told("小区门口公交车不准点", 8, 1, "other_matter", is_sure=False)
    assert 8 not in gather([*all_told(PLANT, "noise_fumes"), stranger]).places


def test_one_account_shows_that_two_bundles_are_one():
    dust, noise = noisy("搅拌站粉尘满天", 1), noisy("水泥厂轰鸣，噪音扰民", 2)
    both = noisy("水泥厂搅拌站粉尘满天，轰鸣噪音扰民", 3)
    assert len(gather([dust, noise]).bundles) == 2
    bundles = gather([dust, noise]).bundles
    bundles[0].key, bundles[1].key = 11, 12
    found = gather([both], bundles)
    assert [(part.key, whole.key) for part, whole in found.absorbed] == [(12, 11)]
    assert found.places[3][0].key == 11
    assert found.bundles[0].size == 3


def test_what_a_person_has_parted_is_not_made_one():
    dust, noise = noisy("搅拌站粉尘满天", 1), noisy("水泥厂轰鸣，噪音扰民", 2)
    bundles = gather([dust, noise]).bundles
    bundles[1].is_apart = True
    found = gather([noisy("水泥厂搅拌站粉尘满天，轰鸣噪音扰民", 3)], bundles)
    assert found.absorbed == []
    assert len(found.bundles) == 2


def test_a_text_that_says_nothing_joins_nothing():
    found = gather([noisy("", 1), noisy("江南小区", 2), noisy("。", 3)])
    assert len(found.bundles) == 3


def test_a_bundle_goes_on_from_what_was_kept():
    (bundle,) = gather(all_told(PLANT[:3], "noise_fumes")).bundles
    kept = json.loads(json.dumps(bundle.kept()))
    again = Bundle.of(7, kept, bundle.first_on, bundle.last_on, is_apart=False)
    one = told(PLANT[3], 9, 4, "noise_fumes")
    mine, theirs = bundle.reasons_for(one), again.reasons_for(one)
    assert mine is not None
    assert theirs is not None
    assert theirs.likeness == pytest.approx(mine.likeness, abs=1e-3)
    assert again.kept() == kept


SOME = [*PLANT, *LIFT, "9栋电梯坏了", "物业费涨到两块八没公示", "昨晚全小区停电", "停电了没人管"]
MATTERS = ["noise_fumes"] * 4 + ["lift"] * 4 + ["fees", "utilities", "utilities"]
STREAM = st.lists(
    st.tuples(st.integers(0, len(SOME) - 1), st.integers(0, 120)), min_size=1, max_size=25
)


def of_stream(stream: list[tuple[int, int]]) -> list[Account]:
    return [told(SOME[n], key, day, MATTERS[n]) for key, (n, day) in enumerate(stream)]


@given(STREAM, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_makes_no_difference(stream, chance: random.Random):
    one, other = of_stream(stream), of_stream(stream)
    chance.shuffle(other)
    assert partition(gather(one)) == partition(gather(other))


@given(STREAM)
def test_day_by_day_gives_the_same_as_all_at_once(stream):
    rows = sorted(of_stream(stream), key=lambda one: (one.on, one.key))
    places: dict[int, Bundle] = {}
    whole: dict[int, Bundle] = {}
    bundles: list[Bundle] = []
    for one in rows:
        found = gather([one], bundles)
        bundles = found.bundles
        places |= {key: bundle for key, (bundle, _why) in found.places.items()}
        whole |= {id(part): into for part, into in found.absorbed}
    ends: dict[int, set[int]] = {}
    for key, bundle in places.items():
        end = bundle
        while id(end) in whole:
            end = whole[id(end)]
        ends.setdefault(id(end), set()).add(key)
    assert {frozenset(keys) for keys in ends.values()} == partition(gather(of_stream(stream)))


@given(STREAM)
def test_every_sure_account_has_one_place(stream):
    rows = of_stream(stream)
    found = gather(rows)
    assert found.places.keys() == {one.key for one in rows}
    assert sum(bundle.size for bundle in found.bundles) == len(rows)
    assert all(bundle in found.bundles for bundle, _why in found.places.values())
