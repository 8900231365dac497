"""What a run of the command ``weights`` did, or would do."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from extract.overlap.summary import counted
from extract.weights.reading import ModelWeights
from extract.weights.selection import Selection
from modelkin.command_line import count
from modelkin.progress import duration
from modelkin.warehouse import connect, ensure_raw

LISTED: Final = 20
"""As text, a plan names at most this many models; as JSON it names all."""

ASSUMED_BYTES: Final = 1_000_000
ASSUMED_SECONDS: Final = 4.0
"""What one model takes, for a warehouse that has not read any."""

_PACE: Final = """
    select avg(n_bytes), avg(seconds)
    from (
        select sum(weight_files.bytes_read) as n_bytes, max(weight_files.seconds) as seconds
        from raw.weight_files
        inner join raw.extract_runs
            on weight_files.run_id = extract_runs.run_id
        where extract_runs.status = 'complete' and weight_files.bytes_read > 0
        group by weight_files.run_id, weight_files.model_id
    )
"""


@dataclass
class Summary:
    """What a run did."""

    run_ids: list[str] = field(default_factory=list)
    n_models: int = 0
    n_read: int = 0
    """Models with a sketch; one whose file is cut short among them."""
    n_failed: int = 0
    n_done_before: int = 0
    n_left: int = 0
    """Models not tried, since the run was interrupted or the Hub could not be reached."""
    n_tensors: int = 0
    n_bytes: int = 0
    seconds: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)
    is_interrupted: bool = False
    is_hub_lost: bool = False

    def add(self, model: ModelWeights) -> None:
        """Count one model that was tried."""
        self.n_tensors += model.n_tensors
        self.n_bytes += model.bytes_read
        if model.sketches is None:
            self.n_failed += 1
        else:
            self.n_read += 1
        for reason in set(model.failures):
            self.failures[reason] = self.failures.get(reason, 0) + 1

    def text(self) -> str:
        """Return the summary as one line."""
        failures = counted(self.failures)
        done = f"{self.n_read:,} sketched, {self.n_failed:,} failed{f' ({failures})' if failures else ''}"
        runs = f"run {self.run_ids[0]}" if len(self.run_ids) == 1 else f"{len(self.run_ids):,} runs"
        read = f"{count(self.n_tensors, 'tensor')} from {self.n_bytes / 1e6:,.1f} MB"
        written = f"{read} in {duration(self.seconds)} ({runs})" if self.run_ids else "nothing new to write"
        return f"{count(self.n_models, 'model')}: {done}, {self.n_done_before:,} done before; {written}."

    def as_json(self) -> str:
        """Return the summary as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Plan:
    """What a run would do; nobody is asked for it."""

    n_models: int
    n_done_before: int
    n_to_read: int
    n_bytes: int
    minutes: float
    basis: str
    """Where the bytes and the minutes come from."""
    models: tuple[str, ...]
    """Those to read, in their order."""

    def text(self) -> str:
        """Return the plan as one line that sums it up, and one line for each of the first models."""
        summary = (
            f"{count(self.n_models, 'model')}: {self.n_done_before:,} done before, {self.n_to_read:,} to read; about "
            f"{self.n_bytes / 1e6:,.1f} MB and {self.minutes:,.1f} minutes ({self.basis})."
        )
        more = [f"  and {len(self.models) - LISTED:,} more (--json names all)"] if len(self.models) > LISTED else []
        return "\n".join([summary, *(f"  {model}" for model in self.models[:LISTED]), *more])

    def as_json(self) -> str:
        """Return the plan as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)


def plan(selection: Selection, path: Path, threads: int) -> Plan:
    """Return what a run would do, by what earlier runs took for a model."""
    n_bytes, seconds, basis = _pace(path)
    n_to_read = len(selection.waiting)
    return Plan(
        n_models=selection.n_models,
        n_done_before=selection.n_done_before,
        n_to_read=n_to_read,
        n_bytes=round(n_to_read * n_bytes),
        minutes=round(n_to_read * seconds / threads / 60, 1),
        basis=basis,
        models=tuple(target.model_id for target in selection.waiting),
    )


def _pace(path: Path) -> tuple[float, float, str]:
    if path.exists():
        with connect(path) as connection:
            ensure_raw(connection)
            [(n_bytes, seconds)] = connection.execute(_PACE).fetchall()
        if n_bytes:
            return float(n_bytes), float(seconds), "as earlier runs took"
    return float(ASSUMED_BYTES), ASSUMED_SECONDS, "assumed: no run has read a model yet"
