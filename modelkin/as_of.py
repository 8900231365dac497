"""The warehouse as it would have been on an earlier day: a new file with only what was observed, or known, by then.

Marts are a function of ``raw``. So a state of the past needs no history inside the marts: its raw rows are copied
into a new file, and an ordinary build makes every mart of them. Two times are told apart. *Observed* is when a fact
was true: the time of a dump, of a crawled page, of a measurement. *Known* is when this warehouse loaded it. A dump of
2024 that is loaded today belongs to 2024 by the first and to today by the second.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import duckdb

from modelkin.database import connect, utc_now
from modelkin.errors import UsageError, WarehouseError
from modelkin.raw_schemas import RAW_TABLES
from modelkin.stats_tables import literal
from modelkin.warehouse import ensure_raw

RUN_LOG: Final = "extract_runs"

OBSERVED: Final = {"hub_models": "observed_at", "hub_model_cards": "fetched_at"}
"""The tables whose rows say when they were observed. What the others hold was observed when its run ended: a
measurement, an imported study."""

RUN_COLUMNS: Final = {
    name: tuple(column for column in ("run_id", "other_run_id") if column in schema.names)
    for name, schema in RAW_TABLES.items()
}

_FOREVER: Final = datetime.max


@dataclass(frozen=True)
class Past:
    """Which state of a warehouse is meant; None: no limit."""

    observed_by: datetime | None = None
    known_by: datetime | None = None


def parse_past(as_of: str | None, known_by: str | None) -> Past:
    """Return the state that ``--as-of`` and ``--known-by`` name; a day without a time counts to its end, in UTC."""
    return Past(*(_end(option, text) for option, text in (("--as-of", as_of), ("--known-by", known_by))))


def _end(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        try:
            instant = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise UsageError(
                f"{option} {text!r} is not a date; write it as 2025-06-30 or 2025-06-30T12:00, in UTC or with its "
                "offset (+02:00)."
            ) from error
        end = instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
    else:
        end = datetime.combine(day, time.min) + timedelta(days=1, microseconds=-1)
    if end.date() > utc_now().date():
        raise UsageError(f"{option} {text!r} lies in the future; name a day that has begun.")
    return end


def copy_past(warehouse: Path, past: Past, target: Path) -> Mapping[str, int]:
    """Write the raw rows of ``warehouse`` that belong to ``past`` into the new file ``target``.

    Returns how many rows of each raw table were copied, those tables that had any. The file appears under its name
    when it is whole. Raises UsageError where ``target`` exists, and WarehouseError where nothing belongs to the state.
    """
    if target.exists():
        raise UsageError(f"{target} exists, and would be overwritten; name a new file.")
    with connect(warehouse, read_only=True):
        pass  # a warehouse that is missing or no warehouse is an error here
    target.parent.mkdir(parents=True, exist_ok=True)
    work = target.with_name(f".{target.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        # The same name as in its final place: views name the database that they are in by its file.
        with connect(work / target.name) as connection:
            ensure_raw(connection)
            counts = _copied(connection, warehouse, past)
        if not counts:
            raise WarehouseError(f"{warehouse} holds nothing from that time; `modelkin status` lists its runs.")
        (work / target.name).rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return counts


def _copied(connection: duckdb.DuckDBPyConnection, warehouse: Path, past: Past) -> dict[str, int]:
    connection.execute(f"attach {literal(str(warehouse.resolve()))} as origin (read_only)")
    present: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = 'origin' and schema_name = 'raw'"
    ).fetchall():
        present.setdefault(table, set()).add(column)
    connection.begin()
    # A run that has not ended is known from its start on, as one that failed is.
    connection.execute(
        "create temp table known as select run_id, coalesce(finished_at, started_at) as ended_at "
        "from origin.raw.extract_runs where ended_at <= ?",
        [past.known_by or _FOREVER],
    )
    observed_by = past.observed_by or _FOREVER
    connection.execute("create temp table ended as select run_id from known where ended_at <= ?", [observed_by])
    counts: dict[str, int] = {}
    with_rows = "select run_id from ended"
    # Names of tables and columns are the raw contract's own, never input.
    for table, schema in RAW_TABLES.items():
        if table == RUN_LOG or table not in present:
            continue
        runs = "known" if table in OBSERVED else "ended"
        clauses = [f"{column} in (select run_id from {runs})" for column in RUN_COLUMNS[table]]  # noqa: S608
        clauses.append(f"{OBSERVED.get(table, '$1')} <= $1")
        columns = ", ".join(f'"{name}"' for name in schema.names if name in present[table])
        [(count,)] = connection.execute(
            f"insert into raw.{table} ({columns}) select {columns} from origin.raw.{table} "  # noqa: S608
            f"where {' and '.join(clauses)}",
            [observed_by],
        ).fetchall()
        if count:
            counts[table] = count
            with_rows += f" union select run_id from raw.{table}"  # noqa: S608
    # A run whose rows are all of a later time did not happen yet; one without rows happened when it ended.
    columns = ", ".join(f'"{name}"' for name in RAW_TABLES[RUN_LOG].names if name in present[RUN_LOG])
    connection.execute(
        f"insert into raw.{RUN_LOG} ({columns}) select {columns} from origin.raw.{RUN_LOG} "  # noqa: S608
        f"where run_id in ({with_rows}) order by started_at"
    )
    connection.commit()
    connection.execute("detach origin")
    return counts
