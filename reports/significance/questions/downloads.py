"""The question whether downloads and overlap go together."""

from collections.abc import Iterator

import numpy as np

from reports.significance import correlations, pooling, power
from reports.significance.pairs import RELATIONS, Pairs
from reports.significance.questions.drafts import Draft, correlation_rule, enough, short


def downloads_vs_overlap(label: str, pairs: Pairs, *, only_primary: bool = False) -> Iterator[Draft]:
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
            is_primary = relation == "same" and correlate is correlations.spearman
            if only_primary and not is_primary:
                continue
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
                rule=correlation_rule(effect.effect_name, efficiency),
                fact=f"Correlation of {axis} with overlap over {n} {relation}-family pairs: {short(effect.value)}.",
                is_primary=is_primary,
                estimate=enough(n, n, pooling.of_correlation(effect.value, n)) if is_primary else None,
            )
