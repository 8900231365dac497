"""Bringing marts that Spark built back into the warehouse, so that the report and every client work unchanged.

Spark keeps each mart as a folder of Parquet files. What its columns are, which of them are never null and what they
mean is in dbt's manifest, as it is for a build on DuckDB.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from modelkin.build import conclude
from modelkin.builds import tables_in
from modelkin.database import connect
from modelkin.errors import ModelkinError
from modelkin.publishing import sole_writer, working_copy
from modelkin.stats_tables import identifier, literal

FOLDER: Final = "marts.db"
"""What Spark calls the folder of the schema ``marts``, in the folder of its tables."""

_STALE: Final = ("staging", "intermediate")
"""What an earlier build on DuckDB made on the way to its marts. The next one must make it anew, not add to it."""
_EARLIER_BUILDS: Final = "earlier_builds"


@dataclass(frozen=True)
class Mart:
    """One mart: its name, description and columns in their order."""

    name: str
    description: str
    columns: tuple[tuple[str, str, bool, str], ...]
    """Name, type, whether it is never null, and description."""

    def statements(self, files: str, *, is_view: bool) -> Iterator[str]:
        """Yield what makes the mart of the Parquet files that ``files`` matches: a table, or a view of the files."""
        target = f"marts.{identifier(self.name)}"
        casts = ", ".join(
            f"cast({identifier(name)} as {kind}) as {identifier(name)}" for name, kind, *_ in self.columns
        )
        select = f"select {casts} from read_parquet({literal(files)})"  # noqa: S608 - quoted, or types of contracts
        if is_view:
            yield f"create view {target} as {select}"
        else:
            columns = ", ".join(
                f"{identifier(name)} {kind}{' not null' if is_required else ''}"
                for name, kind, is_required, _ in self.columns
            )
            yield f"create table {target} ({columns})"
            yield f"insert into {target} {select}"
        yield f"comment on {'view' if is_view else 'table'} {target} is {literal(self.description)}"
        for name, *_, description in self.columns:
            if description:
                yield f"comment on column {target}.{identifier(name)} is {literal(description)}"


def import_marts(path: Path, tables: str, manifest: Path, *, as_views: bool = False) -> list[str]:
    """Put the marts in the folder or address ``tables`` in the place of those of the warehouse at ``path``.

    The work is done on a copy, which is published when the tables of ``stats`` are made of these marts too. Returns the
    lines that say what was done. Raises WarehouseError when the warehouse is absent or written to by another program,
    ModelkinError when a mart is missing or is not what its contract promises.
    """
    marts = marts_of(manifest)
    path = path.resolve()
    with connect(path, read_only=True):
        pass  # a warehouse that does not exist is an error here, not made
    with sole_writer(path), working_copy(path) as copy:
        with connect(copy.path) as connection:
            _replace(connection, marts, tables, as_views=as_views)
        lines = conclude(copy.path)
        copy.publish(keep_former=True)
    return [f"Brought {len(marts)} marts into {path}{', as views of the files' if as_views else ''}.", *lines]


def marts_of(manifest: Path) -> list[Mart]:
    """Return the marts that dbt's manifest names."""
    try:
        nodes: Mapping[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    except FileNotFoundError:
        raise ModelkinError(f"There is no {manifest}; build on Spark first, with `make dbt TARGET=spark`.") from None
    return [
        Mart(
            node["alias"],
            node["description"],
            tuple(
                (
                    column["name"],
                    column["data_type"],
                    any(constraint["type"] == "not_null" for constraint in column["constraints"]),
                    column["description"],
                )
                for column in node["columns"].values()
            ),
        )
        for node in sorted(nodes.values(), key=lambda node: str(node["unique_id"]))
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]


def _replace(connection: duckdb.DuckDBPyConnection, marts: list[Mart], tables: str, *, as_views: bool) -> None:
    connection.execute("begin")
    has_builds = "marts.fct_builds" in tables_in(connection)
    if has_builds:
        connection.execute(f"create temporary table {_EARLIER_BUILDS} as from marts.fct_builds")
    for schema in ("marts", *_STALE):
        connection.execute(f"drop schema if exists {schema} cascade")
    connection.execute("create schema marts")
    for mart in marts:
        files = f"{tables.rstrip('/')}/{FOLDER}/{mart.name}/*.parquet"
        # The list of builds grows with each of them, so it stays a table.
        is_view = as_views and mart.name != "fct_builds"
        try:
            for statement in mart.statements(files, is_view=is_view):
                connection.execute(statement)
        except duckdb.Error as error:
            raise ModelkinError(
                f"The mart {mart.name} could not be read from {files}: {str(error).splitlines()[0]} "
                "The warehouse is as it was before."
            ) from error
    if has_builds:
        connection.execute(
            f"insert into marts.fct_builds by name from {_EARLIER_BUILDS} "  # noqa: S608 - names of our own
            "where build_id not in (select build_id from marts.fct_builds)"
        )
        connection.execute(f"drop table {_EARLIER_BUILDS}")
    connection.execute("commit")
