"""Commands that meet a damaged warehouse, or one of the future, say so in one sentence."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import typer

from modelkin.cli import app
from modelkin.clock import clock_problem
from modelkin.command_line import run
from modelkin.database import utc_now
from modelkin.warehouse import load
from tests.chaos.damage import DAMAGES, READING, from_the_future

DAY = datetime(2025, 6, 30)
COMMANDS = (
    *READING,
    ("build",),
    ("extract", "forget", "a-run"),
    ("rollback",),
)
REFUSED = {"cut", "empty", "flip", "folder", "newer", "other_tables", "sqlite", "zeros"}
"""Damages that every command must refuse that reads; `make chaos` tries all commands with all damages."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "warehouse.duckdb"
    with load("import", path=path) as loading:
        loading.add("hub_models", [{"model_id": f"o/{n}", "observed_at": DAY} for n in range(2000)])
    return path.read_bytes()


@pytest.fixture
def warehouse(sound: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELKIN_DB", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("MODELKIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(sound)
    return path


def ended(path: Path, *arguments: str) -> int:
    try:
        run(app, ["--db", str(path), *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_warehouse_is_one_sentence(
    damage: str,
    warehouse: Path,
    sound: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("modelkin.build._build_marts", lambda *_: "")
    n_refused = 0
    first = list(DAMAGES).index(damage)
    for number, command in enumerate([("status",), COMMANDS[first % 9], COMMANDS[(first + 4) % 9]]):
        if warehouse.is_dir():
            warehouse.rmdir()
        warehouse.write_bytes(sound)
        warehouse.with_name("warehouse.duckdb.wal").unlink(missing_ok=True)
        DAMAGES[damage](warehouse, random.Random(number))
        code = ended(warehouse, *command)
        printed = capsys.readouterr()
        errors = [line for line in printed.err.splitlines() if line.startswith("Error: ")]
        assert code == 0 or len(errors) == 1 or command[0] == "doctor", (command, printed)
        assert "Traceback" not in printed.err
        n_refused += code != 0
    assert n_refused or damage not in REFUSED


def test_a_folder_that_cannot_be_written_to(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warehouse.parent.chmod(0o555)
    try:
        if (warehouse.parent / "x").parent.stat().st_uid == 0:
            pytest.skip("the administrator may write everywhere")
        assert ended(warehouse, "extract", "forget", "a-run") == 1
    finally:
        warehouse.parent.chmod(0o755)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_run_of_the_future_is_told_wherever_it_counts(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(warehouse, "status") == 0
    assert "started after now" not in capsys.readouterr().out
    from_the_future(warehouse, random.Random(1))
    assert ended(warehouse, "status") == 0
    assert "started after now" in capsys.readouterr().out
    with load("import", path=warehouse):
        pass
    assert "started after now" in capsys.readouterr().err


@pytest.mark.parametrize(("ahead", "is_told"), [(-1, False), (4, False), (6, True), (1_000_000, True)])
def test_clocks_of_two_machines_may_differ(ahead: int, is_told: bool) -> None:
    now = utc_now()
    assert (clock_problem("a-run", now + timedelta(minutes=ahead), now) is not None) is is_told


FULL = 'Failed to commit: Could not write file "w.duckdb.wal": No space left on device'


def test_a_commit_that_the_disk_has_no_room_for_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    application = typer.Typer()

    @application.command()
    def commit() -> None:
        raise duckdb.TransactionException(f"TransactionContext Error: {FULL}")

    with pytest.raises(SystemExit) as stop:
        run(application, [])
    assert stop.value.code == 1
    assert capsys.readouterr().err == f"Error: DuckDB cannot read or write: {FULL}\n"
