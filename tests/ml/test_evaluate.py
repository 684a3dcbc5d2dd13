"""Honest figures: nobody is judged by a model that has seen him, nor his near twins."""

from typing import ClassVar

import numpy as np
import pytest

from ml.classifier import ComplaintClassifier
from ml.cuts import cut_texts
from ml.evaluate import (
    COST_OF_ERROR,
    OutOfFold,
    at_temperature,
    calibration_error,
    danger_threshold_for,
    figures,
    out_of_fold,
    temperature_for,
    threshold_for,
)
from ml.train import quiet


class Diary(ComplaintClassifier):
    """Writes down what it learns from and what it is asked."""

    pages: ClassVar[list[tuple[list[str], list[str]]]] = []

    def fit(self, X, y, danger=None, hazards=None):
        self.learned_ = written(X)
        return super().fit(X, y, danger, hazards)

    def predict_proba(self, X):
        self.pages.append((self.learned_, written(X)))
        return super().predict_proba(X)


def written(texts) -> list[str]:
    return ["".join(map(chr, texts.symbols[texts.symbol_rows == i])) for i in range(len(texts))]


def judged(corpus, groups):
    Diary.pages.clear()
    result = out_of_fold(
        Diary(),
        cut_texts(corpus.texts),
        corpus.labels,
        danger=corpus.danger,
        groups=groups,
        progress=quiet,
    )
    return result, list(Diary.pages)


def test_every_text_is_judged_once_by_a_model_that_has_not_seen_it(small_corpus):
    result, pages = judged(small_corpus, None)
    for learned, asked in pages:
        assert not set(learned) & set(asked)
    assert sorted(text for _learned, asked in pages for text in asked) == sorted(small_corpus.texts)
    assert result.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert list(result.labels) == small_corpus.labels


@pytest.mark.parametrize("estates", [2, 3, 8])
def test_no_group_stands_on_both_sides(small_corpus, estates):
    groups = [f"E{i % estates}" for i in range(len(small_corpus))]
    estate_of = dict(zip(small_corpus.texts, groups, strict=True))
    _result, pages = judged(small_corpus, groups)
    assert len(pages) == min(5, estates)
    for learned, asked in pages:
        assert asked
        assert not {estate_of[text] for text in learned} & {estate_of[text] for text in asked}
    assert sum(len(asked) for _learned, asked in pages) == len(small_corpus)


def test_a_category_unknown_to_a_fold_gets_no_probability_there(small_corpus):
    # Every complaint about lifts is of one estate: who judges them has never heard of lifts.
    groups = ["E0" if label == "lift" else f"E{1 + i % 2}"
              for i, label in enumerate(small_corpus.labels)]  # fmt: skip
    result, _pages = judged(small_corpus, groups)
    lift = list(result.classes).index("lift")
    assert (result.probabilities[result.labels == "lift", lift] == 0).all()


def test_the_same_data_give_the_same_figures(small_corpus):
    (first, _), (again, _) = judged(small_corpus, None), judged(small_corpus, None)
    assert np.array_equal(first.probabilities, again.probabilities)
    assert np.array_equal(first.danger_probabilities, again.danger_probabilities)


def result_of(right: list[bool], confidence: list[float], **danger) -> OutOfFold:
    """Two classes; `right` says whether the likelier one is the true one."""
    probabilities = np.array([[p, 1 - p] for p in confidence])
    return OutOfFold(
        labels=np.array(["a" if hit else "b" for hit in right]),
        classes=np.array(["a", "b"]),
        probabilities=probabilities,
        danger=np.array(danger.get("danger", [False] * len(right))),
        danger_probabilities=np.array(danger.get("told", [0.0] * len(right))),
    )


@pytest.mark.parametrize(
    ("right", "confidence", "threshold"),
    [
        ([True] * 4, [0.9, 0.8, 0.7, 0.6], 0.6),  # always right: everything is taken
        ([True, False], [0.9, 0.8], 0.9),
        ([True] * 9 + [False] + [True] * 5, [0.95] * 9 + [0.6] * 6, 0.6),  # five looks, one error
        ([True] * 9 + [False] + [True] * 3, [0.95] * 9 + [0.6] * 4, 0.95),
        ([False, False], [0.9, 0.8], 1.0),  # never right: a person reads it all
    ],
)
def test_threshold_is_the_cheapest_when_an_error_costs_five_looks(right, confidence, threshold):
    assert COST_OF_ERROR == 5
    assert threshold_for(result_of(right, confidence)) == pytest.approx(threshold)


@pytest.mark.parametrize(
    ("right", "temperature"), [([True] * 3 + [False], "cooler"), ([True, False], "warmer")]
)
def test_temperature_goes_where_confidence_meets_the_share_of_right_readings(right, temperature):
    result = result_of(right * 25, [0.65] * len(right) * 25)
    found = temperature_for(result)
    assert (found < 1) == (temperature == "cooler")
    assert calibration_error(at_temperature(result, found)) < calibration_error(result)
    likeliest = result.probabilities.argmax(axis=1)
    assert (at_temperature(result, found).probabilities.argmax(axis=1) == likeliest).all()


def test_folds_in_processes_give_the_same_as_one_after_another(small_corpus):
    texts = cut_texts(small_corpus.texts)
    alone, shared = (
        out_of_fold(
            ComplaintClassifier(),
            texts,
            small_corpus.labels,
            danger=small_corpus.danger,
            groups=None,
            progress=quiet,
            jobs=jobs,
        )
        for jobs in (1, 2)
    )
    assert np.array_equal(alone.probabilities, shared.probabilities)


@pytest.mark.parametrize(
    ("danger", "told", "threshold"),
    [
        ([True, True, True, False, False], [0.9, 0.6, 0.5, 0.2, 0.1], 0.2),
        ([True, False, True, True], [0.9, 0.8, 0.7, 0.6], 0.6),  # three of four alarms are true
        ([False, False], [0.9, 0.8], 1.0),
    ],
)
def test_danger_threshold_keeps_most_alarms_true(danger, told, threshold):
    result = result_of([True] * len(danger), [0.9] * len(danger), danger=danger, told=told)
    assert danger_threshold_for(result) == pytest.approx(threshold)
    assert danger_threshold_for(result, precision=1.01) == 1.0


def test_figures_count_what_was_right():
    result = result_of(
        [True, True, False, True],
        [0.9, 0.8, 0.7, 0.6],
        danger=[True, True, False, False],
        told=[0.9, 0.1, 0.8, 0.2],
    )
    overall, per_class = figures(result, threshold=0.75, danger_threshold=0.5)
    assert overall["accuracy"] == pytest.approx(3 / 4)
    assert overall["top3"] == 1.0
    assert overall["coverage"] == pytest.approx(2 / 4)
    assert overall["accuracy_when_confident"] == 1.0
    assert overall["danger_recall"] == pytest.approx(1 / 2)
    assert overall["danger_precision"] == pytest.approx(1 / 2)
    assert per_class["a"] == {
        "precision": pytest.approx(3 / 4), "recall": 1.0, "f1": pytest.approx(6 / 7), "count": 3.0
    }  # fmt: skip
    assert per_class["b"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "count": 1.0}
    assert overall["macro_f1"] == pytest.approx(3 / 7)


def test_figures_of_nobody_confident_and_nothing_dangerous_are_noughts():
    overall, _per_class = figures(result_of([True], [0.6]), threshold=1.0, danger_threshold=1.0)
    assert (overall["coverage"], overall["accuracy_when_confident"]) == (0.0, 0.0)
    assert (overall["danger_recall"], overall["danger_precision"]) == (0.0, 0.0)
