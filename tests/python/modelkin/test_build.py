"""`modelkin build` when it cannot go on: one sentence, the right exit code, and no dbt left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from modelkin.build import INTERRUPTED, Log
from modelkin.command_line import run
from modelkin.progress import Progress
from modelkin.publishing import former_of, restore_former
from modelkin.warehouse import load
from tests.python.conftest import ROOT

MODELKIN = (sys.executable, "-m", "modelkin")
HOLD_OPEN = """
import duckdb, sys
writer = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""

SLOW_AT_EACH_START = {"rfc3987_syntax"}
"""What jsonschema imports where it is installed: it compiles a grammar for longer than dbt starts."""

FAKE_DBT = """
import os, pathlib, subprocess, sys, time

class Module:
    @staticmethod
    def cli():
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path(os.environ["PIDS"]).write_text(f"{os.getpid()} {child.pid}")
        print("started", flush=True)
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            raise RuntimeError("a traceback that nobody should see")

sys.modules["dbt.cli.main"] = Module
"""
"""A `sitecustomize` in which dbt never ends by itself and has a child of its own."""


@pytest.fixture
def filled(warehouse_file: Path) -> Path:
    with load("import"):
        pass
    return warehouse_file


def test_a_program_that_writes_to_the_file_is_named_in_one_sentence(filled: Path) -> None:
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD_OPEN, str(filled)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holding as writer:
        assert writer.stdout and writer.stdout.readline() == "open\n"
        done = subprocess.run([*MODELKIN, "build"], cwd=ROOT, capture_output=True, text=True, check=False)
        writer.communicate()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: Another program is writing to {filled}") and done.stderr.count("\n") == 1


@pytest.fixture
def endless(filled: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start a build whose dbt never ends; the process, and the file with the ids of dbt and its child."""
    (tmp_path / "sitecustomize.py").write_text(FAKE_DBT)
    pids = tmp_path / "pids"
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PIDS": str(pids)}
    with subprocess.Popen(
        [*MODELKIN, "build"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as build:
        assert build.stderr and "Building" in build.stderr.readline()
        try:
            yield build, pids
        finally:
            build.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_dbt_and_all_that_it_started(
    number: signal.Signals, endless: tuple[subprocess.Popen[str], Path]
) -> None:
    build, pids = endless
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        assert build.poll() is None
    build.send_signal(number)
    out, err = build.communicate()
    assert (build.returncode, out, err) == (130, "", f"{INTERRUPTED}\n")
    for pid in map(int, pids.read_text().split()):
        assert not is_running(pid)


FAILING_DBT = """
import sys

class Module:
    @staticmethod
    def cli():
        import duckdb, os
        with duckdb.connect(os.environ["MODELKIN_DB"]) as connection:
            connection.execute("create schema marts; create table marts.half as select 1")
        sys.exit(int(os.environ["CODE"]))

sys.modules["dbt.cli.main"] = Module
"""
"""A `sitecustomize` in which dbt builds one table and ends with the exit code that CODE names."""


@pytest.mark.parametrize("code", [0, 1])
def test_only_a_build_that_ends_well_takes_the_place_of_the_warehouse(code: int, filled: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(FAILING_DBT)
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "CODE": str(code)}
    before = filled.read_bytes()
    done = subprocess.run([*MODELKIN, "build"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert (filled.read_bytes() == before) == bool(code)
    assert former_of(filled).exists() == (not code)
    if code:
        assert f"Error: The build failed: dbt ended with exit code 1. {filled} is as it was before" in done.stderr
    else:
        assert former_of(filled).read_bytes() == before
        restore_former(filled)
        assert filled.read_bytes() == before


def test_a_build_that_is_killed_leaves_the_warehouse_and_the_right_to_write(
    filled: Path, endless: tuple[subprocess.Popen[str], Path]
) -> None:
    build, pids = endless
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        assert build.poll() is None
    with duckdb.connect(str(filled), read_only=True) as reader:  # readers are not kept out meanwhile
        assert reader.execute("select count(*) from raw.extract_runs").fetchall() == [(1,)]
    build.kill()
    build.wait()
    for pid in map(int, pids.read_text().split()):
        os.kill(pid, signal.SIGKILL)
    with load("import"):
        pass
    with duckdb.connect(str(filled), read_only=True) as reader:
        assert reader.execute("select count(*) from raw.extract_runs").fetchall() == [(2,)]


def is_running(pid: int) -> bool:
    """Return whether a process is there and more than a zombie that nobody has asked after yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def event(name: str, level: str, message: str, **data: object) -> str:
    return json.dumps({"info": {"name": name, "level": level, "msg": message}, "data": data}) + "\n"


def test_the_log_tells_failures_and_leaves_tracebacks_out() -> None:
    log = Log(Progress("models and tests"))
    log.read(event("MainStackTrace", "error", "Traceback …"))
    for _ in range(2):
        log.read(event("RunResultError", "error", "\x1b[31m  No such column x\x1b[0m"))
    log.read("a library's own words\n")
    log.read(event("StatsLine", "info", "", stats={"pass": 3, "error": 1, "warn": 0}))
    assert log.problems == ["No such column x", "a library's own words"]
    assert log.tally() == "3 passed, 1 failed"


def test_an_unwritable_place_and_a_bug_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied", "/no/place")

    with pytest.raises(SystemExit, match="1"):
        run(refuse)  # type: ignore[arg-type]
    assert capsys.readouterr().err == "Error: Cannot read or write /no/place: Permission denied.\n"

    def fail(_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(fail)  # type: ignore[arg-type]


def test_dbt_starts_without_what_compiles_a_grammar_each_time() -> None:
    program = "import json, sys, dbt.cli.main; print(json.dumps(sorted(sys.modules)))"
    imported = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
    assert "jsonschema" in imported
    assert not SLOW_AT_EACH_START & set(imported)
