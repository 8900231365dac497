from pathlib import Path

import pytest

from tests.python.reports.site import contracts


@pytest.fixture(scope="session")
def two_studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with a study of hostile names, a synthetic one, and an ecosystem of hostile names."""
    path = tmp_path_factory.mktemp("warehouse") / "two.duckdb"
    hostile = contracts.study_rows("original", contracts.HOSTILE_LABEL, model_id=contracts.HOSTILE_ID)
    ecosystem = contracts.ecosystem_rows(contracts.HOSTILE_LABEL)
    for place, name in enumerate(contracts.HOSTILE_NAMES):
        hostile["fct_overlaps"][4 + place]["derived_model_id"] = name
        ecosystem["dim_models"][3 + 2 * place] |= {"model_id": name, "author": name, "architecture": name}
    synthetic = contracts.study_rows("minihub", "tiny-llama", model_id="minihub/model")
    contracts.make(path, contracts.merged(hostile, synthetic, ecosystem), stats=True)
    contracts.add_kinship(path, f"{contracts.HOSTILE_ID}-1", "org/base")
    contracts.add_tests(path, contracts.significance_rows("original", contracts.HOSTILE_LABEL))
    contracts.add_tests(path, contracts.significance_rows("minihub", "tiny-llama"))
    return path


@pytest.fixture(scope="session")
def rendered(two_studies: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the report of ``two_studies`` lies in, as ``site``."""
    from reports.site.render import render

    out = tmp_path_factory.mktemp("build")
    render(two_studies, out / "site", "all")
    return out
