"""Progress of long work on stderr: one line that is rewritten on a terminal, a plain line now and then elsewhere."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self, TextIO

from modelkin.printable import one_line

TERMINAL_SECONDS: Final = 0.2
"""How often the line on a terminal is rewritten at most."""

PLAIN_SECONDS: Final = 15.0
"""How often a line is printed where there is no terminal."""

ESTIMATED_FROM: Final = 0.02
"""The share that must be done before the time left is estimated: the first steps are slower than the rest."""


@dataclass
class Progress:
    """Counts of things done, with their rate and, where the total is known, an estimate of the time left."""

    noun: str
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    _started: float = field(init=False)
    _shown: float = field(init=False)
    _width: int = 0

    def __post_init__(self) -> None:
        self._started = self._shown = self.clock()

    def begin(self, text: str) -> None:
        """Say at once what begins, so that no one waits before an unmoving screen."""
        self._write(text)

    def update(self, done: int, *, total: int | None = None, detail: str = "") -> None:
        """Say that ``done`` things are done, of ``total`` where that is known; shown when it is time."""
        self.done = done
        now = self.clock()
        if now - self._shown < (TERMINAL_SECONDS if self.stream.isatty() else PLAIN_SECONDS):
            return
        self._shown = now
        self._write(self.line(now - self._started, total, detail))

    def _write(self, line: str) -> None:
        line = one_line(line)
        if self.stream.isatty():
            self.stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self.stream.write(line + "\n")
        self.stream.flush()

    def line(self, seconds: float, total: int | None = None, detail: str = "") -> str:
        """Return the text for ``done`` things after ``seconds``."""
        rate = self.done / seconds if seconds > 0 else 0.0
        shown_rate = f"{rate:,.0f}" if rate >= 1 else f"{rate:.1f}"
        text = f"{self.done:,}{f' of {total:,}' if total else ''} {self.noun}, {shown_rate} a second"
        if total and self.done >= total * ESTIMATED_FROM:
            text += f", about {duration((total - self.done) / rate)} left"
        return f"{text} ({detail})" if detail else text

    def close(self) -> None:
        """Clear the line on a terminal, so that what follows starts on a line of its own."""
        if self._width:
            self.stream.write("\r" + " " * self._width + "\r")
            self.stream.flush()
            self._width = 0


class Waiting:
    """Says what is waited for, at once and then for how long, while the body of the ``with`` runs.

    For work that gives no counts. A thread of its own prints, since the body is busy.
    """

    def __init__(self, doing: str, stream: TextIO | None = None, seconds: float | None = None) -> None:
        self._doing = doing
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._seconds = seconds or (1.0 if self._is_terminal else PLAIN_SECONDS)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._width = 0

    def __enter__(self) -> Self:
        self.now(self._doing)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.pause()

    def now(self, doing: str) -> None:
        """Say that from now on ``doing`` is what is waited for."""
        with self._lock:
            self._doing, self._started = doing, time.monotonic()
            self._show(f"{doing} …")

    def pause(self) -> None:
        """Clear the line on a terminal, so that something else can be printed."""
        with self._lock:
            if self._width:
                self._stream.write("\r" + " " * self._width + "\r")
                self._stream.flush()
                self._width = 0

    def _tick(self) -> None:
        while not self._ended.wait(self._seconds):
            with self._lock:
                self._show(f"{self._doing}, {duration(time.monotonic() - self._started)} so far …")

    def _show(self, line: str) -> None:
        line = one_line(line)
        if self._is_terminal:
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()


def duration(seconds: float) -> str:
    """Return ``seconds`` in the two largest units that people use."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
