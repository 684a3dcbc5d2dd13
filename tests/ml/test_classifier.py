"""ComplaintClassifier keeps scikit-learn's contract and explains what it reads."""

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError

from ml.classifier import ComplaintClassifier
from ml.cuts import cut_texts
from ml.hazards import label_clauses
from tests.conftest import SENTENCES

UNSEEN = [
    "我们楼的电梯坏了没人修",
    "物业费收费标准太乱",
    "垃圾没人清运，楼道很脏",
    "公交车总是不准点",
    "电梯困人了快来",
    "３号楼电梯停了",
    "",
    "？？？",
]


def fitted(corpus, **parameters) -> ComplaintClassifier:
    return ComplaintClassifier(**parameters).fit(corpus.texts, corpus.labels, corpus.danger)


@pytest.fixture(scope="module")
def reader(small_corpus) -> ComplaintClassifier:
    return fitted(small_corpus)


@pytest.fixture(scope="module")
def two_class_reader() -> ComplaintClassifier:
    rows = [(text, label) for label in ("fees", "lift") for text in SENTENCES[label]]
    texts, labels = zip(*rows, strict=True)
    return ComplaintClassifier().fit(texts, labels)


def test_parameters_are_stored_untouched_and_copied_by_clone():
    said = {"strength": 3.0, "temperature": 2.0, "threshold": 0.7, "danger_threshold": 0.2,
            "alternatives": 2, "reasons": 1, "random_state": 5,
            "danger_strength": 2.0, "hazard_strength": 4.0, "hazard_share": 0.4}  # fmt: skip
    model = ComplaintClassifier(**said)
    assert model.get_params() == said
    assert clone(model).get_params() == said
    assert model.set_params(threshold=0.1).threshold == 0.1
    assert is_classifier(model)


def test_fit_gives_itself_back_and_clone_forgets(small_corpus):
    model = ComplaintClassifier()
    assert model.fit(small_corpus.texts, small_corpus.labels) is model
    assert list(model.classes_) == sorted(SENTENCES)
    with pytest.raises(NotFittedError):
        clone(model).predict(["电梯"])


@pytest.mark.parametrize("method", ["predict", "predict_proba", "danger_proba", "read"])
def test_an_unfitted_model_says_so(method):
    with pytest.raises(NotFittedError):
        getattr(ComplaintClassifier(), method)(["电梯坏了"])


def test_predict_reads_what_it_has_learned(reader, small_corpus):
    assert list(reader.predict(small_corpus.texts)) == small_corpus.labels
    assert list(reader.predict(UNSEEN[:4])) == ["lift", "fees", "cleaning", "other_matter"]


def test_probabilities_are_probabilities(reader):
    probabilities = reader.predict_proba(UNSEEN)
    assert probabilities.shape == (len(UNSEEN), len(SENTENCES))
    assert (probabilities >= 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1.0)


def test_predict_takes_the_likeliest(reader):
    likeliest = reader.classes_[reader.predict_proba(UNSEEN).argmax(axis=1)]
    assert list(reader.predict(UNSEEN)) == list(likeliest)
    assert [reading.category for reading in reader.read(UNSEEN)] == list(likeliest)


def test_the_same_data_give_the_same_probabilities(reader, small_corpus):
    again = fitted(small_corpus)
    assert np.array_equal(again.predict_proba(UNSEEN), reader.predict_proba(UNSEEN))
    assert np.array_equal(again.danger_proba(UNSEEN), reader.danger_proba(UNSEEN))


def test_reading_many_is_reading_one_by_one(reader):
    for text, reading in zip(UNSEEN, reader.read(UNSEEN), strict=True):
        (alone,) = reader.read([text])
        assert (alone.category, alone.abstained, alone.danger) == (
            reading.category, reading.abstained, reading.danger
        )  # fmt: skip
        assert alone.confidence == pytest.approx(reading.confidence, abs=1e-12)
        assert [word for word, _weight in alone.because] == [
            word for word, _weight in reading.because
        ]


def test_reading_nothing_gives_nothing(reader):
    assert reader.read([]) == []


def test_alternatives_are_the_likeliest_codes_best_first(reader):
    for reading, row in zip(reader.read(UNSEEN), reader.predict_proba(UNSEEN), strict=True):
        probabilities = [p for _code, p in reading.alternatives]
        assert reading.alternatives[0] == (reading.category, reading.confidence)
        assert probabilities == sorted(row, reverse=True)


@pytest.mark.parametrize(("wanted", "given"), [(1, 1), (2, 2), (5, 4)])
def test_alternatives_are_as_many_as_wanted_and_known(small_corpus, wanted, given):
    (reading,) = fitted(small_corpus, alternatives=wanted).read(["电梯坏了"])
    assert len(reading.alternatives) == given


def test_because_names_words_of_the_text_loudest_first(reader):
    for text, reading in zip(UNSEEN, reader.read(UNSEEN), strict=True):
        words = cut_texts([text]).by_text()[0]
        for because, weight in reading.because:
            assert set(because.split()) <= set(words)
            assert weight > 0
        weights = [weight for _word, weight in reading.because]
        assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize(
    ("text", "word"),
    [("我们楼的电梯坏了", "电梯"), ("物业费太贵", "物业费"), ("保洁只扫一楼", "扫")],
)
def test_because_names_the_word_that_a_person_would_name(reader, text, word):
    (reading,) = reader.read([text])
    assert word in [because for because, _weight in reading.because]


def test_because_is_empty_where_no_word_is_known(reader):
    for reading in reader.read(["", "？？？", "xyzzy"]):
        assert reading.because == ()


@pytest.mark.parametrize("reasons", [0, 1, 3])
def test_because_is_no_longer_than_wanted(small_corpus, reasons):
    (reading,) = fitted(small_corpus, reasons=reasons).read(["电梯坏了三天没人修"])
    assert len(reading.because) <= reasons


@pytest.mark.parametrize(("threshold", "abstained"), [(0.0, False), (1.01, True)])
def test_abstains_below_the_threshold_and_still_guesses(small_corpus, threshold, abstained):
    readings = fitted(small_corpus, threshold=threshold).read(UNSEEN)
    assert {reading.abstained for reading in readings} == {abstained}
    assert readings[0].category == "lift"


def test_abstains_just_where_the_confidence_is_less(small_corpus):
    model = fitted(small_corpus)
    (reading,) = model.read(["电梯坏了"])
    (at,) = model.set_params(threshold=reading.confidence).read(["电梯坏了"])
    (above,) = model.set_params(threshold=np.nextafter(reading.confidence, 1)).read(["电梯坏了"])
    assert (at.abstained, above.abstained) == (False, True)


def test_danger_is_read_beside_the_category(reader):
    trapped, dear = reader.read(["电梯困人没人管", "物业费太贵"])
    assert (trapped.category, trapped.danger) == ("lift", True)
    assert (dear.category, dear.danger) == ("fees", False)


def test_danger_in_half_a_sentence_of_a_long_letter_is_heard(small_corpus):
    """What the whole drowns, the clause says."""
    letter = "\n" + "，".join([*SENTENCES["fees"], "电梯困人", *SENTENCES["cleaning"]])
    texts = cut_texts(small_corpus.texts)
    spans = [("困人",) if "困人" in text else ("失灵",) if "失灵" in text else ()
             for text in small_corpus.texts]  # fmt: skip
    hazards = label_clauses(small_corpus.texts, texts, small_corpus.danger, spans)
    whole, by_clause = fitted(small_corpus), ComplaintClassifier(hazard_strength=60.0)
    by_clause.fit(texts, small_corpus.labels, small_corpus.danger, hazards)
    assert by_clause.danger_proba([letter]) > 2 * whole.danger_proba([letter])
    quiet = letter.replace("电梯困人", "电梯按钮旧了")
    assert by_clause.danger_proba([quiet]) < by_clause.danger_proba([letter])


@pytest.mark.parametrize(("threshold", "danger"), [(0.0, True), (1.01, False)])
def test_danger_follows_its_own_threshold(small_corpus, threshold, danger):
    readings = fitted(small_corpus, danger_threshold=threshold).read(UNSEEN)
    assert {reading.danger for reading in readings} == {danger}


@pytest.mark.parametrize("told", [None, [False] * 32])
def test_danger_never_learned_is_never_reported(small_corpus, told):
    model = ComplaintClassifier().fit(small_corpus.texts, small_corpus.labels, told)
    assert list(model.danger_proba(UNSEEN)) == [0.0] * len(UNSEEN)
    assert not any(reading.danger for reading in model.read(UNSEEN))


@pytest.mark.parametrize(
    ("text", "label", "word"), [("电梯坏了", "lift", "电梯"), ("物业费太贵", "fees", "物业费")]
)
def test_two_classes_are_explained_from_either_side(two_class_reader, text, label, word):
    (reading,) = two_class_reader.read([text])
    assert reading.category == label
    assert reading.confidence > 0.5
    assert len(reading.alternatives) == 2
    assert reading.because[0][0] == word


def test_width_and_case_change_nothing(reader):
    wide, narrow = reader.read(["３号楼电梯停了", "3号楼电梯停了"])
    assert wide == narrow
