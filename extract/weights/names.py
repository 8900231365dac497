"""What the name of a tensor tells: its name in transformers' spelling, its role and its layer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["embedding", "head", "norm", "attention", "mlp", "bias", "adapter", "other"]

MAX_CHARACTERS: Final = 400
"""No tensor of a real model has a longer name; the longest known have about 150 characters."""

MAX_LAYER: Final = 100_000

_WRAPPERS: Final = ("base_model.model.", "_orig_mod.", "module.", "_fsdp_wrapped_module.")
"""What PEFT, torch.compile and the ways of training on several devices put in front of a name."""
_INNER: Final = (".base_layer.", ".original_module.")
"""What PEFT puts inside the name of a weight that it leaves as it is."""
_TEXT_PARTS: Final = ("model.language_model.", "language_model.", "model.text_model.", "text_model.")
"""Where models of several kinds of input keep their language model; without it, it matches its parent."""
_ADAPTER: Final = re.compile(r"\.(lora_|ia3_|adapter|vera_|lokr_|loha_|hada_|oft_|boft_|prompt_)|lora_magnitude")
_LAYER: Final = re.compile(r"(?:^|\.)(?:layers?|h|blocks?|blk)\.(\d{1,6})\.", re.ASCII)
_EXPERT: Final = re.compile(r"\.experts?\.(\d+\.)?", re.ASCII)
_EMBEDDING: Final = re.compile(
    r"(?:^|\.)(embed_tokens|wte|embed_in|tok_embeddings|word_embeddings|shared|token_embd)(?:\.weight)?$"
)
_HEAD: Final = re.compile(r"^(?:model\.)?(lm_head|embed_out|output)(?:\.weight)?$")
_NORM: Final = re.compile(r"norm|(?:^|[._])ln_?[0-9a-z]*(?:$|\.)", re.IGNORECASE)
_ATTENTION: Final = re.compile(r"attn|attention|query|\.key\b|\.value\b|qkv|[qkvo]_proj", re.IGNORECASE)
_MLP: Final = re.compile(
    r"mlp|feed_forward|ffn|experts|\.fc[12]\b|intermediate|gate_proj|up_proj|down_proj|DenseReluDense|moe"
)

_BARE: Final = {
    "gpt_neox.": ("embed_in.weight", "final_layer_norm.weight"),
    "transformer.": ("wte.weight", "h.0.ln_1.weight", "word_embeddings.weight"),
    "model.": ("embed_tokens.weight", "layers.0.input_layernorm.weight"),
}
"""What stands in front of the names of a model with a head, and the names that only one without has at the top."""
_BARE_TOPS: Final = {
    "gpt_neox.": ("embed_in.", "layers.", "final_layer_norm."),
    "transformer.": ("wte.", "wpe.", "h.", "ln_f.", "word_embeddings.", "word_embeddings_layernorm."),
    "model.": ("embed_tokens.", "layers.", "norm.", "final_layernorm."),
}


@dataclass(frozen=True)
class Named:
    """A tensor's name in transformers' spelling, and what it tells."""

    name: str
    role: Role
    layer_index: int | None
    is_expert: bool


def named(name: str) -> Named:
    """Return what a name in transformers' spelling tells."""
    match = _LAYER.search(name)
    return Named(name, _role(name), int(match[1]) if match else None, _EXPERT.search(name) is not None)


def name_problem(name: str) -> str | None:
    """Return why ``name`` cannot be stored as a tensor's name, or None."""
    if not name:
        return "a tensor has no name"
    if len(name) > MAX_CHARACTERS:
        return f"a tensor's name has {len(name):,} characters"
    if not name.isprintable():
        return f"a tensor's name holds characters that cannot be shown: {name[:60]!a}"
    return None


def transformers_names(stored: Iterable[str]) -> dict[str, str]:
    """Return the name in transformers' spelling of each stored name of a safetensors model.

    Wrappers are taken off; what a model without a head lacks in front is added.
    """
    unwrapped = {name: _unwrapped(name) for name in stored}
    present = set(unwrapped.values())
    for prefix, marks in _BARE.items():
        if any(mark in present for mark in marks):
            tops = _BARE_TOPS[prefix]
            return {
                name: prefix + short if short.startswith(tops) and not short.startswith(prefix) else short
                for name, short in unwrapped.items()
            }
    return unwrapped


def _unwrapped(name: str) -> str:
    stripped = True
    while stripped:
        stripped = False
        for wrapper in _WRAPPERS:
            if name.startswith(wrapper):
                name, stripped = name[len(wrapper) :], True
    for inner in _INNER:
        name = name.replace(inner, ".")
    for part in _TEXT_PARTS:
        if name.startswith(part):
            rest = name[len(part) :]
            return rest if rest.startswith(("model.", "lm_head.")) else f"model.{rest}"
    return name.replace(".lora_A.default.", ".lora_A.").replace(".lora_B.default.", ".lora_B.")


def _role(name: str) -> Role:
    short = name.removesuffix(".weight")
    last = short.rpartition(".")[2]
    rules: tuple[tuple[bool, Role], ...] = (
        (_ADAPTER.search(name) is not None, "adapter"),
        (name.endswith((".bias", "_bias")), "bias"),
        (_EMBEDDING.search(name) is not None, "embedding"),
        (_HEAD.search(name) is not None, "head"),
        (_NORM.search(last) is not None, "norm"),
        (_MLP.search(name) is not None, "mlp"),
        (_ATTENTION.search(name) is not None, "attention"),
    )
    return next((role for applies, role in rules if applies), "other")
