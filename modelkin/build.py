"""Building the marts on a copy of the warehouse, which takes its place when everything is built and tested.

dbt runs in a process of its own, its log told in progress and sentences: it answers an interrupt and an open file with
pages of traceback. So it logs in JSON to this process, which shows what a user can use, and its process group hears of
Ctrl-C from here alone.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from modelkin.errors import ModelkinError
from modelkin.folders import cache_root
from modelkin.log import record
from modelkin.printable import warn
from modelkin.progress import Progress, duration
from modelkin.project import is_checkout, project_folder
from modelkin.publishing import sole_writer, working_copy
from modelkin.status import read_status, size

PREPARATIONS: Final = "modelkin.before_build"
"""The group of entry points in ``pyproject.toml`` for what must be in ``raw`` before dbt reads it.

Each is a function of the warehouse's path; they run in the order of their names.
"""

CONCLUSIONS: Final = "modelkin.after_build"
"""The group of entry points for what is made of the marts and published with them: the tables of ``stats``.

Each is a function of the warehouse's path that returns the lines to print; they run in the order of their names.
"""

INTERRUPTED: Final = "Interrupted; the warehouse is as it was before. Run the same command again to build."

GRACE_SECONDS: Final = 10.0
"""How long dbt may take to end after an interrupt before it is killed; DuckDB survives that."""

_RUN_DBT: Final = "import gc, sys; gc.set_threshold(100_000, 20, 100); from dbt.cli.main import cli; sys.exit(cli())"
"""Searches less often for cycles of objects: dbt makes millions, and the search takes a tenth of its time."""
_RESULTS: Final = ("LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult", "LogFunctionResult")
_NOISE: Final = frozenset({"MainStackTrace", "EndOfRunSummary", "StatsLine", "Formatting", *_RESULTS})
"""Events whose messages are not shown: tracebacks, and what this module says in its own words."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


def build(path: Path, arguments: Sequence[str] = ()) -> list[str]:
    """Build and test the marts of the warehouse at ``path``; return the lines that say what was done.

    The work is done on a copy. It takes the place of the warehouse when dbt's tests have passed and the tables of
    ``stats`` are made; the state before is kept beside it. ``arguments`` are passed on to ``dbt build``.

    Raises WarehouseError when the warehouse is absent, empty or written to by another program, or there is no room
    for the copy; ModelkinError when a model or test fails; KeyboardInterrupt when interrupted.
    """
    path = path.resolve()
    status = read_status(path)
    if status.clock_problem:
        warn(f"Note: {status.clock_problem}")
    started = time.monotonic()
    with sole_writer(path), working_copy(path) as copy:
        warn(f"Building and testing the marts on a copy of {path} ({size(path.stat().st_size)}) …")
        prepare(copy.path)
        try:
            tally = _build_marts(copy.path, arguments)
        except ModelkinError as error:
            raise ModelkinError(f"{error} {path} is as it was before; what was built is in {copy.path}.") from error
        conclusions = conclude(copy.path)
        copy.publish(keep_former=True)
    record("build", path=path, tally=tally, seconds=round(time.monotonic() - started, 3))
    return [f"Built {path}: {tally or 'done'} ({duration(time.monotonic() - started)}).", *conclusions]


def prepare(path: Path) -> None:
    """Bring up to date in ``raw`` what the models need, in the warehouse at ``path``."""
    for step in _steps(PREPARATIONS):
        step(path)


def conclude(path: Path) -> list[str]:
    """Make what is made of the marts, in the warehouse at ``path``; return the lines that say what was found."""
    return [line for step in _steps(CONCLUSIONS) for line in step(path)]


def _steps(group: str) -> Iterator[Callable[[Path], Any]]:
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        yield entry.load()


def _build_marts(path: Path, arguments: Sequence[str]) -> str:
    """Run ``dbt build`` on the file at ``path``; return its tally, or raise ModelkinError."""
    log = Log()
    with _artefacts() as folder:
        code = _run_dbt(_command(folder, arguments), path, log)
    for problem in log.problems:
        warn(*problem.splitlines())
    if code:
        raise ModelkinError(f"The build failed: {log.tally() or f'dbt ended with exit code {code}'}.")
    return log.tally()


@contextlib.contextmanager
def _artefacts() -> Iterator[Path]:
    """Provide a folder that can be written for what dbt writes: its manifest, compiled SQL, parsed project."""
    if is_checkout():
        yield project_folder() / "target"
        return
    folder = cache_root() / "dbt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        with tempfile.TemporaryDirectory(prefix="modelkin-dbt-") as temporary:
            yield Path(temporary)
    else:
        yield folder.resolve()


def _command(folder: Path, arguments: Sequence[str]) -> list[str]:
    project = str(project_folder())
    # -P: a folder named `models` or `dbt` where the user happens to be is not one of our packages.
    python = [sys.executable, "-P", "-c", _RUN_DBT]
    logging = ["--log-format", "json", "--log-level", "info", "--log-level-file", "none"]
    places = [
        "--project-dir",
        project,
        "--profiles-dir",
        project,
        "--target-path",
        str(folder),
        "--log-path",
        str(folder),
    ]
    return [*python, *logging, "build", *places, "--exclude-resource-type", "unit_test", *arguments]


def _run_dbt(command: Sequence[str], path: Path, log: "Log") -> int:
    """Run dbt to its end, hand its output to ``log``, and return its exit code; an interrupt ends it first."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with subprocess.Popen(
            command,
            env=os.environ | {"MODELKIN_DB": str(path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        ) as child:
            try:
                for line in child.stdout or ():
                    log.read(line)
                return child.wait()
            except BaseException:
                _end(child)
                raise
            finally:
                log.progress.close()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _end(child: subprocess.Popen[str]) -> None:
    """End dbt and whatever it started: first asked, then told."""
    for number, seconds in ((signal.SIGINT, GRACE_SECONDS), (signal.SIGTERM, 1.0), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        try:
            child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
        return


@dataclass
class Log:
    """What dbt said: how far it is, what went wrong, and the tally at the end."""

    progress: Progress = field(default_factory=lambda: Progress("models and tests"))
    problems: list[str] = field(default_factory=list)
    """What is shown of errors and warnings, in order, each once."""
    stats: dict[str, int] = field(default_factory=dict)
    _done: int = 0
    _total: int | None = None
    """How many models and tests there are; some events do not say."""

    def read(self, line: str) -> None:
        """Take in one line of dbt's output: an event in JSON, or text that some library printed."""
        try:
            event = json.loads(line)
            name, level, text = (event["info"][key] for key in ("name", "level", "msg"))
        except (ValueError, TypeError, KeyError):
            self._note(line.rstrip())
            return
        data: dict[str, Any] = event.get("data") or {}
        if name == "StatsLine":
            self.stats = data["stats"]
        elif name in _RESULTS:
            self._done += 1
            self._total = data.get("total") or self._total
            self.progress.update(self._done, total=self._total, detail=data["node_info"]["node_name"])
        if level in ("warn", "error") and name not in _NOISE:
            self._note(_COLOUR.sub("", text).strip())

    def _note(self, text: str) -> None:
        if text.strip() and text not in self.problems:
            self.problems.append(text)

    def tally(self) -> str:
        """Return the numbers at the end, those that are not zero; empty when dbt gave none."""
        words = {"pass": "passed", "warn": "with a warning", "error": "failed", "skip": "skipped"}
        return ", ".join(f"{self.stats[key]:,} {word}" for key, word in words.items() if self.stats.get(key))
