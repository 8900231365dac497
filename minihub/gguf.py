"""A GGUF file of a tiny Llama, written as the format's specification says (version 3).

The product reads GGUF through libraries; this only makes something for them to read.
"""

import json
import struct
from pathlib import Path
from typing import Any, Final

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

MAGIC: Final = b"GGUF"
VERSION: Final = 3
ALIGNMENT: Final = 32
_UINT32: Final = 4
_FLOAT32: Final = 6
_STRING: Final = 8
_ARRAY: Final = 9
_INT32: Final = 5
_TENSOR_F32: Final = 0
_TENSOR_F16: Final = 1
_FILE_MOSTLY_F16: Final = 1
_TOKEN_NORMAL: Final = 1
_TOKEN_CONTROL: Final = 3

_BLOCK_NAMES: Final = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_OTHER_NAMES: Final = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


def write_gguf(path: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """Write the Llama ``model`` and its tokenizer to ``path``, matrices in half precision."""
    tensors = _tensors(model)
    pairs = _metadata(model, tokenizer)
    head = MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(pairs))
    head += b"".join(_text(key) + struct.pack("<I", kind) + _value(kind, value) for key, kind, value in pairs)
    body = b""
    for name, tensor in tensors.items():
        kind = _TENSOR_F32 if tensor.ndim == 1 else _TENSOR_F16
        # GGUF counts dimensions from the fastest; torch from the slowest.
        dimensions = tuple(reversed(tensor.shape))
        head += _text(name) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, kind, len(body))
        content = tensor.to(torch.float32 if kind == _TENSOR_F32 else torch.float16).contiguous().numpy().tobytes()
        body += content + b"\0" * (-len(content) % ALIGNMENT)
    path.write_bytes(head + b"\0" * (-len(head) % ALIGNMENT) + body)


def _tensors(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    config = model.config
    named = {}
    for name, tensor in model.state_dict().items():
        if name in _OTHER_NAMES:
            named[_OTHER_NAMES[name]] = tensor
            continue
        _, _, layer, rest = name.split(".", 3)
        block = _BLOCK_NAMES[rest.removesuffix(".weight")]
        if block == "attn_q":
            tensor = _interleaved(tensor, config.num_attention_heads)  # noqa: PLW2901
        elif block == "attn_k":
            tensor = _interleaved(tensor, config.num_key_value_heads)  # noqa: PLW2901
        named[f"blk.{layer}.{block}.weight"] = tensor
    return named


def _interleaved(weight: torch.Tensor, n_heads: int) -> torch.Tensor:
    """Return a query or key matrix in llama.cpp's order of rotary dimensions."""
    rows, columns = weight.shape
    return weight.reshape(n_heads, 2, rows // n_heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _metadata(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> list[tuple[str, int, Any]]:
    config = model.config
    tokens = tokenizer.convert_ids_to_tokens(list(range(config.vocab_size)))
    special = set(tokenizer.all_special_ids)
    kinds = [_TOKEN_CONTROL if index in special else _TOKEN_NORMAL for index in range(config.vocab_size)]
    return [
        ("general.architecture", _STRING, "llama"),
        ("general.name", _STRING, "Modelkin miniature Hub, synthetic"),
        ("general.file_type", _UINT32, _FILE_MOSTLY_F16),
        ("llama.context_length", _UINT32, config.max_position_embeddings),
        ("llama.embedding_length", _UINT32, config.hidden_size),
        ("llama.block_count", _UINT32, config.num_hidden_layers),
        ("llama.feed_forward_length", _UINT32, config.intermediate_size),
        ("llama.attention.head_count", _UINT32, config.num_attention_heads),
        ("llama.attention.head_count_kv", _UINT32, config.num_key_value_heads),
        ("llama.attention.layer_norm_rms_epsilon", _FLOAT32, config.rms_norm_eps),
        ("llama.rope.dimension_count", _UINT32, config.hidden_size // config.num_attention_heads),
        ("llama.rope.freq_base", _FLOAT32, 10000.0),
        ("llama.vocab_size", _UINT32, config.vocab_size),
        ("tokenizer.ggml.model", _STRING, "gpt2"),
        ("tokenizer.ggml.pre", _STRING, "gpt-2"),
        ("tokenizer.ggml.tokens", _ARRAY, (_STRING, tokens)),
        ("tokenizer.ggml.token_type", _ARRAY, (_INT32, kinds)),
        ("tokenizer.ggml.merges", _ARRAY, (_STRING, _merges(tokenizer))),
        ("tokenizer.ggml.bos_token_id", _UINT32, tokenizer.bos_token_id),
        ("tokenizer.ggml.eos_token_id", _UINT32, tokenizer.eos_token_id),
        ("tokenizer.ggml.padding_token_id", _UINT32, tokenizer.pad_token_id),
    ]


def _merges(tokenizer: PreTrainedTokenizerFast) -> list[str]:

    return [" ".join(pair) for pair in json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]]


def _text(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<Q", len(content)) + content


def _value(kind: int, value: Any) -> bytes:  # noqa: ANN401
    if kind == _STRING:
        return _text(value)
    if kind == _ARRAY:
        item_kind, items = value
        return struct.pack("<IQ", item_kind, len(items)) + b"".join(_value(item_kind, item) for item in items)
    return struct.pack({_UINT32: "<I", _INT32: "<i", _FLOAT32: "<f"}[kind], value)
