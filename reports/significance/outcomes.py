"""What a test and an estimate return, and how arrays are made ready for them.

A statistic that cannot be computed is not an exception here: the outcome carries ``None`` and
``why_not`` in plain words, so that a table can show the row with its reason.
"""

from dataclasses import dataclass
from typing import Final, SupportsFloat, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

CI_LEVEL: Final = 0.95
"""The level of every interval in this package."""

SEED: Final = 20_260_126
"""The seed of every bootstrap and permutation; each call starts afresh from it, so that no result hangs on order."""

ROUNDING: Final = 1e-12
"""Relative difference below which two values count as equal."""


def two_sided_z(level: float = CI_LEVEL) -> float:
    """Return how many standard errors on either side of an estimate an interval of ``level`` takes: 1.95996 at 0.95."""
    return float(special.ndtri(0.5 + level / 2))


@dataclass(frozen=True)
class Outcome:
    """The result of a hypothesis test; ``p_value`` is two-sided.

    ``least_p`` is the smallest p that the test can give for groups of these sizes; 0 where its tail has no end.
    """

    test_name: str
    statistic: float | None
    p_value: float | None
    why_not: str = ""
    least_p: float = 0.0


@dataclass(frozen=True)
class Effect:
    """An estimate with its interval at ``CI_LEVEL``; a bound that cannot be had is None."""

    effect_name: str
    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    method: str = ""
    why_not: str = ""


def finite(values: ArrayLike) -> Floats:
    """Return ``values`` as a flat float array without what is NaN or infinite."""
    array = np.asarray(values, dtype=np.float64).ravel()
    return array[np.isfinite(array)]


def finite_pairs(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return the places where both ``x`` and ``y`` (of one length) are finite."""
    left, right = np.asarray(x, dtype=np.float64).ravel(), np.asarray(y, dtype=np.float64).ravel()
    both = np.isfinite(left) & np.isfinite(right)
    return left[both], right[both]


def is_constant(values: Floats) -> bool:
    """Tell whether all values are the same except for rounding; true for an empty array."""
    return values.size == 0 or bool(np.ptp(values) <= ROUNDING * np.abs(values).max())


def number(value: SupportsFloat) -> float | None:
    """Return a plain float, or None where ``value`` is NaN or infinite."""
    plain = float(value)
    return plain if np.isfinite(plain) else None


def why_too_few(minimum: int, *groups: Floats) -> str:
    """Say that a group holds fewer than ``minimum`` values; empty when all have enough."""
    if all(values.size >= minimum for values in groups):
        return ""
    return f"needs at least {minimum} in each group, the groups have {' and '.join(str(g.size) for g in groups)}"
