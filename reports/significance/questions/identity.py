"""The questions whether overlap tells same from different, and whether a download filter lowers the errors."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from reports.significance import identification, pooling, power
from reports.significance.outcomes import Effect, Floats, Outcome
from reports.significance.pairs import HIGH_DOWNLOADS, LOW_DOWNLOADS, Pairs, checked
from reports.significance.questions.drafts import Draft, enough, shares_rule
from reports.significance.verdicts import AUC_TARGET, ERROR_TARGET, TPR_TARGET, IntervalRule

FILTERS: Final = (LOW_DOWNLOADS, HIGH_DOWNLOADS)
LARGEST_FPRS: Final = (0.01, 0.001)


def identifying(label: str, pairs: Pairs, *, only_primary: bool = False) -> Iterator[Draft]:
    """Ask how well overlap tells same from different: AUC, TPR at small FPR, error rates."""
    valid = pairs.valid()
    parts = [
        ("all", "all downloads", valid),
        *(
            (f"above_{bound}", f"more than {bound} downloads", valid.where(valid.downloads > bound))
            for bound in FILTERS
        ),
        *checked(valid),
    ]
    for scope, words, part in parts:
        drafts = _identify(label, scope, words, part.of("same").overlaps, part.of("different").overlaps)
        if not only_primary:
            yield from drafts
        elif scope == "all":
            yield next(drafts)


def _identify(label: str, scope: str, words: str, same: Floats, different: Floats) -> Iterator[Draft]:
    def draft(name: str, effect: Effect, rule: IntervalRule, fact: str, *, cut: float | None = None) -> Draft:
        return Draft(
            family_label=label,
            test_id=f"identification/{scope}/{name}",
            question="identification",
            scope=scope,
            group_a="same family",
            group_b="different family",
            outcome=Outcome(name, cut, None),
            effect=effect,
            n_a=same.size,
            n_b=different.size,
            rule=rule,
            fact=fact,
        )

    area = identification.auc(same, different)
    rule = IntervalRule(AUC_TARGET, "above", power.n_for_auc(AUC_TARGET))
    found = draft("auc", area, rule, f"Area under the ROC curve, {words}.")
    estimate = pooling.of_area(area.value, same.size, different.size)
    is_primary = scope == "all"
    yield replace(
        found, is_primary=is_primary, estimate=enough(same.size, different.size, estimate) if is_primary else None
    )
    for largest in LARGEST_FPRS:
        cut = identification.best_cut(same, different, largest_fpr=largest)
        effect = identification.tpr_at_fpr(same, different, largest)
        coarse, needed = "", power.n_for_half_width(TPR_TARGET)
        if different.size < 1 / largest - 1e-9:
            needed = math.ceil(1 / largest - 1e-9)
            coarse = (
                f"With {different.size} different pairs an FPR of {largest:.1%} cannot be measured: this is the TPR "
                "with no false alarm at all."
            )
        fact = f"Same-family pairs found while at most {largest:.1%} of the different ones are called same, {words}."
        rule = IntervalRule(TPR_TARGET, "above", needed, coarse)
        yield draft(effect.effect_name, effect, rule, fact, cut=cut.threshold if cut else None)
    cut = identification.best_cut(same, different)
    for name, called in (("false_negative_rate", "same"), ("false_positive_rate", "different")):
        if cut is None:
            effect = Effect(name, None, why_not="one of the groups is empty")
        elif called == "same":
            effect = identification.share(name, cut.false_negatives, same.size)
        else:
            effect = identification.share(name, cut.false_positives, different.size)
        fact = f"{called.capitalize()}-family pairs called wrongly at the best cut, which was chosen on them, {words}."
        rule = IntervalRule(ERROR_TARGET, "below", power.n_for_half_width(ERROR_TARGET))
        yield draft(name, effect, rule, fact, cut=cut.threshold if cut else None)


def filtering(label: str, pairs: Pairs, *, only_primary: bool = False) -> Iterator[Draft]:
    """Ask whether a download filter lowers the errors: kept pairs against those it drops, at one and the same cut."""
    valid = pairs.valid()
    valid = valid.where(np.isfinite(valid.downloads))
    cut = identification.best_cut(valid.of("same").overlaps, valid.of("different").overlaps)
    for bound in FILTERS:
        if only_primary and bound != LOW_DOWNLOADS:
            continue
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
            rule=shares_rule("above"),
            fact=f"Pairs called wrongly at one cut: {counts[0]} of the {counts[1]} that the filter drops, "
            f"{counts[2]} of the {counts[3]} that it keeps.",
            is_primary=bound == LOW_DOWNLOADS,
            estimate=enough(counts[1], counts[3], pooling.of_difference_of_shares(*counts)) if cut else None,
        )
