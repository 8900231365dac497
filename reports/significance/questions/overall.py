"""One answer for each question over all families of a study, pooled from what its primary test found in each."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scipy import special

from reports.significance import power
from reports.significance.outcomes import CI_LEVEL, Effect, Outcome
from reports.significance.pooling import SMALLEST_POOL, Pooled, pool
from reports.significance.questions.drafts import ACROSS_FAMILIES, UNDOUBTED, Draft, short, undoubted_scope
from reports.significance.verdicts import AUC_TARGET, MARGINS, SMALLEST_GROUP, Direction, IntervalRule, TestRule


@dataclass(frozen=True)
class Pooling:
    """How the families' effects of one question are pooled.

    ``back`` takes a pooled value to the scale that is shown; ``benchmark`` is the effect worth finding, on the pooled
    scale. ``words`` say what the effect is.
    """

    effect_name: str
    words: str
    back: Callable[[float], float]
    null: float
    direction: Direction
    benchmark: float = 0.0
    benchmark_words: str = ""


def _share(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _from_logit(value: float) -> float:
    return float(special.expit(value))


POOLINGS: Final[Mapping[str, Pooling]] = {
    "same_vs_different": Pooling(
        "ratio_of_means",
        "same-family pairs overlap {} times as much as different-family pairs",
        math.exp,
        1.0,
        "above",
        math.log(2),
        "twice the overlap",
    ),
    "spread_by_downloads": Pooling(
        "ratio_of_sds",
        "overlaps with at most 10 downloads deviate {} times as much as those with more",
        math.exp,
        1.0,
        "above",
        math.log(power.SD_RATIO),
        "deviations apart by half (ratio 1.5)",
    ),
    "extremes_by_downloads": Pooling(
        "difference_of_shares",
        "the share of extreme overlaps with at most 10 downloads, less that with more, is {}",
        _share,
        0.0,
        "above",
        0.1,
        "a difference of 0.1",
    ),
    "downloads_vs_overlap": Pooling(
        "spearman_rho",
        "the rank correlation of downloads and overlap of same-family pairs is {}",
        math.tanh,
        0.0,
        "either",
        math.atanh(power.MEDIUM_R),
        "a medium correlation (r 0.3)",
    ),
    "identification": Pooling(
        "auc", "a same-family pair overlaps more than a different-family pair with chance {}", _from_logit, 0.9, "above"
    ),
    "filtering": Pooling(
        "difference_of_shares",
        "the share of pairs called wrongly with at most 10 downloads, less that with more, is {}",
        _share,
        0.0,
        "above",
        0.1,
        "a difference of 0.1",
    ),
    "validity": Pooling(
        "difference_of_shares",
        "the share of failed same-family pairs, less that of different-family pairs, is {}",
        _share,
        0.0,
        "either",
        0.1,
        "a difference of 0.1",
    ),
}
"""The questions that have a mean effect over families. The sweep cuts each family elsewhere, and ``power`` is no
effect; whether families differ is asked by one test of all of them."""


def over_families(drafts: Sequence[Draft], n_families: int) -> Iterator[Draft]:
    """Pool each question over the families of its primary drafts, with and without disputed and suspect pairs."""
    for question in POOLINGS:
        asked = [draft for draft in drafts if draft.question == question and draft.is_primary]
        if not asked:
            continue
        yield from _pooled(asked, n_families, is_primary=True)
        scope = undoubted_scope(asked[0].scope)
        cleaned = {draft.family_label: draft for draft in drafts if (draft.question, draft.scope) == (question, scope)}
        if cleaned:
            others = [cleaned.get(draft.family_label, draft) for draft in asked]
            yield from _pooled(others, n_families, is_primary=False, scope=scope)


def _pooled(asked: Sequence[Draft], n_families: int, *, is_primary: bool, scope: str = "") -> Iterator[Draft]:
    heard = [draft for draft in asked if draft.estimate is not None and not draft.why_not]
    found = pool([draft.estimate for draft in heard if draft.estimate is not None])
    if found is None:
        return
    first, how = heard[0], POOLINGS[heard[0].question]
    scope = scope or first.scope
    effect = Effect(
        how.effect_name,
        how.back(found.effect),
        how.back(found.ci_low),
        how.back(found.ci_high),
        "Hartung-Knapp, tau squared by REML",
    )
    is_tested = how.benchmark > 0
    yield Draft(
        family_label=ACROSS_FAMILIES,
        test_id=f"{first.question}/{scope}/random_effects",
        question=first.question,
        scope=scope,
        group_a=first.group_a,
        group_b=first.group_b,
        outcome=Outcome("random_effects", found.t_value if is_tested else None, found.p_value if is_tested else None),
        effect=effect,
        n_a=sum(draft.n_a for draft in heard),
        n_b=sum(draft.n_b for draft in heard),
        rule=_rule(how, found, effect),
        fact=_fact(how, found, effect, n_families, scope),
        is_primary=is_primary,
        is_over_families=True,
        n_families=found.n_families,
        pooled=_shown(how, found),
    )


def _rule(how: Pooling, found: Pooled, effect: Effect) -> TestRule | IntervalRule:
    if how.benchmark > 0:
        needed = max(SMALLEST_POOL, power.families_for(how.benchmark, found.error, found.n_families))
        return TestRule(
            how.null, how.direction, needed, how.benchmark_words, MARGINS[how.effect_name], "families of this size"
        )
    half = ((effect.ci_high or 0.0) - (effect.ci_low or 0.0)) / 2
    needed = max(SMALLEST_POOL, math.ceil(found.n_families * (half / power.HALF_WIDTH) ** 2))
    return IntervalRule(AUC_TARGET, "above", needed, unit="families of this size")


def _shown(how: Pooling, found: Pooled) -> Pooled:
    """Return ``found`` with its prediction on the scale that is shown; tau² stays on the pooled scale."""
    return replace(found, predicted_low=how.back(found.predicted_low), predicted_high=how.back(found.predicted_high))


def _fact(how: Pooling, found: Pooled, effect: Effect, n_families: int, scope: str) -> str:
    left = f" of {n_families}" if n_families != found.n_families else ""
    without = " without disputed and suspect pairs" if scope.endswith(UNDOUBTED) else ""
    return (
        f"Over {found.n_families}{left} families{without}, {how.words.format(short(effect.value))} "
        f"({CI_LEVEL:.0%} interval {short(effect.ci_low)} to {short(effect.ci_high)}). Families differ: I² "
        f"{found.i_squared:.0%}, tau² {short(found.tau_squared)}; one more family is expected between "
        f"{short(how.back(found.predicted_low))} and {short(how.back(found.predicted_high))}."
        + (f" The others have fewer than {SMALLEST_GROUP} pairs in a group, or all alike." if left else "")
    )
