"""Corrections and power against statsmodels and Cohen's tables; verdicts by their rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from reports.significance import power
from reports.significance.corrections import benjamini_hochberg, holm
from reports.significance.outcomes import Effect
from reports.significance.verdicts import EnoughRule, IntervalRule, TestRule, decide


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


UP = Effect("d", 0.9, 0.4, 1.4)
DOWN = Effect("d", -0.9, -1.4, -0.4)
WIDE = Effect("d", 0.9, -0.1, 1.9)
STRONG, WEAK = TestRule(0.0, "above", 0.9, "it"), TestRule(0.0, "above", 0.3, "it")


@pytest.mark.parametrize(
    ("rule", "effect", "p", "p_holm", "n", "verdict"),
    [
        (STRONG, UP, 0.001, 0.01, 30, "supported"),
        (WEAK, UP, 0.001, 0.01, 30, "supported"),
        (STRONG, DOWN, 0.001, 0.01, 30, "not_supported"),
        (STRONG, DOWN, 0.03, 0.6, 30, "not_supported"),
        (TestRule(0.0, "either", 0.9, "it"), DOWN, 0.001, 0.01, 30, "supported"),
        (STRONG, WIDE, 0.001, 0.01, 30, "underpowered"),
        (STRONG, UP, 0.03, 0.6, 30, "underpowered"),
        (STRONG, UP, 0.4, 1.0, 30, "not_supported"),
        (WEAK, UP, 0.4, 1.0, 30, "underpowered"),
        (STRONG, UP, 0.001, 0.01, 4, "underpowered"),
        (STRONG, UP, None, None, 30, "not_testable"),
    ],
)
def test_verdicts_by_test(*, rule, effect, p, p_holm, n, verdict) -> None:
    assert decide(rule, effect=effect, p_value=p, p_holm=p_holm, n_a=n, n_b=40).verdict == verdict


@pytest.mark.parametrize(
    ("rule", "low", "high", "n", "verdict"),
    [
        (IntervalRule(0.9, "above"), 0.92, 1.0, 30, "supported"),
        (IntervalRule(0.9, "above"), 0.80, 0.95, 30, "underpowered"),
        (IntervalRule(0.9, "above"), 0.70, 0.85, 30, "not_supported"),
        (IntervalRule(0.05, "below"), 0.0, 0.04, 30, "supported"),
        (IntervalRule(0.05, "below"), 0.06, 0.2, 30, "not_supported"),
        (IntervalRule(0.9, "above"), 0.92, 1.0, 3, "underpowered"),
        (IntervalRule(0.9, "above", "too coarse"), 0.92, 1.0, 30, "underpowered"),
        (IntervalRule(0.9, "above"), None, None, 30, "not_testable"),
    ],
)
def test_verdicts_by_interval(*, rule, low, high, n, verdict) -> None:
    effect = Effect("auc", 0.9, low, high)
    assert decide(rule, effect=effect, p_value=None, p_holm=None, n_a=n, n_b=40).verdict == verdict


def test_verdicts_on_enough_pairs_and_on_reasons() -> None:
    nothing = Effect("n", None)
    for needed, name in ((20, "supported"), (30, "underpowered"), (None, "not_testable")):
        verdict = decide(EnoughRule(needed, 25), effect=nothing, p_value=None, p_holm=None, n_a=1, n_b=1)
        assert verdict.verdict == name
    verdict = decide(STRONG, effect=UP, p_value=0.1, p_holm=0.1, n_a=9, n_b=9, why_not="there is nothing")
    assert (verdict.verdict, verdict.reason) == ("not_testable", "Not testable: there is nothing.")
