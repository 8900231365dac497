"""How likely a test is to find an effect at a given n, and the n that it would need.

Power is always that of a benchmark effect fixed beforehand. The power of the observed effect would only repeat the
p value (Hoenig and Heisey 2001); the n for the observed effect is given for planning alone.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Final

from scipy import special, stats

from reports.significance.outcomes import two_sided_z

ALPHA: Final = 0.05
TARGET_POWER: Final = 0.8
"""The power asked for (Cohen 1988, page 56)."""

LARGE_D: Final = 0.8
MEDIUM_D: Final = 0.5
MEDIUM_R: Final = 0.3
MEDIUM_H: Final = 0.5
"""Cohen's (1988) large and medium difference of means, medium correlation and medium difference of shares."""

SD_RATIO: Final = 1.5
"""The ratio of deviations worth finding: half as noisy again. The project's own choice, no convention."""

RANK_EFFICIENCY: Final = 0.864
"""The least efficiency of a rank test against t, whatever the distribution (Hodges and Lehmann 1956)."""

HALF_WIDTH: Final = 0.1
"""How near an AUC or a share must be known to judge it: 0.1 on either side. The project's own choice."""

LARGEST_N: Final = 10_000_000

_Z_ALPHA: Final = two_sided_z(1 - ALPHA)
_Z_POWER: Final = float(special.ndtri(TARGET_POWER))


def power_t(d: float, n_a: float, n_b: float) -> float:
    """Return the power of the two-sided t test for the standardised difference ``d`` (noncentral t, exact)."""
    freedom = n_a + n_b - 2
    if n_a <= 1 or n_b <= 1 or freedom <= 0:
        return 0.0
    shift = abs(d) * math.sqrt(n_a * n_b / (n_a + n_b))
    critical = float(stats.t.ppf(1 - ALPHA / 2, freedom))
    power = float(stats.nct.sf(critical, freedom, shift) + stats.nct.cdf(-critical, freedom, shift))
    return power if math.isfinite(power) else 1.0


def power_correlation(r: float, n: float) -> float:
    """Return the power of the two-sided test of a correlation, by Fisher's z."""
    if n <= 3:
        return 0.0
    return _normal_power(math.atanh(abs(r)) * math.sqrt(n - 3))


def power_sd_ratio(ratio: float, n_a: float, n_b: float) -> float:
    """Return the power to find a ratio of deviations, by the normal-theory variance of log sd, 1/(2(n - 1))."""
    if n_a <= 1 or n_b <= 1:
        return 0.0
    return _normal_power(abs(math.log(ratio)) / math.sqrt(1 / (2 * (n_a - 1)) + 1 / (2 * (n_b - 1))))


def power_shares(h: float, n_a: float, n_b: float) -> float:
    """Return the power to find the difference ``h`` of two arcsine-transformed shares (Cohen 1988, chapter 6)."""
    if n_a < 1 or n_b < 1:
        return 0.0
    return _normal_power(abs(h) * math.sqrt(n_a * n_b / (n_a + n_b)))


def _normal_power(shift: float) -> float:
    return float(special.ndtr(shift - _Z_ALPHA) + special.ndtr(-shift - _Z_ALPHA))


def cohens_h(share_a: float, share_b: float) -> float:
    """Return the difference of two shares on the arcsine scale."""
    return 2 * math.asin(math.sqrt(share_a)) - 2 * math.asin(math.sqrt(share_b))


@cache
def n_for_t(d: float) -> int | None:
    """Return the n per group for the target power; None above ``LARGEST_N``."""
    return _smallest(lambda n: power_t(d, n, n), 2)


@cache
def n_for_correlation(r: float) -> int | None:
    """Return the n of pairs for the target power; None above ``LARGEST_N``."""
    if abs(r) >= 1:
        return 4
    return _smallest(lambda n: power_correlation(r, n), 4)


@cache
def n_for_sd_ratio(ratio: float) -> int | None:
    """Return the n per group for the target power; None above ``LARGEST_N``."""
    return _smallest(lambda n: power_sd_ratio(ratio, n, n), 2) if ratio > 0 else None


@cache
def n_for_shares(h: float) -> int | None:
    """Return the n per group for the target power; None above ``LARGEST_N``."""
    return _smallest(lambda n: power_shares(h, n, n), 1)


@cache
def n_for_half_width(share: float) -> int:
    """Return the n that puts a share near ``share`` within ``HALF_WIDTH`` on either side, at 95 %."""
    return math.ceil((_Z_ALPHA / HALF_WIDTH) ** 2 * share * (1 - share) - 1e-9)


@cache
def n_for_auc(area: float) -> int:
    """Return the n per group that puts an AUC near ``area`` within ``HALF_WIDTH`` on either side, at 95 %."""
    n = 2
    while _Z_ALPHA * math.sqrt(auc_variance(area, n, n)) > HALF_WIDTH:
        n += 1
    return n


def auc_variance(area: float, m: int, n: int) -> float:
    """Return the variance of an AUC by Hanley and McNeil (1982), for ``m`` same and ``n`` different pairs."""
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    return (area * (1 - area) + (m - 1) * (one - area**2) + (n - 1) * (two - area**2)) / (m * n)


def families_for(benchmark: float, error: float, n_families: int) -> int:
    """Return how many families would find ``benchmark`` with the target power, if the error shrinks with their root."""
    return math.ceil(n_families * ((_Z_ALPHA + _Z_POWER) * error / abs(benchmark)) ** 2)


def n_for_fpr(largest_fpr: float) -> int:
    """Return how many different pairs, none called same, put the upper bound of the FPR at ``largest_fpr``.

    The rule of three (Hanley and Lippman-Hand 1983).
    """
    return math.ceil(3 / largest_fpr - 1e-9)


def _smallest(power: Callable[[int], float], lowest: int) -> int | None:
    """Return the smallest n whose power, which grows with n, reaches the target."""
    high = lowest
    while power(high) < TARGET_POWER:
        if high >= LARGEST_N:
            return None
        high = min(high * 2, LARGEST_N)
    low = max(lowest, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= TARGET_POWER else (middle + 1, high)
    return low


def matched_n(n_a: int, n_b: int) -> float:
    """Return the n per group of an equally split study that is as precise: the harmonic mean."""
    return float(2 * n_a * n_b / (n_a + n_b)) if n_a and n_b else 0.0
