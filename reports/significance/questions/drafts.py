"""What a question gives: drafts of rows, which await correction and verdict."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from numpy.typing import ArrayLike

from reports.significance import power
from reports.significance.outcomes import Effect, Floats, Outcome
from reports.significance.pooling import Estimate, Pooled
from reports.significance.verdicts import MARGINS, SMALLEST_GROUP, Direction, Rule, TestRule

ACROSS_FAMILIES: Final = "all families"

PRIMARY: Final = "primary"
ROBUSTNESS: Final = "robustness"
POOLED: Final = "pooled"
SWEEP: Final = "sweep"
"""The kinds of families of hypotheses."""

UNDOUBTED: Final = "undoubted"
"""The scope, or the end of one, that leaves disputed and suspect pairs out."""

TwoSample = Callable[[ArrayLike, ArrayLike], Outcome]
TwoSampleEffect = Callable[[ArrayLike, ArrayLike], Effect]


@dataclass(frozen=True)
class Draft:
    """A row before correction and verdict; ``fact`` says in plain words what was found.

    ``is_primary`` marks the one test that answers its question for its family. ``estimate`` is what it gives to the
    answer over all families, None where it gives nothing. ``single_family`` names a correction within one family.
    """

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
    is_primary: bool = False
    estimate: Estimate | None = None
    is_over_families: bool = False
    n_families: int | None = None
    pooled: Pooled | None = None
    single_family: str = ""

    @property
    def correction_family(self) -> str:
        """The family of hypotheses that the row is corrected in; docs/statistics.md gives the reasons."""
        if self.is_over_families:
            return POOLED if self.is_primary else f"{POOLED}/{self.scope}"
        if self.single_family:
            return self.single_family
        if self.is_primary:
            return f"{PRIMARY}/{self.question}"
        return f"{ROBUSTNESS}/{self.question}/{self.scope}/{self.outcome.test_name}"

    @property
    def why_not(self) -> str:
        """Why the row can have no verdict; empty when it can."""
        return self.outcome.why_not or (self.effect.why_not if self.effect.value is None else "")


def slug(text: str) -> str:
    """Return ``text`` as a part of a test id; ``/`` becomes ``--``, which no model id can hold."""
    plain = text.strip().lower().replace("/", "--")
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in plain)


def location_rule(effect_name: str, direction: Direction, d: float, *, efficiency: float = 1.0) -> TestRule:
    """Return the rule for a difference of two groups; ``efficiency`` is that of the test against t."""
    size = "large" if d == power.LARGE_D else "medium"
    null = 1.0 if effect_name.startswith("ratio") else 0.0
    needed = power.n_for_t(d)
    return TestRule(
        null,
        direction,
        None if needed is None else math.ceil(needed / efficiency),
        f"a {size} difference (d {d:g})",
        MARGINS.get(effect_name),
    )


def spread_rule(direction: Direction) -> TestRule:
    """Return the rule for a ratio of two deviations."""
    needed = power.n_for_sd_ratio(power.SD_RATIO)
    benchmark = f"deviations apart by half (ratio {power.SD_RATIO:g})"
    return TestRule(1.0, direction, needed, benchmark, MARGINS["ratio_of_sds"])


def shares_rule(direction: Direction) -> TestRule:
    """Return the rule for a difference of two shares."""
    needed = power.n_for_shares(power.MEDIUM_H)
    return TestRule(0.0, direction, needed, "a medium difference (h 0.5)", MARGINS["difference_of_shares"])


def correlation_rule(effect_name: str, efficiency: float) -> TestRule:
    """Return the rule for a correlation; ``efficiency`` is that of the coefficient against Pearson's."""
    needed = power.n_for_correlation(power.MEDIUM_R)
    return TestRule(
        0.0,
        "either",
        None if needed is None else math.ceil(needed / efficiency),
        "a medium correlation (r 0.3)",
        MARGINS[effect_name],
        unit="pairs",
    )


def undoubted_scope(scope: str) -> str:
    """Return the scope that leaves disputed and suspect pairs out of ``scope``."""
    return UNDOUBTED if scope == "all" else f"{scope}_{UNDOUBTED}"


def enough(n_a: int, n_b: int, estimate: Estimate | None) -> Estimate | None:
    """Return ``estimate`` if the groups are large enough for it to count in the answer over all families."""
    return estimate if min(n_a, n_b) >= SMALLEST_GROUP else None


def mean_text(values: Floats) -> str:
    """Return the mean to four digits."""
    return short(float(values.mean())) if values.size else "unknown"


def sd_text(values: Floats) -> str:
    """Return the standard deviation to four digits."""
    return short(float(values.std(ddof=1))) if values.size > 1 else "unknown"


def short(value: float | None) -> str:
    """Return a number to four digits."""
    return "unknown" if value is None else f"{value:.4g}"
