"""Dumps: whatever columns and types they have, and files that are not a dump."""

import gzip
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extract.hub.dump import load_dump
from tests.python.extract.command import Command, assert_refused, query

ROW = """
    select
        '66e81ca3' as _id, 'Org/Child' as id, 'Org' as author, 'abc' as sha,
        timestamp '2024-05-01 12:00:00' as createdAt, timestamp '2024-06-01 12:00:00' as lastModified,
        12::bigint as downloads, 99::bigint as downloadsAllTime, 3::bigint as likes, 2::bigint as trendingScore,
        ['a', 'base_model:Org/Base'] as tags, '{"license":"mit"}' as cardData,
        {'models': [{'_id': '1', 'id': 'Org/Base'}], 'relation': 'finetune'} as baseModels,
        {'parameters': {'F32': 5}, 'total': 5} as safetensors,
        {'model_type': 'llama', 'architectures': ['X']} as config,
        null::struct(total bigint, architecture varchar) as gguf,
        [{'rfilename': 'README.md'}, {'rfilename': 'model.safetensors'}] as siblings,
        'transformers' as library_name, 'text-generation' as pipeline_tag, 'auto' as gated,
        false as private, false as disabled, 1000::bigint as usedStorage, 'grown' as newColumn
"""
EXPECTED = {
    "observed_at": datetime(2024, 6, 1, 12),
    "model_id": "Org/Child",
    "author": "Org",
    "sha": "abc",
    "created_at": datetime(2024, 5, 1, 12),
    "last_modified": datetime(2024, 6, 1, 12),
    "downloads": 12,
    "downloads_all_time": 99,
    "likes": 3,
    "trending_score": 2.0,
    "pipeline_tag": "text-generation",
    "library_name": "transformers",
    "gated": "auto",
    "private": False,
    "disabled": False,
    "tags": ["a", "base_model:Org/Base"],
    "base_models": [{"relation": "finetune", "id": "Org/Base"}],
    "card_data": '{"license":"mit"}',
    "config": '{"model_type":"llama","architectures":["X"]}',
    "architecture": "llama",
    "parameter_count": 5,
    "storage_bytes": 1000,
    "siblings": ["README.md", "model.safetensors"],
    "hub_id": "66e81ca3",
    "gguf": None,
    "safetensors": '{"parameters":{"F32":5},"total":5}',
}


def write(folder: Path, select: str = ROW, name: str = "models.parquet") -> Path:
    path = folder / name
    with duckdb.connect() as connection:
        connection.sql(select).write_parquet(str(path))
    return path


def only_row(path: Path) -> dict[str, Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        cursor = connection.execute("select * exclude (run_id) from raw.hub_models")
        names = [column[0] for column in cursor.description]
        [row] = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def test_a_dump_in_the_best_known_shape(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    outcome = extract("dump", write(tmp_path))
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert "Loaded 1 model as of 2024-06-01 12:00 UTC" in outcome.stdout
    assert only_row(warehouse_file) == EXPECTED
    [(source, status, rows, params)] = query(
        warehouse_file, "select source, status, row_count, params from raw.extract_runs"
    )
    assert (source, status, rows) == ("dump", "complete", 1)
    assert '"is_partial": false' in params and str(tmp_path) not in params


def test_what_the_hub_read_of_the_weights_is_kept(tmp_path: Path, warehouse_file: Path) -> None:
    replaced = """
        {'parameters': {'F32': 5, 'I64': 2, 'BF16': null}} as safetensors,
        {'diffusers': {'_class_name': 'StableDiffusionPipeline'}} as config,
        {'total': 7, 'architecture': 'llama', 'totalFileSize': 14, 'chat_template': '{{ long }}'} as gguf
    """
    load_dump([str(write(tmp_path, f"select * exclude (safetensors, config, gguf), {replaced} from ({ROW})"))])
    row = only_row(warehouse_file)
    assert (row["parameter_count"], row["architecture"]) == (7, "StableDiffusionPipeline")
    assert json.loads(row["gguf"]) == {"total": 7, "architecture": "llama", "totalFileSize": 14}
    assert json.loads(row["safetensors"])["parameters"]["I64"] == 2


@pytest.mark.parametrize(
    "replacement",
    [
        "strftime(createdAt, '%Y-%m-%dT%H:%M:%S.000Z') as createdAt, lastModified::varchar || '+00:00' as lastModified",
        "createdAt at time zone 'UTC' as createdAt, epoch_ms(lastModified) as lastModified",
        "createdAt::timestamp_ns as createdAt, lastModified::timestamp_s as lastModified",
        "to_json(baseModels)::varchar as baseModels, to_json(safetensors) as safetensors",
        "to_json(config)::varchar as config, to_json(siblings)::varchar as siblings, to_json(tags)::varchar as tags",
        "['README.md', 'model.safetensors'] as siblings, cardData::json as cardData",
        "{'license': 'mit'} as cardData, '\"auto\"' as gated, 'false' as private",
        "downloads::double as downloads, likes::varchar as likes, trendingScore::varchar as trendingScore",
        "cardData::blob as cardData, id::blob as id",
        "null as author",
    ],
)
def test_the_same_model_in_other_types(replacement: str, tmp_path: Path, warehouse_file: Path) -> None:
    names = ", ".join(piece.split(",")[0].strip() for piece in replacement.split(" as ")[1:])
    source = f"select * exclude ({names}), {replacement} from ({ROW})"
    load_dump([str(write(tmp_path, source))])
    assert only_row(warehouse_file) == EXPECTED


@pytest.mark.parametrize(
    ("base_models", "parents"),
    [
        ("null::varchar", None),
        ("''", None),
        ("'not json'", None),
        ("{'models': []::struct(id varchar)[], 'relation': null}", []),
        ("[{'id': 'a/b'}, {'id': null}]", [(None, "a/b")]),
        ("['a/b', 'c/d']", [(None, "a/b"), (None, "c/d")]),
        ('\'{"relation":"merge","models":[{"id":"a/b"},{"id":"c/d"}]}\'', [("merge", "a/b"), ("merge", "c/d")]),
    ],
)
def test_base_models_in_every_shape(
    base_models: str, parents: list[tuple[str | None, str]] | None, tmp_path: Path, warehouse_file: Path
) -> None:
    load_dump([str(write(tmp_path, f"select 'a/x' as id, {base_models} as baseModels"))])
    expected = None if parents is None else [{"relation": relation, "id": id_} for relation, id_ in parents]
    assert only_row(warehouse_file)["base_models"] == expected


def test_a_dump_of_ids_alone(tmp_path: Path, warehouse_file: Path) -> None:
    result = load_dump([str(write(tmp_path, "select unnest(['a/b', 'gpt2', null, ' ']) as modelId"))], "2025-06-30")
    assert (result.n_models, result.n_without_id) == (2, 2)
    assert result.notes == ["rows without an id, left out: 2"]
    rows = query(warehouse_file, "select model_id, author, observed_at, downloads, tags from raw.hub_models")
    assert rows == [("a/b", "a", datetime(2025, 6, 30), None, None), ("gpt2", None, datetime(2025, 6, 30), None, None)]


def test_what_cannot_be_read_is_counted(tmp_path: Path, warehouse_file: Path) -> None:
    path = write(
        tmp_path,
        """select 'a/' || i as id, ['{"a":1}', '{bad', '', null][i] as cardData,
        ['7', 'many', null, ''][i] as downloads,
        ['2024-01-01', 'soon', '2024-01-02T00:00:00+02:00', null][i] as lastModified from range(1, 5) as t(i)""",
    )
    result = load_dump([str(path)])
    assert result.notes == [
        "values of card_data that cannot be read, left empty: 1",
        "values of last_modified that cannot be read, left empty: 1",
        "values of downloads that are no number from 0 to 1,000,000,000,000, left empty: 1",
    ]
    assert result.observed_at == datetime(2024, 1, 1, 22)
    rows = query(warehouse_file, "select card_data, downloads, last_modified from raw.hub_models order by model_id")
    assert rows == [
        ('{"a":1}', 7, datetime(2024, 1, 1)),
        (None, None, None),
        (None, None, datetime(2024, 1, 1, 22)),
        (None, None, None),
    ]


COUNTERS = {
    "downloads": (0, 10**12),
    "downloadsAllTime": (0, 10**12),
    "likes": (0, 10**12),
    "trendingScore": (-(10**12), 10**12),
    "usedStorage": (0, 10**15),
}


@pytest.mark.parametrize("type_", ["bigint", "double", "varchar", "hugeint"])
def test_counters_that_cannot_be_true_are_emptied_and_counted(
    type_: str, tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    values = {name: [low, high, low - 1, high + 1, -(2**62), None] for name, (low, high) in COUNTERS.items()}
    if type_ in {"varchar", "hugeint"}:
        values = {name: [*column, 10**30] for name, column in values.items()}
    columns = [
        f"unnest([{', '.join(map(str, column))}])::hugeint::{type_} as {name}" for name, column in values.items()
    ]
    n_odd = len(values["likes"]) - 3
    select = f"select 'a/' || row_number() over () as id, * from (select {', '.join(columns)})"
    outcome = extract("dump", write(tmp_path, select.replace("None", "null")))
    assert f"; {5 * n_odd} values emptied (run" in outcome.stdout
    assert f"values of likes that are no number from 0 to 1,000,000,000,000, left empty: {n_odd}\n" in outcome.stderr
    names = ["downloads", "downloads_all_time", "likes", "trending_score", "storage_bytes"]
    for name, (low, high) in zip(names, COUNTERS.values(), strict=True):
        rows = query(warehouse_file, f"select {name} from raw.hub_models where {name} is not null order by 1")
        assert rows == [(low,), (high,)]
    [(emptied,)] = query(warehouse_file, "select params -> 'values_emptied' ->> 'storage_bytes' from raw.extract_runs")
    assert int(emptied) == n_odd


@pytest.mark.parametrize("safetensors", ["'{\"total\":' || total || '}'", "{'total': total}"])
def test_numbers_of_parameters_that_cannot_be_true_are_emptied(
    safetensors: str, tmp_path: Path, warehouse_file: Path
) -> None:
    path = write(
        tmp_path,
        f"""select
            'a/' || row_number() over (order by total) as id, {safetensors} as safetensors, {{'total': 9}} as gguf
        from (select unnest([-1, 0, 2000000000000, 10000000000001]) as total)""",
    )
    assert load_dump([str(path)]).emptied == {"parameter_count": 2}
    rows = query(warehouse_file, "select parameter_count from raw.hub_models order by model_id")
    assert rows == [(None,), (9,), (2 * 10**12,), (None,)]


def test_a_model_that_repeats_is_loaded_once(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    one = write(
        tmp_path,
        """select unnest(['a/b', 'A/B', ' a/b', 'a/c', 'x/y', 'x/y', null, null]) as id,
        unnest([1, 2, 3, 4, 5, 7, 8, 9]) as downloads,
        unnest(['2024-01-02', '2024-01-03', '2024-01-01', null, '2024-01-01', '2024-01-01', null, null])
            as lastModified""",
        "0.parquet",
    )
    two = write(
        tmp_path, "select unnest(['A/C', 'x/z']) as id, 6 as downloads, '2020-01-01' as lastModified", "1.parquet"
    )
    outcome = extract("dump", one, two)
    assert "Loaded 4 models as of" in outcome.stdout and "; 6 rows left out (run" in outcome.stdout
    assert "rows without an id, left out: 2\n" in outcome.stderr
    assert "left out, where the one changed last is kept: 4 (a/b, a/b, a/c, …)\n" in outcome.stderr
    expected = [("A/B", 2), ("A/C", 6), ("x/y", 7), ("x/z", 6)]
    rows = "select model_id, downloads from raw.hub_models order by run_id, model_id"
    assert query(warehouse_file, rows) == expected
    [(repeated,)] = query(warehouse_file, "select params ->> 'rows_repeated' from raw.extract_runs")
    assert repeated == "4"
    load_dump([str(two), str(one)])
    assert query(warehouse_file, rows) == expected * 2


def test_rows_that_are_equal_are_one(tmp_path: Path, warehouse_file: Path) -> None:
    path = write(tmp_path, f"select row.* exclude (range) from (select * from ({ROW}) cross join range(3)) as row")
    result = load_dump([str(path)])
    assert (result.n_models, result.n_repeated) == (1, 2)
    assert only_row(warehouse_file) == EXPECTED


def test_broken_json_where_the_file_promises_json_is_refused(
    tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    path = tmp_path / "broken.parquet"
    pq.write_table(pa.table({"id": ["a/b"], "cardData": pa.array(["{bad"], pa.json_())}), path)
    assert_refused(extract("dump", path), str(path), "declares as JSON holds text that is not JSON")
    assert query(warehouse_file, "select count(*) from raw.hub_models") == [(0,)]


def test_shards_with_different_columns_are_one_run(tmp_path: Path, warehouse_file: Path) -> None:
    one = write(tmp_path, "select 'a/b' as id, 5 as likes", "0.parquet")
    two = write(tmp_path, "select 7 as downloads, 'a/c' as id", "1.parquet")
    load_dump([str(one), str(two)], is_partial=True)
    assert query(warehouse_file, "select model_id, likes, downloads from raw.hub_models order by 1") == [
        ("a/b", 5, None),
        ("a/c", None, 7),
    ]
    [(params,)] = query(warehouse_file, "select params from raw.extract_runs")
    assert '"is_partial": true' in params


def test_the_same_dump_twice_is_a_run_more_and_the_same_rows(tmp_path: Path, warehouse_file: Path) -> None:
    path = write(tmp_path)
    for _ in range(2):
        load_dump([str(path)])
    assert query(warehouse_file, "select count(*) from raw.extract_runs") == [(2,)]
    assert query(warehouse_file, "select count(*) from (select distinct * exclude (run_id) from raw.hub_models)") == [
        (1,)
    ]


def test_what_is_no_dump(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    text = tmp_path / "models.csv"
    text.write_text("id,downloads\na/b,1\n")
    assert_refused(extract("dump", text), str(text), "is not a Parquet file, as a dump must be")
    whole = write(tmp_path).read_bytes()
    half = tmp_path / "half.parquet"
    half.write_bytes(whole[: len(whole) // 2])
    assert_refused(extract("dump", half), str(half), "not a whole Parquet file")
    packed = tmp_path / "models.parquet.gz"
    packed.write_bytes(gzip.compress(whole))
    assert_refused(extract("dump", packed), str(packed), "compressed with gzip; unpack it (gunzip)")
    with zipfile.ZipFile(tmp_path / "models.zip", "w") as archive:
        archive.writestr("models.parquet", whole)
    assert_refused(extract("dump", tmp_path / "models.zip"), "is a ZIP archive; unpack it")
    pointer = tmp_path / "pointer.parquet"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    assert_refused(extract("dump", pointer), "is a pointer of Git LFS")
    assert_refused(extract("dump", write(tmp_path, "select 1 as likes")), "has no column id")
    assert_refused(extract("dump", write(tmp_path, "select null::varchar as id")), "no model with an id")
    assert_refused(extract("dump", tmp_path / "absent.parquet"), "There is no file")
    assert_refused(extract("dump", "ftp://example.org/x"), "cannot be fetched by ftp", exit_code=2)
    assert_refused(extract("dump", write(tmp_path), "--observed-at", "then"), "'then' is not a date", exit_code=2)
    assert not warehouse_file.exists()
