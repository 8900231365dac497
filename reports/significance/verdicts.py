"""The rules that turn a tested question into a verdict; docs/statistics.md gives their reasons and sources."""

from dataclasses import dataclass
from typing import Final, Literal

from reports.significance.outcomes import Effect
from reports.significance.power import ALPHA, TARGET_POWER

VerdictName = Literal["supported", "not_supported", "underpowered", "not_testable"]
Direction = Literal["above", "below", "either"]

VERDICTS: Final[tuple[VerdictName, ...]] = ("supported", "not_supported", "underpowered", "not_testable")
"""The four verdicts in the order of a report."""

SMALLEST_GROUP: Final = 5
"""With fewer values in a group there is no verdict for or against, whatever the p."""

AUC_TARGET: Final = 0.9
"""Discrimination is called outstanding from here on (Hosmer, Lemeshow and Sturdivant 2013, page 177)."""

TPR_TARGET: Final = 0.8
"""The share of same pairs that has to be found; the project's own choice."""

ERROR_TARGET: Final = 0.05
"""The error rate that has to be stayed under; the project's own choice."""


@dataclass(frozen=True)
class Verdict:
    """A verdict and the reason for it, in plain words."""

    verdict: VerdictName
    reason: str


@dataclass(frozen=True)
class TestRule:
    """Judge by a corrected p: the effect lies on one side of ``null``.

    ``power`` is the power at the present n for the benchmark effect that ``benchmark`` names.
    """

    null: float
    direction: Direction
    power: float
    benchmark: str

    __test__ = False


@dataclass(frozen=True)
class IntervalRule:
    """Judge by an interval: the effect lies beyond ``target``.

    ``too_coarse`` says why this n cannot show it in any case; empty when it can.
    """

    target: float
    direction: Literal["above", "below"]
    too_coarse: str = ""


@dataclass(frozen=True)
class EnoughRule:
    """Judge whether the study has the ``needed`` values; None when no number would do."""

    needed: int | None
    present: float


Rule = TestRule | IntervalRule | EnoughRule


def decide(
    rule: Rule, *, effect: Effect, p_value: float | None, p_holm: float | None, n_a: int, n_b: int, why_not: str = ""
) -> Verdict:
    """Return the verdict of ``rule`` for one row.

    ``why_not`` is the reason why the test or estimate could not be computed; empty when it could.
    """
    if why_not:
        return Verdict("not_testable", f"Not testable: {why_not}.")
    if isinstance(rule, EnoughRule):
        return _by_enough(rule)
    if isinstance(rule, IntervalRule):
        return _by_interval(rule, effect.ci_low, effect.ci_high, min(n_a, n_b))
    if p_value is None or p_holm is None:
        return Verdict("not_testable", "Not testable: the test gives no p for these values.")
    return _by_test(rule, effect, p_value, p_holm, min(n_a, n_b))


def _by_test(rule: TestRule, effect: Effect, p_value: float, p_holm: float, n: int) -> Verdict:
    alone = f"p {_p(p_value)}, corrected {_p(p_holm)}"
    if n < SMALLEST_GROUP:
        return _too_few(n)
    if p_value > ALPHA:
        return _not_significant(rule, alone)
    if rule.direction not in ("either", _side(effect, rule.null)):
        return Verdict("not_supported", f"The effect points the other way ({alone}).")
    if p_holm > ALPHA:
        return Verdict("underpowered", f"Significant alone, but not among so many tests ({alone}): not settled.")
    if _holds(effect, rule.null):
        return Verdict("underpowered", f"Significant ({alone}), but the interval holds {rule.null:g}, no effect.")
    return Verdict("supported", f"Significant ({alone}).")


def _not_significant(rule: TestRule, alone: str) -> Verdict:
    if rule.power >= TARGET_POWER:
        found = f"though {rule.benchmark} would be found {rule.power:.0%} of the time"
        return Verdict("not_supported", f"Not significant ({alone}), {found}.")
    found = f"and {rule.benchmark} would be found only {rule.power:.0%} of the time at this n"
    return Verdict("underpowered", f"Not significant ({alone}), {found}.")


def _too_few(n: int) -> Verdict:
    return Verdict("underpowered", f"The smaller group has {n}; below {SMALLEST_GROUP} there is no verdict.")


def _by_interval(rule: IntervalRule, low: float | None, high: float | None, n: int) -> Verdict:
    if low is None or high is None:
        return Verdict("not_testable", "Not testable: there is no interval to judge by.")
    if n < SMALLEST_GROUP:
        return _too_few(n)
    if rule.too_coarse:
        return Verdict("underpowered", rule.too_coarse)
    beyond = low >= rule.target if rule.direction == "above" else high <= rule.target
    short = high < rule.target if rule.direction == "above" else low > rule.target
    if beyond:
        return Verdict("supported", f"The whole interval is {rule.direction} {rule.target:g}.")
    if short:
        return Verdict("not_supported", f"No part of the interval is {rule.direction} {rule.target:g}.")
    return Verdict("underpowered", f"The interval holds {rule.target:g}: too few pairs to tell.")


def _by_enough(rule: EnoughRule) -> Verdict:
    if rule.needed is None:
        return Verdict("not_testable", "Not testable: the effect is so near to none that no study would find it.")
    verdict: VerdictName = "supported" if rule.present >= rule.needed else "underpowered"
    return Verdict(verdict, f"{rule.needed:,} are needed, there are {rule.present:,.0f}.")


def _side(effect: Effect, null: float) -> Direction:
    value = null if effect.value is None else effect.value
    return "above" if value > null else "below" if value < null else "either"


def _holds(effect: Effect, null: float) -> bool:
    return effect.ci_low is not None and effect.ci_high is not None and effect.ci_low <= null <= effect.ci_high


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"
