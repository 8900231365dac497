"""From the bytes of a file to numbers: a block of one tensor, in each type that is read here.

Everything is numpy; nothing is executed. A scheme says which bytes of the file it needs for a block, and
makes the block's values, 32-bit numbers in rows and columns, of these bytes.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

from extract.weights.places import Place
from extract.weights.tensors import StoredTensor

Values = npt.NDArray[np.float32]
Piece = tuple[int, int]
"""Bytes of a file: the first, and the first behind them."""

DIGEST_CHARACTERS: Final = 32

FLOATS: Final = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
"""Types whose values are stored as they are, with their bytes."""
SMALL_FLOATS: Final = ("F8_E4M3", "F8_E5M2")
_TILES: Final = (1, 32, 64, 128, 256)
"""How many values share a scale along one side, where not all do. No two fit the same numbers of values and scales."""
_INT8_STEPS: Final = 127
"""bitsandbytes divides a row's largest absolute value into so many steps."""


class Scheme(Protocol):
    """How the values of one tensor are stored."""

    @property
    def is_dequantized(self) -> bool:
        """Whether the values were computed from quantized ones, and so are rounded."""

    def pieces(self, place: Place) -> list[Piece]:
        """Return the bytes that a block needs."""

    def values(self, place: Place, contents: Sequence[bytes]) -> Values:
        """Return the block that these bytes hold, in rows and columns."""


@dataclass(frozen=True)
class Plain:
    """Numbers that are stored as they are."""

    tensor: StoredTensor
    is_dequantized: bool = False

    def pieces(self, place: Place) -> list[Piece]:
        """Return one piece per row."""
        return _row_pieces(self.tensor, place, bytes_of_type(self.tensor.dtype))

    def values(self, place: Place, contents: Sequence[bytes]) -> Values:
        """Return the numbers."""
        return numbers(b"".join(contents), self.tensor.dtype).reshape(place.n_rows, place.n_columns)


@dataclass(frozen=True)
class Scaled:
    """Numbers of 8 bits with their scales in another tensor: one in all, one per row, or one per tile."""

    tensor: StoredTensor
    scales: StoredTensor
    divisor: float = 1.0
    is_dequantized: bool = True

    @property
    def _grid(self) -> tuple[int, int]:
        """Rows and columns of the scales."""
        if self.scales.n_elements == 1:
            return 1, 1
        if len(self.scales.shape) == 1:
            return self.scales.shape[0], 1
        return self.scales.n_rows, self.scales.row_length

    @property
    def _tile(self) -> tuple[int, int]:
        """Rows and columns that share a scale; 0 where that is not certain."""
        rows, columns = self._grid
        return _side(self.tensor.n_rows, rows), _side(self.tensor.row_length, columns)

    @property
    def is_certain(self) -> bool:
        """Whether the scales fit the tensor in exactly one way."""
        return self.scales.dtype in FLOATS and len(self.scales.shape) <= 2 and 0 not in self._tile

    def pieces(self, place: Place) -> list[Piece]:
        """Return one piece per row, then all scales of the block's rows."""
        first, stop = self._scale_rows(place)
        row_bytes = self._grid[1] * FLOATS[self.scales.dtype]
        scales = (self.scales.start + first * row_bytes, self.scales.start + stop * row_bytes)
        return [*_row_pieces(self.tensor, place, 1), scales]

    def values(self, place: Place, contents: Sequence[bytes]) -> Values:
        """Return the numbers times their scales."""
        stored = numbers(b"".join(contents[:-1]), self.tensor.dtype).reshape(place.n_rows, place.n_columns)
        first, stop = self._scale_rows(place)
        grid = numbers(contents[-1], self.scales.dtype).reshape(stop - first, self._grid[1])
        tile_rows, tile_columns = self._tile
        rows = (place.row + np.arange(place.n_rows)) // tile_rows - first
        columns = (place.column + np.arange(place.n_columns)) // tile_columns
        return np.asarray(stored * grid[np.ix_(rows, columns)] / np.float32(self.divisor), np.float32)

    def _scale_rows(self, place: Place) -> tuple[int, int]:
        tile_rows = self._tile[0]
        return place.row // tile_rows, (place.row + place.n_rows - 1) // tile_rows + 1


@dataclass(frozen=True)
class Gguf:
    """Numbers of a GGUF file: as they are, or in blocks along the rows."""

    tensor: StoredTensor
    stored_row: Callable[[int], int] | None = None
    is_one_added: bool = False

    @property
    def _kind(self) -> GGMLQuantizationType:
        return GGMLQuantizationType[self.tensor.dtype]

    @property
    def is_dequantized(self) -> bool:
        """Whether the values are rounded: by quantizing, or by the 1 that was added."""
        return self.tensor.dtype not in FLOATS or self.is_one_added

    def _blocks(self, place: Place) -> tuple[int, int]:
        size, _ = GGML_QUANT_SIZES[self._kind]
        return place.column // size, -(-(place.column + place.n_columns) // size)

    def pieces(self, place: Place) -> list[Piece]:
        """Return one piece per row: the blocks in which its columns lie."""
        size, block_bytes = GGML_QUANT_SIZES[self._kind]
        first, stop = self._blocks(place)
        row_bytes = self.tensor.row_length // size * block_bytes
        rows = range(place.row, place.row + place.n_rows)
        starts = [self.tensor.start + (self.stored_row(row) if self.stored_row else row) * row_bytes for row in rows]
        return [(start + first * block_bytes, start + stop * block_bytes) for start in starts]

    def values(self, place: Place, contents: Sequence[bytes]) -> Values:
        """Return the numbers, dequantized by the library."""
        size, block_bytes = GGML_QUANT_SIZES[self._kind]
        first, stop = self._blocks(place)
        if self.tensor.dtype in FLOATS:
            rows = numbers(b"".join(contents), self.tensor.dtype)
        else:
            stored = np.frombuffer(b"".join(contents), np.uint8).reshape(place.n_rows, (stop - first) * block_bytes)
            rows = np.asarray(dequantize(stored, self._kind), np.float32)
        ahead = place.column - first * size
        found = rows.reshape(place.n_rows, (stop - first) * size)[:, ahead : ahead + place.n_columns]
        return found - np.float32(1) if self.is_one_added else found


GGUF_TYPES: Final = frozenset(
    {
        "F32", "F16", "BF16", "F64", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
        "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0",
        "MXFP4",
    }
)  # fmt: skip
"""Types of GGUF that are read."""

_SCALE_NAMES: Final = {
    "F8_E4M3": ("weight_scale_inv", "weight_scale", "scale_weight"),
    "F8_E5M2": ("weight_scale_inv", "weight_scale", "scale_weight"),
    "I8": ("SCB", "weight_scale"),
}
"""What quantizers call the scales of ``X.weight``, by its type: fp8 and int8 of several libraries, bitsandbytes."""


def scheme_of(tensor: StoredTensor, others: Mapping[str, StoredTensor]) -> Scheme | None:
    """Return how a tensor of a safetensors file is stored, or None where its values cannot be made with certainty.

    ``others`` are the tensors of the same file, by name.
    """
    if tensor.dtype in FLOATS:
        return Plain(tensor)
    if tensor.dtype in _SCALE_NAMES and tensor.name.endswith(".weight"):
        stem = tensor.name.removesuffix("weight")
        for name in _SCALE_NAMES[tensor.dtype]:
            if (scales := others.get(stem + name)) is not None:
                scaled = Scaled(tensor, scales, _INT8_STEPS if name == "SCB" else 1.0)
                return scaled if scaled.is_certain else None
    return Plain(tensor) if tensor.dtype in SMALL_FLOATS else None


def is_scale(name: str) -> bool:
    """Return whether a tensor serves to read another one."""
    last = name.rpartition(".")[2]
    return last in {"SCB", "weight_scale_inv", "weight_scale", "scale_weight", "input_scale", "weight_format"}


def numbers(content: bytes, dtype: str) -> Values:
    """Return the stored numbers of ``content`` as 32-bit ones."""
    if dtype == "BF16":
        return (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)
    if dtype in SMALL_FLOATS:
        return _small_floats(dtype)[np.frombuffer(content, np.uint8)]
    code = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I8": "i1"}[dtype]
    with np.errstate(over="ignore"):  # what only 64 bits can hold becomes infinite
        return np.frombuffer(content, code).astype(np.float32)


def bytes_of_type(dtype: str) -> int:
    """Return how many bytes one number of a plain type has."""
    return FLOATS.get(dtype, 1)


def canonical(values: Values) -> Values:
    """Return the values with one spelling of zero and one of what is no number."""
    found = np.ascontiguousarray(values, np.float32).ravel() + np.float32(0)
    found[np.isnan(found)] = np.nan
    return found


def digest(values: Values) -> str:
    """Return a digest of canonical values: equal digests mean equal values."""
    return hashlib.sha256(values.astype("<f4", copy=False).tobytes()).hexdigest()[:DIGEST_CHARACTERS]


def _row_pieces(tensor: StoredTensor, place: Place, n_bytes: int) -> list[Piece]:
    first = tensor.start + (place.row * tensor.row_length + place.column) * n_bytes
    row_bytes, length = tensor.row_length * n_bytes, place.n_columns * n_bytes
    return [(first + number * row_bytes, first + number * row_bytes + length) for number in range(place.n_rows)]


def _side(n_values: int, n_scales: int) -> int:
    """Return how many values share a scale along one side, or 0 where the numbers do not tell."""
    if n_scales == 1:
        return n_values
    return next((side for side in _TILES if -(-n_values // side) == n_scales), 0)


@cache
def _small_floats(dtype: str) -> Values:
    """Return the value of each byte, after the formats of the OCP's specification of 8-bit floating point."""
    codes = np.arange(256)
    if dtype == "F8_E5M2":  # the upper half of a 16-bit number
        return (codes.astype(np.uint16) << 8).view(np.float16).astype(np.float32)
    exponent, fraction = (codes >> 3) & 15, codes & 7
    size = np.where(exponent == 0, np.ldexp(fraction / 8, -6), np.ldexp(1 + fraction / 8, exponent - 7))
    size[(codes & 127) == 127] = np.nan
    return np.where(codes > 127, -size, size).astype(np.float32)
