"""One model of the Hub's API as a row; payloads are shaped as the Hub sends them."""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from extract.hub.crawl import PAGE_SCHEMA
from extract.hub.models import base_models_of, model_row

WHEN = datetime(2025, 6, 30, 12)

PAYLOAD: dict[str, Any] = {
    "_id": "66e81ca3a1b2c3d4e5f60718",
    "id": "Qwen/Qwen2.5-0.5B-Instruct",
    "author": "Qwen",
    "cardData": {"license": "apache-2.0", "base_model": "Qwen/Qwen2.5-0.5B", "language": ["en"]},
    "config": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"},
    "createdAt": "2024-09-16T11:52:46.000Z",
    "lastModified": "2024-09-25T12:32:56.500Z",
    "disabled": False,
    "downloads": 1817425,
    "downloadsAllTime": 20000000,
    "gated": False,
    "library_name": "transformers",
    "likes": 300,
    "pipeline_tag": "text-generation",
    "private": False,
    "safetensors": {"parameters": {"BF16": 494032768}, "total": 494032768},
    "sha": "7ae557604adf67be50417f59c2c2f167def9a775",
    "siblings": [{"rfilename": ".gitattributes"}, {"rfilename": "model.safetensors"}],
    "tags": ["transformers", "base_model:Qwen/Qwen2.5-0.5B", "license:apache-2.0"],
    "trendingScore": 3,
}


def test_a_listed_model() -> None:
    row = model_row(PAYLOAD, WHEN)
    assert row is not None
    assert row["model_id"] == "Qwen/Qwen2.5-0.5B-Instruct"
    assert row["created_at"] == datetime(2024, 9, 16, 11, 52, 46)
    assert row["last_modified"] == datetime(2024, 9, 25, 12, 32, 56, 500_000)
    assert (row["gated"], row["private"], row["disabled"]) == ("false", False, False)
    assert (row["architecture"], row["parameter_count"]) == ("qwen2", 494032768)
    assert row["siblings"] == [".gitattributes", "model.safetensors"]
    assert (row["base_models"], row["storage_bytes"]) == (None, None)
    assert set(row) == set(PAGE_SCHEMA.names)
    assert pa.Table.from_pylist([row], schema=PAGE_SCHEMA).num_rows == 1


def test_a_gguf_model_says_its_size_and_architecture() -> None:
    payload = {**PAYLOAD, "safetensors": None, "config": {}, "gguf": {"total": 1100048384, "architecture": "llama"}}
    row = model_row(payload, WHEN)
    assert row is not None and (row["architecture"], row["parameter_count"]) == ("llama", 1100048384)


def test_the_hubs_own_facts_are_kept_and_not_reconciled() -> None:
    gguf = {"total": 35_000_000_000, "architecture": "qwen3", "chat_template": "{{ long }}", "totalFileSize": 9}
    row = model_row({**PAYLOAD, "_id": "66e81ca3", "gguf": gguf, "safetensors": {"total": 664_944}}, WHEN)
    assert row is not None
    assert (row["hub_id"], row["parameter_count"]) == ("66e81ca3", 664_944)
    assert json.loads(row["safetensors"]) == {"total": 664_944}
    assert json.loads(row["gguf"]) == {"total": 35_000_000_000, "architecture": "qwen3", "totalFileSize": 9}


def test_parameters_without_a_total_are_summed() -> None:
    row = model_row({**PAYLOAD, "safetensors": {"parameters": {"I64": 512, "F32": 11_683_584}}}, WHEN)
    assert row is not None and row["parameter_count"] == 11_684_096


def test_a_diffusers_model_has_the_class_of_its_pipeline_as_architecture() -> None:
    config = {"diffusers": {"_class_name": "StableDiffusionPipeline"}}
    row = model_row({**PAYLOAD, "config": config}, WHEN)
    assert row is not None and row["architecture"] == "StableDiffusionPipeline"


def test_what_is_absent_or_odd_is_null() -> None:
    odd = {
        "id": "gpt2",
        "author": 3,
        "createdAt": "yesterday",
        "lastModified": 12,
        "downloads": "many",
        "likes": True,
        "trendingScore": float("nan"),
        "gated": "manual",
        "private": "no",
        "tags": ["a", None, 3, "b", "\ud800"],
        "cardData": "license: mit",
        "config": ["x"],
        "safetensors": [1],
        "siblings": {"rfilename": "x"},
        "usedStorage": 2**70,
        "baseModels": "org/x",
    }
    row = model_row(odd, WHEN)
    assert row is not None
    given = {name: value for name, value in row.items() if value is not None}
    assert given == {"observed_at": WHEN, "model_id": "gpt2", "gated": "manual", "tags": ["a", "b", "?"]}
    assert pa.Table.from_pylist([row], schema=PAGE_SCHEMA).num_rows == 1


@pytest.mark.parametrize("payload", [{}, {"id": ""}, {"id": 3}, {"id": None, "author": "x"}])
def test_a_model_without_an_id_is_none(payload: dict[str, Any]) -> None:
    assert model_row(payload, WHEN) is None


@pytest.mark.parametrize(
    ("value", "parents"),
    [
        (None, None),
        ({}, None),
        ("org/x", None),
        ([], []),
        (
            {"relation": "merge", "models": [{"_id": "1", "id": "org/x"}, {"id": "org/y"}, {"id": None}]},
            [("merge", "org/x"), ("merge", "org/y")],
        ),
        (["org/x"], [(None, "org/x")]),
        ([{"id": "org/x", "relation": "adapter"}, {"id": "org/y"}], [("adapter", "org/x"), (None, "org/y")]),
    ],
)
def test_base_models(value: object, parents: list[tuple[str | None, str]] | None) -> None:
    expected = None if parents is None else [{"relation": relation, "id": id_} for relation, id_ in parents]
    assert base_models_of(value) == expected
