"""One subject tried with many inputs, and what came of it."""

import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from extract.overlap.reasons import MeasurementFailed
from extract.weights.failures import WeightsFailed
from modelkin.errors import ModelkinError

HUNG_SECONDS = 20
REFUSALS = (ModelkinError, MeasurementFailed, WeightsFailed)
"""What a hostile input may end with: one sentence for a person, or one reason for a row."""

Found = tuple[int, int, bool]
"""How many records are lost and doubled, and whether what was read is right."""


class Hung(BaseException):
    """An input took longer than any may."""


@dataclass(frozen=True)
class Subject:
    """What is tried: a strategy that makes inputs, and a trial that reads one."""

    name: str
    inputs: SearchStrategy[Any]
    trial: Callable[[Any], Found]
    share: float
    """Of all inputs, how many are for this subject."""


@dataclass
class Tally:
    """What came of the inputs of one subject, or of one kind of fault."""

    name: str
    tries: int = 0
    refused: int = 0
    """How many ended with one sentence or reason, or were broken off."""
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    hung: int = 0
    tracebacks: int = 0
    samples: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing happened that must not."""
        return not (self.lost or self.doubled or self.wrong or self.hung or self.tracebacks)


def tried(subject: Subject, n_inputs: int, seed_number: int) -> Tally:
    """Try a subject with ``n_inputs`` inputs, the same for the same seed."""
    tally = Tally(subject.name)

    def attempt(value: Any) -> None:
        tally.tries += 1
        signal.alarm(HUNG_SECONDS)
        try:
            lost, doubled, is_right = subject.trial(value)
        except REFUSALS as refusal:
            tally.refused += 1
            problem = "a refusal of several lines" if "\n" in str(refusal) else None
            tally.wrong += problem is not None
        except Hung:
            tally.hung += 1
            problem = f"hung after {HUNG_SECONDS} s"
        except Exception:
            tally.tracebacks += 1
            problem = traceback.format_exc(limit=-3)
        else:
            tally.lost, tally.doubled, tally.wrong = (
                tally.lost + lost,
                tally.doubled + doubled,
                tally.wrong + (not is_right),
            )
            problem = f"lost {lost}, doubled {doubled}, right {is_right}" if lost or doubled or not is_right else None
        finally:
            signal.alarm(0)
        if problem is not None and len(tally.samples) < 3:
            tally.samples.append(f"{subject.name}: {repr(value)[:300]}\n{problem}")

    before = signal.signal(signal.SIGALRM, _give_up)
    try:
        generated = settings(
            max_examples=n_inputs, database=None, deadline=None, derandomize=False,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip
        seed(seed_number)(generated(given(subject.inputs)(attempt)))()
    finally:
        signal.signal(signal.SIGALRM, before)
    return tally


def _give_up(number: int, frame: FrameType | None) -> None:
    raise Hung


def table(tallies: list[Tally]) -> str:
    """Return the tallies as a table in Markdown, with their sums."""
    columns = ("tries", "refused", "lost", "doubled", "wrong", "hung", "tracebacks")
    rows = [(one.name, *(getattr(one, column) for column in columns)) for one in tallies]
    rows.append(("all", *(sum(row[index] for row in rows) for index in range(1, len(columns) + 1))))
    lines = ["| what | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    return "\n".join(
        [
            *lines,
            *("| " + " | ".join(f"{one:,}" if isinstance(one, int) else one for one in row) + " |" for row in rows),
        ]
    )
