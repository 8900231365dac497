"""The run log: what has been written into the warehouse so far."""

from pathlib import Path
from typing import Any, Final

from modelkin.errors import WarehouseError
from modelkin.warehouse import connect, warehouse_path

_EXISTS: Final = (
    "select count(*) from information_schema.tables where table_schema = 'raw' and table_name = 'extract_runs'"
)
_RUNS: Final = """
    select run_id, source, coalesce(params ->> 'kind', source) as kind, status, row_count, started_at, finished_at,
        endpoint, error, coalesce(params ->> 'is_partial', 'false') = 'true' as is_partial
    from raw.extract_runs order by started_at, run_id
"""


def recorded_runs(path: Path | None = None) -> list[dict[str, Any]]:
    """Return the runs, oldest first; raise WarehouseError when there is no warehouse."""
    path = path or warehouse_path()
    with connect(path, read_only=True) as connection:
        [(count,)] = connection.execute(_EXISTS).fetchall()
        if not count:
            raise WarehouseError(f"{path} holds no run log; write something into it with `python -m extract` first.")
        cursor = connection.execute(_RUNS)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def run_line(run: dict[str, Any]) -> str:
    """Return one line for a run."""
    rows = "-" if run["row_count"] is None else f"{run['row_count']:,}"
    remarks = [run["endpoint"] or "", "partial" if run["is_partial"] else "", run["error"] or ""]
    remark = "; ".join(part for part in remarks if part)
    line = f"{run['run_id']}  {run['started_at']:%Y-%m-%d %H:%M}  {run['kind']:<8}  {run['status']:<8}  {rows:>12}"
    return f"{line}  {remark}".rstrip()
