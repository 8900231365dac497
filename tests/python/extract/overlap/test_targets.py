import json
from pathlib import Path
from typing import Any

from extract.overlap.targets import Target, descendants, observed_models, unobserved_parents
from modelkin.warehouse import load, utc_now


def observe(path: Path, *models: dict[str, Any], endpoint: str = "here") -> None:
    with load("hub", endpoint=endpoint, path=path) as run:
        run.add("hub_models", [{"observed_at": utc_now(), **model} for model in models])


def test_descendants_are_found_through_every_place_where_parents_are_declared(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    observe(
        path,
        {"model_id": "Lab/Base", "sha": "s0"},
        {"model_id": "a/tagged", "sha": "s1", "tags": ["base_model:finetune:lab/base", "base_model:lab/base"]},
        {"model_id": "b/carded", "sha": "s2", "card_data": json.dumps({"base_model": ["a/tagged", 7, "not an id"]})},
        {"model_id": "c/listed", "sha": "s3", "base_models": [{"relation": None, "id": "B/Carded"}]},
        {"model_id": "d/other", "sha": "s4", "tags": ["base_model:else/where", "base_model:finetune:"]},
        {"model_id": "e/loop", "sha": "s5", "tags": ["base_model:e/loop", "base_model:merge:c/listed"]},
    )
    observed = observed_models(path, "here")
    found = descendants(observed, ["lab/BASE"])
    assert found == [
        Target("a/tagged", "s1"),
        Target("b/carded", "s2"),
        Target("c/listed", "s3"),
        Target("e/loop", "s5"),
    ]


def test_parents_that_were_never_observed_are_told(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    observe(
        path,
        {"model_id": "a/child", "tags": ["base_model:Lab/Base", "base_model:gone/parent"]},
        {"model_id": "b/child", "tags": ["base_model:a/child", "base_model:GONE/parent"]},
    )
    observed = observed_models(path, "here")
    assert unobserved_parents(observed, descendants(observed, ["Lab/Base"]), ["lab/base"]) == ["gone/parent"]


def test_the_latest_observation_on_this_hub_counts(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    observe(path, {"model_id": "a/m", "sha": "old", "tags": ["base_model:x/y"]})
    observe(path, {"model_id": "A/m", "sha": "new"})
    observe(path, {"model_id": "a/m", "sha": "elsewhere"}, endpoint="there")
    observed = observed_models(path, "here")
    assert observed["a/m"].sha == "new"
    assert observed["a/m"].parents == ()
    assert observed_models(tmp_path / "absent.duckdb", "here") == {}
