"""What a model's repository holds, told by the names of its files."""

import pytest

from extract.overlap.model_files import best_gguf, check_tokenizer, choose
from tests.python.extract.overlap.reasons import reason_of


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
