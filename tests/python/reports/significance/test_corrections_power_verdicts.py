"""Corrections and power against statsmodels and Cohen's tables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from modelkin.corrections import benjamini_hochberg, holm
from reports.significance import power
from reports.significance.corrections import permutations_for


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_corrections_agree_with_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist(), rel=1e-9, abs=1e-300)
    assert benjamini_hochberg(p_values) == pytest.approx(
        multipletests(p_values, method="fdr_bh")[1].tolist(), rel=1e-9, abs=1e-300
    )


def test_rows_without_p_are_not_counted() -> None:
    assert holm([None, 0.01, None, 0.04]) == [None, 0.02, None, 0.04]
    assert benjamini_hochberg([None]) == [None]
    assert holm([]) == []


def test_the_published_example_of_benjamini_and_hochberg() -> None:
    # Their 1995 paper, section 4: at 0.05 four of fifteen are kept, three by Bonferroni.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert sum(value <= 0.05 for value in benjamini_hochberg(p)) == 4
    assert sum(value <= 0.05 for value in holm(p)) == 3


@pytest.mark.parametrize(("d", "n_a", "n_b"), [(0.5, 64, 64), (0.8, 6, 20), (0.2, 300, 10), (1.0, 40, 30)])
def test_power_of_t_agrees_with_statsmodels(d: float, n_a: int, n_b: int) -> None:
    theirs = TTestIndPower().power(d, nobs1=n_a, ratio=n_b / n_a, alpha=0.05)
    assert power.power_t(d, n_a, n_b) == pytest.approx(theirs, rel=1e-9)


def test_power_of_shares_agrees_with_statsmodels() -> None:
    theirs = NormalIndPower().power(0.5, nobs1=40, ratio=0.5, alpha=0.05)
    assert power.power_shares(0.5, 40, 20) == pytest.approx(theirs, rel=1e-9)


def test_cohens_tables() -> None:
    # Cohen 1992, table 2: n per group for a power of 0.80 at 0.05.
    assert (power.n_for_t(0.2), power.n_for_t(0.5), power.n_for_t(0.8)) == (394, 64, 26)
    assert abs(power.n_for_correlation(0.3) - 85) <= 1
    assert (power.n_for_shares(0.2), power.n_for_shares(0.5), power.n_for_shares(0.8)) == (393, 63, 25)


def test_n_is_the_smallest_that_reaches_the_target() -> None:
    n = power.n_for_sd_ratio(1.5)
    assert n is not None
    assert power.power_sd_ratio(1.5, n, n) >= 0.8 > power.power_sd_ratio(1.5, n - 1, n - 1)


def test_the_power_for_spread_is_that_of_a_simulation() -> None:
    # The F test of normal data is what the formula stands for; Brown-Forsythe comes near it.
    rng = np.random.default_rng(2)
    from reports.significance.spread import brown_forsythe

    found = [(brown_forsythe(rng.normal(0, 1.5, 60), rng.normal(0, 1, 60)).p_value or 1) <= 0.05 for _ in range(400)]
    assert np.mean(found) == pytest.approx(power.power_sd_ratio(1.5, 60, 60), abs=0.12)


def test_edges_of_power() -> None:
    assert power.power_t(0.5, 1, 30) == 0.0
    assert power.power_correlation(0.3, 3) == 0.0
    assert power.power_sd_ratio(1.5, 1, 9) == 0.0
    assert power.n_for_t(0.0) is None
    assert power.n_for_sd_ratio(0.0) is None
    assert power.n_for_correlation(1.0) == 4
    assert (power.n_for_fpr(0.01), power.n_for_fpr(0.001)) == (300, 3000)
    assert power.matched_n(10, 0) == 0.0
    assert power.matched_n(10, 30) == 15.0


@pytest.mark.parametrize("n_hypotheses", [1, 100, 185, 250, 2_000])
def test_the_smallest_p_of_a_permutation_test_survives_the_correction(n_hypotheses: int) -> None:
    permutations = permutations_for(n_hypotheses)
    assert permutations >= 9_999
    smallest = 1 / (permutations + 1)
    assert holm([smallest] + [0.9] * (n_hypotheses - 1))[0] <= 0.05


def test_an_auc_and_a_share_are_known_well_enough_at_the_n_that_is_asked_for() -> None:
    # Hanley and McNeil 1982, table 3: at 0.90 the error of 50 and 50 is 0.0323 with their exponential distribution.
    assert np.sqrt(power.auc_variance(0.9, 50, 50)) == pytest.approx(0.0309, abs=0.002)
    n = power.n_for_auc(0.9)
    assert 1.96 * np.sqrt(power.auc_variance(0.9, n, n)) <= 0.1 < 1.96 * np.sqrt(power.auc_variance(0.9, n - 1, n - 1))
    assert power.n_for_half_width(0.5) == 97
