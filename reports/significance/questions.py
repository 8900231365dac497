"""The questions asked of one study: which groups, which test, which effect, and which rule decides.

Pure: pairs in, drafts of rows out. A draft has its uncorrected p; correction and verdict come when the
study's tests are all known.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reports.significance import comparisons, correlations, identification, power, spread
from reports.significance.outcomes import Effect, Flags, Floats, Outcome
from reports.significance.verdicts import (
    AUC_TARGET,
    ERROR_TARGET,
    TPR_TARGET,
    EnoughRule,
    IntervalRule,
    Rule,
    TestRule,
)

ACROSS_FAMILIES: Final = "all families"
LOW_DOWNLOADS: Final = 10
HIGH_DOWNLOADS: Final = 100
"""Low is up to the one, high above the other: the bounds of the design's qualities."""

FILTERS: Final = (LOW_DOWNLOADS, HIGH_DOWNLOADS)
LARGEST_FPRS: Final = (0.01, 0.001)
QUALITIES: Final = ("low", "medium", "high")
RELATIONS: Final = ("same", "different")

MOST_FAMILIES: Final = 10
"""With more families than this, the largest are compared pairwise: the comparisons grow with the square."""

STUDY: Final = "study"
SWEEP: Final = "sweep"

Labels = NDArray[np.object_]


@dataclass(frozen=True)
class Pairs:
    """Pairs of models as columns of one length, valid or not.

    ``overlaps`` and ``downloads`` (of the derived model) are NaN where unknown; flags are None where unknown, and a
    whole flag is None when the marts do not have it.
    """

    families: Labels
    relations: Labels
    is_valid: Flags
    overlaps: Floats
    downloads: Floats
    tiers: Labels
    qualities: Labels
    is_tokenizer_match: Labels | None = None
    is_suspect: Labels | None = None

    def where(self, mask: NDArray[np.bool_]) -> "Pairs":
        """Return the pairs for which ``mask`` is true."""
        return Pairs(
            families=self.families[mask],
            relations=self.relations[mask],
            is_valid=self.is_valid[mask],
            overlaps=self.overlaps[mask],
            downloads=self.downloads[mask],
            tiers=self.tiers[mask],
            qualities=self.qualities[mask],
            is_tokenizer_match=None if self.is_tokenizer_match is None else self.is_tokenizer_match[mask],
            is_suspect=None if self.is_suspect is None else self.is_suspect[mask],
        )

    def valid(self) -> "Pairs":
        """Return the pairs that have an overlap."""
        return self.where(self.is_valid & np.isfinite(self.overlaps))

    def of(self, relation: str) -> "Pairs":
        """Return the pairs of one relation."""
        return self.where(self.relations == relation)

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return int(self.overlaps.size)


@dataclass(frozen=True)
class Draft:
    """A row before correction and verdict; ``fact`` says in plain words what was found."""

    family_label: str
    test_id: str
    question: str
    scope: str
    group_a: str
    group_b: str
    outcome: Outcome
    effect: Effect
    n_a: int
    n_b: int
    rule: Rule
    fact: str
    correction_family: str = STUDY

    @property
    def why_not(self) -> str:
        """Why the row can have no verdict; empty when it can."""
        return self.outcome.why_not or (self.effect.why_not if self.effect.value is None else "")


def ask(pairs: Pairs) -> list[Draft]:
    """Return the drafts of every question about the pairs of one study, in the order of the report."""
    labels = sorted(set(pairs.families.tolist()))
    drafts: list[Draft] = []
    for label in labels:
        family = pairs.where(pairs.families == label)
        for question in (
            same_vs_different,
            spread_by_downloads,
            downloads_vs_overlap,
            identifying,
            filtering,
            validity,
            power_needed,
        ):
            drafts.extend(question(label, family))
    drafts.extend(families_compared(pairs.valid(), labels))
    return drafts


def slug(text: str) -> str:
    """Return ``text`` as a part of a test id; ``/`` becomes ``--``, which no model id can hold."""
    plain = text.strip().lower().replace("/", "--")
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in plain)


# same against different


def scopes(pairs: Pairs) -> Iterator[tuple[str, str, Pairs]]:
    """Yield the slug, the words and the pairs of each part of a family that is tested on its own."""
    yield "all", "all downloads", pairs
    for quality in QUALITIES:
        yield quality, f"{quality} downloads", pairs.where(pairs.qualities == quality)
    if (unknown := pairs.qualities == "unknown").any() and not unknown.all():
        yield "unknown", "unknown downloads", pairs.where(unknown)
    for tier in sorted({str(tier) for tier in pairs.tiers.tolist()} - {"unknown", "None"}):
        yield f"tier_{slug(tier)}", f"{tier} downloads", pairs.where(pairs.tiers == tier)
    yield from _checked(pairs)


def _checked(pairs: Pairs) -> Iterator[tuple[str, str, Pairs]]:
    matches, suspects = pairs.is_tokenizer_match, pairs.is_suspect
    if matches is not None and any(flag is not None for flag in matches.tolist()):
        yield "tokenizer_matched", "one tokenizer", pairs.where(_is_true(matches))
    if suspects is not None and _is_true(suspects).any():
        yield "unsuspected", "suspect pairs left out", pairs.where(~_is_true(suspects))


def _is_true(flags: Labels) -> Flags:
    return np.array([flag is True or flag is np.True_ for flag in flags.tolist()], dtype=np.bool_)


TwoSample = Callable[[ArrayLike, ArrayLike], Outcome]
TwoSampleEffect = Callable[[ArrayLike, ArrayLike], Effect]

_COMPARED: Final[tuple[tuple[TwoSample, TwoSampleEffect, float, float], ...]] = (
    (comparisons.student_t, comparisons.difference_of_means, 0.0, 1.0),
    (comparisons.welch_t, comparisons.hedges_g, 0.0, 1.0),
    (comparisons.mann_whitney, comparisons.cliffs_delta, 0.0, power.RANK_EFFICIENCY),
    (comparisons.permutation_of_means, comparisons.ratio_of_means, 1.0, 1.0),
)
"""Test, effect, the effect's value when there is none, and efficiency against t."""


def same_vs_different(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask whether same-family pairs overlap more than different-family pairs, in every scope."""
    for scope, words, part in scopes(pairs.valid()):
        same, different = part.of("same").overlaps, part.of("different").overlaps
        found = f"Same-family against different-family pairs, {words}: means {_mean(same)} and {_mean(different)}."
        for test, measure, null, efficiency in _COMPARED:
            outcome = test(same, different)
            yield Draft(
                family_label=label,
                test_id=f"same_vs_different/{scope}/{outcome.test_name}",
                question="same_vs_different",
                scope=scope,
                group_a="same family",
                group_b="different family",
                outcome=outcome,
                effect=measure(same, different),
                n_a=same.size,
                n_b=different.size,
                rule=TestRule(
                    null,
                    "above",
                    power.power_t(power.LARGE_D, same.size * efficiency, different.size * efficiency),
                    "a large difference (d 0.8)",
                ),
                fact=found,
            )


# low downloads are noisier


def spread_by_downloads(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask whether models with few downloads are noisier: spread, extremes, and the sweep over every cut."""
    for relation in RELATIONS:
        part = pairs.valid().of(relation)
        for other, bound in (("higher", LOW_DOWNLOADS), ("high", HIGH_DOWNLOADS)):
            yield from _spread_pair(label, relation, part, other=other, bound=bound)
        yield from _spread_groups(label, relation, "tiers", part, part.tiers)
        yield from _spread_groups(label, relation, "qualities", part, part.qualities)
        yield from _sweep(label, relation, part)


def _spread_pair(label: str, relation: str, part: Pairs, *, other: str, bound: int) -> Iterator[Draft]:
    low, high = part.overlaps[part.downloads <= LOW_DOWNLOADS], part.overlaps[part.downloads > bound]
    groups = (f"downloads <= {LOW_DOWNLOADS}", f"downloads > {bound}")
    scope = f"{relation}_low_vs_{other}"
    ratio = spread.ratio_of_sds(low, high)
    enough = power.power_sd_ratio(power.SD_RATIO, low.size, high.size)
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
            rule=TestRule(1.0, "above", enough, "deviations apart by half (ratio 1.5)"),
            fact=f"Spread of {relation}-family overlaps, {groups[0]} against more than {bound}: standard deviations "
            f"{_sd(low)} and {_sd(high)}.",
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
            rule=_shares_rule("above", low.size, high.size),
            fact=f"Overlaps below {spread.EXTREME_BELOW} or above {spread.EXTREME_ABOVE}: {counts[0]} of {counts[1]} "
            f"with {groups[0]}, {counts[2]} of {counts[3]} with {groups[1]}.",
        )


def _spread_groups(label: str, relation: str, kind: str, part: Pairs, levels: Labels) -> Iterator[Draft]:
    """Compare the spread of all tiers or qualities at once, those with two pairs or more."""
    names = sorted({str(level) for level in levels.tolist()} - {"unknown", "None"})
    samples = {name: part.overlaps[levels == name] for name in names}
    samples = {name: sample for name, sample in samples.items() if sample.size >= 2}
    deviations = {name: float(sample.std(ddof=1)) for name, sample in samples.items()}
    widest = max(deviations, key=lambda name: deviations[name], default="")
    narrowest = min(deviations, key=lambda name: deviations[name], default="")
    sizes = [sample.size for sample in samples.values()] or [0]
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
            rule=TestRule(
                1.0,
                "either",
                power.power_sd_ratio(power.SD_RATIO, min(sizes), max(sizes)),
                "deviations apart by half (ratio 1.5)",
            ),
            fact=f"Spread of {relation}-family overlaps over {len(samples)} {kind} with two pairs or more; "
            "the widest and the narrowest are shown.",
        )


def _sweep(label: str, relation: str, part: Pairs) -> Iterator[Draft]:
    sweep = spread.download_sweep(part.downloads, part.overlaps)
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
        rule=TestRule(
            1.0,
            "above",
            power.power_sd_ratio(power.SD_RATIO, best.n_low, best.n_high) if best else 0.0,
            "a ratio of 1.5 at the cut that parts best",
        ),
        fact=f"Spread of {relation}-family overlaps at all {len(sweep.cuts)} cuts on downloads; p is for the largest "
        f"statistic of any cut, by {sweep.permutations:,} permutations.",
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
            rule=TestRule(1.0, "above", power.power_sd_ratio(power.SD_RATIO, cut.n_low, cut.n_high), "a ratio of 1.5"),
            fact=f"Spread of {relation}-family overlaps at one cut of the sweep.",
            correction_family=f"{SWEEP}/{relation}",
        )


# downloads and overlap


def downloads_vs_overlap(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask whether downloads and overlap go together, for each relation on its own."""
    for relation in RELATIONS:
        part = pairs.valid().of(relation)
        n = int(np.isfinite(part.downloads).sum())
        for correlate, axis, efficiency in (
            (correlations.spearman, "downloads", power.RANK_EFFICIENCY),
            (correlations.kendall, "downloads", power.RANK_EFFICIENCY),
            (correlations.pearson, "downloads", 1.0),
            (correlations.pearson_log10, "log10(1 + downloads)", 1.0),
        ):
            outcome, effect = correlate(part.downloads, part.overlaps)
            yield Draft(
                family_label=label,
                test_id=f"downloads_vs_overlap/{relation}/{outcome.test_name}",
                question="downloads_vs_overlap",
                scope=relation,
                group_a=axis,
                group_b="overlap",
                outcome=outcome,
                effect=effect,
                n_a=n,
                n_b=n,
                rule=TestRule(
                    0.0,
                    "either",
                    power.power_correlation(power.MEDIUM_R, n * efficiency),
                    "a medium correlation (r 0.3)",
                ),
                fact=f"Correlation of {axis} with overlap over {n} {relation}-family pairs: {_short(effect.value)}.",
            )


# identification


def identifying(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask how well overlap tells same from different: AUC, TPR at small FPR, error rates."""
    valid = pairs.valid()
    parts = [
        ("all", "all downloads", valid),
        *(
            (f"above_{bound}", f"more than {bound} downloads", valid.where(valid.downloads > bound))
            for bound in FILTERS
        ),
        *_checked(valid),
    ]
    for scope, words, part in parts:
        yield from _identify(label, scope, words, part.of("same").overlaps, part.of("different").overlaps)


def _identify(label: str, scope: str, words: str, same: Floats, different: Floats) -> Iterator[Draft]:
    def draft(name: str, statistic: float | None, effect: Effect, rule: IntervalRule, fact: str) -> Draft:
        return Draft(
            family_label=label,
            test_id=f"identification/{scope}/{name}",
            question="identification",
            scope=scope,
            group_a="same family",
            group_b="different family",
            outcome=Outcome(name, statistic, None),
            effect=effect,
            n_a=same.size,
            n_b=different.size,
            rule=rule,
            fact=fact,
        )

    area = identification.auc(same, different)
    yield draft("auc", None, area, IntervalRule(AUC_TARGET, "above"), f"Area under the ROC curve, {words}.")
    for largest in LARGEST_FPRS:
        cut = identification.best_cut(same, different, largest_fpr=largest)
        effect = identification.tpr_at_fpr(same, different, largest)
        coarse = ""
        if different.size < 1 / largest - 1e-9:
            coarse = (
                f"With {different.size} different pairs an FPR of {largest:.1%} cannot be measured: this is the TPR "
                "with no false alarm at all."
            )
        fact = f"Same-family pairs found while at most {largest:.1%} of the different ones are called same, {words}."
        rule = IntervalRule(TPR_TARGET, "above", coarse)
        yield draft(effect.effect_name, cut.threshold if cut else None, effect, rule, fact)
    cut = identification.best_cut(same, different)
    for name, called in (("false_negative_rate", "same"), ("false_positive_rate", "different")):
        if cut is None:
            effect = Effect(name, None, why_not="one of the groups is empty")
        elif called == "same":
            effect = identification.share(name, cut.false_negatives, same.size)
        else:
            effect = identification.share(name, cut.false_positives, different.size)
        fact = f"{called.capitalize()}-family pairs called wrongly at the best cut, which was chosen on them, {words}."
        yield draft(name, cut.threshold if cut else None, effect, IntervalRule(ERROR_TARGET, "below"), fact)


def filtering(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask whether a download filter lowers the errors: kept pairs against those it drops, at one and the same cut."""
    valid = pairs.valid()
    valid = valid.where(np.isfinite(valid.downloads))
    cut = identification.best_cut(valid.of("same").overlaps, valid.of("different").overlaps)
    for bound in FILTERS:
        kept = valid.downloads > bound
        errors = np.zeros(valid.size, dtype=np.bool_)
        if cut is not None:
            errors = (valid.overlaps >= cut.threshold) != (valid.relations == "same")
        counts = int(errors[~kept].sum()), int((~kept).sum()), int(errors[kept].sum()), int(kept.sum())
        outcome = identification.fisher_exact(*counts)
        if cut is None:
            outcome = Outcome(outcome.test_name, None, None, "needs valid pairs of both relations with known downloads")
        yield Draft(
            family_label=label,
            test_id=f"filtering/above_{bound}/fisher_exact",
            question="filtering",
            scope=f"above_{bound}",
            group_a=f"downloads <= {bound} (dropped)",
            group_b=f"downloads > {bound} (kept)",
            outcome=outcome,
            effect=identification.difference_of_shares(*counts),
            n_a=counts[1],
            n_b=counts[3],
            rule=_shares_rule("above", counts[1], counts[3]),
            fact=f"Pairs called wrongly at one cut: {counts[0]} of the {counts[1]} that the filter drops, "
            f"{counts[2]} of the {counts[3]} that it keeps.",
        )


def _shares_rule(direction: str, n_a: int, n_b: int) -> TestRule:
    chance = power.power_shares(power.MEDIUM_H, n_a, n_b)
    return TestRule(0.0, "above" if direction == "above" else "either", chance, "a medium difference (h 0.5)")


# invalid pairs


def validity(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask whether measuring fails more often for one kind of pair, which would bias every other comparison."""
    same = pairs.of("same")
    known = same.where(np.isfinite(same.downloads))
    for scope, first, second, words in (
        ("same_vs_different", same, pairs.of("different"), ("same family", "different family")),
        (
            "same_low_vs_higher",
            known.where(known.downloads <= LOW_DOWNLOADS),
            known.where(known.downloads > LOW_DOWNLOADS),
            (f"downloads <= {LOW_DOWNLOADS}", f"downloads > {LOW_DOWNLOADS}"),
        ),
    ):
        counts = _n_invalid(first), first.size, _n_invalid(second), second.size
        yield Draft(
            family_label=label,
            test_id=f"validity/{scope}/fisher_exact",
            question="validity",
            scope=scope,
            group_a=words[0],
            group_b=words[1],
            outcome=identification.fisher_exact(*counts),
            effect=identification.difference_of_shares(*counts),
            n_a=first.size,
            n_b=second.size,
            rule=_shares_rule("either", first.size, second.size),
            fact=f"Invalid pairs: {counts[0]} of {counts[1]} ({words[0]}), {counts[2]} of {counts[3]} ({words[1]}).",
        )


def _n_invalid(pairs: Pairs) -> int:
    return pairs.size - pairs.valid().size


# power


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
                fact=f"Pairs that each group needs to find the {kind} {words} of {_short(size)} with a power of "
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


# families against each other

_FAMILY_TESTS: Final[tuple[tuple[TwoSample, TwoSampleEffect, float, float], ...]] = (
    (comparisons.welch_t, comparisons.difference_of_means, 0.0, 1.0),
    (comparisons.mann_whitney, comparisons.cliffs_delta, 0.0, power.RANK_EFFICIENCY),
    (comparisons.kolmogorov_smirnov, comparisons.kolmogorov_distance, 0.0, power.RANK_EFFICIENCY),
    (comparisons.anderson_darling, comparisons.ratio_of_means, 1.0, power.RANK_EFFICIENCY),
)


def families_compared(valid: Pairs, labels: Sequence[str]) -> Iterator[Draft]:
    """Ask whether two families of one study differ in overlap, for each relation on its own."""
    for relation in RELATIONS:
        part = valid.of(relation)
        samples = {label: part.overlaps[part.families == label] for label in labels}
        largest = sorted(labels, key=lambda label: (-samples[label].size, label))[:MOST_FAMILIES]
        for first, second in combinations(sorted(largest), 2):
            a, b = samples[first], samples[second]
            for test, measure, null, efficiency in _FAMILY_TESTS:
                outcome = test(a, b)
                yield Draft(
                    family_label=ACROSS_FAMILIES,
                    test_id=f"family_vs_family/{relation}/{slug(first)}~{slug(second)}/{outcome.test_name}",
                    question="family_vs_family",
                    scope=relation,
                    group_a=first,
                    group_b=second,
                    outcome=outcome,
                    effect=measure(a, b),
                    n_a=a.size,
                    n_b=b.size,
                    rule=TestRule(
                        null,
                        "either",
                        power.power_t(power.MEDIUM_D, a.size * efficiency, b.size * efficiency),
                        "a medium difference (d 0.5)",
                    ),
                    fact=f"{relation.capitalize()}-family overlaps of {first} (mean {_mean(a)}) "
                    f"and {second} (mean {_mean(b)}).",
                )


def _mean(values: Floats) -> str:
    return _short(float(values.mean())) if values.size else "unknown"


def _sd(values: Floats) -> str:
    return _short(float(values.std(ddof=1))) if values.size > 1 else "unknown"


def _short(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"
