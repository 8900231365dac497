"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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
