"""Recorded answers of the real Hub's API, where they are at hand: each goes through parsing, show and raw tables."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extract.hub.client import HubClient
from extract.hub.crawl import CrawlRequest, crawl_hub
from extract.hub.models import base_models_of, model_row
from extract.hub.refusals import Refused
from extract.hub.show import known_model, live_model, model_type, parents_of
from modelkin.raw_schemas import HUB_MODELS
from modelkin.warehouse import load, utc_now
from tests.python.conftest import published_data
from tests.python.extract.command import Command, query
from tests.python.extract.hub.recorded_hub import recorded_models, serving_recordings


@pytest.fixture(scope="module")
def folder() -> Path:
    found = published_data() / "hub_api"
    if not found.is_dir():
        pytest.skip("the recorded answers of the Hub's API are not there")
    return found


@pytest.fixture(scope="module")
def records(folder: Path) -> list[dict[str, Any]]:
    """Every record of a model, of one answer or of a listing."""
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*/*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if path.parent.name == "infos":
            found.append(content)
        elif path.parent.name == "listings":
            found += content if isinstance(content, list) else list(content.values())
    assert len(found) > 130
    return found


def test_every_record_is_a_row_that_says_what_the_record_says(records: list[dict[str, Any]]) -> None:
    for record in records:
        row = model_row(record, utc_now())
        assert row is not None
        assert set(row) == set(HUB_MODELS.names) - {"run_id"}
        assert row["model_id"] == (record.get("id") or record["modelId"])
        assert row["hub_id"] == record.get("_id")
        if "tags" in record:
            assert row["tags"] == record["tags"]
        counts = (record.get("safetensors") or {}).get("parameters")
        if counts:
            assert row["parameter_count"] == record["safetensors"]["total"]
            assert json.loads(row["safetensors"])["parameters"] == counts
        if "gguf" in record:
            assert json.loads(row["gguf"])["totalFileSize"] == record["gguf"]["totalFileSize"]
            assert "chat_template" not in row["gguf"]
        if "diffusers" in (record.get("config") or {}):
            assert row["architecture"] == record["config"]["diffusers"]["_class_name"]


def test_parents_are_those_that_the_hub_resolved(records: list[dict[str, Any]]) -> None:
    resolved = 0
    for record in records:
        row = model_row(record, utc_now())
        assert row is not None
        parents = parents_of(row)
        assert model_type(row, parents)
        for base in base_models_of(record.get("baseModels")) or []:
            resolved += 1
            stated = {parent["model_id"].lower(): parent["relation"] for parent in parents}
            assert stated[str(base["id"]).lower()] == base["relation"]
    assert resolved >= 3


def test_no_creation_is_older_than_the_day_when_the_hub_began_to_count(records: list[dict[str, Any]]) -> None:
    created = [row["created_at"] for record in records if (row := model_row(record, utc_now())) and row["created_at"]]
    assert min(created).isoformat() == "2022-03-02T23:29:04"


def test_every_record_fits_into_the_raw_tables(records: list[dict[str, Any]], warehouse_file: Path) -> None:
    rows = [row for record in records if (row := model_row(record, utc_now())) is not None]
    with load("hub") as run:
        run.add("hub_models", rows)
    [(n_rows, n_ids, n_gguf)] = query(
        warehouse_file, "select count(*), count(hub_id), count(gguf ->> 'totalFileSize') from raw.hub_models"
    )
    assert (n_rows, n_gguf) == (len(records), 2)
    assert n_ids == sum("_id" in record for record in records)


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[str]:
    with serving_recordings(folder) as address:
        yield address


@pytest.fixture
def hub(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> HubClient:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.setenv("MODELKIN_ENDPOINT_LABEL", "recorded")
    return HubClient()


def test_every_record_is_crawled_and_shown(
    hub: HubClient, folder: Path, warehouse_file: Path, extract: Command
) -> None:
    models = recorded_models(folder)
    result = crawl_hub(CrawlRequest(everything=True))
    assert (result.n_models, result.notes) == (len(models), [])
    for model in models:
        model_id = str(model.get("id") or model["modelId"])
        live, known = live_model(model_id), known_model(model_id)
        assert live.model_id == known.model_id == model_id
        assert live.parents == known.parents
        assert live.as_text(verbose=True)
        assert known.facts["tags"] == model.get("tags", known.facts["tags"])
    shown = extract("show", "deepset/roberta-base-squad2")
    assert shown.exit_code == 0, shown.stderr
    assert "parameter count: 124,057,092" in shown.stdout


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bert-base-uncased", "google-bert/bert-base-uncased"),
        ("meta-llama/Meta-Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("runwayml/stable-diffusion-v1-5", "stable-diffusion-v1-5/stable-diffusion-v1-5"),
    ],
)
def test_recorded_redirects_are_renamed_or_replaced(
    hub: HubClient, asked: str, found: str, warehouse_file: Path
) -> None:
    assert live_model(asked).facts["renamed_from"] == asked
    own_id = str(hub.model(found, ())["_id"])
    for hub_id, facts in ((own_id, {"renamed_from"}), ("0" * 24, {"replaced"})):
        with load("hub", endpoint="recorded") as run:
            run.add("hub_models", [{"observed_at": utc_now(), "model_id": asked, "hub_id": hub_id}])
        assert set(live_model(asked).facts) & {"renamed_from", "replaced"} == facts


def test_recorded_refusals_are_told_apart(hub: HubClient) -> None:
    with pytest.raises(Refused, match="that you may see; check its name") as missing:
        live_model("openai-community/no-such-model-repoing-x9")
    assert missing.value.kind == "missing"
    with pytest.raises(Refused, match="its author must grant access first") as gated:
        hub.repository("meta-llama/Llama-3.1-8B", "main")
    assert gated.value.kind == "gated"
