"""Headers of GGUF files: those that the format's own library writes, and those that lie."""

import struct
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest

from extract.weights.failures import WeightsFailed
from extract.weights.gguf_header import GgufHeader, read_header
from extract.weights.gguf_texts import MANY_TEXTS

WORDS = [f"w{number:x}" * (1 + number % 3) for number in range(2 * MANY_TEXTS)]


def written(path: Path, words: list[str], more: Callable[[gguf.GGUFWriter], None] = lambda _: None) -> bytes:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_head_count(2)
    writer.add_token_list(words)
    writer.add_token_scores([0.5] * len(words))
    writer.add_token_merges([f"{word} {word}" for word in words])
    more(writer)
    writer.add_tensor("output_norm.weight", np.arange(8, dtype=np.float32))
    writer.add_tensor("blk.0.attn_q.weight", np.ones((4, 64), np.float16))
    quantized = gguf.quants.quantize(np.ones((3, 64), np.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("blk.0.ffn_up.weight", quantized, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def header_of(content: bytes) -> tuple[GgufHeader, int]:
    """Return the header and how many bytes were read for it."""
    n_read = 0

    def read(start: int, stop: int) -> bytes:
        nonlocal n_read
        n_read += stop - start
        return content[start:stop]

    return read_header(read, len(content)), n_read


def test_what_the_library_writes_is_read(tmp_path: Path) -> None:
    content = written(tmp_path / "a.gguf", WORDS[:100])
    header, _ = header_of(content)
    assert header.architecture == "llama"
    assert header.count("attention.head_count") == 2
    assert header.fits_exactly
    assert {one.name: (one.dtype, one.shape) for one in header.tensors} == {
        "output_norm.weight": ("F32", (8,)),
        "blk.0.attn_q.weight": ("F16", (4, 64)),
        "blk.0.ffn_up.weight": ("Q8_0", (3, 64)),
    }
    [norm] = [one for one in header.tensors if one.name == "output_norm.weight"]
    assert np.frombuffer(content[norm.start : norm.start + norm.n_bytes], "<f4").tolist() == list(range(8))


@pytest.mark.parametrize(
    "more",
    [
        lambda _: None,
        lambda writer: writer.add_pad_token_id(0),
        lambda writer: writer.add_add_bos_token(value=False),
        lambda writer: writer.add_chat_template("{{ x }}"),
        lambda writer: writer.add_token_type_count(4),
    ],
    ids=["tensors", "a zero", "a truth", "a text", "a number"],
)
def test_long_lists_are_leapt_over_whatever_follows(
    more: Callable[[gguf.GGUFWriter], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = written(tmp_path / "a.gguf", WORDS, more)
    leapt, n_read = header_of(content)
    monkeypatch.setattr("extract.weights.gguf_header.MANY_TEXTS", 1 << 60)
    plain, n_read_plainly = header_of(content)
    assert leapt == plain
    assert n_read < n_read_plainly


def test_a_leap_that_goes_astray_is_made_good(tmp_path: Path) -> None:
    """Long words first and short ones then: the list ends where the estimate expects its middle."""
    words = ["x" * 400] * 200 + ["y"] * MANY_TEXTS
    header, _ = header_of(written(tmp_path / "a.gguf", words))
    assert len(header.tensors) == 3
    assert header.fits_exactly


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def head(n_tensors: int = 0, n_entries: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, n_tensors, n_entries)


def tensor(name: bytes = b"a", shape: tuple[int, ...] = (32,), kind: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape) + struct.pack("<IQ", kind, offset)


def entry(value: bytes, key: bytes = b"a") -> bytes:
    """One entry of the metadata, and more bytes than it needs."""
    return head(n_entries=1) + text(key) + value + bytes(100)


HOSTILE = {
    "another file": (b"PK\3\4" + bytes(100), "bad_header"),
    "nothing": (b"", "bad_header"),
    "big-endian": (head(version=3 << 24) + bytes(100), "unsupported_format"),
    "too many tensors": (head(n_tensors=1 << 40) + bytes(100), "too_large"),
    "too many entries": (head(n_entries=1 << 40) + bytes(100), "too_large"),
    "cut off in the entries": (head(n_entries=3) + text(b"a"), "bad_header"),
    "a key of 2^60 bytes": (head(n_entries=1) + struct.pack("<Q", 1 << 60) + bytes(100), "bad_header"),
    "a text of 2^60 bytes": (entry(struct.pack("<IQ", 8, 1 << 60)), "bad_header"),
    "an unknown type": (entry(struct.pack("<I", 99)), "bad_header"),
    "a key twice": (head(n_entries=2) + 2 * (text(b"a") + struct.pack("<IB", 0, 1)) + bytes(100), "bad_header"),
    "a list of lists": (entry(struct.pack("<IIQ", 9, 9, 1)), "bad_header"),
    "a list of 2^60 numbers": (entry(struct.pack("<IIQ", 9, 4, 1 << 60)), "bad_header"),
    "a list longer than the file": (entry(struct.pack("<IIQ", 9, 4, 999)), "bad_header"),
    "texts that are none": (entry(struct.pack("<IIQ", 9, 8, 1 << 20) + b"\xff" * 999), "bad_header"),
    "an alignment of 0": (entry(struct.pack("<II", 4, 0), b"general.alignment"), "bad_header"),
    "an alignment that is a text": (entry(struct.pack("<I", 8) + text(b"x"), b"general.alignment"), "bad_header"),
    "nine dimensions": (head(1) + tensor(shape=(1,) * 9) + bytes(100), "bad_header"),
    "a product beyond 64 bits": (head(1) + tensor(shape=(1 << 33, 1 << 33)) + bytes(100), "bad_header"),
    "a side of 2^63": (head(1) + tensor(shape=(1 << 63,)) + bytes(100), "bad_header"),
    "an offset off the alignment": (head(1) + tensor(offset=5) + bytes(300), "bad_header"),
    "an offset of 2^63": (head(1) + tensor(offset=1 << 63) + bytes(300), "bad_header"),
    "rows that the type cannot hold": (head(1) + tensor(shape=(33,), kind=8) + bytes(300), "bad_header"),
    "tensors that overlap": (head(2) + tensor(shape=(64,)) + tensor(b"b", offset=128) + bytes(999), "bad_header"),
    "a name twice": (head(2) + tensor() + tensor(offset=128) + bytes(999), "bad_header"),
    "a NUL in a name": (head(1) + tensor(b"a\0b") + bytes(999), "bad_header"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_header_that_lies_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(WeightsFailed) as caught:
        header_of(content)
    assert caught.value.reason == reason
    assert caught.value.detail.isprintable()


def test_a_file_that_is_too_short_is_told_from_one_that_lies(tmp_path: Path) -> None:
    content = written(tmp_path / "a.gguf", WORDS[:10])
    header, _ = header_of(content[:-50])
    assert header.missing_bytes > 0


def test_a_type_that_nobody_knows_spoils_only_its_tensor() -> None:
    header, _ = header_of(head(2) + tensor(kind=777) + tensor(b"b", offset=128) + bytes(999))
    assert [one.dtype for one in header.tensors] == ["type 777", "F32"]
