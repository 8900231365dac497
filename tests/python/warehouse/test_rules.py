"""Rules that Python and the models both follow, held together over one table of cases in one small warehouse."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from extract.hub.show import known_model
from extract.overlap.targets import observed_models
from modelkin.warehouse import load
from tests.python.cases import parent_statements
from tests.python.extract.command import query
from tests.python.warehouse.conftest import Project

CASES = parent_statements()
RELATION_FLAGS = {"adapter": 1, "finetune": 2, "merge": 4, "quantized": 8, None: 0}
OBSERVED = {
    "order/list-after-hub": [("hub", "2025-01-01 00:00:00"), ("import", "2026-01-01 00:00:00")],
    "order/list-before-hub": [("import", "2026-01-01 00:00:00"), ("hub", "2025-01-01 00:00:00")],
    "order/lists-alone": [("import", "2026-01-02 00:00:00"), ("import", "2026-01-01 00:00:00")],
    "order/older-dump-loaded-last": [("hub", "2026-01-02 00:00:00"), ("dump", "2026-01-01 00:00:00")],
    "order/same-time": [("hub", "2026-01-01 00:00:00"), ("hub", "2026-01-01 00:00:00")],
    "order/parts-of-a-second": [("hub", "2026-01-01 00:00:00.51"), ("hub", "2026-01-01 00:00:00.5")],
    "order/a-whole-second-first": [("hub", "2026-01-01 00:00:00.5"), ("hub", "2026-01-01 00:00:00")],
}
"""Models with their observations: source and time, in the order in which they were loaded."""

NEWEST = {
    "order/list-after-hub": 0,
    "order/list-before-hub": 1,
    "order/lists-alone": 0,
    "order/older-dump-loaded-last": 0,
    "order/same-time": 1,
    "order/parts-of-a-second": 0,
    "order/a-whole-second-first": 0,
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with one model per tag and one per order of observations, and the models that read them."""
    project = Project(tmp_path_factory.mktemp("rules"))
    now = datetime(2026, 1, 1)
    with load("hub", path=project.path) as run:
        rows = [{"model_id": f"case/{index}", "tags": [tag]} for index, tag in enumerate(CASES)]
        run.add("hub_models", [{"observed_at": now, **row} for row in rows])
    for model_id, observations in OBSERVED.items():
        for place, (source, time) in enumerate(observations):
            row = {"observed_at": datetime.fromisoformat(time), "model_id": model_id, "sha": str(place)}
            with load(source, path=project.path) as run:
                run.add("hub_models", [row])
                # The start of a run is its id in whole seconds: what comes second must have the greater one.
                run_id = f"2026010{place + 1}T000000-{model_id[6:]}"
            with duckdb.connect(str(project.path)) as connection:
                for table in ("hub_models", "extract_runs"):
                    connection.execute(f"update raw.{table} set run_id = ? where run_id = ?", [run_id, run.run_id])
    project.dbt("run", "--select", "+int_parents_declared", "int_observations_superseded", "int_models_observed")
    return project.path


def test_the_models_read_every_tag_as_the_table_of_cases_says(built: Path) -> None:
    sql = """
        select models.model_id, parents.parent_id, parents.relation_flags, parents.is_well_formed
        from intermediate.int_parents_declared as parents
        inner join intermediate.int_models_latest as models on parents.model_hash = models.model_hash
    """
    found: dict[str, set[tuple[str, int, bool]]] = {}
    for model_id, *statement in query(built, sql):
        found.setdefault(list(CASES)[int(model_id.removeprefix("case/"))], set()).add(tuple(statement))
    flagged = {
        tag: {(parent_id, RELATION_FLAGS[relation], is_id) for parent_id, relation, is_id in statements}
        for tag, statements in CASES.items()
    }
    assert found == flagged


def test_the_newest_observation_is_the_same_for_the_models_the_targets_and_show(built: Path) -> None:
    sql = "select model_id, sha from intermediate.int_models_observed where model_id like 'order/%'"
    wanted = {model_id: str(place) for model_id, place in NEWEST.items()}
    assert dict(query(built, sql)) == wanted
    observed = observed_models(built, "here")
    assert {model_id: observed[model_id].sha for model_id in OBSERVED} == wanted
    assert {model_id: known_model(model_id, built).facts["sha"] for model_id in OBSERVED} == wanted
