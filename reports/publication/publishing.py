"""Writing the tables of a warehouse into a folder that needs no Modelkin to be read."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Final

import duckdb

from modelkin.builds import tables_in, tables_of_other_builds
from modelkin.database import connect
from modelkin.errors import UsageError, WarehouseError
from reports.publication.card import Column, Source, Table, card
from reports.publication.switching import put_in_place

CATALOGUE: Final = "catalogue.json"
"""Names the build, and of every table the file, the rows, the checksum and the columns. It marks a publication."""

_TABLES: Final = """
    select schema_name, table_name, coalesce(comment, '') from duckdb_tables() where schema_name in ('marts', 'stats')
    union all
    select schema_name, view_name, coalesce(comment, '') from duckdb_views() where schema_name in ('marts', 'stats')
    order by 1, 2
"""
_COLUMNS: Final = """
    select column_name, data_type, coalesce(comment, '') from duckdb_columns()
    where schema_name = ? and table_name = ? order by column_index
"""
_BUILD: Final = """
    select build_id, strftime(built_at, '%Y-%m-%d %H:%M:%S') from marts.fct_builds
    order by built_at desc, build_id desc limit 1
"""
_SOURCES: Final = """
    select source, endpoint, count(*), strftime(min(started_at), '%Y-%m-%d'), strftime(max(started_at), '%Y-%m-%d'),
        bool_or(is_synthetic)
    from marts.fct_extract_runs where status = 'complete' group by source, endpoint order by all
"""


def publish(warehouse: Path, folder: Path) -> Sequence[Table]:
    """Write every mart and every table of ``stats`` into ``folder`` as Parquet, and return what was written.

    The work is done in a folder beside it, which takes its place when everything is written: a publication that is
    killed leaves the former one as it was. Raises UsageError for a folder that holds something else, and
    WarehouseError for a warehouse without marts.
    """
    _check_is_ours(folder)
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        work.chmod(0o755)
        with connect(warehouse, read_only=True) as connection:
            tables = _written(connection, warehouse, work)
        put_in_place(work, folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return tables


def _check_is_ours(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CATALOGUE).is_file():
        raise UsageError(f"The folder {folder} holds something else, which would be lost; name a new one.")


def _written(connection: duckdb.DuckDBPyConnection, warehouse: Path, work: Path) -> list[Table]:
    if "marts.fct_builds" not in tables_in(connection):
        raise WarehouseError(f"The warehouse {warehouse} has no marts yet; run `modelkin build`.")
    build_id, built_at = connection.execute(_BUILD).fetchone() or ("unknown", "unknown")
    # Figures of another build would contradict the marts beside them.
    outdated = set(tables_of_other_builds(connection))
    named = [row for row in connection.execute(_TABLES).fetchall() if f"{row[0]}.{row[1]}" not in outdated]
    tables = [_table(connection, work, *row) for row in named]
    sources = [Source(*row) for row in connection.execute(_SOURCES).fetchall()]
    version = metadata.version("modelkin")
    catalogue = {
        "modelkin_version": version,
        "build_id": build_id,
        "built_at": built_at,
        "tables": [asdict(table) for table in tables],
        "sources": [asdict(source) for source in sources],
    }
    texts = {
        CATALOGUE: json.dumps(catalogue, ensure_ascii=False, indent=2) + "\n",
        "README.md": card(tables, sources, build_id, built_at, version),
        "SHA256SUMS": "".join(f"{table.sha256}  {table.file}\n" for table in tables),
    }
    for name, text in texts.items():
        (work / name).write_text(text, encoding="utf-8")
    return tables


def _table(connection: duckdb.DuckDBPyConnection, work: Path, schema: str, name: str, description: str) -> Table:
    file = f"data/{schema}/{name}.parquet"
    path = work / file
    path.parent.mkdir(parents=True, exist_ok=True)
    relation = connection.table(f"{schema}.{name}")
    relation.write_parquet(os.fspath(path), compression="zstd")
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    [(n_rows,)] = connection.read_parquet(os.fspath(path)).count("*").fetchall()
    columns = tuple(Column(*row) for row in connection.execute(_COLUMNS, [schema, name]).fetchall())
    return Table(schema, name, file, int(n_rows), digest, description, columns)
