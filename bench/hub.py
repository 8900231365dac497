"""Measure a Hub of N models from dump to tested marts, and its lineage against pandas and networkx.

Run as ``python -m bench.hub [--models N ...] [--against-networkx]``. Each step runs in a process of
its own; seconds on the clock, seconds of CPU and the peak of memory are the operating system's.
Compare CPU seconds where other work shares the machine. Results are printed, and appended as JSON
lines to build/bench/hub.jsonl.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

DUMP_SCRIPTS: Final = tuple(
    Path(__file__).with_name(name) for name in ("hub_dump_families.sql", "hub_dump_columns.sql")
)
RESULTS: Final = Path("build/bench/hub.jsonl")
SIZES: Final = (250_000, 2_500_000)
SEED: Final = 1
CHANGED_ONE_IN: Final = 100
MAKING_MEMORY: Final = "4GB"
_KIB_PER_MIB: Final = 1024


@dataclass(frozen=True)
class Measurement:
    """One step: ``wall_s`` and ``cpu_s`` in seconds, ``peak_mib`` in MiB of resident memory."""

    step: str
    n_models: int
    wall_s: float
    cpu_s: float
    peak_mib: float


def make_dump(path: Path, n_models: int, seed: int = SEED) -> None:
    """Write a Hub-shaped dump of ``n_models`` models; the same numbers give the same models."""
    with duckdb.connect(config={"memory_limit": MAKING_MEMORY, "preserve_insertion_order": False}) as connection:
        connection.execute("set variable n_models = ?", [n_models])
        connection.execute("set variable seed = ?", [seed])
        for script in DUMP_SCRIPTS:
            connection.execute(script.read_text(encoding="utf-8"))
        connection.view("dump").write_parquet(str(path), compression="zstd")


def make_update(dump: Path, path: Path) -> None:
    """Write the day after: one model in 100 of ``dump``, with more downloads and a licence changed now and then."""
    with duckdb.connect() as connection:
        changed = connection.read_parquet(str(dump)).filter(duckdb.SQLExpression(f"hash(id) % {CHANGED_ONE_IN} = 0"))
        changed.select(
            duckdb.StarExpression(exclude=["downloads", "tags"]),
            duckdb.SQLExpression("downloads + hash(id, 'more') % 50").alias("downloads"),
            duckdb.SQLExpression(
                "case when hash(id, 'licence') % 20 = 0 "
                "then list_transform(tags, lambda tag : replace(tag, 'license:mit', 'license:apache-2.0')) "
                "else tags end"
            ).alias("tags"),
        ).write_parquet(str(path), compression="zstd")


def measure(step: str, n_models: int, command: Sequence[str], environment: dict[str, str]) -> tuple[Measurement, str]:
    """Run ``command`` and return its measurement and its standard output; exit with its output when it fails."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        sys.exit(f"{step} failed:\n{text[-4000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    result = Measurement(step, n_models, round(wall, 1), round(cpu, 1), round(usage.ru_maxrss / _KIB_PER_MIB))
    print(f"{step:<28} {n_models:>10,} {result.wall_s:>9.1f} {result.cpu_s:>9.1f} {result.peak_mib:>9,.0f}", flush=True)
    return result, text


def measure_warehouse(folder: Path, dump: Path, n_models: int) -> list[Measurement]:
    """Load the dump, build and test the marts, then load a day's update and build again."""
    warehouse = folder / f"hub-{n_models}.duckdb"
    warehouse.unlink(missing_ok=True)
    environment = {"MODELKIN_DB": str(warehouse), "MODELKIN_CACHE": str(folder / "cache")}
    extract = [sys.executable, "-m", "extract", "dump"]
    dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--log-level-file", "none"]
    # As `make build` does: unit tests test the models' text, not the data.
    data_only = ["--exclude-resource-type", "unit_test"]
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    update = folder / f"update-{n_models}.parquet"
    in_own_process(make_update, dump, update)
    steps = (
        ("dbt parse", [*dbt, "parse", *places]),
        ("load the dump", [*extract, str(dump), "--observed-at", "2025-07-01"]),
        ("build and test the marts", [*dbt, "build", *data_only, *places]),
        ("load a day's update (1 %)", [*extract, str(update), "--observed-at", "2025-07-02", "--partial"]),
        ("update the marts", [*dbt, "build", "--selector", "daily", *places]),
        ("build and test all again", [*dbt, "build", *data_only, *places]),
    )
    return [measure(step, n_models, command, environment)[0] for step, command in steps]


def measure_analysis(dump: Path, n_models: int, against_networkx: bool) -> list[Measurement]:
    """Run the lineage analysis in SQL and, where asked, in pandas and networkx; both must find the same."""
    in_sql, digest = measure("lineage in SQL", n_models, [sys.executable, "-m", "bench.lineage_duckdb", str(dump)], {})
    if not against_networkx:
        return [in_sql]
    command = [sys.executable, "-m", "bench.lineage_networkx", str(dump)]
    in_networkx, other_digest = measure("lineage in pandas, networkx", n_models, command, {})
    if not _agree(json.loads(digest), json.loads(other_digest)):
        sys.exit(f"The two analyses differ:\n{digest}{other_digest}")
    print(
        f"  SQL is {in_networkx.wall_s / in_sql.wall_s:.1f} times as fast ({in_networkx.cpu_s / in_sql.cpu_s:.1f} by "
        f"CPU), in {in_sql.peak_mib / in_networkx.peak_mib:.2f} of the memory; the families are equal."
    )
    return [in_sql, in_networkx]


def _agree(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two digests hold the same numbers; halves of a download are rounded up here and down there."""
    flat_one, flat_other = (
        [number for value in digest.values() for number in _numbers(value)] for digest in (one, other)
    )
    return one.keys() == other.keys() and all(
        abs(number - other_number) <= 1 for number, other_number in zip(flat_one, flat_other, strict=True)
    )


def _numbers(value: int | list[int]) -> list[int]:
    return value if isinstance(value, list) else [value]


def in_own_process(work: Callable[..., None], *arguments: object) -> None:
    """Do ``work`` elsewhere: a process begins with the peak of memory of the one that starts it."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit(f"{work.__name__} failed")


def main() -> None:
    """Measure every size asked for, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=list(SIZES), help="sizes to measure")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where dumps and warehouses go")
    parser.add_argument("--analysis-only", action="store_true", help="leave the warehouse out")
    parser.add_argument("--against-networkx", action="store_true", help="also run pandas and networkx (extra: bench)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{'step':<28} {'models':>10} {'wall s':>9} {'CPU s':>9} {'peak MiB':>9}")
    measurements: list[Measurement] = []
    for n_models in options.models:
        dump = options.folder / f"hub-{n_models}.parquet"
        if not dump.exists():
            in_own_process(make_dump, dump, n_models)
        measurements += measure_analysis(dump, n_models, options.against_networkx)
        if not options.analysis_only:
            measurements += measure_warehouse(options.folder, dump, n_models)
    _print_ratios(measurements)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(result)) + "\n" for result in measurements)


def _print_ratios(measurements: Sequence[Measurement]) -> None:
    by_step = {(result.step, result.n_models): result for result in measurements}
    for n_models in sorted({result.n_models for result in measurements}):
        full = [by_step.get((step, n_models)) for step in ("load the dump", "build and test the marts")]
        day = [by_step.get((step, n_models)) for step in ("load a day's update (1 %)", "update the marts")]
        full_cpu, day_cpu = (sum(part.cpu_s for part in parts if part) for parts in (full, day))
        if full_cpu:
            print(f"{n_models:,} models: a day's update takes {day_cpu / full_cpu:.3f} of the CPU of the whole.")
    small, large = min(r.n_models for r in measurements), max(r.n_models for r in measurements)
    if small == large:
        return
    for step in dict.fromkeys(result.step for result in measurements):
        few, many = by_step.get((step, small)), by_step.get((step, large))
        if few and many:
            ratio = many.cpu_s / max(few.cpu_s, 0.1)
            print(f"{step}: {large / small:.0f} times the models, {ratio:.1f} times the CPU.")


if __name__ == "__main__":
    main()
