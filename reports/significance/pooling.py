"""One answer for many families: a random-effects meta-analysis of an effect that each family measured for itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from reports.significance.outcomes import CI_LEVEL, Floats
from reports.significance.power import auc_variance

SMALLEST_POOL: Final = 3
"""With fewer families there is nothing to pool: a prediction interval needs three."""

_MOST_STEPS: Final = 10_000
_CLOSE_ENOUGH: Final = 1e-12


@dataclass(frozen=True)
class Estimate:
    """What one family measured, on the scale that is pooled: an effect and its variance."""

    effect: float
    variance: float


@dataclass(frozen=True)
class Pooled:
    """The mean effect over families, how sure it is, and how much families differ in it.

    ``tau_squared`` is the variance between families, ``i_squared`` its share of all variance, ``q`` Cochran's
    statistic with ``q_p_value``. ``predicted`` is where the true effect of one further family is expected.
    """

    n_families: int
    effect: float
    error: float
    ci_low: float
    ci_high: float
    p_value: float
    tau_squared: float
    i_squared: float
    q: float
    q_p_value: float
    predicted_low: float
    predicted_high: float

    @property
    def t_value(self) -> float:
        """The effect over its standard error."""
        return self.effect / self.error


def pool(estimates: Sequence[Estimate], *, tau_squared: float | None = None, null: float = 0.0) -> Pooled | None:
    """Return the random-effects mean of ``estimates``; None with fewer than ``SMALLEST_POOL``.

    tau² by restricted maximum likelihood unless given; interval and p by t with k - 1 degrees of freedom and the error
    of Hartung and Knapp (2001), which is never taken below the usual one; prediction interval by Higgins, Thompson
    and Spiegelhalter (2009), with k - 2. p is of the mean being ``null``.
    """
    k = len(estimates)
    if k < SMALLEST_POOL:
        return None
    effects = np.array([estimate.effect for estimate in estimates], dtype=np.float64)
    variances = np.array([estimate.variance for estimate in estimates], dtype=np.float64)
    between = restricted_tau_squared(effects, variances) if tau_squared is None else tau_squared
    weights = 1 / (variances + between)
    mean = float((weights * effects).sum() / weights.sum())
    scale = float((weights * (effects - mean) ** 2).sum() / (k - 1))
    error = math.sqrt(max(1.0, scale) / weights.sum())
    half = float(stats.t.ppf(0.5 + CI_LEVEL / 2, k - 1)) * error
    ahead = float(stats.t.ppf(0.5 + CI_LEVEL / 2, k - 2)) * math.sqrt(between + error**2)
    fixed = 1 / variances
    q = float((fixed * (effects - (fixed * effects).sum() / fixed.sum()) ** 2).sum())
    typical = (k - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())
    return Pooled(
        n_families=k,
        effect=mean,
        error=error,
        ci_low=mean - half,
        ci_high=mean + half,
        p_value=float(2 * stats.t.sf(abs(mean - null) / error, k - 1)),
        tau_squared=between,
        i_squared=float(between / (between + typical)),
        q=q,
        q_p_value=float(stats.chi2.sf(q, k - 1)),
        predicted_low=mean - ahead,
        predicted_high=mean + ahead,
    )


def restricted_tau_squared(effects: ArrayLike, variances: ArrayLike) -> float:
    """Return the variance between families by restricted maximum likelihood (Viechtbauer 2005), 0 at least."""
    y, v = np.asarray(effects, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    between = max(0.0, float(y.var(ddof=1) - v.mean()))
    for _ in range(_MOST_STEPS):
        weights: Floats = 1 / (v + between)
        total = weights.sum()
        mean = (weights * y).sum() / total
        squared: Floats = weights**2
        updated = max(0.0, float((squared * ((y - mean) ** 2 - v)).sum() / squared.sum() + 1 / total))
        if abs(updated - between) <= _CLOSE_ENOUGH * max(1.0, between):
            return updated
        between = updated
    return between


def of_log_ratio_of_means(a: Floats, b: Floats) -> Estimate | None:
    """Return the log ratio of two means (Hedges, Gurevitch and Curtis 1999); None where it is undefined."""
    if min(a.size, b.size) < 2 or min(a.mean(), b.mean()) <= 0:
        return None
    variance = a.var(ddof=1) / (a.size * a.mean() ** 2) + b.var(ddof=1) / (b.size * b.mean() ** 2)
    return Estimate(math.log(a.mean() / b.mean()), float(variance)) if variance > 0 else None


def of_log_ratio_of_sds(a: Floats, b: Floats) -> Estimate | None:
    """Return the log ratio of two deviations without its small-sample bias (Nakagawa and others 2015)."""
    if min(a.size, b.size) < 2 or min(a.std(ddof=1), b.std(ddof=1)) <= 0:
        return None
    ones, others = 1 / (2 * (a.size - 1)), 1 / (2 * (b.size - 1))
    return Estimate(math.log(a.std(ddof=1) / b.std(ddof=1)) + ones - others, ones + others)


def of_correlation(rho: float | None, n: int) -> Estimate | None:
    """Return Fisher's z of a rank correlation, with the variance of Bonett and Wright (2000)."""
    if rho is None or abs(rho) >= 1 or n <= 3:
        return None
    return Estimate(math.atanh(rho), (1 + rho**2 / 2) / (n - 3))


def of_difference_of_shares(count_a: int, n_a: int, count_b: int, n_b: int) -> Estimate | None:
    """Return the difference of two shares.

    Its variance is that with a success and a failure added to each group (Agresti and Caffo 2000), which is never 0; to
    add them to the difference itself would let groups of unequal size differ where nothing happened.
    """
    if not (n_a and n_b):
        return None
    a, b = (count_a + 1) / (n_a + 2), (count_b + 1) / (n_b + 2)
    return Estimate(count_a / n_a - count_b / n_b, a * (1 - a) / (n_a + 2) + b * (1 - b) / (n_b + 2))


def of_area(area: float | None, m: int, n: int) -> Estimate | None:
    """Return the logit of an AUC, with half a comparison added to either side so that 1 has one.

    The variance is that of Hanley and McNeil (1982) by the delta method: DeLong's is 0 at 1.
    """
    if area is None:
        return None
    nearer = (area * m * n + 0.5) / (m * n + 1)
    return Estimate(math.log(nearer / (1 - nearer)), auc_variance(nearer, m, n) / (nearer * (1 - nearer)) ** 2)
