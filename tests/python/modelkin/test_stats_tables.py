from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from modelkin.builds import tables_of_other_builds
from modelkin.stats_tables import StatsTable, replace_table
from modelkin.status import read_status
from modelkin.warehouse import load

SCHEMA = pa.schema([pa.field("n", pa.int64(), nullable=False)])
TABLES = [StatsTable(name, f"{name}. One row per n.", SCHEMA, {"n": "A number."}) for name in ("one", "other")]
ROWS = pa.table({"n": [1]}, schema=SCHEMA)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
    return path


def built(path: Path, build_id: str, built_at: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table if not exists marts.fct_builds (build_id varchar, built_at timestamp)")
        connection.execute("insert into marts.fct_builds values (?, ?)", [build_id, built_at])


def others(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return tables_of_other_builds(connection)


def test_tables_of_an_earlier_build_are_known(warehouse: Path) -> None:
    built(warehouse, "first", "2026-01-01")
    for table in TABLES:
        replace_table(warehouse, table, ROWS)
    assert others(warehouse) == []
    built(warehouse, "second", "2026-01-02")
    assert others(warehouse) == ["stats.one", "stats.other"]
    replace_table(warehouse, TABLES[0], ROWS)
    assert others(warehouse) == ["stats.other"]
    with duckdb.connect(str(warehouse)) as connection:
        recorded = connection.execute("select * from stats.builds order by table_name").fetchall()
    assert recorded == [("one", "second"), ("other", "first")]


def test_where_the_marts_name_no_build_nothing_is_of_another(warehouse: Path) -> None:
    replace_table(warehouse, TABLES[0], ROWS)
    assert others(warehouse) == []
    built(warehouse, "first", "2026-01-01")
    assert others(warehouse) == ["stats.one"]


def test_status_asks_for_tests_of_the_build_that_is_there(warehouse_file: Path) -> None:
    with load("import"):
        pass
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.fct_extract_runs as select * from raw.extract_runs")
        connection.execute("create table marts.fct_overlaps (study_id varchar, is_valid boolean)")
    tested = StatsTable("significance_tests", "Tests. One row per n.", SCHEMA, {"n": "A number."})
    for build_id, built_at in (("first", "2026-01-01"), ("second", "2026-01-02")):
        built(warehouse_file, build_id, built_at)
        assert "not tested for significance yet" in read_status(warehouse_file).lines()[-2]
        replace_table(warehouse_file, tested, ROWS)
        assert read_status(warehouse_file).lines()[-2] == f"The marts, built {built_at} 00:00 UTC, hold every run."
