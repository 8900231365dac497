"""Read the marts, find the trees, and write the three tables of kinship."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from modelkin.builds import tables_in
from modelkin.stats_tables import replace_table
from modelkin.warehouse import connect
from reports.kinship.family import families
from reports.kinship.tables import LINEAGE_VERDICTS, MERGE_RECIPES, WEIGHT_TREES
from reports.kinship.trees import Tree, find_tree
from reports.kinship.verdicts import Row, judge

REQUIRED: Final = {
    "marts.fct_weight_kinships",
    "marts.dim_models",
    "marts.fct_lineage_edges",
    "marts.mart_lineage_candidates",
}
_PAIRS: Final = "select * from marts.fct_weight_kinships order by lower(model_id), lower(other_model_id)"
_DATES: Final = """
    select model_id, created_at
    from marts.dim_models
    where created_at > timestamp '2022-03-02 23:59:59'
        and model_id in (
            select model_id from marts.fct_weight_kinships
            union all
            select other_model_id from marts.fct_weight_kinships
        )
"""
"""Creation dates; the Hub's earliest one stands for all before it, so it tells no order."""

_EDGES: Final = """
    select parent_model_id, child_model_id, relation
    from marts.fct_lineage_edges
    order by child_model_id, parent_model_id
"""
_CANDIDATES: Final = """
    select derived_model_id, candidate_base_id, bool_or(is_accepted)
    from marts.mart_lineage_candidates
    group by derived_model_id, candidate_base_id
"""


@dataclass(frozen=True)
class Summary:
    """What was found: models with a place in a tree, families, merges, and how often each verdict."""

    n_models: int
    n_families: int
    n_merges: int
    verdicts: dict[str, int]

    def lines(self) -> list[str]:
        """Return the summary as lines for the terminal; none where no weights were compared."""
        if not self.n_models:
            return []
        counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(self.verdicts.items()))
        return [
            f"Weights tell {self.n_families} trees of {self.n_models} models, {self.n_merges} of them merges. "
            f"Declared and found parents: {counts}."
        ]


def write_kinship(path: Path) -> Summary:
    """Replace stats.weight_trees, stats.merge_recipes and stats.lineage_verdicts of the warehouse at ``path``.

    Where the marts that they are made from were not built, nothing is written. Raises WarehouseError when the file
    cannot be written.
    """
    with connect(path, read_only=True) as connection:
        if not tables_in(connection) >= REQUIRED:
            return Summary(0, 0, 0, {})
        pairs = connection.sql(_PAIRS).to_arrow_table().to_pylist()
        dates: dict[str, datetime] = dict(connection.sql(_DATES).fetchall())
        edges = connection.sql(_EDGES).fetchall()
        candidates = connection.sql(_CANDIDATES).fetchall()
    trees = [find_tree(family) for family in families(pairs, dates)]
    verdicts = judge(trees, pairs, edges, {(child, parent): accepted for child, parent, accepted in candidates})
    places, recipes = tree_rows(trees), recipe_rows(trees)
    tables: list[tuple[Any, list[Row]]] = [
        (WEIGHT_TREES, places), (MERGE_RECIPES, recipes), (LINEAGE_VERDICTS, verdicts),
    ]  # fmt: skip
    for table, rows in tables:
        replace_table(path, table, pa.Table.from_pylist(rows, schema=table.schema))
    counts: dict[str, int] = {}
    for row in verdicts:
        counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
    return Summary(len(places), len(trees), len({row["merge_model_id"] for row in recipes}), counts)


def tree_rows(trees: Sequence[Tree]) -> list[Row]:
    """Return the rows of stats.weight_trees, copies after the model they are copies of."""
    rows: list[Row] = []
    for tree in trees:
        names = tree.family.names
        for place in tree.places:
            name = names[place.model]
            parent = None if place.parent is None else names[place.parent]
            row: Row = {
                "model_id": name,
                "family": names[tree.root],
                "parent_model_id": parent,
                "copy_of": None,
                "depth": place.depth,
                "relation": place.relation,
                "is_direction_known": place.is_direction_known,
                "is_parent_absent": place.is_parent_absent,
                "distance": None if place.parent is None else float(tree.family.distance[place.parent, place.model]),
                "change_kind": None if parent is None else tree.family.kinds.get((parent, name)),
                "confidence": place.confidence,
                "evidence": ", ".join(place.evidence),
            }
            rows.append(row)
            of_copies: Row = {
                "parent_model_id": None,
                "copy_of": name,
                "relation": "copy",
                "is_direction_known": name in tree.family.dates,
                "is_parent_absent": False,
                "distance": 0.0,
                "change_kind": "copy",
                "confidence": 1.0,
                "evidence": "copies",
            }
            rows += [row | of_copies | {"model_id": copy} for copy in tree.family.copies.get(name, [])]
    return rows


def recipe_rows(trees: Sequence[Tree]) -> list[Row]:
    """Return the rows of stats.merge_recipes."""
    return [
        {
            "merge_model_id": tree.family.names[model],
            "parent_model_id": tree.family.names[parent],
            "weight": weight,
            "method": recipe.method,
            "residual": recipe.residual,
        }
        for tree in trees
        for model, recipe in sorted(tree.merges.items())
        for parent, weight in zip(recipe.parents, recipe.weights, strict=True)
    ]
