"""A model's repository on the Hub: what it holds, whether it can be measured, and its files on disk.

What can be told from the list of files and the configuration is told before the weights are
fetched. Only files that are needed are fetched: configuration, tokenizer, and weights in
safetensors or GGUF.
"""

import errno
import hashlib
import importlib.util
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2
from huggingface_hub import hf_hub_download, scan_cache_dir
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_backoff

from extract.hub.client import FIRST_CONTACT_RETRIES, REQUEST_SECONDS, RETRIES
from extract.overlap.reasons import MeasurementFailed
from modelkin.errors import InputError
from modelkin.model_ids import model_id_problem

TOKENIZER_FILES: Final = frozenset(
    {
        "tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "vocab.txt", "spiece.model",
        "sentencepiece.bpe.model", "tekken.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json",
    }
)  # fmt: skip
"""What a tokenizer is loaded from. The last three describe one and are none."""

_DESCRIPTIONS: Final = frozenset({"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"})
_WEIGHTS: Final = "model.safetensors"
_INDEX: Final = "model.safetensors.index.json"
_ADAPTER: Final = "adapter_model.safetensors"
_ADAPTER_CONFIG: Final = "adapter_config.json"
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_OTHER_WEIGHTS: Final = (
    ".onnx",
    ".h5",
    ".msgpack",
    ".tflite",
    ".ot",
    ".npz",
    ".mlmodel",
    ".engine",
    ".nemo",
    ".safetensors",
)
_GGUF_QUALITY: Final = (
    "f32", "bf16", "f16", "fp16", "q8_0", "q6_k", "q5_k_m", "q5_k_s", "q5_1", "q5_0", "q4_k_m", "q4_k_s", "q4_1",
    "q4_0", "iq4_nl", "iq4_xs", "q3_k_l", "q3_k_m", "q3_k_s", "iq3_m", "iq3_s", "iq3_xs", "iq3_xxs", "q2_k", "q2_k_s",
    "iq2_m", "iq2_s", "iq2_xs", "iq2_xxs", "iq1_m", "iq1_s",
)  # fmt: skip
"""GGUF quantizations as file names tell them, those that keep most first."""

_QUANTIZATION_PACKAGES: Final = {
    "aqlm": ("aqlm",),
    "auto-round": ("auto_round",),
    "awq": ("gptqmodel",),
    "bitsandbytes": ("bitsandbytes",),
    "compressed-tensors": ("compressed_tensors",),
    "eetq": ("kernels",),
    "fbgemm_fp8": ("fbgemm_gpu",),
    "fouroversix": ("fouroversix",),
    "fp_quant": ("fp_quant",),
    "gptq": ("optimum", "gptqmodel"),
    "higgs": ("flute", "fast_hadamard_transform"),
    "hqq": ("hqq",),
    "metal": ("kernels",),
    "nvfp4": ("kernels",),
    "quanto": ("optimum", "optimum.quanto"),
    "quark": ("quark",),
    "sinq": ("sinq",),
    "spqr": ("spqr_quant",),
    "torchao": ("torchao",),
    "vptq": ("vptq",),
}
"""What a configuration calls a quantization, and the Python packages that read it.

Those that are not here (fp8, mxfp8, mxfp4, bitnet, gemma) need none beside transformers and accelerate.
"""


@dataclass(frozen=True)
class ModelFolder:
    """Where a model lies on disk, and in what form."""

    form: str
    """``safetensors``, ``adapter`` or ``gguf``."""
    folder: str
    tokenizer_folder: str
    gguf_file: str | None = None
    base_folder: str | None = None
    """The model that an adapter is applied to."""


@dataclass(frozen=True)
class RepoFile:
    """One file of a repository."""

    name: str
    size: int
    sha256: str | None


@dataclass(frozen=True)
class Repo:
    """A repository at one commit."""

    model_id: str
    sha: str
    files: Mapping[str, RepoFile]

    @property
    def names(self) -> frozenset[str]:
        """The names of its files."""
        return frozenset(self.files)


@dataclass(frozen=True)
class ModelTypes:
    """The model types that the library that loads models knows."""

    causal: frozenset[str]
    encoder_decoder: frozenset[str]
    known: frozenset[str]
    quantizations: frozenset[str] = frozenset()
    """The ways of quantization that it reads."""

    @classmethod
    def from_hello(cls, hello: Mapping[str, Any]) -> "ModelTypes":
        """Read what the child process says about itself."""
        names = ("causal", "encoder_decoder", "known", "quantizations")
        return cls(*(frozenset(hello[name]) for name in names))


@dataclass(frozen=True)
class Fetched:
    """A model on disk, ready to be loaded."""

    repo: Repo
    place: ModelFolder
    weights_format: str | None
    """What the row says of the form; None where the loader knows better (plain safetensors)."""
    weights_digest: str | None
    size: int


@dataclass(frozen=True)
class Choice:
    """What would be fetched of a repository: the form, its weight files and its other files."""

    form: str
    weights: tuple[str, ...]
    others: tuple[str, ...]


def choose(names: frozenset[str]) -> Choice:
    """Return what to fetch, from the names of the files alone.

    A sharded model's shards are all that bear the index's naming; the index tells later which are
    used. Raises MeasurementFailed: no_weights, unsafe_weights, unsupported_format.
    """
    tokenizer = tuple(sorted(names & TOKENIZER_FILES))
    top = {name for name in names if "/" not in name}
    if _ADAPTER in top and _ADAPTER_CONFIG in top and _WEIGHTS not in top and _INDEX not in top:
        return Choice("adapter", (_ADAPTER,), (_ADAPTER_CONFIG, *tokenizer))
    if _WEIGHTS in top or _INDEX in top:
        weights = (_WEIGHTS,) if _WEIGHTS in top else (_INDEX,)
        if "config.json" not in top:
            raise MeasurementFailed(
                "unsupported_format", "there are safetensors and no config.json that says what they are"
            )
        return Choice("safetensors", weights, ("config.json", *tokenizer))
    ggufs = [name for name in names if name.lower().endswith(".gguf")]
    if ggufs:
        return Choice("gguf", (best_gguf(ggufs),), ())
    pickles = sorted(name for name in names if name.lower().endswith(_PICKLES) and name != "training_args.bin")
    if pickles:
        raise MeasurementFailed("unsafe_weights", f"only pickles: {_some(pickles)}")
    others = sorted(name for name in names if name.lower().endswith(_OTHER_WEIGHTS))
    if others:
        raise MeasurementFailed("unsupported_format", f"only {_some(others)}")
    raise MeasurementFailed("no_weights", "there is no file of weights")


def best_gguf(names: Iterable[str]) -> str:
    """Return the GGUF file that keeps most: by the quantization in its name, then by name.

    Raises MeasurementFailed (unsupported_format) when there are only parts of split files.
    """
    whole = [
        name
        for name in names
        if not re.search(r"-\d{5}-of-\d{5}\.gguf$", name.lower()) and "mmproj" not in name.lower()
    ]
    if not whole:
        raise MeasurementFailed("unsupported_format", "only GGUF files that are split into parts")
    return min(whole, key=lambda name: (_gguf_rank(name), name))


def _gguf_rank(name: str) -> int:
    words = re.split(r"[.\-/]", name.lower().removesuffix(".gguf"))
    return next((rank for rank, kind in enumerate(_GGUF_QUALITY) if kind in words), len(_GGUF_QUALITY))


def check_tokenizer(choice: Choice) -> None:
    """Raise MeasurementFailed (tokenizer_missing) when a model has no tokenizer of its own."""
    if choice.form == "safetensors" and not set(choice.others) & (TOKENIZER_FILES - _DESCRIPTIONS):
        raise MeasurementFailed("tokenizer_missing", "the repository has no tokenizer file")


def check_config(config: Mapping[str, Any], types: ModelTypes) -> None:
    """Raise MeasurementFailed when the configuration says that the model cannot be measured.

    unsupported_architecture: unknown, not for text, or with an encoder; remote_code_required;
    unsupported_format: quantized in a way whose library is not installed.
    """
    kind = config.get("model_type")
    own_code = isinstance(config.get("auto_map"), dict) and bool(config["auto_map"])
    if kind not in types.known:
        if own_code:
            raise MeasurementFailed(
                "remote_code_required", f"the model type {kind!r} is defined by code in the repository"
            )
        raise MeasurementFailed("unsupported_architecture", f"the model type {kind!r} is not known")
    if config.get("is_encoder_decoder") or kind in types.encoder_decoder:
        raise MeasurementFailed("unsupported_architecture", f"not applicable: {kind} has an encoder and a decoder")
    if kind not in types.causal:
        if own_code:
            raise MeasurementFailed(
                "remote_code_required", f"the model type {kind!r} generates text by code in the repository"
            )
        raise MeasurementFailed("unsupported_architecture", f"not applicable: {kind} is no causal language model")
    if (method := quantization_of(config)) is not None:
        if types.quantizations and method not in types.quantizations:
            raise MeasurementFailed("unsupported_format", f"quantized by {method}, which transformers does not read")
        for package in _QUANTIZATION_PACKAGES.get(method, ()):
            if importlib.util.find_spec(package) is None:
                raise MeasurementFailed(
                    "unsupported_format", f"quantized by {method}, which needs the package {package}"
                )


def quantization_of(config: Mapping[str, Any]) -> str | None:
    """Return how a configuration says that the weights are quantized, or None.

    It is ``quant_method`` of ``quantization_config`` (once ``compression_config``), of the model or
    of its text part. Old ones of bitsandbytes give no method and a number of bits.
    """
    text = config.get("text_config")
    for part in (config, text if isinstance(text, dict) else {}):
        found = part.get("quantization_config") or part.get("compression_config")
        if isinstance(found, dict):
            is_bitsandbytes = found.get("load_in_4bit") or found.get("load_in_8bit")
            return str(found.get("quant_method") or ("bitsandbytes" if is_bitsandbytes else "a method without a name"))
    return None


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


@dataclass
class Hub:
    """Repositories of one Hub, and a folder of their files."""

    endpoint: str
    folder: Path
    types: Callable[[], ModelTypes]
    """Asked for when a configuration is looked at: the child process knows, once it has started."""
    _repos: dict[tuple[str, str | None], Repo] = field(default_factory=dict)
    _has_answered: bool = False

    def repo(self, model_id: str, sha: str | None) -> Repo:
        """Ask for a repository at a commit (or the newest).

        Raises MeasurementFailed: not_found, gated, network.
        """
        if (problem := model_id_problem(model_id)) is not None:
            raise MeasurementFailed("not_found", problem)
        if (known := self._repos.get((model_id.lower(), sha))) is not None:
            return known
        revision = f"/revision/{quote(sha, safe='')}" if sha else ""
        url = f"{self.endpoint}/api/models/{quote(model_id, safe='/')}{revision}?blobs=true"
        retries = RETRIES if self._has_answered else FIRST_CONTACT_RETRIES
        try:
            response = http_backoff(
                "GET", url, headers=build_hf_headers(), timeout=REQUEST_SECONDS, max_retries=retries
            )
            self._has_answered = True
            hf_raise_for_status(response)
            repo = _repo_of(response.json(), sha)
        except (HfHubHTTPError, httpx2.HTTPError, OSError) as error:
            raise explained(error, model_id) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MeasurementFailed("network", f"the Hub did not answer as one for {model_id}") from error
        self._repos[repo.model_id.lower(), repo.sha] = repo
        return repo

    def plan(self, model_id: str, sha: str | None) -> tuple[Repo, Choice]:
        """Return a repository and what would be fetched of it, from its file list alone."""
        repo = self.repo(model_id, sha)
        return repo, choose(repo.names)

    def fetch(self, model_id: str, sha: str | None) -> Fetched:
        """Bring a model onto the disk. Raises MeasurementFailed with any reason that shows before loading."""
        return self._fetch(*self.plan(model_id, sha))

    def _fetch(self, repo: Repo, choice: Choice) -> Fetched:
        if choice.form == "adapter":
            return self._fetch_adapter(repo, choice)
        if choice.form == "gguf":
            return self._fetch_gguf(repo, choice)
        folder = self._download(repo, "config.json").parent
        check_config(_json_of(folder / "config.json"), self.types())
        check_tokenizer(choice)
        weights = self._shards(repo) if choice.weights == (_INDEX,) else choice.weights
        self._download_all(repo, (*choice.others, *weights))
        place = ModelFolder("safetensors", str(folder), str(folder))
        return self._fetched(repo, place, None, weights)

    def _shards(self, repo: Repo) -> tuple[str, ...]:
        index = _json_of(self._download(repo, _INDEX))
        named = index.get("weight_map")
        if not isinstance(named, dict) or not named:
            raise MeasurementFailed("corrupt_weights", f"{_INDEX} names no file of weights")
        shards = tuple(sorted({str(name) for name in named.values()}))
        missing = [name for name in shards if name not in repo.files]
        if missing:
            raise MeasurementFailed("corrupt_weights", f"{_INDEX} names files that are not there: {_some(missing)}")
        unsafe = [name for name in shards if not name.endswith(".safetensors")]
        if unsafe:
            raise MeasurementFailed("unsafe_weights", f"{_INDEX} names {_some(unsafe)}")
        return shards

    def _fetch_adapter(self, repo: Repo, choice: Choice) -> Fetched:
        config_path = self._download(repo, _ADAPTER_CONFIG)
        config = _json_of(config_path)
        base_id = config.get("base_model_name_or_path")
        if importlib.util.find_spec("peft") is None:
            raise MeasurementFailed("unsupported_format", "an adapter, which needs the package peft")
        if not isinstance(base_id, str) or not base_id:
            raise MeasurementFailed("unsupported_format", "an adapter that does not name its base model")
        revision = config.get("revision")
        try:
            base_repo, base_choice = self.plan(base_id, revision if isinstance(revision, str) and revision else None)
            if base_choice.form != "safetensors":
                raise MeasurementFailed("unsupported_format", f"its weights are {base_choice.form}")
            base = self._fetch(base_repo, base_choice)
        except MeasurementFailed as failure:
            raise MeasurementFailed(failure.reason, f"the adapter's base {base_id}: {failure.detail}") from failure
        self._download_all(repo, (*choice.others, *choice.weights))
        folder = str(config_path.parent)
        has_tokenizer = bool(set(choice.others) & (TOKENIZER_FILES - _DESCRIPTIONS))
        place = ModelFolder("adapter", folder, folder if has_tokenizer else base.place.folder, None, base.place.folder)
        return self._fetched(repo, place, f"adapter on {base_repo.model_id}@{base_repo.sha[:8]}", choice.weights)

    def _fetch_gguf(self, repo: Repo, choice: Choice) -> Fetched:
        name = choice.weights[0]
        if importlib.util.find_spec("gguf") is None:
            raise MeasurementFailed("unsupported_format", f"only GGUF ({name}), which needs the package gguf")
        path = self._download(repo, name)
        folder = str(path.parent)
        place = ModelFolder("gguf", folder, folder, gguf_file=path.name)
        return self._fetched(repo, place, f"gguf {name}", choice.weights)

    def _fetched(self, repo: Repo, place: ModelFolder, weights_format: str | None, weights: Sequence[str]) -> Fetched:
        for path in Path(place.folder).iterdir():
            # What was used last is known by the time of its last access, which many disks do not keep.
            os.utime(path)
        size = sum(repo.files[name].size for name in weights)
        return Fetched(repo, place, weights_format, self._weights_digest(repo, weights), size)

    def _weights_digest(self, repo: Repo, weights: Sequence[str]) -> str:
        """Return a digest of the files' digests, in their order; the Hub tells those of large files."""
        digest = hashlib.sha256()
        for name in weights:
            known = repo.files[name].sha256
            if known is None:
                with self._download(repo, name).open("rb") as file:
                    known = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(known.encode())
        return digest.hexdigest()

    def trim(self, limit_bytes: int, keep: Iterable[str]) -> int:
        """Delete what was used longest ago until the folder holds ``limit_bytes`` at most; return the bytes freed.

        The repositories ``keep`` stay, so that the folder may hold more while they are in use.
        """
        if not self.folder.is_dir():
            return 0
        kept = {model_id.lower() for model_id in keep}
        cache = scan_cache_dir(self.folder)
        excess = cache.size_on_disk - limit_bytes
        doomed: list[str] = []
        for repo in sorted(cache.repos, key=lambda repo: repo.last_accessed):
            if excess <= 0:
                break
            if repo.repo_id.lower() not in kept:
                doomed.extend(revision.commit_hash for revision in repo.revisions)
                excess -= repo.size_on_disk
        if not doomed:
            return 0
        strategy = cache.delete_revisions(*doomed)
        strategy.execute()
        return int(strategy.expected_freed_size)

    def _download_all(self, repo: Repo, names: Sequence[str]) -> None:
        for name in names:
            self._download(repo, name)

    def _download(self, repo: Repo, name: str) -> Path:
        try:
            path = Path(
                hf_hub_download(repo.model_id, name, revision=repo.sha, cache_dir=self.folder, endpoint=self.endpoint)
            )
            # The time of access says what to forget first; file systems seldom keep it by themselves.
            os.utime(path, (time.time(), path.stat().st_mtime))
        except Exception as error:
            raise explained(error, f"{name} of {repo.model_id}") from error
        return path


def _repo_of(info: Mapping[str, Any], sha: str | None) -> Repo:
    """Read the API's answer. Raises KeyError, TypeError or AttributeError when it is none."""
    files = {
        str(sibling["rfilename"]): RepoFile(
            str(sibling["rfilename"]), int(sibling.get("size") or 0), (sibling.get("lfs") or {}).get("sha256")
        )
        for sibling in info.get("siblings") or ()
    }
    return Repo(str(info["id"]), str(sha or info["sha"]), files)


def _json_of(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MeasurementFailed("corrupt_weights", f"{path.name} is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise MeasurementFailed("corrupt_weights", f"{path.name} is not a JSON object")
    return value


def explained(error: Exception, what: str) -> MeasurementFailed:
    """Return the reason for what asking the Hub about ``what`` raised; other errors are raised again."""
    for kind, reason, detail in _HUB_ERRORS:
        if isinstance(error, kind):
            return MeasurementFailed(reason, detail.format(what=what))
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        reason = "gated" if status in {401, 403} else "network"
        return MeasurementFailed(reason, f"the Hub answered {status} for {what}")
    if isinstance(error, OSError | httpx2.HTTPError):
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise InputError(f"The disk is full while fetching {what}; free some, or lower --cache-gb.") from error
        cause = error.__cause__ or error
        return MeasurementFailed("network", f"{type(cause).__name__} while fetching {what}")
    raise error


_HUB_ERRORS: Final = (
    (GatedRepoError, "gated", "the Hub refuses {what}: its author must grant access first"),
    (DisabledRepoError, "not_found", "the Hub has disabled access to {what}"),
    (RevisionNotFoundError, "not_found", "the commit of {what} does not exist (any more)"),
    (RepositoryNotFoundError, "not_found", "the Hub has no model {what} that may be seen"),
    (RemoteEntryNotFoundError, "not_found", "{what} is listed and not there"),
)
"""What the library raises; the first that fits counts. Errors of the connection are OSError or HTTPError."""
