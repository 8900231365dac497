"""The comparison of engines sees what differs, and lets pass what only looks different."""

import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from bench.spark_equality import compare, compare_all, of_duckdb, summary

TABLE = pa.table({"id": ["a", "b", "c"], "rank": [1, 2, 3], "score": [0.5, 0.25, None], "list": [[0.5], [], None]})


def test_order_of_rows_and_columns_and_the_last_digits_do_not_count() -> None:
    moved = TABLE.take([2, 0, 1]).select(["list", "score", "rank", "id"])
    nearly = moved.set_column(1, "score", pa.array([None, 0.5 + 1e-13, 0.25]))
    assert compare("marts.x", TABLE, nearly).differences == ()


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("score", [0.5, 0.25 + 1e-6, None]),
        ("score", [0.5, 0.25, 0.0]),
        ("rank", [2, 1, 3]),
        ("rank", [1.0, 2.0, 3.0]),
        ("id", ["a", "b", "C"]),
        ("list", [[0.5], [], []]),
        ("list", [[0.5], [0.5], None]),
    ],
)
def test_one_other_value_is_a_difference(column: str, values: list[object]) -> None:
    other = TABLE.set_column(TABLE.column_names.index(column), column, pa.array(values))
    assert compare("marts.x", TABLE, other).differences


def test_a_sum_of_whole_numbers_is_a_whole_number_on_both() -> None:
    sums = pa.table({"n": pa.array([2, 3], pa.decimal128(38, 0))})
    assert compare("marts.x", sums, pa.table({"n": [3, 2]})).differences == ()
    assert compare("marts.x", sums, pa.table({"n": [3, 4]})).differences


def test_missing_rows_columns_and_relations_are_differences() -> None:
    assert compare("marts.x", TABLE, TABLE.slice(1)).differences
    assert compare("marts.x", TABLE, TABLE.drop_columns(["rank"])).differences
    lines, is_equal = summary(compare_all({"marts.x": TABLE, "marts.y": TABLE}, {"marts.x": TABLE, "marts.z": TABLE}))
    assert not is_equal
    assert "    Spark lacks it" in lines
    assert "    DuckDB lacks it" in lines


def test_what_was_compared_is_counted_and_nothing_is_not_equal() -> None:
    both = {"marts.x": TABLE, "marts.empty": TABLE.slice(3)}
    lines, is_equal = summary(compare_all(both, both))
    assert is_equal
    assert lines == [
        "Without rows: marts.empty",
        "2 relations, 3 rows compared, 1 relations without rows, 0 that differ",
    ]
    assert not summary(compare_all({}, {}))[1]


def test_a_hash_of_duckdb_is_the_bytes_of_spark(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema marts; create view marts.x as select md5_number('a') as model_hash")
    spark = pa.table({"model_hash": [hashlib.md5(b"a").digest()]})
    [result] = compare_all(of_duckdb(path), {"marts.x": spark})
    assert (result.n_rows, result.differences) == (1, ())
