"""Exports hold what the marts hold, whatever tool reads them back."""

import csv
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import networkx as nx
import pyarrow.parquet as pq
import pytest

from extract.importers.network import import_network
from modelkin.errors import WarehouseError
from reports.network.exports import Export, export_network
from reports.network.measures import write_model_graph
from tests.python.conftest import published_data
from tests.python.warehouse import forked_dbt

ODD = 'o/a "quoted", <&> name\nof 模型\x01'
MARTS = """
    create schema marts;
    create table marts.dim_models (
        model_id varchar, model_type varchar, author varchar, architecture varchar, primary_root_id varchar,
        depth integer, downloads bigint, likes bigint, license varchar, pipeline_tag varchar, is_observed boolean,
        is_in_lineage boolean, created_at timestamp
    );
    create table marts.fct_lineage_edges (
        parent_model_id varchar, child_model_id varchar, relation varchar, declared_by varchar,
        is_cycle_breaker boolean, lag_days bigint
    );
    create table marts.bridge_model_ancestors (model_id varchar, ancestor_model_id varchar, distance integer);
    insert into marts.fct_lineage_edges values
        ('o/root', $odd, 'finetune', 'tag', false, 3),
        ($odd, 'o/leaf', 'quantized', 'api,tag', false, null);
    insert into marts.bridge_model_ancestors values ($odd, 'o/root', 1), ('o/leaf', $odd, 1), ('o/leaf', 'o/root', 2);
    insert into marts.dim_models values
        ('o/root', 'base', 'o', 'llama', 'o/root', 0, 7, 1, 'mit', null, true, true, '2024-01-01'),
        ($odd, 'finetune', 'o', 'llama', 'o/root', 1, null, null, null, null, false, true, null),
        ('o/leaf', 'quantized', 'o', null, 'o/root', 2, 0, 0, null, null, true, true, '2024-02-01'),
        ('o/alone', 'base', 'o', null, 'o/alone', 0, 5, 0, null, null, true, true, null),
        ('o/measured-only', 'unknown', 'o', null, null, null, null, null, null, null, false, false, null);
"""


@pytest.fixture
def exported(warehouse_file: Path, tmp_path: Path) -> Export:
    with duckdb.connect(str(warehouse_file)) as connection:
        for statement in duckdb.extract_statements(MARTS):
            values = {"odd": ODD} if "odd" in statement.named_parameters else None
            connection.execute(statement, values)
    assert write_model_graph(warehouse_file) == 3
    return export_network(warehouse_file, tmp_path / "exports")


EDGES = {("o/root", ODD, "finetune"), (ODD, "o/leaf", "quantized")}
NODES = {"o/root", ODD, "o/leaf", "o/alone"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_counts_are_reported(exported: Export) -> None:
    assert (exported.n_nodes, exported.n_edges) == (4, 2)
    assert all(file.exists() for file in exported.files)


def test_csv_reads_back(exported: Export) -> None:
    edges = rows(exported.folder / "edges.csv")
    assert {(row["source"], row["target"], row["edge"]) for row in edges} == EDGES
    nodes = {row["id"]: row for row in rows(exported.folder / "metadata.csv")}
    assert set(nodes) == NODES
    assert nodes["o/root"]["n_descendants"] == "2"
    assert nodes["o/alone"]["pagerank"] == ""


def test_parquet_reads_back(exported: Export) -> None:
    edges = pq.read_table(exported.folder / "edges.parquet").to_pylist()
    assert {(row["source"], row["target"], row["edge"]) for row in edges} == EDGES
    assert {row["id"] for row in pq.read_table(exported.folder / "nodes.parquet").to_pylist()} == NODES


def test_json_is_node_link(exported: Export) -> None:
    content: dict[str, Any] = json.loads((exported.folder / "network.json").read_text(encoding="utf-8"))
    graph = nx.node_link_graph(content, edges="links")
    assert set(graph.nodes) == NODES
    assert {(source, target, kind) for source, target, kind in graph.edges(data="edge")} == EDGES
    assert graph.nodes["o/root"]["downloads"] == 7


def test_graphml_opens_in_networkx(exported: Export) -> None:
    graph = nx.read_graphml(exported.folder / "network.graphml")
    as_xml = ODD.replace("\x01", "")  # XML has no way to write a control character
    assert set(graph.nodes) == NODES - {ODD} | {as_xml}
    assert graph.edges["o/root", as_xml]["edge"] == "finetune"
    assert graph.nodes["o/root"]["downloads"] == 7
    assert graph.nodes["o/root"]["is_observed"] is True
    assert "downloads" not in graph.nodes[as_xml]


def test_a_second_export_writes_the_same(exported: Export, warehouse_file: Path) -> None:
    before = {file.name: file.read_bytes() for file in exported.files if file.suffix != ".parquet"}
    write_model_graph(warehouse_file)
    again = export_network(warehouse_file, exported.folder)
    assert {file.name: file.read_bytes() for file in again.files if file.suffix != ".parquet"} == before


def test_a_warehouse_without_marts_is_explained(warehouse_file: Path, tmp_path: Path) -> None:
    duckdb.connect(str(warehouse_file)).close()
    for step in (write_model_graph, lambda path: export_network(path, tmp_path)):
        with pytest.raises(WarehouseError, match="modelkin build"):
            step(warehouse_file)


def test_the_published_network_comes_out_as_it_went_in(warehouse_file: Path, tmp_path: Path) -> None:
    """2,559 edges, 5 of them self-loops, and 3,363 models with the types their source gave them."""
    source = published_data() / "network"
    imported = import_network(source / "edges.csv", source / "metadata.csv", "2025-06-30")
    assert (len(imported.edges), len(imported.models)) == (2559, 3363)
    command = (
        "--quiet", "build", "--select", "+dim_models", "+fct_lineage_edges", "+bridge_model_ancestors",
        "--exclude", "test_type:unit", "--indirect-selection", "buildable",
        "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"),
    )  # fmt: skip
    assert forked_dbt.run(command, dict(os.environ), tmp_path).returncode == 0
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        types = dict(connection.execute("select model_type, count(*) from marts.dim_models group by 1").fetchall())
    assert types == {"quantized": 1606, "base": 910, "finetune": 799, "merge": 38, "adapter": 10}

    write_model_graph(warehouse_file)
    export = export_network(warehouse_file, tmp_path / "exports")
    assert (export.n_nodes, export.n_edges) == (3363, 2559 - 5)
    graph = nx.read_graphml(tmp_path / "exports" / "network.graphml")
    assert Counter(kind for _, kind in graph.nodes(data="type")) == types
    declared = {(row["source"], row["target"]) for row in rows(source / "edges.csv")}
    assert set(graph.edges) == {(parent, child) for parent, child in declared if parent != child}

    again = import_network(tmp_path / "exports" / "edges.csv", tmp_path / "exports" / "metadata.csv", "2025-07-01")
    assert (len(again.edges), len(again.models)) == (2554, 3363)
