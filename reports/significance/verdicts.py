"""The rules that turn a tested question into a verdict; docs/statistics.md gives their reasons and sources.

A verdict is read off the row alone: its corrected p, its interval, its margin and its n.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from reports.significance.outcomes import Effect
from reports.significance.power import ALPHA, matched_n

VerdictName = Literal["supported", "contradicted", "no_difference", "not_settled", "underpowered", "not_testable"]
Direction = Literal["above", "below", "either"]

VERDICTS: Final[tuple[VerdictName, ...]] = (
    "supported",
    "contradicted",
    "no_difference",
    "not_settled",
    "underpowered",
    "not_testable",
)
"""The verdicts in the order of a report."""

SMALLEST_GROUP: Final = 5
"""With fewer values in a group there is no verdict for or against, whatever the p."""

AUC_TARGET: Final = 0.9
"""Discrimination is called outstanding from here on (Hosmer, Lemeshow and Sturdivant 2013, page 177)."""

TPR_TARGET: Final = 0.8
"""The share of same pairs that has to be found; the project's own choice."""

ERROR_TARGET: Final = 0.05
"""The error rate that has to be stayed under; the project's own choice."""

MARGINS: Final[Mapping[str, tuple[float, float]]] = {
    "hedges_g": (-0.2, 0.2),
    "cliffs_delta": (-0.147, 0.147),
    "spearman_rho": (-0.1, 0.1),
    "kendall_tau": (-0.1, 0.1),
    "pearson_r": (-0.1, 0.1),
    "ratio_of_means": (0.8, 1.25),
    "ratio_of_sds": (0.8, 1.25),
    "difference_of_means": (-0.05, 0.05),
    "difference_of_shares": (-0.05, 0.05),
}
"""Between these bounds an effect makes no difference. Hedges' g and correlations: less than small (Cohen 1988);
Cliff's delta: negligible (Romano and others 2006); ratios: the bounds of bioequivalence; differences: the project's own
choice, 0.05 of an overlap or of a share."""


@dataclass(frozen=True)
class Verdict:
    """A verdict and the reason for it, in plain words."""

    verdict: VerdictName
    reason: str


@dataclass(frozen=True)
class TestRule:
    """Judge by a corrected p and the interval: the effect lies on one side of ``null``.

    ``needed`` is the n that each group needs for a power of 80 % to find ``benchmark``, an effect fixed beforehand;
    ``unit`` is what is counted.
    """

    null: float
    direction: Direction
    needed: int | None
    benchmark: str
    margin: tuple[float, float] | None
    unit: str = "pairs in each group"

    __test__ = False


@dataclass(frozen=True)
class IntervalRule:
    """Judge by an interval alone: the effect lies beyond ``target``.

    ``needed`` is the n that each group needs for an interval narrow enough to judge by. ``too_coarse`` says why this
    n cannot show it in any case; empty when it can.
    """

    target: float
    direction: Literal["above", "below"]
    needed: int
    too_coarse: str = ""
    unit: str = "pairs in each group"


@dataclass(frozen=True)
class EnoughRule:
    """Judge whether the study has the ``needed`` values; None when no number would do."""

    needed: int | None
    present: float


Rule = TestRule | IntervalRule | EnoughRule


@dataclass(frozen=True)
class Evidence:
    """What a rule judges by.

    ``n`` is what counts against the rule's ``needed``; ``smallest`` the smaller group; ``least_holm`` the smallest
    corrected p that the test could give.
    """

    effect: Effect
    p_value: float | None
    p_holm: float | None
    n: float
    smallest: int
    least_holm: float = 0.0

    @classmethod
    def of_groups(
        cls, effect: Effect, p_value: float | None, p_holm: float | None, n_a: int, n_b: int, *, least_holm: float = 0.0
    ) -> "Evidence":
        """Return the evidence of two groups, which count as their harmonic mean."""
        return cls(effect, p_value, p_holm, matched_n(n_a, n_b), min(n_a, n_b), least_holm)


def decide(rule: Rule, evidence: Evidence, *, why_not: str = "") -> Verdict:
    """Return the verdict of ``rule`` for one row.

    ``why_not`` is the reason why the test or estimate could not be computed; empty when it could.
    """
    if why_not:
        return Verdict("not_testable", f"Not testable: {why_not}.")
    if isinstance(rule, EnoughRule):
        return _by_enough(rule)
    if isinstance(rule, IntervalRule):
        return _by_interval(rule, evidence)
    if evidence.p_value is None or evidence.p_holm is None:
        return Verdict("not_testable", "Not testable: the test gives no p for these values.")
    return _by_test(rule, evidence, evidence.p_value, evidence.p_holm)


def _by_test(rule: TestRule, evidence: Evidence, p_value: float, p_holm: float) -> Verdict:
    found = f"p {_p(p_value)}, corrected {_p(p_holm)}"
    effect = evidence.effect
    if evidence.smallest < SMALLEST_GROUP:
        return _too_few(rule, evidence)
    if p_holm <= ALPHA:
        if holds(effect, rule.null):
            return Verdict("not_settled", f"Significant ({found}), but the interval holds {rule.null:g}, no effect.")
        if rule.direction not in ("either", _side(effect, rule.null)):
            return Verdict("contradicted", f"The effect is significant and points the other way ({found}).")
        small = " The whole interval lies within the margin: so small an effect makes no difference."
        return Verdict("supported", f"Significant ({found}).{small if _within(effect, rule.margin) else ''}")
    return _not_significant(rule, evidence, found, is_alone=p_value <= ALPHA)


def _not_significant(rule: TestRule, evidence: Evidence, found: str, *, is_alone: bool) -> Verdict:
    if _within(evidence.effect, rule.margin):
        low, high = rule.margin or (rule.null, rule.null)
        return Verdict(
            "no_difference", f"The whole interval lies within {low:g} to {high:g}, which makes no difference ({found})."
        )
    if rule.needed is None or evidence.n < rule.needed:
        return _underpowered(rule, evidence, f"Not significant ({found})")
    if evidence.least_holm > ALPHA:
        return Verdict(
            "underpowered",
            f"Not significant ({found}); among so many tests even the clearest result of these groups could not be. "
            f"{_needed(rule)}",
        )
    if is_alone:
        return Verdict("not_settled", f"Significant alone, but not among so many tests ({found}).")
    return Verdict("not_settled", f"Not significant ({found}), and the interval is too wide to call it no difference.")


def _underpowered(rule: TestRule, evidence: Evidence, found: str) -> Verdict:
    count = f"{evidence.n:,.0f}" if evidence.n >= 10 else f"{evidence.n:.3g}"
    return Verdict("underpowered", f"{found}. {_needed(rule)} There are {count}.")


def _needed(rule: TestRule | IntervalRule) -> str:
    if rule.needed is None:
        return "No number of pairs would do."
    what = f"To find {rule.benchmark} four times in five" if isinstance(rule, TestRule) else "To judge"
    return f"{what} it needs {rule.needed:,} {rule.unit}."


def _too_few(rule: TestRule | IntervalRule, evidence: Evidence) -> Verdict:
    few = f"The smaller group has {evidence.smallest}; below {SMALLEST_GROUP} there is no verdict."
    return Verdict("underpowered", f"{few} {_needed(rule)}")


def _by_interval(rule: IntervalRule, evidence: Evidence) -> Verdict:
    low, high = evidence.effect.ci_low, evidence.effect.ci_high
    if low is None or high is None:
        return Verdict("not_testable", "Not testable: there is no interval to judge by.")
    if evidence.smallest < SMALLEST_GROUP:
        return _too_few(rule, evidence)
    return _by_bounds(rule, evidence, low, high)


def _by_bounds(rule: IntervalRule, evidence: Evidence, low: float, high: float) -> Verdict:
    if rule.too_coarse:
        return Verdict("underpowered", f"{rule.too_coarse} {_needed(rule)}")
    beyond = low >= rule.target if rule.direction == "above" else high <= rule.target
    short = high < rule.target if rule.direction == "above" else low > rule.target
    if beyond:
        return Verdict("supported", f"The whole interval is {rule.direction} {rule.target:g}.")
    if short:
        return Verdict("contradicted", f"No part of the interval is {rule.direction} {rule.target:g}.")
    if evidence.n < rule.needed:
        return Verdict("underpowered", f"The interval holds {rule.target:g}. {_needed(rule)}")
    return Verdict("not_settled", f"The interval holds {rule.target:g}, though there are pairs enough.")


def _by_enough(rule: EnoughRule) -> Verdict:
    if rule.needed is None:
        return Verdict("not_testable", "Not testable: the effect is so near to none that no study would find it.")
    verdict: VerdictName = "supported" if rule.present >= rule.needed else "underpowered"
    return Verdict(verdict, f"{rule.needed:,} are needed, there are {rule.present:,.0f}.")


def holds(effect: Effect, null: float) -> bool:
    """Tell whether the interval of ``effect`` holds ``null``; false where it has none."""
    return effect.ci_low is not None and effect.ci_high is not None and effect.ci_low <= null <= effect.ci_high


def _within(effect: Effect, margin: tuple[float, float] | None) -> bool:
    """Tell whether the whole interval lies inside the margin (two one-sided tests at 2.5 %)."""
    if margin is None or effect.ci_low is None or effect.ci_high is None:
        return False
    return margin[0] <= effect.ci_low and effect.ci_high <= margin[1]


def _side(effect: Effect, null: float) -> Direction:
    value = null if effect.value is None else effect.value
    return "above" if value > null else "below" if value < null else "either"


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"
