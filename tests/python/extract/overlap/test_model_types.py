"""Which configurations can be measured."""

from dataclasses import replace

import pytest

from extract.overlap.model_types import ModelTypes, check_config
from extract.overlap.reasons import MeasurementFailed
from tests.python.extract.overlap.reasons import reason_of

TYPES = ModelTypes(
    frozenset({"llama", "bert", "whisper"}), frozenset({"t5"}), frozenset({"llama", "t5", "vit", "bert"})
)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"model_type": "warp"}, "unsupported_architecture"),
        ({}, "unsupported_architecture"),
        ({"model_type": []}, "unsupported_architecture"),
        ({"model_type": {"a": "b"}}, "unsupported_architecture"),
        ({"model_type": 7, "auto_map": []}, "unsupported_architecture"),
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
