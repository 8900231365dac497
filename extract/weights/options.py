"""What the command ``weights`` was asked for."""

from dataclasses import dataclass
from typing import Final

from extract.weights.failures import REASONS
from modelkin.errors import UsageError
from modelkin.model_ids import model_id_problem

MAX_THREADS: Final = 64


@dataclass(frozen=True)
class Options:
    """What the command was asked for."""

    base_models: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    min_downloads: int | None = None
    limit: int | None = None
    threads: int = 8
    retry: frozenset[str] = frozenset()

    def check(self) -> None:
        """Raise UsageError when something asked for makes no sense."""
        for model_id in (*self.base_models, *self.models):
            if (problem := model_id_problem(model_id)) is not None:
                raise UsageError(f"{problem[0].upper()}{problem[1:]}; model ids look like Qwen/Qwen2.5-0.5B.")
        if self.models and (self.base_models or self.min_downloads is not None):
            raise UsageError("--model names the models; leave out --base-model and --min-downloads.")
        for name, value, low, high in (
            ("--min-downloads", self.min_downloads, 0, None),
            ("--limit", self.limit, 1, None),
            ("--threads", self.threads, 1, MAX_THREADS),
        ):
            if value is not None and (value < low or (high is not None and value > high)):
                bounds = f"from {low} to {high}" if high is not None else f"{low} or more"
                raise UsageError(f"{name} must be {bounds}, not {value}.")
        for reason in sorted(self.retry - REASONS.keys()):
            raise UsageError(f"--retry {reason!r} is not a known reason; the reasons are {', '.join(REASONS)}.")
