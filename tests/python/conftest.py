"""Fixtures that every test may use, and how tests are shared out among processes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import minihub
from minihub.store import ROOT_VARIABLE, build_root

ROOT = Path(__file__).resolve().parents[2]
# Before any test points MODELKIN_CACHE elsewhere: all of them, and `make run`, share one build.
MINIHUB_ROOT = ROOT / build_root()

LONGEST_FIRST = ("warehouse", "extract/overlap", "minihub")
"""Folders of tests that take long: they start first, so that no process waits for a long test at the end."""

# Random examples are the same in every run, and however slow the machine is.
settings.register_profile("modelkin", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("modelkin")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every module to one process, since its tests share fixtures; put the long ones first."""

    def place(item: pytest.Item) -> int:
        folder = item.path.parent.relative_to(Path(__file__).parent).as_posix()
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(ROOT).as_posix()))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids: list[str]) -> None:
    """Stop where the groups do not reach pytest-xdist: without them each process makes all fixtures anew."""
    if not all("@" in name.rpartition("]")[2] for name in ids):
        pytest.exit("pytest-xdist does not see the groups of the tests; does it know this version of pytest?", 4)


def published_data() -> Path:
    """Return the folder of the published measurements, or skip the test where it is absent."""
    folder = Path(os.environ.get("MODELKIN_PUBLISHED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the published measurements are not at {folder}; set MODELKIN_PUBLISHED_DATA to try them")
    return folder


@pytest.fixture
def warehouse_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the commands at a warehouse and a cache of this test's own."""
    path = tmp_path / "warehouse.duckdb"
    monkeypatch.setenv("MODELKIN_DB", str(path))
    monkeypatch.setenv("MODELKIN_CACHE", str(tmp_path / "cache"))
    return path


@pytest.fixture(scope="session")
def minihub_build() -> minihub.Build:
    """Make the miniature Hub, or take the one that an earlier run made (about a minute the first time)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ROOT_VARIABLE, str(MINIHUB_ROOT))
        return minihub.build()


@pytest.fixture(scope="session")
def minihub_endpoint(minihub_build: minihub.Build) -> Iterator[str]:
    """Serve the miniature Hub on loopback for the whole session; the endpoint URL."""
    with minihub.serving(minihub_build) as hub:
        yield hub.endpoint
