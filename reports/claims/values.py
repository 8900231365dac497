"""The numbers that claims are recomputed with: one function a statistic, on one or two groups of pairs."""

from collections.abc import Callable
from typing import Final

import numpy as np

from reports.claims.groups import (
    NO_PAIR,
    NO_VALID_PAIR,
    Bounds,
    Group,
    Measured,
    OfOne,
    OfTwo,
    also_tested,
    interval_words,
    means_words,
    p_words,
    short,
)
from reports.significance import comparisons, correlations, identification
from reports.significance.outcomes import Flags, Floats, Outcome


def n_pairs(group: Group) -> Measured:
    """Count the pairs, failed ones included."""
    return Measured(group.size, group.size)


def n_valid(group: Group) -> Measured:
    """Count the pairs that have an overlap."""
    return Measured(group.valid.size, group.size)


def n_invalid(group: Group) -> Measured:
    """Count the pairs that failed."""
    return Measured(group.n_failed, group.size)


def invalid_rate(group: Group) -> Measured:
    """Return the share of pairs that failed, 0 to 1."""
    if not group.size:
        return Measured(None, 0, why_not=NO_PAIR)
    return Measured(group.n_failed / group.size, group.size, detail=f"{group.n_failed} of {group.size} pairs failed.")


def _of_overlaps(function: Callable[[Floats], float], smallest: int = 1) -> OfOne:
    def measure(group: Group) -> Measured:
        values = group.valid
        if values.size < smallest:
            why = NO_VALID_PAIR if not values.size else f"it needs at least {smallest} pairs, there is {values.size}"
            return Measured(None, values.size, why_not=why)
        return Measured(float(function(values)), values.size)

    return measure


mean: Final = _of_overlaps(lambda values: float(np.mean(values)))
median: Final = _of_overlaps(lambda values: float(np.median(values)))
sd: Final = _of_overlaps(lambda values: float(np.std(values, ddof=1)), smallest=2)
smallest_overlap: Final = _of_overlaps(lambda values: float(np.min(values)))
largest_overlap: Final = _of_overlaps(lambda values: float(np.max(values)))


def overlap(group: Group) -> Measured:
    """Return the overlap of the one pair in the group."""
    values = group.valid
    if values.size != 1:
        why = "the pair failed" if not values.size else f"{values.size} pairs fit where one is meant"
        return Measured(None, values.size, why_not=why)
    return Measured(float(values[0]), 1)


def spearman_rho(group: Group) -> Measured:
    """Return Spearman's correlation of downloads and overlap."""
    outcome, effect = correlations.spearman(group.downloads, group.overlaps)
    n = group.n_with_downloads
    return Measured(
        effect.value, n, detail=_correlation_words(outcome, effect.ci_low, effect.ci_high), why_not=outcome.why_not
    )


def spearman_p(group: Group) -> Measured:
    """Return the two-sided p of Spearman's correlation of downloads and overlap."""
    outcome, effect = correlations.spearman(group.downloads, group.overlaps)
    n = group.n_with_downloads
    words = "" if effect.value is None else f"rho {short(effect.value)}"
    detail = f"{words}{interval_words(effect.ci_low, effect.ci_high)}."
    return Measured(outcome.p_value, n, detail=detail if words else "", why_not=outcome.why_not)


def _correlation_words(outcome: Outcome, low: float | None, high: float | None) -> str:
    return "" if outcome.p_value is None else f"p {p_words(outcome.p_value)}{interval_words(low, high)}."


# --- numbers of a range -----------------------------------------------------------------------------------------------


def count_in_range(group: Group, bounds: Bounds) -> Measured:
    """Count the overlaps from ``low`` to below ``high``; a range that ends at 1 takes it in."""
    return _counted(group, _in_range(group.valid, bounds))


def share_in_range(group: Group, bounds: Bounds) -> Measured:
    """Return the share of overlaps from ``low`` to below ``high``; a range that ends at 1 takes it in."""
    return _shared(group, _in_range(group.valid, bounds))


def count_below(group: Group, bounds: Bounds) -> Measured:
    """Count the overlaps below ``high``."""
    return _counted(group, group.valid < bounds.high)


def share_below(group: Group, bounds: Bounds) -> Measured:
    """Return the share of overlaps below ``high``."""
    return _shared(group, group.valid < bounds.high)


def share_above(group: Group, bounds: Bounds) -> Measured:
    """Return the share of overlaps above ``low``."""
    return _shared(group, group.valid > bounds.low)


def _in_range(values: Floats, bounds: Bounds) -> Flags:
    flags: Flags = (values >= bounds.low) & ((values < bounds.high) | (bounds.high >= 1))
    return flags


def _counted(group: Group, flags: Flags) -> Measured:
    why = "" if group.valid.size else NO_VALID_PAIR
    return Measured(None if why else int(flags.sum()), flags.size, why_not=why)


def _shared(group: Group, flags: Flags) -> Measured:
    if not flags.size:
        return Measured(None, 0, why_not=NO_VALID_PAIR)
    return Measured(float(flags.mean()), flags.size, detail=f"{int(flags.sum())} of {flags.size} pairs.")


# --- numbers of two groups --------------------------------------------------------------------------------------------


def ratio_of_means(group: Group, versus: Group) -> Measured:
    """Return the mean of the first group over that of the second."""
    a, b = group.valid, versus.valid
    why = _why_empty(a, b) or ("the mean of the second group is 0" if b.mean() == 0 else "")
    if why:
        return Measured(None, a.size, b.size, why_not=why)
    means = float(a.mean()), float(b.mean())
    detail = f"Means {short(means[0])} and {short(means[1])}."
    return Measured(means[0] / means[1], a.size, b.size, inputs=means, detail=detail)


def _difference(words: str, function: Callable[[Floats], float], smallest: int = 1) -> OfTwo:
    def measure(group: Group, versus: Group) -> Measured:
        a, b = group.valid, versus.valid
        why = _why_empty(a, b)
        if not why and min(a.size, b.size) < smallest:
            why = f"it needs at least {smallest} pairs in each group"
        if why:
            return Measured(None, a.size, b.size, why_not=why)
        first, second = float(function(a)), float(function(b))
        detail = f"{words} {short(first)} and {short(second)}."
        return Measured(first - second, a.size, b.size, detail=detail)

    return measure


difference_of_means: Final = _difference("Means", lambda values: float(np.mean(values)))
difference_of_medians: Final = _difference("Medians", lambda values: float(np.median(values)))
difference_of_sds: Final = _difference("Standard deviations", lambda values: float(np.std(values, ddof=1)), 2)


def difference_of_invalid_rates(group: Group, versus: Group) -> Measured:
    """Return the share of failed pairs of the first group less that of the second."""
    counts = group.n_failed, group.size, versus.n_failed, versus.size
    if not (group.size and versus.size):
        return Measured(None, group.size, versus.size, why_not=NO_PAIR)
    outcome = identification.fisher_exact(*counts)
    detail = f"{counts[0]} of {counts[1]} and {counts[2]} of {counts[3]} pairs failed{also_tested(outcome)}."
    return Measured(counts[0] / counts[1] - counts[2] / counts[3], group.size, versus.size, detail=detail)


def student_t_p(group: Group, versus: Group) -> Measured:
    """Return the two-sided p of Student's t between the two groups."""
    a, b = group.valid, versus.valid
    outcome, welch = comparisons.student_t(a, b), comparisons.welch_t(a, b)
    detail = "" if outcome.why_not else f"{means_words(a, b)}{also_tested(welch)}."
    return Measured(outcome.p_value, a.size, b.size, detail=detail, why_not=outcome.why_not)


def _why_empty(*groups: Floats) -> str:
    return "" if all(values.size for values in groups) else "one of the groups has no measured pair"
