"""Repositories made in a test, served by the miniature Hub's server."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

import minihub
from extract.overlap.hub_files import HubFiles
from extract.weights.reading import ModelWeights, sketch_model
from minihub.repositories import BLOBS_FOLDER, Build, HubFile, HubRepo
from tests.python.extract.hub.tiny_hub import repo

Tensors = dict[str, np.ndarray]


def repository(folder: Path, model_id: str, files: Mapping[str, bytes]) -> HubRepo:
    """Return a repository of these files, whose contents are laid into ``folder``."""
    (folder / BLOBS_FOLDER).mkdir(parents=True, exist_ok=True)
    entries = []
    for name, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        (folder / BLOBS_FOLDER / digest).write_bytes(content)
        entries.append(HubFile(name, len(content), digest[:40], digest, name.endswith((".safetensors", ".gguf"))))
    plain = repo(folder, model_id, siblings=[{"rfilename": name} for name in files])
    return HubRepo(model_id, plain.info, tuple(entries))


def sketched(folder: Path, files: Mapping[str, bytes], model_id: str = "a/b") -> ModelWeights:
    """Return what is read of a model with these files."""
    with sketching(folder, repository(folder, model_id, files)) as (hub, pool):
        return sketch_model(hub, pool, model_id, None)


@contextmanager
def sketching(folder: Path, *repos: HubRepo) -> Iterator[tuple[HubFiles, ThreadPoolExecutor]]:
    """Serve repositories for the body of the ``with``."""
    with minihub.serving(Build(folder, repos)) as server, ThreadPoolExecutor(4) as pool:
        yield HubFiles(server.endpoint, folder), pool


def sharded(tensors: Tensors, *, missing: bool = False) -> dict[str, bytes]:
    """Return the files of a model of which every tensor is a shard of its own."""
    names = {name: f"model-{number:05}-of-{len(tensors):05}.safetensors" for number, name in enumerate(tensors, 1)}
    files = {names[name]: save({name: value}) for name, value in tensors.items()}
    if missing:
        files.popitem()
    return files | {"model.safetensors.index.json": json.dumps({"weight_map": names}).encode()}


def rows(found: ModelWeights) -> dict[str, dict[str, Any]]:
    """Return the sketches of a model by tensor, probes apart."""
    assert found.sketches is not None, found.files
    return {row["tensor_name"]: row for row in found.sketches.to_pylist() if not row["is_probe"]}


def tiny_llama(seed: int = 1, n_layers: int = 2, width: int = 64) -> Tensors:
    """Return the tensors of a small Llama, in 32 bits."""
    rng = np.random.default_rng(seed)

    def matrix(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.05, shape).astype(np.float32)

    found = {"model.embed_tokens.weight": matrix(1100, width), "model.norm.weight": np.ones(width, np.float32)}
    for number in range(n_layers):
        layer = f"model.layers.{number}"
        found[f"{layer}.input_layernorm.weight"] = np.ones(width, np.float32)
        for part in "qkvo":
            found[f"{layer}.self_attn.{part}_proj.weight"] = matrix(width, width)
        found[f"{layer}.mlp.up_proj.weight"] = matrix(2 * width, width)
    return found
