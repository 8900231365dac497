"""The sketch of one model: its files found, their headers read, its blocks fetched, and a row for what fails.

`sketch_model` is all that a caller needs; it raises nothing that a repository can cause.
"""

import json
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from gguf import LlamaFileType

from extract.hub.client import HubClient
from extract.hub.refusals import Refused
from extract.overlap.hub_files import HubFiles
from extract.overlap.model_files import Repo, RepoFile
from extract.overlap.reasons import MeasurementFailed
from extract.weights.decoding import Piece
from extract.weights.failures import TRANSIENT, WeightsFailed, of_refusal
from extract.weights.gguf_header import GgufHeader, read_header
from extract.weights.repository import Layout, layout_of
from extract.weights.safetensors_header import LENGTH_BYTES, Header, header_length, parse_header
from extract.weights.sketching import Block, Catalogue, sketch_table
from extract.weights.spans import Contents, spans_of_files

FIRST_BYTES: Final = 65_536
"""How much of a file is read first where nothing tells the length of its header: most headers are shorter."""


@dataclass(frozen=True)
class ModelWeights:
    """What was read of one model: rows of ``raw.weight_files`` and of ``raw.weight_sketches``, without their run."""

    model_id: str
    sha: str | None
    files: tuple[dict[str, Any], ...]
    sketches: pa.Table | None = None

    @property
    def failures(self) -> tuple[str, ...]:
        """The reasons for which files failed."""
        return tuple(str(row["failure_reason"]) for row in self.files if row["status"] == "failed")

    @property
    def n_tensors(self) -> int:
        """How many tensors are sketched."""
        return 0 if self.sketches is None else len(set(self.sketches["tensor_name"].to_pylist()))

    @property
    def bytes_read(self) -> int:
        """How many bytes were read of all files."""
        return sum(int(row["bytes_read"]) for row in self.files)


def sketch_model(hub: HubFiles, pool: Executor, model_id: str, sha: str | None) -> ModelWeights:
    """Read what a sketch needs of a model at a commit (or the newest), many parts at once in ``pool``.

    Never raises for what the Hub or a repository does: that becomes a row with its reason.
    """
    started = time.monotonic()
    try:
        repo = hub.repo(model_id, sha)
    except MeasurementFailed as failure:
        return _failed(model_id, sha, WeightsFailed(failure.reason, failure.detail), started)
    try:
        return _Model(repo, hub.client, pool, started).read()
    except WeightsFailed as failure:
        return _failed(repo.model_id, repo.sha, failure, started)
    except Refused as refused:
        return _failed(repo.model_id, repo.sha, of_refusal(refused), started)
    except Exception as error:
        unknown = WeightsFailed("unknown", f"{type(error).__name__}: {error}")
        return _failed(repo.model_id, repo.sha, unknown, started)
    finally:
        hub.release(repo)


def _failed(model_id: str, sha: str | None, failure: WeightsFailed, started: float) -> ModelWeights:
    row = {"model_id": model_id, "sha": sha, "bytes_read": 0, "seconds": _since(started), **_failure_columns(failure)}
    return ModelWeights(model_id, sha, (row,))


def _failure_columns(failure: WeightsFailed | None) -> dict[str, Any]:
    if failure is None:
        return {"status": "ok", "failure_reason": None, "failure_detail": None}
    return {"status": "failed", "failure_reason": failure.reason, "failure_detail": failure.detail}


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


@dataclass
class _File:
    """One file while it is read."""

    file: RepoFile
    file_format: str
    header: Header | GgufHeader | None = None
    failure: WeightsFailed | None = None
    bytes_read: int = 0
    n_requests: int = 0
    contents: dict[Piece, bytes] = field(default_factory=dict)


class _Model:
    """Reads one model."""

    def __init__(self, repo: Repo, client: HubClient, pool: Executor, started: float) -> None:
        self._repo = repo
        self._client = client
        self._pool = pool
        self._started = started
        self._bytes_before = 0
        """Bytes of the index or the configuration, which are counted with the first file."""

    def read(self) -> ModelWeights:
        layout = layout_of(self._repo, self._whole)
        files = [_File(file, layout.file_format) for file in layout.files]
        if files:
            files[0].bytes_read = self._bytes_before
        list(self._pool.map(lambda one: self._read_header(one, layout), files))
        catalogue = Catalogue(file_bytes={one.file.name: one.file.size for one in files})
        self._catalogued(files, catalogue)
        blocks = catalogue.blocks()
        self._fetch(files, blocks)
        if lost := next((one.failure for one in files if one.failure and one.failure.reason in TRANSIENT), None):
            raise lost
        read = {one.file.name: one for one in files if one.contents}
        blocks = [block for block in blocks if block.tensor.file_name in read]
        contents = {name: Contents(one.contents) for name, one in read.items()}
        identity = {"model_id": self._repo.model_id, "sha": self._repo.sha}
        sketches = sketch_table(blocks, contents, identity) if blocks else None
        rows = [self._row(one, catalogue, layout) for one in files]
        return ModelWeights(self._repo.model_id, self._repo.sha, (*rows, *self._missing(layout)), sketches)

    def _whole(self, file: RepoFile) -> bytes:
        content = self._part(file, 0, file.size)
        self._bytes_before += len(content)
        return content

    def _part(self, file: RepoFile, start: int, stop: int) -> bytes:
        if stop <= start:
            return b""
        return self._client.part(self._repo.model_id, file.name, self._repo.sha, start=start, stop=stop, size=file.size)

    def _read(self, one: _File, start: int, stop: int) -> bytes:
        content = self._part(one.file, start, stop)
        one.bytes_read += len(content)
        one.n_requests += 1
        return content

    def _read_header(self, one: _File, layout: Layout) -> None:
        """Read a file's header, or note why that is not possible."""
        try:
            if layout.file_format == "gguf":
                one.header = read_header(lambda start, stop: self._read(one, start, stop), one.file.size)
            else:
                one.header = self._safetensors_header(one, layout.header_bytes.get(one.file.name, FIRST_BYTES))
        except WeightsFailed as failure:
            one.failure = failure
        except Refused as refused:
            one.failure = of_refusal(refused)
        except (MemoryError, ValueError, ArithmeticError, LookupError) as error:
            one.failure = WeightsFailed("bad_header", f"the header cannot be read ({type(error).__name__})")

    def _safetensors_header(self, one: _File, guess: int) -> Header:
        first = self._read(one, 0, min(guess, one.file.size))
        length = header_length(first, one.file.size)
        text = first[LENGTH_BYTES : LENGTH_BYTES + length]
        if len(text) < length:
            text += self._read(one, LENGTH_BYTES + len(text), LENGTH_BYTES + length)
        header = parse_header(text, one.file.size)
        if header.missing_bytes:
            one.failure = WeightsFailed("truncated", f"the file lacks {header.missing_bytes:,} bytes of its tensors")
        return header

    def _catalogued(self, files: Iterable[_File], catalogue: Catalogue) -> None:
        """Find what can be read in the files whose headers were."""
        catalogue.add_safetensors(
            {one.file.name: one.header.tensors for one in files if isinstance(one.header, Header)}
        )
        for one in files:
            if isinstance(one.header, GgufHeader):
                try:
                    catalogue.add_gguf(one.file.name, one.header)
                except WeightsFailed as failure:
                    one.failure = failure
                if one.failure is None and one.header.missing_bytes:
                    missing = f"the file lacks {one.header.missing_bytes:,} bytes of its tensors"
                    one.failure = WeightsFailed("truncated", missing)
        readable = {one.file_name for one in catalogue.readable}
        for one in files:
            if one.failure is None and one.file.name not in readable:
                one.failure = WeightsFailed("no_values", "no tensor is of a type that is read here")

    def _fetch(self, files: Iterable[_File], blocks: Iterable[Block]) -> None:
        """Read the bytes of all blocks; a file of which a part is refused is left out."""
        pieces: dict[str, list[Piece]] = {}
        for block in blocks:
            pieces.setdefault(block.tensor.file_name, []).extend(block.tensor.scheme.pieces(block.place))
        by_name = {one.file.name: one for one in files}
        wanted = [(by_name[name], span) for name, of_file in spans_of_files(pieces).items() for span in of_file]

        def fetched(task: tuple[_File, Piece]) -> bytes | WeightsFailed:
            one, span = task
            try:
                return self._part(one.file, *span)
            except Refused as refused:
                return of_refusal(refused)

        for (one, span), content in zip(wanted, self._pool.map(fetched, wanted), strict=True):
            one.n_requests += 1
            if isinstance(content, WeightsFailed):
                one.failure = content
            else:
                one.contents[span] = content
                one.bytes_read += len(content)
        for one in by_name.values():
            if one.failure is not None and one.failure.reason != "truncated":
                one.contents.clear()

    def _row(self, one: _File, catalogue: Catalogue, layout: Layout) -> dict[str, Any]:
        name = one.file.name
        facts = {
            **layout.facts,
            "dtypes": dict(sorted(catalogue.dtypes.get(name, {}).items())),
            "skipped": dict(sorted(catalogue.skipped.get(name, {}).items())),
            "requests": one.n_requests,
        }
        if isinstance(one.header, GgufHeader):
            facts |= {"architecture": one.header.architecture, "quantization": _quantization(one.header.metadata)}
        return {
            "model_id": self._repo.model_id,
            "sha": self._repo.sha,
            "file_name": name,
            "file_format": one.file_format,
            "size_bytes": one.file.size,
            "file_digest": one.file.sha256,
            "tensor_count": None if one.header is None else len(one.header.tensors),
            "header": None if one.header is None else json.dumps(facts, sort_keys=True),
            "bytes_read": one.bytes_read,
            "seconds": _since(self._started),
            **_failure_columns(one.failure),
        }

    def _missing(self, layout: Layout) -> Iterable[dict[str, Any]]:
        for name in layout.missing:
            failure = WeightsFailed("missing_shard", f"the index names {name}, which is not there")
            yield {
                "model_id": self._repo.model_id,
                "sha": self._repo.sha,
                "file_name": name,
                "file_format": layout.file_format,
                "bytes_read": 0,
                "seconds": 0.0,
                **_failure_columns(failure),
            }


def _quantization(metadata: Mapping[str, Any]) -> str | None:
    """Return the name of a GGUF file's mixture of types, such as ``MOSTLY_Q4_K_M``."""
    try:
        return LlamaFileType(int(metadata["general.file_type"])).name
    except (KeyError, TypeError, ValueError):
        return None
