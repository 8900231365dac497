"""Correlations and their intervals, against scipy and published values."""

import math

import numpy as np
import pytest
from scipy import stats

from reports.significance import correlations

RNG = np.random.default_rng(5)
DOWNLOADS = np.floor(np.exp(RNG.normal(3, 2, 60)))
OVERLAPS = np.clip(0.4 + 0.05 * np.log1p(DOWNLOADS) + RNG.normal(0, 0.15, 60), 0, 1)


def test_each_agrees_with_scipy() -> None:
    for ours, theirs in (
        (correlations.spearman, stats.spearmanr(DOWNLOADS, OVERLAPS)),
        (correlations.kendall, stats.kendalltau(DOWNLOADS, OVERLAPS)),
        (correlations.pearson, stats.pearsonr(DOWNLOADS, OVERLAPS)),
        (correlations.pearson_log10, stats.pearsonr(np.log10(1 + DOWNLOADS), OVERLAPS)),
    ):
        outcome, effect = ours(DOWNLOADS, OVERLAPS)
        assert outcome.statistic == effect.value == pytest.approx(theirs.statistic, rel=1e-9)
        assert outcome.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_the_interval_of_pearson_agrees_with_scipy() -> None:
    _, effect = correlations.pearson(DOWNLOADS, OVERLAPS)
    theirs = stats.pearsonr(DOWNLOADS, OVERLAPS).confidence_interval(0.95)
    assert (effect.ci_low, effect.ci_high) == (
        pytest.approx(theirs.low, rel=1e-9),
        pytest.approx(theirs.high, rel=1e-9),
    )


def test_the_interval_of_spearman_is_that_of_bonett_and_wright() -> None:
    outcome, effect = correlations.spearman(DOWNLOADS, OVERLAPS)
    rho = outcome.statistic
    half = 1.959963984540054 * math.sqrt((1 + rho**2 / 2) / 57)
    assert effect.ci_low == pytest.approx(math.tanh(math.atanh(rho) - half), rel=1e-12)


def test_iq_and_television() -> None:
    # A textbook example with all ranks worked out by hand: rho = -29/165.
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    outcome, _ = correlations.spearman(iq, hours)
    assert outcome.statistic == pytest.approx(-29 / 165)
    assert outcome.p_value == pytest.approx(0.6272, abs=5e-5)


@pytest.mark.parametrize(
    "correlate", [correlations.spearman, correlations.kendall, correlations.pearson, correlations.pearson_log10]
)
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], []),
        ([1, 2], [0.1, 0.2]),
        ([3] * 9, list(range(9))),
        (list(range(9)), [0.4] * 9),
        ([np.nan] * 5, [0.1] * 5),
    ],
)
def test_what_cannot_be_correlated_says_why(correlate, x, y) -> None:
    outcome, effect = correlate(x, y)
    assert outcome.p_value is None
    assert effect.value is None
    assert outcome.why_not
    assert effect.why_not


def test_unknown_downloads_are_left_out() -> None:
    with_gaps = np.append(DOWNLOADS, [np.nan, np.nan])
    assert correlations.kendall(with_gaps, np.append(OVERLAPS, [0.1, 0.9])) == correlations.kendall(DOWNLOADS, OVERLAPS)


def test_a_perfect_line_has_no_interval() -> None:
    for correlate in (correlations.spearman, correlations.kendall, correlations.pearson):
        outcome, effect = correlate([1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12])
        assert outcome.statistic == pytest.approx(1.0)
        assert outcome.p_value is not None
        assert effect.ci_low is None or effect.ci_low > 0.99
