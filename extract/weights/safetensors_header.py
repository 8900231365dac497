"""Reading a safetensors header: bytes from a stranger in, tensors out whose places do not contradict each other.

The format: eight bytes with the length of the header, little endian; the header, JSON; the data. The
header maps each tensor's name to its type, its shape and where its bytes begin and end in the data.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, Final

from extract.weights.failures import WeightsFailed
from extract.weights.names import name_problem
from extract.weights.tensors import MAX_DIMENSIONS, MAX_ELEMENTS, MAX_TENSORS, StoredTensor

LENGTH_BYTES: Final = 8
MAX_HEADER_BYTES: Final = 32 << 20
"""The format allows 100 MB; the largest headers that are known, of 100,000 tensors, have 12 MB."""

METADATA: Final = "__metadata__"
_BITS: Final = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64, "F4": 4,
}  # fmt: skip
"""Bits of one number of each type; of a type that is not here, only the place is checked."""


@dataclass(frozen=True)
class Header:
    """What a header lists, in the order of the places in the file."""

    tensors: tuple[StoredTensor, ...]
    missing_bytes: int
    """How many bytes the file is too short for what it lists; 0 for a whole file."""


def header_length(first: bytes, file_bytes: int) -> int:
    """Return the length of the header, from the file's first eight bytes. Raises WeightsFailed."""
    if len(first) < LENGTH_BYTES:
        raise WeightsFailed("bad_header", f"the file has {len(first)} bytes, fewer than the length of a header takes")
    length = int.from_bytes(first[:LENGTH_BYTES], "little")
    if length > MAX_HEADER_BYTES:
        raise WeightsFailed("too_large", f"the header is said to have {length:,} bytes")
    if LENGTH_BYTES + length > file_bytes:
        raise WeightsFailed("bad_header", f"the header is said to have {length:,} bytes, the file has {file_bytes:,}")
    return length


def parse_header(text: bytes, file_bytes: int) -> Header:
    """Read the JSON of a header. Raises WeightsFailed for one that cannot be, or contradicts itself."""
    entries = load_json(text, "the header")
    if not isinstance(entries, dict):
        raise WeightsFailed("bad_header", "the header is no JSON object")
    entries.pop(METADATA, None)
    if len(entries) > MAX_TENSORS:
        raise WeightsFailed("too_large", f"the header lists {len(entries):,} tensors")
    data_start = LENGTH_BYTES + len(text)
    tensors = sorted(
        (_tensor(name, entry, data_start) for name, entry in entries.items()),
        key=lambda tensor: (tensor.start, tensor.n_bytes),
    )
    for before, after in pairwise(tensors):
        if before.start + before.n_bytes > after.start:
            raise WeightsFailed("bad_header", f"{after.name} begins inside {before.name}")
    end = max((tensor.start + tensor.n_bytes for tensor in tensors), default=data_start)
    return Header(tuple(tensors), max(0, end - file_bytes))


def load_json(text: bytes, what: str) -> Any:  # noqa: ANN401
    """Read JSON of a stranger, no key of which may stand twice in one object. Raises WeightsFailed (bad_header)."""
    try:
        return json.loads(text, object_pairs_hook=_unique(what))
    except (ValueError, RecursionError) as error:
        cause = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise WeightsFailed("bad_header", f"{what} cannot be read: {cause}") from error


def _unique(what: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise WeightsFailed("bad_header", f"{what} names something twice")
        return found

    return collect


def _tensor(name: str, entry: object, data_start: int) -> StoredTensor:
    if (problem := name_problem(name)) is not None:
        raise WeightsFailed("bad_header", problem)
    if not isinstance(entry, dict):
        raise WeightsFailed("bad_header", f"{name} has no description")
    dtype, shape, offsets = entry.get("dtype"), _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if not isinstance(dtype, str) or len(dtype) > 16 or not dtype.isprintable():
        raise WeightsFailed("bad_header", f"{name} has no type")
    if shape is None or len(shape) > MAX_DIMENSIONS or prod(shape) > MAX_ELEMENTS:
        raise WeightsFailed("bad_header", f"{name} has a shape that cannot be")
    if offsets is None or len(offsets) != 2 or not offsets[0] <= offsets[1] <= MAX_ELEMENTS:
        raise WeightsFailed("bad_header", f"{name} has a place that cannot be")
    start, stop = offsets
    if dtype in _BITS and (stop - start) * 8 != prod(shape) * _BITS[dtype]:
        raise WeightsFailed("bad_header", f"{name} has {stop - start:,} bytes, which is not what its shape takes")
    return StoredTensor(name, dtype, shape, data_start + start, stop - start)


def _counts(value: object) -> tuple[int, ...] | None:
    """Return a list of whole numbers from 0 as a tuple; None for anything else."""
    if isinstance(value, list) and all(type(one) is int and one >= 0 for one in value):
        return tuple(value)
    return None
