"""Measures of the lineage graph, written to ``stats.model_graph``.

rustworkx computes them: compiled (Rust), under the Apache licence, and without dependencies of its
own but numpy. Ancestors and descendants are counted in SQL, where they are stored with cycles broken.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import rustworkx as rx

from modelkin.errors import WarehouseError
from modelkin.stats_tables import StatsTable, replace_table
from modelkin.warehouse import connect

DAMPING: Final = 0.85
TOLERANCE: Final = 1e-10
MAX_ITERATIONS: Final = 200

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

MODEL_GRAPH: Final = StatsTable(
    name="model_graph",
    description=(
        "Measures of the declared lineage as a graph. One row per model on an edge of marts.fct_lineage_edges. "
        "Written by `modelkin export`."
    ),
    schema=pa.schema(
        [
            pa.field("model_id", pa.string(), nullable=False),
            pa.field("n_parents", pa.int64(), nullable=False),
            pa.field("n_children", pa.int64(), nullable=False),
            pa.field("n_ancestors", pa.int64(), nullable=False),
            pa.field("n_descendants", pa.int64(), nullable=False),
            pa.field("pagerank", pa.float64(), nullable=False),
            pa.field("component_id", pa.int64(), nullable=False),
            pa.field("component_size", pa.int64(), nullable=False),
        ]
    ),
    columns={
        "model_id": "The model.",
        "n_parents": "Edges from a parent, those that break cycles among them.",
        "n_children": "Edges to a child, those that break cycles among them.",
        "n_ancestors": "Models it descends from, cycles broken.",
        "n_descendants": "Models that descend from it, cycles broken: its reach.",
        "pagerank": "PageRank with damping 0.85 where every child points to its parents; sums to 1 over all rows.",
        "component_id": "The connected part of the graph it lies in, whatever the direction; 1 is the largest.",
        "component_size": "Models in that part.",
    },
)

_NODES: Final = """
    select
        row_number() over (order by model_id) - 1 as number,
        model_id
    from (
        select parent_model_id as model_id from marts.fct_lineage_edges
        union
        select child_model_id from marts.fct_lineage_edges
    )
"""
_EDGES: Final = """
    select
        parents.number as parent,
        children.number as child
    from marts.fct_lineage_edges as edges
    inner join graph_nodes as parents on edges.parent_model_id = parents.model_id
    inner join graph_nodes as children on edges.child_model_id = children.model_id
    order by parent, child
"""
_REACH: Final = """
    select
        graph_nodes.model_id,
        coalesce(up.n_ancestors, 0) as n_ancestors,
        coalesce(down.n_descendants, 0) as n_descendants
    from graph_nodes
    left join (
        select model_id, count(*) as n_ancestors from marts.bridge_model_ancestors group by model_id
    ) as up on graph_nodes.model_id = up.model_id
    left join (
        select ancestor_model_id, count(*) as n_descendants from marts.bridge_model_ancestors group by ancestor_model_id
    ) as down on graph_nodes.model_id = down.ancestor_model_id
    order by graph_nodes.number
"""


@dataclass(frozen=True)
class GraphMeasures:
    """Measures of the nodes 0 to n - 1, one array each, in the order of the nodes."""

    n_parents: Integers
    n_children: Integers
    pagerank: Numbers
    component_id: Integers
    component_size: Integers


def measure_graph(n_nodes: int, parents: Integers, children: Integers) -> GraphMeasures:
    """Measure the graph of ``n_nodes`` nodes whose edges lead from ``parents`` to ``children``.

    PageRank (Brin and Page 1998) flows from child to parent. Components ignore direction; they are
    numbered from 1 by falling size, then by their first node.
    """
    graph = rx.PyDiGraph(node_count_hint=n_nodes, edge_count_hint=len(parents))
    graph.add_nodes_from(range(n_nodes))
    graph.add_edges_from_no_data(list(zip(children.tolist(), parents.tolist(), strict=True)))
    pagerank = np.zeros(n_nodes)
    if n_nodes:
        ranks = rx.pagerank(graph, alpha=DAMPING, tol=TOLERANCE, max_iter=MAX_ITERATIONS)
        pagerank[np.fromiter(ranks.keys(), np.int64, n_nodes)] = np.fromiter(ranks.values(), np.float64, n_nodes)
    component_id = np.zeros(n_nodes, np.int64)
    component_size = np.zeros(n_nodes, np.int64)
    components = sorted(rx.weakly_connected_components(graph), key=lambda members: (-len(members), min(members)))
    for number, members in enumerate(components, start=1):
        places = np.fromiter(members, np.int64, len(members))
        component_id[places] = number
        component_size[places] = len(members)
    return GraphMeasures(
        n_parents=np.bincount(children, minlength=n_nodes).astype(np.int64),
        n_children=np.bincount(parents, minlength=n_nodes).astype(np.int64),
        pagerank=pagerank,
        component_id=component_id,
        component_size=component_size,
    )


def write_model_graph(path: Path) -> int:
    """Measure the lineage in the warehouse at ``path``, replace stats.model_graph, and return its rows.

    Raises WarehouseError where the marts have not been built.
    """
    with connect(path, read_only=True) as connection:
        try:
            connection.execute("create temp table graph_nodes as " + _NODES)
            edges = connection.execute(_EDGES).fetchnumpy()
            reach = connection.sql(_REACH).to_arrow_table()
        except duckdb.CatalogException as error:
            raise WarehouseError(f"{path} has no marts of the lineage yet; run `modelkin build` first.") from error
    measures = measure_graph(
        reach.num_rows,
        np.asarray(edges["parent"], np.int64),
        np.asarray(edges["child"], np.int64),
    )
    rows = pa.table(
        {
            "model_id": reach.column("model_id"),
            "n_parents": measures.n_parents,
            "n_children": measures.n_children,
            "n_ancestors": reach.column("n_ancestors"),
            "n_descendants": reach.column("n_descendants"),
            "pagerank": measures.pagerank,
            "component_id": measures.component_id,
            "component_size": measures.component_size,
        }
    ).cast(MODEL_GRAPH.schema)
    replace_table(path, MODEL_GRAPH, rows)
    return int(rows.num_rows)
