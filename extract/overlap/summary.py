"""What a run of the command ``overlap`` did."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from extract.overlap.reasons import MeasurementFailed
from modelkin.command_line import count


@dataclass
class Summary:
    """What a run did."""

    run_id: str | None = None
    n_models: int = 0
    n_measured: int = 0
    n_failed: int = 0
    n_done_before: int = 0
    n_left: int = 0
    """Models not tried, since the Hub could not be reached."""
    n_rows: int = 0
    seconds: float = 0.0
    prompt_sets: list[str] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    base_failures: dict[str, str] = field(default_factory=dict)
    named_failures: dict[str, int] = field(default_factory=dict)
    """Where models were named and none of them could be measured, now or before: how many failed for which reason."""
    is_interrupted: bool = False

    def add(self, failure: MeasurementFailed | None) -> None:
        """Count one model that was tried."""
        if failure is None:
            self.n_measured += 1
        else:
            self.n_failed += 1
            self.failures[failure.reason] = self.failures.get(failure.reason, 0) + 1

    def text(self) -> str:
        """Return the summary as one line."""
        failures = counted(self.failures)
        done = f"{self.n_measured:,} measured, {self.n_failed:,} failed{f' ({failures})' if failures else ''}"
        written = f"{count(self.n_rows, 'row')} (run {self.run_id})" if self.run_id else "nothing new to write"
        return f"{count(self.n_models, 'model')}: {done}, {self.n_done_before:,} done before; {written}."

    def as_json(self) -> str:
        """Return the summary as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)


def counted(reasons: Mapping[str, int]) -> str:
    """Return reasons with their numbers as text."""
    return ", ".join(f"{number} {reason}" for reason, number in sorted(reasons.items()))
