"""The rules that turn a recomputed value into the verdict of a claim; docs/claims.md gives their reasons."""

from typing import Final, Literal

from modelkin.errors import InputError
from reports.claims.catalogue import BOUNDS, COUNTS, EQUALS
from reports.claims.claim import Claim
from reports.claims.groups import Group, Measured, short

Verdict = Literal["reproduced", "not_reproduced", "not_testable"]
VERDICTS: Final[tuple[Verdict, ...]] = ("reproduced", "not_reproduced", "not_testable")

EPSILON: Final = 1e-9
"""What floating point may add to a half unit of the last published digit."""


def tolerance(claim: Claim) -> float | None:
    """Return half a unit of the last published digit; None where a bound is compared or a sentence judged."""
    if claim.comparator not in EQUALS or claim.decimals is None:
        return None
    return 0.5 * 10.0**-claim.decimals


def judge(claim: Claim, measured: Measured) -> tuple[Verdict, str]:
    """Return the verdict and the first sentence of its note."""
    if measured.value is None:
        return "not_testable", f"Not testable: {measured.why_not}."
    if claim.comparator == "holds":
        if measured.holds is None:
            raise InputError(f"seeds/published_claims.csv: {claim.statistic} of {claim.claim_id} judges no sentence.")
        return ("reproduced", "It holds.") if measured.holds else ("not_reproduced", "It is not supported.")
    if measured.holds is not None:
        raise InputError(
            f"seeds/published_claims.csv: {claim.statistic} of {claim.claim_id} gives no number to compare."
        )
    if (allowed := tolerance(claim)) is not None:
        return _by_rounding(claim, measured, measured.value, allowed)
    return _by_bound(claim, measured.value)


def _by_rounding(claim: Claim, measured: Measured, value: float, allowed: float) -> tuple[Verdict, str]:
    published = claim.published_value or 0.0
    ours = f"{value:.0f}" if claim.statistic in COUNTS else f"{value:.6g}"
    if abs(value - published) <= allowed + EPSILON:
        return "reproduced", f"We find {ours}."
    if claim.rounded_inputs is not None and measured.inputs:
        first, second = (round(number, claim.rounded_inputs) for number in measured.inputs)
        if second and abs(first / second - published) <= allowed + EPSILON:
            return "reproduced", (
                f"Reproduced only from means rounded to {claim.rounded_inputs} decimals "
                f"({first:.{claim.rounded_inputs}f} / {second:.{claim.rounded_inputs}f} = {first / second:.2f}); "
                f"unrounded it is {value:.2f}."
            )
    return "not_reproduced", (
        f"We find {ours}, off by {short(abs(value - published))}; rounding explains {short(allowed)} at most."
    )


def _by_bound(claim: Claim, value: float) -> tuple[Verdict, str]:
    words = f"We find {value:.4g}"
    if _lies(claim, value):
        return "reproduced", f"{words}."
    return "not_reproduced", f"{words}, which is not {claim.published_as}."


def _lies(claim: Claim, value: float) -> bool:
    """Tell whether ``value`` lies where the claim's comparator says; the ends of a range belong to it."""
    bound, upper = claim.published_value or 0.0, claim.published_upper
    if claim.comparator == "between":
        return upper is not None and bound - EPSILON <= value <= upper + EPSILON
    return value < bound - EPSILON if claim.comparator == "<" else value > bound + EPSILON


def single_pairs(claim: Claim, group: Group) -> str:
    """Say how many single pairs lie where a claim about a mean says; empty for other claims."""
    if claim.statistic != "mean" or claim.comparator not in BOUNDS:
        return ""
    count = sum(_lies(claim, float(value)) for value in group.valid)
    return f"Of the single pairs {count} of {group.valid.size} are {claim.published_as}."


def caution(claim: Claim, measured: Measured) -> str:
    """Say that a group holds one pair; empty for other groups and for counts."""
    if claim.statistic in COUNTS or claim.statistic == "overlap":
        return ""
    if 1 in (measured.n, measured.n_versus):
        return "A group of this claim holds one pair: the figure is that pair's and tells nothing of a group."
    return ""
