"""The warehouse: a load is one transaction, a run leaves its row, a lock is explained."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml

from modelkin.errors import WarehouseError
from modelkin.raw_schemas import RAW_TABLES
from modelkin.warehouse import SCHEMAS, connect, load
from tests.python.conftest import ROOT
from tests.python.extract.command import Command, assert_refused, query, run_process

EDGE = {"source_model_id": "a/b", "target_model_id": "a/c", "relation": "finetune"}

HOLD_THE_FILE = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_load_writes_its_rows_and_its_run(warehouse_file: Path) -> None:
    with load("import", endpoint="here", params={"a": 1}) as run:
        assert run.add("hub_edges", [EDGE, EDGE]) == 2
        run.params["b"] = True

    [(run_id, status, rows, params, finished)] = query(
        warehouse_file, "select run_id, status, row_count, params, finished_at from raw.extract_runs"
    )
    assert (run_id, status, rows, json.loads(params)) == (run.run_id, "complete", 2, {"a": 1, "b": True})
    assert finished is not None
    assert query(warehouse_file, "select distinct run_id, relation from raw.hub_edges") == [(run_id, "finetune")]


def test_every_raw_table_exists_after_any_load(warehouse_file: Path) -> None:
    with load("import"):
        pass
    tables = query(warehouse_file, "select table_name from information_schema.tables where table_schema = 'raw'")
    assert {name for (name,) in tables} == set(RAW_TABLES)


def test_a_load_that_fails_leaves_only_its_run(warehouse_file: Path) -> None:
    with pytest.raises(ValueError, match="half way"), load("import") as run:
        run.add("hub_edges", [EDGE])
        raise ValueError("half way")

    assert query(warehouse_file, "select status, error, row_count from raw.extract_runs") == [
        ("failed", "half way", None)
    ]
    assert query(warehouse_file, "select count(*) from raw.hub_edges") == [(0,)]


def test_a_stream_that_fails_late_leaves_nothing(warehouse_file: Path) -> None:
    piece = pa.table({name: [value] for name, value in EDGE.items()})

    def pieces():
        yield piece
        raise ValueError("the second piece is damaged")

    with pytest.raises(ValueError, match="second piece"), load("hub") as run:
        run.add("hub_edges", [EDGE])
        run.add_stream("hub_edges", pieces())

    assert query(warehouse_file, "select count(*) from raw.hub_edges") == [(0,)]
    assert query(warehouse_file, "select status from raw.extract_runs") == [("failed",)]


def test_streams_and_queries_are_counted(warehouse_file: Path) -> None:
    piece = pa.table({name: [value] * 3 for name, value in EDGE.items()})
    with load("dump") as run:
        run.add_stream("hub_edges", iter([piece, piece]))
        run.add_query(
            "hub_edges",
            lambda connection: connection.sql(
                "select 'adapter' as relation, i::varchar as target_model_id, 'x' as source_model_id from range(5) t(i)"
            ),
        )
    assert run.row_count == 11
    assert query(warehouse_file, "select row_count from raw.extract_runs") == [(11,)]
    assert query(
        warehouse_file, "select relation, count(*), min(source_model_id) from raw.hub_edges group by 1 order by 1"
    ) == [
        ("adapter", 5, "x"),
        ("finetune", 6, "a/b"),
    ]
    assert query(warehouse_file, "select distinct run_id from raw.hub_edges") == [(run.run_id,)]


def test_an_unknown_table_or_column_type_is_refused(warehouse_file: Path) -> None:
    with pytest.raises(KeyError), load("import") as run:
        run.add("no_such_table", [])
    with pytest.raises(KeyError), load("import") as run:
        run.add_stream("no_such_table", iter([]))


def test_an_older_warehouse_gets_the_columns_that_it_lacks(warehouse_file: Path) -> None:
    with load("import") as run:
        run.add("hub_edges", [EDGE])
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute("alter table raw.hub_edges drop column target_model_id")
        connection.execute("alter table raw.extract_runs drop column endpoint")
        connection.execute("drop table raw.hub_model_cards")

    with load("import", endpoint="here") as run:
        run.add("hub_edges", [EDGE])
        run.add_stream("hub_edges", iter([pa.table({name: [value] for name, value in EDGE.items()})]))

    assert query(
        warehouse_file,
        "select source_model_id, relation, target_model_id, count(*) from raw.hub_edges group by all order by 4",
    ) == [("a/b", "finetune", None, 1), ("a/b", "finetune", "a/c", 2)]
    assert query(warehouse_file, "select endpoint, status from raw.extract_runs order by started_at") == [
        (None, "complete"),
        ("here", "complete"),
    ]
    assert query(warehouse_file, "select count(*) from raw.hub_model_cards") == [(0,)]


def test_a_newer_warehouse_keeps_its_columns(warehouse_file: Path) -> None:
    with load("import"):
        pass
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute("alter table raw.hub_edges add column since date")
    with load("import") as run:
        run.add("hub_edges", [EDGE])
    assert query(warehouse_file, "select target_model_id, since from raw.hub_edges") == [("a/c", None)]


def test_a_column_of_another_type_is_refused(warehouse_file: Path) -> None:
    with load("import"):
        pass
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute("alter table raw.hub_edges alter column relation set data type integer")
        connection.execute("drop table raw.hub_model_cards")
    with pytest.raises(WarehouseError, match=r"raw\.hub_edges\.relation of this warehouse is INTEGER"), load("import"):
        pass
    tables = query(warehouse_file, "select table_name from information_schema.tables where table_schema = 'raw'")
    assert ("hub_model_cards",) not in tables


def test_older_clients_can_read_the_file(warehouse_file: Path) -> None:
    with load("import"):
        pass
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        [version] = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where path is not null"
        ).fetchone() or ("",)
    assert version.startswith("v1.") and version < "v1.5"


def test_a_file_that_another_program_writes_to_is_explained(
    tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    with load("import"):
        pass
    pairs = tmp_path / "network.csv"
    pairs.write_text("source,target,edge\na/b,a/c,merged\n")
    models = tmp_path / "models.csv"
    models.write_text("id,type,owner,architecture\na/b,base,a,llama\n")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_FILE, str(warehouse_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        outcome = extract("import-network", pairs, models)
        assert_refused(outcome, "Another program is writing to", str(warehouse_file), "close it")
    finally:
        holder.communicate("")
    assert extract("import-network", pairs, models).exit_code == 0


def test_what_is_no_warehouse_is_explained(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.duckdb"
    wrong.write_text("these are my notes, not a database, and they are long enough to be read as a header")
    with (
        pytest.raises(WarehouseError, match="is another kind of file"),
        connect(wrong),
    ):
        pass
    with pytest.raises(WarehouseError, match="no warehouse"), connect(tmp_path / "absent.duckdb", read_only=True):
        pass
    with pytest.raises(WarehouseError, match=r"Cannot open|cannot be opened"), connect(tmp_path / "notes.duckdb" / "x"):
        pass


@pytest.mark.parametrize("name", ["raw.duckdb", "Marts.db", "stats"])
def test_a_warehouse_bears_no_name_of_a_schema(name: str, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="has the name of a schema"), connect(tmp_path / name):
        pass
    assert not (tmp_path / name).exists()


def test_the_schemas_are_those_that_dbt_writes() -> None:
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    configured = [*project["models"]["modelkin"].values(), *project["seeds"].values()]
    named = {part["+schema"] for part in configured if "+schema" in part}
    assert named | {"raw", "stats", "snapshots"} == SCHEMAS


def test_the_command_line_as_users_start_it(tmp_path: Path, warehouse_file: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("nothing,here\n1,2\n")
    assert_refused(run_process("import-network", wrong, wrong), str(wrong), "column source is missing")
    assert not warehouse_file.exists()


def test_an_interrupt_after_the_rows_are_written_does_not_undo_the_run(
    warehouse_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(event: str, **facts: object) -> None:
        if facts["status"] == "complete":
            raise KeyboardInterrupt

    monkeypatch.setattr("modelkin.warehouse.record", interrupted)
    with pytest.raises(KeyboardInterrupt), load("import"):
        pass
    assert query(warehouse_file, "select status, error from raw.extract_runs") == [("complete", None)]
