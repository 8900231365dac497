"""The question whether measurements fail more often for some pairs than for others."""

from collections.abc import Iterator

import numpy as np

from reports.significance import identification, pooling
from reports.significance.pairs import LOW_DOWNLOADS, Pairs
from reports.significance.questions.drafts import Draft, enough, shares_rule


def validity(label: str, pairs: Pairs, *, only_primary: bool = False) -> Iterator[Draft]:
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
        is_primary = scope == "same_vs_different"
        if only_primary and not is_primary:
            continue
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
            rule=shares_rule("either"),
            fact=f"Invalid pairs: {counts[0]} of {counts[1]} ({words[0]}), {counts[2]} of {counts[3]} ({words[1]}).",
            is_primary=is_primary,
            estimate=enough(first.size, second.size, pooling.of_difference_of_shares(*counts)),
        )


def _n_invalid(pairs: Pairs) -> int:
    return pairs.size - pairs.valid().size
