"""Intervals by the bootstrap: seeded and vectorised."""

import warnings
from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import stats

from reports.significance.outcomes import CI_LEVEL, SEED, Floats

RESAMPLES: Final = 2_000
"""Bootstrap resamples: enough for a 95 % interval (Efron and Tibshirani 1993, chapter 14)."""

BCA_LARGEST_GROUP: Final = 300
"""Above this many values in a group the percentile interval is given: the two agree by then, and the
jackknife that BCa needs grows with the square of n."""

_CELLS_AT_ONCE: Final = 2_000_000

Statistic = Callable[..., Floats]
"""Takes the samples and ``axis``; returns the statistic along that axis."""


def bootstrap_interval(
    samples: tuple[Floats, ...], statistic: Statistic, *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float | None, float | None, str]:
    """Return the low and high bound of ``statistic`` and the name of the method.

    Samples are resampled independently. The method is BCa (Efron 1987), or the percentile interval
    where a group is large or BCa is not defined for the data. A bound is None where the
    resamples do not bound the statistic. Each sample must hold at least two values.
    """
    largest = max(sample.size for sample in samples)
    method = "BCa" if largest <= BCA_LARGEST_GROUP else "percentile"

    def guarded(*arrays: Floats, axis: int = -1) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return statistic(*arrays, axis=axis)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # scipy warns where the interval is undefined; that case is read off the bounds below.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        result = stats.bootstrap(
            samples,
            guarded,
            n_resamples=resamples,
            batch=max(1, _CELLS_AT_ONCE // largest),
            vectorized=True,
            confidence_level=CI_LEVEL,
            method=method,
            rng=np.random.default_rng(seed),
        )
        low, high = float(result.confidence_interval.low), float(result.confidence_interval.high)
        if method == "BCa" and not (np.isfinite(low) and np.isfinite(high)):
            method = "percentile"
            tail = (1 - CI_LEVEL) / 2
            known = result.bootstrap_distribution[~np.isnan(result.bootstrap_distribution)]
            if known.size:
                low, high = np.quantile(known, [tail, 1 - tail], method="inverted_cdf")
    return (
        float(low) if np.isfinite(low) else None,
        float(high) if np.isfinite(high) else None,
        f"{method} bootstrap, {resamples} resamples",
    )
