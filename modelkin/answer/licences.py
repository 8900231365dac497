"""What became of a licence along the way from the models that one descends from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

OUTCOMES: Final = ("in_conflict", "dropped", "unknown", "changed", "kept")
"""What a model makes of an ancestor's licence, the gravest first; the mart mart_license_verdicts has the same order.

What is not known comes before what is allowed: it is never taken for permission.
"""


@dataclass(frozen=True)
class Licensed:
    """A model with its licence. ``license`` is None where none is stated; ``is_known`` says whether that was seen."""

    model_id: str
    distance: int
    license: str | None
    is_known: bool
    strictness: int | None = None
    has_license_file: bool | None = None
    is_measured: bool = False
    """Whether a measurement, and no declaration, says that the model descends from it."""
    outcome: str | None = None
    """What the model asked about makes of this licence; None for the model itself."""
    rule: str | None = None
    """The rule of the seed license_rules that says so."""
    reason: str | None = None
    """Why, in one sentence."""

    @property
    def stated(self) -> str:
        """The licence as the marts name it: ``none`` where none is stated, ``unknown`` where that was not seen."""
        return (self.license or "none") if self.is_known else "unknown"


def gravest(chain: Sequence[Licensed]) -> Licensed | None:
    """Return the nearest of those with the gravest outcome along a chain; None for a model without known ancestors."""
    ranked = [one for one in chain if one.outcome is not None]
    return min(ranked, key=lambda one: OUTCOMES.index(one.outcome or ""), default=None)
