"""Which parts of a file to ask for, so that all pieces that are needed come in few requests and few bytes."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from extract.weights.decoding import Piece

GAPS: Final = (65_536, 32_768, 16_384, 8_192, 4_096, 1_024, 0)
"""Pieces that lie no further apart than this are asked for together; the first of these that fits the limit."""

MAX_SPAN_BYTES: Final = 1 << 20
"""A part is no longer, unless a single piece is."""

SPAN_BYTES: Final = 3_500_000
"""How many bytes of all of a model's files are read for its blocks, headers apart."""


def spans_of_files(pieces: Mapping[str, Sequence[Piece]], limit: int = SPAN_BYTES) -> dict[str, list[Piece]]:
    """Return the parts of each file that hold its pieces, together within ``limit`` bytes where that is possible."""
    found: dict[str, list[Piece]] = {}
    for gap in GAPS:
        found = {name: spans(of_file, gap) for name, of_file in pieces.items()}
        if sum(stop - start for parts in found.values() for start, stop in parts) <= limit:
            break
    return found


def spans(pieces: Iterable[Piece], gap: int) -> list[Piece]:
    """Return the parts that hold ``pieces``, in order, joined where at most ``gap`` bytes lie between them."""
    found: list[Piece] = []
    for start, stop in sorted(pieces):
        if found and start - found[-1][1] <= gap and max(stop, found[-1][1]) - found[-1][0] <= MAX_SPAN_BYTES:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


class Contents:
    """The parts of a file that were read."""

    def __init__(self, parts: Mapping[Piece, bytes]) -> None:
        self._parts = dict(sorted(parts.items()))
        self._starts = [start for start, _ in self._parts]
        self._bytes = list(self._parts.values())

    def piece(self, piece: Piece) -> bytes:
        """Return the bytes of a piece; raise KeyError where they were not read."""
        start, stop = piece
        number = bisect_right(self._starts, start) - 1
        if number < 0 or stop > self._starts[number] + len(self._bytes[number]):
            raise KeyError(piece)
        first = self._starts[number]
        return self._bytes[number][start - first : stop - first]
