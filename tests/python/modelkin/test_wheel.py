"""The wheel carries all that Modelkin needs, and works without a checkout, from any folder, light."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.python.conftest import ROOT

DBT = ("models", "macros", "seeds", "snapshots", "tests/dbt")
"""Folders of the dbt project, which lie in `modelkin/dbt_project` of a wheel."""
PACKAGES = ("modelkin", "minihub", "extract", "reports")
UNPACKED = {".pyc"}

WITHOUT_TORCH = """
from importlib.machinery import PathFinder

find = PathFinder.find_spec


def find_others(name, path=None, target=None):
    if name.partition(".")[0] in ("torch", "transformers", "tokenizers", "safetensors", "peft"):
        return None
    return find(name, path, target)


PathFinder.find_spec = staticmethod(find_others)
"""
"""A `sitecustomize` for an environment that lacks the extra `models`."""

PAIRS = """\
base_model_name,derived_model_name,num_pairs,avg_overlap_ratio,bottom_k_vocab_size,pair_scores_json
org/base,org/child,2,0.5,2000,"[0.4, 0.6]"
org/base,org/broken,0,-1.0,2000,[]
"""

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this checkout; hatchling comes from where packages come from."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([uv(), "build", "--wheel", "--quiet", "--out-dir", str(folder), str(ROOT)], check=True)
    [path] = folder.glob("*.whl")
    return path


def uv() -> str:
    return str(Path(sys.executable).with_name("uv"))


def tracked(*folders: str) -> set[str]:
    """Return the files of a checkout below ``folders``: what git has, and what is about to be added."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return {file for file in files if (ROOT / file).is_file()}


def test_the_wheel_holds_every_file_of_the_packages_and_the_dbt_project(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    project = {*tracked(*DBT), "dbt_project.yml", "profiles.yml", "selectors.yml"}
    assert held == tracked(*PACKAGES) | {f"modelkin/dbt_project/{name}" for name in project}
    for needed in (
        "reports/site/locale/zh.po",
        "reports/site/assets/style.css",
        "modelkin/dbt_project/seeds/vendors.csv",
    ):
        assert needed in held


@dataclass(frozen=True)
class Installed:
    """Modelkin as the wheel installs it, run from an empty folder with an awkward name."""

    place: Path
    folder: Path

    def run(self, *arguments: str, exit_code: int = 0) -> str:
        """Run ``modelkin``; return what it printed, all together."""
        without_own = {name: value for name, value in os.environ.items() if not name.startswith("MODELKIN_")}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "modelkin", *arguments],
            cwd=self.folder,
            env=without_own | {"PYTHONPATH": str(self.place), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == exit_code, done.stdout[-4000:]
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel alone, before the packages that the environment has."""
    place = tmp_path_factory.mktemp("site")
    install = [uv(), "pip", "install", "--quiet", "--no-deps", "--target", str(place), str(wheel)]
    subprocess.run([*install, "--python", sys.executable], check=True)
    (place / "sitecustomize.py").write_text(WITHOUT_TORCH)
    folder = tmp_path_factory.mktemp("any") / "it's a folder"
    folder.mkdir()
    (folder / "pairs_same.csv").write_text(PAIRS)
    # What lies where the user is has names like Modelkin's own, and is not taken for them.
    (folder / "extract").mkdir()
    (folder / "dbt.py").write_text("raise RuntimeError('not dbt')")
    return Installed(place, folder)


def test_an_installed_modelkin_imports_builds_and_shows(installed: Installed) -> None:
    before = {path for path in installed.place.rglob("*") if path.suffix not in UNPACKED}
    assert installed.run("--version").startswith("modelkin ")
    imported = installed.run("extract", "import-overlap", "pairs_same.csv", "--study", "tiny")
    assert "2 rows, 1 valid, 1 failed" in imported
    assert "Next: modelkin build" in installed.run("status")

    # One mart and what it reads: that dbt finds the project, the seeds and the warehouse is seen by it.
    built = installed.run("build", "--", "--select", "+fct_extract_runs")

    assert "Building and testing the marts" in built and "passed" in built
    assert "org/base" in installed.run("show", "org/child")
    assert {path for path in installed.place.rglob("*") if path.suffix not in UNPACKED} == before
    assert {path.name for path in installed.folder.iterdir()} == {"data", "dbt.py", "extract", "pairs_same.csv"}


@pytest.mark.parametrize("arguments", [("demo",), ("extract", "overlap", "--base-model", "org/base")])
def test_what_loads_models_names_the_extra(arguments: tuple[str, ...], installed: Installed) -> None:
    said = installed.run(*arguments, exit_code=1)
    assert 'which is not installed: pip install "modelkin[models]"' in said
    assert len(said.splitlines()) == 1
