"""What fingerprints alone say of a declared parent, where no weights were compared.

Only models that wrote prompts can be recognised as a base by its fingerprint, and those are few in most studies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LEAST_SCORE: Final = 0.15
"""Score of `mart_lineage_candidates` from which a candidate counts as kin: 0 is what chance gives. In the demo,
strangers stay below 0.1 and the least relative reaches 0.27."""


@dataclass(frozen=True)
class Candidate:
    """A model that wrote prompts, and how much of its fingerprint the model asked about keeps beyond chance."""

    study_id: str
    model_id: str
    rank: int
    score: float
    overlap_ratio: float | None

    @property
    def is_kin(self) -> bool:
        """Whether they share more than strangers do."""
        return self.score >= LEAST_SCORE


@dataclass(frozen=True)
class Finding:
    """A verdict by fingerprint, with the nearer model or the reason where there is one."""

    verdict: str
    nearest_id: str | None = None
    reason: str | None = None


def judge(own: Sequence[Candidate], parents: Sequence[Candidate], parent_id: str) -> Finding:
    """Return what fingerprints say of a declared parent, from the candidates of the model and those of the parent."""
    if not own:
        return _untested("neither its weights nor its fingerprint were compared with others.")
    nearest = _nearest(own)
    declared = next((one for one in own if one.model_id.lower() == parent_id.lower()), None)
    if not nearest.is_kin:
        return _untested(f"in the study {nearest.study_id} it shares no more with any base than chance gives.")
    if declared is None:
        return _judge_by_the_parents_kin(nearest, parents, parent_id)
    if declared.rank == 1:
        return Finding("confirmed")
    return Finding("nearer_parent" if declared.is_kin else "contradicted", nearest.model_id)


def _judge_by_the_parents_kin(nearest: Candidate, parents: Sequence[Candidate], parent_id: str) -> Finding:
    """Judge a parent that wrote no prompts: where the two are kin of different bases, they are not of one family."""
    above = _nearest(parents) if parents else None
    if above is None or not above.is_kin:
        return _untested(f"its weights were not compared, and {parent_id} wrote no prompts.")
    if above.model_id.lower() != nearest.model_id.lower():
        return Finding("contradicted", nearest.model_id)
    return _untested(
        f"both are kin of {nearest.model_id} by their fingerprints, but {parent_id} wrote no prompts "
        "and no weights were compared."
    )


def _nearest(candidates: Sequence[Candidate]) -> Candidate:
    return min(candidates, key=lambda one: (one.rank, one.study_id))


def _untested(reason: str) -> Finding:
    return Finding("not_testable", reason=reason)
