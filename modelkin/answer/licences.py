"""What became of a licence along the way from the models that one descends from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

OUTCOMES: Final = ("in_conflict", "dropped", "changed", "kept", "unknown")
"""What a model made of an ancestor's licence, the gravest first."""

_RESTRICTS: Final = 1
"""Licences stricter than this bind what is made from the model, as in mart_license_conflicts."""


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
    """What the model asked about made of this licence; None for the model itself."""


def outcome(own: Licensed, ancestor: Licensed) -> str:
    """Return what ``own`` made of the licence of ``ancestor``: one of OUTCOMES.

    A licence that is less strict than an ancestor's binding one is in conflict with it, and so is none at all.
    """
    if not own.is_known or not ancestor.is_known or ancestor.license is None:
        return "unknown"
    if own.license == ancestor.license:
        return "kept"
    is_binding = ancestor.strictness is not None and ancestor.strictness > _RESTRICTS
    if own.license is None:
        return "in_conflict" if is_binding else "dropped"
    if is_binding and own.strictness is not None and own.strictness < (ancestor.strictness or 0):
        return "in_conflict"
    return "changed"


def gravest(chain: Sequence[Licensed]) -> str | None:
    """Return the gravest outcome along a chain; None for a model without known ancestors."""
    found = {licensed.outcome for licensed in chain}
    return next((name for name in OUTCOMES if name in found), None)
