"""What a warehouse holds so far: its file, its runs, its studies, and what is to be done next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from modelkin.builds import recorded_digest, tables_in, tables_of_other_builds
from modelkin.clock import problem_in
from modelkin.database import connect, utc_now
from modelkin.errors import WarehouseError

_RUNS: Final = """
    select run_id, coalesce(params ->> 'kind', source), status, row_count, started_at, endpoint, error,
        coalesce(params ->> 'is_partial', 'false') = 'true'
    from raw.extract_runs order by started_at, run_id
"""
_UNBUILT: Final = """
    select count(*)
    from raw.extract_runs
    anti join (select run_id from marts.fct_extract_runs where status = 'complete') using (run_id)
    where status = 'complete'
"""
_STUDIES: Final = """
    select study_id, count(*), count(*) filter (is_valid) from marts.fct_overlaps group by study_id order by study_id
"""
_BUILT_AT: Final = "select max(built_at) from marts.fct_builds"
_BUILT_TABLES: Final = frozenset({"marts.fct_extract_runs", "marts.fct_overlaps"})
_RUN_HEADINGS: Final = ("Run", "Start (UTC)", "Kind", "Status", "Rows", "Remarks")
_STUDY_HEADINGS: Final = ("Study", "Pairs", "Valid")
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Run:
    """One run of an extractor, as its row in ``raw.extract_runs`` tells."""

    run_id: str
    kind: str
    status: str
    n_rows: int | None
    started_at: datetime
    endpoint: str | None
    error: str | None
    is_partial: bool

    def cells(self) -> tuple[str, ...]:
        """Return the texts under the headings."""
        rows = "-" if self.n_rows is None else f"{self.n_rows:,}"
        remarks = (self.endpoint, "partial" if self.is_partial else "", self.error)
        return (
            self.run_id,
            f"{self.started_at:%Y-%m-%d %H:%M}",
            self.kind,
            self.status,
            rows,
            "; ".join(filter(None, remarks)),
        )


@dataclass(frozen=True)
class Status:
    """What a warehouse holds."""

    path: Path
    n_bytes: int
    runs: tuple[Run, ...]
    studies: tuple[tuple[str, int, int], ...]
    """Id, number of pairs and of valid pairs of each study in the marts."""
    n_unbuilt: int | None
    """How many complete runs the marts do not hold yet; None where there are no marts."""
    has_stats: bool
    """Whether these marts, and not those of an earlier build, were tested for significance."""
    built_at: datetime | None = None
    """When the marts were built, in UTC; None where there are none, or no record of it."""

    clock_problem: str | None = None
    """What to say of a newest run that lies in the future."""

    digest: str | None = None
    """The digest of the marts (`stats.digests`); None where none was made with this release of DuckDB."""

    def lines(self) -> list[str]:
        """Return the text for the terminal."""
        lines = [f"Warehouse {self.path} ({size(self.n_bytes)})", ""]
        lines += table(_RUN_HEADINGS, [run.cells() for run in self.runs], right=("Rows",))
        if self.studies:
            studies = [(study, f"{pairs:,}", f"{valid:,}") for study, pairs, valid in self.studies]
            lines += ["", *table(_STUDY_HEADINGS, studies, right=("Pairs", "Valid"))]
        if self.digest:
            lines += ["", f"Digest of the marts: {self.digest}"]
        if self.clock_problem:
            lines += ["", self.clock_problem]
        return [*lines, "", *self.outlook()]

    def outlook(self) -> list[str]:
        """Return how the marts stand to the runs, and the command that comes next."""
        if not any(run.status == "complete" for run in self.runs):
            return ["No run is complete, so there is nothing to build.", "Next: modelkin extract --help"]
        if self.n_unbuilt is None:
            return ["The marts are not built yet.", "Next: modelkin build"]
        if self.n_unbuilt:
            runs = "1 run is" if self.n_unbuilt == 1 else f"{self.n_unbuilt} runs are"
            return [f"{runs} newer than the marts.", "Next: modelkin build"]
        marts = f"The marts, built {self.built_at:%Y-%m-%d %H:%M} UTC," if self.built_at else "The marts"
        if not self.has_stats:
            return [f"{marts} hold every run; they are not tested for significance yet.", "Next: modelkin report"]
        return [f"{marts} hold every run.", "Next: modelkin report (the report), modelkin show MODEL (one model)"]


def read_status(path: Path) -> Status:
    """Return what the warehouse at ``path`` holds; raise WarehouseError when there is none or it has no run log."""
    with connect(path, read_only=True) as connection:
        tables = tables_in(connection)
        if "raw.extract_runs" not in tables:
            raise WarehouseError(f"{path} has no run log; load data into it with `modelkin extract` first.")
        is_built = tables >= _BUILT_TABLES
        return Status(
            path=path,
            n_bytes=path.stat().st_size,
            runs=tuple(Run(*row) for row in connection.execute(_RUNS).fetchall()),
            studies=tuple(connection.execute(_STUDIES).fetchall()) if is_built else (),
            n_unbuilt=_only(connection, _UNBUILT) if is_built else None,
            has_stats="stats.significance_tests" in tables - set(tables_of_other_builds(connection)),
            digest=recorded_digest(connection),
            clock_problem=problem_in(connection, utc_now()),
            built_at=_only(connection, _BUILT_AT) if "marts.fct_builds" in tables else None,
        )


def _only(connection: duckdb.DuckDBPyConnection, query: str) -> Any:  # noqa: ANN401 - whatever the query selects
    [(value,)] = connection.execute(query).fetchall()
    return value


def table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, right: tuple[str, ...] = ()) -> list[str]:
    """Return lines of aligned columns below their headings; columns named in ``right`` are aligned to the right."""
    lines = [headings, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    return [
        "  ".join(
            cell.rjust(width) if heading in right else cell.ljust(width)
            for cell, width, heading in zip(line, widths, headings, strict=True)
        ).rstrip()
        for line in lines
    ]


def size(n_bytes: int) -> str:
    """Return a file size in the unit that people use."""
    number, unit = float(n_bytes), 0
    while number >= 1000 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:,.0f} {_UNITS[unit]}" if unit == 0 or number >= 100 else f"{number:.1f} {_UNITS[unit]}"
