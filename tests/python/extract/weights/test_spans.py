"""Which parts of a file are asked for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from extract.weights.spans import MAX_SPAN_BYTES, Contents, spans, spans_of_files

FILE = bytes(range(256)) * 40
PIECES = some.lists(
    some.tuples(some.integers(0, len(FILE) - 60), some.integers(1, 60)).map(lambda one: (one[0], sum(one))), min_size=1
)


@given(PIECES, some.sampled_from([0, 1, 16, 300]))
def test_every_piece_is_found_in_the_parts(pieces: list[tuple[int, int]], gap: int) -> None:
    parts = spans(pieces, gap)
    assert all(before[1] + gap < after[0] for before, after in pairwise(parts))
    contents = Contents({(start, stop): FILE[start:stop] for start, stop in parts})
    assert all(contents.piece(piece) == FILE[piece[0] : piece[1]] for piece in pieces)


def test_a_part_that_was_not_read_is_not_made_up() -> None:
    contents = Contents({(10, 20): bytes(10)})
    for piece in ((0, 5), (15, 25), (30, 31)):
        with pytest.raises(KeyError):
            contents.piece(piece)


def test_gaps_are_read_as_long_as_they_are_cheap() -> None:
    pieces = {"a": [(start, start + 10) for start in range(0, 1_000_000, 10_000)]}
    assert len(spans_of_files(pieces)["a"]) == 1
    assert len(spans_of_files(pieces, limit=2_000)["a"]) == 100


def test_no_part_grows_without_end() -> None:
    pieces = [(start, start + 1000) for start in range(0, 5 * MAX_SPAN_BYTES, 1000)]
    assert max(stop - start for start, stop in spans(pieces, 0)) <= MAX_SPAN_BYTES
