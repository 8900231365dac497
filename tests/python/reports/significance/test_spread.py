"""Spread by downloads, against scipy, statsmodels and the handbook of NIST."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.oneway import test_scale_oneway as scale_oneway

from reports.significance import spread
from reports.significance.comparisons import PERMUTATIONS

RNG = np.random.default_rng(11)
NOISY, QUIET = RNG.normal(0.5, 0.2, 40), RNG.normal(0.5, 0.1, 30)

# NIST gear data, engineering statistics handbook 1.3.5.10: ten batches of ten diameters.
GEAR = """
1.006 0.996 0.998 1.000 0.992 0.993 1.002 0.999 0.994 1.000
0.998 1.006 1.000 1.002 0.997 0.998 0.996 1.000 1.006 0.988
0.991 0.987 0.997 0.999 0.995 0.994 1.000 0.999 0.996 0.996
1.005 1.002 0.994 1.000 0.995 0.994 0.998 0.996 1.002 0.996
0.998 0.998 0.982 0.990 1.002 0.984 0.996 0.993 0.980 0.996
1.009 1.013 1.009 0.997 0.988 1.002 0.995 0.998 0.981 0.996
0.990 1.004 0.996 1.001 0.998 1.000 1.018 1.010 0.996 1.002
0.998 1.000 1.006 1.000 1.002 0.996 0.998 0.996 1.002 1.006
1.002 0.998 0.996 0.995 0.996 1.004 1.004 0.998 0.999 0.991
0.991 0.995 0.984 0.994 0.997 0.997 0.991 0.998 1.004 0.997
"""


def test_the_gear_batches_give_the_published_statistic() -> None:
    batches = [[float(value) for value in line.split()] for line in GEAR.strip().splitlines()]
    # The handbook's program works in single precision.
    assert spread.brown_forsythe(*batches).statistic == pytest.approx(1.705910, abs=1e-5)


def test_brown_forsythe_agrees_with_statsmodels() -> None:
    ours = spread.brown_forsythe(NOISY, QUIET)
    theirs = scale_oneway([NOISY, QUIET], method="equal", center="median", transform="abs")
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_fligner_killeen_agrees_with_scipy() -> None:
    theirs = stats.fligner(NOISY, QUIET)
    assert spread.fligner_killeen(NOISY, QUIET).p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_the_ratio_of_deviations_has_an_interval_around_it() -> None:
    effect = spread.ratio_of_sds(NOISY, QUIET)
    assert effect.value == pytest.approx(NOISY.std(ddof=1) / QUIET.std(ddof=1))
    assert effect.ci_low is not None
    assert effect.ci_high is not None
    assert effect.ci_low < effect.value < effect.ci_high


def test_extremes_are_strictly_beyond_their_bounds() -> None:
    assert spread.count_extremes([0.0, 0.1, 0.5, 0.9, 0.95, np.nan]) == 2


def test_the_sweep_finds_the_cut_that_was_made() -> None:
    downloads = np.repeat(np.arange(20), 6).astype(float)
    overlaps = np.where(downloads <= 7, RNG.normal(0.5, 0.3, 120), RNG.normal(0.5, 0.03, 120))
    sweep = spread.download_sweep(downloads, overlaps)
    assert len(sweep.cuts) == 19
    assert sweep.best is not None
    assert 4 <= sweep.best.downloads <= 9
    assert sweep.outcome.p_value == 1 / (PERMUTATIONS + 1)
    for cut in sweep.cuts:
        low, high = overlaps[downloads <= cut.downloads], overlaps[downloads > cut.downloads]
        assert (cut.n_low, cut.n_high) == (low.size, high.size)
        assert cut.outcome == spread.brown_forsythe(low, high)


def test_the_sweep_of_noise_stops_early_with_a_large_p() -> None:
    overlaps = RNG.random(60)
    sweep = spread.download_sweep(np.arange(60), overlaps)
    single = min(cut.outcome.p_value for cut in sweep.cuts)
    assert sweep.permutations < PERMUTATIONS
    assert single < sweep.outcome.p_value <= 1
    assert sweep == spread.download_sweep(np.arange(60), overlaps)


def test_the_vectorised_statistic_is_that_of_scipy() -> None:
    rows = RNG.random((5, 23))
    ours = spread._f_statistics(rows, 9)
    for row, statistic in zip(rows, ours, strict=True):
        assert statistic == pytest.approx(stats.levene(row[:9], row[9:], center="median").statistic, rel=1e-9)


def test_many_cuts_are_thinned() -> None:
    sweep = spread.download_sweep(np.arange(200), RNG.random(200))
    assert len(sweep.cuts) == spread.SWEEP_MOST_CUTS
    assert sweep.cuts[0].n_low == spread.SWEEP_SMALLEST_SIDE
    assert sweep.cuts[-1].n_high == spread.SWEEP_SMALLEST_SIDE


@pytest.mark.parametrize(
    ("downloads", "overlaps"),
    [([], []), ([5] * 12, list(range(12))), (list(range(12)), [0.5] * 12), ([np.nan] * 12, list(range(12)))],
)
def test_a_sweep_that_cannot_be_done_says_why(downloads, overlaps) -> None:
    sweep = spread.download_sweep(downloads, overlaps)
    assert sweep.outcome.p_value is None
    assert sweep.outcome.why_not


@pytest.mark.parametrize("test", [spread.brown_forsythe, spread.fligner_killeen])
@pytest.mark.parametrize(
    "groups", [(), ([0.1, 0.2],), ([0.1], [0.2, 0.3]), ([0.1] * 4, [0.2] * 4), ([0.1, 0.3], [0.5, 0.7])]
)
def test_spread_that_cannot_be_tested_says_why(test, groups) -> None:
    outcome = test(*groups)
    assert outcome.p_value is None
    assert outcome.why_not


def test_ratios_of_poor_groups_do_not_crash() -> None:
    assert spread.ratio_of_sds([0.1, 0.2, 0.3], [0.5] * 3).value is None
    assert spread.ratio_of_sds([0.5] * 3, [0.1, 0.2, 0.3]).value == 0.0
    assert spread.ratio_of_sds([], [0.1]).value is None
    assert spread.ratio_of_sds([0.1, 0.4], [0.1, 0.2]).ci_low is None
