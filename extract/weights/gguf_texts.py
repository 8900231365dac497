"""Leaping over the long lists of words in a GGUF header, which are most of it: a tokenizer's words and merges.

A list of texts has no index: where it ends shows only to who reads all of it, 7 MB for Llama 3. Here its
beginning and its middle are looked at, its length is estimated, and it is read from shortly before the end on.
A text is eight bytes of length and that many bytes, so that where texts begin can be found again anywhere in a
list; and where it ends, what follows is no text. How many texts were passed is not known afterwards: whoever
calls this must check that everything behind the list fits.
"""

import re
from typing import Final

from extract.weights.cursor import Cursor
from extract.weights.failures import WeightsFailed

MANY_TEXTS: Final = 16_384
"""A shorter list is read text by text."""

LOOK_BYTES: Final = 32_768
LEAPS: Final = (0.5, 0.5, 0.6)
"""Which share of what is left, by the estimate, each leap passes over: the estimate errs by less than the rest."""

MAX_WORD_BYTES: Final = 1024
CHAIN: Final = 64
"""So many texts, one behind the other, are no accident."""

_KEY: Final = re.compile(rb"[a-z0-9_\-]+(\.[A-Za-z0-9_\-]+)+")
_LAST: Final = 3
"""Among the last texts found, the first that looks like a key or a tensor is what follows the list."""


def leap(cursor: Cursor, n_texts: int) -> None:
    """Step behind a list of ``n_texts`` texts at whose first one the cursor stands. Raises WeightsFailed when lost."""
    n_left = float(n_texts)
    for share in LEAPS:
        mean = _mean_bytes(cursor)
        n_passed = n_left * share
        cursor.skip(int(n_passed * mean))
        _find_text(cursor)
        n_left -= n_passed
    _find_end(cursor)


def _mean_bytes(cursor: Cursor) -> float:
    """Return how many bytes the next texts take on average."""
    window = cursor.peek(min(LOOK_BYTES, cursor.bytes_left))
    n_texts, end = _chain(window, 0)
    if n_texts < CHAIN:
        raise WeightsFailed("bad_header", "a list of the header holds no texts")
    return end / n_texts


def _find_text(cursor: Cursor) -> None:
    """Step forward to where a text begins."""
    window = cursor.peek(min(LOOK_BYTES, cursor.bytes_left))
    for start in range(min(2 * MAX_WORD_BYTES, len(window))):
        # The length's upper bytes are zero: most places are ruled out by looking at two of them.
        if window[start + 2 : start + 8] == b"\0\0\0\0\0\0" and _chain(window[start:], 0, CHAIN)[0] >= CHAIN:
            cursor.skip(start)
            return
    raise WeightsFailed("bad_header", "a list of the header holds no texts")


def _find_end(cursor: Cursor) -> None:
    """Step to what follows the texts: a key of the metadata, or the first tensor's name."""
    last: list[tuple[int, bytes]] = []
    while True:
        window = cursor.peek(min(LOOK_BYTES, cursor.bytes_left))
        start = cursor.position
        n_texts, end = _chain(window, 0)
        last = [*last, *_texts(window, start)][-_LAST:]
        if n_texts == 0 or end + 8 + MAX_WORD_BYTES <= len(window):
            break
        cursor.skip(end)
    for position, text in last:
        if _KEY.fullmatch(text):
            cursor.move(position)
            return
    raise WeightsFailed("bad_header", "the end of a list of the header cannot be found")


def _chain(window: bytes, start: int, at_most: int = 1 << 30) -> tuple[int, int]:
    """Return how many whole texts lie one behind the other from ``start`` on, and where the last ends."""
    n_texts = 0
    while n_texts < at_most and start + 8 <= len(window):
        length = int.from_bytes(window[start : start + 8], "little")
        if not 0 < length <= MAX_WORD_BYTES or start + 8 + length > len(window):
            break
        start += 8 + length
        n_texts += 1
    return n_texts, start


def _texts(window: bytes, position: int) -> list[tuple[int, bytes]]:
    """Return the last texts of a window that begins with one, each with its place in the file."""
    found: list[tuple[int, bytes]] = []
    start = 0
    while True:
        n_texts, end = _chain(window, start, 1)
        if n_texts == 0:
            return found
        found = [*found[-_LAST:], (position + start, window[start + 8 : end])]
        start = end
