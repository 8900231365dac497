"""The question whether models with few downloads are noisier: spread, extremes, and the sweep over every cut."""

from collections.abc import Iterator

import numpy as np

from reports.significance import identification, pooling, spread
from reports.significance.corrections import permutations_for
from reports.significance.outcomes import Effect
from reports.significance.pairs import HIGH_DOWNLOADS, LOW_DOWNLOADS, RELATIONS, Labels, Pairs
from reports.significance.questions.drafts import SWEEP, Draft, enough, sd_text, shares_rule, spread_rule


def spread_by_downloads(
    label: str, pairs: Pairs, *, n_families: int = 1, only_primary: bool = False
) -> Iterator[Draft]:
    """Ask whether models with few downloads are noisier: spread, extremes, and the sweep over every cut."""
    if only_primary:
        part = pairs.valid().of("same")
        drafts = [*_spread_pair(label, "same", part, other="higher", bound=LOW_DOWNLOADS)]
        drafts += _sweep(label, "same", part, n_families)
        yield from (draft for draft in drafts if draft.is_primary)
        return
    for relation in RELATIONS:
        part = pairs.valid().of(relation)
        for other, bound in (("higher", LOW_DOWNLOADS), ("high", HIGH_DOWNLOADS)):
            yield from _spread_pair(label, relation, part, other=other, bound=bound)
        yield from _spread_groups(label, relation, "tiers", part, part.tiers)
        yield from _spread_groups(label, relation, "qualities", part, part.qualities)
        yield from _sweep(label, relation, part, n_families)


def _spread_pair(label: str, relation: str, part: Pairs, *, other: str, bound: int) -> Iterator[Draft]:
    low, high = part.overlaps[part.downloads <= LOW_DOWNLOADS], part.overlaps[part.downloads > bound]
    groups = (f"downloads <= {LOW_DOWNLOADS}", f"downloads > {bound}")
    scope = f"{relation}_low_vs_{other}"
    ratio = spread.ratio_of_sds(low, high)
    is_asked = (relation, other) == ("same", "higher")
    for test in (spread.brown_forsythe, spread.fligner_killeen):
        outcome = test(low, high)
        yield Draft(
            family_label=label,
            test_id=f"spread_by_downloads/{scope}/{outcome.test_name}",
            question="spread_by_downloads",
            scope=scope,
            group_a=groups[0],
            group_b=groups[1],
            outcome=outcome,
            effect=ratio,
            n_a=low.size,
            n_b=high.size,
            rule=spread_rule("above"),
            fact=f"Spread of {relation}-family overlaps, {groups[0]} against more than {bound}: standard deviations "
            f"{sd_text(low)} and {sd_text(high)}.",
            is_primary=is_asked and test is spread.brown_forsythe,
            estimate=enough(low.size, high.size, pooling.of_log_ratio_of_sds(low, high)),
        )
    counts = spread.count_extremes(low), low.size, spread.count_extremes(high), high.size
    if relation == "same":  # nearly every different-family overlap lies below the lower bound
        yield Draft(
            family_label=label,
            test_id=f"extremes_by_downloads/{scope}/fisher_exact",
            question="extremes_by_downloads",
            scope=scope,
            group_a=groups[0],
            group_b=groups[1],
            outcome=identification.fisher_exact(*counts),
            effect=identification.difference_of_shares(*counts),
            n_a=low.size,
            n_b=high.size,
            rule=shares_rule("above"),
            fact=f"Overlaps below {spread.EXTREME_BELOW} or above {spread.EXTREME_ABOVE}: {counts[0]} of {counts[1]} "
            f"with {groups[0]}, {counts[2]} of {counts[3]} with {groups[1]}.",
            is_primary=is_asked,
            estimate=enough(low.size, high.size, pooling.of_difference_of_shares(*counts)),
        )


def _spread_groups(label: str, relation: str, kind: str, part: Pairs, levels: Labels) -> Iterator[Draft]:
    """Compare the spread of all tiers or qualities at once, those with two pairs or more."""
    names = sorted({str(level) for level in levels.tolist()} - {"unknown", "None"})
    samples = {name: part.overlaps[levels == name] for name in names}
    samples = {name: sample for name, sample in samples.items() if sample.size >= 2}
    deviations = {name: float(sample.std(ddof=1)) for name, sample in samples.items()}
    widest = max(deviations, key=lambda name: deviations[name], default="")
    narrowest = min(deviations, key=lambda name: deviations[name], default="")
    if widest == narrowest:
        effect = Effect("ratio_of_sds", None, why_not=f"fewer than two {kind} with a spread of their own")
    else:
        # The two were picked for being furthest apart, so an interval would be too narrow.
        effect = Effect("ratio_of_sds", spread.ratio_of_sds(samples[widest], samples[narrowest]).value)
    for test in (spread.brown_forsythe, spread.fligner_killeen):
        outcome = test(*samples.values())
        yield Draft(
            family_label=label,
            test_id=f"spread_by_downloads/{relation}_{kind}/{outcome.test_name}",
            question="spread_by_downloads",
            scope=f"{relation}_{kind}",
            group_a=f"{widest} downloads" if widest else kind,
            group_b=f"{narrowest} downloads" if narrowest else kind,
            outcome=outcome,
            effect=effect,
            n_a=samples[widest].size if widest else 0,
            n_b=samples[narrowest].size if narrowest else 0,
            rule=spread_rule("either"),
            fact=f"Spread of {relation}-family overlaps over {len(samples)} {kind} with two pairs or more; "
            "the widest and the narrowest are shown.",
        )


def _sweep(label: str, relation: str, part: Pairs, n_families: int) -> Iterator[Draft]:
    sweep = spread.download_sweep(part.downloads, part.overlaps, permutations=permutations_for(n_families))
    best = sweep.best
    name = sweep.outcome.test_name
    known = int(np.isfinite(part.downloads).sum())
    effect = Effect("ratio_of_sds", best.sd_ratio if best else None)
    yield Draft(
        family_label=label,
        test_id=f"spread_sweep/{relation}/{name}",
        question="spread_sweep",
        scope=relation,
        group_a=f"downloads <= {best.downloads:.0f}" if best else "low downloads",
        group_b=f"downloads > {best.downloads:.0f}" if best else "higher downloads",
        outcome=sweep.outcome,
        effect=effect,
        n_a=best.n_low if best else known,
        n_b=best.n_high if best else 0,
        rule=spread_rule("above"),
        fact=f"Spread of {relation}-family overlaps at all {len(sweep.cuts)} cuts on downloads; p is for the largest "
        f"statistic of any cut, by {sweep.permutations:,} permutations.",
        is_primary=relation == "same",
    )
    for cut in sweep.cuts:
        yield Draft(
            family_label=label,
            test_id=f"spread_sweep/{relation}/cut_{cut.downloads:.0f}/brown_forsythe",
            question="spread_sweep",
            scope=relation,
            group_a=f"downloads <= {cut.downloads:.0f}",
            group_b=f"downloads > {cut.downloads:.0f}",
            outcome=cut.outcome,
            effect=Effect(
                "ratio_of_sds",
                cut.sd_ratio,
                why_not="" if cut.sd_ratio is not None else "all values of the second group are the same",
            ),
            n_a=cut.n_low,
            n_b=cut.n_high,
            rule=spread_rule("above"),
            fact=f"Spread of {relation}-family overlaps at one cut of the sweep.",
            single_family=f"{SWEEP}/{relation}",
        )
