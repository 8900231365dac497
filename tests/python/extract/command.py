"""Run a command of the extractors as a user does, in a process of its own or in this one."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extract.cli import whole
from modelkin.command_line import run as run_application

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    stdout: str
    stderr: str


def run_process(*arguments: str | Path, env: dict[str, str] | None = None) -> Outcome:
    """Run ``python -m extract`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "extract", *map(str, arguments)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


Command = Callable[..., Outcome]


def command_in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs the command line here, with its exit code and output."""

    def call(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["extract", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            run_application(whole)
            raise SystemExit(0)
        captured = capsys.readouterr()
        code = caught.value.code
        assert isinstance(code, int), f"not an exit code: {code!r}"
        return Outcome(code, captured.out, captured.err)

    return call


def assert_refused(outcome: Outcome, *parts: str, exit_code: int = 1) -> None:
    """Assert that a command ended with one clear sentence that holds every one of ``parts``."""
    assert outcome.exit_code == exit_code, outcome
    assert outcome.stdout == ""
    lines = outcome.stderr.strip().splitlines()
    assert len(lines) == 1, outcome.stderr
    assert lines[0].startswith("Error: ")
    for part in parts:
        assert part in lines[0], f"{part!r} is not in {lines[0]!r}"


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return what a reader sees in the warehouse."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()
