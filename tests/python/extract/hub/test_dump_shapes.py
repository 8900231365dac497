"""Dumps in every shape that their columns are found in: JSON text, structs, lists, maps, other numbers and times."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.python.extract.command import Command, query

CREATED, CHANGED = datetime(2024, 5, 1, 12, 30, 15), datetime(2024, 6, 1, 23, 0, 1)
MODELS: list[dict[str, Any]] = [
    {
        "id": "Org/Child",
        "author": "Org",
        "sha": "abc",
        "createdAt": CREATED,
        "lastModified": CHANGED,
        "downloads": 12,
        "downloadsAllTime": 2_500_000_000,
        "likes": 3,
        "trendingScore": 2,
        "tags": ["a", 'ü, "quoted"', "base_model:Org/Base"],
        "cardData": {"license": "mit", "base_model": ["Org/Base"]},
        "baseModels": {"relation": "finetune", "models": [{"_id": "1", "id": "Org/Base"}, {"_id": "2", "id": "o/b2"}]},
        "safetensors": {"parameters": {"BF16": 1_000_000_000_001}, "total": 1_000_000_000_001},
        "config": {"model_type": "llama", "architectures": ["X"]},
        "gguf": {"total": 7, "architecture": "qwen2"},
        "siblings": [{"rfilename": "README.md"}, {"rfilename": "model.safetensors"}],
        "pipeline_tag": "text-generation",
        "library_name": "transformers",
        "gated": "manual",
        "private": False,
        "disabled": True,
        "usedStorage": 1000,
    },
    {"id": "gpt2", "gguf": {"total": 7, "architecture": "qwen2"}, "siblings": [], "tags": [], "gated": "false"},
    {"id": None, "downloads": 5},
]
EXPECTED: list[dict[str, Any]] = [
    {
        "model_id": "Org/Child",
        "author": "Org",
        "sha": "abc",
        "created_at": CREATED,
        "last_modified": CHANGED,
        "downloads": 12,
        "downloads_all_time": 2_500_000_000,
        "likes": 3,
        "trending_score": 2.0,
        "tags": MODELS[0]["tags"],
        "card_data": MODELS[0]["cardData"],
        "base_models": [{"relation": "finetune", "id": "Org/Base"}, {"relation": "finetune", "id": "o/b2"}],
        "parameter_count": 1_000_000_000_001,
        "config": MODELS[0]["config"],
        "architecture": "llama",
        "siblings": ["README.md", "model.safetensors"],
        "pipeline_tag": "text-generation",
        "library_name": "transformers",
        "gated": "manual",
        "private": False,
        "disabled": True,
        "storage_bytes": 1000,
    },
    {"model_id": "gpt2", "parameter_count": 7, "architecture": "qwen2", "siblings": [], "tags": [], "gated": "false"},
]
ABSENT: dict[str, set[str]] = {
    "baseModels": {"base_models"},
    "author": set(),
    "sha": {"sha"},
    "config": {"config", "architecture"},
    "lastModified": {"last_modified"},
    "usedStorage": {"storage_bytes"},
    "disabled": {"disabled"},
    "siblings": {"siblings"},
}
"""Columns that a dump may lack, and what the loaded rows then lack; the author is in the id."""

Shape = Callable[[list[Any]], pa.Array]


def as_type(type_: pa.DataType, change: Callable[[Any], Any] = lambda value: value) -> Shape:
    return lambda values: pa.array([None if value is None else change(value) for value in values], type_)


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def padded_json(value: object) -> str:
    return f" \n{json.dumps(value, indent=1)}\n"


def iso(end: str) -> Callable[[datetime], str]:
    return lambda instant: f"{instant:%Y-%m-%dT%H:%M:%S}{end}"


def zoned(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC)


def one_relation_each(parents: dict[str, Any]) -> list[dict[str, str]]:
    return [{"relation": parents["relation"], "id": model["id"]} for model in parents["models"]]


def by_name(files: list[dict[str, str]]) -> list[str]:
    return [file["rfilename"] for file in files]


TEXTS = (as_type(pa.string()), as_type(pa.large_string()), as_type(pa.dictionary(pa.int32(), pa.string())))
JSON_TEXTS = (as_type(pa.string(), to_json), as_type(pa.string(), padded_json), as_type(pa.json_(), to_json))
COUNTS = (as_type(pa.int64()), as_type(pa.uint64()), as_type(pa.float64()), as_type(pa.string(), str))
TIMES = (
    *(as_type(pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")),
    as_type(pa.timestamp("us", "UTC"), zoned),
    as_type(pa.timestamp("ms", "America/New_York"), zoned),
    as_type(pa.string(), iso(".000Z")),
    as_type(pa.string(), iso("+00:00")),
    as_type(pa.string(), str),
    as_type(pa.int64(), lambda instant: int(zoned(instant).timestamp() * 1000)),
)
PARENT = pa.struct({"_id": pa.string(), "id": pa.string()})
FILE = pa.struct({"rfilename": pa.string()})
TOTAL = pa.struct({"total": pa.int64(), "architecture": pa.string()})
SHAPES: dict[str, tuple[Shape, ...]] = {
    "id": TEXTS,
    "author": TEXTS,
    "sha": TEXTS,
    "createdAt": TIMES,
    "lastModified": TIMES,
    "downloads": (*COUNTS, as_type(pa.int32()), as_type(pa.decimal128(20, 0), Decimal)),
    "downloadsAllTime": COUNTS,
    "likes": COUNTS,
    "trendingScore": COUNTS,
    "tags": (as_type(pa.list_(pa.string())), as_type(pa.large_list(pa.large_string())), *JSON_TEXTS),
    "cardData": (
        *JSON_TEXTS,
        as_type(pa.struct({"license": pa.string(), "base_model": pa.list_(pa.string())})),
    ),
    "baseModels": (
        *JSON_TEXTS,
        as_type(pa.struct({"relation": pa.string(), "models": pa.list_(PARENT)})),
        as_type(pa.struct({"models": pa.list_(PARENT), "relation": pa.dictionary(pa.int8(), pa.string())})),
        as_type(pa.list_(pa.struct({"id": pa.string(), "relation": pa.string()})), one_relation_each),
        as_type(pa.string(), lambda parents: to_json(one_relation_each(parents))),
    ),
    "safetensors": (
        *JSON_TEXTS,
        as_type(pa.struct({"parameters": pa.struct({"BF16": pa.int64(), "F32": pa.int64()}), "total": pa.int64()})),
        as_type(pa.struct({"total": pa.float64()})),
        as_type(pa.struct({"parameters": pa.map_(pa.string(), pa.int64()), "total": pa.uint64()})),
    ),
    "config": (
        *JSON_TEXTS,
        as_type(pa.struct({"model_type": pa.string(), "architectures": pa.list_(pa.string())})),
    ),
    "gguf": (*JSON_TEXTS, as_type(TOTAL)),
    "siblings": (
        *JSON_TEXTS,
        as_type(pa.list_(FILE)),
        as_type(pa.list_(pa.struct({"size": pa.int64(), "rfilename": pa.large_string()}))),
        as_type(pa.list_(pa.string()), by_name),
        as_type(pa.string(), lambda files: to_json(by_name(files))),
    ),
    "pipeline_tag": TEXTS,
    "library_name": TEXTS,
    "gated": (*TEXTS, as_type(pa.string(), to_json)),
    "private": (as_type(pa.bool_()), as_type(pa.string(), str), as_type(pa.int8(), int)),
    "disabled": (as_type(pa.bool_()), as_type(pa.string(), lambda value: str(value).lower())),
    "usedStorage": COUNTS,
}


def write(path: Path, shapes: dict[str, Shape], chance: random.Random, absent: str | None) -> None:
    columns = {name: shape([model.get(name) for model in MODELS]) for name, shape in shapes.items() if name != absent}
    columns["_id"] = pa.array(["1", "2", "3"])
    columns["spaces"] = pa.array([[{"id": "o/s"}], None, []])
    columns["inference"] = pa.nulls(3)
    names = list(columns)
    chance.shuffle(names)
    pq.write_table(pa.table({name: columns[name] for name in names}), path, row_group_size=chance.choice([1, 3]))


def loaded(path: Path) -> list[dict[str, Any]]:
    rows = query(path, f"select {', '.join(COLUMNS)} from raw.hub_models order by model_id")
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    for row in found:
        for name in ("card_data", "config"):
            row[name] = json.loads(row[name]) if row[name] is not None else None
    return found


COLUMNS = list(EXPECTED[0])


@pytest.mark.parametrize("number", range(max(map(len, SHAPES.values()))))
def test_every_shape_of_every_column(number: int, tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    chance = random.Random(number)
    # Shifted against each other: every shape of each column is met, beside others of the others.
    shapes = {name: found[(number + shift) % len(found)] for shift, (name, found) in enumerate(SHAPES.items())}
    absent = chance.choice([None, *ABSENT])
    write(tmp_path / "dump.parquet", shapes, chance, absent)

    outcome = extract("dump", tmp_path / "dump.parquet")

    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stderr == "Note: rows without an id, left out: 1\n"
    lacking = ABSENT.get(absent, set()) if absent else set()
    expected = [{name: row.get(name) for name in COLUMNS} for row in EXPECTED]
    for row in expected:
        row.update(dict.fromkeys(lacking))
    if absent == "config":
        expected[0]["architecture"] = "qwen2"
        expected[1]["architecture"] = "qwen2"
    assert loaded(warehouse_file) == expected
