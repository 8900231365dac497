"""Correction of many p values for their number."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p values adjusted to hold the family-wise error (Holm 1979); None stays None and does not count."""
    places, known = _known(p_values)
    order = np.argsort(known, kind="stable")
    factors = np.arange(known.size, 0, -1)
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(known[order] * factors))
    return _back(len(p_values), places, adjusted)


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p values adjusted to hold the false discovery rate (Benjamini and Hochberg 1995); None stays None."""
    places, known = _known(p_values)
    from scipy import stats  # noqa: PLC0415 - it takes a second to load

    adjusted = stats.false_discovery_control(known, method="bh") if known.size else known
    return _back(len(p_values), places, adjusted)


def _known(p_values: Sequence[float | None]) -> tuple[list[int], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    places = [place for place, p in enumerate(p_values) if p is not None]
    return places, np.array([p for p in p_values if p is not None], dtype=np.float64)


def _back(n: int, places: list[int], adjusted: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float | None]:
    result: list[float | None] = [None] * n
    for place, value in zip(places, adjusted, strict=True):
        result[place] = float(value)
    return result
