"""Train small models and their descendants for real, and try whether kinship finds the truth.

Run as ``python -m bench.trained_zoo SEED ...``.

Every draw comes from the seed: the shapes, which model is made from which, the language it is tuned on, the rate of
learning, the steps, the decay, what is frozen. Names say nothing. Needs PyTorch and transformers; a zoo of 20 models
takes about two minutes on one core.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import transformers

from bench.kinship_trial import ask, kinships, print_parents
from bench.sketches import State, Zoo, sketch_of
from minihub.catalogue import FAMILIES
from minihub.languages import LANGUAGES, write_text
from minihub.tokens import train_tokenizer

ARCHITECTURES: Final = ("llama", "gpt_neox", "qwen2")
N_BASES: Final = 3
N_DESCENDANTS: Final = 16
PRETRAINED_ON: Final = 4
"""How many languages a base is trained on; its descendants are tuned on one each, of all."""

BASE_STEPS: Final = 400
BASE_RATE: Final = 3e-3
BATCH: Final = 8
LENGTH: Final = 64
STEPS: Final = (20, 120)
RATES: Final = (2e-5, 1e-3)
DECAYS: Final = (0.0, 0.01, 0.1)
FROM_DESCENDANT: Final = 0.4
"""Share of descendants that are made from a descendant rather than from a base."""

FROZEN_SHARE: Final = 0.15
"""Share of descendants of which only attention is trained."""


@dataclass(frozen=True)
class Recipe:
    """How one model is trained; ``only`` is what the names of the trained tensors must contain."""

    ids: npt.NDArray[np.int64]
    steps: int
    rate: float
    decay: float
    only: str = ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the zoo of each seed, print how many parents were found, and the figures of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", nargs="+", type=int)
    answers = []
    for seed in parser.parse_args(arguments).seeds:
        zoo = train_zoo(seed)
        found = ask(zoo, kinships(zoo.sketches))
        print(f"seed {seed}: {sum(one.is_parent for one in found)} of {len(found)}", flush=True)
        answers += found
    print_parents(answers)


def train_zoo(seed: int) -> Zoo:
    """Train the zoo of a seed; equal seeds give equal zoos on one machine."""
    rng = np.random.default_rng([seed, 7])
    trainer = _Trainer(seed, rng)
    names = [f"m{number:02}" for number in rng.permutation(N_BASES + N_DESCENDANTS)]
    parents: dict[str, str | None] = {}
    states: dict[str, State] = {}
    for name in names[:N_BASES]:
        states[name], parents[name] = trainer.base(), None
    for name in names[N_BASES:]:
        made = [one for one, parent in parents.items() if parent is not None]
        # Half of all descend from the first base, so that one family has room for chains.
        bases = [names[0], names[0], *names[1:N_BASES]]
        parent = str(rng.choice(made if made and rng.random() < FROM_DESCENDANT else bases))
        states[name], parents[name] = trainer.tuned(states[parent]), parent
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
        return self._trained(None, Recipe(np.concatenate(words), BASE_STEPS, BASE_RATE, 0.1))

    def tuned(self, state: State) -> State:
        """Tune a model on one language."""
        rate = float(np.exp(self.rng.uniform(*np.log(RATES))))
        only = "att" if self.rng.random() < FROZEN_SHARE else ""
        ids = self._ids(str(self.rng.choice(self.languages)), 6_000)
        steps, decay = int(self.rng.integers(*STEPS)), float(self.rng.choice(DECAYS))
        return self._trained(state, Recipe(ids, steps, rate, decay, only))

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
        chosen = [value for name, value in model.named_parameters() if recipe.only in name]
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
        kept = {name: value.detach() for name, value in model.state_dict().items() if not _is_tied_head(name)}
        return {
            name: (value.bfloat16() if self.is_bfloat16 else value).float().numpy().copy()
            for name, value in kept.items()
            if value.is_floating_point()
        }

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
        if self.architecture == "qwen2":
            return transformers.Qwen2ForCausalLM(transformers.Qwen2Config(num_key_value_heads=2, **sizes))
        return transformers.LlamaForCausalLM(transformers.LlamaConfig(num_key_value_heads=2, **sizes))


def _is_tied_head(name: str) -> bool:
    return name in ("lm_head.weight", "embed_out.weight")


if __name__ == "__main__":
    main()
