"""The questions whether same-family pairs overlap more than different-family ones, and whether two families differ."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from reports.significance import comparisons, power
from reports.significance.pairs import QUALITIES, RELATIONS, Pairs, checked
from reports.significance.questions.drafts import (
    ACROSS_FAMILIES,
    Draft,
    TwoSample,
    TwoSampleEffect,
    mean_text,
    slug,
)
from reports.significance.verdicts import TestRule

MOST_FAMILIES: Final = 10
"""With more families than this, the largest are compared pairwise: the comparisons grow with the square."""

_COMPARED: Final[tuple[tuple[TwoSample, TwoSampleEffect, float, float], ...]] = (
    (comparisons.student_t, comparisons.difference_of_means, 0.0, 1.0),
    (comparisons.welch_t, comparisons.hedges_g, 0.0, 1.0),
    (comparisons.mann_whitney, comparisons.cliffs_delta, 0.0, power.RANK_EFFICIENCY),
    (comparisons.permutation_of_means, comparisons.ratio_of_means, 1.0, 1.0),
)
"""Test, effect, the effect's value when there is none, and efficiency against t."""


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


def same_vs_different(label: str, pairs: Pairs) -> Iterator[Draft]:
    """Ask whether same-family pairs overlap more than different-family pairs, in every scope."""
    for scope, words, part in scopes(pairs.valid()):
        same, different = part.of("same").overlaps, part.of("different").overlaps
        found = (
            f"Same-family against different-family pairs, {words}: means {mean_text(same)} and {mean_text(different)}."
        )
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
                    fact=f"{relation.capitalize()}-family overlaps of {first} (mean {mean_text(a)}) "
                    f"and {second} (mean {mean_text(b)}).",
                )
