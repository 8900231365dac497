"""Which build made the marts, and whether the tables of ``stats`` were made from it."""

from typing import Final

import duckdb

LATEST_BUILD: Final = "select build_id from marts.fct_builds order by built_at desc, build_id desc limit 1"


def tables_in(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of all tables and views, as ``schema.table``."""
    query = "select table_schema || '.' || table_name from information_schema.tables"
    return {name for (name,) in connection.execute(query).fetchall()}


def tables_of_other_builds(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables of ``stats`` that were made from another build than the one that made the marts.

    None where the marts do not say which build made them, as those of older versions do not.
    """
    tables = tables_in(connection)
    if "marts.fct_builds" not in tables:
        return []
    latest = connection.execute(LATEST_BUILD).fetchone()
    if latest is None:
        return []
    made_from: dict[str, str | None] = {}
    if "stats.builds" in tables:
        made_from = dict(connection.execute("select table_name, build_id from stats.builds").fetchall())
    stats = {name.removeprefix("stats.") for name in tables if name.startswith("stats.")} - {"builds"}
    return sorted(f"stats.{name}" for name in stats if made_from.get(name) != latest[0])


def recorded_digest(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the digest of the marts that was recorded after the latest build with this release of DuckDB.

    None where none was; see ``modelkin.digests``.
    """
    if not {"stats.digests", "marts.fct_builds"} <= tables_in(connection):
        return None
    latest = connection.execute(LATEST_BUILD).fetchone()
    found = connection.execute(
        "select marts_digest from stats.digests where duckdb_version = ? and build_id = ?",
        [duckdb.__version__, latest[0] if latest else None],
    ).fetchone()
    return found[0] if found else None
