"""Train small models and their descendants for real, and try whether kinship finds the truth.

Run as ``python -m bench.trained_zoo shallow SEED ...`` or ``... deep SEED ...``.

Every draw comes from the seed: the shapes, which model is made from which, the language it is tuned on, the rate of
learning, the steps, the decay, whether all weights are tuned, attention alone or an adapter, and what is merged,
rounded and pruned. Names say nothing. In a shallow zoo, as on the Hub, most descend from a base, and none is more than
two steps from it; in a deep one most descend from descendants. Needs PyTorch and transformers; a zoo takes about two
minutes on one core.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import transformers
from torch.nn.utils import parametrize

from bench.kinship_trial import ask, kinships, print_parents, rounded
from bench.sketches import State, Zoo, sketch_of
from minihub.catalogue import FAMILIES
from minihub.languages import LANGUAGES, write_text
from minihub.tokens import train_tokenizer

ARCHITECTURES: Final = ("llama", "gpt_neox", "qwen2", "olmo2")
"""Taken by the seed: rules are set on seeds of the first two, and judged on seeds of the last two."""

N_BASES: Final = 2
N_DESCENDANTS: Final = 14
PRETRAINED_ON: Final = 4
"""How many languages a base is trained on; its descendants are tuned on one each, of all."""

BASE_STEPS: Final = (400, 900)
BASE_RATE: Final = 3e-3
BATCH: Final = 8
LENGTH: Final = 64
STEPS: Final = (20, 120)
RATES: Final = (2e-5, 1e-3)
DECAYS: Final = (0.0, 0.01, 0.1)
FROM_DESCENDANT: Final = {"shallow": 0.3, "deep": 0.75}
"""Share of descendants that are made from a descendant rather than from a base."""

MOST_STEPS: Final = {"shallow": 2, "deep": N_DESCENDANTS}
"""How many steps from its base a descendant may lie."""

SECOND_BASE: Final = 0.25
"""Share of those made from a base that are made from the second one."""

KINDS: Final = ("full",) * 9 + ("attention",) * 2 + ("adapter",) * 3 + ("merge", "merge", "integers", "half", "pruned")
ADAPTER_RANK: Final = 4
ADAPTER_RATES: Final = (3e-4, 1e-2)


@dataclass(frozen=True)
class Recipe:
    """How one model is trained; ``only`` is what the names of the trained tensors must contain."""

    ids: npt.NDArray[np.int64]
    steps: int
    rate: float
    decay: float
    only: str = ""
    is_adapter: bool = False


class _Adapted(torch.nn.Module):
    """A matrix plus the product of two small ones, which alone are trained."""

    def __init__(self, n_rows: int, n_columns: int) -> None:
        super().__init__()
        self.down = torch.nn.Parameter(torch.randn(ADAPTER_RANK, n_columns) / n_columns**0.5)
        self.up = torch.nn.Parameter(torch.zeros(n_rows, ADAPTER_RANK))

    def forward(self, matrix: torch.Tensor) -> torch.Tensor:
        return matrix + self.up @ self.down


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the zoo of each seed, print how many parents were found, and the figures of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("depth", choices=sorted(FROM_DESCENDANT))
    parser.add_argument("seeds", nargs="+", type=int)
    options = parser.parse_args(arguments)
    answers = []
    for seed in options.seeds:
        zoo = train_zoo(seed, options.depth)
        found = ask(zoo, kinships(zoo.sketches))
        print(f"seed {seed}: {sum(one.is_parent for one in found)} of {len(found)}", flush=True)
        answers += found
    print_parents(answers)


def train_zoo(seed: int, depth: str) -> Zoo:
    """Train the zoo of a seed; equal seeds give equal zoos on one machine."""
    rng = np.random.default_rng([seed, 7])
    trainer = _Trainer(seed, rng)
    names = [f"m{number:02}" for number in rng.permutation(N_BASES + N_DESCENDANTS)]
    parents: dict[str, str | None] = {}
    states: dict[str, State] = {}
    steps: dict[str, int] = {}
    finished: set[str] = set()
    for name in names[:N_BASES]:
        states[name], parents[name], steps[name] = trainer.base(), None, 0
    for name in names[N_BASES:]:
        made = [one for one in states if 0 < steps[one] < MOST_STEPS[depth] and one not in finished]
        base = names[1] if rng.random() < SECOND_BASE else names[0]
        parent = str(rng.choice(made)) if made and rng.random() < FROM_DESCENDANT[depth] else base
        kind = str(rng.choice(KINDS))
        siblings = [one for one in states if parents[one] == parent and one not in finished]
        if kind == "merge" and len(siblings) > 1:
            two = [str(one) for one in rng.choice(siblings, 2, replace=False)]
            share = float(rng.uniform(0.55, 0.8))
            one, other = (states[sibling] for sibling in two)
            mixed = {tensor: share * values + (1 - share) * other[tensor] for tensor, values in one.items()}
            states[name] = trainer.stored(mixed)
            parent = two[0]
        elif kind in ("half", "integers", "pruned"):
            states[name] = rounded(states[parent], kind)
            finished.add(name)  # What was rounded is seldom trained again.
        else:
            states[name] = trainer.tuned(states[parent], kind)
        parents[name], steps[name] = parent, steps[parent] + 1
    return Zoo([sketch_of(name, states[name]) for name in sorted(states)], parents)


class _Trainer:
    def __init__(self, seed: int, rng: np.random.Generator) -> None:

        self.seed, self.rng, self.n_trained = seed, rng, 0
        self.architecture = ARCHITECTURES[seed % len(ARCHITECTURES)]
        self.is_bfloat16 = bool(rng.random() < 0.5)
        self.width = int(rng.choice([64, 96, 128]))
        self.n_layers = int(rng.choice([2, 3, 4, 6]))
        family = list(FAMILIES.values())[seed % len(FAMILIES)]
        self.tokenizer, self.vocabulary = train_tokenizer(family.tokenizer, seed), family.vocab_size
        self.languages = list(rng.permutation(list(LANGUAGES)))

    def base(self) -> State:
        """Train a model from a random start of its own."""
        words = [self._ids(language, 12_000) for language in self.languages[:PRETRAINED_ON]]
        steps = int(self.rng.integers(*BASE_STEPS))
        return self._trained(None, Recipe(np.concatenate(words), steps, BASE_RATE, 0.1))

    def tuned(self, state: State, kind: str) -> State:
        """Tune a model on one language: all its weights, attention alone, or an adapter that is then merged."""
        is_adapter = kind == "adapter"
        rate = float(np.exp(self.rng.uniform(*np.log(ADAPTER_RATES if is_adapter else RATES))))
        ids = self._ids(str(self.rng.choice(self.languages)), 6_000)
        steps, decay = int(self.rng.integers(*STEPS)), float(self.rng.choice(DECAYS))
        return self._trained(state, Recipe(ids, steps, rate, decay, "" if kind == "full" else "att", is_adapter))

    def stored(self, state: State) -> State:
        """Return the values as the zoo stores them."""
        if not self.is_bfloat16:
            return state
        return {name: torch.tensor(values).bfloat16().float().numpy().copy() for name, values in state.items()}

    def _ids(self, language: str, n_words: int) -> npt.NDArray[np.int64]:

        text = write_text(language, n_words, int(self.rng.integers(1 << 31)))
        parts = [text[start : start + 2000] for start in range(0, len(text), 2000)]
        return np.concatenate([np.asarray(ids) for ids in self.tokenizer(parts, add_special_tokens=False)["input_ids"]])

    def _trained(self, state: State | None, recipe: Recipe) -> State:
        self.n_trained += 1
        torch.manual_seed(self.seed * 1000 + self.n_trained)
        model = self._model()
        if state is not None:
            model.load_state_dict({name: torch.tensor(values) for name, values in state.items()}, strict=False)
            model.tie_weights()
        if recipe.is_adapter:
            for name, module in list(model.named_modules()):
                if isinstance(module, torch.nn.Linear) and recipe.only in name:
                    parametrize.register_parametrization(module, "weight", _Adapted(*module.weight.shape))
        wanted = ".weight.0." if recipe.is_adapter else recipe.only
        chosen = [value for name, value in model.named_parameters() if wanted in name]
        optimizer = torch.optim.AdamW(chosen, lr=recipe.rate, weight_decay=recipe.decay)
        for step in range(recipe.steps):
            starts = self.rng.integers(0, len(recipe.ids) - LENGTH, BATCH)
            batch = torch.tensor(np.stack([recipe.ids[start : start + LENGTH] for start in starts]))
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * min(1, (step + 1) / 10) * (1 - 0.9 * step / recipe.steps)
            model(input_ids=batch, labels=batch).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            model.zero_grad()
        for module in list(model.modules()):
            if parametrize.is_parametrized(module, "weight"):
                parametrize.remove_parametrizations(module, "weight")
        kept = {name: value.detach() for name, value in model.state_dict().items() if not _is_tied_head(name)}
        return self.stored(
            {name: value.float().numpy().copy() for name, value in kept.items() if value.is_floating_point()}
        )

    def _model(self) -> transformers.PreTrainedModel:

        sizes: dict[str, Any] = {
            "vocab_size": self.vocabulary,
            "hidden_size": self.width,
            "intermediate_size": self.width * 8 // 3 // 32 * 32,
            "num_hidden_layers": self.n_layers,
            "num_attention_heads": 4,
            "max_position_embeddings": 128,
            "tie_word_embeddings": True,
        }
        if self.architecture == "gpt_neox":
            return transformers.GPTNeoXForCausalLM(transformers.GPTNeoXConfig(**sizes))
        if self.architecture == "olmo2":
            return transformers.Olmo2ForCausalLM(transformers.Olmo2Config(num_key_value_heads=2, **sizes))
        if self.architecture == "qwen2":
            return transformers.Qwen2ForCausalLM(transformers.Qwen2Config(num_key_value_heads=2, **sizes))
        return transformers.LlamaForCausalLM(transformers.LlamaConfig(num_key_value_heads=2, **sizes))


def _is_tied_head(name: str) -> bool:
    return name in ("lm_head.weight", "embed_out.weight")


if __name__ == "__main__":
    main()
