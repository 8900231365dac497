"""The commands of the miniature Hub, run as users run them."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minihub.cli import _run_to_its_end, build_hub
from minihub.repositories import CATALOGUE_FILE, Build
from minihub.server import serving
from minihub.store import ROOT_VARIABLE
from tests.python.conftest import MINIHUB_ROOT

MINIHUB = (sys.executable, "-m", "extract", "minihub")


@pytest.fixture
def environment(minihub_build: object) -> dict[str, str]:
    return os.environ | {ROOT_VARIABLE: str(MINIHUB_ROOT), "HF_TOKEN": "hf_synthetic"}


def test_build_names_the_folder(environment: dict[str, str]) -> None:
    finished = subprocess.run([*MINIHUB, "build"], env=environment, capture_output=True, text=True, check=True)
    assert "synthetic repositories in" in finished.stdout


def test_old_builds_of_other_versions_are_forgotten(
    minihub_build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    (tmp_path / minihub_build.folder.name).symlink_to(minihub_build.folder, target_is_directory=True)
    used = replace(minihub_build, folder=tmp_path / "0123456789abcdef")
    for name in (used.folder.name, "fedcba9876543210", "huggingface"):
        (tmp_path / name).mkdir()
    for build in (used.folder, tmp_path / "fedcba9876543210"):
        (build / CATALOGUE_FILE).touch()
    with serving(used):
        for path in (*tmp_path.glob("*/hub.json"), *tmp_path.iterdir()):
            if minihub_build.folder.name not in str(path):
                os.utime(path, (0, 0))
        assert build_hub().repos == minihub_build.repos
        assert {path.name for path in tmp_path.iterdir()} == {
            minihub_build.folder.name,
            used.folder.name,
            "huggingface",
        }
    build_hub()
    assert not used.folder.exists()


def test_run_sets_the_endpoint_hides_tokens_and_passes_the_exit_code_on(environment: dict[str, str]) -> None:
    script = "echo $HF_ENDPOINT $MODELKIN_ENDPOINT_LABEL token=$HF_TOKEN $HF_HUB_CACHE; exit 7"
    command = [*MINIHUB, "run", "--", "sh", "-c", script]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 7
    endpoint, label, token, cache = finished.stdout.split()
    assert endpoint.startswith("http://127.0.0.1:")
    assert (label, token) == ("minihub", "token=")
    assert cache.startswith(str(MINIHUB_ROOT))


def test_run_reports_a_command_that_cannot_start(environment: dict[str, str]) -> None:
    command = [*MINIHUB, "run", "--", "no-such-command"]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert finished.stderr.startswith("Error: The command 'no-such-command' cannot be started")


SLOW_TO_STOP = """
import sys, time
try:
    print("ready", flush=True)
    time.sleep(300)
except KeyboardInterrupt:
    time.sleep(1)
    sys.exit(5)
"""


def test_run_lets_an_interrupted_command_finish(environment: dict[str, str]) -> None:
    command = [*MINIHUB, "run", "--", sys.executable, "-c", SLOW_TO_STOP]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n"
        os.killpg(runner.pid, signal.SIGINT)
        assert runner.wait(timeout=120) == 5


def test_run_passes_a_termination_on(environment: dict[str, str]) -> None:
    command = [*MINIHUB, "run", "--", sys.executable, "-c", SLOW_TO_STOP]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n"
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(timeout=120) == 128 + signal.SIGTERM


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_termination_while_the_command_starts_is_passed_on(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Started(subprocess.Popen[bytes]):
        """A command in whose start the process is told to end, before or after it is there."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            if moment == "before":
                os.kill(os.getpid(), signal.SIGTERM)
            super().__init__(*arguments, **options)
            if moment == "after":
                os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("minihub.cli.subprocess.Popen", Started)
    command = [sys.executable, "-c", "import time; time.sleep(300)"]
    assert _run_to_its_end(command, dict(os.environ)) == -signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_help_does_not_import_what_makes_models() -> None:
    """Help, and every command of the extractors, starts without the seconds that the makers take to import."""
    code = "import extract.cli, sys; print(*{'numpy', 'torch', 'pyarrow', 'huggingface_hub'} & set(sys.modules))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == ""


def test_serve_prints_the_endpoint_and_stops_on_interrupt(environment: dict[str, str]) -> None:
    command = [*MINIHUB, "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("http://127.0.0.1:")
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=120)
    assert server.returncode == 0
    assert errors.endswith("Stopped.\n")
    assert "Traceback" not in errors
