"""What a question gives: drafts of rows, which await correction and verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from numpy.typing import ArrayLike

from reports.significance import power
from reports.significance.outcomes import Effect, Floats, Outcome
from reports.significance.verdicts import Rule, TestRule

ACROSS_FAMILIES: Final = "all families"
STUDY: Final = "study"
SWEEP: Final = "sweep"

TwoSample = Callable[[ArrayLike, ArrayLike], Outcome]
TwoSampleEffect = Callable[[ArrayLike, ArrayLike], Effect]


@dataclass(frozen=True)
class Draft:
    """A row before correction and verdict; ``fact`` says in plain words what was found."""

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
    correction_family: str = STUDY

    @property
    def why_not(self) -> str:
        """Why the row can have no verdict; empty when it can."""
        return self.outcome.why_not or (self.effect.why_not if self.effect.value is None else "")


def slug(text: str) -> str:
    """Return ``text`` as a part of a test id; ``/`` becomes ``--``, which no model id can hold."""
    plain = text.strip().lower().replace("/", "--")
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in plain)


def shares_rule(direction: str, n_a: int, n_b: int) -> TestRule:
    """Return the rule for a difference of two shares."""
    chance = power.power_shares(power.MEDIUM_H, n_a, n_b)
    return TestRule(0.0, "above" if direction == "above" else "either", chance, "a medium difference (h 0.5)")


def mean_text(values: Floats) -> str:
    """Return the mean to four digits."""
    return short(float(values.mean())) if values.size else "unknown"


def sd_text(values: Floats) -> str:
    """Return the standard deviation to four digits."""
    return short(float(values.std(ddof=1))) if values.size > 1 else "unknown"


def short(value: float | None) -> str:
    """Return a number to four digits."""
    return "unknown" if value is None else f"{value:.4g}"
