"""What reads the words of strangers, and how their words are made."""

import copy
import csv
import io
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from extract.hub.crawl import PAGE_SCHEMA
from extract.hub.dump import load_dump
from extract.hub.files import file_name_problem
from extract.hub.models import model_row
from extract.importers.hub_models import read_model_files
from extract.importers.overlap_results import read_overlap_files
from extract.overlap.hub_files import _repo_of
from extract.overlap.model_types import ModelTypes, check_config, check_vocabulary, quantization_of
from extract.weights.failures import WeightsFailed
from extract.weights.gguf_header import read_header
from extract.weights.safetensors_header import LENGTH_BYTES, header_length, parse_header
from modelkin.printable import one_line, printable
from modelkin.warehouse import connect, warehouse_path
from tests.fuzz.tally import Found, Subject
from tests.python.extract.weights.test_gguf_header import written

RIGHT: Found = (0, 0, True)
TYPES = ModelTypes(frozenset({"llama"}), frozenset({"t5"}), frozenset({"llama", "t5", "vit"}), frozenset({"gptq"}))
NOW = datetime(2025, 6, 30)

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", "../../x", "/etc/passwd", "a\x00b", "\x1b[2J", "\u202egpj", "\ud800", "=cmd|'/C calc'!A0", "x" * 5000]
)  # fmt: skip
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**31, 2**63, 2**64, 10**400, -1])
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
BYTES = st.binary(max_size=40)


def near(example: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings like ``example``, of which some values are hostile."""
    return st.dictionaries(st.sampled_from(sorted(example)), VALUES, max_size=4).map(
        lambda changes: {**copy.deepcopy(example), **changes}
    )


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """Return contents like ``content``, cut, overwritten and repeated in places."""
    place = st.integers(0, len(content))
    change = st.tuples(place, st.integers(0, 12), BYTES)

    def apply(changes: Sequence[tuple[int, int, bytes]], end: int | None) -> bytes:
        found = content
        for start, n_removed, added in changes:
            found = found[:start] + added + found[start + n_removed :]
        return found[:end]

    return st.builds(apply, st.lists(change, max_size=3), st.none() | place)


CONFIG = {
    "model_type": "llama", "auto_map": {}, "vocab_size": 32000, "text_config": {"vocab_size": 1},
    "quantization_config": {"quant_method": "gptq"}, "is_encoder_decoder": False,
}  # fmt: skip


def configuration(config: dict[str, Any]) -> Found:
    check_vocabulary(config, 10)
    check_config(config, TYPES)
    quantization_of(config)
    # Whoever passes must be of a type that is known.
    return 0, 0, config.get("model_type") in TYPES.causal


MODEL = {
    "id": "org/model", "_id": "0" * 24, "author": "org", "sha": "c" * 40, "createdAt": "2024-05-01T12:00:00.000Z",
    "downloads": 3, "likes": 1, "tags": ["a"], "cardData": {"license": "mit"}, "config": {"model_type": "llama"},
    "safetensors": {"parameters": {"F32": 5}, "total": 5}, "gguf": {"total": 1}, "siblings": [{"rfilename": "a"}],
    "baseModels": {"relation": "finetune", "models": [{"id": "a/b"}]}, "gated": "auto", "private": False,
}  # fmt: skip


def listed_model(item: dict[str, Any]) -> Found:
    row = model_row(item, NOW)
    if row is None:
        return 0, 0, not isinstance(item.get("id"), str) or not item["id"]
    stored = pa.Table.from_pylist([row], schema=PAGE_SCHEMA)
    return 1 - stored.num_rows, 0, stored.num_rows == 1


def repository(item: dict[str, Any]) -> Found:
    try:
        repo = _repo_of(item, None)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        # HubFiles.repo makes one reason of these.
        return RIGHT
    return 0, 0, all(file_name_problem(name) is None and file.size >= 0 for name, file in repo.files.items())


REPOSITORY = {
    "id": "org/model", "sha": "c" * 40,
    "siblings": [{"rfilename": "a/b.json", "size": 3, "blobId": "0" * 40, "lfs": {"sha256": "1" * 64}}],
}  # fmt: skip
SIBLINGS = st.lists(
    st.builds(lambda name, size, lfs: {"rfilename": name, "size": size, "lfs": lfs}, TEXTS, VALUES, VALUES), max_size=3
)


def safetensors_file() -> bytes:
    text = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "a.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
            "b.weight": {"dtype": "BF16", "shape": [4], "data_offsets": [24, 32]},
        }
    ).encode()
    return len(text).to_bytes(8, "little") + text + b"\0" * 32


def safetensors(content: bytes) -> Found:
    length = header_length(content[:LENGTH_BYTES], len(content))
    header = parse_header(content[LENGTH_BYTES : LENGTH_BYTES + length], len(content))
    ends = [one.start + one.n_bytes for one in header.tensors]
    return 0, 0, all(end <= len(content) + header.missing_bytes for end in ends)


@cache
def gguf_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return written(Path(folder) / "a.gguf", [f"w{number}" for number in range(40)])


def gguf(content: bytes) -> Found:
    try:
        header = read_header(lambda start, stop: content[start:stop], len(content))
    except (MemoryError, ValueError, ArithmeticError, LookupError) as error:
        # As extract.weights.reading does.
        raise WeightsFailed("bad_header", type(error).__name__) from error
    return 0, 0, all(one.start >= 0 and one.n_bytes >= 0 for one in header.tensors)


IDS = st.from_regex(r"[a-z]{1,3}/[a-z0-9]{1,3}", fullmatch=True)


def as_csv(header: Sequence[str], records: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *records])
    return text.getvalue().encode()


OVERLAP = (
    "base_model_name", "derived_model_name", "num_pairs", "avg_overlap_ratio", "bottom_k_vocab_size",
    "pair_scores_json",
)  # fmt: skip
LIST = ("base_model", "model_id", "downloads", "likes", "last_modified", "pipeline_tag", "tags")


def files(
    header: Sequence[str], cells: Sequence[st.SearchStrategy[object]]
) -> st.SearchStrategy[tuple[list[Any], bytes | None]]:
    """Return records that are right, and the same file damaged (or None, to be read as it is)."""
    records = st.lists(st.tuples(*cells), max_size=6, unique_by=lambda record: (record[0], record[1]))
    return records.flatmap(lambda found: st.tuples(st.just(found), st.none() | damaged(as_csv(header, found))))


def pairs_of_file(made: tuple[list[Any], bytes | None], header: Sequence[str], read: Any, key: Any) -> Found:
    records, content = made
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(as_csv(header, records) if content is None else content)
        rows = read([path]).rows
    found = Counter(key(row) for row in rows)
    doubled = sum(found.values()) - len(found)
    expected = {one[:2] if header is OVERLAP else (one[1],) for one in records} if content is None else set(found)
    return len(expected - set(found)), doubled, content is not None or set(found) == expected


def overlaps(made: tuple[list[Any], bytes | None]) -> Found:
    return pairs_of_file(
        made, OVERLAP, lambda paths: read_overlap_files(paths, "study"),
        lambda row: (row["base_model_id"], row["derived_model_id"]),
    )  # fmt: skip


def model_lists(made: tuple[list[Any], bytes | None]) -> Found:
    return pairs_of_file(made, LIST, lambda paths: read_model_files(paths, NOW), lambda row: (row["model_id"],))


@cache
def dump_file() -> bytes:
    rows = [{"id": f"org/m{number}", "downloads": number, "tags": ["a", "b"], "sha": "c" * 40} for number in range(50)]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, write_page_checksum=True)
    return sink.getvalue()


def dump(content: bytes) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "models.parquet"
        path.write_bytes(content)
        n_before = _loaded()
        try:
            loaded = load_dump([str(path)], "2025-06-30")
        except BaseException:
            if _loaded() != n_before:
                raise AssertionError("a dump that was refused left rows") from None
            raise
        n_new = _loaded() - n_before
    return max(0, loaded.n_models - n_new), max(0, n_new - 50), n_new == loaded.n_models


def _loaded() -> int:
    with connect(warehouse_path()) as connection:
        has_table = connection.execute(
            "select count(*) > 0 from duckdb_tables() where schema_name = 'raw' and table_name = 'hub_models'"
        ).fetchall()[0][0]
        return int(connection.execute("select count(*) from raw.hub_models").fetchall()[0][0]) if has_table else 0


def shown(text: str) -> Found:
    line, page = one_line(text), printable(text)
    line.encode(), page.encode()
    return 0, 0, line.isprintable() and all(one.isprintable() or one in "\n\t" for one in page)


def parsers() -> list[Subject]:
    """Return the subjects that need no server."""
    score = st.floats(0, 1).map(lambda number: round(number, 3))
    return [
        Subject("configurations", near(CONFIG) | st.dictionaries(TEXTS, VALUES, max_size=4), configuration, 0.13),
        Subject("models in listings", near(MODEL), listed_model, 0.12),
        Subject(
            "lists of files",
            near(REPOSITORY) | SIBLINGS.map(lambda found: REPOSITORY | {"siblings": found}),
            repository,
            0.15,
        ),
        Subject("safetensors headers", damaged(safetensors_file()), safetensors, 0.12),
        Subject("GGUF headers", damaged(gguf_file()), gguf, 0.12),
        Subject(
            "overlap files", files(OVERLAP, [IDS, IDS, st.just(2), score, st.just(100), st.just("")]), overlaps, 0.06
        ),
        Subject(
            "lists of models",
            files(
                LIST,
                [IDS, IDS, st.integers(0, 10**9), st.integers(0, 9), st.just("2024-05-01"), st.just(""), st.just("")],
            ),
            model_lists,
            0.06,
        ),
        Subject("text that is shown", TEXTS, shown, 0.08),
        Subject("dumps", damaged(dump_file()), dump, 0.03),
    ]
