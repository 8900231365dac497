"""The question whether there are enough pairs for each of the others."""

from collections.abc import Iterator

import numpy as np

from reports.significance import comparisons, correlations, power, spread
from reports.significance.outcomes import Effect, Outcome
from reports.significance.pairs import LOW_DOWNLOADS, Pairs
from reports.significance.questions.drafts import Draft, short
from reports.significance.questions.identity import LARGEST_FPRS
from reports.significance.verdicts import EnoughRule


def power_needed(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask whether there are enough pairs: the n for the benchmark effect, and for the observed one."""
    valid = pairs.valid()
    same, different = valid.of("same"), valid.of("different")
    counts = same.downloads
    low, high = same.overlaps[counts <= LOW_DOWNLOADS], same.overlaps[counts > LOW_DOWNLOADS]
    known = int(np.isfinite(counts).sum())
    extremes = spread.count_extremes(low), spread.count_extremes(high)
    observed_h = power.cohens_h(extremes[0] / low.size, extremes[1] / high.size) if low.size and high.size else None
    observed_d = comparisons.hedges_g(same.overlaps, different.overlaps, interval=False).value
    observed_ratio = spread.ratio_of_sds(low, high).value
    observed_r = correlations.spearman(same.downloads, same.overlaps)[1].value
    between = (same.size, different.size, ("same family", "different family"))
    by_downloads = (low.size, high.size, (f"downloads <= {LOW_DOWNLOADS}", f"downloads > {LOW_DOWNLOADS}"))
    together = (known, known, ("downloads", "overlap"))
    for question, solve, benchmark, observed, words, (n_a, n_b, groups) in (
        ("same_vs_different", power.n_for_t, power.LARGE_D, observed_d, "difference of means d", between),
        ("spread_by_downloads", power.n_for_sd_ratio, power.SD_RATIO, observed_ratio, "sd ratio", by_downloads),
        ("extremes_by_downloads", power.n_for_shares, power.MEDIUM_H, observed_h, "share difference h", by_downloads),
        ("downloads_vs_overlap", power.n_for_correlation, power.MEDIUM_R, observed_r, "correlation", together),
    ):
        for kind, size in (("benchmark", benchmark), ("observed", observed)):
            needed = None if size is None else solve(size)
            why = ""
            if needed is None:
                why = "there is no observed effect to plan for, or one so near to none that no study would find it"
            yield Draft(
                family_label=label,
                test_id=f"power/{question}/{kind}",
                question="power",
                scope=question,
                group_a=groups[0],
                group_b=groups[1],
                outcome=Outcome("n_for_power", None, None, why),
                effect=Effect("n_needed_per_group", None if needed is None else float(needed)),
                n_a=n_a,
                n_b=n_b,
                rule=EnoughRule(needed, power.matched_n(n_a, n_b)),
                fact=f"Pairs that each group needs to find the {kind} {words} of {short(size)} with a power of "
                f"{power.TARGET_POWER:.0%}; groups of unequal size count as their harmonic mean.",
            )
    for largest in LARGEST_FPRS:
        required = power.n_for_fpr(largest)
        yield Draft(
            family_label=label,
            test_id=f"power/identification/fpr_{largest:g}",
            question="power",
            scope="identification",
            group_a="same family",
            group_b="different family",
            outcome=Outcome("rule_of_three", None, None),
            effect=Effect("n_needed_different", float(required)),
            n_a=same.size,
            n_b=different.size,
            rule=EnoughRule(required, different.size),
            fact=f"Different-family pairs needed to show, without one false alarm, an FPR of at most {largest:.1%}.",
        )
