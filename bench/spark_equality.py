"""Compare a warehouse built on Spark with the one that DuckDB built of the same raw data, relation by relation.

    MODELKIN_DB=data/modelkin.duckdb MODELKIN_SPARK=data/spark python -m bench.spark_equality

Every relation of the layers is compared, views too. It exits with 1 when one is missing or has other rows. Floats may
differ by one part in 10^9, as engines add in another order; all else is exact, ranks too. It needs the extra `spark`.
"""

import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import yaml
from jinja2 import Environment

from modelkin.command_line import require_extra
from modelkin.database import connect, warehouse_path
from modelkin.project import project_folder

LAYERS: Final = ("seeds", "staging", "intermediate", "snapshots", "marts")
OF_THE_BUILD: Final = frozenset({"marts.fct_builds", "marts.fct_build_tests"})
"""Say what this very build was, so two builds never have the same rows; that they exist is still checked."""
IGNORED_COLUMNS: Final = frozenset({"dbt_scd_id"})
"""Hashes over times as text, which the engines write with other digits."""
TOLERANCE: Final = 1e-9
SHOWN: Final = 3
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Comparison:
    """What became of one relation: rows compared, and how rows or columns differ."""

    relation: str
    n_rows: int
    differences: tuple[str, ...] = ()


def compare(relation: str, expected: pa.Table, found: pa.Table) -> Comparison:
    """Compare two tables whose rows and columns are in any order."""
    ours, theirs = (set(table.column_names) - IGNORED_COLUMNS for table in (expected, found))
    if ours != theirs:
        return Comparison(relation, 0, (f"columns {sorted(ours ^ theirs)} are on one side only",))
    columns = sorted(ours)
    left, right = (sorted(_rows(table, columns), key=_place) for table in (expected, found))
    differences = [] if len(left) == len(right) else [f"{len(left):,} rows and {len(right):,} rows"]
    differences += [
        f"{column}: {one!r} and {other!r} in {dict(zip(columns, row, strict=True))}"
        for row, twin in zip(left, right, strict=False)
        for column, one, other in zip(columns, row, twin, strict=True)
        if not are_equal(one, other)
    ]
    return Comparison(relation, len(left), tuple(differences))


def are_equal(one: object, other: object) -> bool:
    """Return whether two values are the same; floats, in lists too, within ``TOLERANCE``."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(are_equal, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE) or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


def _rows(table: pa.Table, columns: Sequence[str]) -> Iterator[Row]:
    yield from zip(*([_plain(value) for value in table[name].to_pylist()] for name in columns), strict=True)


def _plain(value: object) -> object:
    """Return a value as both engines give it: lists as tuples, times without a zone, hashes as texts."""
    if isinstance(value, list):
        return tuple(map(_plain, value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, Decimal) and value == int(value):
        return int(value)  # DuckDB sums whole numbers in 128 bits, which Arrow knows as decimals
    # 128 bits of MD5 are a number in DuckDB, which of_duckdb reads as text, and bytes in Spark.
    return str(int.from_bytes(value, "little")) if isinstance(value, bytes) else value


def _place(row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what rows are sorted by: first all that is exact, then floats, of which only six digits count."""
    exact = tuple(repr(value) for value in row if not _has_float(value))
    return exact, tuple(repr(_coarse(value)) for value in row if _has_float(value))


def _has_float(value: object) -> bool:
    return isinstance(value, float) or (isinstance(value, tuple) and any(map(_has_float, value)))


def _coarse(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_coarse, value))
    return f"{value:.6g}" if isinstance(value, float) else value


def compare_all(expected: Mapping[str, pa.Table], found: Mapping[str, pa.Table]) -> list[Comparison]:
    """Compare every relation of either side; one that a side lacks is a difference."""
    results = []
    for relation in sorted({*expected, *found}):
        if relation not in expected or relation not in found:
            where = "Spark" if relation in expected else "DuckDB"
            results.append(Comparison(relation, 0, (f"{where} lacks it",)))
        elif relation not in OF_THE_BUILD:
            results.append(compare(relation, expected[relation], found[relation]))
    return results


def summary(results: Iterable[Comparison]) -> tuple[list[str], bool]:
    """Return the lines to print, and whether all is equal and something was compared."""
    results = list(results)
    lines = []
    for result in results:
        if result.differences:
            lines.append(f"{result.relation}: {len(result.differences):,} differences")
            lines += [f"    {difference}" for difference in result.differences[:SHOWN]]
    n_bad = sum(bool(result.differences) for result in results)
    empty = [result.relation for result in results if not result.n_rows]
    lines.append(f"Without rows: {', '.join(empty) or 'none'}")
    lines.append(
        f"{len(results):,} relations, {sum(result.n_rows for result in results):,} rows compared, "
        f"{len(empty):,} relations without rows, {n_bad:,} that differ"
    )
    return lines, bool(results) and n_bad == 0


def of_duckdb(path: Path) -> dict[str, pa.Table]:
    """Read every relation of a warehouse file; hashes as text, since Arrow has no numbers of 128 bits."""
    found = {}
    with connect(path, read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables where list_contains($1, table_schema)",
            [list(LAYERS)],
        ).fetchall()
        for schema, name in names:
            relation = connection.table(f"{schema}.{name}")
            columns = ", ".join(
                f'cast("{column}" as varchar) as "{column}"' if str(kind) == "UHUGEINT" else f'"{column}"'
                for column, kind in zip(relation.columns, relation.types, strict=True)
            )
            found[f"{schema}.{name}"] = relation.project(columns).to_arrow_table()
    return found


def of_spark(profiles: Path) -> dict[str, pa.Table]:
    """Read every relation of the catalogue of Spark that the target ``spark`` of ``profiles`` names."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    text = Environment(autoescape=False).from_string(profiles.read_text()).render(env_var=os.environ.get)
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in yaml.safe_load(text)["modelkin"]["outputs"]["spark"]["server_side_parameters"].items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        return {
            f"{schema}.{table.tableName}": session.table(f"{schema}.{table.tableName}").toArrow()
            for schema in LAYERS
            if session.catalog.databaseExists(schema)
            for table in session.sql(f"show tables in {schema}").collect()
            if not table.isTemporary
        }
    finally:
        session.stop()


def main() -> None:
    """Compare, print, and exit with 1 when something differs."""
    require_extra("spark", "pyspark", "The comparison needs")
    lines, is_equal = summary(compare_all(of_duckdb(warehouse_path()), of_spark(project_folder() / "profiles.yml")))
    print(*lines, sep="\n")
    sys.exit(0 if is_equal else 1)


if __name__ == "__main__":
    main()
