"""What is to be said of many models at once, by the same rules as of one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from modelkin.answer.fingerprints import Candidate, judge
from modelkin.answer.verdicts import Edge, Told, tell
from modelkin.builds import tables_in

_ASKED: Final = "select lower(unnest($1::varchar[]))"
_EDGES: Final = """
    select
        lower(model_id), parent_model_id, is_declared, verdict, by_weights, by_fingerprint, confidence,
        nearest_model_id, reason, p_value, p_holm
    from stats.lineage_verdicts
    where lower(model_id) in ({asked})
    order by is_declared desc, confidence desc nulls last, parent_model_id
"""
_PARENTS: Final = """
    select lower(child_model_id), parent_model_id
    from marts.fct_lineage_edges where lower(child_model_id) in ({asked}) order by 1, 2
"""
_CANDIDATES: Final = """
    select lower(derived_model_id), study_id, candidate_base_id, rank, score, overlap_ratio
    from marts.mart_lineage_candidates
    where rank = 1 or lower(derived_model_id) in ({asked})
    order by study_id, rank
"""
_COMPARED: Final = """
    select distinct lower(unnest([model_id, other_model_id])) from marts.fct_weight_kinships
"""


def tell_all(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, Told]:
    """Return what is to be said of each of the models ``ids``, by its id in lower case.

    It is what `modelkin check` says of them one by one.
    """
    tables = tables_in(connection)

    def rows(table: str, sql: str) -> list[tuple[object, ...]]:
        if table not in tables:
            return []
        parameters = [list(ids)] if "{asked}" in sql else []
        return connection.execute(sql.format(asked=_ASKED), parameters).fetchall()

    judged: defaultdict[str, list[Edge]] = defaultdict(list)
    for model, *edge in rows("stats.lineage_verdicts", _EDGES):
        judged[str(model)].append(Edge(*edge))  # type: ignore[arg-type]
    candidates: defaultdict[str, list[Candidate]] = defaultdict(list)
    for model, *candidate in rows("marts.mart_lineage_candidates", _CANDIDATES):
        candidates[str(model)].append(Candidate(*candidate))  # type: ignore[arg-type]
    for model, parent in rows("marts.fct_lineage_edges", _PARENTS):
        if not any(edge.parent_id.lower() == str(parent).lower() for edge in judged[str(model)]):
            judged[str(model)].append(judged_by_fingerprint(str(parent), candidates, str(model)))
    compared = {str(model) for (model,) in rows("marts.fct_weight_kinships", _COMPARED)}
    return {
        model: tell(judged[model], is_compared=model in compared or bool(candidates[model]))
        for model in (model_id.lower() for model_id in ids)
    }


def judged_by_fingerprint(parent_id: str, candidates: Mapping[str, Sequence[Candidate]], model: str) -> Edge:
    """Return the verdict of fingerprints alone on a declared parent; ``candidates`` has those of both models."""
    found = judge(candidates.get(model, ()), candidates.get(parent_id.lower(), ()), parent_id)
    return Edge(
        parent_id,
        is_declared=True,
        verdict=found.verdict,
        by_weights="not_testable",
        by_fingerprint=found.verdict,
        nearest_id=found.nearest_id,
        reason=found.reason,
    )
