"""A folder of dated dumps: which files are of which day, and which days are loaded already."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from extract.hub.dump import load_dump
from extract.hub.dump_inspection import DumpLoaded
from modelkin.database import connect, warehouse_path
from modelkin.errors import InputError, UsageError

_DATE: Final = re.compile(r"(?<!\d)(20\d\d)[-_]?(\d\d)[-_]?(\d\d)(?!\d)")
_LOADED: Final = """
    select params::varchar from raw.extract_runs where source = 'dump' and status = 'complete' and params is not null
"""


@dataclass(frozen=True)
class DatedDump:
    """The files of one day's dump, and the day that their names or folders give."""

    day: date
    files: tuple[Path, ...]


def dated_dumps(folder: Path) -> list[DatedDump]:
    """Return the dumps below ``folder``, the oldest first.

    The day stands in the name of a file, or of the nearest folder above it: 2024-07-24, 2024_07_24 or 20240724. Files
    of one day are one dump. Raises InputError for a folder without Parquet files, and for a file without a day.
    """
    days: dict[date, list[Path]] = {}
    for path in sorted(folder.rglob("*.parquet")):
        day = _day_of(path.relative_to(folder))
        if day is None:
            raise InputError(
                f"{path} has no date in its name or its folder's; rename it, such as models-2024-07-24.parquet, or "
                "load it alone with --observed-at."
            )
        days.setdefault(day, []).append(path)
    if not days:
        raise InputError(f"There is no Parquet file in the folder {folder}; check its name.")
    return [DatedDump(day, tuple(files)) for day, files in sorted(days.items())]


def load_folder(folder: Path, *, is_partial: bool = False) -> Iterator[tuple[DatedDump, DumpLoaded | None]]:
    """Load the dumps of ``folder`` that are not loaded yet, one run each; yield each as it is done.

    A dump that a complete run has loaded, by the names of its files and its day, yields None. So a folder that was
    loaded in part is continued by the same command, and the order in which days are loaded does not matter.
    """
    dumps = dated_dumps(folder)
    done = _loaded_before()
    for dump in dumps:
        if (dump.day.isoformat(), tuple(path.name for path in dump.files)) in done:
            yield dump, None
        else:
            yield dump, load_dump([str(path) for path in dump.files], dump.day.isoformat(), is_partial=is_partial)


def the_folder(sources: list[str], observed_at: str | None) -> Path | None:
    """Return the folder among the sources, which must then be the only one; None for files and addresses."""
    folders = [Path(source) for source in sources if "://" not in source and Path(source).is_dir()]
    if not folders:
        return None
    if len(sources) > 1:
        raise UsageError("Name one folder of dated dumps, or files; not both.")
    if observed_at is not None:
        raise UsageError("--observed-at does not go with a folder: each file's name has its date.")
    return folders[0]


def _day_of(path: Path) -> date | None:
    for part in reversed(path.parts):
        for year, month, day in _DATE.findall(part):
            try:
                return date(int(year), int(month), int(day))
            except ValueError:
                continue
    return None


def _loaded_before() -> set[tuple[str, tuple[str, ...]]]:
    path = warehouse_path()
    if not path.is_file():
        return set()
    with connect(path, read_only=True) as connection:
        has_runs = "select 1 from information_schema.tables where table_schema = 'raw' and table_name = 'extract_runs'"
        if connection.execute(has_runs).fetchone() is None:
            return set()
        runs = [json.loads(params) for (params,) in connection.execute(_LOADED).fetchall()]
    return {(str(run.get("observed_at", ""))[:10], tuple(run.get("files", ()))) for run in runs}
