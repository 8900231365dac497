"""Reading the answer from the marts and stats of a warehouse: one connection, parameters in all SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import duckdb

from modelkin.answer.answer import Answer, Ingredient, Kin, Parent
from modelkin.answer.fingerprints import Candidate
from modelkin.answer.licences import Licensed
from modelkin.answer.telling import judged_by_fingerprint
from modelkin.answer.verdicts import Edge, tell, tell_against
from modelkin.builds import tables_in, tables_of_other_builds
from modelkin.database import connect
from modelkin.errors import UsageError, WarehouseError
from modelkin.near_ids import either, near_ids

VERDICTS: Final = "stats.lineage_verdicts"
KINSHIPS: Final = "marts.fct_weight_kinships"

_MODEL: Final = "select model_id, is_observed from marts.dim_models where lower(model_id) = lower(?)"
_BUILT_AT: Final = "select strftime(max(built_at), '%Y-%m-%dT%H:%M:%SZ') from marts.fct_builds"
_PARENTS: Final = """
    select parent_model_id, relation, declared_by, is_parent_observed
    from marts.fct_lineage_edges where lower(child_model_id) = lower(?) order by 1
"""
_EDGES: Final = """
    select
        parent_model_id, is_declared, verdict, by_weights, by_fingerprint, confidence, nearest_model_id, reason,
        p_value, p_holm
    from stats.lineage_verdicts where lower(model_id) = lower(?)
    order by is_declared desc, confidence desc nulls last, parent_model_id
"""
_KIN: Final = """
    select
        case when lower(model_id) = lower($1) then other_model_id else model_id end,
        change_kind, share_equal, distance, correlation, p_value, p_holm
    from marts.fct_weight_kinships
    where lower($1) in (lower(model_id), lower(other_model_id)) and is_kin
    order by distance nulls last, 1
"""
_N_COMPARED: Final = """
    select count(*) from marts.fct_weight_kinships where lower($1) in (lower(model_id), lower(other_model_id))
"""
_CANDIDATES: Final = """
    select study_id, candidate_base_id, rank, score, overlap_ratio
    from marts.mart_lineage_candidates where lower(derived_model_id) = lower(?)
    order by study_id, rank
"""
_FAILED: Final = """
    select distinct invalid_reason from marts.fct_overlaps
    where not is_valid and lower(derived_model_id) = lower(?) and invalid_reason is not null order by 1
"""
_TREE: Final = "select parent_model_id, copy_of from stats.weight_trees where lower(model_id) = lower(?)"
_PAIR: Final = """
    select is_kin, p_value, p_holm from marts.fct_weight_kinships
    where lower($1) in (lower(model_id), lower(other_model_id))
        and lower($2) in (lower(model_id), lower(other_model_id))
"""
_MAX_GENERATIONS: Final = 100
_MERGE: Final = """
    select parent_model_id, weight, method, residual
    from stats.merge_recipes where lower(merge_model_id) = lower(?) order by weight desc, 1
"""
_COPIES: Final = """
    select others.model_id
    from marts.mart_identical_weights as own
    inner join marts.mart_identical_weights as others on own.first_model_id = others.first_model_id
    where lower(own.model_id) = lower($1) and lower(others.model_id) <> lower($1)
    order by others.group_place
"""
_LICENCES: Final = """
    select models.model_id, chain.distance, models.license, models.is_license_known, licenses.strictness,
        models.has_license_file, false, chain.outcome, chain.rule, chain.reason
    from (
        select $1 as model_id, 0 as distance, null as outcome, null as rule, null as reason
        union all
        select ancestor_model_id, distance, outcome, rule, reason from marts.mart_license_chains
        where lower(model_id) = lower($1) and distance > 0
    ) as chain
    inner join marts.dim_models as models on lower(chain.model_id) = lower(models.model_id)
    left join marts.mart_licenses as licenses on models.license = licenses.license
    order by chain.distance, models.model_id
"""
# Of several licences every combination counts, as in mart_license_chains.
_COMPARED: Final = """
    with listed as (select distinct license from marts.mart_license_compatibility),
    ancestors as (
        select distinct coalesce(listed.license, 'unlisted') as license
        from unnest(string_split($1, ',')) as named(license) left join listed using (license)
    ),
    models as (
        select distinct coalesce(listed.license, 'unlisted') as license
        from unnest(string_split($2, ',')) as named(license) left join listed using (license)
    )
    select
        case when min(outcome) = max(outcome) then min(outcome) else 'unknown' end,
        case when min(outcome) = max(outcome) then min(rule) else 'several_licenses' end,
        case
            when min(outcome) = max(outcome) then min(reason)
            else 'Several licences are stated, under which the answers differ.'
        end
    from marts.mart_license_compatibility as pairs
    inner join ancestors on pairs.ancestor_license = ancestors.license
    inner join models on pairs.license = models.license
"""


def answer_of(path: Path, model_id: str, against: str | None = None) -> Answer:
    """Return the answer from the warehouse at ``path``.

    Raises UsageError for a model that it does not know, with similar ids, and WarehouseError without marts.
    """
    with connect(path, read_only=True) as connection:
        tables = tables_in(connection)
        if "marts.dim_models" not in tables:
            raise WarehouseError(f"The warehouse {path} has no marts yet; run `modelkin build`.")
        for wanted in filter(None, (model_id, against)):
            if connection.execute(_MODEL, [wanted]).fetchone() is None:
                near = near_ids(connection, tables, wanted)
                advice = f"did you mean {either(near)}?" if near else "check its name."
                raise UsageError(f"The warehouse {path} knows no model {wanted}; {advice}")
        try:
            return read_answer(connection, tables, model_id, against)
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise WarehouseError(
                f"The marts of {path} were built by an older version of Modelkin; run `modelkin build`."
            ) from error


def read_answer(
    connection: duckdb.DuckDBPyConnection, tables: set[str], model_id: str, against: str | None = None
) -> Answer:
    """Return the answer for a model that the marts know, or for it and one base alone.

    A warehouse without sketches of weights gives what the fingerprints say.
    """
    [(model_id, is_observed)] = connection.execute(_MODEL, [model_id]).fetchall()
    reader = _Reader(connection, tables, model_id)
    parents = tuple(Parent(*row) for row in reader.rows("marts.fct_lineage_edges", _PARENTS))
    candidates = tuple(Candidate(*row) for row in reader.rows("marts.mart_lineage_candidates", _CANDIDATES))
    kin = tuple(Kin(*row) for row in reader.rows(KINSHIPS, _KIN))
    n_compared = next(iter(reader.rows(KINSHIPS, _N_COMPARED)), (0,))[0]
    edges = tuple(reader.edges(parents, candidates))
    tree = next(iter(reader.rows("stats.weight_trees", _TREE)), (None, None))
    undeclared = (edge.parent_id for edge in edges if edge.verdict == "undeclared")
    nearest = tree[0] or next((edge.nearest_id for edge in edges if edge.nearest_id), next(undeclared, None))
    if against is not None:
        edges = (reader.edge_to(against, edges, candidates, nearest),)
    return Answer(
        model_id=model_id,
        against=against,
        built_at=next(iter(reader.rows("marts.fct_builds", _BUILT_AT, [])), (None,))[0],
        told=tell_against(edges[0]) if against else tell(edges, is_compared=bool(n_compared or candidates)),
        edges=edges,
        parents=parents,
        kin_by_weights=kin,
        kin_by_fingerprint=tuple(one for one in candidates if one.is_kin),
        measured_parent=nearest,
        merge=tuple(Ingredient(*row) for row in reader.rows("stats.merge_recipes", _MERGE)),
        copies=reader.copies(tree[1], kin),
        licences=reader.licences(nearest),
        unknown=tuple(reader.unknown(parents, candidates, n_compared, is_observed=is_observed)),
    )


class _Reader:
    """Reads what the tables that are there say of one model."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: set[str], model_id: str) -> None:
        self.connection = connection
        self.tables = tables
        self.model_id = model_id

    def rows(self, table: str, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query on ``table`` and tables of the same build; none where it is not there."""
        if table not in self.tables:
            return []
        return self.connection.execute(sql, [self.model_id] if parameters is None else parameters).fetchall()

    def edges(self, parents: Sequence[Parent], candidates: Sequence[Candidate]) -> Iterator[Edge]:
        """Yield what was found out about each declared parent, and about kin that nobody declared."""
        judged = [Edge(*row) for row in self.rows(VERDICTS, _EDGES)]
        yield from judged
        known = {edge.parent_id.lower() for edge in judged}
        for parent in parents:
            if parent.model_id.lower() not in known:
                yield self._by_fingerprint(parent.model_id, candidates)

    def edge_to(
        self, base_id: str, edges: Sequence[Edge], candidates: Sequence[Candidate], nearest_id: str | None
    ) -> Edge:
        """Return what was found out about the model and one base, which it need not declare."""
        for edge in edges:
            if edge.parent_id.lower() == base_id.lower():
                return replace(edge, verdict="confirmed") if edge.verdict == "undeclared" else edge
        fingerprint = self._by_fingerprint(base_id, candidates, is_declared=False)
        [(is_kin, p_value, p_holm)] = self.rows(KINSHIPS, _PAIR, [self.model_id, base_id]) or [(None, None, None)]
        if is_kin is False:
            verdict = "contradicted"
        elif self._is_below(self.model_id, base_id):
            verdict = "confirmed"
        elif self._is_below(base_id, self.model_id):
            verdict = "reversed"
        elif is_kin:
            verdict = "nearer_parent"
        else:
            return fingerprint
        return replace(
            fingerprint,
            verdict=verdict,
            by_weights=verdict,
            nearest_id=nearest_id,
            reason=None,
            p_value=p_value,
            p_holm=p_holm,
        )

    def _is_below(self, model_id: str, ancestor_id: str) -> bool:
        """Return whether the recovered tree has ``ancestor_id`` above ``model_id``; copies stand in one place."""
        wanted = {ancestor_id.lower()}
        wanted |= {copied.lower() for _, copied in self.rows("stats.weight_trees", _TREE, [ancestor_id]) if copied}
        for _ in range(_MAX_GENERATIONS):
            [place] = self.rows("stats.weight_trees", _TREE, [model_id]) or [(None, None)]
            above = place[1] or place[0]
            if above is None:
                return False
            if above.lower() in wanted:
                return True
            model_id = above
        return False

    def copies(self, copy_of: str | None, kin: Sequence[Kin]) -> tuple[str, ...]:
        """Return the models whose weights are the same, value for value."""
        found = [str(one) for (one,) in self.rows("marts.mart_identical_weights", _COPIES)]
        found += [one.model_id for one in kin if one.change_kind == "copy"]
        found += [copy_of] if copy_of else []
        return tuple({one.lower(): one for one in reversed(found)}.values())[::-1]

    def licences(self, measured_parent: str | None) -> tuple[Licensed, ...]:
        """Return the model and those it descends from, with what became of their licences.

        Where a measurement names a parent outside the declared lineage, its line follows.
        """
        own, *above = (Licensed(*row) for row in self.rows("marts.dim_models", _LICENCES))
        seen = {one.model_id.lower() for one in (own, *above)}
        if measured_parent is not None and measured_parent.lower() not in seen:
            line = [Licensed(*row) for row in self.rows("marts.dim_models", _LICENCES, [measured_parent])]
            above += [self._compared(own, one) for one in line if one.model_id.lower() not in seen]
        return (own, *above)

    def _compared(self, own: Licensed, measured: Licensed) -> Licensed:
        """Return a model of the line of a measured parent, with what ``own`` makes of its licence."""
        [(outcome, rule, reason)] = self.rows(
            "marts.mart_license_compatibility", _COMPARED, [measured.stated, own.stated]
        ) or [("unknown", None, None)]
        return replace(
            measured, distance=measured.distance + 1, is_measured=True, outcome=outcome, rule=rule, reason=reason
        )

    def unknown(
        self, parents: Sequence[Parent], candidates: Sequence[Candidate], n_compared: int, *, is_observed: bool
    ) -> Iterator[str]:
        """Yield what could not be said, a sentence each."""
        if not is_observed:
            yield "This model was never observed: it is known only as somebody's parent, or from a measurement."
        if KINSHIPS not in self.tables:
            yield "No weights were compared in this warehouse; `modelkin extract weights` reads sketches of them."
        elif not n_compared:
            yield "Its weights could not be compared with those of any other model."
        if not candidates:
            reasons = [reason.replace("_", " ") for (reason,) in self.rows("marts.fct_overlaps", _FAILED)]
            yield (
                f"Its fingerprint could not be measured: {', '.join(reasons)}."
                if reasons
                else ("Its fingerprint was not measured.")
            )
        for parent in parents:
            if not parent.is_observed:
                yield f"{parent.model_id} was never observed, so nothing could be compared with it."
        yield "A parent that this warehouse does not hold cannot be found."
        if tables_of_other_builds(self.connection):
            yield "The verdicts are older than the marts; `modelkin test` makes them anew."

    def _by_fingerprint(self, parent_id: str, candidates: Sequence[Candidate], *, is_declared: bool = True) -> Edge:
        above = [Candidate(*row) for row in self.rows("marts.mart_lineage_candidates", _CANDIDATES, [parent_id])]
        found = {self.model_id.lower(): candidates, parent_id.lower(): above}
        return replace(judged_by_fingerprint(parent_id, found, self.model_id.lower()), is_declared=is_declared)
