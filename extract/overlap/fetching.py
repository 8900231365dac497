"""Bring a model onto the disk: configuration, tokenizer, and weights in safetensors or GGUF, and nothing else.

What can be told from the list of files and the configuration is told before the weights are
fetched.
"""

import hashlib
import importlib.util
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from huggingface_hub import scan_cache_dir

from extract.overlap.hub_files import FETCH_SECONDS, HubFiles
from extract.overlap.model_files import (
    ADAPTER_CONFIG,
    INDEX,
    Choice,
    ModelFolder,
    Repo,
    check_tokenizer,
    choose,
    has_tokenizer,
    some,
)
from extract.overlap.model_types import ModelTypes, check_config
from extract.overlap.reasons import MeasurementFailed

MAX_JSON_BYTES: Final = 32 << 20
"""The largest index that is known has 9 MB."""

MAX_SHARDS: Final = 512


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
class Fetcher:
    """Fetches the models of one Hub into a folder, which it keeps below a size."""

    hub: HubFiles
    types: Callable[[], ModelTypes]
    """Asked for when a configuration is looked at: the child process knows, once it has started."""
    seconds: float = FETCH_SECONDS
    """All the time that fetching one model may take."""

    def plan(self, model_id: str, sha: str | None) -> tuple[Repo, Choice]:
        """Return a repository and what would be fetched of it, from its file list alone."""
        repo = self.hub.repo(model_id, sha)
        return repo, choose(repo.names)

    def examine(self, model_id: str, sha: str | None) -> tuple[Repo, Choice, Mapping[str, Any]]:
        """Return a repository, what would be fetched of it, and its configuration; no weights are fetched.

        Raises MeasurementFailed with any reason that shows without the weights.
        """
        repo, choice = self.plan(model_id, sha)
        config: Mapping[str, Any] = {}
        if choice.form == "adapter":
            _, base_id, base_revision = self._adapter(repo)
            with _as_base(base_id):
                _, config = self._configured(*self._base_plan(base_id, base_revision))
        elif choice.form == "gguf":
            _check_gguf(choice)
        else:
            _, config = self._configured(repo, choice)
        return repo, choice, config

    def fetch(self, model_id: str, sha: str | None) -> Fetched:
        """Bring a model onto the disk. Raises MeasurementFailed with any reason that shows before loading."""
        deadline = time.monotonic() + self.seconds
        return self._fetch(*self.plan(model_id, sha), deadline)

    def _fetch(self, repo: Repo, choice: Choice, deadline: float) -> Fetched:
        if choice.form == "adapter":
            return self._fetch_adapter(repo, choice, deadline)
        if choice.form == "gguf":
            return self._fetch_gguf(repo, choice, deadline)
        folder, _ = self._configured(repo, choice)
        weights = self._shards(repo) if choice.weights == (INDEX,) else choice.weights
        self._download_all(repo, (*choice.others, *weights), deadline)
        place = ModelFolder("safetensors", str(folder), str(folder))
        return self._fetched(repo, place, None, weights)

    def _configured(self, repo: Repo, choice: Choice) -> tuple[Path, Mapping[str, Any]]:
        """Fetch and check the configuration of plain safetensors; return the model's folder and the configuration."""
        folder = self.hub.download(repo, "config.json").parent
        config = _json_of(folder / "config.json")
        check_config(config, self.types())
        check_tokenizer(choice)
        return folder, config

    def _shards(self, repo: Repo) -> tuple[str, ...]:
        index = _json_of(self.hub.download(repo, INDEX))
        named = index.get("weight_map")
        if not isinstance(named, dict) or not named:
            raise MeasurementFailed("corrupt_weights", f"{INDEX} names no file of weights")
        shards = tuple(sorted({str(name) for name in named.values()}))
        if len(shards) > MAX_SHARDS:
            raise MeasurementFailed("corrupt_weights", f"{INDEX} names {len(shards):,} files")
        missing = [name for name in shards if name not in repo.files]
        if missing:
            raise MeasurementFailed("corrupt_weights", f"{INDEX} names files that are not there: {some(missing)}")
        unsafe = [name for name in shards if not name.endswith(".safetensors")]
        if unsafe:
            raise MeasurementFailed("unsafe_weights", f"{INDEX} names {some(unsafe)}")
        return shards

    def _adapter(self, repo: Repo) -> tuple[Path, str, str | None]:
        """Fetch an adapter's configuration; return its file, and the base that it names with its revision."""
        path = self.hub.download(repo, ADAPTER_CONFIG)
        config = _json_of(path)
        base_id, revision = config.get("base_model_name_or_path"), config.get("revision")
        if importlib.util.find_spec("peft") is None:
            raise MeasurementFailed("unsupported_format", "an adapter, which needs the package peft")
        if not isinstance(base_id, str) or not base_id:
            raise MeasurementFailed("unsupported_format", "an adapter that does not name its base model")
        return path, base_id, revision if isinstance(revision, str) and revision else None

    def _base_plan(self, base_id: str, revision: str | None) -> tuple[Repo, Choice]:
        repo, choice = self.plan(base_id, revision)
        if choice.form != "safetensors":
            raise MeasurementFailed("unsupported_format", f"its weights are {choice.form}")
        return repo, choice

    def _fetch_adapter(self, repo: Repo, choice: Choice, deadline: float) -> Fetched:
        path, base_id, revision = self._adapter(repo)
        with _as_base(base_id):
            base = self._fetch(*self._base_plan(base_id, revision), deadline)
        self._download_all(repo, (*choice.others, *choice.weights), deadline)
        folder, base_folder = str(path.parent), base.place.folder
        place = ModelFolder("adapter", folder, folder if has_tokenizer(choice) else base_folder, None, base_folder)
        return self._fetched(repo, place, f"adapter on {base.repo.model_id}@{base.repo.sha[:8]}", choice.weights)

    def _fetch_gguf(self, repo: Repo, choice: Choice, deadline: float) -> Fetched:
        name = choice.weights[0]
        _check_gguf(choice)
        self._download_all(repo, [name], deadline)
        path = self.hub.download(repo, name)
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
                with self.hub.download(repo, name).open("rb") as file:
                    known = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(known.encode())
        return digest.hexdigest()

    def trim(self, limit_bytes: int, keep: Iterable[str]) -> int:
        """Delete what was used longest ago until the folder holds ``limit_bytes`` at most; return the bytes freed.

        The repositories ``keep`` stay, so that the folder may hold more while they are in use.
        """
        if not self.hub.folder.is_dir():
            return 0
        kept = {model_id.lower() for model_id in keep}
        cache = scan_cache_dir(self.hub.folder)
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

    def _download_all(self, repo: Repo, names: Sequence[str], deadline: float) -> None:
        """Fetch files within what is left of the time. Raises MeasurementFailed: timeout, no_space and others."""
        self.hub.require_room(repo, names)
        for name in names:
            left = deadline - time.monotonic()
            if left <= 0:
                raise MeasurementFailed("timeout", f"not fetched after {self.seconds:,.0f} seconds")
            try:
                self.hub.download(repo, name, left)
            except MeasurementFailed as failure:
                if failure.reason == "network" and time.monotonic() >= deadline:
                    raise MeasurementFailed("timeout", f"not fetched after {self.seconds:,.0f} seconds") from failure
                raise


@contextmanager
def _as_base(base_id: str) -> Iterator[None]:
    """Say of a failure in the body of the ``with`` that it is the adapter's base that fails."""
    try:
        yield
    except MeasurementFailed as failure:
        raise MeasurementFailed(failure.reason, f"the adapter's base {base_id}: {failure.detail}") from failure


def _check_gguf(choice: Choice) -> None:
    if importlib.util.find_spec("gguf") is None:
        raise MeasurementFailed("unsupported_format", f"only GGUF ({choice.weights[0]}), which needs the package gguf")


def _json_of(path: Path) -> dict[str, Any]:
    if (size := path.stat().st_size) > MAX_JSON_BYTES:
        raise MeasurementFailed("corrupt_weights", f"{path.name} has {size:,} bytes")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise MeasurementFailed("corrupt_weights", f"{path.name} is nested too deep") from None
    except ValueError as error:
        raise MeasurementFailed("corrupt_weights", f"{path.name} is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise MeasurementFailed("corrupt_weights", f"{path.name} is not a JSON object")
    return value
