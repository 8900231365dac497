"""The parent's side of the child process: start it, ask it, and end it when it takes too long."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from extract.overlap.reasons import MeasurementFailed

START_SECONDS: Final = 300.0
"""Importing the libraries takes seconds; on a busy machine it may take long."""

_LOG_CHARACTERS: Final = 300
_MATH_SETTING: Final = "AVX2,STRICT"
"""Makes Intel's matrix products bitwise the same for any number of threads and rows (two or more)."""


class Child:
    """One child process at a time, started when it is first asked and again after it ended."""

    def __init__(self, *, memory_bytes: int | None) -> None:
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[str] | None = None
        self._answers = -1
        self._log: IO[bytes] | None = None
        self._hello: dict[str, Any] | None = None

    def hello(self) -> dict[str, Any]:
        """Return what the child can do; starts it if need be. Raises MeasurementFailed when it cannot start."""
        if self._hello is None:
            answer = self._ask({"operation": "hello", "memory_bytes": None}, START_SECONDS)
            if "reason" in answer:
                raise MeasurementFailed(answer["reason"], answer["detail"])
            self._hello = answer
        return self._hello

    def memory_on(self, device: str) -> int | None:
        """Return how many bytes one model may take on ``device``, None where there is no limit.

        Where only the child can tell, it is started, unless that fails: then there is nothing to compare.
        """
        if device != "cpu":
            with suppress(MeasurementFailed):
                hello = self.hello()
                if device != "auto" or hello["device"] != "cpu":
                    found = hello["device_bytes"]
                    return int(found) if found is not None else None
        return self._memory_bytes

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Return the answer to one request.

        Raises MeasurementFailed: what the child says, ``timeout`` after ``seconds``, ``out_of_memory``
        when it was killed, ``unknown`` when it crashed.
        """
        if self._process is None:
            self._ask({"operation": "hello", "memory_bytes": None}, START_SECONDS)
        answer = self._ask(request | {"memory_bytes": self._memory_bytes}, seconds)
        if "reason" in answer:
            raise MeasurementFailed(answer["reason"], answer["detail"])
        return answer

    def start(self) -> None:
        """Start the process without waiting until it is ready."""
        if self._process is not None:
            return
        reading, writing = os.pipe()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "extract.overlap.worker", str(writing)],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                pass_fds=(writing,),
                start_new_session=True,
                text=True,
                env={
                    **os.environ,
                    "HF_HUB_OFFLINE": "1",
                    "TOKENIZERS_PARALLELISM": "false",
                    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
                    "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "PASSIVE"),
                    "MKL_CBWR": os.environ.get("MKL_CBWR", _MATH_SETTING),
                },
            )
        finally:
            os.close(writing)
        self._answers = reading

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            # The request that it never read is lost with it.
            with suppress(BrokenPipeError):
                process.stdin.close()
        os.close(self._answers)
        if self._log is not None:
            self._log.close()

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        self.start()
        process = self._process
        if process is None or process.stdin is None:
            raise MeasurementFailed("unknown", "the child process could not be started")
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        line = self._line(time.monotonic() + seconds)
        if line is None:
            self.stop()
            raise MeasurementFailed("timeout", f"not done after {seconds:,.0f} seconds")
        if not line:
            raise self._ended()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _line(self, deadline: float) -> bytes | None:
        """Return the next line, empty when the process ended, None when the time is over."""
        gathered = b""
        while not gathered.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            ready, _, _ = select.select([self._answers], [], [], left)
            if not ready:
                return None
            part = os.read(self._answers, 65_536)
            if not part:
                return b""
            gathered += part
        return gathered

    def _ended(self) -> MeasurementFailed:
        """Return why the process is gone, and forget it."""
        if self._process is None:
            return MeasurementFailed("unknown", "the child process is gone")
        code = self._process.wait()
        said = self._last_words()
        self.stop()
        if code == -signal.SIGKILL:
            return MeasurementFailed("out_of_memory", "the system killed the process, as it does when memory runs out")
        if code < 0:
            name = signal.Signals(-code).name
            reason = "corrupt_weights" if code == -signal.SIGBUS else "unknown"
            if "bad_alloc" in said or "allocate memory" in said:
                reason = "out_of_memory"
            return MeasurementFailed(reason, f"the process ended by {name}: {said}")
        reason = "out_of_memory" if "MemoryError" in said or "allocate memory" in said else "unknown"
        return MeasurementFailed(reason, f"the process ended with exit code {code}: {said}")

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace").strip()[-_LOG_CHARACTERS:]


def memory_default() -> int | None:
    """Return nine tenths of the memory that is available now, or None where the system does not say."""
    path = Path("/proc/meminfo")
    if not path.exists():
        return None
    for line in path.read_text().splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) * 1024 * 9 // 10
    return None
