"""The queries that the pages show: ``.sql`` files beside them, run as they stand and kept with their rows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from modelkin.builds import tables_of_other_builds
from modelkin.errors import WarehouseError
from modelkin.printable import shown

PAGES: Final = Path(__file__).parent / "pages"

Row = dict[str, Any]

_TABLE: Final = re.compile(r"\b(?:from|join)\s+(\w+\.\w+)")


@dataclass(frozen=True)
class Result:
    """A query with its rows; ``missing`` names the tables that it reads and the warehouse does not have."""

    name: str
    sql: str
    rows: tuple[Row, ...]
    missing: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def only(self) -> Row:
        """Return the single row; an empty mapping when there is none."""
        return self.rows[0] if self.rows else {}

    def where(self, **values: object) -> "Result":
        """Return the rows whose columns have these values, of the same query."""
        kept = tuple(row for row in self.rows if all(row[name] == value for name, value in values.items()))
        return Result(self.name, self.sql, kept, self.missing)


def read_folder(
    connection: duckdb.DuckDBPyConnection, folder: Path, parameters: Mapping[str, Any] | None = None
) -> dict[str, Result]:
    """Run every ``.sql`` file of ``folder``, in the order of the names; return the results by stem.

    Each query takes from ``parameters`` those that it names. A query whose tables are not all there gives no rows and
    says which are missing. Raises WarehouseError when a table lacks a column that a query reads.
    """
    present = _present(connection)
    return {path.stem: _read(connection, path, parameters, present) for path in sorted(folder.glob("*.sql"))}


def read_query(
    connection: duckdb.DuckDBPyConnection, path: Path, parameters: Mapping[str, Any] | None = None
) -> Result:
    """Run the query in one file, as ``read_folder`` does."""
    return _read(connection, path, parameters, _present(connection))


def _read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    parameters: Mapping[str, Any] | None,
    present: frozenset[str],
) -> Result:
    sql = path.read_text(encoding="utf-8").strip()
    missing = tuple(sorted(tables_of(sql) - present))
    if missing:
        return Result(path.stem, sql, (), missing)
    [statement] = duckdb.extract_statements(sql)
    taken = {name: value for name, value in (parameters or {}).items() if name in statement.named_parameters}
    try:
        cursor = connection.execute(sql, taken)
    except duckdb.BinderException as error:
        first_line = str(error).splitlines()[0]
        raise WarehouseError(
            f"The query {path.parent.name}/{path.name} does not fit this warehouse ({first_line}); "
            "run `modelkin build` and `modelkin test` again."
        ) from error
    names = [column[0] for column in cursor.description]
    rows = tuple(dict(zip(names, shown(values), strict=True)) for values in cursor.fetchall())
    return Result(path.stem, filled_in(sql, taken), rows)


def filled_in(sql: str, parameters: Mapping[str, Any]) -> str:
    """Return the query as anyone can run it: with its parameters written into it as literals."""

    def literal(found: re.Match[str]) -> str:
        return _literal(parameters[found[1]]) if found[1] in parameters else found[0]

    return re.sub(r"\$(\w+)", literal, sql)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(member) for member in value)}]"
    return str(value)


def tables_of(sql: str) -> frozenset[str]:
    """Return the tables that one of the pages' queries reads, as schema.table."""
    return frozenset(_TABLE.findall(sql))


def _present(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the existing tables, without those of ``stats`` that were made from another build of the marts."""
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in ('marts', 'stats')"
    ).fetchall()
    return frozenset(name for (name,) in rows) - set(tables_of_other_builds(connection))
