"""The arithmetic of fingerprints: prompts from a base model, bottom-k sets from any model.

**Which ids are ranked.** The ids that the tokenizer knows and the model has a logit for. Models pad
their vocabulary to a round number of rows; the rows behind the tokenizer's last token stand for
nothing and were never trained, so they are left out, as are holes in the vocabulary.

**Order.** Ascending logit, compared as float32; equal logits by ascending id. A shorter k is
therefore a prefix of a longer one.

**Special tokens.** A text is tokenized by the model's own tokenizer as it does by default, with the
special tokens that it puts in front (such as ``<s>``) and without those that it puts behind: the
last position is always that of the text's last token. A text longer than the model's context keeps
its last tokens.

**Batches.** A prompt is padded on the left to the next multiple of 32 tokens, always, so that its
arithmetic has one shape whatever it is batched with; attention masks and position ids make the
padding unseen. What is left is rounding, a millionth of a logit or so. Models in which more is left
are run one prompt at a time and unpadded: arithmetic in half precision, quantized weights (8 bits of
bitsandbytes round what goes in by the whole batch), mixtures of experts (one prompt could turn
another's choice of experts), and models that take no mask or no position ids (state space models).
"""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch.overrides import TorchFunctionMode

from extract.overlap.reasons import MeasurementFailed

LENGTH_STEP: Final = 32
"""Prompts are padded to a multiple of this many tokens."""

KEPT_POSITIONS: Final = 2
"""Logits are computed for this many positions at the end, of which the last is used. With one position and one
prompt the final product would be of a vector, which libraries compute in another order than that of
a matrix; with two it is a matrix in every batch."""

LARGEST_BATCH: Final = 16
"""Batches start at this many prompts and are halved when memory does not suffice."""

_EXPERT_SETTINGS: Final = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
_CONTEXT_SETTINGS: Final = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
_MEMORY_MESSAGES: Final = ("can't allocate memory", "out of memory", "not enough memory", "bad_alloc")

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """What a model says after one prompt."""

    bottom_k: Ids
    """The ids with the lowest logits, ascending by logit, then by id."""
    log_probabilities: Floats
    """Natural logarithms of the next-token probabilities over the ranked ids, in the order of the ids."""


def ranked_ids(tokenizer: Any, width: int) -> Ids:  # noqa: ANN401
    """Return the ids that are ranked, ascending: those that the tokenizer knows, below ``width``."""
    ids = np.fromiter(set(tokenizer.get_vocab().values()), dtype=np.int32)
    return np.sort(ids[(ids >= 0) & (ids < width)])


def lowest(logits: torch.Tensor, ids: torch.Tensor, k: int) -> Ids:
    """Return the ``k`` ids of lowest logit, ascending by logit, then by id.

    ``logits`` [ids] are float32 and finite, ``ids`` [ids] ascending; k is capped by their number.
    """
    k = min(k, ids.numel())
    threshold = torch.topk(logits, k, largest=False).values.max()
    below = torch.nonzero(logits < threshold).flatten()
    tied = torch.nonzero(logits == threshold).flatten()[: k - below.numel()]
    chosen = torch.cat((below, tied))
    chosen_ids = ids[chosen].cpu().numpy().astype(np.int32)
    order = np.lexsort((chosen_ids, logits[chosen].cpu().numpy()))
    return np.ascontiguousarray(chosen_ids[order])


def tokenize(tokenizer: Any, text: str, context: int | None = None) -> list[int]:  # noqa: ANN401
    """Return the ids of ``text``: the special tokens that go in front, then its own, at most ``context``.

    Raises MeasurementFailed (tokenizer_missing) when the tokenizer makes nothing of the text.
    """
    front, own = tokenize_apart(tokenizer, text)
    if context is not None and len(front) + len(own) > context:
        front = front[: max(0, context - 1)]
        own = own[-(context - len(front)) :]
    return front + own


def tokenize_apart(tokenizer: Any, text: str) -> tuple[list[int], list[int]]:  # noqa: ANN401
    """Return the special tokens that go in front of ``text``, and the ids of the text itself."""
    try:
        own = list(tokenizer(text, add_special_tokens=False)["input_ids"])
        full = list(tokenizer(text)["input_ids"])
    except Exception as error:
        raise MeasurementFailed("tokenizer_missing", f"the tokenizer fails on {text[:40]!r}: {error}") from error
    if not own:
        raise MeasurementFailed("tokenizer_missing", f"the tokenizer finds no token in {text[:40]!r}")
    starts = (n for n in range(len(full) - len(own) + 1) if full[n : n + len(own)] == own)
    return full[: next(starts, 0)], own


def context_of(config: Any) -> int | None:  # noqa: ANN401
    """Return how many tokens the model takes at most, or None where its configuration does not say."""
    text = config.get_text_config()
    found = (getattr(text, name, None) for name in _CONTEXT_SETTINGS)
    return next((value for value in found if isinstance(value, int) and value > 0), None)


class Reader:
    """A loaded model with its tokenizer, asked for what comes after a text.

    ``model`` is a transformers causal language model in evaluation mode.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:  # noqa: ANN401
        self.model = model
        self.tokenizer = tokenizer
        self.context = context_of(model.config)
        self._device = model.get_input_embeddings().weight.device
        accepted = set(inspect.signature(model.forward).parameters)
        self._keeps_positions = "logits_to_keep" in accepted
        self.is_batchable = (
            {"attention_mask", "position_ids"} <= accepted
            and next(model.parameters()).dtype == torch.float32
            and not getattr(model, "_is_stateful", False)
            and not getattr(model, "is_quantized", False)
            and not any(getattr(model.config.get_text_config(), name, None) for name in _EXPERT_SETTINGS)
        )
        self._ids: Ids | None = None

    @property
    def ids(self) -> Ids:
        """The ids that are ranked, ascending."""
        if self._ids is None:
            self._ids = ranked_ids(self.tokenizer, self._width())
        return self._ids

    def _width(self) -> int:
        head = self.model.get_output_embeddings()
        weight = getattr(head, "weight", None)
        features = getattr(head, "out_features", None)
        if isinstance(features, int):
            return features
        return int(weight.shape[0]) if weight is not None else int(self.model.config.get_text_config().vocab_size)

    def answers(self, texts: Sequence[str], k: int, batch_size: int = LARGEST_BATCH) -> list[Answer]:
        """Return the model's answer to each text, in their order.

        Raises MeasurementFailed: vocabulary_too_small when there are no more than ``k`` ids to rank,
        non_finite_logits, tokenizer_missing, out_of_memory.
        """
        if len(self.ids) <= k:
            raise MeasurementFailed("vocabulary_too_small", f"{len(self.ids)} token ids, of which {k} are to be ranked")
        sequences = [tokenize(self.tokenizer, text, self.context) for text in texts]
        found: list[Answer | None] = [None] * len(sequences)
        ids = torch.from_numpy(self.ids).to(self._device)
        for index, row in self._next_logits(sequences, batch_size):
            logits = row[ids.long()].float() + 0.0
            if not bool(torch.isfinite(logits).all()):
                alone = self._forward([sequences[index]], pad=False)[0]
                logits = alone[ids.long()].float() + 0.0
                if not bool(torch.isfinite(logits).all()):
                    bad = int((~torch.isfinite(logits)).sum())
                    raise MeasurementFailed(
                        "non_finite_logits", f"{bad} of {logits.numel()} logits after prompt {index} are not finite"
                    )
            log_probabilities = torch.log_softmax(logits, dim=0).cpu().numpy()
            found[index] = Answer(lowest(logits, ids, k), log_probabilities)
        return [answer for answer in found if answer is not None]

    def _next_logits(self, sequences: list[list[int]], batch_size: int) -> Iterator[tuple[int, torch.Tensor]]:
        """Yield (index, logits [width]) of every sequence, batches of like length together."""
        size = max(1, batch_size) if self.is_batchable else 1
        waiting = sorted(range(len(sequences)), key=lambda index: self._padded(len(sequences[index])))
        while waiting:
            length = self._padded(len(sequences[waiting[0]]))
            batch = [index for index in waiting[:size] if self._padded(len(sequences[index])) == length]
            try:
                rows = self._forward([sequences[index] for index in batch], pad=self.is_batchable)
            except (RuntimeError, MemoryError) as error:
                if not is_memory_error(error):
                    raise
                if len(batch) == 1:
                    raise MeasurementFailed("out_of_memory", str(error)) from error
                size = len(batch) // 2
                continue
            yield from zip(batch, rows, strict=True)
            waiting = waiting[len(batch) :]

    def _padded(self, length: int) -> int:
        padded = -(-length // LENGTH_STEP) * LENGTH_STEP
        return padded if self.context is None else max(length, min(padded, self.context))

    @torch.inference_mode()
    def _forward(self, sequences: list[list[int]], *, pad: bool) -> torch.Tensor:
        """Return the logits [sequences, width] after the last token of each; all pad to one length."""
        length = self._padded(len(sequences[0])) if pad else len(sequences[0])
        ids = torch.zeros((len(sequences), length), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, sequence in enumerate(sequences):
            ids[row, length - len(sequence) :] = torch.tensor(sequence)
            mask[row, length - len(sequence) :] = 1
        inputs: dict[str, Any] = {"input_ids": ids.to(self._device), "use_cache": False}
        if pad:
            inputs["attention_mask"] = mask.to(self._device)
            inputs["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0).to(self._device)
        if self._keeps_positions:
            inputs["logits_to_keep"] = KEPT_POSITIONS
        logits: torch.Tensor = self.model(**inputs).logits
        return logits[:, -1].float()

    @torch.inference_mode()
    def write_prompts(
        self, count: int, seed: int, *, random_tokens: int, prompt_tokens: int, unlikely_tokens: int
    ) -> list[tuple[int, ...]]:
        """Return the token ids of ``count`` prompts.

        Each starts with ``random_tokens`` ids drawn uniformly from those that are not special; each
        further id is drawn uniformly from the ``unlikely_tokens`` least likely next ones (special
        tokens apart), until there are ``prompt_tokens``. Prompt i draws from NumPy's default
        generator seeded with [seed, i], so that it does not depend on how many there are. All
        prompts advance together over one key-value cache.
        """
        special = set(self.tokenizer.all_special_ids) | {
            index for index, token in getattr(self.tokenizer, "added_tokens_decoder", {}).items() if token.special
        }
        plain = self.ids[~np.isin(self.ids, list(special))]
        if len(plain) <= unlikely_tokens:
            raise MeasurementFailed("vocabulary_too_small", f"{len(plain)} token ids that are not special")

        def write(products: AbstractContextManager[object]) -> list[tuple[int, ...]]:
            generators = [np.random.default_rng([seed, index]) for index in range(count)]
            prompts = [[int(i) for i in plain[g.integers(len(plain), size=random_tokens)]] for g in generators]
            front, _ = tokenize_apart(self.tokenizer, self.text(prompts[0]))
            ids = torch.from_numpy(plain).to(self._device)
            cache: Any = None
            for _ in range(prompt_tokens - random_tokens):
                if self.is_batchable:
                    with products:
                        rows, cache = self._advance(prompts, front, cache)
                else:
                    rows = torch.cat([self._forward([front + prompt], pad=False) for prompt in prompts])
                for prompt, generator, row in zip(prompts, generators, rows, strict=True):
                    candidates = lowest(row[ids.long()].float() + 0.0, ids, unlikely_tokens)
                    prompt.append(int(candidates[generator.integers(len(candidates))]))
            return [tuple(prompt) for prompt in prompts]

        if not (self.is_batchable and _FewRows.is_available(self._device)):
            return write(nullcontext())
        try:
            return write(_FewRows(packed_for=count))
        except (RuntimeError, MemoryError) as error:
            if not is_memory_error(error):
                raise
            return write(_FewRows(packed_for=None))

    def _advance(self, prompts: list[list[int]], front: list[int], cache: Any) -> tuple[torch.Tensor, Any]:  # noqa: ANN401
        """Return the logits after every prompt and the cache, into which only what is new was read."""
        length = len(front) + len(prompts[0])
        new = [prompt[-1:] for prompt in prompts] if cache is not None else [front + prompt for prompt in prompts]
        ids = torch.tensor(new, device=self._device)
        positions = torch.arange(length - ids.shape[1], length, device=self._device).expand_as(ids)
        inputs: dict[str, Any] = {"input_ids": ids, "position_ids": positions, "use_cache": True}
        inputs["attention_mask"] = torch.ones((len(prompts), length), dtype=torch.long, device=self._device)
        if cache is not None:
            inputs["past_key_values"] = cache
        if self._keeps_positions:
            inputs["logits_to_keep"] = 1
        output = self.model(**inputs)
        return output.logits[:, -1].float(), output.past_key_values

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of token ids, nothing tidied."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False))


class _FewRows(TorchFunctionMode):
    """Lets oneDNN multiply where torch would take its general product.

    A step of writing prompts multiplies a few rows by every weight, which the general product does
    at half the speed of memory (more so where it is made bitwise repeatable, see
    ``extract.overlap.child``). oneDNN's product comes with torch and is as exact. ``packed_for`` is
    a number of rows: each weight is then copied, when it is first seen, into the order that oneDNN
    reads fastest for that number. The copies live as long as this object; the products are the same
    to the last bit.
    """

    def __init__(self, *, packed_for: int | None) -> None:
        super().__init__()
        self._packed_for = packed_for
        self._packed: dict[int, torch.Tensor] = {}

    @staticmethod
    def is_available(device: torch.device) -> bool:
        """Return whether torch was built with oneDNN and ``device`` is a CPU."""
        operations = ("_linear_pointwise", "_reorder_linear_weight")
        return (
            device.type == "cpu"
            and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
            and all(hasattr(torch.ops.mkldnn, name) for name in operations)
        )

    def __torch_function__(
        self,
        func: Any,  # noqa: ANN401
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        if func is torch.nn.functional.linear and not kwargs and all(_is_plain(tensor) for tensor in args[:2]):
            rows, weight, *bias = args
            weight = self._in_order(weight)
            return torch.ops.mkldnn._linear_pointwise(rows, weight, bias[0] if bias else None, "none", [], "")
        return func(*args, **(kwargs or {}))

    def _in_order(self, weight: torch.Tensor) -> torch.Tensor:
        if self._packed_for is None:
            return weight
        key = weight.data_ptr()
        if key not in self._packed:
            self._packed[key] = torch.ops.mkldnn._reorder_linear_weight(weight, self._packed_for)
        return self._packed[key]


def _is_plain(tensor: torch.Tensor) -> bool:
    """Return whether a tensor is one of float32, not a class of a library's own, as quantized weights are."""
    return type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.dtype == torch.float32


def divergence(left: Floats, right: Floats) -> float:
    """Return the Jensen-Shannon divergence in bits (0 to 1) of two distributions given as natural log probabilities.

    Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37 (1991).
    """
    p, q = np.exp(left.astype(np.float64)), np.exp(right.astype(np.float64))
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(p > 0, p * np.log2(p / middle), 0.0) + np.where(q > 0, q * np.log2(q / middle), 0.0)
    return float(min(1.0, max(0.0, parts.sum() / 2)))


def is_memory_error(error: BaseException) -> bool:
    """Return whether an error says that memory did not suffice, on any device."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(message in text for message in _MEMORY_MESSAGES)
