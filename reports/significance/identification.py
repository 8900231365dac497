"""How well overlap tells same-family pairs from different-family ones.

A pair is called same when its overlap is at least the cut. Same pairs are the positives.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from reports.significance.outcomes import Effect, Floats, Outcome, finite, number, two_sided_z, why_too_few

_Z: Final = two_sided_z()


@dataclass(frozen=True)
class Cut:
    """A cut on overlap, and the errors it makes on the pairs that it was chosen from."""

    threshold: float
    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int

    @property
    def tpr(self) -> float:
        """The share of same pairs that are called same."""
        return self.true_positives / (self.true_positives + self.false_negatives)

    @property
    def fpr(self) -> float:
        """The share of different pairs that are called same."""
        return self.false_positives / (self.false_positives + self.true_negatives)


def auc(same: ArrayLike, different: ArrayLike) -> Effect:
    """Return the area under the ROC curve: P(same > different) + P(equal)/2.

    The interval is DeLong's (DeLong, DeLong and Clarke-Pearson 1988, by midranks as in Sun and Xu
    2014), cut to 0..1. Where its variance is zero, as when the groups do not touch, it would have no width; then the
    score interval of Newcombe (2006, method 5) is given.
    """
    positives, negatives = finite(same), finite(different)
    why = why_too_few(1, positives, negatives)
    if why:
        return Effect("auc", None, why_not=why)
    m, n = positives.size, negatives.size
    ranks = stats.rankdata(np.concatenate([positives, negatives]))
    value = float(area_of_ranks(ranks, m))
    why = why_too_few(2, positives, negatives)
    if why:
        return Effect("auc", value, why_not=why)
    above = (ranks[:m] - stats.rankdata(positives)) / n
    below = 1 - (ranks[m:] - stats.rankdata(negatives)) / m
    variance = above.var(ddof=1) / m + below.var(ddof=1) / n
    if variance > 0:
        half = _Z * math.sqrt(variance)
        return Effect("auc", value, max(0.0, value - half), min(1.0, value + half), "DeLong")
    low, high = _newcombe_auc(value, m, n)
    return Effect("auc", value, low, high, "Newcombe method 5")


def area_of_ranks(ranks: Floats, m: int, axis: int = -1) -> Floats:
    """Return the area under the ROC curve from the ranks among all pairs, of which the first ``m`` are the same pairs.

    It is the Mann-Whitney U over its largest possible value (Bamber 1975).
    """
    n = ranks.shape[axis] - m
    sums = np.take(ranks, np.arange(m), axis=axis).sum(axis=axis)
    areas: Floats = (sums - m * (m + 1) / 2) / (m * n)
    return areas


def _newcombe_auc(value: float, m: int, n: int) -> tuple[float, float]:
    """Solve |area - value| = z * standard error(area), with the error of Hanley and McNeil (1982)."""
    size = (m + n) / 2 - 1

    def excess(area: float) -> float:
        spread = area * (1 - area)
        spread *= 1 + size * (1 - area) / (2 - area) + size * area / (1 + area)
        return (area - value) ** 2 - _Z**2 * spread / (m * n)

    # At 0 and 1 the error is 0, so that the estimate itself solves the equation: start a little inside.
    low = optimize.brentq(excess, 0.0, min(value, 1 - 1e-12)) if value > 0 else 0.0
    high = optimize.brentq(excess, max(value, 1e-12), 1.0) if value < 1 else 1.0
    return float(low), float(high)


def cut_at(threshold: float, same: ArrayLike, different: ArrayLike) -> Cut:
    """Return the errors of calling every pair with overlap >= ``threshold`` same."""
    positives, negatives = finite(same), finite(different)
    hits, alarms = int((positives >= threshold).sum()), int((negatives >= threshold).sum())
    return Cut(threshold, hits, positives.size - hits, alarms, negatives.size - alarms)


def best_cut(same: ArrayLike, different: ArrayLike, *, largest_fpr: float = 1.0) -> Cut | None:
    """Return the observed cut with the largest TPR - FPR (Youden 1950) among those with FPR <= ``largest_fpr``.

    Below 1, ``largest_fpr`` asks for the largest TPR at that FPR instead. Of equal cuts the highest is
    taken. None without both kinds of pairs; a threshold of infinity calls no pair same.
    """
    positives, negatives = np.sort(finite(same)), np.sort(finite(different))
    if not (positives.size and negatives.size):
        return None
    cuts: Floats = np.append(np.unique(np.concatenate([positives, negatives])), np.inf)[::-1]
    tpr = 1 - np.searchsorted(positives, cuts, side="left") / positives.size
    alarms = negatives.size - np.searchsorted(negatives, cuts, side="left")
    allowed = alarms <= largest_fpr * negatives.size + 1e-9
    gain = tpr if largest_fpr < 1 else tpr - alarms / negatives.size
    return cut_at(float(cuts[int(np.argmax(np.where(allowed, gain, -np.inf)))]), positives, negatives)


def wilson_interval(count: int, n: int) -> tuple[float, float] | None:
    """Return the score interval of a share (Wilson 1927), or None when ``n`` is 0."""
    if n == 0:
        return None
    share_found, squared = count / n, _Z**2 / n
    middle = (share_found + squared / 2) / (1 + squared)
    half = math.sqrt(squared * (share_found * (1 - share_found) + squared / 4)) / (1 + squared)
    # Rounding must not push a bound past the share itself.
    low = 0.0 if count == 0 else min(middle - half, share_found)
    return low, 1.0 if count == n else max(middle + half, share_found)


def share(name: str, count: int, n: int) -> Effect:
    """Return count/n with Wilson's interval."""
    interval = wilson_interval(count, n)
    if interval is None:
        return Effect(name, None, why_not="there is nothing to count")
    return Effect(name, count / n, *interval, "Wilson")


def tpr_at_fpr(same: ArrayLike, different: ArrayLike, largest_fpr: float) -> Effect:
    """Return the largest TPR of any cut whose FPR is at most ``largest_fpr``, with Wilson's interval.

    The interval holds for the chosen cut; it leaves out that the cut was chosen on the same pairs.
    """
    name = f"tpr_at_fpr_{largest_fpr:g}"
    cut = best_cut(same, different, largest_fpr=largest_fpr)
    if cut is None:
        return Effect(name, None, why_not=why_too_few(1, finite(same), finite(different)))
    return share(name, cut.true_positives, cut.true_positives + cut.false_negatives)


def fisher_exact(count_a: int, n_a: int, count_b: int, n_b: int) -> Outcome:
    """Test two shares for equality with Fisher's exact test; the statistic is the sample odds ratio."""
    if not (n_a and n_b):
        return Outcome("fisher_exact", None, None, "one of the groups is empty")
    if count_a + count_b in (0, n_a + n_b):
        return Outcome("fisher_exact", None, None, "every pair of both groups is alike in this")
    result = stats.fisher_exact([[count_a, n_a - count_a], [count_b, n_b - count_b]])
    total = count_a + count_b
    extremes = (max(0, total - n_b), min(total, n_a))
    least = min(
        stats.fisher_exact([[hits, n_a - hits], [total - hits, n_b - total + hits]]).pvalue for hits in extremes
    )
    return Outcome("fisher_exact", number(result.statistic), number(result.pvalue), least_p=float(least))


def difference_of_shares(count_a: int, n_a: int, count_b: int, n_b: int) -> Effect:
    """Return count_a/n_a - count_b/n_b with Newcombe's interval (1998, method 10, from two Wilson intervals)."""
    name = "difference_of_shares"
    first, second = wilson_interval(count_a, n_a), wilson_interval(count_b, n_b)
    if first is None or second is None:
        return Effect(name, None, why_not="one of the groups is empty")
    share_a, share_b = count_a / n_a, count_b / n_b
    value = share_a - share_b
    low = value - math.hypot(share_a - first[0], second[1] - share_b)
    high = value + math.hypot(first[1] - share_a, share_b - second[0])
    return Effect(name, value, low, high, "Newcombe method 10")
