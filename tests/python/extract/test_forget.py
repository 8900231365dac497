"""Taking a run or a study out of the warehouse again."""

from pathlib import Path

import pytest

from extract.forget import forget
from modelkin.errors import UsageError
from modelkin.raw_schemas import RAW_TABLES
from modelkin.warehouse import load
from tests.python.extract.command import Command, assert_refused, query

TIME = "2025-01-01"


def fill(study: str) -> str:
    """Load an imported and a measured pair of one study; the run's id."""
    recipe = f'{{"study_id": "{study}", "bottom_k": 2}}'
    pair = {"study_id": study, "base_model_id": "a/b", "derived_model_id": "a/c", "status": "failed"}
    prompt = {
        "prompt_set_id": f"set-{study}", "base_model_id": "a/b", "prompt_index": 0, "text": "x", "token_ids": [1],
        "seed": 0, "recipe": recipe,
    }  # fmt: skip
    fingerprint = {"model_id": "a/c", "prompt_set_id": f"set-{study}", "status": "failed"}
    with load("import") as run:
        run.add("overlap_results", [pair])
        run.add("overlap_prompts", [prompt])
        run.add("fingerprints", [fingerprint])
    return run.run_id


def counts(path: Path) -> dict[str, int]:
    tables = [name for name in RAW_TABLES if name != "extract_runs"]
    found = {name: query(path, f"select count(*) from raw.{name}")[0][0] for name in tables}
    return {name: count for name, count in found.items() if count}


def test_a_study_goes_with_its_prompts_and_fingerprints_and_no_other(warehouse_file: Path) -> None:
    fill("wrong")
    fill("right")
    done = forget("wrong")
    assert done.n_rows == {"overlap_results": 1, "fingerprints": 1, "overlap_prompts": 1}
    assert counts(warehouse_file) == {"overlap_results": 1, "fingerprints": 1, "overlap_prompts": 1}
    assert query(warehouse_file, "select distinct study_id from raw.overlap_results") == [("right",)]
    record = "select source, status, params ->> 'study' from raw.extract_runs where run_id = '" + done.run_id + "'"
    assert query(warehouse_file, record) == [("forget", "complete", "wrong")]


def test_a_run_goes_whole_and_its_row_says_so(warehouse_file: Path) -> None:
    kept, gone = fill("one"), fill("two")
    assert forget(gone).total == 3
    statuses = dict(query(warehouse_file, "select run_id, status from raw.extract_runs where source != 'forget'"))
    assert statuses == {kept: "complete", gone: "forgotten"}
    with pytest.raises(UsageError, match="was forgotten already"):
        forget(gone)


def test_what_is_not_there_is_named_with_what_is_near(warehouse_file: Path, extract: Command) -> None:
    fill("original")
    outcome = extract("forget", "orignal", "--yes")
    assert_refused(outcome, "no run and no study 'orignal'", "near: original", exit_code=2)
    assert_refused(extract("forget", "original"), "add --yes", exit_code=2)
    assert extract("forget", "original", "--yes").exit_code == 0
    assert counts(warehouse_file) == {}


def test_a_name_is_never_sql(warehouse_file: Path) -> None:
    fill("it's; drop table raw.fingerprints --")
    assert forget("it's; drop table raw.fingerprints --").total == 3
    assert counts(warehouse_file) == {}
