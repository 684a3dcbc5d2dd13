"""ComplaintClassifier: text -> Prediction(category, confidence, danger, because)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from ml.features import Cut, Features, cut_texts

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


class ComplaintClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Words, characters and concepts of a complaint and of its title, weighed by two logistic
    regressions: one for the category, one for present danger to life or safety.

    A text is title, line break, body; one without a line break is all body. Every method takes
    texts or what `cut_texts` has made of them.

    Parameters
    ----------
    strength : float
        Inverse of the regularisation, scikit-learn's `C`.
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
        temperature: float = 1.0,
        threshold: float = 0.5,
        danger_threshold: float = 0.5,
        alternatives: int = 5,
        reasons: int = 5,
        random_state: int = 0,
    ) -> None:
        self.strength = strength
        self.temperature = temperature
        self.threshold = threshold
        self.danger_threshold = danger_threshold
        self.alternatives = alternatives
        self.reasons = reasons
        self.random_state = random_state

    def fit(
        self, X: Sequence[str | Cut], y: Sequence[str], danger: Sequence[bool] | None = None
    ) -> Self:
        """Learn from texts `X`, codes `y` and, where known, whether each tells of danger."""
        cut = _cut(X)
        self.features_ = Features()
        features = self.features_.fit_transform(cut, y)
        self.category_ = self._regression().fit(features, np.asarray(y, dtype=str))
        self.classes_ = self.category_.classes_
        told = np.asarray(danger if danger is not None else [False] * len(y), dtype=bool)
        self.danger_ = (
            self._regression(class_weight="balanced").fit(features, told)
            if 0 < told.sum() < len(told)
            else None
        )
        return self

    def _regression(self, class_weight: str | None = None) -> LogisticRegression:
        return LogisticRegression(
            C=self.strength,
            max_iter=1000,
            class_weight=class_weight,
            random_state=self.random_state,
        )

    def _features(self, texts: Sequence[str | Cut]) -> sparse.csr_matrix:
        check_is_fitted(self)
        return self.features_.transform(_cut(texts))

    def predict_proba(self, X: Sequence[str | Cut]) -> Floats:
        """Probabilities, shape (texts, classes), columns in the order of `classes_`."""
        return self._category(self._features(X))

    def _category(self, features: sparse.csr_matrix) -> Floats:
        odds = self.category_.decision_function(features)
        if odds.ndim == 1:  # two classes share one row of weights, and their odds
            odds = np.column_stack([np.zeros_like(odds), odds])
        return np.asarray(softmax(odds / self.temperature, axis=1))

    def predict(self, X: Sequence[str | Cut]) -> npt.NDArray[np.str_]:
        """The likeliest code of each text."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def danger_proba(self, X: Sequence[str | Cut]) -> Floats:
        """Probability of present danger for each text; all zero where none was ever learned."""
        return self._danger(self._features(X))

    def _danger(self, features: sparse.csr_matrix) -> Floats:
        if self.danger_ is None:
            return np.zeros(features.shape[0])
        return np.asarray(self.danger_.predict_proba(features)[:, 1])

    def read(self, texts: Sequence[str | Cut]) -> list[Prediction]:
        """One Prediction for each text; a thousand in one call cost little more than ten."""
        features = self._features(texts)
        if not texts:
            return []
        probabilities = self._category(features)
        danger = self._danger(features) >= self.danger_threshold
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
        weights = self.category_.coef_
        if len(weights) == 1:  # two classes share one row of weights
            weights = np.concatenate([-weights, weights])
        names = self.features_.words_
        rows, words, pulls = [], [], []
        for first, counted in self.features_.word_columns():
            block = features[:, first : first + len(counted)]
            row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
            rows.append(row)
            words.append(counted[block.indices])
            pulls.append(block.data * weights[labels[row], first + block.indices])
        key = np.concatenate(rows) * len(names) + np.concatenate(words)
        distinct, place = np.unique(key, return_inverse=True)
        pull = np.bincount(place, np.concatenate(pulls), minlength=len(distinct))
        row, word = np.divmod(distinct, max(1, len(names)))
        order = np.lexsort((-pull, row))
        order = order[pull[order] > 0]
        ends = np.searchsorted(row[order], np.arange(len(labels) + 1)).tolist()
        return [
            tuple(
                (names[word[i]], float(pull[i]))
                for i in order[start : min(end, start + self.reasons)]
            )
            for start, end in pairwise(ends)
        ]


def _cut(texts: Sequence[str | Cut]) -> list[Cut]:
    whole = [text for text in texts if isinstance(text, str)]
    made = iter(cut_texts(whole))
    return [next(made) if isinstance(text, str) else text for text in texts]
