import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import minihub
from extract.overlap.reasons import MeasurementFailed
from extract.overlap.repository import (
    Hub,
    ModelTypes,
    Repo,
    RepoFile,
    best_gguf,
    check_config,
    check_tokenizer,
    choose,
)
from minihub.catalogue import ASTER, ASTER_CHAT

TYPES = ModelTypes(
    frozenset({"llama", "bert", "whisper"}), frozenset({"t5"}), frozenset({"llama", "t5", "vit", "bert"})
)


def reason_of(call: Callable[[], object]) -> str:
    with pytest.raises(MeasurementFailed) as caught:
        call()
    return caught.value.reason


@pytest.mark.parametrize(
    ("names", "form", "weights"),
    [
        ({"config.json", "model.safetensors", "pytorch_model.bin"}, "safetensors", ("model.safetensors",)),
        (
            {"config.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors"},
            "safetensors",
            ("model.safetensors.index.json",),
        ),
        ({"adapter_config.json", "adapter_model.safetensors"}, "adapter", ("adapter_model.safetensors",)),
        (
            {"adapter_config.json", "adapter_model.safetensors", "config.json", "model.safetensors"},
            "safetensors",
            ("model.safetensors",),
        ),
        ({"README.md", "x.Q4_K_M.gguf", "x.Q8_0.gguf"}, "gguf", ("x.Q8_0.gguf",)),
    ],
)
def test_what_is_fetched_is_told_by_the_file_names(names: set[str], form: str, weights: tuple[str, ...]) -> None:
    choice = choose(frozenset(names))
    assert (choice.form, choice.weights) == (form, weights)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ({"README.md", "config.json"}, "no_weights"),
        ({"config.json", "pytorch_model.bin"}, "unsafe_weights"),
        ({"adapter_config.json", "adapter_model.bin"}, "unsafe_weights"),
        ({"config.json", "onnx/model.onnx"}, "unsupported_format"),
        ({"config.json", "original/consolidated.safetensors"}, "unsupported_format"),
        ({"model.safetensors"}, "unsupported_format"),
        ({"big-00001-of-00002.gguf", "big-00002-of-00002.gguf"}, "unsupported_format"),
        ({"training_args.bin"}, "no_weights"),
    ],
)
def test_what_cannot_be_measured_is_told_by_the_file_names(names: set[str], reason: str) -> None:
    assert reason_of(lambda: choose(frozenset(names))) == reason


def test_the_best_quantization_is_the_one_that_keeps_most() -> None:
    names = ["m-IQ2_XXS.gguf", "m.Q4_K_M.gguf", "m.q4_0.gguf", "mmproj-m-f16.gguf", "m-Q8_0-00001-of-00002.gguf"]
    assert best_gguf(names) == "m.Q4_K_M.gguf"
    assert best_gguf(["b.gguf", "a.gguf"]) == "a.gguf"
    assert best_gguf(["m-f16.gguf", "m-BF16.gguf", "m-Q8_0.gguf"]) == "m-BF16.gguf"


def test_a_tokenizer_is_more_than_its_description() -> None:
    check_tokenizer(choose(frozenset({"config.json", "model.safetensors", "tokenizer.json"})))
    described = choose(frozenset({"config.json", "model.safetensors", "tokenizer_config.json"}))
    assert reason_of(lambda: check_tokenizer(described)) == "tokenizer_missing"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"model_type": "warp"}, "unsupported_architecture"),
        ({}, "unsupported_architecture"),
        ({"model_type": "warp", "auto_map": {"AutoModel": "modeling.Warp"}}, "remote_code_required"),
        ({"model_type": "vit"}, "unsupported_architecture"),
        ({"model_type": "vit", "auto_map": {"AutoModelForCausalLM": "modeling.Vit"}}, "remote_code_required"),
        ({"model_type": "t5"}, "unsupported_architecture"),
        ({"model_type": "bert", "is_encoder_decoder": True}, "unsupported_architecture"),
    ],
)
def test_what_cannot_be_measured_is_told_by_the_configuration(config: dict, reason: str) -> None:
    assert reason_of(lambda: check_config(config, TYPES)) == reason


def test_a_known_model_needs_no_code_of_its_own() -> None:
    check_config({"model_type": "llama", "auto_map": {"AutoModelForCausalLM": "modeling.Own"}}, TYPES)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"quantization_config": {"quant_method": "aqlm"}}, "quantized by aqlm, which needs the package aqlm"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantized by gptq, which needs the package optimum"),
        ({"quantization_config": {"quant_method": "quanto"}}, "quantized by quanto, which needs the package optimum"),
        ({"quantization_config": {"load_in_8bit": True}}, "which needs the package bitsandbytes"),
        ({"quantization_config": {"quant_method": "modelopt"}}, "by modelopt, which transformers does not read"),
        ({"quantization_config": {"bits": 4}}, "by a method without a name, which transformers does not read"),
        ({"compression_config": {"quant_method": "compressed-tensors"}}, "needs the package compressed_tensors"),
        ({"text_config": {"quantization_config": {"quant_method": "hqq"}}}, "which needs the package hqq"),
    ],
)
def test_a_quantization_that_cannot_be_read_is_told_with_what_it_needs(
    part: dict, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    methods = {"aqlm", "gptq", "quanto", "bitsandbytes", "compressed-tensors", "hqq", "fp8"}
    types = replace(TYPES, quantizations=frozenset(methods))
    with pytest.raises(MeasurementFailed, match=told) as caught:
        check_config({"model_type": "llama", **part}, types)
    assert caught.value.reason == "unsupported_format"
    check_config({"model_type": "llama", "quantization_config": {"quant_method": "fp8"}}, types)
    check_config({"model_type": "llama", "quantization_config": None}, types)


@pytest.fixture
def hub(minihub_endpoint: str, tmp_path: Path) -> Hub:
    return Hub(minihub_endpoint, tmp_path / "models", lambda: TYPES)


def test_a_repository_is_found_in_any_case_and_under_its_old_name(hub: Hub) -> None:
    repo = hub.repo(ASTER.upper(), None)
    assert repo.model_id == ASTER
    assert hub.repo(ASTER, repo.sha) == repo
    assert hub.repo("demo-aster-lab/Aster-1M-Dialogue", None).model_id == ASTER_CHAT


def test_what_the_hub_does_not_give_has_a_reason(hub: Hub) -> None:
    assert reason_of(lambda: hub.repo("no/such-model", None)) == "not_found"
    assert reason_of(lambda: hub.repo("../../etc/passwd", None)) == "not_found"
    assert reason_of(lambda: hub.repo(ASTER, "0" * 40)) == "not_found"
    assert reason_of(lambda: hub.fetch("demo-gatekeeper/Aster-1M-Medical", None)) == "gated"


def test_a_hub_that_does_not_answer_is_a_failure_of_the_network(tmp_path: Path) -> None:
    silent = Hub("http://127.0.0.1:9", tmp_path, lambda: TYPES)
    assert reason_of(lambda: silent.repo("a/b", None)) == "network"


def test_a_rate_limit_is_waited_for(minihub_build: minihub.Build, tmp_path: Path) -> None:
    faults = minihub.Faults(rate_limit_at=frozenset({1}), reset_seconds=0)
    with minihub.serving(minihub_build, faults=faults) as server:
        assert Hub(server.endpoint, tmp_path, lambda: TYPES).repo(ASTER, None).model_id == ASTER


def test_only_what_is_needed_is_fetched_and_a_copy_has_the_digest_of_its_original(hub: Hub) -> None:
    fetched = hub.fetch(ASTER, None)
    names = {path.name for path in Path(fetched.place.folder).iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert "README.md" not in names
    copy = hub.fetch("demo-mirror-user/Aster-1M-copy", None)
    assert copy.weights_digest == fetched.weights_digest
    assert hub.fetch(ASTER_CHAT, None).weights_digest != fetched.weights_digest


def test_an_adapter_comes_with_its_base(hub: Hub) -> None:
    fetched = hub.fetch("mini-lora-lena/aster-1m-lora-haiku", None)
    assert fetched.place.form == "adapter"
    assert fetched.place.base_folder is not None
    assert (Path(fetched.place.base_folder) / "model.safetensors").exists()
    assert fetched.weights_format is not None
    assert fetched.weights_format.startswith(f"adapter on {ASTER}@")


def test_the_digest_is_the_same_where_the_hub_tells_none(hub: Hub) -> None:
    fetched = hub.fetch(ASTER, None)
    known = fetched.repo
    untold = Repo(
        known.model_id, known.sha, {name: RepoFile(name, file.size, None) for name, file in known.files.items()}
    )
    assert hub._weights_digest(untold, ["model.safetensors"]) == fetched.weights_digest


def test_shards_that_are_missing_or_pickles_are_told_before_they_are_fetched(hub: Hub, tmp_path: Path) -> None:
    repo = hub.repo(ASTER, None)
    index = tmp_path / "index.json"
    hub._download = lambda repo, name: index
    for weight_map, reason in (
        ({"a": "model-00001-of-00001.safetensors"}, "corrupt_weights"),
        ({"a": "config.json"}, "unsafe_weights"),
        ({}, "corrupt_weights"),
    ):
        index.write_text(json.dumps({"weight_map": weight_map}))
        assert reason_of(lambda: hub._shards(repo)) == reason
    index.write_text("{")
    assert reason_of(lambda: hub._shards(repo)) == "corrupt_weights"


def test_the_cache_forgets_what_was_used_longest_ago(hub: Hub) -> None:
    first = hub.fetch(ASTER, None)
    hub.fetch(ASTER_CHAT, None)
    hub.fetch(ASTER, None)
    assert hub.trim(10**9, []) == 0
    assert hub.trim(6_000_000, []) > 0
    assert Path(first.place.folder, "model.safetensors").exists()
    assert hub.trim(1, [ASTER]) == 0
    assert hub.trim(1, []) > 0
    assert not Path(first.place.folder, "model.safetensors").exists()
    assert hub.fetch(ASTER, None) == first
