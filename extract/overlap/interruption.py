"""Ctrl-C while models are read or measured: the first ends the run after the current ones, a second one at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Interruption:
    """Whether the run was asked to stop."""

    say: Callable[[str], None]
    current: str = "the current model"
    is_asked: bool = False

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Take Ctrl-C as a wish to stop for the body of the ``with``; a second one raises KeyboardInterrupt."""

        def stop(number: int, frame: FrameType | None) -> None:
            if self.is_asked:
                raise KeyboardInterrupt
            self.is_asked = True
            self.say(f"Interrupted: finishing {self.current}, then writing what is done (again to stop at once).")

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
