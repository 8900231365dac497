"""Compare marts of one history that reached the warehouse in three ways; mart by mart, all columns.

Run as ``python -m bench.history_states [--weeks N] [--models N]``. The dumps of ``bench.history`` are loaded

- in the order of their days, up to the week in the middle;
- in a shuffled order, all of them; then `modelkin build --as-of` makes the state of that week;
- the later half first, then the rest, with a build after each; then everything once more as of the last week.

The first must equal the second, and the two states of the third must be equal. Exits with 1 where a mart differs.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import duckdb

from bench.history import SEED, plant
from modelkin.stats_tables import literal

FOLDER: Final = Path("build/bench/history-states")
OF_THE_BUILD: Final = ("fct_builds", "fct_build_tests")
OF_THE_LOAD: Final = ("run_id", "started_at", "finished_at", "library_versions")
"""Columns that tell when, and by which run, a warehouse was filled: they differ between any two."""


def differences(one: Path, other: Path) -> Iterator[str]:
    """Yield a sentence for each mart that has other rows in the one than in the other."""
    with duckdb.connect() as connection:
        for name, path in (("a", one), ("b", other)):
            connection.execute(f"attach {literal(str(path.resolve()))} as {name} (read_only)")
        columns: dict[str, list[str]] = {}
        rows = connection.execute(
            "select table_name, column_name from duckdb_columns() where database_name = 'a' and schema_name = 'marts' "
            "order by 1, column_index"
        ).fetchall()
        for table, column in rows:
            columns.setdefault(table, [])
            if column not in OF_THE_LOAD:
                columns[table].append(f'"{column}"')
        for table, names in columns.items():
            if table in OF_THE_BUILD:
                continue
            sides = [f"select {', '.join(names)} from {name}.marts.{table}" for name in ("a", "b")]
            only = [
                connection.execute(f"select count(*) from ({x} except all {y})").fetchall()[0][0]
                for x, y in (sides, sides[::-1])
            ]
            if any(only):
                yield f"{table}: {only[0]:,} rows only in {one.name}, {only[1]:,} only in {other.name}"


def _modelkin(warehouse: Path, *arguments: str) -> None:
    environment = {**os.environ, "MODELKIN_DB": str(warehouse), "MODELKIN_CACHE": str(FOLDER / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "modelkin", *arguments], env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"modelkin {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")


def _load(warehouse: Path, dumps: Sequence[Path]) -> None:
    for path in dumps:
        _modelkin(warehouse, "extract", "dump", str(path), "--observed-at", _day(path))


def _day(path: Path) -> str:
    return path.stem.removeprefix("models-")


def main() -> None:
    """Load, build, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weeks", type=int, default=18, help="weekly dumps, at least 18 (default: 18)")
    parser.add_argument("--models", type=int, default=400, help="models in each (default: 400)")
    arguments = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    plant(FOLDER / "dumps", arguments.weeks, arguments.models)
    dumps = sorted((FOLDER / "dumps").iterdir())
    half = arguments.weeks // 2
    in_order, shuffled, halves = (FOLDER / f"{name}.duckdb" for name in ("in_order", "shuffled", "halves"))
    as_of, again = FOLDER / "as_of.duckdb", FOLDER / "again.duckdb"
    mixed = list(dumps)
    random.Random(SEED).shuffle(mixed)
    started = time.monotonic()
    _load(in_order, dumps[:half])
    _modelkin(in_order, "build")
    _load(shuffled, mixed)
    _modelkin(shuffled, "build", "--as-of", _day(dumps[half - 1]), "--to", str(as_of))
    _load(halves, dumps[half:])
    _modelkin(halves, "build")
    _load(halves, dumps[:half])
    _modelkin(halves, "build")
    _modelkin(shuffled, "build", "--as-of", _day(dumps[-1]), "--to", str(again))
    print(f"five builds and their loads took {time.monotonic() - started:.0f} s")
    failed = False
    for what, one, other in (("as of a week", in_order, as_of), ("in any order", again, halves)):
        found = list(differences(one, other))
        failed |= bool(found)
        print(f"{what}: {'; '.join(found) or 'every mart is equal'}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
