import json
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers.utils.quantization_config import QuantizationMethod

from extract.overlap.engine import Reader
from extract.overlap.loading import load_model
from extract.overlap.model_files import ModelFolder
from extract.overlap.reasons import MeasurementFailed
from tests.python.extract.overlap.tiny import make_model, make_texts, make_tokenizer

WORDS = 120
QUANTIZATION_OPTIONS: dict[str, dict[str, object]] = {
    "awq": {"bits": 4},
    "bitsandbytes": {"load_in_4bit": True},
    "compressed-tensors": {"config_groups": {}},
    "gptq": {"bits": 4},
    "torchao": {"quant_type": "int8_weight_only"},
}

# peft 0.21 still reads an attribute that transformers 5.23 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def place(tmp_path: Path) -> ModelFolder:
    folder = tmp_path / "model"
    make_model("llama", WORDS, seed=1).to(torch.bfloat16).save_pretrained(folder)
    make_tokenizer(WORDS).save_pretrained(folder)
    return ModelFolder("safetensors", str(folder), str(folder))


def change_weights(place: ModelFolder, change) -> None:
    path = Path(place.folder) / "model.safetensors"
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def failure_of(place: ModelFolder) -> MeasurementFailed:
    with pytest.raises(MeasurementFailed) as caught:
        load_model(place, device="cpu", dtype="float32")
    return caught.value


def test_arithmetic_is_done_in_the_type_that_is_asked_for(place: ModelFolder) -> None:
    loaded = load_model(place, device="cpu", dtype="float32")
    assert (loaded.dtype, loaded.stored_dtype) == ("float32", "bfloat16")
    own = load_model(place, device="cpu", dtype="own")
    assert (own.dtype, own.stored_dtype) == ("bfloat16", "bfloat16")
    assert own.tokenizer_hash == loaded.tokenizer_hash


def test_a_model_without_a_head_is_no_language_model(place: ModelFolder) -> None:
    change_weights(place, lambda weights: weights.pop("lm_head.weight"))
    assert failure_of(place).reason == "unsupported_architecture"


def test_weights_that_are_missing_or_of_another_shape_are_told(place: ModelFolder) -> None:
    change_weights(place, lambda weights: weights.pop("model.layers.0.self_attn.q_proj.weight"))
    assert failure_of(place).reason == "corrupt_weights"
    change_weights(place, lambda w: w.update({"model.layers.0.self_attn.q_proj.weight": torch.zeros(3, 3)}))
    assert failure_of(place).reason == "corrupt_weights"


@pytest.mark.parametrize(
    ("name", "is_measured"),
    [
        ("model.layers.2.self_attn.q_proj.weight", False),
        ("model.layers.0.self_attn.q_proj.bias", False),
        ("model.layers.0.self_attn.rotary_emb.inv_freq", True),
        ("v_head.summary.weight", True),
    ],
)
def test_weights_of_a_layer_that_the_model_has_no_place_for_are_told(
    name: str, is_measured: bool, place: ModelFolder
) -> None:
    change_weights(place, lambda weights: weights.update({name: torch.zeros(32)}))
    if is_measured:
        load_model(place, device="cpu", dtype="float32")
    else:
        failure = failure_of(place)
        assert failure.reason == "corrupt_weights"
        assert failure.detail == f"the model has no place for 1 weights: {name}"


def test_a_file_that_is_cut_off_is_told(place: ModelFolder) -> None:
    path = Path(place.folder) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    assert failure_of(place).reason == "corrupt_weights"
    for content in (b"\xff" * 40, (4000).to_bytes(8, "little") + b"[" * 4000):
        path.write_bytes(content)
        assert failure_of(place).reason == "corrupt_weights"


def test_a_tokenizer_that_is_absent_or_broken_is_told(place: ModelFolder) -> None:
    (Path(place.folder) / "tokenizer.json").write_text("{}")
    assert failure_of(place).reason == "tokenizer_missing"
    (Path(place.folder) / "tokenizer.json").unlink()
    assert failure_of(place).reason == "tokenizer_missing"


def test_code_in_the_repository_is_never_run(place: ModelFolder) -> None:
    folder = Path(place.folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "warp", "auto_map": {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    assert failure_of(place).reason == "remote_code_required"
    assert not (folder / "ran").exists()


def say_quantized(place: ModelFolder, **quantization: object) -> None:
    path = Path(place.folder) / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "quantization_config": quantization}))


@pytest.mark.parametrize("method", sorted({method.value for method in QuantizationMethod} - {"bitnet"}))
def test_every_way_of_quantization_loads_or_says_what_is_missing(method: str, place: ModelFolder) -> None:
    say_quantized(place, quant_method=method, **QUANTIZATION_OPTIONS.get(method, {}))
    try:
        loaded = load_model(place, device="cpu", dtype="float32")
    except MeasurementFailed as failure:
        assert failure.reason == "unsupported_format"
        assert f"quantized by {method}, which cannot be read here (" in failure.detail
    else:
        assert (loaded.weights_kind, loaded.stored_dtype) == (method, "bfloat16")


def test_weights_of_eight_bits_are_read_on_a_cpu(place: ModelFolder) -> None:
    texts = make_texts(WORDS, 3, seed=2)

    def least_likely() -> list[set[int]]:
        loaded = load_model(place, device="cpu", dtype="float32")
        return [set(answer.bottom_k.tolist()) for answer in Reader(loaded.model, loaded.tokenizer).answers(texts, 30)]

    def quantize(weights: dict[str, torch.Tensor]) -> None:
        for name in [name for name in weights if name.endswith("_proj.weight")]:
            scale = weights[name].float().abs().max() / 448
            weights[name] = (weights[name].float() / scale).to(torch.float8_e4m3fn)
            weights[f"{name}_scale_inv"] = scale.reshape(1, 1)

    before = least_likely()
    change_weights(place, quantize)
    say_quantized(place, quant_method="fp8", weight_block_size=[128, 128], activation_scheme="dynamic")
    shared = [len(one & other) for one, other in zip(before, least_likely(), strict=True)]
    assert min(shared) >= 24, "eight bits keep most of the thirty"


def test_an_adapter_is_applied_to_its_base(place: ModelFolder, tmp_path: Path) -> None:
    base = load_model(place, device="cpu", dtype="float32")
    tuned = get_peft_model(base.model, LoraConfig(r=2, target_modules=["q_proj", "v_proj"]))
    for name, weights in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights)
    tuned.save_pretrained(tmp_path / "adapter")
    texts = make_texts(WORDS, 3, seed=0)
    expected = [
        answer.bottom_k.tolist() for answer in Reader(tuned.get_base_model(), base.tokenizer).answers(texts, 20)
    ]
    adapter = ModelFolder("adapter", str(tmp_path / "adapter"), place.folder, base_folder=place.folder)
    loaded = load_model(adapter, device="cpu", dtype="float32")
    assert [
        answer.bottom_k.tolist() for answer in Reader(loaded.model, loaded.tokenizer).answers(texts, 20)
    ] == expected
    plain = load_model(place, device="cpu", dtype="float32")
    assert [a.bottom_k.tolist() for a in Reader(plain.model, plain.tokenizer).answers(texts, 20)] != expected


ADAPTER_FAULTS = {
    "empty": (lambda weights: weights.clear() or weights.update(one=torch.zeros(1)), {}, "are missing"),
    "one weight missing": (lambda weights: weights.pop(min(weights)), {}, "1 weights of the adapter are missing"),
    "one weight more": (lambda weights: weights.update(other=torch.zeros(1)), {}, "belong to another model"),
    "of another shape": (lambda weights: weights.update({min(weights): torch.zeros(3, 3)}), {}, "size mismatch"),
    "of other modules": (lambda weights: None, {"target_modules": ["warp"]}, "not found in the base model"),
    "a module to import": (lambda weights: None, {"megatron_config": {"a": 1}, "megatron_core": "this"}, "needs more"),
}


@pytest.mark.parametrize("fault", ADAPTER_FAULTS)
def test_an_adapter_that_does_not_fit_is_told(fault: str, place: ModelFolder, tmp_path: Path) -> None:
    change, settings, told = ADAPTER_FAULTS[fault]
    folder = tmp_path / "adapter"
    base = load_model(place, device="cpu", dtype="float32")
    get_peft_model(base.model, LoraConfig(r=2, target_modules=["q_proj", "v_proj"])).save_pretrained(folder)
    weights = load_file(folder / "adapter_model.safetensors")
    change(weights)
    save_file(weights, folder / "adapter_model.safetensors")
    config = json.loads((folder / "adapter_config.json").read_text()) | settings
    (folder / "adapter_config.json").write_text(json.dumps(config))
    failure = failure_of(ModelFolder("adapter", str(folder), place.folder, base_folder=place.folder))
    assert failure.reason == ("unsupported_format" if fault == "a module to import" else "corrupt_weights")
    assert told in failure.detail


@pytest.mark.parametrize("fault", ["missing", "of another shape", "none"])
def test_modules_that_an_adapter_saves_whole_must_be_there(fault: str, place: ModelFolder, tmp_path: Path) -> None:
    folder = tmp_path / "adapter"
    base = load_model(place, device="cpu", dtype="float32")
    settings = LoraConfig(r=2, target_modules=["q_proj"], modules_to_save=["up_proj"])
    get_peft_model(base.model, settings).save_pretrained(folder)
    weights = load_file(folder / "adapter_model.safetensors")
    saved = min(name for name in weights if "up_proj" in name)
    if fault == "missing":
        weights.pop(saved)
    elif fault == "of another shape":
        weights[saved] = torch.zeros(3, 3)
    save_file(weights, folder / "adapter_model.safetensors")
    adapter = ModelFolder("adapter", str(folder), place.folder, base_folder=place.folder)
    if fault == "none":
        assert load_model(adapter, device="cpu", dtype="float32").dtype == "float32"
        return
    failure = failure_of(adapter)
    assert failure.reason == "corrupt_weights"
    assert saved.removesuffix(".weight") in failure.detail


def test_an_adapter_that_adds_prompt_tokens_is_told(place: ModelFolder, tmp_path: Path) -> None:
    base = load_model(place, device="cpu", dtype="float32")
    tuned = get_peft_model(base.model, PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2))
    tuned.save_pretrained(tmp_path / "adapter")
    adapter = ModelFolder("adapter", str(tmp_path / "adapter"), place.folder, base_folder=place.folder)
    assert failure_of(adapter).reason == "unsupported_format"
