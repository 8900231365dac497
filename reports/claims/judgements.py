"""The rules that judge a published sentence: one function a rule, on one or two groups of pairs.

Tests are two-sided and uncorrected, as each sentence was published alone: that favours the sentence.
"""

from typing import Final

import numpy as np
from scipy import stats

from reports.claims.groups import (
    NO_VALID_PAIR,
    Bounds,
    Group,
    Measured,
    also_tested,
    interval_words,
    means_words,
    p_words,
    short,
    tested,
)
from reports.significance import comparisons, correlations, identification, power, spread
from reports.significance.intervals import bootstrap_interval
from reports.significance.outcomes import Flags, Floats, Outcome
from reports.significance.verdicts import AUC_TARGET, SMALLEST_GROUP

ALPHA: Final = power.ALPHA
"""A sentence that generalises needs a p below this."""

HALF: Final = 0.5
"""A filter that keeps at least this share of the measured pairs keeps enough of them; the project's own choice."""

LARGE_G: Final = power.LARGE_D
"""A difference of this many deviations is large (Cohen 1988)."""


def spreads_more(group: Group, versus: Group) -> Measured:
    """Judge whether the first group has the larger standard deviation, by Brown-Forsythe."""
    a, b = group.valid, versus.valid
    outcome = spread.brown_forsythe(a, b)
    if why := _why_small(a.size, b.size) or outcome.why_not:
        return Measured(None, a.size, b.size, why_not=why)
    first, second = float(a.std(ddof=1)), float(b.std(ddof=1))
    found = power.power_sd_ratio(power.SD_RATIO, a.size, b.size)
    relative = (
        "" if a.mean() == 0 or b.mean() == 0 else (f", {first / a.mean():.0%} and {second / b.mean():.0%} of the means")
    )
    detail = (
        f"Standard deviations {short(first)} and {short(second)}{relative}; {tested(outcome)}. "
        f"A ratio of {power.SD_RATIO:g} would be found {found:.0%} of the time at this n."
    )
    return _by_test(outcome, first > second, a.size, b.size, detail)


def overlaps_more(group: Group, versus: Group) -> Measured:
    """Judge whether the first group has the higher mean, by Welch's t."""
    a, b = group.valid, versus.valid
    outcome = comparisons.welch_t(a, b)
    if why := _why_small(a.size, b.size) or outcome.why_not:
        return Measured(None, a.size, b.size, why_not=why)
    detail = f"{means_words(a, b)}; {tested(outcome)}{also_tested(comparisons.mann_whitney(a, b))}."
    return _by_test(outcome, bool(a.mean() > b.mean()), a.size, b.size, detail)


def differs_largely(group: Group, versus: Group) -> Measured:
    """Judge whether the two means are at least ``LARGE_G`` deviations apart, and differ by Welch's t."""
    a, b = group.valid, versus.valid
    outcome, effect = comparisons.welch_t(a, b), comparisons.hedges_g(a, b, interval=False)
    why = _why_small(a.size, b.size) or outcome.why_not or effect.why_not
    if why or effect.value is None:
        return Measured(None, a.size, b.size, why_not=why or "there is no effect size")
    detail = f"{means_words(a, b)}; Hedges' g {short(effect.value)}; {tested(outcome)}."
    return _by_test(outcome, abs(effect.value) >= LARGE_G, a.size, b.size, detail)


def separates_well(group: Group, versus: Group) -> Measured:
    """Judge whether the area under the ROC curve of first against second is at least ``AUC_TARGET``."""
    a, b = group.valid, versus.valid
    area = identification.auc(a, b)
    if why := _why_small(a.size, b.size) or area.why_not:
        return Measured(None, a.size, b.size, why_not=why)
    holds = area.ci_low is not None and area.ci_low >= AUC_TARGET
    detail = f"Area under the ROC curve {short(area.value)}{interval_words(area.ci_low, area.ci_high)}."
    return Measured(area.value, a.size, b.size, holds=holds, detail=detail)


def rises_with_downloads(group: Group) -> Measured:
    """Judge whether overlap rises with downloads, by Spearman's correlation."""
    outcome, effect = correlations.spearman(group.downloads, group.overlaps)
    n = group.n_with_downloads
    if why := _why_small(n) or outcome.why_not:
        return Measured(None, n, why_not=why)
    rho = effect.value or 0.0
    detail = (
        f"Spearman's rho {short(rho)}{interval_words(effect.ci_low, effect.ci_high)}; p {p_words(outcome.p_value)}."
    )
    return _by_test(outcome, rho > 0, n, None, detail)


def has_more_extremes(group: Group, versus: Group) -> Measured:
    """Judge whether extreme overlaps are more frequent in the first group, by Fisher's exact test."""
    a, b = group.valid, versus.valid
    counts = spread.count_extremes(a), int(a.size), spread.count_extremes(b), int(b.size)
    if why := _why_small(a.size, b.size):
        return Measured(None, a.size, b.size, why_not=why)
    return _by_shares("extreme", *counts)


def drops_most_extremes(group: Group, versus: Group) -> Measured:
    """Judge whether what is dropped (first group) holds most extremes, and more of them than what is kept."""
    judged = has_more_extremes(group, versus)
    dropped, kept = spread.count_extremes(group.valid), spread.count_extremes(versus.valid)
    if judged.why_not or not dropped + kept:
        return judged
    detail = f"{dropped} of all {dropped + kept} extremes are dropped. {judged.detail}"
    holds = bool(judged.holds) and dropped / (dropped + kept) > HALF
    return Measured(judged.value, judged.n, judged.n_versus, holds=holds, detail=detail)


def has_extremes(group: Group) -> Measured:
    """Judge whether there is any extreme overlap; the value is their number."""
    if not group.valid.size:
        return Measured(None, 0, why_not=NO_VALID_PAIR)
    count = spread.count_extremes(group.valid)
    return Measured(
        count, group.valid.size, holds=count > 0, detail=f"{count} of {group.valid.size} pairs are extreme."
    )


def is_called_better(group: Group, versus: Group) -> Measured:
    """Judge whether fewer pairs of the first group are called wrongly at one cut for both, by Fisher's exact test."""
    same = np.concatenate([group.of(same=True), versus.of(same=True)])
    different = np.concatenate([group.of(same=False), versus.of(same=False)])
    n_a, n_b = int(group.valid.size), int(versus.valid.size)
    cut = identification.best_cut(same, different)
    why = _why_small(n_a, n_b) or ("it needs measured pairs of both relations" if cut is None else "")
    if why or cut is None:
        return Measured(None, n_a, n_b, why_not=why)
    wrong = [
        at.false_negatives + at.false_positives
        for at in (
            identification.cut_at(cut.threshold, part.of(same=True), part.of(same=False)) for part in (group, versus)
        )
    ]
    judged = _by_shares("called wrongly", wrong[0], n_a, wrong[1], n_b, fewer=True)
    detail = f"Cut at an overlap of {short(cut.threshold)}. {judged.detail}"
    return Measured(judged.value, n_a, n_b, holds=judged.holds, detail=detail)


def score_separates_better(group: Group) -> Measured:
    """Judge whether the lineage score tells same from different better than the overlap; value: gain in AUC.

    Both areas are of the same pairs, those whose downloads are known. The interval resamples whole pairs.
    """
    known = np.isfinite(group.overlaps) & np.isfinite(group.scores)
    same, different = np.flatnonzero(known & group.is_same), np.flatnonzero(known & ~group.is_same)
    if why := _why_small(same.size, different.size):
        return Measured(None, same.size, different.size, why_not=why)

    def gain(x: Floats, y: Floats, axis: int = -1) -> Floats:
        places_same, places_different = x.astype(np.intp), y.astype(np.intp)
        areas = []
        for values in (group.scores, group.overlaps):
            both = np.concatenate([values[places_same], values[places_different]], axis=axis)
            areas.append(identification.area_of_ranks(stats.rankdata(both, axis=axis), x.shape[axis], axis))
        result: Floats = areas[0] - areas[1]
        return result

    samples = same.astype(np.float64), different.astype(np.float64)
    value = float(gain(*samples))
    low, high, _ = bootstrap_interval(samples, gain)
    plain = identification.auc(group.overlaps[same], group.overlaps[different]).value
    detail = f"Area under the ROC curve {short(plain)} for overlap; with confidence it changes by {short(value)}"
    holds = value > 0 and low is not None and low > 0
    return Measured(value, same.size, different.size, holds=holds, detail=f"{detail}{interval_words(low, high)}.")


def keeps_half(group: Group, versus: Group) -> Measured:
    """Judge whether the first group (kept) holds at least ``HALF`` of the second's measured pairs; value: the share."""
    return _kept(group, versus, enough=True)


def keeps_under_half(group: Group, versus: Group) -> Measured:
    """Judge whether the first group (kept) holds less than ``HALF`` of the second's pairs; value: the share."""
    return _kept(group, versus, enough=False)


def _kept(group: Group, versus: Group, *, enough: bool) -> Measured:
    kept, total = int(group.valid.size), int(versus.valid.size)
    if not total:
        return Measured(None, kept, total, why_not=NO_VALID_PAIR)
    share = kept / total
    detail = f"{kept} of {total} measured pairs are kept ({share:.1%})."
    return Measured(share, kept, total, holds=(share >= HALF) == enough, detail=detail)


def most_below(group: Group, bounds: Bounds) -> Measured:
    """Judge whether more than half of the overlaps lie below ``high``, by the binomial test."""
    return _majority(group.valid < bounds.high)


def most_above(group: Group, bounds: Bounds) -> Measured:
    """Judge whether more than half of the overlaps lie above ``low``, by the binomial test."""
    return _majority(group.valid > bounds.low)


def _majority(flags: Flags) -> Measured:
    count, n = int(flags.sum()), int(flags.size)
    if why := _why_small(n):
        return Measured(None, n, why_not=why)
    p_value = float(stats.binomtest(count, n).pvalue)
    share = identification.share("share", count, n)
    interval = interval_words(share.ci_low, share.ci_high)
    detail = f"{count} of {n} pairs ({count / n:.1%}){interval}; binomial p {p_words(p_value)}."
    return _by_test(Outcome("binomial", float(count), p_value), count > n / 2, n, None, detail)


def not_measured(group: Group) -> Measured:
    """Say that no study records what the sentence is about."""
    return Measured(None, group.size, why_not="nothing in the warehouse records what it speaks of")


def _by_test(outcome: Outcome, right_way: bool, n: int, n_versus: int | None, detail: str) -> Measured:
    """Let the sentence hold when the effect lies its way and p is below ``ALPHA``."""
    if outcome.p_value is None:
        return Measured(None, n, n_versus, why_not="the test gives no p for these values")
    holds = right_way and outcome.p_value < ALPHA
    if not right_way:
        detail = f"{detail} The difference is not the way the claim says."
    elif not holds:
        detail = f"{detail} The difference is the way the claim says, but not significant."
    return Measured(outcome.p_value, n, n_versus, holds=holds, detail=detail)


def _by_shares(words: str, count_a: int, n_a: int, count_b: int, n_b: int, *, fewer: bool = False) -> Measured:
    outcome = identification.fisher_exact(count_a, n_a, count_b, n_b)
    share_a, share_b = count_a / n_a, count_b / n_b
    detail = f"{count_a} of {n_a} ({share_a:.1%}) and {count_b} of {n_b} ({share_b:.1%}) are {words}"
    if outcome.why_not:
        return Measured(None, n_a, n_b, why_not=f"{detail}: {outcome.why_not}")
    right_way = share_a < share_b if fewer else share_a > share_b
    return _by_test(outcome, right_way, n_a, n_b, f"{detail}; {tested(outcome)}.")


def _why_small(*sizes: int) -> str:
    if min(sizes) >= SMALLEST_GROUP:
        return ""
    where = "the smaller group holds" if len(sizes) > 1 else "there are"
    return f"{where} n = {min(sizes)}, and below {SMALLEST_GROUP} nothing is judged"
