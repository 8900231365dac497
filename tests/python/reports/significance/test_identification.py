"""ROC figures, shares and exact tests against statsmodels, published values and counts by hand."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from reports.significance import identification

RNG = np.random.default_rng(3)
SAME, DIFFERENT = RNG.beta(3, 2, 50), RNG.beta(2, 4, 70)


def test_the_area_counts_pairs_and_half_the_ties() -> None:
    same, different = [0.9, 0.5, 0.5], [0.5, 0.1]
    wins = sum((s > d) + 0.5 * (s == d) for s in same for d in different)
    assert identification.auc(same, different).value == pytest.approx(wins / 6)


def test_the_interval_is_delongs_by_its_definition() -> None:
    kernel = (SAME[:, None] > DIFFERENT) + 0.5 * (SAME[:, None] == DIFFERENT)
    variance = kernel.mean(axis=1).var(ddof=1) / 50 + kernel.mean(axis=0).var(ddof=1) / 70
    effect = identification.auc(SAME, DIFFERENT)
    assert effect.value == pytest.approx(kernel.mean(), rel=1e-12)
    assert effect.ci_low == pytest.approx(kernel.mean() - 1.959963984540054 * np.sqrt(variance), rel=1e-9)
    assert effect.method == "DeLong"


def test_groups_that_do_not_touch_keep_an_interval() -> None:
    apart = identification.auc([0.8, 0.9, 0.7, 0.6, 0.9], [0.1, 0.2, 0.1, 0.3])
    assert (apart.value, apart.ci_high) == (1.0, 1.0)
    assert apart.ci_low is not None
    assert 0.4 < apart.ci_low < 0.9
    mirrored = identification.auc([0.1, 0.2, 0.1, 0.3], [0.8, 0.9, 0.7, 0.6, 0.9])
    assert (mirrored.value, mirrored.ci_low) == (0.0, 0.0)
    assert mirrored.ci_high == pytest.approx(1 - apart.ci_low, abs=1e-6)


def test_more_pairs_narrow_the_interval_of_a_perfect_area() -> None:
    few = identification.auc([0.9] * 5, [0.1] * 5)
    many = identification.auc([0.9] * 200, [0.1] * 200)
    assert few.ci_low is not None
    assert many.ci_low is not None
    assert few.ci_low < many.ci_low < 1


def test_all_ties_are_an_area_of_one_half() -> None:
    effect = identification.auc([0.3] * 6, [0.3] * 7)
    assert effect.value == 0.5
    assert effect.ci_low is not None
    assert effect.ci_low < 0.5


def test_the_best_cut_is_the_best_of_all_cuts() -> None:
    best = identification.best_cut(SAME, DIFFERENT)
    assert best is not None
    gains = [(cut <= SAME).mean() - (cut <= DIFFERENT).mean() for cut in np.concatenate([SAME, DIFFERENT])]
    assert best.tpr - best.fpr == pytest.approx(max(gains))


def test_tpr_at_a_small_fpr_allows_only_so_many_alarms() -> None:
    different = np.linspace(0.0, 0.99, 100)
    same = np.array([0.5, 0.985, 0.995])
    # One of 100 may be called same: the cut lies above 0.98, so two of three are found.
    assert identification.tpr_at_fpr(same, different, 0.01).value == pytest.approx(2 / 3)
    # None may: the cut lies above 0.99.
    assert identification.tpr_at_fpr(same, different, 0.001).value == pytest.approx(1 / 3)


def test_no_cut_may_be_low_enough() -> None:
    cut = identification.best_cut([0.1, 0.2], [0.9] * 10, largest_fpr=0.01)
    assert cut is not None
    assert (cut.tpr, cut.fpr, cut.threshold) == (0.0, 0.0, float("inf"))


@pytest.mark.parametrize(("count", "n"), [(0, 10), (3, 28), (28, 28), (49, 120), (1, 1)])
def test_wilson_agrees_with_statsmodels(count: int, n: int) -> None:
    ours = identification.wilson_interval(count, n)
    assert ours == pytest.approx(proportion_confint(count, n, method="wilson"), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_gives_his_published_intervals(*, a, m, b, n, low, high) -> None:
    # Newcombe 1998, table II, method 10, cases (a), (b), (h).
    effect = identification.difference_of_shares(a, m, b, n)
    assert (effect.ci_low, effect.ci_high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))
    theirs = confint_proportions_2indep(a, m, b, n, method="newcomb", compare="diff", correction=False)
    assert (effect.ci_low, effect.ci_high) == pytest.approx(theirs, abs=1e-9)


def test_fisher_and_the_lady_tasting_tea() -> None:
    # Fisher 1935: 3 of 4 cups right each way; two-sided p 34/70.
    assert identification.fisher_exact(3, 4, 1, 4).p_value == pytest.approx(34 / 70)


def test_what_cannot_be_had_says_why() -> None:
    assert identification.auc([], [0.1]).why_not
    assert identification.auc([0.5], [0.1]).ci_low is None
    assert identification.tpr_at_fpr([], [0.1], 0.01).why_not
    assert identification.best_cut([np.nan], [0.1]) is None
    assert identification.share("x", 0, 0).why_not
    assert identification.fisher_exact(0, 0, 1, 2).why_not
    assert identification.fisher_exact(0, 5, 0, 2).why_not
    assert identification.difference_of_shares(0, 0, 1, 2).why_not


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (0, 40), (3, 40), (20, 40), (40, 40), (9_999, 10_000)])
def test_wilsons_interval_agrees_with_scipy(count: int, n: int) -> None:
    theirs = stats.binomtest(count, n).proportion_ci(0.95, method="wilson")
    assert identification.wilson_interval(count, n) == (
        pytest.approx(theirs.low, abs=1e-12),
        pytest.approx(theirs.high, abs=1e-12),
    )


def test_fishers_test_says_the_least_p_that_its_margins_allow() -> None:
    found = identification.fisher_exact(3, 5, 0, 5)
    assert found.least_p == pytest.approx(stats.fisher_exact([[3, 2], [0, 5]]).pvalue)
    assert identification.fisher_exact(2, 5, 1, 5).least_p == pytest.approx(found.least_p)
