"""The first warehouse there was, opened by this version: no row is lost, and every command can read it."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from extract.doctor import FAULT, examine
from extract.hub.show import known_model
from extract.weights.options import Options
from extract.weights.selection import select
from modelkin.raw_schemas import RAW_TABLES
from modelkin.status import read_status
from modelkin.warehouse import STORAGE_VERSION, load

FIRST = Path(__file__).with_name("first_warehouse.sql")


@pytest.fixture
def first(warehouse_file: Path) -> Path:
    with duckdb.connect(str(warehouse_file), config={"storage_compatibility_version": STORAGE_VERSION}) as connection:
        connection.execute(FIRST.read_text(encoding="utf-8"))
    return warehouse_file


def contents(path: Path, columns: dict[str, Sequence[str]]) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            table: connection.execute(f"select {', '.join(names)} from raw.{table} order by all").fetchall()
            for table, names in columns.items()
        }


def columns_of(path: Path) -> dict[str, Sequence[str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select table_name, list(column_name order by column_index) from duckdb_columns() "
            "where schema_name = 'raw' group by all"
        ).fetchall()
    return dict(found)


def test_every_command_that_reads_takes_the_first_warehouse(first: Path) -> None:
    """None of them may write, so each must do without the columns that came later."""
    status = read_status(first)
    assert [run.status for run in status.runs] == ["complete", "complete", "running"]
    assert status.n_unbuilt is None
    child = known_model("o/child", first)
    assert [(parent["model_id"], parent["relation"]) for parent in child.parents] == [("o/base", "finetune")]
    assert [finding for finding in examine(first, thorough=True) if finding.level == FAULT] == []


def test_the_next_load_upgrades_it_and_loses_nothing(first: Path) -> None:
    old = columns_of(first)
    before = contents(first, old)
    with load("import") as run:
        run.add("hub_edges", [{"source_model_id": "o/base", "target_model_id": "o/new", "relation": "merge"}])
    assert {table: set(names) for table, names in columns_of(first).items()} == {
        table: set(schema.names) for table, schema in RAW_TABLES.items()
    }
    after = contents(first, old)
    assert [row for row in after["extract_runs"] if row[0] != run.run_id] == before["extract_runs"]
    assert [row for row in after["hub_edges"] if row[0] != run.run_id] == before["hub_edges"]
    unchanged = before.keys() - {"extract_runs", "hub_edges"}
    assert {table: after[table] for table in unchanged} == {table: before[table] for table in unchanged}


def test_what_was_observed_then_counts_now(first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELKIN_ENDPOINT_LABEL", "https://hub.example")
    with load("import"):
        pass
    assert select(Options(), first).n_models == 2
