"""Measure what a sketch reads of models of 0.1 to 70 B parameters, against reading their whole files.

Run as ``python -m bench.weights``. The headers are those of real shapes; the files are sparse, so that they
take no room, and are served on loopback by the miniature Hub's server, which holds every answer back for as
long as a real one takes. Prints a table, and appends it as JSON lines to build/bench/weights.jsonl.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any, Final

import duckdb
import gguf
import httpx2
import numpy as np
import pyarrow as pa

import minihub
from extract.overlap.hub_files import HubFiles
from extract.weights.reading import ModelWeights, sketch_model
from minihub.repositories import BLOBS_FOLDER, Build, HubFile, HubRepo
from modelkin.raw_schemas import WEIGHT_SKETCHES
from modelkin.warehouse import STORAGE_VERSION

RESULTS: Final = Path("build/bench/weights.jsonl")
SHARD_BYTES: Final = 5_000_000_000
LATENCY_SECONDS: Final = 0.05
THREADS: Final = 8
WHOLE_BYTES: Final = 500_000_000
"""How much of a file is read to know how fast whole files are."""

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Architecture:
    """What decides the tensors of a Llama-like model."""

    name: str
    width: int
    n_layers: int
    inner: int
    key_value: int
    vocabulary: int
    is_tied: bool = False
    has_biases: bool = False

    def shapes(self) -> Shapes:
        """Return the tensors, as transformers writes them."""
        found: Shapes = {"model.embed_tokens.weight": (self.vocabulary, self.width), "model.norm.weight": (self.width,)}
        if not self.is_tied:
            found["lm_head.weight"] = (self.vocabulary, self.width)
        for number in range(self.n_layers):
            layer = f"model.layers.{number}"
            for norm in ("input_layernorm", "post_attention_layernorm"):
                found[f"{layer}.{norm}.weight"] = (self.width,)
            for part, rows in (("q", self.width), ("k", self.key_value), ("v", self.key_value), ("o", self.width)):
                found[f"{layer}.self_attn.{part}_proj.weight"] = (rows, self.width)
                if self.has_biases and part != "o":
                    found[f"{layer}.self_attn.{part}_proj.bias"] = (rows,)
            for part in ("gate", "up"):
                found[f"{layer}.mlp.{part}_proj.weight"] = (self.inner, self.width)
            found[f"{layer}.mlp.down_proj.weight"] = (self.width, self.inner)
        return dict(sorted(found.items()))


ARCHITECTURES: Final = (
    Architecture("0.1B", 576, 30, 1536, 192, 49_152, is_tied=True),
    Architecture("0.5B", 896, 24, 4864, 128, 151_936, is_tied=True, has_biases=True),
    Architecture("1.5B", 1536, 28, 8960, 256, 151_936, is_tied=True, has_biases=True),
    Architecture("8B", 4096, 32, 14_336, 1024, 128_256),
    Architecture("32B", 5120, 64, 27_648, 1024, 152_064, has_biases=True),
    Architecture("70B", 8192, 80, 28_672, 1024, 128_256),
)
GGUF_ARCHITECTURE: Final = Architecture("8B GGUF Q4_K", 4096, 32, 14_336, 1024, 128_256)
GGUF_MERGES: Final = 280_147
"""As many as Llama 3 has: of a GGUF file's header, most are the words and merges of the tokenizer."""


@dataclass(frozen=True)
class Measurement:
    """One model."""

    model: str
    file_bytes: int
    n_files: int
    bytes_read: int
    n_requests: int
    n_tensors: int
    seconds: float
    seconds_with_latency: float
    whole_seconds: float
    stored_bytes: int

    @property
    def ratio(self) -> float:
        """How many times more the whole files hold than was read."""
        return self.file_bytes / self.bytes_read


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every model and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=None, help="names to measure, such as 0.5B; default: all")
    names = parser.parse_args(arguments).models
    with tempfile.TemporaryDirectory(prefix="modelkin-bench-") as folder:
        chosen = [one for one in ARCHITECTURES if names is None or one.name in names]
        repos = [_safetensors_repo(Path(folder), one) for one in chosen]
        if names is None or GGUF_ARCHITECTURE.name in names:
            repos.append(_gguf_repo(Path(folder), GGUF_ARCHITECTURE))
        build = Build(Path(folder), tuple(repos))
        found = [_measured(build, repo, Path(folder)) for repo in repos]
    print(
        f"{'model':>13} {'files':>12} {'read':>9} {'ratio':>8} {'parts':>6} {'s':>6} {'s, 50 ms':>9} {'whole s':>9} {'stored':>9}"
    )
    for one in found:
        print(
            f"{one.model:>13} {one.file_bytes / 1e9:>9.2f} GB {one.bytes_read / 1e6:>6.2f} MB {one.ratio:>8,.0f} "
            f"{one.n_requests:>6} {one.seconds:>6.2f} {one.seconds_with_latency:>9.2f} {one.whole_seconds:>9,.1f} "
            f"{one.stored_bytes / 1e6:>6.2f} MB"
        )
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(one)) + "\n" for one in found)


def _measured(build: Build, repo: HubRepo, folder: Path) -> Measurement:
    with minihub.serving(build) as hub:
        plain, seconds = _sketched(hub.endpoint, repo, folder)
        whole = _seconds_per_byte(hub.endpoint, repo)
    with minihub.serving(build, faults=minihub.Faults(latency_seconds=LATENCY_SECONDS)) as hub:
        _, slow = _sketched(hub.endpoint, repo, folder)
    file_bytes = sum(file.size for file in repo.files if file.sha256_is_etag)
    return Measurement(
        repo.repo_id.partition("/")[2].replace("_", " "),
        file_bytes,
        len(plain.files),
        plain.bytes_read,
        sum(json.loads(row["header"])["requests"] for row in plain.files),
        plain.n_tensors,
        round(seconds, 2),
        round(slow, 2),
        round(whole * file_bytes, 1),
        _stored_bytes(plain, folder),
    )


def _sketched(endpoint: str, repo: HubRepo, folder: Path) -> tuple[ModelWeights, float]:
    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        read = sketch_model(HubFiles(endpoint, folder), pool, repo.repo_id, repo.sha)
    assert not read.failures, read.files
    return read, time.monotonic() - started


def _seconds_per_byte(endpoint: str, repo: HubRepo) -> float:
    """Read the beginning of the first large file as a download does."""
    file = next(file for file in repo.files if file.sha256_is_etag)
    n_bytes = 0
    started = time.monotonic()
    with httpx2.stream("GET", f"{endpoint}/{repo.repo_id}/resolve/{repo.sha}/{file.path}") as response:
        for chunk in response.iter_raw(1 << 20):
            n_bytes += len(chunk)
            if n_bytes > WHOLE_BYTES:
                break
    return (time.monotonic() - started) / n_bytes


def _stored_bytes(read: ModelWeights, folder: Path) -> int:
    """Return what the sketch takes in a warehouse, its values being as random as those of trained weights."""
    assert read.sketches is not None
    rng = np.random.default_rng(0)
    lists = read.sketches["sketch"].combine_chunks()
    values = rng.normal(0, 0.02, len(lists.values)).astype(np.float32)
    halved = (values.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    table = read.sketches.set_column(
        read.sketches.schema.get_field_index("sketch"), "sketch", pa.ListArray.from_arrays(lists.offsets, halved)
    ).append_column("run_id", pa.array(["run"] * len(lists)))
    copies = 10
    path = folder / "stored.duckdb"
    with duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION}) as connection:
        relation = connection.from_arrow(pa.concat_tables([table.select(WEIGHT_SKETCHES.names)] * copies))
        relation.create("weight_sketches")
    size = path.stat().st_size
    path.unlink()
    return size // copies


def _safetensors_repo(folder: Path, architecture: Architecture) -> HubRepo:
    shards = list(_shards(architecture.shapes()))
    files = []
    index: dict[str, str] = {}
    for number, shapes in enumerate(shards, start=1):
        is_one = len(shards) == 1
        name = "model.safetensors" if is_one else f"model-{number:05}-of-{len(shards):05}.safetensors"
        index |= dict.fromkeys(shapes, name)
        header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        offset = 0
        for tensor, shape in shapes.items():
            size = prod(shape) * 2
            header[tensor] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + size]}
            offset += size
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        files.append(
            _sparse(folder, architecture, name, len(text).to_bytes(8, "little") + text, 8 + len(text) + offset)
        )
    if len(shards) > 1:
        text = json.dumps({"metadata": {}, "weight_map": index}, indent=2).encode()
        files.append(_sparse(folder, architecture, "model.safetensors.index.json", text, len(text), is_large=False))
    return _repo(architecture, files)


def _shards(shapes: Shapes) -> Iterator[Shapes]:
    shard: Shapes = {}
    n_bytes = 0
    for name, shape in shapes.items():
        size = prod(shape) * 2
        if shard and n_bytes + size > SHARD_BYTES:
            yield shard
            shard, n_bytes = {}, 0
        shard[name] = shape
        n_bytes += size
    yield shard


def _gguf_repo(folder: Path, architecture: Architecture) -> HubRepo:
    path = folder / "written.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(architecture.n_layers)
    writer.add_head_count(32)
    writer.add_head_count_kv(8)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
    rng = np.random.default_rng(0)
    words = [f"{number:x}"[: int(rng.integers(2, 9))].rjust(6, "t") for number in range(architecture.vocabulary)]
    writer.add_token_list(words)
    writer.add_token_types([1] * architecture.vocabulary)
    writer.add_token_merges(
        [f"{words[n % len(words)][:4]} {words[n * 7 % len(words)][:4]}" for n in range(GGUF_MERGES)]
    )
    writer.add_bos_token_id(1)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, architecture.n_layers)
    size = 0
    for name, shape in architecture.shapes().items():
        own = names.get_name(name, try_suffixes=(".weight",))
        assert own is not None
        kind = gguf.GGMLQuantizationType.F32 if len(shape) == 1 else gguf.GGMLQuantizationType.Q4_K
        values, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        n_bytes = prod(shape) // values * block_bytes
        writer.add_tensor_info(own, shape, np.dtype(np.float32), n_bytes, raw_dtype=kind if len(shape) > 1 else None)
        size += -(-n_bytes // 32) * 32
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    header = path.read_bytes()
    return _repo(architecture, [_sparse(folder, architecture, "model.Q4_K_M.gguf", header, len(header) + 32 + size)])


def _sparse(
    folder: Path, architecture: Architecture, name: str, beginning: bytes, size: int, *, is_large: bool = True
) -> HubFile:
    digest = sha256(f"{architecture.name} {name}".encode()).hexdigest()
    path = folder / BLOBS_FOLDER / digest
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(size)
    return HubFile(name, size, digest[:40], digest, is_large)


def _repo(architecture: Architecture, files: Sequence[HubFile]) -> HubRepo:
    name = f"bench/{architecture.name.replace(' ', '_')}"
    info = {
        "_id": "0" * 24,
        "id": name,
        "sha": sha256(name.encode()).hexdigest()[:40],
        "gated": False,
        "siblings": [{"rfilename": file.path} for file in files],
    }
    return HubRepo(name, info, tuple(files))


if __name__ == "__main__":
    main()
