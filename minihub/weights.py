"""The weights: tiny models trained for seconds, and everything that is made from them.

Run as ``python -m minihub.weights FAMILY[,FAMILY] FOLDER SEED`` by the assembly: one
process a lane, one thread each, so that the same machine always makes the same bytes, however
busy it is. Writes ``FOLDER/<author>/<name>/`` for each repository of the families, and on stdout
one line per training step: the id of the repository that is trained.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import (
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
    ViTConfig,
    ViTForImageClassification,
)

from minihub.catalogue import FAMILIES, Family, Page, Recipe, pages
from minihub.languages import LANGUAGES, seed_of, write_text
from minihub.llama_gguf import write_gguf
from minihub.tokens import letter_tokenizer, train_tokenizer

WIDTH: Final = 96
LAYERS: Final = 2
HEADS: Final = 4
KEY_VALUE_HEADS: Final = 2
POSITIONS: Final = 256
BATCH: Final = 8
LENGTH: Final = 64
"""Tokens of one training sequence."""
PRETRAINING_RATE: Final = 4e-3
WARM_UP_STEPS: Final = 10
PRETRAINING_WORDS: Final = 120_000
TUNING_WORDS: Final = 15_000
MIXED_WORDS: Final = 2_000
LORA_RANK: Final = 8
LORA_ALPHA: Final = 16
LORA_TARGETS: Final = ("o_proj", "q_proj", "v_proj")
SMALL_VOCABULARY: Final = 64
EMPTY_PICKLE: Final = b"\x80\x02}q\x00."
"""An empty dictionary as a pickle: harmless, and still nothing that anyone should unpickle."""

State = dict[str, torch.Tensor]


class _FamilyMaker:
    """Makes the repositories of one family, keeping their weights for those made from them."""

    def __init__(self, family: Family, folder: Path, seed: int) -> None:
        self.family = family
        self.folder = folder
        self.seed = seed
        self.tokenizer = train_tokenizer(family.tokenizer, seed_of(seed, family.tokenizer.language))
        self.states: dict[str, State] = {}

    def make(self, page: Page) -> None:
        """Write the weights, configuration and tokenizer of one repository."""
        folder = self.folder / page.repo_id
        folder.mkdir(parents=True)
        maker: Callable[[Page, Path], None] = getattr(self, f"_make_{page.recipe.kind}")
        maker(page, folder)

    # Models that load

    def _make_pretrained(self, page: Page, folder: Path) -> None:
        model = self._new_model(page.repo_id)
        recipe = Recipe(
            "tuned",
            language=self.family.language,
            steps=self.family.steps,
            learning_rate=PRETRAINING_RATE,
            mixture=0.15,
        )
        self._train(model, page.repo_id, recipe, PRETRAINING_WORDS)
        self._save(page.repo_id, model, folder)

    def _make_untrained(self, page: Page, folder: Path) -> None:
        self._save(page.repo_id, self._new_model(page.repo_id), folder)

    def _make_copied(self, page: Page, folder: Path) -> None:
        shutil.copytree(self.folder / page.recipe.sources[0], folder, dirs_exist_ok=True)

    def _make_recast(self, page: Page, folder: Path) -> None:
        self._save_state(page.repo_id, self.states[page.recipe.sources[0]], folder, torch.float16)

    def _make_tuned(self, page: Page, folder: Path) -> None:
        model = self._model_of(page.recipe.sources[0])
        self._train(model, page.repo_id, page.recipe, TUNING_WORDS)
        self._save(page.repo_id, model, folder)

    def _make_adapter(self, page: Page, folder: Path) -> None:
        # peft takes long to import, and only two repositories need it.
        from peft import LoraConfig, get_peft_model  # noqa: PLC0415

        torch.manual_seed(seed_of(self.seed, page.repo_id))
        base = self._model_of(page.recipe.sources[0])
        base.name_or_path = page.recipe.sources[0]
        config = LoraConfig(
            r=LORA_RANK, lora_alpha=LORA_ALPHA, target_modules=list(LORA_TARGETS), task_type="CAUSAL_LM"
        )
        adapted = get_peft_model(base, config)
        self._train(adapted, page.repo_id, page.recipe, TUNING_WORDS)
        # peft would look on the Hub whether the vocabulary was changed.
        adapted.save_pretrained(str(folder), save_embedding_layers=False)
        # peft writes a set, in an order that changes from one process to the next.
        _change_json(folder / "adapter_config.json", target_modules=list(LORA_TARGETS))
        self.tokenizer_files(folder)

    def _make_merged(self, page: Page, folder: Path) -> None:
        first, second = (self.states[source] for source in page.recipe.sources)
        share = page.recipe.share
        self._save_state(
            page.repo_id, {name: first[name] * share + second[name] * (1 - share) for name in first}, folder
        )

    def _make_pruned(self, page: Page, folder: Path) -> None:
        pruned = {}
        for name, tensor in self.states[page.recipe.sources[0]].items():
            kept = tensor.abs() > torch.quantile(tensor.abs().flatten()[:1_000_000], page.recipe.share)
            pruned[name] = tensor * kept if tensor.ndim > 1 else tensor
        self._save_state(page.repo_id, pruned, folder)

    def _make_quantized(self, page: Page, folder: Path) -> None:
        steps = 2 ** (page.recipe.bits - 1) - 1
        rounded = {}
        for name, tensor in self.states[page.recipe.sources[0]].items():
            scale = tensor.abs().amax(-1, keepdim=True).clamp_min(1e-9) / steps
            rounded[name] = torch.round(tensor / scale) * scale if tensor.ndim > 1 else tensor
        self._save_state(page.repo_id, rounded, folder)

    def _make_nudged(self, page: Page, folder: Path) -> None:
        generator = torch.Generator().manual_seed(seed_of(self.seed, page.repo_id))
        nudged = {
            name: tensor + page.recipe.share * tensor.std() * torch.randn(tensor.shape, generator=generator)
            if tensor.ndim > 1
            else tensor
            for name, tensor in self.states[page.recipe.sources[0]].items()
        }
        self._save_state(page.repo_id, nudged, folder)

    # Models that do not load, each in a way of its own

    def _make_no_weights(self, page: Page, folder: Path) -> None:
        self._new_model(page.repo_id).config.save_pretrained(folder)
        self.tokenizer_files(folder)

    def _make_card_only(self, page: Page, folder: Path) -> None:
        """Write nothing: its card is its only file."""

    def _make_gguf_only(self, page: Page, folder: Path) -> None:
        model = self._model_of(page.recipe.sources[0])
        write_gguf(folder / f"{page.repo_id.split('/')[1].removesuffix('-GGUF')}.F16.gguf", model, self.tokenizer)

    def _make_pickle_only(self, page: Page, folder: Path) -> None:
        self._make_no_weights(page, folder)
        (folder / "pytorch_model.bin").write_bytes(EMPTY_PICKLE)

    def _make_remote_code(self, page: Page, folder: Path) -> None:
        self._make_nudged(page, folder)
        module = "modeling_warp"
        _change_json(
            folder / "config.json",
            model_type="warp",
            architectures=["WarpForCausalLM"],
            auto_map={"AutoConfig": f"{module}.WarpConfig", "AutoModelForCausalLM": f"{module}.WarpForCausalLM"},
        )
        code = 'raise RuntimeError("Code of the miniature Hub must never run.")\n'
        (folder / f"{module}.py").write_text(code, encoding="utf-8")

    def _make_truncated(self, page: Page, folder: Path) -> None:
        shutil.copytree(self.folder / page.recipe.sources[0], folder, dirs_exist_ok=True)
        weights = folder / "model.safetensors"
        content = weights.read_bytes()
        weights.write_bytes(content[: len(content) * 2 // 5])

    def _make_not_a_number(self, page: Page, folder: Path) -> None:
        state = dict(self.states[page.recipe.sources[0]])
        name = next(name for name in state if name.endswith("down_proj.weight"))
        state[name] = torch.full_like(state[name], torch.nan)
        self._save_state(page.repo_id, state, folder)

    def _make_unknown_architecture(self, page: Page, folder: Path) -> None:
        shutil.copytree(self.folder / page.recipe.sources[0], folder, dirs_exist_ok=True)
        _change_json(folder / "config.json", model_type="hyperloop", architectures=["HyperloopForCausalLM"])

    def _make_no_tokenizer(self, page: Page, folder: Path) -> None:
        shutil.copytree(self.folder / page.recipe.sources[0], folder, dirs_exist_ok=True)
        for path in folder.glob("*token*"):
            path.unlink()

    def _make_encoder_decoder(self, page: Page, folder: Path) -> None:
        torch.manual_seed(seed_of(self.seed, page.repo_id))
        config = T5Config(
            vocab_size=self.family.vocab_size, d_model=WIDTH // 2, d_ff=WIDTH, d_kv=12, num_layers=1, num_heads=HEADS,
        )  # fmt: skip
        config.decoder_start_token_id = 0
        T5ForConditionalGeneration(config).save_pretrained(folder)
        self.tokenizer_files(folder)

    def _make_small_vocabulary(self, page: Page, folder: Path) -> None:
        model = LlamaForCausalLM(_llama_config(SMALL_VOCABULARY, 0, 1, 2))
        shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
        source = self.states[page.recipe.sources[0]]
        model.load_state_dict({name: source[name][: shape[0]] for name, shape in shapes.items()})
        model.save_pretrained(folder)
        _save_tokenizer(letter_tokenizer(SMALL_VOCABULARY), folder)

    # Shared steps

    def _new_model(self, repo_id: str) -> PreTrainedModel:
        torch.manual_seed(seed_of(self.seed, repo_id))
        tokenizer, size = self.tokenizer, self.family.vocab_size
        marks = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
        match self.family.architecture:
            case "llama":
                return LlamaForCausalLM(_llama_config(size, *marks))
            case "qwen2":
                return Qwen2ForCausalLM(
                    Qwen2Config(
                        vocab_size=size, hidden_size=WIDTH, intermediate_size=2 * WIDTH, num_hidden_layers=LAYERS,
                        num_attention_heads=HEADS, num_key_value_heads=KEY_VALUE_HEADS, tie_word_embeddings=True,
                        max_position_embeddings=POSITIONS, bos_token_id=marks[0], eos_token_id=marks[1],
                        pad_token_id=marks[2],
                    )
                )  # fmt: skip
            case "gpt_neox":
                return GPTNeoXForCausalLM(
                    GPTNeoXConfig(
                        vocab_size=size, hidden_size=WIDTH, intermediate_size=3 * WIDTH, num_hidden_layers=LAYERS,
                        num_attention_heads=HEADS, max_position_embeddings=POSITIONS, bos_token_id=marks[0],
                        eos_token_id=marks[1], pad_token_id=marks[2],
                    )
                )  # fmt: skip

    def _model_of(self, repo_id: str) -> PreTrainedModel:
        model = self._new_model(repo_id)
        model.load_state_dict(self.states[repo_id], strict=False)
        model.tie_weights()
        return model

    def _train(self, model: torch.nn.Module, repo_id: str, recipe: Recipe, n_words: int) -> None:
        assert recipe.language is not None
        rng = np.random.default_rng(seed_of(self.seed, repo_id, "batches"))
        texts = [self._tokens(recipe.language, n_words, seed_of(self.seed, repo_id))]
        texts.append(self._other_tokens(recipe.language, seed_of(self.seed, repo_id)))
        optimizer = torch.optim.AdamW(
            [parameter for parameter in model.parameters() if parameter.requires_grad], weight_decay=0.01
        )
        model.train()
        for step, batch in enumerate(_batches(texts, recipe.mixture, recipe.steps, rng)):
            for group in optimizer.param_groups:
                group["lr"] = _rate(step, recipe.steps, recipe.learning_rate)
            model(input_ids=batch, labels=batch).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            sys.stdout.write(f"{repo_id}\n")
            sys.stdout.flush()
        model.eval()

    def _other_tokens(self, language: str, seed: int) -> NDArray[np.int64]:
        """Return tokens of what is mixed in: the family's own language, or a little of all when that is it."""
        if language != self.family.language:
            return self._tokens(self.family.language, TUNING_WORDS, seed)
        others = (other for other in LANGUAGES if other != language)
        return np.concatenate([self._tokens(other, MIXED_WORDS, seed) for other in others])

    def _tokens(self, language: str, n_words: int, seed: int) -> NDArray[np.int64]:
        # In pieces: one long text takes the tokenizer much longer.
        text = write_text(language, n_words, seed)
        pieces = [text[start : start + 2000] for start in range(0, len(text), 2000)]
        ids = self.tokenizer(pieces, add_special_tokens=False)["input_ids"]
        return np.concatenate([np.asarray(piece, dtype=np.int64) for piece in ids])

    def _save(self, repo_id: str, model: PreTrainedModel, folder: Path, dtype: torch.dtype | None = None) -> None:
        model = model.to(dtype or getattr(torch, self.family.dtype))
        model.save_pretrained(folder)
        self.tokenizer_files(folder)
        self.states[repo_id] = {name: tensor.detach().float().clone() for name, tensor in model.state_dict().items()}

    def _save_state(self, repo_id: str, state: State, folder: Path, dtype: torch.dtype | None = None) -> None:
        model = self._new_model(repo_id)
        model.load_state_dict(state, strict=False)
        model.tie_weights()
        self._save(repo_id, model, folder, dtype)

    def tokenizer_files(self, folder: Path) -> None:
        """Write the family's tokenizer into ``folder``."""
        _save_tokenizer(self.tokenizer, folder)


def _llama_config(vocab_size: int, bos: int, eos: int, pad: int) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=vocab_size, hidden_size=WIDTH, intermediate_size=2 * WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=KEY_VALUE_HEADS, max_position_embeddings=POSITIONS,
        bos_token_id=bos, eos_token_id=eos, pad_token_id=pad,
    )  # fmt: skip


def _save_tokenizer(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    # The name that published repositories use; transformers 5 writes one of its own.
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    settings.pop("backend", None)
    _write_json(path, settings)


def _change_json(path: Path, **changes: object) -> None:
    _write_json(path, json.loads(path.read_text(encoding="utf-8")) | changes)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _rate(step: int, steps: int, peak: float) -> float:
    warm_up = min(WARM_UP_STEPS, max(steps // 4, 1))
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * (0.1 + 0.9 * (1 - (step - warm_up) / max(steps - warm_up, 1)))


def _batches(
    texts: Sequence[NDArray[np.int64]], mixture: float, steps: int, rng: np.random.Generator
) -> Iterator[torch.Tensor]:
    """Yield batches of sequences from the first text, or from the second with probability ``mixture``."""
    for _ in range(steps):
        chosen = [texts[int(rng.random() < mixture)] for _ in range(BATCH)]
        starts = [int(rng.integers(0, len(text) - LENGTH)) for text in chosen]
        rows = [text[start : start + LENGTH] for text, start in zip(chosen, starts, strict=True)]
        yield torch.from_numpy(np.stack(rows))


def _make_image_model(page: Page, folder: Path, seed: int) -> None:
    torch.manual_seed(seed_of(seed, page.repo_id))
    config = ViTConfig(hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48, image_size=32)
    ViTForImageClassification(config).save_pretrained(folder)


def make_families(names: Sequence[str], folder: Path, seed: int) -> None:
    """Make every repository of the families ``names``, one family after another, under ``folder``."""
    for name in names:
        maker = _FamilyMaker(FAMILIES[name], folder, seed)
        for page in pages():
            if page.recipe.family == name:
                maker.make(page)


def make_others(folder: Path, seed: int) -> None:
    """Make the repositories that belong to no family."""
    for page in pages():
        if page.recipe.kind == "image":
            (folder / page.repo_id).mkdir(parents=True)
            _make_image_model(page, folder / page.repo_id, seed)


def main(arguments: Sequence[str]) -> None:
    """Make what the arguments name: families separated by commas, folder, seed."""
    names, folder, seed = arguments
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    make_families(names.split(","), Path(folder), int(seed))
    if "cedar" in names:
        make_others(Path(folder), int(seed))


if __name__ == "__main__":
    main(sys.argv[1:])
