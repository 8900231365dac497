"""The pooled answer against statsmodels and published values, and each effect against a simulation or a formula."""

import math

import numpy as np
import pytest
from scipy import optimize
from statsmodels.stats.meta_analysis import combine_effects

from reports.significance import pooling
from reports.significance.pooling import Estimate, pool, restricted_tau_squared

# Thirteen trials of BCG vaccination (Colditz and others 1994): cases and others among vaccinated, and among the rest.
BCG = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
        (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
        (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=np.float64,
)  # fmt: skip


def bcg() -> list[Estimate]:
    """Return the log risk ratios and their variances."""
    a, b, c, d = BCG.T
    effects = np.log((a / (a + b)) / (c / (c + d)))
    variances = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    return [Estimate(float(effect), float(variance)) for effect, variance in zip(effects, variances, strict=True)]


def test_the_published_analysis_of_the_bcg_trials() -> None:
    # Viechtbauer 2010, Conducting meta-analyses in R with the metafor package, section 3: REML.
    found = pool(bcg())
    assert found is not None
    assert found.effect == pytest.approx(-0.7145, abs=5e-5)
    assert found.tau_squared == pytest.approx(0.3132, abs=5e-5)
    assert found.i_squared == pytest.approx(0.9222, abs=5e-5)
    assert (found.q, found.q_p_value < 0.0001) == (pytest.approx(152.2330, abs=5e-5), True)
    usual = 0.1798  # the error without the method of Hartung and Knapp
    assert usual <= found.error <= 1.02 * usual


def test_interval_and_q_agree_with_statsmodels() -> None:
    estimates = bcg()
    theirs = combine_effects(
        np.array([estimate.effect for estimate in estimates]),
        np.array([estimate.variance for estimate in estimates]),
        method_re="chi2",
        use_t=True,
    )
    ours = pool(estimates, tau_squared=float(theirs.tau2))
    assert ours is not None
    assert ours.effect == pytest.approx(theirs.mean_effect_re, rel=1e-9)
    assert ours.q == pytest.approx(theirs.q, rel=1e-9)
    hartung_knapp = max(theirs.sd_eff_w_re_hksj, theirs.sd_eff_w_re)
    assert ours.error == pytest.approx(hartung_knapp, rel=1e-9)


def test_where_families_differ_much_the_interval_is_that_of_hartung_and_knapp() -> None:
    effects, variances = np.array([0.1, 0.9, 1.7, 3.0, 0.2]), np.array([0.05, 0.02, 0.1, 0.04, 0.06])
    theirs = combine_effects(effects, variances, method_re="chi2", use_t=True)
    estimates = [Estimate(float(y), float(v)) for y, v in zip(effects, variances, strict=True)]
    # A tau squared that is too small makes the scale of Hartung and Knapp larger than 1, so that it counts.
    ours = pool(estimates, tau_squared=0.0)
    assert ours is not None
    scale = float(((effects - ours.effect) ** 2 / variances).sum() / 4)
    assert ours.error == pytest.approx(math.sqrt(scale / (1 / variances).sum()), rel=1e-12)
    assert ours.error == pytest.approx(theirs.sd_eff_w_fe_hksj, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_tau_squared_is_where_the_restricted_likelihood_is_largest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    variances = rng.uniform(0.05, 0.8, 12)
    effects = rng.normal(0.5, np.sqrt(0.3 + variances))

    def less_likely(between: float) -> float:
        weights = 1 / (variances + between)
        mean = (weights * effects).sum() / weights.sum()
        return float(
            0.5 * np.log(1 / weights).sum()
            + 0.5 * math.log(weights.sum())
            + 0.5 * (weights * (effects - mean) ** 2).sum()
        )

    best = optimize.minimize_scalar(less_likely, bounds=(0, 5), method="bounded", options={"xatol": 1e-10}).x
    assert restricted_tau_squared(effects, variances) == pytest.approx(best, abs=1e-5)


def test_alike_families_do_not_differ_and_two_are_not_pooled() -> None:
    found = pool([Estimate(0.5, 0.1)] * 4)
    assert found is not None
    assert (found.tau_squared, found.i_squared, found.q) == (0.0, 0.0, pytest.approx(0.0))
    assert found.error == pytest.approx(math.sqrt(0.1 / 4))
    assert pool([Estimate(0.5, 0.1)] * 2) is None


def test_effects_have_the_variance_of_a_simulation() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.gamma(4, 0.1, (4000, 30)), rng.gamma(9, 0.01, (4000, 50))
    for measure in (pooling.of_log_ratio_of_means, pooling.of_log_ratio_of_sds):
        found = [estimate for x, y in zip(a, b, strict=True) if (estimate := measure(x, y)) is not None]
        if measure is pooling.of_log_ratio_of_sds:  # whose variance is that of normal data
            found = [
                estimate
                for x, y in zip(rng.normal(0, 2, (4000, 30)), rng.normal(0, 1, (4000, 50)), strict=True)
                if (estimate := measure(x, y)) is not None
            ]
        spread = np.var([estimate.effect for estimate in found])
        assert np.mean([estimate.variance for estimate in found]) == pytest.approx(spread, rel=0.08)


def test_effects_that_cannot_be_had_are_none() -> None:
    nothing, zeros, some = np.array([]), np.zeros(9), np.linspace(0.1, 0.9, 9)
    assert pooling.of_log_ratio_of_means(some, zeros) is None
    assert pooling.of_log_ratio_of_means(nothing, some) is None
    assert pooling.of_log_ratio_of_sds(some, zeros) is None
    assert pooling.of_correlation(1.0, 9) is None
    assert pooling.of_correlation(None, 9) is None
    assert pooling.of_difference_of_shares(0, 0, 1, 4) is None
    assert pooling.of_area(None, 4, 4) is None


def test_shares_without_an_event_do_not_differ_whatever_the_sizes() -> None:
    found = pooling.of_difference_of_shares(0, 5, 0, 180)
    assert found is not None
    assert found.effect == 0
    assert found.variance > 0


def test_an_area_of_one_has_a_logit_and_the_error_of_hanley_and_mcneil() -> None:
    whole, half = pooling.of_area(1.0, 10, 10), pooling.of_area(0.5, 10, 10)
    assert whole is not None
    assert half is not None
    assert whole.effect == pytest.approx(math.log(100.5 / 0.5))
    assert half.effect == pytest.approx(0)
    assert half.variance == pytest.approx(((0.25 + 9 * (1 / 3 - 0.25) * 2) / 100) / 0.25**2)
