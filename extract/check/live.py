"""Check a model on the Hub that nobody observed yet: sketch it, and compare it with every sketch of the warehouse.

Two sketches tell whether two models are kin, and how far they lie apart. Who came first is told by the dates alone
here: the tree over the whole family, which knows more, is made by `modelkin test` from models of the warehouse.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from extract.check.sketches import sketch_of, stored_sketches
from extract.hub.client import endpoint
from extract.hub.show import live_model
from extract.overlap.hub_files import HubFiles
from extract.weights.comparing import Sketch, screen
from extract.weights.comparing_pairs import Prepared, compare_closely
from extract.weights.reading import sketch_model
from modelkin.answer.answer import Answer, Kin, Parent
from modelkin.answer.verdicts import Edge, tell, tell_against
from modelkin.builds import tables_in
from modelkin.corrections import holm
from modelkin.database import connect
from modelkin.errors import HubError, WarehouseError
from modelkin.folders import cache_root

SAME: Final = 1e-6
"""Models that lie no farther apart than this are copies of each other."""
THREADS: Final = 8

_RULES: Final = (
    "select cast(vars ->> 'kinship_p_below' as double), cast(vars ->> 'kinship_correlation_from' as double) "
    "from marts.fct_builds order by built_at desc, build_id desc limit 1"
)
_CREATED: Final = "select lower(model_id), created_at from marts.dim_models where created_at is not null"


@dataclass(frozen=True)
class _Compared:
    """The model's comparison with one of the warehouse."""

    model_id: str
    correlation: float
    p_value: float
    p_holm: float
    share_equal: float
    distance: float | None
    is_kin: bool

    def as_kin(self) -> Kin:
        kind = "copy" if self.distance is not None and self.distance <= SAME else None
        return Kin(self.model_id, kind, self.share_equal, self.distance, self.correlation, self.p_value, self.p_holm)


def live_answer(path: Path, model_id: str, against: str | None = None) -> Answer:
    """Return the answer for a model as the Hub has it now, against all sketches of the warehouse at ``path``.

    Raises HubError when the Hub does not tell of the model.
    """
    known = live_model(model_id, path)
    hub = HubFiles(endpoint(), cache_root() / "models")
    with ThreadPoolExecutor(THREADS) as pool:
        weights = sketch_model(hub, pool, known.model_id, None)
    reasons = [f"{row['failure_reason']}: {row['failure_detail']}" for row in weights.files if row["failure_reason"]]
    if weights.sketches is None and any(reason.startswith("network") for reason in reasons):
        raise HubError(f"The weights of {known.model_id} could not be read ({reasons[0]}); run this again.")
    compared = []
    if weights.sketches is not None:
        compared = _compare(sketch_of(weights.sketches.to_pylist()), path)
    unknown = _unknown(weights.sketches is not None, reasons, len(compared))
    parents = [
        Parent(one["model_id"], one["relation"] or "finetune", one["declared_by"], is_observed=False)
        for one in known.parents
    ]
    if against is None:
        edges = _edges(parents, compared, _older(path, known.facts.get("created_at")), reasons)
        told = tell(edges, is_compared=bool(compared))
    else:
        edges = (edge_of(against, compared, reasons),)
        told = tell_against(edges[0])
    kin = tuple(one.as_kin() for one in compared if one.is_kin)
    return Answer(
        model_id=known.model_id,
        against=against,
        built_at=None,
        told=told,
        edges=edges,
        parents=tuple(parents),
        kin_by_weights=kin,
        copies=tuple(one.model_id for one in kin if one.change_kind == "copy"),
        unknown=tuple(unknown),
    )


def _compare(own: Sketch, path: Path) -> list[_Compared]:
    """Compare a sketch with all of the warehouse; return those that could be compared, the nearest first."""
    found: list[tuple[str, float, float, float, float | None]] = []
    prepared = Prepared(own)
    for batch in stored_sketches(path, own.model_id):
        seen = screen([own], batch)
        for number, other in enumerate(batch):
            p_value = float(seen.p_value[0, number])
            if np.isnan(p_value):
                continue
            best = float(np.nanmax([seen.correlation[0, number], seen.embedding_correlation[0, number]]))
            is_close = bool(seen.is_maybe_kin[0, number])
            distance = compare_closely(prepared, Prepared(other)).distance if is_close else None
            n_tensors = int(seen.n_tensors[0, number])
            equal = int(seen.n_equal[0, number]) / n_tensors if n_tensors else 0.0
            found.append((other.model_id, best, p_value, equal, distance))
    corrected = [p_holm for p_holm in holm([p_value for _, _, p_value, _, _ in found]) if p_holm is not None]
    p_below, correlation_from = _rules(path)
    compared = [
        _Compared(model, best, p_value, p_holm, equal, distance, p_holm < p_below and best >= correlation_from)
        for (model, best, p_value, equal, distance), p_holm in zip(found, corrected, strict=True)
    ]
    return sorted(compared, key=lambda one: (one.distance is None, one.distance or 0.0, one.model_id))


def _rules(path: Path) -> tuple[float, float]:
    """Return the p below which, and the correlation from which, the last build of the warehouse calls models kin."""
    with connect(path, read_only=True) as connection:
        rules = connection.execute(_RULES).fetchone() if "marts.fct_builds" in tables_in(connection) else None
    if rules is None or None in rules:
        raise WarehouseError(f"{path} does not say which models it calls kin; run `modelkin build` first.")
    return (float(rules[0]), float(rules[1]))


def _edges(
    parents: Sequence[Parent], compared: Sequence[_Compared], older: set[str], reasons: Sequence[str]
) -> tuple[Edge, ...]:
    """Return what was found out about each declared parent; where none is declared, about the nearest elder kin."""
    if parents:
        return tuple(edge_of(parent.model_id, compared, reasons) for parent in parents)
    # Kin that is younger may well be a descendant.
    elder = next((one for one in compared if one.is_kin and one.model_id.lower() in older), None)
    if elder is None:
        return ()
    found = Edge(elder.model_id, is_declared=False, verdict="undeclared", by_weights="undeclared")
    return (replace(found, p_value=elder.p_value, p_holm=elder.p_holm),)


def edge_of(parent_id: str, compared: Sequence[_Compared], reasons: Sequence[str] = ()) -> Edge:
    """Return what the weights say of one declared parent; of models equally near, the declared one is the nearest.

    ``reasons`` say why the model's own weights could not be read.
    """
    parent = next((one for one in compared if one.model_id.lower() == parent_id.lower()), None)
    kin = [one for one in compared if one.is_kin]
    if parent is None:
        missing = f"the warehouse has no sketch of {parent_id} that could be compared with it."
        reason = f"its weights could not be read ({reasons[0]})." if reasons and not compared else missing
        return Edge(parent_id, True, "not_testable", "not_testable", reason=reason)
    nearest = kin[0] if kin else None
    verdict = "contradicted"
    if parent.is_kin and nearest is not None:
        gap = (parent.distance or 0.0) - (nearest.distance or 0.0)
        verdict = "confirmed" if gap <= SAME else "nearer_parent"
    nearest_id = None if nearest is None or verdict == "confirmed" else nearest.model_id
    return Edge(parent_id, True, verdict, verdict, nearest_id=nearest_id, p_value=parent.p_value, p_holm=parent.p_holm)


def _older(path: Path, created: datetime | None) -> set[str]:
    """Return the models of the warehouse, in lower case, that were created before a moment; all if it is unknown."""
    with connect(path, read_only=True) as connection:
        if "marts.dim_models" not in tables_in(connection):
            return set()
        return {model for model, moment in connection.execute(_CREATED).fetchall() if not created or moment < created}


def _unknown(is_sketched: bool, reasons: Sequence[str], n_compared: int) -> list[str]:
    found = [f"Its weights could not be read ({reason})." for reason in reasons[:1]] if not is_sketched else []
    if is_sketched and not n_compared:
        found.append("No sketch of the warehouse could be compared with it.")
    found.append("Its fingerprint was not measured, and its licences were not looked at.")
    found.append("A parent that this warehouse does not hold cannot be found.")
    return found
