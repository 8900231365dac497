"""What a model's repository holds, and which of its files are needed to measure it, told by their names alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extract.overlap.reasons import MeasurementFailed

TOKENIZER_FILES: Final = frozenset(
    {
        "tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "vocab.txt", "spiece.model",
        "sentencepiece.bpe.model", "tekken.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json",
    }
)  # fmt: skip
"""What a tokenizer is loaded from. The last three describe one and are none."""

_DESCRIPTIONS: Final = frozenset({"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"})
_WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
_ADAPTER: Final = "adapter_model.safetensors"
ADAPTER_CONFIG: Final = "adapter_config.json"
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_OTHER_WEIGHTS: Final = (
    ".onnx",
    ".h5",
    ".msgpack",
    ".tflite",
    ".ot",
    ".npz",
    ".mlmodel",
    ".engine",
    ".nemo",
    ".safetensors",
)
_GGUF_QUALITY: Final = (
    "f32", "bf16", "f16", "fp16", "q8_0", "q6_k", "q5_k_m", "q5_k_s", "q5_1", "q5_0", "q4_k_m", "q4_k_s", "q4_1",
    "q4_0", "iq4_nl", "iq4_xs", "q3_k_l", "q3_k_m", "q3_k_s", "iq3_m", "iq3_s", "iq3_xs", "iq3_xxs", "q2_k", "q2_k_s",
    "iq2_m", "iq2_s", "iq2_xs", "iq2_xxs", "iq1_m", "iq1_s",
)  # fmt: skip
"""GGUF quantizations as file names tell them, those that keep most first."""


@dataclass(frozen=True)
class ModelFolder:
    """Where a model lies on disk, and in what form."""

    form: str
    """``safetensors``, ``adapter`` or ``gguf``."""
    folder: str
    tokenizer_folder: str
    gguf_file: str | None = None
    base_folder: str | None = None
    """The model that an adapter is applied to."""


@dataclass(frozen=True)
class RepoFile:
    """One file of a repository."""

    name: str
    size: int
    sha256: str | None
    git_id: str | None = None


@dataclass(frozen=True)
class Repo:
    """A repository at one commit."""

    model_id: str
    sha: str
    files: Mapping[str, RepoFile]

    @property
    def names(self) -> frozenset[str]:
        """The names of its files."""
        return frozenset(self.files)


@dataclass(frozen=True)
class Choice:
    """What would be fetched of a repository: the form, its weight files and its other files."""

    form: str
    weights: tuple[str, ...]
    others: tuple[str, ...]


def choose(names: frozenset[str]) -> Choice:
    """Return what to fetch, from the names of the files alone.

    A sharded model's shards are all that bear the index's naming; the index tells later which are
    used. Raises MeasurementFailed: no_weights, unsafe_weights, unsupported_format.
    """
    tokenizer = tuple(sorted(names & TOKENIZER_FILES))
    top = {name for name in names if "/" not in name}
    if _ADAPTER in top and ADAPTER_CONFIG in top and _WEIGHTS not in top and INDEX not in top:
        return Choice("adapter", (_ADAPTER,), (ADAPTER_CONFIG, *tokenizer))
    if _WEIGHTS in top or INDEX in top:
        weights = (_WEIGHTS,) if _WEIGHTS in top else (INDEX,)
        if "config.json" not in top:
            raise MeasurementFailed(
                "unsupported_format", "there are safetensors and no config.json that says what they are"
            )
        return Choice("safetensors", weights, ("config.json", *tokenizer))
    ggufs = [name for name in names if name.lower().endswith(".gguf")]
    if ggufs:
        return Choice("gguf", (best_gguf(ggufs),), ())
    pickles = sorted(name for name in names if name.lower().endswith(_PICKLES) and name != "training_args.bin")
    if pickles:
        raise MeasurementFailed("unsafe_weights", f"only pickles: {some(pickles)}")
    others = sorted(name for name in names if name.lower().endswith(_OTHER_WEIGHTS))
    if others:
        raise MeasurementFailed("unsupported_format", f"only {some(others)}")
    raise MeasurementFailed("no_weights", "there is no file of weights")


def bytes_to_fetch(repo: Repo, choice: Choice) -> int:
    """Return the size of what would be fetched, at most: a sharded model's index may name fewer shards."""
    weights: Iterable[str] = choice.weights
    if choice.weights == (INDEX,):
        weights = [name for name in repo.files if name.endswith(".safetensors") and "/" not in name]
    return sum(repo.files[name].size for name in (*weights, *choice.others))


def best_gguf(names: Iterable[str]) -> str:
    """Return the GGUF file that keeps most: by the quantization in its name, then by name.

    Raises MeasurementFailed (unsupported_format) when there are only parts of split files.
    """
    whole = [
        name
        for name in names
        if not re.search(r"-\d{5}-of-\d{5}\.gguf$", name.lower()) and "mmproj" not in name.lower()
    ]
    if not whole:
        raise MeasurementFailed("unsupported_format", "only GGUF files that are split into parts")
    return min(whole, key=lambda name: (_gguf_rank(name), name))


def _gguf_rank(name: str) -> int:
    words = re.split(r"[.\-/]", name.lower().removesuffix(".gguf"))
    return next((rank for rank, kind in enumerate(_GGUF_QUALITY) if kind in words), len(_GGUF_QUALITY))


def has_tokenizer(choice: Choice) -> bool:
    """Return whether a model has a tokenizer of its own, and not just a description of one."""
    return bool(set(choice.others) & (TOKENIZER_FILES - _DESCRIPTIONS))


def check_tokenizer(choice: Choice) -> None:
    """Raise MeasurementFailed (tokenizer_missing) when a model has no tokenizer of its own."""
    if choice.form == "safetensors" and not has_tokenizer(choice):
        raise MeasurementFailed("tokenizer_missing", "the repository has no tokenizer file")


def some(names: Sequence[str]) -> str:
    """Return the first names of a list for a message, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
