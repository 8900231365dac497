"""The engine against a slow, obvious implementation of the same definitions."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from extract.overlap.engine import Reader, _FewRows, divergence, lowest, tokenize
from extract.overlap.reasons import MeasurementFailed
from tests.python.extract.overlap.tiny import ARCHITECTURES, make_model, make_texts, make_tokenizer

WORDS = 250
ROWS = 256
DTYPES = (torch.float32, torch.bfloat16, torch.float16)


def longest(architecture: str) -> int:
    """Words in the longest text: more than two steps of padding, where there is padding."""
    return 12 if architecture in {"mamba", "mixtral"} else 70


def obvious_bottom_k(model, tokenizer, text, k):
    """One prompt, one full forward pass, a full sort in Python: the definition, word for word."""
    ids = [tokenizer.get_vocab()[word] for word in text.split()]
    if tokenizer("w2")["input_ids"][0] == tokenizer.bos_token_id:
        ids = [tokenizer.bos_token_id, *ids]
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, -1].float().tolist()
    known = sorted(index for index in tokenizer.get_vocab().values() if index < len(logits))
    return sorted(known, key=lambda index: (logits[index], index))[:k]


def obvious_prompt(model, tokenizer, seed, index, *, random_tokens, prompt_tokens, unlikely):
    """The recipe, a full forward pass a token."""
    generator = np.random.default_rng([seed, index])
    plain = [i for i in range(len(tokenizer)) if i not in tokenizer.all_special_ids]
    ids = [plain[draw] for draw in generator.integers(len(plain), size=random_tokens)]
    front = [tokenizer.bos_token_id] if tokenizer("w2")["input_ids"][0] == tokenizer.bos_token_id else []
    while len(ids) < prompt_tokens:
        with torch.no_grad():
            logits = model(torch.tensor([front + ids])).logits[0, -1].float().tolist()
        candidates = sorted(plain, key=lambda i: (logits[i], i))[:unlikely]
        ids.append(candidates[generator.integers(unlikely)])
    return tuple(ids)


@pytest.mark.parametrize(("architecture", "dtype"), list(product(ARCHITECTURES, DTYPES)))
def test_the_engine_finds_the_sets_of_the_obvious_implementation(architecture: str, dtype: torch.dtype) -> None:
    """6 architectures x 3 types x 4 prompts x 3 sizes of k: 216 cases, every one in order."""
    adds_start = architecture in {"llama", "mixtral"}
    tokenizer = make_tokenizer(WORDS, adds_start=adds_start, adds_end=architecture == "qwen2")
    model = make_model(architecture, ROWS, seed=len(architecture)).to(dtype)
    texts = make_texts(WORDS, 4, seed=11, longest=longest(architecture))
    reader = Reader(model, tokenizer)
    for k in (1, 17, 60):
        expected = [obvious_bottom_k(model, tokenizer, text, k) for text in texts]
        found = [answer.bottom_k.tolist() for answer in reader.answers(texts, k)]
        assert [set(ids) for ids in found] == [set(ids) for ids in expected]
        if dtype != torch.float32:
            assert found == expected


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_batches_of_1_3_and_16_and_another_run_give_identical_rows(architecture: str, dtype: torch.dtype) -> None:
    tokenizer = make_tokenizer(WORDS, adds_start=True)
    model = make_model(architecture, ROWS, seed=3).to(dtype)
    texts = make_texts(WORDS, 16, seed=5, longest=longest(architecture))
    runs = [
        [answer.bottom_k.tolist() for answer in Reader(model, tokenizer).answers(texts, 40, batch_size=size)]
        for size in (1, 3, 16, 16)
    ]
    assert runs[0] == runs[1] == runs[2] == runs[3]


def test_a_prompt_is_answered_alike_whatever_it_is_asked_with() -> None:
    tokenizer = make_tokenizer(WORDS)
    reader = Reader(make_model("llama", ROWS, seed=8), tokenizer)
    texts = make_texts(WORDS, 9, seed=2)
    together = [answer.bottom_k.tolist() for answer in reader.answers(texts, 30)]
    alone = [reader.answers([text], 30)[0].bottom_k.tolist() for text in texts]
    assert together == alone


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "mamba"])
def test_prompts_follow_the_recipe(architecture: str) -> None:
    tokenizer = make_tokenizer(WORDS, adds_start=architecture == "llama")
    model = make_model(architecture, ROWS, seed=4)
    written = Reader(model, tokenizer).write_prompts(3, 7, random_tokens=3, prompt_tokens=12, unlikely_tokens=9)
    expected = [
        obvious_prompt(model, tokenizer, 7, index, random_tokens=3, prompt_tokens=12, unlikely=9) for index in range(3)
    ]
    assert written == expected


def test_a_prompt_does_not_depend_on_how_many_are_written() -> None:
    reader = Reader(make_model("qwen2", ROWS, seed=4), make_tokenizer(WORDS))
    shape = {"random_tokens": 8, "prompt_tokens": 20, "unlikely_tokens": 50}
    assert reader.write_prompts(5, 1, **shape)[:2] == reader.write_prompts(2, 1, **shape)
    assert reader.write_prompts(2, 1, **shape) != reader.write_prompts(2, 2, **shape)


@pytest.mark.skipif(not _FewRows.is_available(torch.device("cpu")), reason="torch was built without oneDNN")
@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_prompts_are_the_same_where_memory_does_not_suffice_for_packed_weights(
    architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(make_model(architecture, ROWS, seed=5), make_tokenizer(WORDS))
    shape = {"random_tokens": 8, "prompt_tokens": 40, "unlikely_tokens": 50}
    packed = reader.write_prompts(5, 1, **shape)
    asked: list[int] = []

    def without_room(weight: torch.Tensor, rows: int) -> torch.Tensor:
        asked.append(rows)
        if len(asked) < 4:
            return real(weight, rows)
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 320512000 bytes.")

    real = torch.ops.mkldnn._reorder_linear_weight
    monkeypatch.setattr(torch.ops.mkldnn, "_reorder_linear_weight", without_room)
    assert reader.write_prompts(5, 1, **shape) == packed
    assert asked == [5, 5, 5, 5]


class LibrarysOwn(torch.Tensor):
    """Weights as torchao holds them: of a class of its own, which knows no products of oneDNN's."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if "mkldnn" in str(func):
            raise NotImplementedError(f"unimplemented operator/function: {func}")
        return super().__torch_function__(func, types, args, kwargs or {})


def test_weights_of_a_librarys_own_class_are_multiplied_by_that_library() -> None:
    shape = {"random_tokens": 8, "prompt_tokens": 20, "unlikely_tokens": 50}
    model = make_model("llama", ROWS, seed=5)
    plain = Reader(model, make_tokenizer(WORDS)).write_prompts(2, 1, **shape)
    head = model.get_output_embeddings()
    head.weight = torch.nn.Parameter(head.weight.detach().as_subclass(LibrarysOwn))
    assert type(head.weight) is LibrarysOwn
    assert Reader(model, make_tokenizer(WORDS)).write_prompts(2, 1, **shape) == plain


def test_quantized_models_are_asked_one_prompt_at_a_time() -> None:
    model = make_model("llama", ROWS, seed=5)
    assert Reader(model, make_tokenizer(WORDS)).is_batchable
    model.is_quantized = True
    assert not Reader(model, make_tokenizer(WORDS)).is_batchable


def test_rows_behind_the_vocabulary_and_holes_in_it_are_not_ranked() -> None:
    tokenizer = make_tokenizer(WORDS)
    reader = Reader(make_model("llama", ROWS, seed=1), tokenizer)
    assert reader.ids.tolist() == list(range(WORDS))
    narrow = Reader(make_model("llama", 200, seed=1), tokenizer)
    assert narrow.ids.tolist() == list(range(200))
    tokenizer.get_vocab = lambda: {"a": 0, "b": 7, "c": 255, "d": 256, "e": 999}
    assert Reader(make_model("llama", ROWS, seed=1), tokenizer).ids.tolist() == [0, 7, 255]


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=60), st.integers(1, 70))
@settings(max_examples=200)
def test_ties_are_resolved_by_id_and_a_shorter_k_is_a_prefix(values: list[int], k: int) -> None:
    ids = torch.arange(0, 3 * len(values), 3, dtype=torch.int32)
    logits = torch.tensor(values, dtype=torch.float32)
    expected = sorted(ids.tolist(), key=lambda index: (values[index // 3], index))
    assert lowest(logits, ids, k).tolist() == expected[:k]
    assert lowest(logits, ids, max(1, k // 2)).tolist() == expected[: max(1, k // 2)]


def test_zero_and_minus_zero_are_equal_logits() -> None:
    tokenizer = make_tokenizer(60)
    model = make_model("gpt2", 60, seed=0)
    with torch.no_grad():
        model.transformer.ln_f.weight.zero_()
        model.transformer.ln_f.bias.copy_(torch.where(torch.arange(32) % 2 == 0, -0.0, 0.0))
    answer = Reader(model, tokenizer).answers(["w5 w6"], 10)[0]
    assert answer.bottom_k.tolist() == list(range(10))


def test_special_tokens_go_in_front_and_none_behind() -> None:
    assert tokenize(make_tokenizer(20, adds_start=True, adds_end=True), "w3 w4") == [0, 3, 4]
    assert tokenize(make_tokenizer(20, adds_end=True), "w3 w4") == [3, 4]
    assert tokenize(make_tokenizer(20), "w3 w4") == [3, 4]


def test_a_text_longer_than_the_context_keeps_its_end() -> None:
    tokenizer = make_tokenizer(20, adds_start=True)
    assert tokenize(tokenizer, "w2 w3 w4 w5 w6", context=3) == [0, 5, 6]
    assert tokenize(tokenizer, "w2 w3", context=1) == [3]
    model = make_model("gpt2", 100, seed=0, context=20)
    full = make_tokenizer(100)
    words = make_texts(100, 1, seed=9, longest=60)[0].split() * 40
    reader = Reader(model, full)
    long, cut = reader.answers([" ".join(words), " ".join(words[-20:])], 20)
    assert long.bottom_k.tolist() == cut.bottom_k.tolist()


def test_a_text_without_tokens_is_refused() -> None:
    for text in ("   ", "unheard of"):
        with pytest.raises(MeasurementFailed, match="tokenizer_missing"):
            tokenize(make_tokenizer(20), text)


def test_a_vocabulary_no_larger_than_k_is_refused() -> None:
    reader = Reader(make_model("llama", 64, seed=0), make_tokenizer(60))
    assert len(reader.answers(["w3"], 59)[0].bottom_k) == 59
    with pytest.raises(MeasurementFailed, match="vocabulary_too_small"):
        reader.answers(["w3"], 60)


def test_weights_that_are_not_numbers_are_told() -> None:
    model = make_model("llama", ROWS, seed=0)
    with torch.no_grad():
        model.lm_head.weight[17] = math.nan
    with pytest.raises(MeasurementFailed, match="non_finite_logits: 1 of 250 logits"):
        Reader(model, make_tokenizer(WORDS)).answers(["w3"], 5)
    with torch.no_grad():
        model.lm_head.weight[17] = 0.0
        model.lm_head.weight[255] = math.nan
    assert Reader(model, make_tokenizer(WORDS)).answers(["w3"], 5)


def test_a_batch_that_memory_does_not_hold_is_halved() -> None:
    tokenizer = make_tokenizer(WORDS)
    model = make_model("llama", ROWS, seed=6)
    texts = make_texts(WORDS, 10, seed=1)
    expected = [answer.bottom_k.tolist() for answer in Reader(model, tokenizer).answers(texts, 20)]
    sizes: list[int] = []
    forward = model.forward

    def small_forward(input_ids=None, attention_mask=None, position_ids=None, use_cache=None, logits_to_keep=0):
        sizes.append(len(input_ids))
        if len(input_ids) > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return forward(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            use_cache=use_cache,
            logits_to_keep=logits_to_keep,
        )

    model.forward = small_forward
    assert [answer.bottom_k.tolist() for answer in Reader(model, tokenizer).answers(texts, 20)] == expected
    assert max(sizes) > 2
    model.forward = lambda *, input_ids, attention_mask, position_ids, use_cache: small_forward(torch.zeros(3))
    with pytest.raises(MeasurementFailed, match="out_of_memory"):
        Reader(model, tokenizer).answers(texts, 20)


def test_divergence_agrees_with_scipy() -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        p, q = generator.dirichlet(np.full(50, 0.2), size=2)
        expected = jensenshannon(p, q, base=2) ** 2
        with np.errstate(divide="ignore"):
            found = divergence(np.log(p).astype(np.float32), np.log(q).astype(np.float32))
        assert found == pytest.approx(expected, abs=1e-6)
    one, other = np.log(np.array([1.0, 1e-30])), np.log(np.array([1e-30, 1.0]))
    assert divergence(one.astype(np.float32), one.astype(np.float32)) == 0.0
    assert divergence(one.astype(np.float32), other.astype(np.float32)) == pytest.approx(1.0)
