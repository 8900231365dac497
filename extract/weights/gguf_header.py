"""Reading a GGUF header: its metadata and its tensors, without the values of long lists.

The format: ``GGUF``, a version, the number of tensors and of metadata entries; the entries, each a key, a
type and a value; the tensors, each a name, its dimensions, a type and where it begins in the data; then, at
the next multiple of the alignment, the data. The library's own reader maps a whole file into memory and
trusts it; this one asks for the bytes that it needs and checks what they say.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, Final

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from extract.weights.cursor import MAX_HEADER_BYTES, MAX_TEXT_BYTES, Cursor
from extract.weights.failures import WeightsFailed
from extract.weights.gguf_texts import MANY_TEXTS, leap
from extract.weights.names import name_problem
from extract.weights.tensors import MAX_ELEMENTS, MAX_TENSORS, StoredTensor
from modelkin.printable import one_line

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
MAX_ENTRIES: Final = 4096
MAX_KEY_BYTES: Final = 512
MAX_GGUF_DIMENSIONS: Final = 4
KEPT_ITEMS: Final = 16
"""A list with more items is passed over: what is needed here are single values."""

DEFAULT_ALIGNMENT: Final = 32
MAX_ALIGNMENT: Final = 1 << 20

_FORMATS: Final = {
    GGUFValueType.UINT8: "<B", GGUFValueType.INT8: "<b", GGUFValueType.UINT16: "<H", GGUFValueType.INT16: "<h",
    GGUFValueType.UINT32: "<I", GGUFValueType.INT32: "<i", GGUFValueType.FLOAT32: "<f", GGUFValueType.BOOL: "<?",
    GGUFValueType.UINT64: "<Q", GGUFValueType.INT64: "<q", GGUFValueType.FLOAT64: "<d",
}  # fmt: skip


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself."""

    metadata: dict[str, Any]
    """Texts and numbers by key, and short lists of numbers."""
    tensors: tuple[StoredTensor, ...]
    """In the order of their places; the shapes in the order of transformers."""
    missing_bytes: int
    fits_exactly: bool
    """Whether the tensors end where the file does."""

    @property
    def architecture(self) -> str:
        """The architecture by GGUF's own name, such as ``llama``; empty where it is not said."""
        return one_line(str(self.metadata.get("general.architecture", "")))[:64]

    def count(self, key: str) -> int | None:
        """Return a whole number of the architecture, such as ``attention.head_count``; None where there is none."""
        value = self.metadata.get(f"{self.architecture}.{key}")
        return value if type(value) is int and value > 0 else None


def read_header(read: Callable[[int, int], bytes], file_bytes: int) -> GgufHeader:
    """Read a header by ``read``, which returns the bytes from its first argument to before its second.

    Long lists of words are leapt over. Where what follows does not fit then, the header is read again, word by
    word. Raises WeightsFailed for a header that cannot be or contradicts itself, and what ``read`` raises.
    """
    cursor = _Leaping(read, file_bytes)
    try:
        header = _read(cursor, file_bytes)
    except WeightsFailed:
        if not cursor.has_leapt:
            raise
    else:
        if not cursor.has_leapt or header.fits_exactly:
            return header
    return _read(Cursor(read, file_bytes), file_bytes)


class _Leaping(Cursor):
    """A cursor that leaps over long lists of texts."""

    has_leapt = False


def _read(cursor: Cursor, file_bytes: int) -> GgufHeader:
    if cursor.take(4) != MAGIC:
        raise WeightsFailed("bad_header", "the file does not begin as a GGUF file does")
    version = cursor.number("<I")
    if version not in VERSIONS:
        raise WeightsFailed("unsupported_format", f"version {version} of GGUF")
    n_tensors, n_entries = cursor.number("<Q"), cursor.number("<Q")
    if n_tensors > MAX_TENSORS or n_entries > MAX_ENTRIES:
        raise WeightsFailed("too_large", f"the header lists {n_tensors:,} tensors and {n_entries:,} entries")
    metadata: dict[str, Any] = {}
    for _ in range(n_entries):
        key = cursor.text(MAX_KEY_BYTES)
        if key in metadata:
            raise WeightsFailed("bad_header", f"the header names {key} twice")
        metadata[key] = _value(cursor)
    described = [_described(cursor) for _ in range(n_tensors)]
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if type(alignment) is not int or not 0 < alignment <= MAX_ALIGNMENT:
        raise WeightsFailed("bad_header", f"the alignment is {alignment!r}")
    data_start = -(-cursor.position // alignment) * alignment
    tensors = sorted(
        (_placed(*one, data_start=data_start, alignment=alignment) for one in described),
        key=lambda tensor: (tensor.start, tensor.n_bytes),
    )
    if len({tensor.name for tensor in tensors}) < len(tensors):
        raise WeightsFailed("bad_header", "the header names a tensor twice")
    for before, after in pairwise(tensors):
        if before.start + before.n_bytes > after.start:
            raise WeightsFailed("bad_header", f"{after.name} begins inside {before.name}")
    end = max((tensor.start + tensor.n_bytes for tensor in tensors), default=data_start)
    return GgufHeader(metadata, tuple(tensors), max(0, end - file_bytes), 0 <= file_bytes - end < 2 * alignment)


def _value(cursor: Cursor) -> Any:  # noqa: ANN401
    kind = _kind(cursor.number("<I"))
    if kind == GGUFValueType.STRING:
        return cursor.text(MAX_TEXT_BYTES)
    if kind != GGUFValueType.ARRAY:
        return cursor.number(_FORMATS[kind])
    item, n_items = _kind(cursor.number("<I")), cursor.number("<Q")
    if item == GGUFValueType.ARRAY:
        raise WeightsFailed("bad_header", "the header holds a list of lists")
    if n_items > MAX_HEADER_BYTES:
        raise WeightsFailed("bad_header", f"a list of the header is said to have {n_items:,} items")
    if item == GGUFValueType.STRING:
        _skip_texts(cursor, n_items)
        return None
    if n_items > KEPT_ITEMS:
        cursor.skip(n_items * struct.calcsize(_FORMATS[item]))
        return None
    return [cursor.number(_FORMATS[item]) for _ in range(n_items)]


def _skip_texts(cursor: Cursor, n_texts: int) -> None:
    if isinstance(cursor, _Leaping) and n_texts >= MANY_TEXTS:
        cursor.has_leapt = True
        leap(cursor, n_texts)
        return
    for _ in range(n_texts):
        cursor.skip_text()


def _kind(number: int) -> GGUFValueType:
    try:
        return GGUFValueType(number)
    except ValueError:
        raise WeightsFailed("bad_header", f"the header holds a value of the unknown type {number}") from None


def _described(cursor: Cursor) -> tuple[str, tuple[int, ...], int, int]:
    """Return name, shape in the order of transformers, type and offset of a tensor."""
    name = cursor.text(MAX_KEY_BYTES)
    if (problem := name_problem(name)) is not None:
        raise WeightsFailed("bad_header", problem)
    n_dimensions = cursor.number("<I")
    if n_dimensions > MAX_GGUF_DIMENSIONS:
        raise WeightsFailed("bad_header", f"{name} is said to have {n_dimensions:,} dimensions")
    shape = tuple(cursor.number("<Q") for _ in range(n_dimensions))[::-1]
    if any(side > MAX_ELEMENTS for side in shape) or prod(shape) > MAX_ELEMENTS:
        raise WeightsFailed("bad_header", f"{name} has a shape that cannot be")
    return name, shape, cursor.number("<I"), cursor.number("<Q")


def _placed(
    name: str, shape: tuple[int, ...], number: int, offset: int, *, data_start: int, alignment: int
) -> StoredTensor:
    if offset > MAX_ELEMENTS or offset % alignment:
        raise WeightsFailed("bad_header", f"{name} has a place that cannot be")
    try:
        kind = GGMLQuantizationType(number)
        block, block_bytes = GGML_QUANT_SIZES[kind]
    except (ValueError, KeyError):
        # Its size is not known, so only its beginning is checked.
        return StoredTensor(name, f"type {number}", shape, data_start + offset, 0)
    row_length = shape[-1] if shape else 1
    if row_length % block:
        raise WeightsFailed("bad_header", f"{name} has rows of {row_length:,} values, which {kind.name} cannot hold")
    n_bytes = prod(shape) // block * block_bytes
    start = data_start + offset
    return StoredTensor(name, kind.name, shape, start, n_bytes)
