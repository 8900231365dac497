"""What was found out about edges: false and missing declarations, copies, merges with their recipes."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from modelkin.answer.verdicts import Edge, sentence, tell
from reports.site.page import Material, Page
from reports.site.words import N_

ON_HOME: Final = 4
"""Models that the first page tells of."""


@dataclass(frozen=True)
class Found:
    """A model, and the sentence of `modelkin check` about it in the reader's language."""

    model_id: str
    verdict: str
    sentence: str


def found(m: Material) -> tuple[Found, ...]:
    """Return the models whose declared lineage is false or lacks a parent, the surest first."""
    rows = m.site["edges"]["found"].rows
    told = []
    for model_id, group in groupby(rows, key=lambda row: row["model_id"]):
        edges = [
            Edge(
                parent_id=row["parent_model_id"],
                is_declared=row["is_declared"],
                verdict=row["verdict"],
                by_weights=row["by_weights"],
                by_fingerprint=row["by_fingerprint"],
                confidence=row["confidence"],
                nearest_id=row["nearest_model_id"],
                reason=row["reason"],
            )
            for row in group
        ]
        one = tell(edges, is_compared=True)
        told.append(Found(model_id, one.verdict, sentence(one, model_id, m.translate)))
    return tuple(told)


def context(m: Material) -> Mapping[str, Any]:
    """Return the models with a false or missing declaration."""
    return {"found": found(m)}


PAGE = Page(title=N_("Edges"), group="explore", order=2, context=context)
