"""Kaplan-Meier curves at a few numbers of days, with the interval of Greenwood on the log-log scale."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

DAYS: Final = (7, 30, 90, 180, 365, 730, 1095)
CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Point:
    """The share to which it has not happened ``days`` days after the start, and its interval.

    The interval is None where nothing has happened by then: its error cannot be estimated.
    """

    days: int
    n_at_risk: int
    survival: float
    ci_low: float | None
    ci_high: float | None


def survival_at(
    durations: npt.NDArray[np.float64], has_happened: npt.NDArray[np.bool_], days: Sequence[int] = DAYS
) -> list[Point]:
    """Return the curve of durations in days, at those numbers of days to which anybody was followed.

    A duration that has not ended (``has_happened`` is false) is one of at least that length.
    """
    if not len(durations):
        return []
    sample = stats.CensoredData.right_censored(durations, ~has_happened)
    curve = stats.ecdf(sample).sf
    # Where nothing or everything has happened, there is none.
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings(action="ignore"):
        interval = curve.confidence_interval(CONFIDENCE, method="log-log")
    return [
        Point(
            number,
            int((durations >= number).sum()),
            float(curve.evaluate(number)),
            _bound(interval.low.quantiles, interval.low.probabilities, number),
            _bound(interval.high.quantiles, interval.high.probabilities, number),
        )
        for number in days
        if number <= durations.max()
    ]


def _bound(times: npt.NDArray[np.float64], bounds: npt.NDArray[np.float64], number: int) -> float | None:
    place = int(np.searchsorted(times, number, side="right")) - 1
    return float(bounds[place]) if place >= 0 and np.isfinite(bounds[place]) else None
