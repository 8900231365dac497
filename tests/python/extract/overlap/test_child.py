import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from extract.overlap.child import Child
from extract.overlap.reasons import MeasurementFailed


@pytest.fixture
def child() -> Iterator[Child]:
    one = Child(memory_bytes=None)
    yield one
    one.stop()


def failure_of(child: Child, seconds: float = 60.0) -> MeasurementFailed:
    with pytest.raises(MeasurementFailed) as caught:
        child.ask({"operation": "hello"}, seconds)
    return caught.value


def end_soon(child: Child, how: signal.Signals) -> None:
    process = child._process
    assert process is not None
    threading.Timer(0.2, lambda: os.kill(process.pid, how)).start()


@pytest.mark.parametrize(
    ("how", "reason"),
    [(signal.SIGKILL, "out_of_memory"), (signal.SIGSEGV, "unknown"), (signal.SIGBUS, "corrupt_weights")],
)
def test_a_process_that_ends_is_one_failure_and_the_next_request_starts_another(
    child: Child, how: signal.Signals, reason: str
) -> None:
    child.start()
    end_soon(child, how)
    assert failure_of(child).reason == reason
    if how == signal.SIGSEGV:
        assert "SIGSEGV" in str(failure_of_dead(child))


def failure_of_dead(child: Child) -> MeasurementFailed:
    child.start()
    end_soon(child, signal.SIGSEGV)
    return failure_of(child)


def test_a_request_that_takes_too_long_is_a_timeout(child: Child) -> None:
    child.start()
    started = time.monotonic()
    with pytest.raises(MeasurementFailed, match="timeout"):
        child._ask({"operation": "hello", "memory_bytes": None}, 0.05)
    assert time.monotonic() - started < 5
    assert child._process is None
