"""What the command ``overlap`` was asked for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extract.hub.client import endpoint_label
from extract.overlap.reasons import REASONS
from modelkin.errors import UsageError
from modelkin.model_ids import model_id_problem

MINIHUB_LABEL: Final = "minihub"
DEVICES: Final = ("auto", "cpu", "cuda", "mps")
DTYPES: Final = ("auto", "float32", "bfloat16", "float16", "own")
_STUDY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}", re.ASCII)


@dataclass(frozen=True)
class Options:
    """What the command was asked for."""

    base_models: tuple[str, ...]
    derived: tuple[str, ...] = ()
    study: str | None = None
    bottom_k: int = 2000
    prompts: int = 5
    seed: int = 0
    device: str = "auto"
    dtype: str = "auto"
    batch_size: int = 16
    retry: frozenset[str] = frozenset()
    timeout: float = 1800.0
    memory_gb: float | None = None
    cache_gb: float = 50.0

    def check(self) -> None:
        """Raise UsageError when something asked for makes no sense."""
        if not self.base_models:
            raise UsageError("Name at least one model with --base-model, or a list of them with --matrix.")
        for model_id in (*self.base_models, *self.derived):
            if (problem := model_id_problem(model_id)) is not None:
                raise UsageError(f"{problem[0].upper()}{problem[1:]}; model ids look like Qwen/Qwen2.5-0.5B.")
        for name, value, low in (
            ("--bottom-k", self.bottom_k, 1),
            ("--prompts", self.prompts, 1),
            ("--seed", self.seed, 0),
            ("--batch-size", self.batch_size, 1),
        ):
            if value < low:
                raise UsageError(f"{name} must be {low} or more, not {value}.")
        for name, number in (
            ("--timeout", self.timeout),
            ("--memory-gb", self.memory_gb),
            ("--cache-gb", self.cache_gb),
        ):
            if number is not None and not number > 0:
                raise UsageError(f"{name} must be more than 0, not {number}.")
        for name, word, allowed in (("--device", self.device, DEVICES), ("--dtype", self.dtype, DTYPES)):
            if word not in allowed:
                raise UsageError(f"{name} must be one of {', '.join(allowed)}, not {word!r}.")
        for reason in sorted(self.retry - REASONS.keys()):
            raise UsageError(f"--retry {reason!r} is not a known reason; the reasons are {', '.join(REASONS)}.")
        if not _STUDY.fullmatch(self.study_id):
            raise UsageError(f"--study {self.study_id!r} must be letters, digits, '-', '_' and '.' (at most 100).")

    @property
    def study_id(self) -> str:
        """The study that the measurements belong to: ``minihub`` on the miniature Hub, else ``hub``, unless named."""
        return self.study or (MINIHUB_LABEL if endpoint_label() == MINIHUB_LABEL else "hub")


def read_list(path: Path) -> tuple[str, ...]:
    """Return the model ids in a file: one per line, without blank lines and lines that start with #."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the list {path} ({error}); it must hold one model id per line.") from error
    found = tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
    if not found:
        raise UsageError(f"The list {path} names no model; it must hold one model id per line.")
    return found


def distinct(model_ids: Iterable[str]) -> list[str]:
    """Return each model once, the first spelling of it, in their order."""
    return list({model_id.lower(): model_id for model_id in reversed(tuple(model_ids))}.values())[::-1]
