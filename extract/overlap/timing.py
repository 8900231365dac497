"""How long measuring takes: what runs took, and what a plan foretells from that."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelkin.command_line import count
from modelkin.warehouse import connect, ensure_raw

PLANNED_BYTES_PER_SECOND: Final = 20e6
"""What a plan assumes for fetching and loading together; recorded runs tell how many times longer it takes here."""

PLANNED_SECONDS_PER_MODEL: Final = 2.0

_TIMINGS: Final = """
    select cast(params -> 'timing' ->> 'models' as bigint), cast(params -> 'timing' ->> 'bytes' as bigint),
        cast(params -> 'timing' ->> 'seconds' as double)
    from raw.extract_runs
    where source = 'overlap' and status = 'complete' and params ->> 'device' = $1
        and cast(params -> 'timing' ->> 'models' as bigint) > 0
"""


@dataclass
class Timing:
    """How long a run took to fetch, load and ask its models; a model that failed does not count."""

    models: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def add(self, size: int) -> None:
        """Count one model, whose weights have ``size`` bytes."""
        self.models += 1
        self.bytes += size


@dataclass(frozen=True)
class Pace:
    """How many times as long as assumed the measuring takes, and where that is known from."""

    factor: float
    basis: str

    def seconds(self, models: int, n_bytes: int) -> float:
        """Return how long it takes to measure this number of models with this number of bytes in all."""
        return self.factor * assumed_seconds(models, n_bytes)


def assumed_seconds(models: int, n_bytes: int) -> float:
    """Return the time assumed for this number of models and bytes where nothing was measured."""
    return n_bytes / PLANNED_BYTES_PER_SECOND + PLANNED_SECONDS_PER_MODEL * models


def recorded_pace(path: Path, device: str) -> Pace:
    """Return the pace of the runs on ``device`` that the warehouse at ``path`` records, else the assumed one."""
    timings: list[tuple[int, int, float]] = []
    if path.exists():
        with connect(path) as connection:
            ensure_raw(connection)
            timings = connection.execute(_TIMINGS, [device]).fetchall()
    assumed = sum(assumed_seconds(models, n_bytes) for models, n_bytes, _ in timings)
    if not assumed:
        return Pace(1.0, f"by assumed rates, since no run with --device {device} is recorded here")
    models, seconds = sum(timing[0] for timing in timings), sum(timing[2] for timing in timings)
    runs = count(len(timings), "earlier run")
    return Pace(
        seconds / assumed, f"at the pace of {runs} with --device {device}: {models:,} models in {seconds:,.0f} s"
    )
