"""What a warehouse holds, as far as two can be compared: rows of raw, and which build marts and stats are of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from modelkin.builds import recorded_digest, tables_in, tables_of_other_builds
from modelkin.digests import marts_digest


@dataclass(frozen=True)
class State:
    """The state of one warehouse."""

    rows: Mapping[str, int]
    """How many rows each raw table has, of runs that are complete."""
    strays: int
    """How many rows of raw belong to no complete run."""
    digest: str
    """The digest of the marts."""
    is_of_one_build: bool
    """Whether the tables of stats were made from these marts, and the digest is the one that was recorded."""

    def with_loaded(self, before: "State", after: "State") -> "State":
        """Return this state with what another load adds to ``before``."""
        rows = {table: self.rows.get(table, 0) + n - before.rows.get(table, 0) for table, n in after.rows.items()}
        return State(dict(self.rows) | rows, self.strays, self.digest, self.is_of_one_build)


def read_state(path: Path) -> State:
    """Return the state of the warehouse at ``path``."""
    rows, strays = {}, 0
    with duckdb.connect(str(path), read_only=True) as connection:
        for name in sorted(tables_in(connection)):
            schema, _, table = name.partition(".")
            if schema != "raw":
                continue
            relation = connection.table(f"raw.{table}")
            if table == "extract_runs":
                rows[table] = len(relation.filter("status = 'complete'"))
            elif "run_id" in relation.columns:
                of_runs = relation.filter("run_id in (select run_id from raw.extract_runs where status = 'complete')")
                rows[table] = len(of_runs)
                strays += len(relation) - len(of_runs)
        digest, _, _ = marts_digest(connection)
        is_of_one_build = not tables_of_other_builds(connection) and recorded_digest(connection) == digest
    return State(rows, strays, digest, is_of_one_build)
