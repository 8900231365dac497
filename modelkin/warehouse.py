"""Writing into the warehouse: the tables of ``raw``, and the loads that fill them.

A load is one transaction. Its row in ``raw.extract_runs`` is written first, as ``running``, and
becomes ``complete`` in the same transaction that appends the data, so a run that dies leaves
nothing but that row.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb
import pyarrow as pa

from modelkin.clock import problem_in
from modelkin.database import DEFAULT_PATH, ELSEWHERE, SCHEMAS, STORAGE_VERSION, connect, utc_now, warehouse_path
from modelkin.errors import WarehouseError
from modelkin.log import record
from modelkin.printable import warn
from modelkin.raw_schemas import RAW_TABLES

__all__ = [
    "DEFAULT_PATH",
    "SCHEMAS",
    "STORAGE_VERSION",
    "Load",
    "connect",
    "ensure_raw",
    "library_versions",
    "load",
    "utc_now",
    "warehouse_path",
]

ZSTD_COLUMNS: Final = {"hub_models": ("card_data", "model_id", "sha")}
"""Texts that are different in every row: DuckDB's own choice, a dictionary, takes two to three times as long to
write, and for cards more than twice the room. Reading takes the same time."""

_LIBRARIES: Final = ("duckdb", "pyarrow", "huggingface_hub", "transformers", "torch", "safetensors")
_ERROR_CHARACTERS: Final = 500


Rows: TypeAlias = pa.Table | duckdb.DuckDBPyRelation
"""What a stream yields: a fitted table, or a relation of the connection that writes."""


@dataclass
class Load:
    """The rows of one run, gathered before they are written together.

    ``row_count`` is what has been added so far, and at the end what was written, all tables together.
    """

    run_id: str
    params: dict[str, Any] = field(default_factory=dict)
    row_count: int = 0
    observed_columns: tuple[str, ...] | None = None
    _parts: dict[str, list[pa.Table]] = field(default_factory=dict)
    _streams: list[tuple[str, Callable[[duckdb.DuckDBPyConnection], Iterable[Rows]]]] = field(default_factory=list)
    _work: list[Callable[[duckdb.DuckDBPyConnection], None]] = field(default_factory=list)

    def add(self, table: str, rows: pa.Table | Sequence[Mapping[str, Any]]) -> int:
        """Add rows to the raw table ``table``; return how many. ``run_id`` is filled in here.

        Rows are dictionaries keyed by column (absent columns are null) or a pyarrow table with
        any of the raw table's columns. Raises KeyError for an unknown table.
        """
        part = self._fitted(table, rows)
        self._parts.setdefault(table, []).append(part)
        self.row_count += part.num_rows
        return int(part.num_rows)

    def observes(self, columns: Iterable[str]) -> None:
        """Say which columns of ``hub_models`` the source of this run carries; the others are absent, not null."""
        self.observed_columns = tuple(sorted(columns))

    def add_stream(self, table: str, pieces: Iterable[pa.Table]) -> None:
        """Add rows piece by piece: each is asked for and written in turn, inside the transaction.

        For loads that do not fit in memory. Pieces are as in ``add``.
        """
        RAW_TABLES[table]
        self._streams.append((table, lambda _: (self._fitted(table, piece) for piece in pieces)))

    def add_query(self, table: str, query: Callable[[duckdb.DuckDBPyConnection], duckdb.DuckDBPyRelation]) -> None:
        """Add the rows of a DuckDB relation, which ``query`` makes on the connection that writes.

        No row passes through Python. The relation must have every column of the raw table but
        ``run_id``, by name; the order and exact types do not matter.
        """
        RAW_TABLES[table]
        self._streams.append((table, lambda connection: [query(connection)]))

    def also(self, work: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        """Do ``work`` on the connection that writes, inside the transaction, after all rows are written."""
        self._work.append(work)

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write everything to ``connection``, whose transaction the caller holds; count the rows."""
        for table, parts in self._parts.items():
            _insert(connection, table, self.run_id, pa.concat_tables(parts))
        self.row_count = sum(part.num_rows for parts in self._parts.values() for part in parts)
        for table, pieces in self._streams:
            for piece in pieces(connection):
                self.row_count += _insert(connection, table, self.run_id, piece)
        for work in self._work:
            work(connection)

    def _fitted(self, table: str, rows: pa.Table | Sequence[Mapping[str, Any]]) -> pa.Table:
        schema = RAW_TABLES[table]
        if not isinstance(rows, pa.Table):
            return pa.Table.from_pylist([{**row, "run_id": self.run_id} for row in rows], schema=schema)
        columns = [
            pa.array([self.run_id] * rows.num_rows, pa.string())
            if name == "run_id"
            else _conform(rows, name, schema.field(name).type)
            for name in schema.names
        ]
        return pa.table(columns, schema=schema)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, run_id: str, rows: Rows) -> int:
    """Append ``rows`` to the raw table, column by name; return how many they were.

    A column that only the table has, since a newer Modelkin made it, is null.
    """
    target = connection.table(f"raw.{table}")
    relation = connection.from_arrow(rows) if isinstance(rows, pa.Table) else rows
    columns = []
    for name, type_ in zip(target.columns, target.types, strict=True):
        if name == "run_id":
            column = duckdb.ConstantExpression(run_id)
        elif name in RAW_TABLES[table].names:
            column = duckdb.ColumnExpression(name)
        else:
            column = duckdb.ConstantExpression(None)
        columns.append(column.cast(type_))
    count_before = 0 if isinstance(rows, pa.Table) else _count(target)
    relation.select(*columns).insert_into(f"raw.{table}")
    return rows.num_rows if isinstance(rows, pa.Table) else _count(target) - count_before


def _count(relation: duckdb.DuckDBPyRelation) -> int:
    [(count,)] = relation.aggregate("count(*)").fetchall()
    return int(count)


def _conform(rows: pa.Table, name: str, type_: pa.DataType) -> pa.ChunkedArray | pa.Array:
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, type_)
    column = rows.column(name)
    return column if column.type == type_ else column.cast(type_)


@contextmanager
def load(
    source: str, *, endpoint: str | None = None, params: Mapping[str, Any] | None = None, path: Path | None = None
) -> Iterator[Load]:
    """Record a run, gather its rows in the body of the ``with``, and write them in one transaction.

    ``source`` is one of hub, dump, overlap, weights, import, forget. If the body or the write fails, nothing but
    the run's row remains, with status ``failed`` and the error; the exception goes on. A process
    killed in between leaves the row as ``running``. What the body adds to ``params`` is recorded at
    the end.
    """
    path = path or warehouse_path()
    started_at = utc_now()
    run = Load(run_id=f"{started_at:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}", params=dict(params or {}))
    with connect(path) as connection:
        ensure_raw(connection)
        if problem := problem_in(connection, started_at):
            warn(f"Note: {problem}")
        row = pa.Table.from_pylist(
            [
                {
                    "run_id": run.run_id,
                    "source": source,
                    "endpoint": endpoint,
                    "params": _json(run.params),
                    "started_at": started_at,
                    "status": "running",
                    "code_version": metadata.version("modelkin"),
                    "library_versions": json.dumps(library_versions()),
                }
            ],
            schema=RAW_TABLES["extract_runs"],
        )
        _insert(connection, "extract_runs", run.run_id, row)
    try:
        yield run
        with connect(path) as connection:
            connection.begin()
            run.write(connection)
            connection.execute(
                "update raw.extract_runs set status = 'complete', finished_at = ?, row_count = ?, params = ?, "
                "observed_columns = ? where run_id = ?",
                [utc_now(), run.row_count, _json(run.params), run.observed_columns, run.run_id],
            )
            connection.commit()
        record("run", run_id=run.run_id, source=source, status="complete", rows=run.row_count)
    except BaseException as error:
        record("run", run_id=run.run_id, source=source, status="failed", error=str(error) or type(error).__name__)
        _record_failure(path, run.run_id, error)
        raise


def _json(params: Mapping[str, Any]) -> str:
    return json.dumps(dict(params), default=str, sort_keys=True)


def _record_failure(path: Path, run_id: str, error: BaseException) -> None:
    message = (str(error) or type(error).__name__)[:_ERROR_CHARACTERS]
    try:
        with connect(path) as connection:
            connection.execute(
                # What came after the rows were committed, such as Ctrl-C, does not undo them.
                "update raw.extract_runs set status = 'failed', finished_at = ?, error = ? "
                "where run_id = ? and status = 'running'",
                [utc_now(), message, run_id],
            )
    except (WarehouseError, duckdb.Error):
        # The file went away or is held by another program: the row stays `running`,
        # which every reader already treats as a run that left no data.
        return


def ensure_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``raw`` hold every table and column of the contract, so that dbt can always read them.

    What an older Modelkin made gets the columns that it lacks, all in one transaction; their values
    are null. Raises WarehouseError for a column of another type than the contract's.
    """
    present: dict[str, dict[str, str]] = {}
    for table, column, type_ in connection.execute(_RAW_COLUMNS).fetchall():
        present.setdefault(table, {})[column] = type_
    wanted = {name: _column_types(connection, schema) for name, schema in RAW_TABLES.items()}
    if present == wanted:
        return
    for table, columns in wanted.items():
        for column, type_ in columns.items():
            found = present.get(table, {}).get(column, type_)
            if found != type_:
                raise WarehouseError(
                    f"raw.{table}.{column} of this warehouse is {found}, but this version of Modelkin needs {type_}; "
                    f"use the version that made it, or {ELSEWHERE} and extract again."
                )
    connection.begin()
    try:
        connection.execute("create schema if not exists raw")
        for table, columns in wanted.items():
            if table not in present:
                connection.execute(_create_statement(table, columns))
            for column, type_ in columns.items():
                if column not in present.get(table, columns):
                    connection.execute(f'alter table raw.{table} add column "{column}" {type_}')
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


_RAW_COLUMNS: Final = """
    select table_name, column_name, data_type
    from duckdb_columns()
    where database_name = current_database() and schema_name = 'raw'
    order by table_name, column_index
"""


def _column_types(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> dict[str, str]:
    rows = connection.from_arrow(schema.empty_table())
    return {name: str(type_) for name, type_ in zip(rows.columns, rows.types, strict=True)}


def _create_statement(table: str, columns: Mapping[str, str]) -> str:
    """Return the statement that creates a raw table: names and types are the contract's own, never input."""
    parts = [
        f'"{name}" {type_}' + (" using compression zstd" if name in ZSTD_COLUMNS.get(table, ()) else "")
        for name, type_ in columns.items()
    ]
    return f"create table raw.{table} ({', '.join(parts)})"


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that shape what is written, those installed."""
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
