import shutil
from pathlib import Path

import pytest

from tests.python.reports.site import contracts


@pytest.fixture(scope="session")
def two_studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with a study of hostile names, and a synthetic one."""
    path = tmp_path_factory.mktemp("warehouse") / "two.duckdb"
    hostile = contracts.study_rows("original", contracts.HOSTILE_LABEL, model_id=contracts.HOSTILE_ID)
    synthetic = contracts.study_rows("minihub", "tiny-llama", model_id="minihub/model")
    contracts.make(path, {name: [*rows, *synthetic[name]] for name, rows in hostile.items()}, stats=True)
    contracts.add_tests(path, contracts.significance_rows("original", contracts.HOSTILE_LABEL))
    contracts.add_tests(path, contracts.significance_rows("minihub", "tiny-llama"))
    return path


@pytest.fixture(scope="session")
def cached_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script that draws charts, made once: it takes seconds."""
    from reports.figures import files

    path = tmp_path_factory.mktemp("script") / "vega.js"
    path.write_text(files.script(), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def rendered(two_studies: Path, cached_script: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the site, the Markdown reports and the figures of ``two_studies``."""
    from reports.site.render import SCRIPT_NAME, render

    out = tmp_path_factory.mktemp("build")
    (out / "site" / SCRIPT_NAME).parent.mkdir(parents=True)
    shutil.copy(cached_script, out / "site" / SCRIPT_NAME)
    render(two_studies, out / "site", "all")
    return out
