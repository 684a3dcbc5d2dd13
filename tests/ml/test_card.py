"""The model card: intervals, confusions and weaknesses stand in it, and it is honest about them."""

import numpy as np
import pytest

from ml import artifact
from ml.card import WEAKNESSES, card, most_confused, weakest
from ml.evaluate import confusion, intervals, reliability
from tests.ml.test_evaluate import result_of


def test_the_card_says_how_well_each_category_is_read(small_model):
    manifest = artifact.read_manifest(small_model)
    text = card(manifest)
    assert manifest.version in text
    for code in manifest.classes:
        assert f"| {code} | 8 |" in text
    for key, (low, high) in manifest.intervals.items():
        assert low <= high
        assert f"{manifest.metrics[key]:.3f} | [{low:.3f}, {high:.3f}]" in text
    assert all(line in text for line in WEAKNESSES)


def test_the_largest_shares_are_the_most_confused():
    table = {"lift": {"lift": 8, "fees": 2}, "fees": {"fees": 1, "lift": 1}, "parking": {}}
    assert most_confused(table) == [("fees", "lift", 1, 0.5), ("lift", "fees", 2, 0.2)]


def test_the_lowest_are_the_weakest():
    assert weakest({"a": {"f1": 0.9}, "b": {"f1": 0.2}, "c": {"f1": 0.2}}) == ["b", "c", "a"]


def test_reliability_counts_each_text_in_its_tenth():
    result = result_of([True, True, False, True], [0.95, 0.97, 0.62, 0.68])
    low, high = reliability(result)
    assert low == pytest.approx([0.6, 2, 0.65, 0.5])
    assert high == pytest.approx([0.9, 2, 0.96, 1.0])


def test_confusion_counts_every_text_once():
    result = result_of([True, False, True], [0.9, 0.8, 0.7])
    assert confusion(result) == {"a": {"a": 2}, "b": {"a": 1}}


def test_intervals_hold_the_figure_and_narrow_with_the_number_of_texts():
    few = result_of([True, True, True, False] * 5, [0.9] * 20)
    many = result_of([True, True, True, False] * 80, [0.9] * 320)
    widths = []
    for result in (few, many):
        low, high = intervals(result, 0.5, 0.5)["accuracy"]
        assert low < 0.75 < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
    assert intervals(few, 0.5, 0.5) == intervals(few, 0.5, 0.5)
    assert np.isfinite([end for ends in intervals(few, 0.5, 0.5).values() for end in ends]).all()
