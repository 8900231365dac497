"""A warehouse whose marts are views of a published data set: nothing is copied, and every command that reads works."""

import json
import re
from pathlib import Path
from typing import Any, Final

import duckdb

from modelkin.database import connect
from modelkin.errors import InputError, UsageError
from modelkin.stats_tables import literal
from reports.publication.publishing import CATALOGUE

SCHEMES: Final = ("hf://", "https://", "http://", "s3://", "gcs://", "az://")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}", re.ASCII)
_SCHEMAS: Final = ("marts", "stats")


def open_publication(source: str, target: Path) -> int:
    """Make the new warehouse ``target`` of views over the publication at ``source``; return how many views.

    ``source`` is a folder, or an address that DuckDB reads. Raises UsageError where ``target`` exists, and
    InputError where ``source`` is no publication.
    """
    if target.exists():
        raise UsageError(f"{target} exists, and would be overwritten; name a new file with --db.")
    is_address = source.lower().startswith(SCHEMES)
    root = source.rstrip("/") if is_address else str(Path(source).resolve())
    catalogue = _catalogue(root, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with connect(target) as connection:
            for schema in _SCHEMAS:
                connection.execute(f"create schema {schema}")
            for table in catalogue:
                _view(connection, root, table)
    except duckdb.Error as error:
        target.unlink(missing_ok=True)
        raise InputError(f"{source} cannot be read: {str(error).splitlines()[0]}") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return len(catalogue)


def _catalogue(root: str, source: str) -> list[dict[str, Any]]:
    """Return the tables that the catalogue lists, each checked: whoever wrote it is a stranger."""
    no_publication = f"{source} is no publication of Modelkin"
    try:
        with duckdb.connect() as connection:
            [(text,)] = connection.execute("select content from read_text(?)", [f"{root}/{CATALOGUE}"]).fetchall()
        tables = json.loads(text)["tables"]
        for table in tables:
            schema, name = str(table["schema"]), str(table["name"])
            if schema not in _SCHEMAS or not _NAME.fullmatch(name):
                raise InputError(f"{no_publication}: its catalogue names a table {schema!r}.{name!r}.")
            str(table["description"]), [(str(one["name"]), str(one["description"])) for one in table["columns"]]
    except (duckdb.Error, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{no_publication}: its {CATALOGUE} cannot be read ({reason}).") from error
    return list(tables)


def _view(connection: duckdb.DuckDBPyConnection, root: str, table: dict[str, Any]) -> None:
    relation = f"{table['schema']}.{table['name']}"
    # The name of the file follows from that of the table; what the catalogue says of it is not a path here.
    file = literal(f"{root}/data/{table['schema']}/{table['name']}.parquet")
    connection.execute(f"create view {relation} as select * from read_parquet({file})")  # noqa: S608 - checked, quoted
    connection.execute(f"comment on view {relation} is {literal(str(table['description']))}")
    present = {name for (name, *_) in connection.execute(f"describe {relation}").fetchall()}
    for column in table["columns"]:
        if column["name"] in present:
            name = '"' + str(column["name"]).replace('"', '""') + '"'
            connection.execute(f"comment on column {relation}.{name} is {literal(str(column['description']))}")
