"""Writing the tables of a warehouse into a folder that needs no Modelkin to be read."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import duckdb

from modelkin.builds import tables_in, tables_of_other_builds
from modelkin.database import connect
from modelkin.errors import UsageError, WarehouseError
from reports.publication.card import Column, Source, Table, card
from reports.publication.place import work_folder
from reports.publication.terms import Terms, read_terms, refuse_forbidden, terms_of

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
_RUNS: Final = """
    select source, endpoint, coalesce(endpoint, '') || ' ' || coalesce(cast(params as varchar), ''),
        strftime(started_at, '%Y-%m-%d'), is_synthetic
    from marts.fct_extract_runs where status = 'complete' and source != 'forget'
"""


@dataclass(frozen=True)
class Publication:
    """What was published: the tables, and how many files were taken over from the former publication."""

    tables: tuple[Table, ...]
    n_kept: int


@dataclass(frozen=True)
class _Writing:
    """Where the new files go, where the former ones are, and the digest and checksum of each of those."""

    work: Path
    folder: Path
    former: Mapping[str, tuple[str, str]]


def publish(warehouse: Path, folder: Path, rules: Sequence[Terms] | None = None) -> Publication:
    """Write every mart and every table of ``stats`` into ``folder`` as Parquet.

    The work is done in a folder beside it, which takes its place when everything is written: a publication that is
    killed leaves the former one as it was. Files whose rows are those of the former publication are taken over.
    ``rules`` say what may be published; the default is the list of this package. Raises UsageError for a folder that
    holds something else and for sources that may not be published, and WarehouseError for a warehouse without marts.
    """
    _check_is_ours(folder)
    folder = folder.resolve()
    with connect(warehouse, read_only=True) as connection:
        if "marts.fct_builds" not in tables_in(connection):
            raise WarehouseError(f"The warehouse {warehouse} has no marts yet; run `modelkin build`.")
        sources = _sources(connection, read_terms() if rules is None else rules)
        with work_folder(folder) as work:
            return _written(connection, work, folder, sources)


def _check_is_ours(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CATALOGUE).is_file():
        raise UsageError(f"The folder {folder} holds something else, which would be lost; name a new one.")


def _sources(connection: duckdb.DuckDBPyConnection, rules: Sequence[Terms]) -> list[Source]:
    """Return where the data come from, one source per kind of run, hub and rule; refuse what may not be published."""
    runs: dict[tuple[str, str, Terms, bool], list[str]] = {}
    for source, endpoint, origin, day, is_synthetic in connection.execute(_RUNS).fetchall():
        rule = terms_of(source, origin, rules)
        runs.setdefault((source, endpoint or "", rule, bool(is_synthetic)), []).append(day)
    refuse_forbidden(rule for _, _, rule, _ in runs)
    return [
        Source(
            source,
            endpoint or None,
            len(days),
            min(days),
            max(days),
            is_synthetic,
            rule.name,
            rule.license,
            rule.may_be_published,
            rule.note,
            rule.terms_url,
        )
        for (source, endpoint, rule, is_synthetic), days in sorted(runs.items(), key=lambda item: item[0][:2])
    ]


def _written(connection: duckdb.DuckDBPyConnection, work: Path, folder: Path, sources: Sequence[Source]) -> Publication:
    build_id, built_at = connection.execute(_BUILD).fetchone() or ("unknown", "unknown")
    # Figures of another build would contradict the marts beside them.
    outdated = set(tables_of_other_builds(connection))
    named = [row for row in connection.execute(_TABLES).fetchall() if f"{row[0]}.{row[1]}" not in outdated]
    writing = _Writing(work, folder, _former(folder))
    tables = tuple(_table(connection, writing, *row) for row in named)
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
    return Publication(tables, sum(writing.former.get(table.file) == (table.content, table.sha256) for table in tables))


def _former(folder: Path) -> dict[str, tuple[str, str]]:
    """Return of each whole file of the former publication the digest of its rows and its checksum."""
    try:
        catalogue = json.loads((folder / CATALOGUE).read_text(encoding="utf-8"))
        listed = {one["file"]: (one["content"], one["sha256"]) for one in catalogue["tables"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {
        file: digests
        for file, digests in listed.items()
        if (folder / file).is_file() and _checksum(folder / file) == digests[1]
    }


def _table(
    connection: duckdb.DuckDBPyConnection, writing: "_Writing", schema: str, name: str, description: str
) -> Table:
    file = f"data/{schema}/{name}.parquet"
    path = writing.work / file
    path.parent.mkdir(parents=True, exist_ok=True)
    relation = connection.table(f"{schema}.{name}")
    columns = tuple(Column(*row) for row in connection.execute(_COLUMNS, [schema, name]).fetchall())
    # The sum does not depend on the order of rows; the engine's own hash may change with its version.
    [(n_rows, total)] = (
        relation.set_alias("one_row").aggregate("count(*), coalesce(sum(cast(hash(one_row) as hugeint)), 0)").fetchall()
    )
    shape = [(column.name, column.type) for column in columns]
    content = hashlib.sha256(f"{duckdb.__version__} {shape} {n_rows} {total}".encode()).hexdigest()[:16]
    known, digest = writing.former.get(file, ("", ""))
    if known == content:
        _take_over(writing.folder / file, path)
    else:
        relation.write_parquet(os.fspath(path), compression="zstd")
        digest = _checksum(path)
    return Table(schema, name, file, int(n_rows), digest, content, description, columns)


def _take_over(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # a file system without links
        shutil.copyfile(old, new)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
