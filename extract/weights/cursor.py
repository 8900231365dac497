"""Reading forward through a file on the Hub of which only the parts that are needed are fetched."""

import struct
from collections.abc import Callable
from typing import Any, Final

from extract.weights.failures import WeightsFailed

MAX_HEADER_BYTES: Final = 32 << 20
"""Most of a GGUF header are the words of the tokenizer; the largest that are known have 16 MB."""

FIRST_CHUNK_BYTES: Final = 64 << 10
MAX_CHUNK_BYTES: Final = 1 << 20
"""How much is asked for at a time: first a little, then twice as much each time as long as reading goes straight on."""

MAX_TEXT_BYTES: Final = 1 << 20


class Cursor:
    """Reads forward through a file of which only the parts that are needed are fetched."""

    def __init__(self, read: Callable[[int, int], bytes], file_bytes: int) -> None:
        self._read = read
        self._file_bytes = file_bytes
        self._window = b""
        self._window_start = 0
        self._chunk = FIRST_CHUNK_BYTES
        self.position = 0

    @property
    def bytes_left(self) -> int:
        """How many bytes the file has from here on."""
        return self._file_bytes - self.position

    def take(self, n_bytes: int) -> bytes:
        """Return the next bytes and step behind them."""
        content = self.peek(n_bytes)
        self.position += n_bytes
        return content

    def peek(self, n_bytes: int) -> bytes:
        """Return the next bytes."""
        start = self.position - self._window_start
        if start < 0 or start + n_bytes > len(self._window):
            self._fetch(n_bytes)
            start = 0
        return self._window[start : start + n_bytes]

    def _fetch(self, n_bytes: int) -> None:
        stop = self.position + n_bytes
        if stop > min(self._file_bytes, MAX_HEADER_BYTES):
            reason = "bad_header" if stop > self._file_bytes else "too_large"
            raise WeightsFailed(reason, f"the header goes on beyond {stop - n_bytes:,} bytes")
        # What of the window is still ahead is kept; a list that was passed over is never fetched.
        ahead = self._window[self.position - self._window_start :] if self.position >= self._window_start else b""
        self._chunk = min(2 * self._chunk, MAX_CHUNK_BYTES) if ahead else FIRST_CHUNK_BYTES
        wanted = min(self._file_bytes, self.position + max(n_bytes, self._chunk))
        self._window = ahead + self._read(self.position + len(ahead), wanted)
        self._window_start = self.position
        if len(self._window) < n_bytes:
            raise WeightsFailed("truncated", "the file ends inside its header")

    def skip(self, n_bytes: int) -> None:
        """Step over bytes without reading them."""
        self.position += n_bytes
        if self.position > self._file_bytes:
            raise WeightsFailed("bad_header", "the header names a list that is longer than the file")

    def move(self, position: int) -> None:
        """Go to a place that lies not far back."""
        self.position = position

    def number(self, kind: str) -> Any:  # noqa: ANN401
        """Return the next number, of a format of `struct`."""
        (value,) = struct.unpack(kind, self.take(struct.calcsize(kind)))
        return value

    def text(self, max_bytes: int) -> str:
        """Return the next text: eight bytes of length, then UTF-8."""
        length = self.number("<Q")
        if length > max_bytes:
            raise WeightsFailed("bad_header", f"a text of the header is said to have {length:,} bytes")
        return self.take(length).decode("utf-8", "replace")

    def skip_text(self) -> None:
        """Step over the next text."""
        length = self.number("<Q")
        if length > MAX_TEXT_BYTES:
            raise WeightsFailed("bad_header", f"a text of the header is said to have {length:,} bytes")
        self.skip(length)
