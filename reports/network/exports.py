"""Export the lineage network for other tools: CSV, GraphML, JSON, Parquet.

``edges.csv`` and ``metadata.csv`` are what Cosmograph and Gephi read, and what ``python -m extract
import-network`` takes back. All files hold the same nodes (models that lineage knows) and edges.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO
from xml.sax.saxutils import escape, quoteattr

import duckdb

from modelkin.errors import WarehouseError
from modelkin.printable import FORMULA
from modelkin.warehouse import connect

_NODES: Final = """
    select
        models.model_id as id,
        models.model_type as type,
        models.author as owner,
        models.architecture,
        models.primary_root_id as family,
        models.depth,
        models.downloads,
        models.likes,
        models.license,
        models.pipeline_tag as task,
        models.is_observed,
        strftime(models.created_at, '%Y-%m-%dT%H:%M:%SZ') as created_at,
        graph.n_parents,
        graph.n_children,
        graph.n_ancestors,
        graph.n_descendants,
        graph.pagerank,
        graph.component_id
    from marts.dim_models as models
    left join stats.model_graph as graph on models.model_id = graph.model_id
    where models.is_in_lineage
    order by models.model_id
"""
_EDGES: Final = """
    select
        parent_model_id as source,
        child_model_id as target,
        relation as edge,
        declared_by,
        is_cycle_breaker,
        lag_days
    from marts.fct_lineage_edges
    order by parent_model_id, child_model_id
"""
_BATCH: Final = 10_000
_GRAPHML_TYPES: Final = {"BIGINT": "long", "INTEGER": "int", "DOUBLE": "double", "BOOLEAN": "boolean"}
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Export:
    """What was written."""

    folder: Path
    n_nodes: int
    n_edges: int
    files: tuple[Path, ...]


def export_network(path: Path, folder: Path) -> Export:
    """Write the network of the warehouse at ``path`` to ``folder``, replacing earlier files of the same names.

    Raises WarehouseError where the marts or stats.model_graph are missing or the folder cannot be written.
    """
    files = tuple(
        folder / name
        for name in ("metadata.csv", "edges.csv", "nodes.parquet", "edges.parquet", "network.json", "network.graphml")
    )
    nodes_csv, edges_csv, nodes_parquet, edges_parquet, as_json, as_graphml = files
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with connect(path, read_only=True) as connection:
            nodes, edges = connection.sql(_NODES), connection.sql(_EDGES)
            _without_formulas(nodes).write_csv(str(nodes_csv))
            _without_formulas(edges).write_csv(str(edges_csv))
            nodes.write_parquet(str(nodes_parquet), compression="zstd")
            edges.write_parquet(str(edges_parquet), compression="zstd")
            with as_json.open("w", encoding="utf-8") as file:
                n_nodes, n_edges = _write_json(file, connection)
            with as_graphml.open("w", encoding="utf-8") as file:
                _write_graphml(file, connection)
    except duckdb.CatalogException as error:
        raise WarehouseError(f"{path} has no marts of the lineage yet; run `modelkin build` first.") from error
    except (OSError, duckdb.IOException) as error:
        raise WarehouseError(f"The network could not be written to {folder} ({str(error).splitlines()[0]}).") from error
    return Export(folder, n_nodes, n_edges, files)


def _without_formulas(rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return rows for a CSV file: with an apostrophe before each text that a spreadsheet would run as a formula.

    Without it, whoever opens the file runs what a stranger wrote as the name of a licence, say. No id of the Hub begins
    so, and Parquet, JSON and GraphML hold every text as it is.
    """
    columns = []
    for name, type_ in zip(rows.columns, rows.types, strict=True):
        column = duckdb.ColumnExpression(name)
        if str(type_) == "VARCHAR":
            is_formula = duckdb.FunctionExpression(
                "regexp_matches", column, duckdb.ConstantExpression(f"^{FORMULA.pattern}")
            )
            guarded = duckdb.FunctionExpression("concat", duckdb.ConstantExpression("'"), column)
            column = duckdb.CaseExpression(is_formula, guarded).otherwise(column).alias(name)
        columns.append(column)
    return rows.select(*columns)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``query`` without their nulls, a batch in memory at a time."""
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    while batch := result.fetchmany(_BATCH):
        for row in batch:
            yield {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _write_json(file: TextIO, connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Write the node-link form that networkx and d3 read; return how many nodes and links."""
    counts = []
    file.write('{"directed": true, "multigraph": false, "graph": {}')
    for name, query in (("nodes", _NODES), ("links", _EDGES)):
        file.write(f', "{name}": [')
        count = 0
        for row in _rows(connection, query):
            file.write(",\n" if count else "\n")
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False))
            count += 1
        file.write("\n]")
        counts.append(count)
    file.write("}\n")
    return counts[0], counts[1]


def _write_graphml(file: TextIO, connection: duckdb.DuckDBPyConnection) -> None:
    """Write GraphML 1.0 with typed attributes; what XML cannot hold is left out of texts."""
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for element, query, skipped in (("node", _NODES, {"id"}), ("edge", _EDGES, {"source", "target"})):
        relation = connection.sql(query)
        for name, type_ in zip(relation.columns, relation.types, strict=True):
            if name not in skipped:
                kind = _GRAPHML_TYPES.get(str(type_), "string")
                file.write(f'  <key id="{element}_{name}" for="{element}" attr.name="{name}" attr.type="{kind}"/>\n')
    file.write('  <graph id="lineage" edgedefault="directed">\n')
    for row in _rows(connection, _NODES):
        file.write(f"    <node id={_attribute(row.pop('id'))}>{_data('node', row)}</node>\n")
    for row in _rows(connection, _EDGES):
        source, target = _attribute(row.pop("source")), _attribute(row.pop("target"))
        file.write(f"    <edge source={source} target={target}>{_data('edge', row)}</edge>\n")
    file.write("  </graph>\n</graphml>\n")


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))


def _data(element: str, row: dict[str, Any]) -> str:
    return "".join(f'<data key="{element}_{name}">{_text(value)}</data>' for name, value in row.items())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_NOT_XML.sub("", str(value)))
