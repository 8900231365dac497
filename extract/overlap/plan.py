"""What a run of the command ``overlap`` would do, told without loading a model."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from extract.overlap.fetching import Fetcher
from extract.overlap.history import History
from extract.overlap.model_files import bytes_to_fetch, check_tokenizer
from extract.overlap.reasons import MeasurementFailed
from extract.overlap.selection import ASK_AT_ONCE, Selection
from extract.overlap.targets import Target
from extract.overlap.timing import recorded_pace
from modelkin.command_line import count


@dataclass(frozen=True)
class Plan:
    """What a run would do."""

    n_models: int
    n_bases_to_write: int
    n_to_measure: int
    n_failing: int
    """Those that the Hub's answer already shows to fail, among those to measure."""
    n_bytes: int
    minutes: float
    basis: str
    """Where the minutes come from."""

    def text(self) -> str:
        """Return the plan as one line."""
        return (
            f"{count(self.n_models, 'model')}: {self.n_bases_to_write:,} to write prompts, {self.n_to_measure:,} to "
            f"measure, of which {self.n_failing:,} will fail; {self.n_bytes / 1e9:,.2f} GB to fetch at most, "
            f"about {self.minutes:,.1f} minutes ({self.basis})."
        )

    def as_json(self) -> str:
        """Return the plan as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)


def plan(selection: Selection, history: History, fetcher: Fetcher, path: Path) -> Plan:
    """Return what a run would do, from the lists of files that the Hub gives."""
    n_bases = sum(history.prompts(base) is None for base in selection.bases)
    waiting = [target for target in selection.targets if _waits(target, selection, history)]
    n_bytes = n_failing = 0
    with ThreadPoolExecutor(ASK_AT_ONCE) as pool:
        for size in pool.map(lambda target: _planned_bytes(target, fetcher), waiting):
            n_bytes += size or 0
            n_failing += size is None
    pace = recorded_pace(path, history.options.device)
    seconds = pace.seconds(len(waiting) + n_bases - n_failing, n_bytes)
    return Plan(len(selection.targets), n_bases, len(waiting), n_failing, n_bytes, round(seconds / 60, 1), pace.basis)


def _waits(target: Target, selection: Selection, history: History) -> bool:
    for base in selection.bases:
        found = history.prompts(base)
        if found is None or not history.is_done(target, found.prompt_set_id):
            return True
    return False


def _planned_bytes(target: Target, fetcher: Fetcher) -> int | None:
    try:
        repo, choice = fetcher.plan(target.model_id, target.sha)
        check_tokenizer(choice)
    except MeasurementFailed:
        return None
    return bytes_to_fetch(repo, choice)
