"""A block's place depends on the tensor's name and the length of its rows, and lies inside the tensor."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from extract.weights.names import named
from extract.weights.places import ALIGNMENT, PROBE_SIDE, block_place, probe_place

NAMES = (
    "model.layers.3.self_attn.q_proj.weight",
    "model.layers.1.mlp.down_proj.weight",
    "model.embed_tokens.weight",
    "lm_head.weight",
    "model.layers.0.mlp.experts.1.up_proj.weight",
    "x.lora_B.weight",
)


@given(some.sampled_from(NAMES), some.integers(1, 200_000), some.integers(1, 40_000))
def test_every_block_lies_inside_its_matrix_and_is_small(name: str, n_rows: int, row_length: int) -> None:
    place = block_place(named(name), n_rows, row_length, is_vector=False)
    assert 0 <= place.row < place.row + place.n_rows <= n_rows
    assert 0 <= place.column < place.column + place.n_columns <= row_length
    assert place.column % ALIGNMENT == 0
    assert place.n_values <= 4096
    probe = probe_place(named(name), n_rows, row_length)
    if probe is not None:
        assert (probe.row, probe.column) == (0, 0)
        assert probe.n_rows <= min(PROBE_SIDE, n_rows)
        assert probe.n_columns <= min(PROBE_SIDE, row_length)


@given(some.sampled_from(NAMES), some.integers(1024, 300_000), some.integers(1, 300_000), some.integers(1, 20_000))
def test_a_matrix_that_grew_keeps_its_block(name: str, n_rows: int, more: int, row_length: int) -> None:
    """As a vocabulary does, for which tokens are added behind the others."""
    before = block_place(named(name), n_rows, row_length, is_vector=False)
    assert block_place(named(name), n_rows + more, row_length, is_vector=False) == before


@pytest.mark.parametrize("length", [1, 63, 64, 255, 256, 5000])
def test_of_a_vector_the_beginning_is_taken(length: int) -> None:
    norm, bias = named("model.norm.weight"), named("model.layers.0.self_attn.q_proj.bias")
    assert block_place(norm, 1, length, is_vector=True).n_values == min(256, length)
    assert block_place(bias, 1, length, is_vector=True).n_values == min(64, length)


def test_blocks_of_different_tensors_lie_in_different_places() -> None:
    places = {
        block_place(named(f"model.layers.{number}.mlp.up_proj.weight"), 4096, 4096, is_vector=False)
        for number in range(32)
    }
    assert len(places) > 20


def test_only_a_few_matrices_of_one_layer_are_probed() -> None:
    assert probe_place(named("model.layers.1.self_attn.q_proj.weight"), 512, 512) is not None
    assert probe_place(named("model.layers.2.self_attn.q_proj.weight"), 512, 512) is None
    assert probe_place(named("model.layers.1.self_attn.q_proj.lora_A.weight"), 512, 512) is None
    assert probe_place(named("model.layers.1.self_attn.q_proj.weight"), 8, 512) is None
