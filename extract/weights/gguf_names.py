"""What the tensors of a GGUF file are called in transformers, and in which order their rows lie.

The names come from the ``gguf`` library's own map, which has many spellings for each tensor; those of
transformers are told apart by how they begin. Only architectures whose conversion is known to keep values
as they are, or to change them in a way that is undone here, are read: a tensor under a wrong name would
speak against a kinship that is there.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from gguf import MODEL_ARCH_NAMES, get_tensor_name_map

from extract.weights.failures import WeightsFailed
from extract.weights.gguf_header import GgufHeader

PERMUTED: Final = frozenset({"llama", "granite", "smollm3"})
"""Architectures whose queries and keys are stored in another order of rows."""

ONE_ADDED: Final = frozenset({"gemma", "gemma2", "gemma3"})
"""Architectures to whose norms the conversion adds 1."""

AS_THEY_ARE: Final = frozenset({"qwen2", "qwen3", "olmo2", "phi3"})

ARCHITECTURES: Final = PERMUTED | ONE_ADDED | AS_THEY_ARE

_BLOCK: Final = re.compile(r"^blk\.(\d{1,6})\.", re.ASCII)
_SUFFIXES: Final = (".weight", ".bias")
_LIKE_GEMMA: Final = {
    "blk.0.post_attention_norm": "model.layers.0.post_attention_layernorm",
    "blk.0.ffn_norm": "model.layers.0.pre_feedforward_layernorm",
    "blk.0.post_ffw_norm": "model.layers.0.post_feedforward_layernorm",
    "blk.0.ffn_up": "model.layers.0.mlp.up_proj",
}
_PARTICULAR: Final = {
    "gemma2": _LIKE_GEMMA,
    "gemma3": _LIKE_GEMMA,
    "olmo2": _LIKE_GEMMA,
    "phi3": {
        "blk.0.attn_qkv": "model.layers.0.self_attn.qkv_proj",
        "blk.0.ffn_up": "model.layers.0.mlp.gate_up_proj",
    },
}
"""Where the library's map has several spellings that begin alike."""
_ALWAYS: Final = {
    "token_embd": "model.embed_tokens",
    "output": "lm_head",
    "output_norm": "model.norm",
    "blk.0.attn_q_norm": "model.layers.0.self_attn.q_norm",
    "blk.0.attn_k_norm": "model.layers.0.self_attn.k_norm",
}


@dataclass(frozen=True)
class GgufTensorName:
    """The name of a tensor in transformers, and what has to be undone to have its values."""

    name: str
    stored_row: Callable[[int], int] | None = None
    """Which row of the file is a row of transformers; None where they are the same."""
    is_one_added: bool = False


def transformers_name(header: GgufHeader, stored: str, n_rows: int) -> GgufTensorName | None:
    """Return what a tensor is called, or None where that is not certain. Raises WeightsFailed."""
    architecture = header.architecture
    if architecture not in ARCHITECTURES:
        raise WeightsFailed("unsupported_architecture", f"the architecture {architecture or '(none)'}")
    suffix = next((suffix for suffix in _SUFFIXES if stored.endswith(suffix)), "")
    short = stored.removesuffix(suffix)
    block = _BLOCK.match(short)
    own = _names(architecture).get(_BLOCK.sub("blk.0.", short))
    if own is None or not suffix:
        return None
    name = own.replace(".0.", f".{int(block[1])}.", 1) if block else own
    is_added = architecture in ONE_ADDED and name.endswith("norm") and suffix == ".weight"
    if architecture in PERMUTED and name.endswith(("q_proj", "k_proj")):
        heads = header.count("attention.head_count")
        if name.endswith("k_proj"):
            heads = header.count("attention.head_count_kv") or heads
        if heads is None or suffix != ".weight" or n_rows % (2 * heads):
            return None
        return GgufTensorName(name + suffix, row_in_file(n_rows // heads))
    return GgufTensorName(name + suffix, is_one_added=is_added)


def row_in_file(head_rows: int) -> Callable[[int], int]:
    """Return where llama.cpp stores a row of queries or keys, whose heads have ``head_rows`` rows each.

    Of each head transformers keeps the first of all rotated pairs, then the second of all; llama.cpp
    keeps the pairs together.
    """
    half = head_rows // 2

    def stored(row: int) -> int:
        head, place = divmod(row, head_rows)
        second, pair = divmod(place, half)
        return head * head_rows + pair * 2 + second

    return stored


@cache
def _names(architecture: str) -> dict[str, str]:
    """Return GGUF's names of the tensors outside the layers and in the first layer, mapped to transformers' names."""
    number = next(number for number, name in MODEL_ARCH_NAMES.items() if name == architecture)
    found: dict[str, str] = {}
    for spelling, (_, own) in get_tensor_name_map(number, 1).mapping.items():
        # Experts lie together in GGUF and apart in transformers.
        if spelling.startswith("model.layers.0.") and "experts" not in spelling and "moe" not in spelling:
            found.setdefault(own, spelling)
    known = {own for _, own in get_tensor_name_map(number, 1).mapping.values()}
    particular = {**_ALWAYS, **_PARTICULAR.get(architecture, {})}
    return {**found, **{own: name for own, name in particular.items() if own in known}}
