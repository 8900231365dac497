"""Readers beside builds: whether any is refused or sees two states, and how long queries take.

``python -m bench.readers [--readers 8] [--builds 5] [WAREHOUSE]`` copies a warehouse that has been built (default:
data/modelkin.duckdb), lets readers query the copy as fast as they can, each opening the file anew for every query, and
builds it several times meanwhile. A reader sees two states where the tables of ``stats`` name another build than the
marts. Prints latencies before, during and after the builds. Ends with 1 when a reader was refused or saw two states.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Final

READ: Final = """
import json, sys, time
import duckdb
path = sys.argv[1]
while True:
    started, problem = time.time(), None
    try:
        with duckdb.connect(path, read_only=True) as connection:
            builds = connection.execute(
                "select distinct build_id from stats.builds where table_name in ('significance_tests', 'claim_audit') "
                "union select last(build_id order by built_at, build_id) from marts.fct_builds"
            ).fetchall()
            connection.execute("select relation, avg(overlap_ratio) from marts.fct_overlaps group by all").fetchall()
        if len(builds) != 1:
            problem = f"two states: {builds}"
    except Exception as error:
        problem = f"{type(error).__name__}: {error}".splitlines()[0]
    print(json.dumps([started, time.time() - started, problem]), flush=True)
"""
QUIET_SECONDS: Final = 10.0
"""How long the readers are watched before the first build and after the last."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; return 1 when a reader was refused or saw two states, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("warehouse", nargs="?", type=Path, default=Path("data/modelkin.duckdb"))
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--builds", type=int, default=5)
    options = parser.parse_args(arguments)
    if not options.warehouse.is_file():
        parser.error(f"no warehouse at {options.warehouse}: build one first, or name another")
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / options.warehouse.name
        shutil.copyfile(options.warehouse, warehouse)
        _build(warehouse)  # so that marts and stats are of this version
        logs = [Path(folder) / f"reader-{number}.jsonl" for number in range(options.readers)]
        readers = [subprocess.Popen([sys.executable, "-c", READ, str(warehouse)], stdout=log.open("w")) for log in logs]
        try:
            time.sleep(QUIET_SECONDS)
            began = time.time()
            seconds = [_build(warehouse) for _ in range(options.builds)]
            ended = time.time()
            time.sleep(QUIET_SECONDS)
        finally:
            for reader in readers:
                reader.terminate()
                reader.wait()
        lines = [line for log in logs for line in log.read_text().splitlines() if line.endswith("]")]
    queries = [json.loads(line) for line in lines]
    print(f"{options.readers} readers, {options.builds} builds of {median(seconds):.0f} s each (the median)")
    print(f"{'':8}  queries  median ms  99 % below ms  refused or of two states")
    for name, first, last in (("before", 0.0, began), ("during", began, ended), ("after", ended, ended * 2)):
        found = [(took, problem) for start, took, problem in queries if first <= start < last]
        times = [took * 1000 for took, _ in found]
        wrong = [problem for _, problem in found if problem]
        print(
            f"{name:8}  {len(found):7,}  {median(times):9.0f}  {quantiles(times, n=100)[-1]:13.0f}  {len(wrong)} "
            f"{'; '.join(sorted(set(wrong))[:3])}"
        )
    return int(any(problem for _, _, problem in queries))


def _build(warehouse: Path) -> float:
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-P", "-m", "modelkin", "--db", str(warehouse), "build"], check=True, capture_output=True
    )
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
