"""What the names of tensors tell."""

import pytest

from extract.weights.names import MAX_CHARACTERS, name_problem, named, transformers_names


@pytest.mark.parametrize(
    ("name", "role", "layer"),
    [
        ("model.embed_tokens.weight", "embedding", None),
        ("transformer.wte.weight", "embedding", None),
        ("gpt_neox.embed_in.weight", "embedding", None),
        ("lm_head.weight", "head", None),
        ("embed_out.weight", "head", None),
        ("model.norm.weight", "norm", None),
        ("model.layers.11.input_layernorm.weight", "norm", 11),
        ("transformer.h.2.ln_1.weight", "norm", 2),
        ("model.layers.3.self_attn.q_norm.weight", "norm", 3),
        ("model.layers.3.self_attn.q_proj.weight", "attention", 3),
        ("gpt_neox.layers.0.attention.query_key_value.weight", "attention", 0),
        ("decoder.block.4.layer.0.SelfAttention.k.weight", "attention", 4),
        ("model.layers.3.self_attn.q_proj.bias", "bias", 3),
        ("model.layers.70.mlp.down_proj.weight", "mlp", 70),
        ("model.layers.0.block_sparse_moe.experts.1.w1.weight", "mlp", 0),
        ("model.layers.0.self_attn.v_proj.lora_A.weight", "adapter", 0),
        ("vision_tower.patch_embed.proj.weight", "other", None),
        ("model.layers.99999999999.mlp.up_proj.weight", "mlp", None),
    ],
)
def test_a_name_tells_role_and_layer(name: str, role: str, layer: int | None) -> None:
    found = named(name)
    assert (found.role, found.layer_index) == (role, layer)


@pytest.mark.parametrize(
    ("stored", "known_as"),
    [
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
         "model.layers.0.self_attn.q_proj.lora_A.weight"),
        ("base_model.model.model.layers.0.mlp.up_proj.base_layer.weight", "model.layers.0.mlp.up_proj.weight"),
        ("module._orig_mod.model.norm.weight", "model.norm.weight"),
        ("language_model.model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight"),
        ("model.language_model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight"),
        ("language_model.lm_head.weight", "lm_head.weight"),
        ("model.norm.weight", "model.norm.weight"),
    ],
)  # fmt: skip
def test_what_libraries_put_in_front_is_taken_off(stored: str, known_as: str) -> None:
    assert transformers_names([stored]) == {stored: known_as}


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("model.", ("embed_tokens.weight", "layers.0.mlp.up_proj.weight", "norm.weight")),
        ("transformer.", ("wte.weight", "h.0.mlp.c_fc.weight", "ln_f.weight")),
        ("gpt_neox.", ("embed_in.weight", "layers.0.mlp.dense_h_to_4h.weight", "final_layer_norm.weight")),
    ],
)
def test_a_model_without_a_head_gets_the_names_of_one_with(prefix: str, names: tuple[str, ...]) -> None:
    assert transformers_names(names) == {name: prefix + name for name in names}
    complete = [prefix + name for name in names]
    assert transformers_names(complete) == {name: name for name in complete}


@pytest.mark.parametrize("name", ["", "a\0b", "a\ud800", "a\nb", "a\u202eb", "x" * (MAX_CHARACTERS + 1)])
def test_a_name_that_cannot_be_stored_is_refused(name: str) -> None:
    assert name_problem(name) is not None
    assert name_problem("model/layers/../../etc/passwd") is None, "a name is never a path"
