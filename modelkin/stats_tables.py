"""Tables of the schema ``stats``: how one is described, and the one place that writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from modelkin.builds import LATEST_BUILD, tables_in
from modelkin.errors import WarehouseError
from modelkin.warehouse import connect


@dataclass(frozen=True)
class StatsTable:
    """A table of ``stats``: its name, what it holds, its columns and what each means."""

    name: str
    description: str
    schema: pa.Schema
    columns: Mapping[str, str]


def replace_table(path: Path, table: StatsTable, rows: pa.Table) -> None:
    """Replace ``stats.<table>`` by ``rows`` in one transaction, with its descriptions as comments.

    ``stats.builds`` then names the build of the marts that it was made from, where the marts know theirs.

    ``rows`` must have the table's schema, else ValueError. Raises WarehouseError when the file cannot be written;
    the old table then stays.
    """
    if not rows.schema.equals(table.schema):
        raise ValueError(f"the rows for stats.{table.name} do not have its schema")
    qualified = f"stats.{identifier(table.name)}"
    with connect(path) as connection:
        try:
            connection.begin()
            connection.execute("create schema if not exists stats")
            connection.execute(f"drop table if exists {qualified}")
            connection.from_arrow(rows).create(f"stats.{table.name}")
            # DuckDB takes no parameters in COMMENT and ALTER; these names and texts are constants of the code.
            for field in table.schema:
                column = f"{qualified}.{identifier(field.name)}"
                connection.execute(f"comment on column {column} is {literal(table.columns[field.name])}")
                if not field.nullable:
                    connection.execute(f"alter table {qualified} alter column {identifier(field.name)} set not null")
            connection.execute(f"comment on table {qualified} is {literal(table.description)}")
            _record_build(connection, table.name)
            connection.commit()
        except duckdb.Error as error:
            connection.rollback()
            first_line = str(error).splitlines()[0]
            raise WarehouseError(f"stats.{table.name} could not be written to {path} ({first_line}).") from error


def _record_build(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute("create table if not exists stats.builds (table_name varchar not null, build_id varchar)")
    connection.execute(
        "comment on table stats.builds is 'Which build of the marts (marts.fct_builds) each table of stats was made "
        "from. One row per table.'"
    )
    connection.execute("delete from stats.builds where table_name = ?", [name])
    build = connection.execute(LATEST_BUILD).fetchone() if "marts.fct_builds" in tables_in(connection) else None
    connection.execute("insert into stats.builds values (?, ?)", [name, build[0] if build else None])


def identifier(name: str) -> str:
    """Return a name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL quotes it."""
    return "'" + text.replace("'", "''") + "'"
