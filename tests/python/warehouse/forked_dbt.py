"""dbt, started once for each process of the tests: every command runs in a fork of it."""

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.python.conftest import ROOT

FORKS: ForkServerContext = multiprocessing.get_context("forkserver")
WAREHOUSE = "warehouse.duckdb"


def start() -> None:
    """Start the server from which commands are forked, unless it runs.

    dbt writes the name of the warehouse's file, without its folder, into all that it knows of the project: all tests
    call that file by one name.
    """
    FORKS.set_forkserver_preload(["tests.python.warehouse.dbt_at_hand"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELKIN_DB", WAREHOUSE)
        patch.chdir(ROOT)
        process = FORKS.Process(target=int)
        process.start()
        process.join()


def run(
    arguments: tuple[str, ...], environment: dict[str, str], folder: Path, project: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run dbt with these arguments and nothing else in its environment; what it prints passes through ``folder``.

    A project other than this one is read anew.
    """
    start()
    printed = folder / "dbt.txt"
    process = FORKS.Process(target=_command, args=(arguments, environment, printed, project))
    process.start()
    process.join()
    assert process.exitcode is not None
    return subprocess.CompletedProcess(arguments, process.exitcode, printed.read_text(encoding="utf-8"), "")


def write_manifest(folder: Path) -> Path:
    """Write what dbt knows of the project into a folder; the file."""
    start()
    process = FORKS.Process(target=_write, args=(folder,))
    process.start()
    process.join()
    return folder / "manifest.json"


def _write(folder: Path) -> None:
    from dbt.parser.manifest import write_manifest as write

    from tests.python.warehouse import dbt_at_hand

    write(dbt_at_hand.PROJECT, str(folder))


def _command(arguments: tuple[str, ...], environment: dict[str, str], printed: Path, project: Path) -> None:
    os.chdir(project)
    os.environ.clear()
    os.environ.update(environment)
    with printed.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from tests.python.warehouse import dbt_at_hand

    if project == ROOT:
        done = dbtRunner(manifest=dbt_at_hand.PROJECT).invoke(list(arguments))
    else:  # the static parser, written in Rust, waits for a thread that a fork does not have
        done = dbtRunner().invoke([*arguments, "--no-static-parser"])
    if done.exception is not None:
        print(done.exception)
    sys.stdout.flush()
    DuckDBConnectionManager.close_all_connections()  # a fork ends without what Python does at its end
    sys.exit(0 if done.success else 1 if done.exception is None else 2)
