"""Blocks of every type that is read, against the values that the file was made of."""

import gguf
import numpy as np
import pytest

from extract.weights.decoding import (
    GGUF_TYPES,
    Gguf,
    Plain,
    Scaled,
    Scheme,
    Values,
    canonical,
    digest,
    numbers,
    scheme_of,
)
from extract.weights.gguf_names import row_in_file
from extract.weights.places import Place
from extract.weights.tensors import StoredTensor

RNG = np.random.default_rng(7)
MATRIX = RNG.normal(0, 0.05, (24, 512)).astype(np.float32)
PLACES = (Place(0, 0, 1, 512), Place(3, 256, 1, 256), Place(8, 0, 16, 64), Place(23, 256, 1, 256))


def block(content: bytes, scheme: Scheme, place: Place) -> Values:
    return scheme.values(place, [content[start:stop] for start, stop in scheme.pieces(place)])


def expected(values: Values, place: Place) -> Values:
    return values[place.row : place.row + place.n_rows, place.column : place.column + place.n_columns]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("dtype", ["F64", "F32", "F16", "BF16"])
def test_numbers_as_they_are(dtype: str, place: Place) -> None:
    stored = {
        "F64": MATRIX.astype("<f8"),
        "F32": MATRIX,
        "F16": MATRIX.astype("<f2"),
        "BF16": (MATRIX.view(np.uint32) >> 16).astype("<u2"),
    }[dtype]
    known = (MATRIX.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32) if dtype == "BF16" else stored
    tensor = StoredTensor("a", dtype, MATRIX.shape, 5, stored.nbytes)
    found = block(b"....." + stored.tobytes(), Plain(tensor), place)
    assert np.array_equal(found, expected(np.asarray(known, np.float32), place))


KNOWN_BYTES = {
    "F8_E4M3": {0x00: 0.0, 0x01: 2.0**-9, 0x08: 2.0**-6, 0x38: 1.0, 0x7E: 448.0, 0xB8: -1.0, 0xFE: -448.0},
    "F8_E5M2": {0x00: 0.0, 0x01: 2.0**-16, 0x3C: 1.0, 0x7B: 57344.0, 0xBC: -1.0, 0x7C: np.inf, 0xFC: -np.inf},
}
"""The examples that the specification of the 8-bit formats gives."""


@pytest.mark.parametrize("dtype", KNOWN_BYTES)
def test_small_floats_are_those_of_the_specification(dtype: str) -> None:
    codes = KNOWN_BYTES[dtype]
    assert numbers(bytes(codes), dtype).tolist() == list(codes.values())
    assert np.isnan(numbers(b"\x7f\xff", dtype)).all()


def scaled(codes: np.ndarray, scales: Values, dtype: str, name: str) -> tuple[bytes, Scheme | None]:
    """Return a file with both, and how it is read."""
    tensor = StoredTensor("x.weight", dtype, codes.shape, 0, codes.nbytes)
    shape = scales.shape
    other = StoredTensor(f"x.{name}", "F32", shape, codes.nbytes, scales.nbytes)
    return codes.tobytes() + scales.tobytes(), scheme_of(tensor, {tensor.name: tensor, other.name: other})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("dtype", "name", "shape"),
    [
        ("I8", "SCB", (24,)),
        ("I8", "weight_scale", (24, 1)),
        ("F8_E4M3", "weight_scale", ()),
        ("F8_E4M3", "weight_scale", (1,)),
        ("F8_E5M2", "weight_scale", (24, 1)),
        ("F8_E4M3", "weight_scale_inv", (1, 4)),
        ("I8", "weight_scale", (24, 4)),
    ],
)
def test_numbers_with_scales(dtype: str, name: str, shape: tuple[int, ...], place: Place) -> None:
    codes = RNG.integers(-120, 120, MATRIX.shape).astype(np.int8)
    if dtype != "I8":
        codes = np.where((codes.view(np.uint8) & 0x7C) == 0x7C, 0, codes).astype(np.int8)
    scales = RNG.uniform(0.01, 0.02, shape).astype(np.float32)
    content, scheme = scaled(codes, scales, dtype, name)
    assert isinstance(scheme, Scaled)
    assert scheme.is_dequantized
    each = np.repeat(scales, 128, axis=1) if 4 in shape else scales.reshape(-1, 1) if scales.size > 1 else scales
    whole = numbers(codes.tobytes(), dtype).reshape(MATRIX.shape) * each / (127 if name == "SCB" else 1)
    assert np.allclose(block(content, scheme, place), expected(whole, place), rtol=1e-6)


@pytest.mark.parametrize("shape", [(23,), (24, 3), (5, 4), (2, 512), (24, 4, 1), (0,)])
def test_scales_that_do_not_fit_make_no_values(shape: tuple[int, ...]) -> None:
    codes = np.zeros(MATRIX.shape, np.int8)
    assert scaled(codes, np.ones(shape, np.float32), "I8", "weight_scale")[1] is None


def test_packed_numbers_make_no_values() -> None:
    for dtype in ("U8", "I32", "I8", "BOOL", "F4", "X9"):
        tensor = StoredTensor("x.weight", dtype, (4, 4), 0, 64)
        assert scheme_of(tensor, {tensor.name: tensor}) is None


QUANTIZED = sorted(GGUF_TYPES - {"F64", "F32", "F16", "BF16"})


@pytest.mark.parametrize("kind", QUANTIZED)
def test_blocks_of_gguf_are_those_of_the_whole_matrix(kind: str) -> None:
    """The bytes are random: what they mean is the library's to say, where they lie is ours."""
    quantization = gguf.GGMLQuantizationType[kind]
    size, block_bytes = gguf.GGML_QUANT_SIZES[quantization]
    stored = RNG.integers(0, 256, (24, 512 // size * block_bytes)).astype(np.uint8)
    with np.errstate(all="ignore"):
        whole = np.asarray(gguf.quants.dequantize(stored, quantization), np.float32)
        tensor = StoredTensor("a", kind, (24, 512), 3, stored.nbytes)
        for place in PLACES:
            found = block(b"..." + stored.tobytes(), Gguf(tensor), place)
            assert np.array_equal(found, expected(whole, place), equal_nan=True)


def test_rows_of_queries_are_put_back_and_ones_taken_off() -> None:
    """As llama.cpp's conversion orders them: of each head, pairs of rows that are rotated together."""
    n_heads, half = 3, 4
    ours = MATRIX
    theirs = ours.reshape(n_heads, 2, half, 512).swapaxes(1, 2).reshape(24, 512)
    tensor = StoredTensor("a", "F32", (24, 512), 0, theirs.nbytes)
    for place in PLACES:
        found = block(theirs.tobytes(), Gguf(tensor, row_in_file(2 * half)), place)
        assert np.array_equal(found, expected(ours, place))
    added = Gguf(tensor, is_one_added=True)
    assert added.is_dequantized
    assert np.allclose(block((ours + 1).tobytes(), added, PLACES[0]), expected(ours, PLACES[0]), atol=1e-6)


def test_equal_values_have_one_digest_whatever_they_are_stored_as() -> None:
    values = np.array([0.5, -2.0, 0.0, np.nan], np.float32)
    other = np.array([0.5, -2.0, -0.0, np.frombuffer(b"\1\0\xc0\x7f", "<f4")[0]], np.float32)
    halved = numbers(values.astype("<f2").tobytes(), "F16")
    assert digest(canonical(values)) == digest(canonical(other)) == digest(canonical(halved))
    assert digest(canonical(values)) != digest(canonical(values[::-1]))
