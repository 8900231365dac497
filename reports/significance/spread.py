"""Whether one group of overlaps is noisier than another, and at which number of downloads that would begin."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from reports.significance.comparisons import PERMUTATIONS
from reports.significance.intervals import bootstrap_interval
from reports.significance.outcomes import (
    ROUNDING,
    SEED,
    Effect,
    Floats,
    Outcome,
    finite,
    finite_pairs,
    is_constant,
    number,
    why_too_few,
)

EXTREME_BELOW: Final = 0.1
EXTREME_ABOVE: Final = 0.9
"""An overlap is extreme below the one or above the other: the bounds of the design's anomalies."""

SWEEP_SMALLEST_SIDE: Final = 5
"""A cut of the sweep leaves at least this many pairs on either side."""

SWEEP_MOST_CUTS: Final = 60
"""At most this many of the possible cuts are taken, evenly by rank."""

SWEEP_STOP_AFTER: Final = 40
"""The sweep stops permuting once this many permutations reached the observed maximum (Besag and Clifford 1991)."""

_BATCH: Final = 250


def brown_forsythe(*groups: ArrayLike) -> Outcome:
    """Test equal spread by the analysis of variance of distances from the medians (Brown and Forsythe 1974)."""
    return _spread_test("brown_forsythe", groups)


def fligner_killeen(*groups: ArrayLike) -> Outcome:
    """Test equal spread by the ranks of distances from the medians (Fligner and Killeen 1976)."""
    return _spread_test("fligner_killeen", groups)


def _spread_test(name: str, groups: tuple[ArrayLike, ...]) -> Outcome:
    samples = [finite(group) for group in groups]
    if len(samples) < 2:
        return Outcome(name, None, None, "needs at least 2 groups")
    why = why_too_few(2, *samples)
    distances = [np.abs(sample - np.median(sample)) for sample in samples if sample.size]
    if not why and all(is_constant(distance) for distance in distances):
        why = "within each group all values lie equally far from the median"
    if why:
        return Outcome(name, None, None, why)
    if name == "fligner_killeen":
        result = stats.fligner(*samples, center="median")
    else:
        result = stats.levene(*samples, center="median")
    return Outcome(name, number(result.statistic), number(result.pvalue))


def _sd_ratio(x: Floats, y: Floats, axis: int = -1) -> Floats:
    result: Floats = x.std(axis=axis, ddof=1) / y.std(axis=axis, ddof=1)
    return result


def ratio_of_sds(a: ArrayLike, b: ArrayLike) -> Effect:
    """Return sd(a) / sd(b) with a bootstrap interval; above 1 the first group is the noisier one."""
    name = "ratio_of_sds"
    left, right = finite(a), finite(b)
    why = why_too_few(2, left, right)
    if not why and is_constant(right):
        why = "all values of the second group are the same, so there is no ratio to its deviation"
    if why:
        return Effect(name, None, why_not=why)
    value = 0.0 if is_constant(left) else number(_sd_ratio(left, right))
    why = why_too_few(3, left, right)
    if why or is_constant(left):
        return Effect(name, value, why_not=why or "all values of the first group are the same")
    low, high, method = bootstrap_interval((left, right), _sd_ratio)
    return Effect(name, value, low, high, method)


def count_extremes(overlaps: ArrayLike) -> int:
    """Count the overlaps below ``EXTREME_BELOW`` or above ``EXTREME_ABOVE``."""
    values = finite(overlaps)
    return int(((values < EXTREME_BELOW) | (values > EXTREME_ABOVE)).sum())


@dataclass(frozen=True)
class SweepCut:
    """Brown-Forsythe of the pairs with at most ``downloads`` against those with more."""

    downloads: float
    outcome: Outcome
    sd_ratio: float | None
    n_low: int
    n_high: int


@dataclass(frozen=True)
class Sweep:
    """The test at every possible cut, and one p for the largest of them.

    ``outcome`` has the largest statistic of all cuts and the share of permutations of the overlaps
    whose largest is as large: the p is right for the choice of the best cut. ``permutations`` is how many
    were drawn.
    """

    cuts: tuple[SweepCut, ...]
    best: SweepCut | None
    outcome: Outcome
    permutations: int


def download_sweep(
    downloads: ArrayLike, overlaps: ArrayLike, *, permutations: int = PERMUTATIONS, seed: int = SEED
) -> Sweep:
    """Test low against higher downloads for equal spread at every cut with enough pairs on both sides."""
    name = "brown_forsythe_maximum"
    counts, values = finite_pairs(downloads, overlaps)
    order = np.argsort(counts, kind="stable")
    counts, values = counts[order], values[order]
    sizes = _cut_sizes(counts)
    if sizes.size == 0:
        why = f"no number of downloads parts the {counts.size} pairs into two groups of {SWEEP_SMALLEST_SIDE} or more"
        return Sweep((), None, Outcome(name, None, None, why), 0)
    cuts = tuple(_sweep_cut(counts, values, int(size)) for size in sizes)
    tested = [cut for cut in cuts if cut.outcome.statistic is not None]
    if not tested:
        return Sweep(cuts, None, Outcome(name, None, None, cuts[0].outcome.why_not), 0)
    best = max(tested, key=lambda cut: cut.outcome.statistic or 0.0)
    observed = best.outcome.statistic or 0.0
    rng = np.random.default_rng(seed)
    drawn, reached = 0, 0
    while drawn < permutations and reached < SWEEP_STOP_AFTER:
        batch = min(_BATCH, permutations - drawn)
        shuffled = rng.permuted(np.tile(values, (batch, 1)), axis=1)
        largest = np.max([_f_statistics(shuffled, int(size)) for size in sizes], axis=0)
        reached += int(np.count_nonzero(largest >= observed * (1 - ROUNDING)))
        drawn += batch
    outcome = Outcome(name, observed, (reached + 1) / (drawn + 1), least_p=1 / (permutations + 1))
    return Sweep(cuts, best, outcome, drawn)


def _cut_sizes(counts: Floats) -> NDArray[np.intp]:
    """Return how many pairs lie at or below each cut, for the cuts between different downloads."""
    ends = np.flatnonzero(np.diff(counts) > 0) + 1
    ends = ends[(ends >= SWEEP_SMALLEST_SIDE) & (counts.size - ends >= SWEEP_SMALLEST_SIDE)]
    if ends.size > SWEEP_MOST_CUTS:
        ends = ends[np.unique(np.linspace(0, ends.size - 1, SWEEP_MOST_CUTS).round().astype(np.intp))]
    return ends


def _sweep_cut(counts: Floats, values: Floats, size: int) -> SweepCut:
    low, high = values[:size], values[size:]
    ratio = None if is_constant(high) else number(_sd_ratio(low, high))
    return SweepCut(float(counts[size - 1]), brown_forsythe(low, high), ratio, size, counts.size - size)


def _f_statistics(shuffled: Floats, size: int) -> Floats:
    """Return the Brown-Forsythe statistic of each row cut after ``size`` values; 0 where it is undefined."""
    n = shuffled.shape[1]
    sides = (shuffled[:, :size], shuffled[:, size:])
    distances = [np.abs(side - np.median(side, axis=1, keepdims=True)) for side in sides]
    means = [distance.mean(axis=1) for distance in distances]
    grand = (means[0] * size + means[1] * (n - size)) / n
    between = size * (means[0] - grand) ** 2 + (n - size) * (means[1] - grand) ** 2
    within = sum(
        ((distance - mean[:, np.newaxis]) ** 2).sum(axis=1) for distance, mean in zip(distances, means, strict=True)
    )
    result: Floats = np.divide(between * (n - 2), within, out=np.zeros_like(between), where=within > 0)
    return result
