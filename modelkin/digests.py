"""One short text that is the same for two builds of the same state, and another one when any value differs.

It tells whether two people look at the same marts, and whether a file was changed since it was built. DuckDB computes
the hash of every row of every table of ``marts``; the sum of the hashes does not depend on the order of the rows.
DuckDB may change its hash from one release to the next, so digests are compared within one release.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from modelkin.builds import LATEST_BUILD, tables_in
from modelkin.database import connect
from modelkin.stats_tables import StatsTable, replace_table

ABOUT_BUILDS: Final = frozenset({"fct_builds", "fct_build_tests"})
"""The marts that tell of the builds themselves: they differ from build to build, and are left out."""

DIGESTS: Final = StatsTable(
    "digests",
    "One row: the digest of the marts of the latest build. Two builds of the same raw data by the same version of "
    "Modelkin and DuckDB have the same digest; any other value in any mart gives another one.",
    pa.schema(
        [
            pa.field("build_id", pa.string()),
            pa.field("marts_digest", pa.string(), nullable=False),
            pa.field("n_tables", pa.int64(), nullable=False),
            pa.field("n_rows", pa.int64(), nullable=False),
            pa.field("duckdb_version", pa.string(), nullable=False),
        ]
    ),
    {
        "build_id": "The build that made the marts (`marts.fct_builds`).",
        "marts_digest": "The first 16 hexadecimal digits of a SHA-256 over the name, the number of rows and the sum of "
        "the rows' hashes of every table of marts, in the order of their names.",
        "n_tables": "How many tables it covers; views and the tables about builds are left out.",
        "n_rows": "How many rows they have together.",
        "duckdb_version": "The release of DuckDB whose hash was used; digests of other releases do not compare.",
    },
)


def marts_digest(connection: duckdb.DuckDBPyConnection) -> tuple[str, int, int]:
    """Return the digest of the tables of ``marts``, how many they are, and how many rows they have together."""
    names = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'marts' "
        "order by table_name"
    ).fetchall()
    digest, n_tables, n_rows = sha256(), 0, 0
    for (name,) in names:
        if name in ABOUT_BUILDS:
            continue
        table = 'marts."' + name.replace('"', '""') + '"'
        [(rows, total)] = connection.execute(
            f"select count(*), coalesce(sum(cast(hash(one_row) as hugeint)), 0) from {table} as one_row"  # noqa: S608
        ).fetchall()
        digest.update(f"{name} {rows} {total}\n".encode())
        n_tables, n_rows = n_tables + 1, n_rows + rows
    return digest.hexdigest()[:16], n_tables, n_rows


def record_digest(path: Path) -> str:
    """Write the digest of the marts at ``path`` to ``stats.digests``, and return it."""
    with connect(path, read_only=True) as connection:
        digest, n_tables, n_rows = marts_digest(connection)
        build = connection.execute(LATEST_BUILD).fetchone() if "marts.fct_builds" in tables_in(connection) else None
    values = [build[0] if build else None, digest, n_tables, n_rows, duckdb.__version__]
    replace_table(
        path, DIGESTS, pa.Table.from_pylist([dict(zip(DIGESTS.schema.names, values, strict=True))], DIGESTS.schema)
    )
    return digest
