"""Whole models: what their sketches hold, and what becomes of those that are broken, foreign or hostile."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import pyarrow as pa
import pytest
from safetensors.numpy import save

from extract.weights import sketching as sketching_module
from extract.weights.reading import sketch_model
from modelkin.raw_schemas import WEIGHT_FILES
from tests.python.extract.weights.repositories import repository, rows, sharded, sketched, sketching, tiny_llama

LLAMA = tiny_llama()
WEIGHTS = "model.safetensors"
NOTHING = {"config.json": b"{}"}


def test_every_tensor_has_its_block(tmp_path: Path) -> None:
    found = sketched(tmp_path, {WEIGHTS: save(LLAMA)})
    [file] = found.files
    assert (file["status"], file["tensor_count"], file["file_format"]) == ("ok", len(LLAMA), "safetensors")
    assert file["file_digest"] is not None
    blocks = rows(found)
    assert set(blocks) == set(LLAMA)
    for name, row in blocks.items():
        n_rows, n_columns = row["block_shape"]
        matrix = LLAMA[name].reshape(-1, LLAMA[name].shape[-1])
        row_number, column = divmod(row["block_offset"], matrix.shape[1])
        block = matrix[row_number : row_number + n_rows, column : column + n_columns]
        assert np.array_equal(np.array(row["sketch"], np.float32), block.ravel()), name
        assert row["shape"] == list(LLAMA[name].shape)
    assert found.sketches is not None
    probes = [row for row in found.sketches.to_pylist() if row["is_probe"]]
    assert {row["tensor_name"] for row in probes} == {
        "model.layers.1.self_attn.q_proj.weight",
        "model.layers.1.self_attn.v_proj.weight",
    }
    assert all(row["block_shape"] == [64, 64] for row in probes)


def test_shards_and_missing_heads_make_no_difference(tmp_path: Path) -> None:
    whole = rows(sketched(tmp_path, {WEIGHTS: save(LLAMA)}))
    for files in (sharded(LLAMA), {WEIGHTS: save({name.removeprefix("model."): LLAMA[name] for name in LLAMA})}):
        other = rows(sketched(tmp_path, files))
        assert {name: row["block_digest"] for name, row in other.items()} == {
            name: row["block_digest"] for name, row in whole.items()
        }


def test_a_model_of_fewer_layers_and_more_tokens_meets_its_parent_everywhere(tmp_path: Path) -> None:
    parent = rows(sketched(tmp_path, {WEIGHTS: save(LLAMA)}))
    cut = {name: value for name, value in LLAMA.items() if ".layers.1." not in name}
    tokens = LLAMA["model.embed_tokens.weight"]
    cut["model.embed_tokens.weight"] = np.concatenate([tokens, np.ones((50, tokens.shape[1]), np.float32)])
    child = rows(sketched(tmp_path, {WEIGHTS: save(cut)}))
    assert set(child) == set(cut)
    assert all(row["block_digest"] == parent[name]["block_digest"] for name, row in child.items())


def as_gguf(path: Path, kind: gguf.GGMLQuantizationType) -> bytes:
    """Write the Llama as llama.cpp's conversion does: names, order of queries and keys, type."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_head_count(4)
    writer.add_head_count_kv(4)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 2)
    for name, value in LLAMA.items():
        if "q_proj" in name or "k_proj" in name:
            n_rows, n_columns = value.shape
            value = value.reshape(4, 2, n_rows // 8, n_columns).swapaxes(1, 2).reshape(n_rows, n_columns)  # noqa: PLW2901
        own = names.get_name(name, try_suffixes=(".weight",))
        assert own is not None
        stored_as = gguf.GGMLQuantizationType.F32 if value.ndim == 1 else kind
        writer.add_tensor(own, gguf.quants.quantize(value, stored_as), raw_dtype=stored_as)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


@pytest.mark.parametrize(("kind", "closeness"), [("F32", 0), ("BF16", 1e-3), ("Q8_0", 2e-3), ("Q4_0", 3e-2)])
def test_gguf_meets_the_model_that_it_was_made_from(kind: str, closeness: float, tmp_path: Path) -> None:
    content = as_gguf(tmp_path / "written.gguf", gguf.GGMLQuantizationType[kind])
    found = sketched(tmp_path, {"model-q.gguf": content, "README.md": b"#"})
    own, source = rows(found), rows(sketched(tmp_path, {WEIGHTS: save(LLAMA)}))
    assert set(own) == set(source)
    for name, row in own.items():
        assert row["block_offset"] == source[name]["block_offset"]
        assert np.allclose(row["sketch"], source[name]["sketch"], atol=closeness), name
        assert row["is_dequantized"] == (row["dtype"] not in {"F32", "BF16"})
    assert (own["model.norm.weight"]["block_digest"]) == source["model.norm.weight"]["block_digest"]
    assert json.loads(found.files[0]["header"])["architecture"] == "llama"


def test_an_adapter_names_its_base(tmp_path: Path) -> None:
    matrices = {"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": np.ones((8, 64), np.float32)}
    config = {"base_model_name_or_path": "org/Base", "peft_type": "LORA", "r": 8, "lora_alpha": 16, "x": [[]]}
    files = {"adapter_model.safetensors": save(matrices), "adapter_config.json": json.dumps(config).encode()}
    found = sketched(tmp_path, files)
    facts = json.loads(found.files[0]["header"])
    assert {key: facts[key] for key in ("base", "r", "alpha", "peft_type")} == {
        "base": "org/Base", "r": 8, "alpha": 16, "peft_type": "LORA",
    }  # fmt: skip
    assert rows(found)["model.layers.0.self_attn.q_proj.lora_A.weight"]["tensor_role"] == "adapter"


def test_of_quantized_weights_the_rest_is_read_and_the_packed_are_counted(tmp_path: Path) -> None:
    tensors = {
        "model.norm.weight": np.ones(64, np.float32),
        "model.layers.0.mlp.up_proj.qweight": np.ones((8, 64), np.int32),
        "model.layers.0.mlp.down_proj.weight": np.full((64, 64), 127, np.int8),
        "model.layers.0.mlp.down_proj.SCB": np.full(64, 0.5, np.float32),
    }
    found = sketched(tmp_path, {WEIGHTS: save(tensors)})
    blocks = rows(found)
    assert set(blocks) == {"model.norm.weight", "model.layers.0.mlp.down_proj.weight"}
    assert blocks["model.layers.0.mlp.down_proj.weight"]["is_dequantized"]
    assert set(blocks["model.layers.0.mlp.down_proj.weight"]["sketch"]) == {0.5}
    assert json.loads(found.files[0]["header"])["skipped"] == {"scale": 1, "type": 1}


def test_of_many_experts_two_are_read_and_of_too_many_tensors_always_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experts = {f"model.layers.0.mlp.experts.{n}.up_proj.weight": np.ones((4, 64), np.float32) for n in range(9)}
    assert set(rows(sketched(tmp_path, {WEIGHTS: save(experts)}))) == set(list(experts)[:2])
    monkeypatch.setattr(sketching_module, "MAX_VALUES", 6_000)
    some = rows(sketched(tmp_path, {WEIGHTS: save(LLAMA)}))
    fewer = {name: value for name, value in LLAMA.items() if ".layers.1." not in name}
    kept = set(some) & set(fewer)
    assert 0 < len(some) < len(LLAMA)
    assert kept <= set(rows(sketched(tmp_path, {WEIGHTS: save(fewer)})))


def test_of_a_file_that_is_cut_short_the_blocks_before_the_cut_are_read(tmp_path: Path) -> None:
    content = save(LLAMA)
    found = sketched(tmp_path, {WEIGHTS: content[: len(content) * 4 // 5]})
    assert found.failures == ("truncated",)
    whole = rows(sketched(tmp_path, {WEIGHTS: content}))
    blocks = rows(found)
    assert 0 < len(blocks) < len(whole)
    assert all(row["block_digest"] == whole[name]["block_digest"] for name, row in blocks.items())


def test_values_that_are_no_numbers_are_kept(tmp_path: Path) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1e-45], np.float32)
    sketch = rows(sketched(tmp_path, {WEIGHTS: save({"model.norm.weight": values})}))["model.norm.weight"]["sketch"]
    assert np.array_equal(np.array(sketch, np.float32), values, equal_nan=True)


def index(weight_map: object) -> dict[str, bytes]:
    return {"model.safetensors.index.json": json.dumps({"weight_map": weight_map}).encode()}


LYING_HEADER = b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 12]}}'
FAILING: dict[str, tuple[Mapping[str, bytes], str]] = {
    "a card alone": ({"README.md": b"#"}, "no_weights"),
    "pickles alone": ({"pytorch_model.bin": b"\x80\x02}q\x00."}, "unsafe_weights"),
    "another format": ({"model.onnx": b"x"}, "unsupported_format"),
    "an empty file": ({WEIGHTS: b""}, "bad_header"),
    "no safetensors": ({WEIGHTS: b"PK\3\4" + bytes(5000)}, "too_large"),
    "a header that lies": ({WEIGHTS: len(LYING_HEADER).to_bytes(8, "little") + LYING_HEADER + bytes(99)}, "bad_header"),
    "no tensor": ({WEIGHTS: save({})}, "no_values"),
    "packed numbers alone": ({WEIGHTS: save({"a.weight": np.ones(8, np.int32)})}, "no_values"),
    "no GGUF": ({"a.gguf": b"GGML" + bytes(500)}, "bad_header"),
    "a split GGUF": ({"a-00001-of-00002.gguf": b"GGUF", "a-00002-of-00002.gguf": b"GGUF"}, "unsupported_format"),
    "an index that is a list": ({"model.safetensors.index.json": b"[]"}, "bad_header"),
    "an index without places": (index({}), "bad_header"),
    "an index of numbers": (index({"a": 1}), "bad_header"),
    "an index of paths": (index({"a": "../../../etc/passwd"}), "missing_shard"),
    "an index of addresses": (index({"a": "https://example.org/x.safetensors"}), "missing_shard"),
    "an index with a NUL": (index({"a": "a\0b"}), "missing_shard"),
    "an index with a surrogate": (index({"a": "\ud800"}), "missing_shard"),
    "an index of too many files": (index({f"t{n}": f"f{n}" for n in range(600)}), "too_large"),
    "an adapter without a configuration that can be read": (
        {"adapter_model.safetensors": save({"x": np.ones(3, np.float32)}), "adapter_config.json": b"{"}, "bad_header",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "reason"), FAILING.values(), ids=FAILING)
def test_what_fails_is_one_row_with_its_reason(files: Mapping[str, bytes], reason: str, tmp_path: Path) -> None:
    found = sketched(tmp_path, files)
    assert found.failures == (reason,)
    assert found.sketches is None
    for row in found.files:
        json.dumps(row)
        assert row["failure_detail"].isprintable()
        row["failure_detail"].encode()


def test_a_shard_that_fails_leaves_the_others(tmp_path: Path) -> None:
    files = sharded(LLAMA, missing=True)
    files[f"model-00001-of-{len(LLAMA):05}.safetensors"] = b"x" * 200
    found = sketched(tmp_path, files)
    assert Counter(row["status"] for row in found.files) == {"ok": len(LLAMA) - 2, "failed": 2}
    assert set(found.failures) == {"too_large", "missing_shard"}
    assert len(rows(found)) == len(LLAMA) - 2


def test_a_gguf_of_an_architecture_whose_names_are_not_certain_is_left(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "w.gguf", "mamba")
    writer.add_tensor("token_embd.weight", np.ones((4, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = sketched(tmp_path, {"w.gguf": (tmp_path / "w.gguf").read_bytes()})
    assert found.failures == ("unsupported_architecture",)


LIST_OF_FILES = {
    "a digest that is none": {"lfs": {"sha256": ["x"]}},
    "a size of 2^70": {"size": 1 << 70},
    "a negative size": {"size": -5},
    "an endless size": {"size": float("inf")},
    "a size in words": {"size": "many"},
    "sizes in a list": {"size": [1]},
    "a name with a surrogate": {"rfilename": "a\ud800.safetensors"},
    "a name with a NUL": {"rfilename": "model\0.safetensors"},
    "a name that is a number": {"rfilename": 7},
}


@pytest.mark.parametrize("lie", LIST_OF_FILES.values(), ids=LIST_OF_FILES)
def test_what_the_hub_lists_can_be_stored_whatever_it_is(lie: dict[str, object], tmp_path: Path) -> None:
    own = repository(tmp_path, "a/b", {WEIGHTS: save(LLAMA)})
    sibling = {"rfilename": WEIGHTS, "size": own.files[0].size, "lfs": {"sha256": own.files[0].sha256}, **lie}
    with sketching(tmp_path, own) as (hub, pool):
        hub.client.repository = lambda *_: {**own.info, "siblings": [sibling]}  # type: ignore[method-assign]
        found = sketch_model(hub, pool, "a/b", None)
    pa.Table.from_pylist([{**row, "run_id": "r"} for row in found.files], schema=WEIGHT_FILES)
    if "lfs" in lie:
        assert found.files[0]["file_digest"] is None
        assert len(rows(found)) == len(LLAMA)
    else:
        assert set(found.failures) <= {"no_weights", "unknown"}


@pytest.mark.parametrize("lie", [{"id": "a\ud800/b"}, {"id": "a/b/c"}, {"sha": "\ud800"}, {"sha": "main"}])
def test_a_repository_without_a_real_name_is_no_answer(lie: dict[str, object], tmp_path: Path) -> None:
    own = repository(tmp_path, "a/b", NOTHING)
    with sketching(tmp_path, own) as (hub, pool):
        hub.client.repository = lambda *_: {**own.info, **lie}  # type: ignore[method-assign]
        found = sketch_model(hub, pool, "a/b", None)
    assert (found.model_id, found.sha, found.failures) == ("a/b", None, ("odd_answer",))


def test_an_error_that_nobody_foresaw_ends_with_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OverflowError("too\nmuch")

    monkeypatch.setattr("extract.weights.reading.layout_of", fail)
    with sketching(tmp_path, repository(tmp_path, "a/b", NOTHING)) as (hub, pool):
        found = sketch_model(hub, pool, "a/b", None)
    assert found.failures == ("unknown",)
    assert found.files[0]["failure_detail"] == "OverflowError: too much"
