"""Load a Parquet dump of the Hub straight through DuckDB: no row passes through Python.

Dumps come from many hands and grow columns: what is there is found by name, what is not is null,
and a column may be a struct, a list, or the same as JSON text. Only ``id`` must be there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import duckdb

from extract.errors import InputError, UsageError
from extract.hub.download import download
from extract.importers.hub_models import parse_observed_at
from extract.warehouse import load, utc_now

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "modelId", "model_id"),
    "author": ("author",),
    "sha": ("sha",),
    "created_at": ("createdAt", "created_at"),
    "last_modified": ("lastModified", "last_modified"),
    "downloads": ("downloads",),
    "downloads_all_time": ("downloadsAllTime", "downloads_all_time"),
    "likes": ("likes",),
    "trending_score": ("trendingScore", "trending_score"),
    "pipeline_tag": ("pipeline_tag", "pipelineTag"),
    "library_name": ("library_name", "libraryName"),
    "gated": ("gated",),
    "private": ("private",),
    "disabled": ("disabled",),
    "tags": ("tags",),
    "base_models": ("baseModels", "base_models"),
    "card_data": ("cardData", "card_data"),
    "config": ("config",),
    "gguf": ("gguf",),
    "safetensors": ("safetensors",),
    "storage": ("usedStorage", "used_storage", "storage_bytes"),
    "siblings": ("siblings",),
}
"""What a column is called here, and in the dumps; letter case does not matter."""

# One expression for each kind of type that a column is found with. The columns have the names above.
_TEXT: Final = {
    "author": "nullif(try_cast(author as varchar), '')",
    "sha": "nullif(try_cast(sha as varchar), '')",
    "pipeline_tag": "nullif(try_cast(pipeline_tag as varchar), '')",
    "library_name": "nullif(try_cast(library_name as varchar), '')",
    "gated": "nullif(lower(trim(try_cast(gated as varchar), '\"')), '')",
}
_NUMBER: Final = {
    "downloads": "try_cast(downloads as bigint)",
    "downloads_all_time": "try_cast(downloads_all_time as bigint)",
    "likes": "try_cast(likes as bigint)",
    "trending_score": "try_cast(trending_score as double)",
    "storage": "try_cast(storage as bigint)",
    "private": "try_cast(private as boolean)",
    "disabled": "try_cast(disabled as boolean)",
}
_TIME: Final = {
    # Texts and zoned times are read in the connection's zone, which is UTC; whole numbers are milliseconds.
    "text": {
        "created_at": "cast(try_cast(created_at as timestamp with time zone) as timestamp)",
        "last_modified": "cast(try_cast(last_modified as timestamp with time zone) as timestamp)",
    },
    "number": {
        "created_at": "cast(epoch_ms(try_cast(created_at as bigint)) as timestamp)",
        "last_modified": "cast(epoch_ms(try_cast(last_modified as bigint)) as timestamp)",
    },
    "other": {
        "created_at": "try_cast(created_at as timestamp)",
        "last_modified": "try_cast(last_modified as timestamp)",
    },
}
_JSON: Final = {
    "text": {
        "base_models": "try_cast(base_models as json)",
        "card_data": "try_cast(card_data as json)",
        "config": "try_cast(config as json)",
        "gguf": "try_cast(gguf as json)",
        "safetensors": "try_cast(safetensors as json)",
        "siblings": "try_cast(siblings as json)",
        "tags": "try_cast(tags as json)",
    },
    "other": {
        "base_models": "to_json(base_models)",
        "card_data": "to_json(card_data)",
        "config": "to_json(config)",
        "gguf": "to_json(gguf)",
        "safetensors": "to_json(safetensors)",
        "siblings": "to_json(siblings)",
        "tags": "to_json(tags)",
    },
}
_FROM_JSON: Final = {
    "base_models": """
        cast(list_transform(
            list_filter(
                case
                    when json_type(base_models) = 'OBJECT' then json_extract_string(base_models, '$.models[*].id')
                    when json_type(base_models, '$[0]') = 'OBJECT' then json_extract_string(base_models, '$[*].id')
                    when json_type(base_models) = 'ARRAY' then json_extract_string(base_models, '$[*]')
                end,
                lambda parent: parent is not null
            ),
            lambda parent: {
                'relation': case
                    when json_type(base_models) = 'OBJECT' then json_extract_string(base_models, '$.relation')
                end,
                'id': parent
            }
        ) as struct(relation varchar, id varchar)[])
    """,
    "card_data": "case when json_type(card_data) = 'OBJECT' then card_data end",
    "config": "case when json_type(config) = 'OBJECT' then config end",
    "architecture": """
        coalesce(
            nullif(json_extract_string(config, '$.model_type'), ''),
            nullif(json_extract_string(gguf, '$.architecture'), '')
        )
    """,
    "parameter_count": """
        coalesce(
            try_cast(json_extract_string(safetensors, '$.total') as bigint),
            try_cast(json_extract_string(gguf, '$.total') as bigint)
        )
    """,
    "siblings": """
        case
            when json_type(siblings, '$[0]') = 'OBJECT' then json_extract_string(siblings, '$[*].rfilename')
            when json_type(siblings) = 'ARRAY' then json_extract_string(siblings, '$[*]')
        end
    """,
    "tags": "case when json_type(tags) = 'ARRAY' then json_extract_string(tags, '$[*]') end",
}
_FILE_NAMES: Final = "list_transform(siblings, lambda file: file.rfilename)"
"""Three times faster than by JSON, where the list is one of structs as in the best known dump."""

_MODEL_ID: Final = "nullif(trim(try_cast(id as varchar)), '')"
_AUTHOR: Final = "coalesce(author, case when model_id like '%/%' then split_part(model_id, '/', 1) end)"
_UNREADABLE: Final = (
    ("card_data", "count(*) filter (where card_data <> '' and try_cast(card_data as json) is null)"),
    ("created_at", "count(*) filter (where created_at <> '' and try_cast(created_at as timestamptz) is null)"),
    ("last_modified", "count(*) filter (where last_modified <> '' and try_cast(last_modified as timestamptz) is null)"),
    ("downloads", "count(*) filter (where downloads <> '' and try_cast(downloads as bigint) is null)"),
)
"""Counted only where the column is text: what could not be read and became null."""


@dataclass
class DumpLoaded:
    """What a dump held."""

    n_models: int
    n_without_id: int
    observed_at: datetime
    notes: list[str] = field(default_factory=list)
    run_id: str = ""


def load_dump(sources: Sequence[str], observed_at: str | None = None, *, is_partial: bool = False) -> DumpLoaded:
    """Load a dump, in one file or several, into ``raw.hub_models`` as one run.

    A source is a file or an address (https or hf), which is fetched into the cache first, and goes
    on where it was when that was interrupted. Every model is observed at ``observed_at``; without
    it, at the newest change in the dump, so that the same dump says the same whenever it is loaded.
    Raises InputError for what is no Parquet file or has no model ids.
    """
    if not sources:
        raise UsageError("Name the dump to load: a Parquet file or its address.")
    given = parse_observed_at(observed_at) if observed_at is not None else None
    files = [_local_file(source) for source in sources]
    paths = [file for file, _ in files]
    with _in_memory() as connection:
        result = _inspect(connection, paths, given)
    params = {
        "kind": "dump",
        "scope": "all",
        "is_partial": is_partial,
        "files": [_shown(source) for source in sources],
        "observed_at": result.observed_at.isoformat(),
        "rows_without_id": result.n_without_id,
        "notes": result.notes,
    }
    with load("dump", params=params) as run:
        run.add_query("hub_models", lambda connection: model_rows(connection, paths, result.observed_at))
        result.run_id = run.run_id
    result.n_models = run.row_count
    for path, is_fetched in files:
        if is_fetched:
            path.unlink()
    return result


def model_rows(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], observed_at: datetime
) -> duckdb.DuckDBPyRelation:
    """Return the rows of ``raw.hub_models`` (but ``run_id``) that a dump holds, as a relation.

    Rows without an id are left out. The connection's time zone is set to UTC.
    """
    connection.execute("set TimeZone = 'UTC'")
    source = _renamed(connection, paths)
    kinds = _kinds(source)
    plain = [_sql(_MODEL_ID, "model_id")]
    plain += [_sql(text, name) for name, text in {**_TEXT, **_NUMBER}.items()]
    plain += [_sql(_TIME[_time_kind(kinds[name])][name], name) for name in ("created_at", "last_modified")]
    ready = {}
    if kinds["tags"] == "VARCHAR[]":
        ready["tags"] = "tags"
    if kinds["siblings"].startswith("STRUCT(") and "rfilename VARCHAR" in kinds["siblings"]:
        ready["siblings"] = _FILE_NAMES
    plain += [_sql(text, name) for name, text in ready.items()]
    by_json = [name for name in _JSON["text"] if name not in ready]
    plain += [_sql(_JSON["text" if _is_text(kinds[name]) else "other"][name], name) for name in by_json]
    typed = source.select(*plain).filter("model_id is not null")
    as_they_are = ["sha", "created_at", "last_modified", "pipeline_tag", "library_name", "gated", *_NUMBER, *ready]
    as_they_are.remove("storage")
    return typed.select(
        duckdb.ConstantExpression(observed_at).alias("observed_at"),
        duckdb.ColumnExpression("model_id"),
        duckdb.ColumnExpression("storage").alias("storage_bytes"),
        _sql(_AUTHOR, "author"),
        *(_sql(text, name) for name, text in _FROM_JSON.items() if name not in ready),
        *(duckdb.ColumnExpression(name) for name in as_they_are),
    )


def _sql(text: str, name: str) -> duckdb.Expression:
    return duckdb.SQLExpression(text).alias(name)


def _renamed(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> duckdb.DuckDBPyRelation:
    """Return the dump with the names used here; a column that it lacks is null."""
    dump = connection.read_parquet([str(path) for path in paths], union_by_name=True, binary_as_string=True)
    present = {name.lower(): name for name in dump.columns}
    columns = []
    for name, spellings in NAMES.items():
        found = next((present[spelling.lower()] for spelling in spellings if spelling.lower() in present), None)
        column = duckdb.ConstantExpression(None).cast("varchar") if found is None else duckdb.ColumnExpression(found)
        columns.append(column.alias(name))
    return dump.select(*columns)


def _kinds(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return {name: str(type_) for name, type_ in zip(relation.columns, relation.types, strict=True)}


def _is_text(kind: str) -> bool:
    return kind in {"VARCHAR", "JSON"}


def _time_kind(kind: str) -> str:
    if _is_text(kind) or kind == "TIMESTAMP WITH TIME ZONE":
        return "text"
    return "number" if kind.endswith(("INT", "INTEGER")) else "other"


def _inspect(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], observed_at: datetime | None) -> DumpLoaded:
    """Read what must be known before the warehouse is opened; raise InputError for what is no dump."""
    names = ", ".join(str(path) for path in paths)
    try:
        dump = connection.read_parquet([str(path) for path in paths], union_by_name=True, binary_as_string=True)
        columns = dump.columns
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{names} is not a whole Parquet file ({reason}); nothing was loaded.") from error
    if not {name.lower() for name in columns} & {name.lower() for name in NAMES["id"]}:
        raise InputError(f"{names} has no column id (its columns: {', '.join(columns[:10])}); nothing was loaded.")
    source = _renamed(connection, paths)
    kinds = _kinds(source)
    counts = ["count(*)", "count(*) filter (where nullif(trim(try_cast(id as varchar)), '') is null)"]
    newest = [f"max({_TIME[_time_kind(kinds[name])][name]})" for name in ("last_modified", "created_at")]
    texts = [(name, count) for name, count in _UNREADABLE if kinds[name] == "VARCHAR"]
    try:
        [row] = source.aggregate(", ".join([*counts, *newest, *(count for _, count in texts)])).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{names} cannot be read to its end ({reason}); nothing was loaded.") from error
    n_rows, n_without_id, newest_change, newest_model, *unreadable = row
    if n_rows == n_without_id:
        raise InputError(f"{names} holds no model with an id; nothing was loaded.")
    now = utc_now()
    taken_at = observed_at or min(newest_change or newest_model or now, now)
    result = DumpLoaded(n_rows - n_without_id, n_without_id, taken_at)
    if n_without_id:
        result.notes.append(f"rows without an id, left out: {n_without_id:,}")
    result.notes += [
        f"values of {name} that cannot be read, left empty: {count:,}"
        for (name, _), count in zip(texts, unreadable, strict=True)
        if count
    ]
    return result


@contextmanager
def _in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def _local_file(source: str) -> tuple[Path, bool]:
    """Return the file of a source, and whether it was fetched for this load."""
    scheme = urlsplit(source).scheme.lower() if "://" in source else ""
    if not scheme:
        path = Path(source)
        if not path.is_file():
            raise InputError(f"There is no file {path}; check its name.")
        return path, False
    if scheme not in {"http", "https", "hf"}:
        raise UsageError(f"A dump cannot be fetched by {scheme}; give a file, or an https or hf address.")
    return download(source), True


def _shown(source: str) -> str:
    """Return what the run log keeps of a source: no folder, user, password or signed query."""
    if "://" not in source:
        return Path(source).name
    parts = urlsplit(source)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
