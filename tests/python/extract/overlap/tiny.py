"""Tiny random models with tokenizers of their own, made in memory."""

from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MambaConfig,
    MixtralConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

ARCHITECTURES = ("llama", "qwen2", "gpt_neox", "gpt2", "mixtral", "mamba")
SPECIAL = ("<s>", "</s>")


def make_tokenizer(size: int, *, adds_start: bool = False, adds_end: bool = False) -> Any:
    """A tokenizer of ``size`` words: two special ones, then w2, w3 and so on."""
    words = {token: index for index, token in enumerate((*SPECIAL, *(f"w{index}" for index in range(2, size))))}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{'<s> ' if adds_start else ''}$A{' </s>' if adds_end else ''}",
        special_tokens=[("<s>", 0), ("</s>", 1)],
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")


def make_model(architecture: str, rows: int, seed: int, *, context: int = 128) -> Any:
    """A model of ``rows`` logits with random weights, large enough for logits to lie apart."""
    torch.manual_seed(seed)
    shape: dict[str, Any] = {"vocab_size": rows, "initializer_range": 0.3, "bos_token_id": 0, "eos_token_id": 1}
    common = shape | {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 48,
        "max_position_embeddings": context,
    }
    config = {
        "llama": lambda: LlamaConfig(**common, num_key_value_heads=2),
        "qwen2": lambda: Qwen2Config(**common, num_key_value_heads=4),
        "gpt_neox": lambda: GPTNeoXConfig(**common),
        "gpt2": lambda: GPT2Config(**shape, n_embd=32, n_layer=2, n_head=4, n_positions=context),
        "mixtral": lambda: MixtralConfig(**common, num_key_value_heads=2, num_local_experts=4),
        "mamba": lambda: MambaConfig(**shape, hidden_size=32, num_hidden_layers=2, state_size=4),
    }[architecture]()
    return AutoModelForCausalLM.from_config(config).eval()


def make_texts(size: int, count: int, seed: int, longest: int = 70) -> list[str]:
    """Texts of random words, 1 to ``longest`` of them."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, longest + 1, (count,), generator=generator).tolist()
    return [
        " ".join(f"w{word}" for word in torch.randint(2, size, (length,), generator=generator).tolist())
        for length in lengths
    ]
