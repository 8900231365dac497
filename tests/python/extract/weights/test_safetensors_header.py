"""Headers of safetensors files: those that the format's own library writes, and those that lie."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from extract.weights.failures import WeightsFailed
from extract.weights.safetensors_header import MAX_HEADER_BYTES, header_length, parse_header


def test_what_the_library_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    tensors = {"a.weight": np.ones((3, 5), np.float32), "b": np.ones((), np.float16), "c": np.ones((0, 4), np.int8)}
    save_file(tensors, path, metadata={"format": "pt"})
    content = path.read_bytes()
    length = header_length(content[:8], len(content))
    header = parse_header(content[8 : 8 + length], len(content))
    assert header.missing_bytes == 0
    assert {one.name: (one.dtype, one.shape, one.n_bytes) for one in header.tensors} == {
        "a.weight": ("F32", (3, 5), 60),
        "b": ("F16", (), 2),
        "c": ("I8", (0, 4), 0),
    }
    [matrix] = [one for one in header.tensors if one.name == "a.weight"]
    assert content[matrix.start : matrix.start + matrix.n_bytes] == tensors["a.weight"].tobytes()


def entry(dtype: Any = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


DEEP = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
HOSTILE = {
    "no JSON": (b"{", "cannot be read"),
    "a list": ([], "no JSON object"),
    "not UTF-8": (b'{"\xff\xfe": 1}', "cannot be read"),
    "nested deeply": (DEEP.encode(), "nested too deeply"),
    "a number of many digits": (b'{"a": ' + b"9" * 10_000 + b"}", "cannot be read"),
    "a name twice": (b'{"a": {}, "a": {}}', "twice"),
    "a key of a tensor twice": (b'{"a": {"dtype": "F32", "dtype": "F64"}}', "twice"),
    "a surrogate in a name": (b'{"a\\ud800": {}}', "cannot be shown"),
    "a NUL in a name": (b'{"a\\u0000": {}}', "cannot be shown"),
    "no description": ({"a": 7}, "no description"),
    "no type": ({"a": entry(dtype=None)}, "no type"),
    "a type with a newline": ({"a": entry(dtype="F\n32")}, "no type"),
    "a negative side": ({"a": entry(shape=[-2])}, "shape that cannot be"),
    "a side that is true": ({"a": entry(shape=[True, 2])}, "shape that cannot be"),
    "a side that is a fraction": ({"a": entry(shape=[2.0])}, "shape that cannot be"),
    "a product beyond 64 bits": ({"a": entry(shape=[1 << 40, 1 << 40])}, "shape that cannot be"),
    "too many dimensions": ({"a": entry(shape=[1] * 9)}, "shape that cannot be"),
    "an end before the start": ({"a": entry(offsets=[8, 0])}, "place that cannot be"),
    "three offsets": ({"a": entry(offsets=[0, 4, 8])}, "place that cannot be"),
    "an offset beyond 64 bits": ({"a": entry(offsets=[1 << 70, (1 << 70) + 8])}, "place that cannot be"),
    "a size that is not the shape's": ({"a": entry(offsets=[0, 12])}, "which is not what its shape takes"),
    "tensors that overlap": ({"a": entry(), "b": entry(offsets=[4, 12])}, "begins inside"),
    "one inside another": ({"a": entry(shape=[8], offsets=[0, 32]), "b": entry(offsets=[8, 16])}, "begins inside"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "part"), HOSTILE.values(), ids=HOSTILE)
def test_a_header_that_lies_is_refused(header: Any, part: str) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with pytest.raises(WeightsFailed, match=part) as caught:
        parse_header(text, 10_000)
    assert caught.value.reason == "bad_header"
    assert caught.value.detail.isprintable()


def test_a_file_that_is_too_short_is_told_from_one_that_lies() -> None:
    text = json.dumps({"a": entry(), "b": entry(offsets=[8, 16])}).encode()
    assert parse_header(text, 8 + len(text) + 11).missing_bytes == 5


@pytest.mark.parametrize(
    ("first", "file_bytes", "reason"),
    [
        (b"", 0, "bad_header"),
        (b"\x01", 1, "bad_header"),
        ((100).to_bytes(8, "little"), 50, "bad_header"),
        ((MAX_HEADER_BYTES + 1).to_bytes(8, "little"), 1 << 40, "too_large"),
        (b"\xff" * 8, 1 << 62, "too_large"),
    ],
)
def test_a_length_that_cannot_be_is_refused(first: bytes, file_bytes: int, reason: str) -> None:
    with pytest.raises(WeightsFailed) as caught:
        header_length(first, file_bytes)
    assert caught.value.reason == reason
