"""Downloads and overlap together: correlations, tests and intervals."""

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from reports.significance.outcomes import Effect, Floats, Outcome, finite_pairs, is_constant, number, two_sided_z

SMALLEST_N: Final = 3
SMALLEST_N_FOR_INTERVAL: Final = 5


def spearman(x: ArrayLike, y: ArrayLike) -> tuple[Outcome, Effect]:
    """Correlate ranks; p by the t approximation, interval by Bonett and Wright (2000)."""
    return _correlate("spearman", "spearman_rho", x, y)


def kendall(x: ArrayLike, y: ArrayLike) -> tuple[Outcome, Effect]:
    """Correlate orders with tau-b; interval by Fieller, Hartley and Pearson (1957)."""
    return _correlate("kendall", "kendall_tau", x, y)


def pearson(x: ArrayLike, y: ArrayLike) -> tuple[Outcome, Effect]:
    """Correlate linearly; p by the t distribution, interval by Fisher's z."""
    return _correlate("pearson", "pearson_r", x, y)


def pearson_log10(downloads: ArrayLike, overlaps: ArrayLike) -> tuple[Outcome, Effect]:
    """Correlate log10(1 + downloads) with overlaps linearly; downloads below zero are left out."""
    raw = np.asarray(downloads, dtype=np.float64)
    logs = np.full(raw.shape, np.nan)
    known = raw >= 0
    logs[known] = np.log10(1 + raw[known])
    return _correlate("pearson_log10", "pearson_r", logs, overlaps)


def _correlate(test_name: str, effect_name: str, x: ArrayLike, y: ArrayLike) -> tuple[Outcome, Effect]:
    left, right = finite_pairs(x, y)
    why = _why_not(left, right)
    if why:
        return Outcome(test_name, None, None, why), Effect(effect_name, None, why_not=why)
    function = {"spearman": stats.spearmanr, "kendall": stats.kendalltau}.get(test_name, stats.pearsonr)
    with np.errstate(all="ignore"):  # a perfect rank correlation divides by zero on its way to p = 0
        result = function(left, right)
    value = number(result.statistic)
    if value is None:
        why = "the values are too nearly the same to correlate"
        return Outcome(test_name, None, None, why), Effect(effect_name, None, why_not=why)
    low, high, method = _interval(test_name, value, left.size)
    return Outcome(test_name, value, number(result.pvalue)), Effect(effect_name, value, low, high, method)


def _why_not(x: Floats, y: Floats) -> str:
    if x.size < SMALLEST_N:
        return f"needs at least {SMALLEST_N} pairs with both values, there are {x.size}"
    if is_constant(x) or is_constant(y):
        return f"all {'downloads' if is_constant(x) else 'overlaps'} are the same"
    return ""


def _interval(test_name: str, value: float, n: int) -> tuple[float | None, float | None, str]:
    """Transform to Fisher's z, take a normal interval with the variance of the coefficient, and come back."""
    if n < SMALLEST_N_FOR_INTERVAL or abs(value) >= 1:
        return None, None, ""
    variances = {
        "spearman": ((1 + value**2 / 2) / (n - 3), "Bonett-Wright"),
        "kendall": (0.437 / (n - 4), "Fieller"),
    }
    variance, method = variances.get(test_name, (1 / (n - 3), "Fisher z"))
    half = two_sided_z() * math.sqrt(variance)
    return math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half), method
