"""Byte-level BPE tokenizers of about 4,096 tokens, each trained on generated text."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from minihub.catalogue import TokenizerPlan
from minihub.languages import LANGUAGES, seed_of, write_text

TRAINING_WORDS: Final = 60_000
"""Words of a tokenizer's own language that it is trained on."""
FOREIGN_WORDS: Final = 1_500
"""Words of each other language, so that every letter in use has a token."""


def train_tokenizer(plan: TokenizerPlan, seed: int) -> PreTrainedTokenizerFast:
    """Train the tokenizer of ``plan`` and return it as transformers loads it.

    Ids other than the special ones are shuffled: BPE numbers its merges by frequency, and two
    unrelated families would otherwise keep their rarest tokens under the same numbers, which
    large real vocabularies hardly do.
    """
    specials = list(dict.fromkeys((plan.begin, plan.end, plan.pad)))
    text = list(_training_text(plan.language, seed))
    alphabet = _byte_alphabet(text)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=plan.vocab_size - len(specials), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(text, trainer)
    state = json.loads(tokenizer.to_str())
    learned = state["model"]["vocab"]
    first_special = 0 if plan.specials_first else len(learned)
    special_ids = {content: first_special + index for index, content in enumerate(specials)}
    state["model"]["vocab"] = special_ids | _shuffled(learned, len(specials) if plan.specials_first else 0, seed)
    state["added_tokens"] = [_special_token(content, token_id) for content, token_id in special_ids.items()]
    return _as_loaded(Tokenizer.from_str(json.dumps(state)), plan.begin, plan.end, plan.pad)


def letter_tokenizer(n_tokens: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer of single characters, from "0" upwards, with ``n_tokens`` tokens in all."""
    specials = ("<s>", "</s>", "<unk>")
    letters = (chr(ord("0") + index) for index in range(n_tokens - len(specials)))
    vocabulary = {token: index for index, token in enumerate((*specials, *letters))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=specials[2]))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return _as_loaded(tokenizer, *specials)


def _as_loaded(tokenizer: Tokenizer, begin: str, end: str, pad: str) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=begin,
        eos_token=end,
        pad_token=pad,
        model_max_length=256,
        clean_up_tokenization_spaces=False,
    )


def _training_text(language: str, seed: int) -> Iterator[str]:
    yield write_text(language, TRAINING_WORDS, seed_of(seed, "tokenizer"))
    for other in LANGUAGES:
        if other != language:
            yield write_text(other, FOREIGN_WORDS, seed_of(seed, "tokenizer"))


def _byte_alphabet(text: Sequence[str]) -> list[str]:
    """Return the bytes in use (and printable ASCII, and the replacement character) as byte-level letters."""
    used = set().union(*(chunk.encode() for chunk in text)) | set(range(0x20, 0x7F)) | set("\ufffd".encode())
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    shifted = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(shifted)}
    return sorted(letters[byte] for byte in used)


def _shuffled(vocabulary: dict[str, int], first_id: int, seed: int) -> dict[str, int]:
    ids = np.random.default_rng(seed_of("token ids", seed)).permutation(len(vocabulary)) + first_id
    return {token: int(ids[old]) for token, old in vocabulary.items()}


def _special_token(content: str, token_id: int) -> dict[str, Any]:
    return {
        "id": token_id,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
