"""What a run of the command ``overlap`` would do, told without fetching weights or loading a model."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from extract.overlap.fetching import Fetcher
from extract.overlap.history import History
from extract.overlap.model_files import bytes_to_fetch
from extract.overlap.model_types import check_vocabulary
from extract.overlap.reasons import MeasurementFailed
from extract.overlap.selection import ASK_AT_ONCE, Selection
from extract.overlap.targets import Target
from extract.overlap.timing import recorded_pace
from modelkin.command_line import count
from modelkin.printable import in_lines
from modelkin.progress import Progress, duration

LISTED: Final = 20
"""As text, a plan names at most this many models of each kind; as JSON it names all."""


@dataclass(frozen=True)
class PlannedModel:
    """One model that a run would measure."""

    model_id: str
    n_bytes: int
    """Of its files that a run would fetch, at most; 0 for a model that will fail."""
    seconds: float
    """Estimated, for fetching, loading and asking it; 0 for a model that will fail."""
    reason: str | None = None
    """Why it will fail, a key of REASONS, where that shows without its weights."""
    detail: str | None = None

    def text(self) -> str:
        """Return the model as one line."""
        if self.reason is not None:
            return f"  {self.model_id}: will fail, {self.reason} ({self.detail})"
        return f"  {self.model_id}: {self.n_bytes / 1e6:,.1f} MB, about {duration(self.seconds)}"


@dataclass(frozen=True)
class Plan:
    """What a run would do."""

    n_models: int
    n_bases_to_write: int
    n_to_measure: int
    n_failing: int
    """Those that are known to fail without their weights, among those to measure."""
    n_bytes: int
    minutes: float
    basis: str
    """Where the minutes come from."""
    models: tuple[PlannedModel, ...]
    """Those to measure, in their order."""

    def text(self) -> str:
        """Return the plan as one line that sums it up, and one line for each of the first models."""
        summary = (
            f"{count(self.n_models, 'model')}: {self.n_bases_to_write:,} to write prompts, {self.n_to_measure:,} to "
            f"measure, of which at least {self.n_failing:,} will fail; {self.n_bytes / 1e9:,.2f} GB to fetch at most, "
            f"about {self.minutes:,.1f} minutes ({self.basis})."
        )
        failing = [model for model in self.models if model.reason is not None]
        measurable = [model for model in self.models if model.reason is None]
        return in_lines([summary, *_listed(measurable), *_listed(failing)])

    def as_json(self) -> str:
        """Return the plan as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)


def plan(selection: Selection, history: History, fetcher: Fetcher, path: Path) -> Plan:
    """Return what a run would do, from the lists of files and the configurations that the Hub gives."""
    n_bases = sum(history.prompts(base) is None for base in selection.bases)
    waiting = [target for target in selection.targets if _waits(target, selection, history)]
    pace = recorded_pace(path, history.options.device)
    bottom_k = history.options.bottom_k
    models = []
    progress = Progress("models looked at on the Hub")
    with ThreadPoolExecutor(ASK_AT_ONCE) as pool:
        examined = pool.map(lambda target: _examined(target, fetcher, bottom_k), waiting)
        for target, found in zip(waiting, examined, strict=True):
            if isinstance(found, MeasurementFailed):
                models.append(PlannedModel(target.model_id, 0, 0.0, found.reason, found.detail))
            else:
                models.append(PlannedModel(target.model_id, found, round(pace.seconds(1, found), 1)))
            progress.update(len(models), total=len(waiting))
    progress.close()
    n_failing = sum(model.reason is not None for model in models)
    n_bytes = sum(model.n_bytes for model in models)
    seconds = pace.seconds(len(waiting) + n_bases - n_failing, n_bytes)
    return Plan(
        n_models=len(selection.targets),
        n_bases_to_write=n_bases,
        n_to_measure=len(waiting),
        n_failing=n_failing,
        n_bytes=n_bytes,
        minutes=round(seconds / 60, 1),
        basis=pace.basis,
        models=tuple(models),
    )


def _listed(models: list[PlannedModel]) -> Iterator[str]:
    yield from (model.text() for model in models[:LISTED])
    if len(models) > LISTED:
        yield f"  and {len(models) - LISTED:,} more (--json names all)"


def _waits(target: Target, selection: Selection, history: History) -> bool:
    for base in selection.bases:
        found = history.prompts(base)
        if found is None or not history.is_done(target, found.prompt_set_id):
            return True
    return False


def _examined(target: Target, fetcher: Fetcher, bottom_k: int) -> int | MeasurementFailed:
    """Return how many bytes would be fetched of a model at most, or why it will fail."""
    try:
        repo, choice, config = fetcher.examine(target.model_id, target.sha)
        check_vocabulary(config, bottom_k)
    except MeasurementFailed as failure:
        return failure
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        return MeasurementFailed("unknown", f"{type(error).__name__}: {error}")
    return bytes_to_fetch(repo, choice)
