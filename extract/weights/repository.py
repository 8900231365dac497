"""Which files of a repository hold its weights, told by their names and an index that is read with suspicion."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from extract.overlap.model_files import ADAPTER_CONFIG, INDEX, Repo, RepoFile, best_gguf, choose
from extract.overlap.reasons import MeasurementFailed
from extract.weights.failures import WeightsFailed
from extract.weights.names import name_problem
from extract.weights.safetensors_header import load_json
from extract.weights.tensors import MAX_ELEMENTS
from modelkin.model_ids import model_id_problem
from modelkin.printable import one_line

MAX_FILES: Final = 512
"""The largest models have about 200 shards."""

MAX_INDEX_BYTES: Final = 16 << 20
"""The index of a model of 90,000 tensors has 9 MB."""

MAX_CONFIG_BYTES: Final = 1 << 18
_SHARD: Final = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.(safetensors|gguf)", re.ASCII)
_SHA: Final = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DESCRIPTION_BYTES: Final = 100
"""What a safetensors header takes for one tensor besides its name."""
_HEADER_REST: Final = 1024

ReadWhole = Callable[[RepoFile], bytes]
"""Reads a small file."""


@dataclass(frozen=True)
class Layout:
    """The files that hold a model's weights."""

    file_format: str
    """``safetensors`` or ``gguf``."""
    files: tuple[RepoFile, ...]
    header_bytes: Mapping[str, int] = field(default_factory=dict)
    """How long the header of a shard should be, by its name, as far as the index tells."""
    missing: tuple[str, ...] = ()
    """Files that the index names and the repository lacks, in a form that can be shown."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What an adapter's configuration says: its base and its rank."""


def checked(repo: Repo) -> Repo:
    """Return what can be stored of the Hub's answer about a repository: files with names and sizes that can be.

    Raises WeightsFailed where the answer is about no repository.
    """
    if model_id_problem(repo.model_id) is not None or not _SHA.fullmatch(repo.sha):
        raise WeightsFailed("odd_answer", "the Hub did not answer as one")
    files = {
        name: replace(file, sha256=file.sha256 if _is_digest(file.sha256) else None)
        for name, file in repo.files.items()
        if name_problem(name) is None and 0 <= file.size <= MAX_ELEMENTS
    }
    return replace(repo, files=files)


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def layout_of(repo: Repo, read: ReadWhole) -> Layout:
    """Return where a repository keeps its weights. Raises WeightsFailed, and what ``read`` raises."""
    top = {name: file for name, file in repo.files.items() if "/" not in name}
    if "adapter_model.safetensors" in top and ADAPTER_CONFIG in top and "model.safetensors" not in top:
        facts = _adapter_facts(read(_bounded(top[ADAPTER_CONFIG], MAX_CONFIG_BYTES)))
        return Layout("safetensors", (top["adapter_model.safetensors"],), facts=facts)
    if "model.safetensors" in top:
        return Layout("safetensors", (top["model.safetensors"],))
    if INDEX in top:
        return _indexed(top, read(_bounded(top[INDEX], MAX_INDEX_BYTES)))
    if loose := sorted(name for name in top if name.endswith(".safetensors")):
        return Layout("safetensors", tuple(top[name] for name in _one_model(loose)))
    ggufs = [name for name in repo.files if name.lower().endswith(".gguf")]
    return Layout("gguf", tuple(repo.files[name] for name in _one_gguf(ggufs))) if ggufs else _nothing(repo)


def _nothing(repo: Repo) -> Layout:
    """Raise WeightsFailed with the reason why a repository without safetensors and GGUF has nothing to read."""
    try:
        choose(repo.names)
    except MeasurementFailed as failure:
        raise WeightsFailed(failure.reason, failure.detail) from failure
    raise WeightsFailed("no_weights", "there is no file of weights")


def _bounded(file: RepoFile, max_bytes: int) -> RepoFile:
    if file.size > max_bytes:
        raise WeightsFailed("too_large", f"{file.name} has {file.size:,} bytes")
    return file


def _indexed(top: Mapping[str, RepoFile], text: bytes) -> Layout:
    index = load_json(text, INDEX)
    places = index.get("weight_map") if isinstance(index, dict) else None
    if not (isinstance(places, dict) and places and all(isinstance(name, str) for name in places.values())):
        raise WeightsFailed("bad_header", f"{INDEX} does not say where the tensors are")
    header_bytes: dict[str, int] = defaultdict(lambda: _HEADER_REST)
    for tensor, name in places.items():
        header_bytes[name] += len(tensor) + _DESCRIPTION_BYTES
    if len(header_bytes) > MAX_FILES:
        raise WeightsFailed("too_large", f"{INDEX} names {len(header_bytes):,} files")
    # Only names that the Hub lists are asked for; whatever else an index names is no path anywhere.
    files = tuple(top[name] for name in sorted(header_bytes) if name in top)
    missing = tuple(one_line(name)[:200] for name in sorted(header_bytes) if name not in top)
    return Layout("safetensors", files, dict(header_bytes), missing)


def _one_model(names: list[str]) -> list[str]:
    """Return the files of one model: all shards of the first name that has shards, else the first file."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if match := _SHARD.fullmatch(name):
            groups[match[1]].append(name)
    found = next(iter(groups.values())) if groups else names[:1]
    if len(found) > MAX_FILES:
        raise WeightsFailed("too_large", f"the weights lie in {len(found):,} files")
    return found


def _one_gguf(names: list[str]) -> list[str]:
    try:
        return [best_gguf(names)]
    except MeasurementFailed as failure:
        raise WeightsFailed(failure.reason, failure.detail) from failure


def _adapter_facts(text: bytes) -> dict[str, Any]:
    config = load_json(text, ADAPTER_CONFIG)
    if not isinstance(config, dict):
        raise WeightsFailed("bad_header", f"{ADAPTER_CONFIG} is no JSON object")
    base, kind = config.get("base_model_name_or_path"), config.get("peft_type")
    facts: dict[str, Any] = {}
    if isinstance(base, str):
        facts["base"] = one_line(base)[:200]
    if isinstance(kind, str):
        facts["peft_type"] = one_line(kind)[:40]
    for key, name in (("r", "r"), ("lora_alpha", "alpha")):
        if isinstance(config.get(key), int | float) and abs(config[key]) < 1 << 31:
            facts[name] = config[key]
    return facts
