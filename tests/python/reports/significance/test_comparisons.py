"""Tests of two groups against values from other libraries, from books, and by hand."""

from itertools import combinations

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from reports.significance import comparisons

RNG = np.random.default_rng(7)
A, B = RNG.beta(2, 2, 40), RNG.beta(1, 8, 25)

# The sleep data of Student (1908), extra hours under two drugs; R's t.test documents both results.
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_the_sleep_data_give_the_published_t() -> None:
    student, welch = comparisons.student_t(DRUG_1, DRUG_2), comparisons.welch_t(DRUG_1, DRUG_2)
    assert student.statistic == pytest.approx(-1.8608, abs=5e-5)
    assert student.p_value == pytest.approx(0.07919, abs=5e-6)
    assert welch.p_value == pytest.approx(0.07939, abs=5e-6)
    interval = comparisons.difference_of_means(DRUG_1, DRUG_2)
    assert (interval.ci_low, interval.ci_high) == (pytest.approx(-3.3654832), pytest.approx(0.2054832))


@pytest.mark.parametrize(("function", "usevar"), [("student_t", "pooled"), ("welch_t", "unequal")])
def test_t_agrees_with_statsmodels(function: str, usevar: str) -> None:
    ours = getattr(comparisons, function)(A, B)
    statistic, p_value, _ = CompareMeans(DescrStatsW(A), DescrStatsW(B)).ttest_ind(usevar=usevar)
    assert ours.statistic == pytest.approx(statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(p_value, rel=1e-9)


def test_the_difference_of_means_agrees_with_statsmodels() -> None:
    low, high = CompareMeans(DescrStatsW(A), DescrStatsW(B)).tconfint_diff(usevar="unequal")
    effect = comparisons.difference_of_means(A, B)
    assert (effect.ci_low, effect.ci_high) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


def test_one_constant_group_is_tested_without_a_warning() -> None:
    ours = comparisons.welch_t([0.1, 0.1, 0.1], A)
    # By hand: the constant group adds nothing to the standard error, so this is the one-sample t.
    theirs = stats.ttest_1samp(A, 0.1)
    assert ours.statistic == pytest.approx(-theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_mann_whitney_of_two_groups_apart() -> None:
    # All 3 above all 3: U is 9, and 2 of the 20 arrangements are as extreme.
    outcome = comparisons.mann_whitney([4, 5, 6], [1, 2, 3])
    assert (outcome.statistic, outcome.p_value) == (9.0, pytest.approx(0.1))


def test_cliffs_delta_counts_pairs() -> None:
    # Of 3 x 3 pairs 5 are above, 2 below, 2 equal.
    a, b = [1, 3, 5], [1, 2, 5]
    above = sum(x > y for x in a for y in b)
    below = sum(x < y for x in a for y in b)
    assert comparisons.cliffs_delta(a, b).value == pytest.approx((above - below) / 9)


def test_hedges_g_of_the_textbook() -> None:
    # Borenstein and others 2009, Introduction to Meta-Analysis, pages 26-27: means 103 and 100, deviations 5.5 and
    # 4.5, 50 in each group: d 0.5970, g 0.5924 with the approximate factor, which is the exact one to 4 digits.
    def sample(mean: float, deviation: float) -> np.ndarray:
        values = stats.norm.ppf((np.arange(50) + 0.5) / 50)
        return mean + deviation * (values - values.mean()) / values.std(ddof=1)

    effect = comparisons.hedges_g(sample(103, 5.5), sample(100, 4.5))
    assert effect.value == pytest.approx(0.5924, abs=2e-4)
    assert effect.ci_low is not None
    assert effect.ci_high is not None
    assert effect.ci_low < effect.value < effect.ci_high


def test_permutations_are_enumerated_where_few() -> None:
    # 2 of the 20 arrangements of 3 and 3 have a difference as large.
    outcome = comparisons.permutation_of_means([4, 5, 6], [1, 2, 3])
    assert outcome.p_value == pytest.approx(2 / 20)


def test_permutations_come_near_the_exact_p() -> None:
    a, b = A[:9], B[:9] + 0.15
    exact = stats.permutation_test(
        (a, b), lambda x, y, axis: x.mean(axis) - y.mean(axis), vectorized=True, n_resamples=np.inf
    ).pvalue
    drawn = comparisons.permutation_of_means(a, b).p_value
    assert drawn == pytest.approx(exact, rel=0.25)
    assert comparisons.permutation_of_means(a, b).p_value == drawn


def test_no_permutation_p_is_zero() -> None:
    assert comparisons.permutation_of_means(A + 5, B).p_value == 1 / (comparisons.PERMUTATIONS + 1)


def test_anderson_darling_has_the_published_statistic() -> None:
    # Scholz and Stephens 1987, table 1: four laboratories measure the smoothness of paper; the first two here,
    # checked against scipy's own standardisation and its permutations.
    lab_1 = [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0]
    lab_2 = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8]
    exact = stats.anderson_ksamp([lab_1, lab_2], variant="midrank", method=stats.PermutationMethod(n_resamples=20_000))
    ours = comparisons.anderson_darling(lab_1, lab_2)
    assert ours.statistic == pytest.approx(exact.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(exact.pvalue, rel=0.15)


def test_anderson_darling_orders_permutations_as_scipy_does() -> None:
    # With ties, and every arrangement of 4 and 4: the share as extreme must be the same.
    a, b = [1, 1, 2, 3], [2, 4, 4, 5]
    exact = stats.anderson_ksamp([a, b], variant="midrank", method=stats.PermutationMethod(n_resamples=np.inf))
    assert comparisons.anderson_darling(a, b).p_value == pytest.approx(exact.pvalue, rel=0.25)


def test_kolmogorov_smirnov_agrees_with_scipy() -> None:
    theirs = stats.ks_2samp(A, B, method="exact")
    ours = comparisons.kolmogorov_smirnov(A, B)
    assert (ours.statistic, ours.p_value) == (pytest.approx(theirs.statistic), pytest.approx(theirs.pvalue, rel=1e-9))
    assert comparisons.kolmogorov_distance(A, B).value == ours.statistic


def test_the_ratio_of_means_holds_its_interval() -> None:
    effect = comparisons.ratio_of_means(A, B)
    assert effect.value == pytest.approx(A.mean() / B.mean())
    assert effect.ci_low is not None
    assert effect.ci_high is not None
    assert 1 < effect.ci_low < effect.value < effect.ci_high
    assert effect.method == "BCa bootstrap, 2000 resamples"


TESTS = [
    comparisons.student_t,
    comparisons.welch_t,
    comparisons.mann_whitney,
    comparisons.permutation_of_means,
    comparisons.kolmogorov_smirnov,
    comparisons.anderson_darling,
]
EFFECTS = [
    comparisons.difference_of_means,
    comparisons.hedges_g,
    comparisons.cliffs_delta,
    comparisons.ratio_of_means,
    comparisons.kolmogorov_distance,
]


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(
    ("a", "b"),
    [([], []), ([0.5], [0.1]), ([0.5], [0.1, 0.2, 0.3]), ([0.2] * 4, [0.2] * 5), ([np.nan, np.inf], [0.1, 0.2])],
)
def test_what_cannot_be_tested_says_why(test, a, b) -> None:
    outcome = test(a, b)
    assert outcome.p_value is None
    assert outcome.why_not


@pytest.mark.parametrize("measure", EFFECTS)
@pytest.mark.parametrize(("a", "b"), [([], []), ([0.5], [0.0, 0.0]), ([0.2] * 4, [0.2] * 5), ([0.0] * 3, [0.0] * 3)])
def test_effects_of_poor_data_do_not_crash(measure, a, b) -> None:
    effect = measure(a, b)
    assert effect.value is not None or effect.why_not


def test_missing_values_are_left_out() -> None:
    assert comparisons.welch_t([*A, np.nan], [np.nan, *B]) == comparisons.welch_t(A, B)


def test_a_ratio_to_nearly_nothing_has_no_upper_bound() -> None:
    effect = comparisons.ratio_of_means([0.5, 0.6, 0.7], [0.0, 0.0, 0.0, 0.01])
    assert effect.value == pytest.approx(0.6 / 0.0025)
    assert effect.ci_high is None


def test_the_exact_rank_test_agrees_with_scipy_without_ties() -> None:
    left, right = np.array([1.3, 2.9, 0.2, 5.5, 4.1]), np.arange(30) / 7 + 0.01
    theirs = stats.mannwhitneyu(left, right, method="exact")
    for ours in (comparisons.mann_whitney(left, right), comparisons.mann_whitney(right, left)):
        assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12)
        assert ours.least_p == pytest.approx(2 / special.comb(35, 5), rel=1e-9)
    assert comparisons.mann_whitney(left, right).statistic == theirs.statistic


def test_the_exact_rank_test_counts_every_choice_where_values_tie() -> None:
    left, right = np.array([0.0, 1.0, 1.0, 3.0]), np.array([1.0, 1.0, 2.0, 3.0, 3.0, 4.0])
    ranks = stats.rankdata(np.concatenate([left, right]))
    sums = np.array([sum(choice) for choice in combinations(ranks.tolist(), 4)])
    share = np.mean(np.abs(sums - 4 * ranks.mean()) >= abs(ranks[:4].sum() - 4 * ranks.mean()) - 1e-9)
    assert comparisons.mann_whitney(left, right).p_value == pytest.approx(share, rel=1e-12)


def test_the_exact_rank_test_has_a_tail_for_many_families() -> None:
    outcome = comparisons.mann_whitney(np.full(5, 0.9) + np.arange(5) / 100, np.arange(179) / 1000)
    assert outcome.p_value == pytest.approx(2 / special.comb(184, 5), rel=1e-9)
    assert outcome.p_value * 100_000 < 0.05


def test_the_normal_rank_test_says_the_least_p_it_can_give() -> None:
    outcome = comparisons.mann_whitney(np.arange(20) + 100.0, np.arange(30))
    theirs = stats.mannwhitneyu(np.arange(20) + 100, np.arange(30), method="asymptotic").pvalue
    assert (outcome.p_value, outcome.least_p) == (pytest.approx(theirs), pytest.approx(theirs))


def test_several_groups_by_ranks_agree_with_scipy() -> None:
    groups = [RNG.normal(place / 3, 1, 12) for place in range(4)]
    theirs = stats.kruskal(*groups)
    ours = comparisons.kruskal_wallis(*groups)
    assert (ours.statistic, ours.p_value) == (pytest.approx(theirs.statistic), pytest.approx(theirs.pvalue))
    assert comparisons.epsilon_squared(*groups).value == pytest.approx(theirs.statistic / 47)
    assert comparisons.kruskal_wallis([1, 1], [1, 1, 1]).p_value is None
    assert comparisons.epsilon_squared([1, 1], [1, 1, 1]).value is None


@pytest.mark.parametrize(("n_chosen", "n"), [(3, 6), (2, 40), (5, 7)])
def test_every_choice_of_a_permutation_is_as_likely_as_any_other(n_chosen: int, n: int) -> None:
    flags = comparisons._choices(np.random.default_rng(6), 60_000, n_chosen, n)
    assert (flags.sum(axis=1) == n_chosen).all()
    _, counts = np.unique(flags, axis=0, return_counts=True)
    assert counts.size == special.comb(n, n_chosen)
    assert stats.chisquare(counts).pvalue > 0.001
