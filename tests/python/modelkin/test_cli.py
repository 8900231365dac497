"""The command `modelkin`: where --db may stand, its version and completion, and how little starting it loads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelkin.cli import database_first
from modelkin.warehouse import load
from tests.python.conftest import ROOT

MODELKIN = str(Path(sys.executable).with_name("modelkin"))
HEAVY = {"duckdb", "huggingface_hub", "numpy", "pyarrow", "rich", "scipy", "torch", "transformers"}


def modelkin(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MODELKIN, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (["status", "--db", "a.duckdb"], ["--db", "a.duckdb", "status"]),
        (["build", "--db=a.duckdb", "--", "--db", "b"], ["--db=a.duckdb", "build", "--", "--db", "b"]),
        (["status", "--db"], ["--db"]),
        (["status"], ["status"]),
    ],
)
def test_the_warehouse_may_be_named_anywhere_before_the_options_of_others(typed: list[str], read: list[str]) -> None:
    assert database_first(typed) == read


def test_the_warehouse_named_is_the_one_read(warehouse_file: Path) -> None:
    with load("import"):
        pass
    elsewhere = modelkin("status", "--db", str(warehouse_file), MODELKIN_DB="absent.duckdb")
    assert elsewhere.returncode == 0
    assert elsewhere.stdout.startswith(f"Warehouse {warehouse_file} (")
    assert "import" in elsewhere.stdout


def test_version_and_short_help() -> None:
    assert modelkin("--version").stdout.startswith("modelkin ")
    for words in ([], ["build"], ["extract"], ["extract", "minihub", "run"], ["show"]):
        assert modelkin(*words, "-h").stdout.startswith(f"Usage: modelkin {' '.join(words)}".rstrip())


def test_completion_knows_the_commands() -> None:
    asked = {"_MODELKIN_COMPLETE": "complete_bash", "COMP_WORDS": "modelkin ex", "COMP_CWORD": "1"}
    completed = subprocess.run(
        [str(Path(sys.executable).with_name("modelkin"))],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.stdout.split() == ["extract", "export"]


@pytest.mark.parametrize("group", [(), ("extract",), ("extract", "minihub")])
def test_a_list_of_commands_shows_what_each_does_in_full(group: tuple[str, ...]) -> None:
    listed = modelkin(*group, "--help", COLUMNS="80").stdout.partition("Commands:")[2]
    assert len(listed.splitlines()) > 3
    assert [line for line in listed.splitlines()[1:] if not line.endswith(".")] == []
    assert "..." not in listed


def test_help_loads_nothing_heavy_and_status_only_duckdb() -> None:
    script = (
        "import json, sys; import modelkin.cli; help = set(sys.modules); import modelkin.status; "
        "print(json.dumps([sorted(help), sorted(set(sys.modules) - help)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    for_help, for_status = json.loads(done.stdout)
    assert HEAVY & set(for_help) == set()
    assert HEAVY & set(for_status) == {"duckdb"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["show"], "Missing argument 'MODEL'"),
        (["status", "--db"], "requires an argument"),
        (["extract", "hub", "--min-download", "3"], "No such option: --min-download"),
    ],
)
def test_a_command_called_wrongly_ends_with_2(arguments: list[str], said: str) -> None:
    done = modelkin(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
