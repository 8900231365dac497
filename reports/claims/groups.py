"""The pairs that a claim is about, what a statistic returns for them, and how its numbers are worded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from reports.significance.outcomes import Flags, Floats, Outcome, finite

NO_PAIR: Final = "there is no pair in this group"
NO_VALID_PAIR: Final = "no pair in this group gave an overlap"

_TEST_NAMES: Final = {
    "brown_forsythe": "Brown-Forsythe",
    "welch_t": "Welch's t",
    "mann_whitney": "Mann-Whitney",
    "fisher_exact": "Fisher's exact test",
}


@dataclass(frozen=True)
class Group:
    """The pairs that a claim is about, as columns of one length.

    ``overlaps`` is NaN for a failed pair, ``downloads`` (of the derived model) and ``scores`` (overlap times
    confidence) are NaN where unknown; ``is_same`` is false for pairs of different families.
    """

    overlaps: Floats
    downloads: Floats
    scores: Floats
    is_same: Flags

    @property
    def valid(self) -> Floats:
        """The overlaps of the measured pairs."""
        return finite(self.overlaps)

    @property
    def size(self) -> int:
        """How many pairs there are, failed ones included."""
        return int(self.overlaps.size)

    @property
    def n_failed(self) -> int:
        """How many pairs have no overlap."""
        return self.size - int(self.valid.size)

    @property
    def n_with_downloads(self) -> int:
        """How many measured pairs have known downloads."""
        return int((np.isfinite(self.downloads) & np.isfinite(self.overlaps)).sum())

    def of(self, *, same: bool) -> Floats:
        """Return the measured overlaps of one relation."""
        return finite(self.overlaps[self.is_same == same])


@dataclass(frozen=True)
class Bounds:
    """The range of overlaps that a claim counts: from ``low`` to below ``high``."""

    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True)
class Measured:
    """A recomputed value with the n that it stands on.

    ``holds`` is None for a number. ``inputs`` are the means that a ratio was made from. ``detail`` says in plain
    words what else a reader wants to know; ``why_not`` why there is no value.
    """

    value: float | None
    n: int
    n_versus: int | None = None
    holds: bool | None = None
    inputs: tuple[float, ...] = ()
    detail: str = ""
    why_not: str = ""


OfOne = Callable[[Group], Measured]
OfRange = Callable[[Group, Bounds], Measured]
OfTwo = Callable[[Group, Group], Measured]


def means_words(a: Floats, b: Floats) -> str:
    """Return the means of two groups in words; neither may be empty."""
    return f"Means {short(float(a.mean()))} and {short(float(b.mean()))}"


def tested(outcome: Outcome) -> str:
    """Return a test and its p in words."""
    return f"{_TEST_NAMES.get(outcome.test_name, outcome.test_name)} p {p_words(outcome.p_value)}"


def also_tested(outcome: Outcome) -> str:
    """Return a further test and its p as the end of a sentence; empty where there is no p."""
    return "" if outcome.p_value is None else f"; {tested(outcome)}"


def interval_words(low: float | None, high: float | None) -> str:
    """Return an interval as an aside; empty where a bound is missing."""
    return "" if low is None or high is None else f" (95 % interval {short(low)} to {short(high)})"


def short(value: float | None) -> str:
    """Return a number to four digits."""
    return "unknown" if value is None else f"{value:.4g}"


def p_words(p_value: float | None) -> str:
    """Return a p to two digits, or that it is very small."""
    if p_value is None:
        return "unknown"
    return "below 0.0001" if p_value < 0.0001 else f"{p_value:.2g}"
