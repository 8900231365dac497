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

from extract.weights.failures import WeightsFailed, printable
from extract.weights.names import name_problem
from extract.weights.tensors import MAX_ELEMENTS, MAX_TENSORS, StoredTensor

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
MAX_HEADER_BYTES: Final = 64 << 20
"""Most of a header are the words of the tokenizer; the largest that are known have 16 MB."""

CHUNK_BYTES: Final = 256 << 10
"""How much is asked for at a time; a list of numbers is passed over without being read."""

MAX_ENTRIES: Final = 4096
MAX_KEY_BYTES: Final = 512
MAX_TEXT_BYTES: Final = 1 << 20
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

    @property
    def architecture(self) -> str:
        """The architecture by GGUF's own name, such as ``llama``; empty where it is not said."""
        return printable(str(self.metadata.get("general.architecture", "")))[:64]

    def count(self, key: str) -> int | None:
        """Return a whole number of the architecture, such as ``attention.head_count``; None where there is none."""
        value = self.metadata.get(f"{self.architecture}.{key}")
        return value if type(value) is int and value > 0 else None


class _Cursor:
    """Reads forward through a file of which only the parts that are needed are fetched."""

    def __init__(self, read: Callable[[int, int], bytes], file_bytes: int) -> None:
        self._read = read
        self._file_bytes = file_bytes
        self._window = b""
        self._window_start = 0
        self.position = 0

    def take(self, n_bytes: int) -> bytes:
        start = self.position - self._window_start
        if start < 0 or start + n_bytes > len(self._window):
            self._fetch(n_bytes)
            start = 0
        self.position += n_bytes
        return self._window[start : start + n_bytes]

    def _fetch(self, n_bytes: int) -> None:
        stop = self.position + n_bytes
        if stop > min(self._file_bytes, MAX_HEADER_BYTES):
            reason = "bad_header" if stop > self._file_bytes else "too_large"
            raise WeightsFailed(reason, f"the header goes on beyond {stop - n_bytes:,} bytes")
        wanted = min(self._file_bytes, self.position + max(n_bytes, CHUNK_BYTES))
        # What of the window is still ahead is kept; a list that was passed over is never fetched.
        ahead = self._window[self.position - self._window_start :] if self.position >= self._window_start else b""
        self._window = ahead + self._read(self.position + len(ahead), wanted)
        self._window_start = self.position
        if len(self._window) < n_bytes:
            raise WeightsFailed("truncated", "the file ends inside its header")

    def skip(self, n_bytes: int) -> None:
        self.position += n_bytes
        if self.position > self._file_bytes:
            raise WeightsFailed("bad_header", "the header names a list that is longer than the file")

    def number(self, kind: str) -> Any:  # noqa: ANN401
        (value,) = struct.unpack(kind, self.take(struct.calcsize(kind)))
        return value

    def text(self, max_bytes: int) -> str:
        length = self.number("<Q")
        if length > max_bytes:
            raise WeightsFailed("bad_header", f"a text of the header is said to have {length:,} bytes")
        return self.take(length).decode("utf-8", "replace")

    def skip_text(self) -> None:
        length = self.number("<Q")
        if length > MAX_TEXT_BYTES:
            raise WeightsFailed("bad_header", f"a text of the header is said to have {length:,} bytes")
        self.skip(length)


def read_header(read: Callable[[int, int], bytes], file_bytes: int) -> GgufHeader:
    """Read a header by ``read``, which returns the bytes from its first argument to before its second.

    Raises WeightsFailed for a header that cannot be or contradicts itself, and what ``read`` raises.
    """
    cursor = _Cursor(read, file_bytes)
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
    return GgufHeader(metadata, tuple(tensors), max(0, end - file_bytes))


def _value(cursor: _Cursor) -> Any:  # noqa: ANN401
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
        for _ in range(n_items):
            cursor.skip_text()
        return None
    if n_items > KEPT_ITEMS:
        cursor.skip(n_items * struct.calcsize(_FORMATS[item]))
        return None
    return [cursor.number(_FORMATS[item]) for _ in range(n_items)]


def _kind(number: int) -> GGUFValueType:
    try:
        return GGUFValueType(number)
    except ValueError:
        raise WeightsFailed("bad_header", f"the header holds a value of the unknown type {number}") from None


def _described(cursor: _Cursor) -> tuple[str, tuple[int, ...], int, int]:
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
