"""How much a word tells about the matter: learned from the corpus, kept in lexicon/weights.txt.

A rare word tells more than a common one (inverse document frequency), and a word that goes with
some kinds of matter (电梯) more than one that goes with all (尊敬, 领导). The table is a file, not
the batch at hand, so that two texts are as alike today as they were yesterday.

`python -m ml.weights CORPUS` writes it anew.
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from ml.cuts import cut_texts

FILE = Path(__file__).parent / "lexicon" / "weights.txt"
_RARE = 0.002
"""Share of the texts from which on a word is known; whatever is rarer weighs alike."""
UNHEARD = math.log(1 / _RARE)
"""Weight of a word that is not in the table."""
_TOPICAL = 0.6  # nats by which a word must shift the kinds of matter to weigh in full
_PRIOR = 5.0  # texts of the usual mixture that a word is thought to have been seen in besides


def learned(texts: Sequence[str], labels: Sequence[str]) -> dict[str, float]:
    """Word -> weight in [0, UNHEARD], of the words that are not rare in `texts`."""
    usual = {label: count / len(labels) for label, count in Counter(labels).items()}
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for words, label in zip(cut_texts(texts).by_text(), labels, strict=True):
        for word in set(words):
            seen[word][label] += 1
    return {
        word: math.log(1 / share) * min(1.0, _shift(counts, usual) / _TOPICAL)
        for word, counts in seen.items()
        if (share := counts.total() / len(texts)) >= _RARE
    }


def _shift(counts: Counter[str], usual: Mapping[str, float]) -> float:
    """Kullback–Leibler divergence, in nats, of the kinds of matter a word goes with."""
    total = counts.total() + _PRIOR
    mixture = {label: (counts[label] + _PRIOR * part) / total for label, part in usual.items()}
    return sum(part * math.log(part / usual[label]) for label, part in mixture.items())


@cache
def known(path: Path = FILE) -> dict[str, float]:
    """The table."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return {word: float(weight) for word, weight in pairs}


_HEAD = "# word, weight; written by python -m ml.weights from the corpus"


def write(table: Mapping[str, float], path: Path = FILE) -> None:
    """Keep `table`, in the order of the words."""
    lines = [f"{word}\t{weight:.2f}" for word, weight in sorted(table.items())]
    path.write_text("\n".join([_HEAD, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from ml.train import read_corpus

    corpus = read_corpus(Path(sys.argv[1]))
    write(learned(corpus.texts, corpus.labels))
