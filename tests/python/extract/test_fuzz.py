"""The harness of hostile inputs, at a fiftieth of its size."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from tests.fuzz.__main__ import fuzz
from tests.fuzz.tally import Subject, table, tried


def test_hostile_inputs_cost_nothing() -> None:
    tallies = fuzz(64, seed=1)
    assert [tally.samples for tally in tallies if not tally.is_clean] == []
    assert sum(tally.tries for tally in tallies) >= 50
    assert len({tally.name for tally in tallies}) == len(tallies) == 11


@pytest.mark.parametrize(
    ("trial", "column"),
    [
        (lambda value: 1 // 0, "tracebacks"),
        (lambda value: (1, 0, True), "lost"),
        (lambda value: (0, 1, True), "doubled"),
        (lambda value: (0, 0, False), "wrong"),
    ],
)
def test_the_harness_sees_what_must_not_happen(trial: object, column: str) -> None:
    subject = Subject("a subject", st.integers(), lambda value: (0, 0, True), 1.0)
    tally = tried(replace(subject, trial=trial), 3, 7)  # type: ignore[arg-type]
    assert getattr(tally, column) == tally.tries == 3
    assert not tally.is_clean
    assert tally.samples
    assert "| a subject | 3 |" in table([tally])
