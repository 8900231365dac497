"""Warehouses that are built by the commands a user types."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import minihub
from tests.python.conftest import MINIHUB_ROOT, ROOT, published_data
from tests.python.warehouse import forked_dbt


class Project:
    """A warehouse of a test's own, and the commands that fill it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / forked_dbt.WAREHOUSE

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment with MODELKIN_DB set; fail the test if it exits non-zero."""
        done = subprocess.run(
            arguments,
            cwd=ROOT,
            env=self._environment(self.path),
            capture_output=True,
            text=True,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done

    def extract(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `python -m extract`."""
        return self.run(sys.executable, "-m", "extract", *arguments, check=check)

    def dbt(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run dbt, which reads the project once for all commands of a process; fail the test if it exits non-zero."""
        # A log that nobody reads costs a tenth of the time.
        places = (
            "--target-path",
            str(self.folder / "target"),
            "--log-path",
            str(self.folder),
            "--log-level-file",
            "none",
        )
        done = forked_dbt.run((*arguments, *places), self._environment(self.path), self.folder)
        if check:
            assert done.returncode == 0, done.stdout[-8000:]
        return done

    def _environment(self, path: Path) -> dict[str, str]:
        return {
            **os.environ,
            "MODELKIN_DB": str(path),
            "MODELKIN_CACHE": str(self.folder / "cache"),
            "MODELKIN_MINIHUB": str(MINIHUB_ROOT),
        }


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The published study of four files with downloads, imported, then built by bare `dbt run` and `dbt test`."""
    files = sorted((published_data() / "overlap").glob("*_with_downloads.csv"))
    project = Project(tmp_path_factory.mktemp("original"))
    project.extract("import-overlap", *map(str, files), "--study", "original")
    project.dbt("run")
    tested = project.dbt("test")
    assert "WARN=0 ERROR=0 SKIP=0" in tested.stdout
    return project


@pytest.fixture(scope="session")
def demo(minihub_build: minihub.Build, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo, as `make run` makes it, but for the report: crawled, measured, built and tested for significance."""
    project = Project(tmp_path_factory.mktemp("demo"))
    project.run("make", "extract")
    project.dbt("run")
    project.run(sys.executable, "-m", "reports", "test")
    return project
