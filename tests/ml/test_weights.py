"""What a word tells about the matter: rare more than common, topical more than polite."""

from pathlib import Path

import pytest
from django.conf import settings

from ml.train import read_corpus
from ml.weights import FILE, UNHEARD, known, learned, write


def test_words_that_go_with_every_kind_of_matter_tell_nothing():
    texts = [f"尊敬的领导，电梯坏了{n}" for n in range(50)] + [
        f"尊敬的领导，垃圾没人扫{n}" for n in range(50)
    ]
    table = learned(texts, ["lift"] * 50 + ["cleaning"] * 50)
    assert table["电梯"] > 0.5
    assert table["尊敬"] == pytest.approx(0.0, abs=1e-9)


def test_rarer_words_tell_more_up_to_what_was_never_heard():
    texts = ["电梯停"] * 500 + ["电梯困人"] * 20 + ["垃圾"] * 480
    table = learned(texts, ["lift"] * 520 + ["cleaning"] * 480)
    assert 0 < table["电梯"] < table["困"] < UNHEARD
    assert all(0 <= weight <= UNHEARD for weight in table.values())


def test_the_table_is_that_of_the_corpus():
    """Within a little: the corpus may grow by some texts before the table is written anew."""
    corpus = read_corpus(Path(settings.FIXTURES_DIR) / "corpus")
    fresh, table = learned(corpus.texts, corpus.labels), known()
    both = fresh.keys() & table.keys()
    assert len(both) > 0.8 * max(len(fresh), len(table))
    off = sum(abs(fresh[word] - table[word]) for word in both) / len(both)
    assert off < 0.2


def test_a_table_is_read_as_it_was_written(tmp_path):
    table = {"电梯": 1.44, "停水": 4.2, "wifi": 6.0}
    write(table, tmp_path / "weights.txt")
    assert known(tmp_path / "weights.txt") == table
    assert FILE.exists()
