import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.python.reports.site import contracts


@pytest.fixture(scope="session")
def two_studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with a study of hostile names, a synthetic one, and an ecosystem of hostile names."""
    path = tmp_path_factory.mktemp("warehouse") / "two.duckdb"
    hostile = contracts.study_rows("original", contracts.HOSTILE_LABEL, model_id=contracts.HOSTILE_ID)
    synthetic = contracts.study_rows("minihub", "tiny-llama", model_id="minihub/model")
    ecosystem = contracts.ecosystem_rows(contracts.HOSTILE_LABEL)
    contracts.make(path, contracts.merged(hostile, synthetic, ecosystem), stats=True)
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


@pytest.fixture(scope="session", autouse=True)
def _drawn_once() -> Iterator[None]:
    """Draw each picture once a session: drawing takes nine tenths of a first render."""
    from reports.figures import files

    drawn, pixels = files.svg, cache(files.png)

    @cache
    def of_text(text: str) -> str:
        return drawn(json.loads(text))

    def svg(spec: dict[str, Any]) -> str:
        return of_text(json.dumps(spec))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "svg", svg)
        patch.setattr(files, "png", pixels)
        yield


@pytest.fixture(scope="session")
def rendered(two_studies: Path, cached_script: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the site, the Markdown reports and the figures of ``two_studies``."""
    from reports.site.composing import SCRIPT_NAME
    from reports.site.render import render

    out = tmp_path_factory.mktemp("build")
    (out / "site" / SCRIPT_NAME).parent.mkdir(parents=True)
    shutil.copy(cached_script, out / "site" / SCRIPT_NAME)
    render(two_studies, out / "site", "all")
    return out
