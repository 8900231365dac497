"""Take a run or a study out of ``raw`` again, and leave a record that it was there.

Raw tables are append-only, so what was loaded by mistake (a study under a wrong name, a dump dated
wrongly) would speak for ever. Forgetting deletes its rows in one transaction and writes a run of its own
kind, ``forget``, that says what was taken out. The next build makes every mart without it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import duckdb

from modelkin.errors import UsageError
from modelkin.raw_schemas import RAW_TABLES
from modelkin.warehouse import connect, ensure_raw, load, warehouse_path

RUN_LOG: Final = "extract_runs"
OF_PROMPT_SETS: Final = tuple(name for name, schema in RAW_TABLES.items() if "prompt_set_id" in schema.names)
"""What was measured on a study's prompts."""
OF_STUDIES: Final = tuple(name for name, schema in RAW_TABLES.items() if "study_id" in schema.names)
_NAMED: Final = 3


@dataclass(frozen=True)
class Forgotten:
    """What was taken out: rows by raw table, those tables that had any."""

    what: str
    n_rows: dict[str, int]
    run_id: str

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.n_rows.values())


def forget(name: str, path: Path | None = None) -> Forgotten:
    """Delete the rows of the run or study called ``name``; a run of that id goes before a study of that name.

    A run keeps its row in the run log, with the status ``forgotten``. Raises UsageError when there is
    neither, naming the nearest.
    """
    path = path or warehouse_path()
    conditions = matching(name, path)
    kind = "run" if RUN_LOG in conditions else "study"
    deleted: dict[str, int] = {}

    def take_out(connection: duckdb.DuckDBPyConnection) -> None:
        for table, condition in conditions.items():
            if table == RUN_LOG:
                connection.execute("update raw.extract_runs set status = 'forgotten' where run_id = ?", [name])
                continue
            # The table and the condition are this module's own; the name is a parameter.
            [(count,)] = connection.execute(f"delete from raw.{table} where {condition}", [name]).fetchall()  # noqa: S608
            if count:
                deleted[table] = count
        run.params.update(rows_deleted=deleted)

    with load("forget", params={"kind": "forget", kind: name}, path=path) as run:
        run.also(take_out)
    return Forgotten(f"{kind} {name}", deleted, run.run_id)


def matching(name: str, path: Path) -> dict[str, str]:
    """Return the raw tables to delete from, each with the condition on its rows; ``?`` in it is ``name``."""
    with connect(path) as connection:
        ensure_raw(connection)
        status = connection.execute("select status from raw.extract_runs where run_id = ?", [name]).fetchone()
        studies = _studies(connection)
        runs = [run_id for (run_id,) in connection.execute("select run_id from raw.extract_runs").fetchall()]
    if status is not None:
        if status[0] == "forgotten":
            raise UsageError(f"The run {name} was forgotten already.")
        # The run log comes first: whatever happens to be in it decides what the name means.
        return {RUN_LOG: "", **{table: "run_id = ?" for table in RAW_TABLES if table != RUN_LOG}}
    if name in studies:
        its_prompts = "select prompt_set_id from raw.overlap_prompts where recipe ->> 'study_id' = ?"
        # The prompts themselves go last, as the others are found by them.
        measured = [table for table in OF_PROMPT_SETS if table != "overlap_prompts"]
        return {
            **dict.fromkeys(OF_STUDIES, "study_id = ?"),
            **dict.fromkeys(measured, f"prompt_set_id in ({its_prompts})"),
            "overlap_prompts": "recipe ->> 'study_id' = ?",
        }
    raise UsageError(f"{path} holds no run and no study {name!r}{_nearest(name, (*studies, *runs))}.")


def _studies(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select study_id from raw.overlap_results "
        "union select recipe ->> 'study_id' from raw.overlap_prompts order by 1"
    ).fetchall()
    return [study for (study,) in rows if study is not None]


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=_NAMED, cutoff=0.5)
    return f" (near: {', '.join(near)})" if near else "; `status` lists both"
