"""What this machine, the warehouse and the cache are like, and what to do about what is wrong with them.

Nothing is written and no network is used. Of tokens only the place is told, never the text.
"""

import fcntl
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import duckdb

from extract.hub.client import endpoint_label
from modelkin.builds import recorded_digest, tables_in, tables_of_other_builds
from modelkin.clock import is_ahead
from modelkin.database import connect, utc_now
from modelkin.digests import marts_digest
from modelkin.errors import WarehouseError
from modelkin.folders import cache_root
from modelkin.publishing import SPACE_FACTOR, former_of, lock_of, work_folder_of
from modelkin.status import Run, read_status, size

OK: Final = "ok"
NOTE: Final = "note"
FAULT: Final = "fault"

MINIMUM_MEMORY: Final = 4 * 10**9
"""Bytes of memory with which a build of the whole Hub is known to work; see docs/whole-hub.md."""

_LIBRARIES: Final = ("duckdb", "dbt-core", "dbt-duckdb", "pyarrow", "numpy", "scipy", "huggingface_hub")
_EXTRAS: Final = {
    "models": ("torch", "measuring fingerprints (`modelkin extract overlap`) and the demo"),
    "bom": ("cyclonedx-python-lib", "bills of materials (`modelkin export bom`)"),
}
_TOKEN_VARIABLES: Final = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    level: str
    """``ok``; ``note``: worth knowing; ``fault``: something does not work or cannot be trusted."""
    text: str
    advice: str = ""
    """What to do about it, as a sentence; empty where nothing is to be done."""


def examine(path: Path, *, thorough: bool = False) -> list[Finding]:
    """Return what was found about the machine, the warehouse at ``path`` and the cache.

    ``thorough`` reads every value of every table, which finds damage on the disk: DuckDB checks each block that it
    reads against the checksum that was stored with it.
    """
    return [*_programs(), *_machine(path), *_warehouse(path, thorough=thorough), *_cache(), *_hub()]


def lines(findings: list[Finding]) -> list[str]:
    """Return the text for the terminal: one line for each finding, then what to do."""
    width = max(len(finding.subject) for finding in findings)
    text = [f"{finding.level:5}  {finding.subject:{width}}  {finding.text}" for finding in findings]
    advice = [finding.advice for finding in findings if finding.advice]
    if not advice:
        return [*text, "", "There is nothing to do."]
    return [*text, "", "What to do:", *(f"{number}. {sentence}" for number, sentence in enumerate(advice, start=1))]


def _programs() -> Iterator[Finding]:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES)
    yield Finding(
        "Programs",
        OK,
        f"Modelkin {metadata.version('modelkin')} in {sys.prefix}, Python {platform.python_version()}, {versions}",
    )
    for extra, (package, purpose) in _EXTRAS.items():
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            yield Finding("Programs", NOTE, f'without the extra "{extra}", which {purpose} needs')


def _machine(path: Path) -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = _memory()
    text = f"{platform.system()} on {platform.machine()}, {cores} cores" + (
        f", {size(memory)} memory" if memory else ""
    )
    if memory and memory < MINIMUM_MEMORY:
        yield Finding("Machine", NOTE, f"{text}: little for a build of the whole Hub")
    else:
        yield Finding("Machine", OK, text)
    folder = _existing(path.resolve().parent)
    free = shutil.disk_usage(folder).free
    need = SPACE_FACTOR * path.stat().st_size if path.is_file() else 0
    if need > free:
        yield Finding(
            "Disk",
            FAULT,
            f"{size(free)} free in {folder}, and the next build needs about {size(need)}",
            f"Make room in {folder}, or move the warehouse to another disk.",
        )
    else:
        yield Finding("Disk", OK, f"{size(free)} free in {folder}" + (f"; a build needs {size(need)}" if need else ""))
    if not os.access(folder, os.W_OK):
        yield Finding(
            "Disk", FAULT, f"{folder} cannot be written to", f"Get the right to write to {folder}, or use another one."
        )


def _warehouse(path: Path, *, thorough: bool) -> Iterator[Finding]:
    if not path.exists():
        yield Finding(
            "Warehouse",
            NOTE,
            f"{path} does not exist yet",
            "Load data with `modelkin extract` (or `modelkin demo`), or name another file with --db or MODELKIN_DB.",
        )
        return
    yield from _traces(path)
    try:
        status = read_status(path)
        with connect(path, read_only=True) as connection:
            tables = tables_in(connection)
            foreign = tables_of_other_builds(connection)
            damage = list(_damaged(connection)) if thorough else []
            changed = _changed(connection) if thorough and not damage else None
    except (WarehouseError, duckdb.Error) as error:
        yield Finding("Warehouse", FAULT, *_opening_problem(path, error))
        return
    how = ", every value read" if thorough else "; --thorough reads every value"
    yield Finding("Warehouse", OK, f"{path} ({size(status.n_bytes)}), {len(tables)} tables and views{how}")
    for table, problem in damage:
        yield Finding(
            "Warehouse",
            FAULT,
            f"{table} cannot be read: {problem}",
            f"Copy a sound file over {path}; `modelkin rollback` brings the state before the last build back.",
        )
    if changed:
        yield Finding("Marts", FAULT, changed, "Run `modelkin build` again.")
    yield from _runs(path, status.runs)
    if foreign:
        names = ", ".join(foreign[:3]) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
        yield Finding(
            "Statistics", FAULT, f"made from another build than the marts: {names}", "Run `modelkin build` again."
        )
    remark, advice = status.outlook()
    is_current = status.n_unbuilt == 0 and status.has_stats
    yield Finding(
        "Marts", OK if is_current else NOTE, remark, "" if is_current else f"{advice.replace('Next:', 'Run')}."
    )


def _traces(path: Path) -> Iterator[Finding]:
    """Look for commands that write now, and for what earlier ones left beside the warehouse."""
    is_written = _is_written(path)
    if is_written:
        yield Finding("Warehouse", NOTE, "another command of Modelkin is writing to it now")
    work = work_folder_of(path)
    if work.exists() and not is_written:
        n_bytes = sum(file.stat().st_size for file in work.rglob("*") if file.is_file())
        yield Finding(
            "Warehouse",
            NOTE,
            f"a build did not end; what it made ({size(n_bytes)}) is in {work}",
            f"Run `modelkin build` again, which replaces it, or delete {work}.",
        )
    former = former_of(path)
    if former.exists():
        yield Finding("Former state", OK, f"{former} ({size(former.stat().st_size)}); `modelkin rollback` restores it")


def _is_written(path: Path) -> bool:
    try:
        with lock_of(path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # nobody has written yet, or this file system has no locks
        return False
    return False


def _opening_problem(path: Path, error: Exception) -> tuple[str, str]:
    """Return what is wrong with a warehouse that cannot be read, and what to do."""
    problem = str(error).splitlines()[0]
    if former_of(path).exists():
        return problem, f"`modelkin rollback` puts the state before the last build in the place of {path}."
    return problem, f"Put a sound file in the place of {path}, or load the data anew with `modelkin extract`."


def _runs(path: Path, runs: tuple[Run, ...]) -> Iterator[Finding]:
    complete = [run for run in runs if run.status == "complete"]
    other = len(runs) - len(complete)
    last = f"; the last of them, {complete[-1].kind}, {complete[-1].started_at:%Y-%m-%d %H:%M} UTC" if complete else ""
    rest = f"; {other} did not end well (`modelkin status`)" if other else ""
    yield Finding("Runs", NOTE if other else OK, f"{len(complete):,} complete{last}{rest}")
    ahead = [run for run in runs if is_ahead(run.started_at, utc_now())]
    if ahead:
        yield Finding(
            "Clock",
            FAULT,
            f"{len(ahead)} runs started after now, {utc_now():%Y-%m-%d %H:%M} UTC; the newest is {ahead[-1].run_id}",
            "Set the clock of this machine; if it is right, take those runs out with `modelkin extract forget`: they "
            "would count as newer than what is observed from now on.",
        )


def _changed(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return what is wrong where the marts are not those whose digest was recorded."""
    recorded = recorded_digest(connection)
    if recorded is None:
        return None
    found, _, _ = marts_digest(connection)
    return None if found == recorded else f"changed since they were built: digest {found}, recorded was {recorded}"


def _damaged(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Return the tables that cannot be read to the end, each with what DuckDB says."""
    names = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() order by all"
    ).fetchall()
    for names_of_table in names:
        table = ".".join('"' + name.replace('"', '""') + '"' for name in names_of_table)
        try:
            connection.execute(f"select bit_xor(hash(every_value)) from {table} as every_value")  # noqa: S608 - quoted
        except duckdb.Error as error:
            yield ".".join(names_of_table), str(error).splitlines()[0]


def _cache() -> Iterator[Finding]:
    root = cache_root()
    if not root.exists():
        yield Finding("Cache", OK, f"{root} does not exist yet")
        return
    files = [file for file in root.rglob("*") if file.is_file() and not file.is_symlink()]
    text = f"{root.resolve()}: {len(files):,} files, {size(sum(file.stat().st_size for file in files))}"
    if os.access(root, os.W_OK):
        yield Finding("Cache", OK, f"{text}; all of it can be made again, so it may be deleted")
    else:
        yield Finding(
            "Cache",
            FAULT,
            f"{text}, which cannot be written to",
            f"Get the right to write to {root}, or name another folder with MODELKIN_CACHE.",
        )


def _hub() -> Iterator[Finding]:
    token = next((name for name in _TOKEN_VARIABLES if os.environ.get(name)), None)
    words = [endpoint_label()]
    words.append(f"a token in {token}" if token else "no token in the environment, so limits are lower")
    yield Finding("Hub", OK, "; ".join(words) + " (nothing was asked of it)")


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _existing(folder: Path) -> Path:
    """Return ``folder``, or the nearest folder above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())
