"""ComplaintClassifier: text -> Prediction(category, confidence, danger, because)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from ml.cuts import Cuts, cut_texts
from ml.features import Features, Found
from ml.hazards import HAZARD, UNKNOWN, Labels, loudest

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """What was read in one text. `category` is the best guess even where it abstains."""

    category: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    """The likeliest codes with their probabilities, best first."""
    abstained: bool
    """The confidence is below the model's threshold: a person should look."""
    danger: bool
    because: tuple[tuple[str, float], ...]
    """The words that spoke loudest for `category`, with their weights."""


class _Layout(NamedTuple):
    """The weights laid out as they are multiplied, which takes longer than to read a message."""

    category: LogisticRegression
    weights: Floats  # a row for each column of the features; a column a category, the last danger
    bias: Floats
    words: npt.NDArray[np.int64]  # see Features.word_places


class ComplaintClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Words, characters and concepts of a complaint and of its title, weighed by logistic
    regressions: one for the category, two for present danger to life or safety, of which one weighs
    the whole and one clause by clause.

    A text is title, line break, body; one without a line break is all body. Every method takes
    texts or what `cut_texts` has made of them.

    Parameters
    ----------
    strength : float
        Inverse of the regularisation, scikit-learn's `C`.
    danger_strength, hazard_strength : float
        The same for danger in the whole, and in the clauses.
    hazard_share : float
        How much of the decision on danger is the loudest clause's, the rest being the whole's.
    temperature : float
        By what the category's log-odds are divided: above one where the model is surer than it is
        right (Guo et al. 2017, On Calibration of Modern Neural Networks).
    threshold : float
        Least confidence at which a category is taken without a person.
    danger_threshold : float
        Least probability at which danger is reported.
    alternatives, reasons : int
        How many codes and words a prediction carries.
    """

    def __init__(
        self,
        *,
        strength: float = 60.0,
        danger_strength: float = 3.0,
        hazard_strength: float = 1.0,
        hazard_share: float = 0.5,
        temperature: float = 1.0,
        threshold: float = 0.5,
        danger_threshold: float = 0.5,
        alternatives: int = 5,
        reasons: int = 5,
        random_state: int = 0,
    ) -> None:
        self.strength = strength
        self.danger_strength = danger_strength
        self.hazard_strength = hazard_strength
        self.hazard_share = hazard_share
        self.temperature = temperature
        self.threshold = threshold
        self.danger_threshold = danger_threshold
        self.alternatives = alternatives
        self.reasons = reasons
        self.random_state = random_state

    def fit(
        self,
        X: Sequence[str] | Cuts,
        y: Sequence[str],
        danger: Sequence[bool] | None = None,
        hazards: Labels | None = None,
    ) -> Self:
        """Learn from texts `X`, codes `y` and, where known, whether each tells of danger and which
        of its clauses do (see `ml.hazards`)."""
        cut = _cut(X)
        self.features_ = Features()
        features = self.features_.fit_transform(cut, y)
        self.category_ = self._regression().fit(features, np.asarray(y, dtype=str))
        self.classes_ = self.category_.classes_
        told = np.asarray(danger if danger is not None else [False] * len(y), dtype=bool)
        self.danger_ = self.hazard_ = None
        if 0 < told.sum() < len(told):
            self.danger_ = self._regression(C=self.danger_strength, class_weight="balanced")
            self.danger_.fit(features, told)
        if hazards is not None and (hazards[cut.clause_rows >= 0] == HAZARD).any():
            known = np.flatnonzero((cut.clause_rows >= 0) & (hazards != UNKNOWN))
            clauses = self.features_.of_clauses(self.features_.look_up(cut))[known]
            told = hazards[known] == HAZARD
            self.hazard_ = self._regression(C=self.hazard_strength).fit(clauses, told)
        return self

    def _regression(self, **options: Any) -> LogisticRegression:
        fixed = {"C": self.strength, "max_iter": 1000, "random_state": self.random_state}
        return LogisticRegression(**fixed | options)

    def predict_proba(self, X: Sequence[str] | Cuts) -> Floats:
        """Probabilities, shape (texts, classes), columns in the order of `classes_`."""
        return self._judge(_cut(X))[0]

    def _judge(self, cut: Cuts) -> tuple[Floats, Floats, sparse.csr_matrix]:
        """Probabilities of the categories and of danger, and the features they were read in."""
        check_is_fitted(self)
        found, layout = self.features_.look_up(cut), self._layout()
        features = self.features_.of_texts(found)
        odds = np.asarray(features @ layout.weights) + layout.bias
        shares = softmax(odds[:, : len(self.classes_)] / self.temperature, axis=1)
        return shares, self._danger(found, odds[:, -1]), features

    def _danger(self, found: Found, whole: Floats) -> Floats:
        """Probability of danger, zero where none was ever learned: between what the whole and what
        the loudest clause say, in log-odds."""
        if self.danger_ is None:
            return np.zeros(len(whole))
        if self.hazard_ is None:
            return np.asarray(expit(whole))
        sums = self.features_.clause_sums(found, self.hazard_.coef_[0])
        clauses = loudest(found.cuts, sums) + self.hazard_.intercept_
        share = self.hazard_share
        return np.asarray(expit(share * clauses + (1 - share) * whole))

    def _layout(self) -> "_Layout":
        kept: _Layout | None = getattr(self, "_laid_out", None)
        if kept is None or kept.category is not self.category_:
            coef, bias = self.category_.coef_, self.category_.intercept_
            if len(coef) == 1:  # two classes share one row of weights, and their odds
                coef, bias = np.outer([-0.5, 0.5], coef), np.outer([-0.5, 0.5], bias)[:, 0]
            if self.danger_ is not None:
                coef = np.concatenate([coef, self.danger_.coef_])
                bias = np.concatenate([bias, self.danger_.intercept_])
            kept = self._laid_out = _Layout(
                self.category_,
                np.ascontiguousarray(coef.T),
                bias,
                self.features_.word_places(),
            )
        return kept

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in super().__getstate__().items() if k != "_laid_out"}

    def predict(self, X: Sequence[str] | Cuts) -> npt.NDArray[np.str_]:
        """The likeliest code of each text."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def danger_proba(self, X: Sequence[str] | Cuts) -> Floats:
        """Probability of present danger for each text; all zero where none was ever learned."""
        return self._judge(_cut(X))[1]

    def read(self, texts: Sequence[str] | Cuts) -> list[Prediction]:
        """One Prediction for each text; a thousand in one call cost little more than ten."""
        if not len(texts):
            return []
        probabilities, alarms, features = self._judge(_cut(texts))
        danger = alarms >= self.danger_threshold
        ranking = np.argsort(-probabilities, axis=1, kind="stable")[:, : self.alternatives]
        codes = self.classes_[ranking].tolist()
        shares = np.take_along_axis(probabilities, ranking, axis=1).tolist()
        because = self._because(features, ranking[:, 0])
        return [
            Prediction(
                category=likeliest[0],
                confidence=share[0],
                alternatives=tuple(zip(likeliest, share, strict=True)),
                abstained=share[0] < self.threshold,
                danger=alarm,
                because=words,
            )
            for likeliest, share, alarm, words in zip(
                codes, shares, danger.tolist(), because, strict=True
            )
        ]

    def _because(
        self, features: sparse.csr_matrix, labels: npt.NDArray[np.intp]
    ) -> list[tuple[tuple[str, float], ...]]:
        """Of each row the words by their pull towards its label, in the title and in the whole
        together; characters and concepts pull too but explain little."""
        layout, names = self._layout(), self.features_.words_
        word = layout.words[features.indices]
        spoken = np.flatnonzero(word >= 0)
        row = np.repeat(np.arange(features.shape[0]), np.diff(features.indptr))[spoken]
        pulls = features.data[spoken] * layout.weights[features.indices[spoken], labels[row]]
        key = row * len(names) + word[spoken]
        distinct, place = np.unique(key, return_inverse=True)
        pull = np.bincount(place, pulls, minlength=len(distinct))
        row, word = np.divmod(distinct, max(1, len(names)))
        order = np.lexsort((-pull, row))
        order = order[pull[order] > 0]
        starts = np.searchsorted(row[order], np.arange(len(labels)))
        loudest = order[np.arange(len(order)) - starts[row[order]] < self.reasons]
        said = [names[i] for i in word[loudest].tolist()]
        pairs = list(zip(said, pull[loudest].tolist(), strict=True))
        ends = np.searchsorted(row[loudest], np.arange(len(labels) + 1)).tolist()
        return [tuple(pairs[start:end]) for start, end in pairwise(ends)]


def _cut(texts: Sequence[str] | Cuts) -> Cuts:
    return texts if isinstance(texts, Cuts) else cut_texts(texts)
