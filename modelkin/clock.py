"""Runs that lie in the future: some clock was wrong, here or where they were written."""

from datetime import datetime, timedelta
from typing import Final

import duckdb

TOLERANCE: Final = timedelta(minutes=5)
"""How far ahead of this machine's clock a run may have started: clocks of two machines differ."""

_NEWEST: Final = "select run_id, started_at from raw.extract_runs order by started_at desc, run_id desc limit 1"


def is_ahead(started_at: datetime, now: datetime) -> bool:
    """Return whether a run started after ``now``, by more than clocks differ; both in UTC."""
    return started_at > now + TOLERANCE


def clock_problem(run_id: str, started_at: datetime, now: datetime) -> str | None:
    """Return the sentence about a newest run that lies in the future, or None."""
    if not is_ahead(started_at, now):
        return None
    return (
        f"The newest run, {run_id}, started after now, {now:%Y-%m-%d %H:%M} UTC, so it counts as newer than what is "
        "loaded now; set the clock of this machine, or take that run out with `modelkin extract forget`."
    )


def problem_in(connection: duckdb.DuckDBPyConnection, now: datetime) -> str | None:
    """Return that sentence about the run log of a warehouse, or None."""
    problems = [clock_problem(run_id, started_at, now) for run_id, started_at in connection.execute(_NEWEST).fetchall()]
    return problems[0] if problems else None
