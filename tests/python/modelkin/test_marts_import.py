"""Marts that Spark built come back with the types, promises and comments of the marts that DuckDB builds."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from modelkin.database import connect
from modelkin.errors import ModelkinError
from modelkin.marts_import import import_marts
from modelkin.publishing import former_of
from modelkin.warehouse import load

COLUMNS = {
    "fct_builds": {"build_id": "string", "built_at": "timestamp"},
    "dim_things": {"thing_id": "string", "n": "bigint"},
}


def manifest(folder: Path) -> Path:
    """Write what dbt would say of two marts and of a model that is none."""

    def node(name: str, schema: str) -> dict[str, Any]:
        columns = {
            column: {
                "name": column,
                "data_type": kind,
                "description": f"It's {column}.",
                "constraints": [{"type": "not_null"}] if column.endswith("_id") else [],
            }
            for column, kind in COLUMNS.get(name, {}).items()
        }
        described = {"alias": name, "description": f"It's {name}.", "unique_id": f"model.modelkin.{name}"}
        return {**described, "resource_type": "model", "schema": schema, "columns": columns}

    nodes = [node("fct_builds", "marts"), node("dim_things", "marts"), node("int_things", "intermediate")]
    path = folder / "manifest.json"
    path.write_text(json.dumps({"nodes": {node["unique_id"]: node for node in nodes}}))
    return path


def spark_tables(folder: Path, build: str, things: str) -> str:
    """Write the marts as Spark does: with narrower whole numbers, and columns in another order."""
    for name, select in {
        "fct_builds": f"select timestamp '2026-01-01' as built_at, '{build}' as build_id",
        "dim_things": things,
    }.items():
        mart = folder / "marts.db" / name
        mart.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"copy ({select}) to '{mart}/part-0.snappy.parquet'")
        (mart / "_SUCCESS").touch()
    return str(folder)


@pytest.fixture
def warehouse(warehouse_file: Path) -> Path:
    """A warehouse with raw data that DuckDB built before."""
    with load("import"):
        pass
    with connect(warehouse_file) as connection:
        connection.execute("create schema marts; create schema intermediate; create schema snapshots")
        connection.execute("create table marts.fct_builds (build_id varchar, built_at timestamp)")
        connection.execute("insert into marts.fct_builds values ('old', '2025-01-01')")
        connection.execute("create table marts.gone (n integer); create table intermediate.int_things (n integer)")
        connection.execute("create table snapshots.kept (n integer)")
    return warehouse_file


@pytest.mark.parametrize("as_views", [False, True])
def test_marts_take_the_place_of_those_before(warehouse: Path, tmp_path: Path, as_views: bool) -> None:
    tables = spark_tables(tmp_path / "tables", "new", "select 1::integer as n, 'it''s' as thing_id")
    [told, *_] = import_marts(warehouse, tables, manifest(tmp_path), as_views=as_views)
    assert told.startswith(f"Brought 2 marts into {warehouse}")
    with connect(warehouse, read_only=True) as connection:
        assert connection.execute("describe marts.dim_things").fetchall() == [
            ("thing_id", "VARCHAR", "YES" if as_views else "NO", None, None, None),
            ("n", "BIGINT", "YES", None, None, None),
        ]
        assert connection.execute("from marts.dim_things").fetchall() == [("it's", 1)]
        kind = "view" if as_views else "table"
        assert connection.execute(
            f"select comment from duckdb_{kind}s() where {kind}_name = 'dim_things' "
            "union all select comment from duckdb_columns() where table_name = 'dim_things' order by all"
        ).fetchall() == [("It's dim_things.",), ("It's n.",), ("It's thing_id.",)]
        assert connection.execute("select build_id from marts.fct_builds order by all").fetchall() == [
            ("new",),
            ("old",),
        ]
        # Nothing is left that a build on DuckDB would add to; the history that only snapshots hold stays.
        assert connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name != 'raw' "
            "and table_name not in ('dim_things', 'fct_builds')"
        ).fetchall() == [("snapshots.kept",)]
    assert former_of(warehouse).exists()


@pytest.mark.parametrize(
    ("things", "said"),
    [
        ("select null::varchar as thing_id, 1 as n", "dim_things could not be read .* NOT NULL"),
        ("select 'a' as thing_id, 'many' as n", "dim_things could not be read .* 'many'"),
        ("select 'a' as thing_id", "dim_things could not be read"),
    ],
)
def test_a_broken_promise_leaves_the_warehouse_as_it_was(
    warehouse: Path, tmp_path: Path, things: str, said: str
) -> None:
    before = warehouse.read_bytes()
    with pytest.raises(ModelkinError, match=said):
        import_marts(warehouse, spark_tables(tmp_path / "tables", "new", things), manifest(tmp_path))
    assert warehouse.read_bytes() == before


def test_what_is_missing_is_named(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelkinError, match="make dbt TARGET=spark"):
        import_marts(warehouse, str(tmp_path), tmp_path / "manifest.json")
    with pytest.raises(ModelkinError, match="The mart dim_things could not be read"):
        import_marts(warehouse, str(tmp_path), manifest(tmp_path))
