"""ComplaintClassifier: text -> Prediction(category, confidence, danger, because)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from ml.text import fold, spaced

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
    """Words and characters of a complaint, weighed by two logistic regressions: one for the
    category, one for present danger to life or safety.

    Parameters
    ----------
    strength : float
        Inverse of the regularisation, scikit-learn's `C`.
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
        strength: float = 20.0,
        threshold: float = 0.5,
        danger_threshold: float = 0.5,
        alternatives: int = 5,
        reasons: int = 5,
        random_state: int = 0,
    ) -> None:
        self.strength = strength
        self.threshold = threshold
        self.danger_threshold = danger_threshold
        self.alternatives = alternatives
        self.reasons = reasons
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Sequence[str], danger: Sequence[bool] | None = None) -> Self:
        """Learn from texts `X`, codes `y` and, where known, whether each tells of danger."""
        # No callables inside: the model file may hold nothing that loading would have to run.
        self.words_ = TfidfVectorizer(
            token_pattern=r"(?u)\S+",  # noqa: S106 - a pattern, no password
            ngram_range=(1, 2),
            sublinear_tf=True,
            min_df=2,
        )
        self.characters_ = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2
        )
        self.words_.fit(spaced(X))
        self.characters_.fit([fold(text) for text in X])
        features = self._features(X)
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
            max_iter=300,
            tol=1e-3,  # ten times the default: a third of the time, the same readings
            class_weight=class_weight,
            random_state=self.random_state,
        )

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        return sparse.hstack(
            [
                self.words_.transform(spaced(texts)),
                self.characters_.transform([fold(text) for text in texts]),
            ],
            format="csr",
        )

    def predict_proba(self, X: Sequence[str]) -> Floats:
        """Probabilities, shape (texts, classes), columns in the order of `classes_`."""
        check_is_fitted(self)
        return np.asarray(self.category_.predict_proba(self._features(X)))

    def predict(self, X: Sequence[str]) -> npt.NDArray[np.str_]:
        """The likeliest code of each text."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def danger_proba(self, X: Sequence[str]) -> Floats:
        """Probability of present danger for each text; all zero where none was ever learned."""
        check_is_fitted(self)
        return self._danger(self._features(X))

    def _danger(self, features: sparse.csr_matrix) -> Floats:
        if self.danger_ is None:
            return np.zeros(features.shape[0])
        return np.asarray(self.danger_.predict_proba(features)[:, 1])

    def read(self, texts: Sequence[str]) -> list[Prediction]:
        """One Prediction for each text; a thousand in one call cost little more than ten."""
        if not texts:
            return []
        check_is_fitted(self)
        features = self._features(texts)
        probabilities = np.asarray(self.category_.predict_proba(features))
        danger = self._danger(features) >= self.danger_threshold
        ranking = np.argsort(-probabilities, axis=1)[:, : self.alternatives]
        predictions = []
        for row, order in enumerate(ranking):
            best = order[0]
            confidence = float(probabilities[row, best])
            predictions.append(
                Prediction(
                    category=str(self.classes_[best]),
                    confidence=confidence,
                    alternatives=tuple(
                        (str(self.classes_[i]), float(probabilities[row, i])) for i in order
                    ),
                    abstained=confidence < self.threshold,
                    danger=bool(danger[row]),
                    because=self._because(features[[row]], int(best)),
                )
            )
        return predictions

    def _because(self, features: sparse.csr_matrix, label: int) -> tuple[tuple[str, float], ...]:
        """The words by their pull towards `label`; characters pull too but explain little."""
        weights = self.category_.coef_
        if len(weights) == 1:  # two classes share one row of weights
            pull_row = weights[0] if label == 1 else -weights[0]
        else:
            pull_row = weights[label]
        known = len(self.words_.vocabulary_)
        present = features.indices[features.indices < known]
        values = features.data[features.indices < known]
        pull = pull_row[present] * values
        names = self._word_names()
        loudest = np.argsort(-pull)[: self.reasons]
        return tuple((names[present[i]], float(pull[i])) for i in loudest if pull[i] > 0)

    def _word_names(self) -> list[str]:
        if not hasattr(self, "_names"):
            self._names: list[str] = list(self.words_.get_feature_names_out())
        return self._names
