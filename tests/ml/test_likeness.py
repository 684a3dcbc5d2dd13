"""Nearly the name: a slip of ear or pen, or another estate."""

import pytest

from ml.likeness import Likeness, gaps, is_slip_of_the_ear, is_slip_of_the_pen


@pytest.mark.parametrize(
    ("word", "key", "alike"),
    [
        ("银幸雅苑", "银杏雅苑", True),
        ("银杏雅苑", "银杏雅苑", False),  # it is the name itself
        ("银杏雅园", "银杏雅苑", False),  # another kind of place
        ("引信呀苑", "银杏雅苑", False),  # nothing of it is left
        ("金杏雅苑", "银杏雅苑", False),
    ],
)
def test_slips_of_the_ear(word, key, alike):
    assert is_slip_of_the_ear(word, key) is alike


@pytest.mark.parametrize(
    ("word", "key", "alike"),
    [
        ("枫桥水名居", "枫桥水岸名居", True),  # one missing
        ("枫桥的水岸名居", "枫桥水岸名居", True),  # one too many
        ("枫桥水案名居", "枫桥水岸名居", True),  # one wrong
        ("枫桥岸水名居", "枫桥水岸名居", True),  # two swapped
        ("枫桥水岸名邸", "枫桥水岸名居", False),  # another kind of place
        ("枫桥湖岸名居", "枫桥江岸名居", False),  # another place
        ("枫桥东岸名居", "枫桥西岸名居", False),
        ("桥水岸名居", "枫桥水岸名居", False),  # the end of a longer name
        ("听松阁苑", "听松阁园", False),  # too short to tell
        ("枫桥水岸名居", "枫桥水岸名居", False),
    ],
)
def test_slips_of_the_pen(word, key, alike):
    assert is_slip_of_the_pen(word, key) is alike


def test_likeness_finds_what_is_near_and_nothing_else():
    likeness = Likeness(["银杏雅苑", "枫桥水岸名居", "短"])
    assert list(likeness.of_one_sound(["银幸雅苑", "别的地方"])) == [(0, "银杏雅苑")]
    assert list(likeness.of_one_slip(["别的地方", "枫桥水名居"])) == [(1, "枫桥水岸名居")]
    assert not list(likeness.of_one_sound([]))
    assert not list(Likeness([]).of_one_slip(["枫桥水名居"]))


def test_a_register_is_crowded_where_many_names_sound_alike():
    assert Likeness(["金鑫佳园", "锦鑫佳园"]).is_crowded
    assert not Likeness(["银杏雅苑", "枫桥水岸名居"]).is_crowded


def test_gaps_meet_where_words_are_one_sign_apart():
    assert set(gaps("甲乙丙")) == {"甲乙丙", "乙丙", "甲丙", "甲乙"}
    assert set(gaps("甲乙丙")) & set(gaps("甲丁丙"))
