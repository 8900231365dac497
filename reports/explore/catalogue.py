"""All models of the warehouse with their edges and measurements, read into arrays.

A model's number is its place in the order in which the search lists models: the most downloaded first, those whose
downloads are not known last, equals by id.
"""

from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

_MODELS: Final = """
    select
        row_number() over (order by models.downloads desc nulls last, models.model_id) - 1 as number,
        models.model_id,
        models.model_type,
        models.primary_root_id,
        models.depth,
        models.is_observed,
        strftime(models.created_at, '%Y-%m-%d') as created_on,
        models.downloads,
        models.likes,
        models.pipeline_tag,
        models.library_name,
        models.license,
        models.is_license_known,
        models.architecture,
        models.is_architecture_inferred,
        models.parameter_count,
        models.gated,
        authors.country
    from marts.dim_models as models
    left join marts.dim_authors as authors on models.author = authors.author
"""
_ROOTS: Final = """
    select
        coalesce(roots.number, -1) as root
    from explored
    left join explored as roots on explored.primary_root_id = roots.model_id
    order by explored.number
"""
_EDGES: Final = """
    select
        parents.number as parent,
        children.number as child,
        edges.relation,
        edges.is_cycle_breaker
    from marts.fct_lineage_edges as edges
    inner join explored as parents on edges.parent_model_id = parents.model_id
    inner join explored as children on edges.child_model_id = children.model_id
    order by child, parent
"""
_MEASURED: Final = """
    select
        measured.study_id,
        bases.number as base,
        derived.number as derived,
        round(measured.overlap_ratio, 4) as overlap_ratio,
        measured.relation,
        measured.invalid_reason
    from marts.fct_overlaps as measured
    inner join explored as bases on measured.base_model_id = bases.model_id
    inner join explored as derived on measured.derived_model_id = derived.model_id
    order by measured.study_id, base, derived
"""
_FITS: Final = """
    select
        explored.number,
        min(candidates.rank) filter (where candidates.is_declared_parent) as declared_rank
    from marts.mart_lineage_candidates as candidates
    inner join explored on candidates.derived_model_id = explored.model_id
    group by candidates.study_id, explored.number
    order by explored.number, candidates.study_id
"""

FITS: Final = ("not_measured", "fits_best", "another_fits_better", "parent_not_measured", "none_declared")
"""What measurements say of a declared parent, in the order of their codes."""
_DECIDES: Final = (0, 4, 3, 1, 2)
"""Their codes: where studies differ, the later one here decides."""


@dataclass(frozen=True)
class Edges:
    """Declared edges by the numbers of parent and child, ordered by child, then parent."""

    parent: Integers
    child: Integers
    relation: npt.NDArray[Any]
    is_cycle_breaker: Booleans


@dataclass(frozen=True)
class Pair:
    """One measured pair: the overlap of a derived model with a base, or why there is none."""

    study_id: str
    base: int
    derived: int
    overlap_ratio: float | None
    relation: str | None
    invalid_reason: str | None


@dataclass(frozen=True)
class Catalogue:
    """Every model, by number. ``root`` is the number of its primary root, -1 where lineage does not know the model.

    ``fit`` is a code of FITS: of several studies, one that contradicts the declared parent decides.
    """

    models: pa.Table
    root: Integers
    edges: Edges
    pairs: tuple[Pair, ...]
    fit: Integers

    @property
    def n_models(self) -> int:
        """Models in all."""
        return int(self.models.num_rows)

    def column(self, name: str) -> list[Any]:
        """Return one column of the models as a list."""
        values: list[Any] = self.models.column(name).to_pylist()
        return values

    def is_measured(self) -> Booleans:
        """Return which models are in a measured pair."""
        measured = np.zeros(self.n_models, np.bool_)
        measured[[pair.base for pair in self.pairs] + [pair.derived for pair in self.pairs]] = True
        return measured


def read_catalogue(connection: duckdb.DuckDBPyConnection) -> Catalogue:
    """Read all models from the marts that ``connection`` has open; duckdb.CatalogException where there are none."""
    connection.execute("create or replace temp table explored as " + _MODELS)
    try:
        models = connection.sql("select * from explored order by number").to_arrow_table()
        root = connection.sql(_ROOTS).fetchnumpy()["root"]
        edges = connection.sql(_EDGES).fetchnumpy()
        pairs = tuple(Pair(*row) for row in connection.execute(_MEASURED).fetchall())
        fits = connection.execute(_FITS).fetchall()
    finally:
        connection.execute("drop table explored")
    fit = np.zeros(models.num_rows, np.int64)
    declares = set(edges["child"].tolist())
    for number, declared_rank in fits:
        code = (3 if number in declares else 4) if declared_rank is None else (1 if declared_rank == 1 else 2)
        fit[number] = max(fit[number], code, key=_DECIDES.index)
    return Catalogue(
        models=models,
        root=np.asarray(root, np.int64),
        edges=Edges(
            np.asarray(edges["parent"], np.int64),
            np.asarray(edges["child"], np.int64),
            np.asarray(edges["relation"], object),
            np.asarray(edges["is_cycle_breaker"], np.bool_),
        ),
        pairs=pairs,
        fit=fit,
    )
