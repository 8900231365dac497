"""Raw tables as Parquet: every row as it is in the warehouse, each run written once, what was forgotten gone."""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from modelkin.database import connect
from modelkin.errors import ModelkinError
from modelkin.raw_export import RawExport, export_raw
from modelkin.raw_schemas import RAW_TABLES
from modelkin.warehouse import load

EDGE = {"source_model_id": "a/b", "target_model_id": "it's \\ a/ü", "relation": None}


def edges(*targets: str) -> str:
    """Store a run with these edges, and return its id."""
    with load("import", endpoint="here", params={"quote": "it's"}) as run:
        run.add("hub_edges", [{**EDGE, "target_model_id": target} for target in targets])
    return run.run_id


def rows(folder: Path, table: str, select: str = "*") -> list[tuple[object, ...]]:
    """Return what an engine reads that takes the run from the folder's name."""
    files = f"{folder}/{table}/{'' if table == 'extract_runs' else '*/'}rows.parquet"
    return duckdb.sql(
        f"select {select} from read_parquet('{files}', hive_partitioning = true, hive_types_autocast = false)"
    ).fetchall()


def test_every_table_is_written_with_the_columns_of_the_contract(warehouse_file: Path, tmp_path: Path) -> None:
    run_id = edges("x/y", EDGE["target_model_id"] or "")
    assert export_raw(warehouse_file, str(tmp_path / "raw")) == RawExport(n_written=1, n_removed=0, n_kept=0)
    assert rows(tmp_path / "raw", "hub_edges", "run_id, target_model_id, relation") == [
        (run_id, "x/y", None),
        (run_id, EDGE["target_model_id"], None),
    ]
    [(status, params)] = rows(tmp_path / "raw", "extract_runs", "status, params")
    assert (status, json.loads(str(params))) == ("complete", {"quote": "it's"})
    for table, schema in RAW_TABLES.items():
        files = f"{tmp_path}/raw/{table}/**/*.parquet"
        read = duckdb.sql(f"select * from read_parquet('{files}', hive_partitioning = true)").columns
        assert set(read) == set(schema.names), table


def test_a_second_export_writes_only_what_came_since(warehouse_file: Path, tmp_path: Path) -> None:
    first = edges("x/y")
    export_raw(warehouse_file, str(tmp_path / "raw"))
    file = tmp_path / "raw" / "hub_edges" / f"run_id={first}" / "rows.parquet"
    written = file.stat().st_mtime_ns
    second = edges("x/z")
    assert export_raw(warehouse_file, str(tmp_path / "raw")) == RawExport(n_written=1, n_removed=0, n_kept=1)
    assert file.stat().st_mtime_ns == written
    assert {run_id for (run_id,) in rows(tmp_path / "raw", "hub_edges", "run_id")} == {first, second}


def test_what_was_forgotten_or_never_completed_is_not_there(warehouse_file: Path, tmp_path: Path) -> None:
    forgotten, failed, kept = edges("x/y"), edges("x/z"), edges("x/w")
    export_raw(warehouse_file, str(tmp_path / "raw"))
    with connect(warehouse_file) as connection:
        connection.execute("delete from raw.hub_edges where run_id = ?", [forgotten])
        connection.execute("update raw.extract_runs set status = 'failed' where run_id = ?", [failed])
    assert export_raw(warehouse_file, str(tmp_path / "raw")) == RawExport(n_written=0, n_removed=2, n_kept=1)
    assert rows(tmp_path / "raw", "hub_edges", "run_id") == [(kept,)]


def test_a_table_with_other_columns_is_written_anew(
    warehouse_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edges("x/y")
    export_raw(warehouse_file, str(tmp_path / "raw"))
    monkeypatch.setitem(RAW_TABLES, "hub_edges", RAW_TABLES["hub_edges"].append(pa.field("added", pa.string())))
    assert export_raw(warehouse_file, str(tmp_path / "raw")).n_written == 1
    assert rows(tmp_path / "raw", "hub_edges", "target_model_id, added") == [("x/y", None)]


def test_a_folder_that_cannot_be_written_is_one_sentence(warehouse_file: Path, tmp_path: Path) -> None:
    edges("x/y")
    (tmp_path / "raw").write_text("a file")
    with pytest.raises(ModelkinError, match="Cannot write raw tables"):
        export_raw(warehouse_file, str(tmp_path / "raw"))
