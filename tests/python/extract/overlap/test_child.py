import os
import signal
import threading
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


def hold(child: Child) -> int:
    """Stop the process, so that it can answer nothing; its id."""
    assert child._process is not None
    os.kill(child._process.pid, signal.SIGSTOP)
    return child._process.pid


def end_soon(child: Child, how: signal.Signals) -> None:
    pid = hold(child)

    def end() -> None:
        os.kill(pid, how)
        if how != signal.SIGKILL:
            os.kill(pid, signal.SIGCONT)

    threading.Timer(0.2, end).start()


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
    pid = hold(child)
    with pytest.raises(MeasurementFailed, match="timeout"):
        child._ask({"operation": "hello", "memory_bytes": None}, 0.05)
    assert child._process is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
