"""Two or more groups of overlaps against each other: tests and effect sizes.

Every function takes arrays of any length, leaves out what is not finite, and returns an outcome
with its reason where the data allow no answer. Positive effects mean that the first group is larger.
"""

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from reports.significance.identification import auc
from reports.significance.intervals import bootstrap_interval
from reports.significance.outcomes import (
    CI_LEVEL,
    ROUNDING,
    SEED,
    Effect,
    Flags,
    Floats,
    Outcome,
    finite,
    is_constant,
    number,
    why_too_few,
)

PERMUTATIONS: Final = 9_999
"""Random permutations of a permutation test; fewer arrangements than this are all enumerated."""

RANKS_EXACT_UP_TO: Final = 8
"""Size of the smaller group up to which the exact distribution of the rank sum is counted: its far tail is what many
families need, and there the normal one is too heavy."""

_RANKS_EXACT_COST: Final = 50_000_000
_HALF_A_STEP: Final = 1e-6

KS_EXACT_UP_TO: Final = 1_000
"""Group size up to which the exact distribution of the Kolmogorov-Smirnov distance is used."""

STOP_AFTER: Final = 50
"""Drawing stops early once this many permutations got as far as the data: p is then known well enough, and is not
small (Besag and Clifford 1991)."""

_BATCH: Final = 500
_FEW_CHOSEN: Final = 24
"""Up to this many places are drawn one by one, which is faster than sorting random keys for all places."""

Places: TypeAlias = NDArray[np.intp]


def student_t(a: ArrayLike, b: ArrayLike) -> Outcome:
    """Test equal means with Student's t, which assumes equal variances (the published choice)."""
    return _t_test("student_t", a, b, equal_variances=True)


def welch_t(a: ArrayLike, b: ArrayLike) -> Outcome:
    """Test equal means with Welch's t (Welch 1947), which lets the variances differ."""
    return _t_test("welch_t", a, b, equal_variances=False)


def _t_test(name: str, a: ArrayLike, b: ArrayLike, *, equal_variances: bool) -> Outcome:
    left, right = finite(a), finite(b)
    why = why_too_few(2, left, right)
    if not why and is_constant(left) and is_constant(right):
        why = "all values within each group are the same, so there is no variance to judge by"
    if why:
        return Outcome(name, None, None, why)
    # From means and variances, so that one constant group raises no warning of lost precision.
    result = stats.ttest_ind_from_stats(
        left.mean(), _deviation(left), left.size, right.mean(), _deviation(right), right.size, equal_var=equal_variances
    )
    return Outcome(name, number(result.statistic), number(result.pvalue))


def _deviation(values: Floats) -> float:
    return 0.0 if is_constant(values) else float(values.std(ddof=1))


def mann_whitney(a: ArrayLike, b: ArrayLike) -> Outcome:
    """Test equal distributions against a shift with the Mann-Whitney U of the first group.

    Exact, ties included, when the smaller group has at most ``RANKS_EXACT_UP_TO`` values and the larger is not huge;
    else normal with correction for ties and continuity.
    """
    left, right = finite(a), finite(b)
    why = why_too_few(2, left, right) or _why_all_tied(left, right)
    if why:
        return Outcome("mann_whitney", None, None, why)
    ranks = stats.rankdata(np.concatenate([left, right]))
    smaller, n = min(left.size, right.size), ranks.size
    if smaller <= RANKS_EXACT_UP_TO and (smaller * n) ** 2 <= _RANKS_EXACT_COST:
        chosen = ranks[: left.size] if left.size == smaller else ranks[left.size :]
        p_value, least_p = _exact_rank_sum(ranks, chosen)
        statistic = float(ranks[: left.size].sum() - left.size * (left.size + 1) / 2)
        return Outcome("mann_whitney", statistic, p_value, least_p=least_p)
    result = stats.mannwhitneyu(left, right, alternative="two-sided", method="asymptotic")
    product = smaller * (n - smaller)
    furthest = 2 * float(stats.norm.sf((product / 2 - 0.5) / math.sqrt(product * (n + 1) / 12)))
    return Outcome(
        "mann_whitney", number(result.statistic), number(result.pvalue), least_p=min(furthest, float(result.pvalue))
    )


def _exact_rank_sum(ranks: Floats, chosen: Floats) -> tuple[float, float]:
    """Return the two-sided p of the rank sum of ``chosen`` among all choices of as many ranks, and the least p.

    The shift algorithm of Streitberg and Röhmel (1986) counts the choices by their sum. p is the share of choices
    whose sum lies at least as far from the mean sum.
    """
    halves = np.rint(2 * ranks).astype(np.intp)
    least = int(halves.min())
    step = max(1, int(np.gcd.reduce(halves - least)))
    steps = (halves - least) // step
    size, total = chosen.size, int(np.sort(steps)[-chosen.size :].sum())
    observed = (float(2 * chosen.sum()) - size * least) / step
    counts = np.zeros((size + 1, total + 1))
    counts[0, 0] = 1.0
    for rank in steps.tolist():
        # From the right, so that no rank is chosen twice.
        counts[1:, rank:] += counts[:-1, : total + 1 - rank].copy()
    shares = counts[size] / counts[size].sum()
    mean = size * float(steps.mean())
    distances = np.abs(np.arange(total + 1) - mean)
    reached = distances >= abs(observed - mean) - _HALF_A_STEP
    possible = np.flatnonzero(counts[size])
    furthest = distances >= distances[possible].max() - _HALF_A_STEP
    return min(1.0, float(shares[reached].sum())), float(shares[furthest].sum())


def _why_all_tied(*groups: Floats) -> str:
    return "all values of all groups are the same" if is_constant(np.concatenate(groups)) else ""


def permutation_of_means(a: ArrayLike, b: ArrayLike, *, permutations: int = PERMUTATIONS, seed: int = SEED) -> Outcome:
    """Test the difference of means by permuting the labels.

    Enumerates every arrangement where there are no more than ``permutations``, else draws up to that
    many; then the smallest p possible is 1/(permutations + 1) (Phipson and Smyth 2010).
    """
    name = "permutation_of_means"
    left, right = finite(a), finite(b)
    why = why_too_few(2, left, right) or _why_all_tied(left, right)
    if why:
        return Outcome(name, None, None, why)
    pooled = np.concatenate([left, right])
    observed = float(left.mean() - right.mean())
    if special.comb(pooled.size, left.size) <= permutations:
        result = stats.permutation_test(
            (left, right), _difference, vectorized=True, n_resamples=permutations, permutation_type="independent"
        )
        least = min(1.0, 2 / float(special.comb(pooled.size, left.size)))
        return Outcome(name, number(result.statistic), number(result.pvalue), least_p=least)
    total = pooled.sum()

    def reach(chosen: Flags) -> Flags:
        sums = chosen.astype(np.float64) @ pooled
        differences = sums / left.size - (total - sums) / right.size
        reached: Flags = np.abs(differences) >= abs(observed) * (1 - ROUNDING)
        return reached

    p_value = _permutation_p(reach, left.size, pooled.size, permutations, seed)
    return Outcome(name, observed, p_value, least_p=1 / (permutations + 1))


def _difference(x: Floats, y: Floats, axis: int = -1) -> Floats:
    result: Floats = x.mean(axis=axis) - y.mean(axis=axis)
    return result


def _permutation_p(reach: Callable[[Flags], Flags], n_chosen: int, n: int, permutations: int, seed: int) -> float:
    """Return the share of permutations for which ``reach`` says that they get as far as the data.

    ``reach`` takes rows of ``n`` flags, each a random choice of ``n_chosen`` places.
    """
    rng = np.random.default_rng(seed)
    drawn, reached = 0, 0
    while drawn < permutations and reached < STOP_AFTER:
        chosen = _choices(rng, min(_BATCH, permutations - drawn), n_chosen, n)
        reached += int(np.count_nonzero(reach(chosen)))
        drawn += chosen.shape[0]
    return (reached + 1) / (drawn + 1)


def _choices(rng: np.random.Generator, rows: int, n_chosen: int, n: int) -> Flags:
    """Draw ``rows`` of ``n`` flags, each a choice of ``n_chosen`` places that is as likely as any other."""
    if n_chosen > _FEW_CHOSEN:
        keys = rng.random((rows, n))
        return keys < np.partition(keys, n_chosen, axis=1)[:, n_chosen : n_chosen + 1]
    # Floyd's sampling (Bentley and Floyd 1987): a place that is taken already stands for the last one of its step.
    last = np.arange(n - n_chosen, n)
    places = rng.integers(last + 1, size=(rows, n_chosen))
    flags: Flags = np.zeros((rows, n), dtype=np.bool_)
    row = np.arange(rows)
    for step, place in enumerate(places.T):
        flags[row, np.where(flags[row, place], last[step], place)] = True
    return flags


def kolmogorov_smirnov(a: ArrayLike, b: ArrayLike) -> Outcome:
    """Test equal distributions with the two-sample Kolmogorov-Smirnov distance (0 to 1)."""
    left, right = finite(a), finite(b)
    why = why_too_few(2, left, right) or _why_all_tied(left, right)
    if why:
        return Outcome("kolmogorov_smirnov", None, None, why)
    method = "exact" if max(left.size, right.size) <= KS_EXACT_UP_TO else "asymp"
    result = stats.ks_2samp(left, right, method=method)
    return Outcome("kolmogorov_smirnov", number(result.statistic), number(result.pvalue))


def anderson_darling(a: ArrayLike, b: ArrayLike, *, permutations: int = PERMUTATIONS, seed: int = SEED) -> Outcome:
    """Test equal distributions with the k-sample Anderson-Darling statistic of two groups.

    The statistic is the standardised midrank form (Scholz and Stephens 1987, equation 7). Its p is by
    permutation, as the tables end at 0.001 and 0.25.
    """
    name = "anderson_darling"
    left, right = finite(a), finite(b)
    why = why_too_few(2, left, right) or _why_all_tied(left, right)
    if why:
        return Outcome(name, None, None, why)
    with_tables = stats.PermutationMethod(n_resamples=1, rng=np.random.default_rng(seed))
    statistic = float(stats.anderson_ksamp([left, right], variant="midrank", method=with_tables).statistic)
    pooled = np.concatenate([left, right])
    in_order = np.argsort(pooled, kind="stable")
    _, starts, ties = np.unique(pooled[in_order], return_index=True, return_counts=True)
    observed = _midrank_distance((in_order < left.size)[np.newaxis, :], starts, ties, left.size)[0]

    def reach(labels: Flags) -> Flags:
        reached: Flags = _midrank_distance(labels, starts, ties, left.size) >= observed * (1 - ROUNDING)
        return reached

    p_value = _permutation_p(reach, left.size, pooled.size, permutations, seed)
    return Outcome(name, statistic, p_value, least_p=1 / (permutations + 1))


def _midrank_distance(labels: Flags, starts: Places, ties: Places, n_first: int) -> Floats:
    """Return the unstandardised midrank statistic of each row of labels over the sorted pooled values."""
    n = labels.shape[1]
    n_second = n - n_first
    first = np.add.reduceat(labels, starts, axis=1, dtype=np.float64)
    below = np.cumsum(first, axis=1) - first / 2
    midrank = np.cumsum(ties) - ties / 2
    weight = ties / n / (midrank * (n - midrank) - n * ties / 4)
    squared = (n * below - n_first * midrank) ** 2
    # With two groups the second group's deviation is the first one's with the sign turned.
    distances: Floats = (n - 1) / n * (squared @ weight) * (1 / n_first + 1 / n_second)
    return distances


def difference_of_means(a: ArrayLike, b: ArrayLike) -> Effect:
    """Return mean(a) - mean(b), with Welch's interval."""
    name = "difference_of_means"
    left, right = finite(a), finite(b)
    if not (left.size and right.size):
        return Effect(name, None, why_not=why_too_few(1, left, right))
    value = float(left.mean() - right.mean())
    why = why_too_few(2, left, right)
    share_a, share_b = _deviation(left) ** 2 / left.size, _deviation(right) ** 2 / right.size
    if why or share_a + share_b == 0:
        return Effect(name, value, why_not=why or "all values within each group are the same")
    freedom = (share_a + share_b) ** 2 / (share_a**2 / (left.size - 1) + share_b**2 / (right.size - 1))
    half = float(stats.t.ppf(0.5 + CI_LEVEL / 2, freedom)) * math.sqrt(share_a + share_b)
    return Effect(name, value, value - half, value + half, "Welch")


def _cohens_d(x: Floats, y: Floats, axis: int = -1) -> Floats:
    n_x, n_y = x.shape[axis], y.shape[axis]
    pooled = ((n_x - 1) * x.var(axis=axis, ddof=1) + (n_y - 1) * y.var(axis=axis, ddof=1)) / (n_x + n_y - 2)
    result: Floats = (x.mean(axis=axis) - y.mean(axis=axis)) / np.sqrt(pooled)
    return result


def hedges_correction(n_a: int, n_b: int) -> float:
    """Return the exact factor that takes the small-sample bias from Cohen's d (Hedges 1981)."""
    freedom = n_a + n_b - 2
    return float(math.exp(special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2)) / math.sqrt(freedom / 2))


def hedges_g(a: ArrayLike, b: ArrayLike, *, interval: bool = True) -> Effect:
    """Return the standardised difference of means by the pooled deviation, with a bootstrap interval."""
    name = "hedges_g"
    left, right = finite(a), finite(b)
    why = why_too_few(2, left, right)
    if not why and is_constant(left) and is_constant(right):
        why = "all values within each group are the same, so there is no deviation to standardise by"
    if why:
        return Effect(name, None, why_not=why)
    factor = hedges_correction(left.size, right.size)
    value = number(factor * _cohens_d(left, right))
    if not interval:
        return Effect(name, value)
    low, high, method = bootstrap_interval((left, right), lambda x, y, axis: factor * _cohens_d(x, y, axis=axis))
    return Effect(name, value, low, high, method)


def cliffs_delta(a: ArrayLike, b: ArrayLike) -> Effect:
    """Return P(a > b) - P(a < b), from -1 to 1 (Cliff 1993): twice the AUC less one, and its interval so too."""
    area = auc(a, b)
    scaled = [None if bound is None else 2 * bound - 1 for bound in (area.value, area.ci_low, area.ci_high)]
    return Effect("cliffs_delta", scaled[0], scaled[1], scaled[2], area.method, area.why_not)


def _ratio(x: Floats, y: Floats, axis: int = -1) -> Floats:
    result: Floats = x.mean(axis=axis) / y.mean(axis=axis)
    return result


def ratio_of_means(a: ArrayLike, b: ArrayLike) -> Effect:
    """Return mean(a) / mean(b) with a bootstrap interval; values must not be negative."""
    name = "ratio_of_means"
    left, right = finite(a), finite(b)
    why = why_too_few(1, left, right)
    if not why and right.mean() == 0:
        why = "the mean of the second group is 0, so there is no ratio to it"
    if why:
        return Effect(name, None, why_not=why)
    value = number(left.mean() / right.mean())
    why = why_too_few(2, left, right)
    if not why and is_constant(left) and is_constant(right):
        why = "all values within each group are the same"
    if why:
        return Effect(name, value, why_not=why)
    low, high, method = bootstrap_interval((left, right), _ratio)
    return Effect(name, value, low, high, method)


def kolmogorov_distance(a: ArrayLike, b: ArrayLike) -> Effect:
    """Return the largest distance between the two distribution functions, from 0 to 1, without an interval."""
    outcome = kolmogorov_smirnov(a, b)
    return Effect("ks_distance", outcome.statistic, why_not=outcome.why_not)


def kruskal_wallis(*groups: ArrayLike) -> Outcome:
    """Test equal distributions of several groups by their ranks (Kruskal and Wallis 1952), with correction for ties."""
    name = "kruskal_wallis"
    samples = [finite(group) for group in groups]
    why = why_too_few(1, *samples) or _why_all_tied(*samples)
    if why:
        return Outcome(name, None, None, why)
    result = stats.kruskal(*samples)
    return Outcome(name, number(result.statistic), number(result.pvalue))


def epsilon_squared(*groups: ArrayLike) -> Effect:
    """Return the share of the variance of ranks that lies between groups, 0 to 1, without an interval (Kelley 1935)."""
    name = "epsilon_squared"
    outcome = kruskal_wallis(*groups)
    if outcome.statistic is None:
        return Effect(name, None, why_not=outcome.why_not)
    return Effect(name, outcome.statistic / (sum(finite(group).size for group in groups) - 1))
