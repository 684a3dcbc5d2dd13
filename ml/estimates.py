"""Shrunken rates and shares with intervals, for small samples.

Empirical Bayes after Efron & Morris (1975): a small estate's figure is pulled towards its peers
by as much as chance alone could have moved it. Priors by the method of moments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

LEVEL = 0.90


@dataclass(frozen=True)
class Estimate:
    """A figure and the interval that holds the true one with probability `LEVEL` or more."""

    value: float
    low: float
    high: float


def shrunken_rates(counts: Sequence[float], exposures: Sequence[float]) -> list[Estimate]:
    """Events per unit of exposure, Gamma-Poisson. `exposures` must be positive."""
    n, e = np.asarray(counts, dtype=float), np.asarray(exposures, dtype=float)
    if not len(n):
        return []
    mean = max(n.sum() / e.sum(), 1e-9)
    # Variance between the true rates: what is left of the weighted spread after Poisson noise.
    spread = float((e * (n / e - mean) ** 2).sum() / e.sum())
    between = max(spread - mean * len(n) / e.sum(), (0.05 * mean) ** 2)
    shape, scale = mean**2 / between, mean / between
    posterior = stats.gamma(shape + n, scale=1.0 / (scale + e))
    return _estimates((shape + n) / (scale + e), *posterior.interval(LEVEL))


def shrunken_shares(successes: Sequence[float], trials: Sequence[float]) -> list[Estimate]:
    """Shares in [0, 1], Beta-binomial; no trials at all gives the peers' share, widely."""
    k, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    if not len(k):
        return []
    total = n.sum()
    mean = float(np.clip(k.sum() / total if total else 0.5, 0.01, 0.99))
    seen = n > 0
    spread = float((n[seen] * (k[seen] / n[seen] - mean) ** 2).sum() / total) if total else 0.0
    noise = mean * (1 - mean) * seen.sum() / total if total else 0.0
    between = float(np.clip(spread - noise, 1e-4, 0.9 * mean * (1 - mean)))
    size = mean * (1 - mean) / between - 1
    a, b = mean * size, (1 - mean) * size
    posterior = stats.beta(a + k, b + n - k)
    return _estimates((a + k) / (a + b + n), *posterior.interval(LEVEL))


def share_alone(successes: float, trials: float) -> Estimate | None:
    """A share in [0, 1] that is pulled towards nobody, with Wilson's interval (1927); None where
    there were no trials."""
    if not trials:
        return None
    share, z = successes / trials, float(stats.norm.ppf((1 + LEVEL) / 2))
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2) / (1 + z**2 / trials)
    return _estimates([share], [max(0.0, middle - half)], [min(1.0, middle + half)])[0]


def difference_beyond_chance(counts: Sequence[float], exposures: Sequence[float]) -> float:
    """Probability (p-value) that equal true rates would differ at least as much as these do:
    Pearson's test of homogeneity of Poisson rates. 1.0 where there is nothing to compare."""
    n, e = np.asarray(counts, dtype=float), np.asarray(exposures, dtype=float)
    if len(n) <= 1 or n.sum() == 0:
        return 1.0
    expected = n.sum() * e / e.sum()
    return float(stats.chi2.sf(((n - expected) ** 2 / expected).sum(), len(n) - 1))


def _estimates(value: Any, low: Any, high: Any) -> list[Estimate]:
    # The mean of a very skewed posterior lies beyond its quantiles: a figure outside its own
    # interval could be explained to nobody, so the interval is widened to hold it.
    return [
        Estimate(float(v), float(min(v, a)), float(max(v, b)))
        for v, a, b in zip(value, low, high, strict=True)
    ]
