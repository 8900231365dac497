"""The questions whether same-family pairs overlap more than different-family ones, and whether two families differ."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from numpy.typing import ArrayLike

from reports.significance import comparisons, pooling, power
from reports.significance.corrections import permutations_for
from reports.significance.outcomes import Outcome
from reports.significance.pairs import QUALITIES, RELATIONS, Pairs, checked
from reports.significance.pooling import SMALLEST_POOL
from reports.significance.questions.drafts import (
    ACROSS_FAMILIES,
    Draft,
    TwoSample,
    TwoSampleEffect,
    enough,
    location_rule,
    mean_text,
    slug,
)
from reports.significance.verdicts import SMALLEST_GROUP, TestRule

MOST_FAMILIES: Final = 10
"""With more families than this, the largest are compared pairwise: the comparisons grow with the square."""

_COMPARED: Final[tuple[tuple[TwoSample, TwoSampleEffect, float], ...]] = (
    (comparisons.student_t, comparisons.difference_of_means, 1.0),
    (comparisons.welch_t, comparisons.hedges_g, 1.0),
    (comparisons.mann_whitney, comparisons.cliffs_delta, power.RANK_EFFICIENCY),
)
"""Test, effect, and efficiency against t."""


def scopes(pairs: Pairs) -> Iterator[tuple[str, str, Pairs]]:
    """Yield the slug, the words and the pairs of each part of a family that is tested on its own."""
    yield "all", "all downloads", pairs
    for quality in QUALITIES:
        yield quality, f"{quality} downloads", pairs.where(pairs.qualities == quality)
    if (unknown := pairs.qualities == "unknown").any() and not unknown.all():
        yield "unknown", "unknown downloads", pairs.where(unknown)
    for tier in sorted({str(tier) for tier in pairs.tiers.tolist()} - {"unknown", "None"}):
        yield f"tier_{slug(tier)}", f"{tier} downloads", pairs.where(pairs.tiers == tier)
    yield from checked(pairs)


def same_vs_different(label: str, pairs: Pairs, *, n_families: int = 1, only_primary: bool = False) -> Iterator[Draft]:
    """Ask whether same-family pairs overlap more than different-family pairs, in every scope.

    The Mann-Whitney test over all downloads answers; it has no floor that a correction could not pass.
    """
    permutations = permutations_for(n_families)

    def permuted(a: ArrayLike, b: ArrayLike) -> Outcome:
        return comparisons.permutation_of_means(a, b, permutations=permutations)

    for scope, words, part in scopes(pairs.valid()):
        same, different = part.of("same").overlaps, part.of("different").overlaps
        means = f"means {mean_text(same)} and {mean_text(different)}"
        for test, measure, efficiency in (*_COMPARED, (permuted, comparisons.ratio_of_means, 1.0)):
            is_primary = scope == "all" and test is comparisons.mann_whitney
            if only_primary and not is_primary:
                continue
            outcome, effect = test(same, different), measure(same, different)
            estimate = pooling.of_log_ratio_of_means(same, different) if is_primary else None
            yield Draft(
                family_label=label,
                test_id=f"same_vs_different/{scope}/{outcome.test_name}",
                question="same_vs_different",
                scope=scope,
                group_a="same family",
                group_b="different family",
                outcome=outcome,
                effect=effect,
                n_a=same.size,
                n_b=different.size,
                rule=location_rule(effect.effect_name, "above", power.LARGE_D, efficiency=efficiency),
                fact=f"Same-family against different-family pairs, {words}: {means}.",
                is_primary=is_primary,
                estimate=enough(same.size, different.size, estimate),
            )


_FAMILY_TESTS: Final[tuple[tuple[TwoSample, TwoSampleEffect, float], ...]] = (
    (comparisons.welch_t, comparisons.difference_of_means, 1.0),
    (comparisons.mann_whitney, comparisons.cliffs_delta, power.RANK_EFFICIENCY),
    (comparisons.kolmogorov_smirnov, comparisons.kolmogorov_distance, power.RANK_EFFICIENCY),
    (comparisons.anderson_darling, comparisons.ratio_of_means, power.RANK_EFFICIENCY),
)


def families_compared(valid: Pairs, labels: Sequence[str]) -> Iterator[Draft]:
    """Ask whether the families of one study differ in overlap: two by two, and all at once."""
    for relation in RELATIONS:
        part = valid.of(relation)
        samples = {label: part.overlaps[part.families == label] for label in labels}
        largest = sorted(labels, key=lambda label: (-samples[label].size, label))[:MOST_FAMILIES]
        for first, second in combinations(sorted(largest), 2):
            a, b = samples[first], samples[second]
            for test, measure, efficiency in _FAMILY_TESTS:
                outcome, effect = test(a, b), measure(a, b)
                yield Draft(
                    family_label=ACROSS_FAMILIES,
                    test_id=f"family_vs_family/{relation}/{slug(first)}~{slug(second)}/{outcome.test_name}",
                    question="family_vs_family",
                    scope=relation,
                    group_a=first,
                    group_b=second,
                    outcome=outcome,
                    effect=effect,
                    n_a=a.size,
                    n_b=b.size,
                    rule=location_rule(effect.effect_name, "either", power.MEDIUM_D, efficiency=efficiency),
                    fact=f"{relation.capitalize()}-family overlaps of {first} (mean {mean_text(a)}) "
                    f"and {second} (mean {mean_text(b)}).",
                    is_primary=relation == "same" and test is comparisons.mann_whitney,
                )


def all_families_compared(valid: Pairs, labels: Sequence[str]) -> Iterator[Draft]:
    """Ask whether the families of one study differ at all, for each relation: the answer over all families."""
    for relation in RELATIONS:
        part = valid.of(relation)
        samples = [part.overlaps[part.families == label] for label in labels]
        samples = [sample for sample in samples if sample.size >= SMALLEST_GROUP]
        if len(samples) < SMALLEST_POOL:
            continue
        outcome, effect = comparisons.kruskal_wallis(*samples), comparisons.epsilon_squared(*samples)
        n = sum(sample.size for sample in samples)
        yield Draft(
            family_label=ACROSS_FAMILIES,
            test_id=f"family_vs_family/{relation}/{outcome.test_name}",
            question="family_vs_family",
            scope=relation,
            group_a=f"{len(samples)} families",
            group_b=f"{len(samples)} families",
            outcome=outcome,
            effect=effect,
            n_a=n,
            n_b=n,
            rule=TestRule(0.0, "either", 0, "any difference", None),
            fact=f"{relation.capitalize()}-family overlaps of the {len(samples)} of {len(labels)} families with "
            f"{SMALLEST_GROUP} or more.",
            is_primary=relation == "same",
            is_over_families=True,
            n_families=len(samples),
        )
