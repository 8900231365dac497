"""Where in a tensor its block lies: at a place that depends on nothing but its name and the length of its rows.

So the blocks of two models meet wherever their tensors have one name and rows of one length: also after
layers were dropped and after a vocabulary grew, since every block lies in the first rows. A block's columns
begin at a multiple of 256, where the blocks of GGUF's quantizations begin.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from extract.weights.names import Named

ALIGNMENT: Final = 256
"""Columns in the largest block that GGUF quantizes together."""

MATRIX_VALUES: Final = 512
WIDE_MATRIX_VALUES: Final = 256
WIDE: Final = 2048
"""Models with longer rows have more tensors: of those, each gives half as many values."""

VECTOR_VALUES: Final = 256
BIAS_VALUES: Final = 64
"""The first so many values of a vector are taken."""

FIRST_ROWS: Final = 8
"""A matrix's block begins in one of its first rows."""

TOKEN_ROWS: Final = 16
TOKEN_COLUMNS: Final = 256
FIRST_TOKEN: Final = 512
LARGE_VOCABULARY: Final = 1024
"""An embedding's block spans the rows of several tokens, not the first ones: those are marks and single bytes."""

PROBE_SIDE: Final = 64
"""A probe shows the rank of a difference where that is less than this."""

SMALLEST_PROBE: Final = 16
PROBED_LAYER: Final = 1
PROBED: Final = (
    "q_proj.weight", "v_proj.weight", "down_proj.weight", "qkv_proj.weight", "query_key_value.weight",
    "dense_4h_to_h.weight", "c_attn.weight",
)  # fmt: skip
"""The matrices of layer 1 that are probed, by how their names end: those that adapters change most often."""


@dataclass(frozen=True)
class Place:
    """A block of a matrix: from ``row`` and ``column`` on, ``n_rows`` times ``n_columns`` values."""

    row: int
    column: int
    n_rows: int
    n_columns: int

    @property
    def n_values(self) -> int:
        """How many values it has."""
        return self.n_rows * self.n_columns


def block_place(named: Named, n_rows: int, row_length: int, *, is_vector: bool) -> Place:
    """Return the block of a tensor of ``n_rows`` rows, neither of its sides being 0."""
    if is_vector:
        wanted = BIAS_VALUES if named.role == "bias" else VECTOR_VALUES
        return Place(0, 0, 1, min(wanted, row_length))
    if named.role in ("embedding", "head"):
        row = FIRST_TOKEN if n_rows >= LARGE_VOCABULARY else 0
        return Place(row, 0, min(TOKEN_ROWS, n_rows), min(TOKEN_COLUMNS, row_length))
    wanted = MATRIX_VALUES if row_length <= WIDE else WIDE_MATRIX_VALUES
    draw = int.from_bytes(hashlib.sha256(f"{named.name}\0{row_length}".encode()).digest()[:8], "big")
    wanted_rows = max(1, wanted // row_length)
    row = draw % FIRST_ROWS
    if row + wanted_rows > n_rows:
        row = 0
    if row_length <= wanted:
        return Place(row, 0, min(wanted_rows, n_rows), row_length)
    n_starts = (row_length - wanted) // ALIGNMENT + 1
    return Place(row, (draw // FIRST_ROWS) % n_starts * ALIGNMENT, 1, wanted)


def probe_place(named: Named, n_rows: int, row_length: int) -> Place | None:
    """Return the probe of a matrix, or None where it has none."""
    if named.layer_index != PROBED_LAYER or named.role == "adapter" or not named.name.endswith(PROBED):
        return None
    if min(n_rows, row_length) < SMALLEST_PROBE:
        return None
    return Place(0, 0, min(PROBE_SIDE, n_rows), min(PROBE_SIDE, row_length))
