"""Writing the tables of ``raw`` as Parquet, for engines that cannot open the warehouse file.

Each table is a folder, and in it each run is a folder ``run_id=…`` with one file. A run never changes once it is
complete, so a second export writes only what came since, and takes away what was forgotten. ``extract_runs`` itself is
one small file, written anew each time.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import duckdb
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from modelkin.database import connect
from modelkin.errors import ModelkinError
from modelkin.raw_schemas import RAW_TABLES

RUNS: Final = "extract_runs"
FILE: Final = "rows.parquet"
_NO_RUN: Final = "run_id=none"
"""Holds a file without rows, from which an engine reads the columns of a table that no run has filled."""
_BATCH_ROWS: Final = 50_000
_ROW_GROUP_ROWS: Final = 250_000


@dataclass(frozen=True)
class RawExport:
    """What an export wrote: files of table and run, those it took away, and those that were there already."""

    n_written: int
    n_removed: int
    n_kept: int


def export_raw(path: Path, url: str) -> RawExport:
    """Write the raw tables of the warehouse at ``path`` to the folder ``url``; only what is not there yet.

    ``url`` is a path, or an address that pyarrow knows: ``s3://``, ``hdfs://``. Raises WarehouseError when the
    warehouse cannot be read, ModelkinError when the folder cannot be written.
    """
    try:
        files, root = _place(url)
        with connect(path, read_only=True) as connection:
            return _export(connection, files, root)
    except (pa.ArrowException, OSError) as error:
        raise ModelkinError(f"Cannot write raw tables to {url}: {str(error).splitlines()[0]}.") from error


def _export(connection: duckdb.DuckDBPyConnection, files: pafs.FileSystem, root: str) -> RawExport:
    n_written = n_removed = n_kept = 0
    held = {
        str(name)
        for (name,) in connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    }
    for table, schema in RAW_TABLES.items():
        folder = posixpath.join(root, table)
        if table == RUNS:
            _write(files, posixpath.join(folder, FILE), _rows(connection, table, schema, None), _plain(schema))
            continue
        columns = _plain(schema.remove(schema.get_field_index("run_id")))
        wanted = _runs(connection, table) if table in held else set()
        present = _present(files, folder, columns)
        for run_id in sorted(present - wanted):
            files.delete_dir(posixpath.join(folder, f"run_id={run_id}"))
            n_removed += 1
        for run_id in sorted(wanted - present):
            target = posixpath.join(folder, f"run_id={run_id}", FILE)
            _write(files, target, _rows(connection, table, columns, run_id), columns)
            n_written += 1
        n_kept += len(wanted & present)
        _write(files, posixpath.join(folder, _NO_RUN, FILE), iter(()), columns)
    return RawExport(n_written, n_removed, n_kept)


def _place(url: str) -> tuple[pafs.FileSystem, str]:
    """Return the file system of ``url``, and the path in it."""
    if "://" in url:
        files, root = pafs.FileSystem.from_uri(url)
        return files, root
    return pafs.LocalFileSystem(), Path(url).resolve().as_posix()


def _plain(schema: pa.Schema) -> pa.Schema:
    """Return ``schema`` with texts for JSON, which engines would read as bytes."""
    return pa.schema(
        [field.with_type(pa.string()) if isinstance(field.type, pa.JsonType) else field for field in schema]
    )


def _runs(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """Return the complete runs that have rows in ``table``; what others left is never read."""
    return {
        str(run_id)
        for (run_id,) in connection.execute(
            f"select distinct run_id from raw.{table} "  # noqa: S608 - a name of our own
            "where run_id in (select run_id from raw.extract_runs where status = 'complete')"
        ).fetchall()
    }


def _present(files: pafs.FileSystem, folder: str, columns: pa.Schema) -> set[str]:
    """Return the runs that ``folder`` holds; none where an older version wrote it, with other columns."""
    found = files.get_file_info(pafs.FileSelector(folder, allow_not_found=True))
    runs = {
        unquote(entry.base_name.removeprefix("run_id=")) for entry in found if entry.type == pafs.FileType.Directory
    }
    runs.discard(_NO_RUN.removeprefix("run_id="))
    sample = posixpath.join(folder, _NO_RUN, FILE)
    if runs and not (
        files.get_file_info(sample).type == pafs.FileType.File
        and pq.read_schema(sample, filesystem=files).equals(columns)
    ):
        files.delete_dir_contents(folder)
        return set()
    return runs


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, run_id: str | None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one run, or of all; a column that an older warehouse lacks is null."""
    has = set(connection.table(f"raw.{table}").columns)
    columns = ", ".join(name if name in has else f"null as {name}" for name in schema.names)
    where = "" if run_id is None else "where run_id = $run_id"
    query = f"select {columns} from raw.{table} {where}"  # noqa: S608 - names of our own
    relation = connection.sql(query, params=None if run_id is None else {"run_id": run_id})
    for batch in relation.to_arrow_reader(_BATCH_ROWS):
        plain = [
            column.cast(pa.string()) if isinstance(column.type, pa.JsonType) else column for column in batch.columns
        ]
        yield from pa.table(plain, names=schema.names).cast(_plain(schema)).to_batches()


def _write(files: pafs.FileSystem, target: str, rows: Iterator[pa.RecordBatch], schema: pa.Schema) -> None:
    """Write a file whole: under a name that engines do not read, which becomes ``target`` at the end."""
    folder = posixpath.dirname(target)
    files.create_dir(folder, recursive=True)
    unfinished = posixpath.join(folder, f"_{posixpath.basename(target)}")
    with (
        files.open_output_stream(unfinished) as stream,
        pq.ParquetWriter(stream, schema, compression="zstd", coerce_timestamps="us") as writer,
    ):
        for batch in rows:
            writer.write_batch(batch, row_group_size=_ROW_GROUP_ROWS)
    files.move(unfinished, target)
