"""Load a Parquet dump of the Hub straight through DuckDB: no row passes through Python.

Dumps come from many hands and grow columns: what is there is found by name, what is not is null,
and a column may be a struct, a list, or the same as JSON text. Only ``id`` must be there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa

from extract.hub.download import download
from extract.importers.hub_models import parse_observed_at
from modelkin.errors import InputError, UsageError
from modelkin.raw_schemas import COUNTER_RANGES, HUB_MODELS, emptied_note
from modelkin.warehouse import load, utc_now

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
    "storage_bytes": ("usedStorage", "used_storage", "storage_bytes"),
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
_TRUTH: Final = {
    "private": "try_cast(private as boolean)",
    "disabled": "try_cast(disabled as boolean)",
}
_NUMBER: Final = {
    "downloads": "try_cast(downloads as bigint)",
    "downloads_all_time": "try_cast(downloads_all_time as bigint)",
    "likes": "try_cast(likes as bigint)",
    "trending_score": "try_cast(trending_score as double)",
    "storage_bytes": "try_cast(storage_bytes as bigint)",
}
"""Kept where they are within COUNTER_RANGES, else null and counted."""

_PARAMETERS: Final = """
    coalesce(
        nullif(try_cast(json_extract_string(safetensors, '$.total') as bigint), 0),
        try_cast(json_extract_string(gguf, '$.total') as bigint)
    )
"""
"""Of columns that are JSON already; kept within its range too."""

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
        "base_models": "try_cast(ltrim(base_models, E' \\t\\r\\n') as json)",
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
    # What is JSON and begins with a brace is an object: to parse it again would cost seconds.
    "base_models": """
        cast(list_filter(
            case
                when base_models like '{%' and json_type(base_models, '$.models[0]') = 'VARCHAR'
                    then list_transform(
                        json_extract_string(base_models, '$.models[*]'),
                        lambda parent: {'relation': json_extract_string(base_models, '$.relation'), 'id': parent}
                    )
                when base_models like '{%'
                    then list_transform(
                        json_transform(base_models, '{"models":[{"relation":"VARCHAR","id":"VARCHAR"}]}').models,
                        lambda parent: {
                            'relation': coalesce(parent.relation, json_extract_string(base_models, '$.relation')),
                            'id': parent.id
                        }
                    )
                when json_type(base_models, '$[0]') = 'OBJECT'
                    then json_transform(base_models, '[{"relation":"VARCHAR","id":"VARCHAR"}]')
                when json_type(base_models) = 'ARRAY'
                    then list_transform(
                        json_extract_string(base_models, '$[*]'),
                        lambda parent: {'relation': cast(null as varchar), 'id': parent}
                    )
            end,
            lambda parent: parent.id <> ''
        ) as struct(relation varchar, id varchar)[])
    """,
    "card_data": """
        case when card_data like '{%' then card_data when json_type(card_data) = 'OBJECT' then card_data end
    """,
    "config": "case when config like '{%' then config when json_type(config) = 'OBJECT' then config end",
    "architecture": """
        coalesce(
            nullif(json_extract_string(config, '$.model_type'), ''),
            nullif(json_extract_string(gguf, '$.architecture'), '')
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

_MODEL_ID: Final = """
    case
        when id like ' %' or id like '% ' then nullif(trim(id), '')
        else nullif(id, '')
    end
"""
"""Of an id that is text. Most need no trimming, which costs a second for two million."""

_AUTHOR: Final = "coalesce(author, case when model_id like '%/%' then split_part(model_id, '/', 1) end)"
_UNREADABLE: Final = {
    "card_data": "count(*) filter (where card_data <> '' and try_cast(card_data as json) is null)",
    "created_at": "count(*) filter (where created_at <> '' and try_cast(created_at as timestamptz) is null)",
    "last_modified": "count(*) filter (where last_modified <> '' and try_cast(last_modified as timestamptz) is null)",
}
"""Counted only where the column is text: what could not be read and became null."""

_IDS: Final = ("count(*)", "count(model_id)", "count(distinct lower(model_id))")
"""Rows, models, and different models: where the last two are equal, no model repeats."""

_PLACE: Final = """
    row_number() over (
        partition by key
        order by last_modified desc nulls last, downloads desc nulls last, id, filename, file_row_number
    )
"""
"""Of rows of one model: the one changed last, then the most downloaded, the first by id, the first in the dump."""

_NAMED_REPEATS: Final = 3


@dataclass
class DumpLoaded:
    """What a dump held."""

    n_models: int
    n_without_id: int
    observed_at: datetime
    n_repeated: int = 0
    """Rows of a model that another row of the dump is kept for."""
    emptied: dict[str, int] = field(default_factory=dict)
    """Values that could not be or cannot be true, by column; they are null."""
    notes: list[str] = field(default_factory=list)
    observed_columns: tuple[str, ...] = ()
    """The columns of ``raw.hub_models`` that the dump carries."""
    run_id: str = ""

    @property
    def set_aside(self) -> str:
        """What was left out, as the last line of the command says it; empty when nothing was."""
        n_rows, n_values = self.n_without_id + self.n_repeated, sum(self.emptied.values())
        return (f"; {n_rows:,} rows left out" if n_rows else "") + (
            f"; {n_values:,} values emptied" if n_values else ""
        )


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
        result, repeats = _inspect(connection, paths, given)
    params = {
        "kind": "dump",
        "scope": "all",
        "is_partial": is_partial,
        "files": [_shown(source) for source in sources],
        "observed_at": result.observed_at.isoformat(),
        "rows_without_id": result.n_without_id,
        "rows_repeated": result.n_repeated,
        "values_emptied": result.emptied,
        "notes": result.notes,
    }
    try:
        with load("dump", params=params) as run:
            run.observes(result.observed_columns)
            run.add_query("hub_models", lambda connection: model_rows(connection, paths, result.observed_at, repeats))
            result.run_id = run.run_id
    except duckdb.Error as error:
        names, reason = ", ".join(str(path) for path in paths), str(error).splitlines()[0]
        if "Malformed JSON" in reason:
            reason = "a column that it declares as JSON holds text that is none"
        raise InputError(f"{names} could not be loaded ({reason}); nothing was.") from error
    result.n_models = run.row_count
    for path, is_fetched in files:
        if is_fetched:
            path.unlink()
    return result


def model_rows(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    observed_at: datetime,
    repeats: pa.Table | None = None,
) -> duckdb.DuckDBPyRelation:
    """Return the rows of ``raw.hub_models`` (but ``run_id``) that a dump holds, as a relation.

    Rows without an id are left out, and those at the places (filename, file_row_number) of
    ``repeats``. The connection's time zone is set to UTC.
    """
    connection.execute("set TimeZone = 'UTC'")
    source = _renamed(connection, paths, has_places=repeats is not None)
    if repeats is not None:
        left_out = connection.from_arrow(repeats).set_alias("left_out")
        source = source.set_alias("dump").join(left_out, "filename, file_row_number", how="anti")
    kinds = _kinds(source)
    plain = [_sql(_MODEL_ID, "model_id")]
    plain += [_sql(text, name) for name, text in {**_TEXT, **_TRUTH}.items()]
    plain += [_within_range(name, text) for name, text in _NUMBER.items()]
    plain += [_sql(_TIME[_time_kind(kinds[name])][name], name) for name in ("created_at", "last_modified")]
    ready = {}
    if kinds["tags"] == "VARCHAR[]":
        ready["tags"] = "tags"
    if kinds["siblings"].startswith("STRUCT(") and "rfilename VARCHAR" in kinds["siblings"]:
        ready["siblings"] = _FILE_NAMES
    plain += [_sql(text, name) for name, text in ready.items()]
    by_json = [name for name in _JSON["text"] if name not in ready]
    plain += [_as_json(name, kinds[name]) for name in by_json]
    typed = source.select(*plain).filter("model_id is not null")
    as_they_are = ["model_id", "sha", "created_at", "last_modified", "pipeline_tag", "library_name", "gated"]
    return typed.select(
        duckdb.ConstantExpression(observed_at).alias("observed_at"),
        _sql(_AUTHOR, "author"),
        _within_range("parameter_count", _PARAMETERS),
        *(_sql(text, name) for name, text in _FROM_JSON.items() if name not in ready),
        *(duckdb.ColumnExpression(name) for name in (*as_they_are, *_TRUTH, *_NUMBER, *ready)),
    )


def _sql(text: str, name: str) -> duckdb.Expression:
    return duckdb.SQLExpression(text).alias(name)


def _as_json(name: str, kind: str) -> duckdb.Expression:
    return _sql(_JSON["text" if _is_text(kind) else "other"][name], name)


def _within_range(name: str, text: str) -> duckdb.Expression:
    """Return the number that ``text`` stands for where it can be true, else null."""
    number = duckdb.SQLExpression(text)
    low, high = (duckdb.ConstantExpression(end) for end in COUNTER_RANGES[name])
    return duckdb.CaseExpression(number.between(low, high), number).alias(name)


def _renamed(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], *, has_places: bool = False
) -> duckdb.DuckDBPyRelation:
    """Return the dump with the names used here; a column that it lacks is null, and so is a number that is no text.

    The id is text. With ``has_places``, filename and file_row_number say where a row lies.
    """
    dump = connection.read_parquet(
        [str(path) for path in paths],
        union_by_name=True,
        binary_as_string=True,
        filename=has_places,
        file_row_number=has_places,
    )
    kinds = {name.lower(): (name, kind) for name, kind in _kinds(dump).items()}
    columns = []
    for name, spellings in NAMES.items():
        found = next((kinds[spelling.lower()] for spelling in spellings if spelling.lower() in kinds), None)
        if found is None:
            column = duckdb.ConstantExpression(None).cast("varchar")
        else:
            column = duckdb.ColumnExpression(found[0])
            if name == "id":
                column = column.cast("varchar")
            elif name in _NUMBER and found[1] == "VARCHAR":
                column = duckdb.CaseExpression(column != duckdb.ConstantExpression(""), column)
        columns.append(column.alias(name))
    places = [duckdb.ColumnExpression(name) for name in ("filename", "file_row_number") if has_places]
    return dump.select(*columns, *places)


def _kinds(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return {name: str(type_) for name, type_ in zip(relation.columns, relation.types, strict=True)}


def _is_text(kind: str) -> bool:
    return kind in {"VARCHAR", "JSON"}


def _time_kind(kind: str) -> str:
    if _is_text(kind) or kind == "TIMESTAMP WITH TIME ZONE":
        return "text"
    return "number" if kind.endswith(("INT", "INTEGER")) else "other"


def _inspect(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], observed_at: datetime | None
) -> tuple[DumpLoaded, pa.Table | None]:
    """Read what must be known before the warehouse is opened, and the places of rows that repeat a model.

    Raises InputError for what is no dump.
    """
    names = ", ".join(str(path) for path in paths)
    try:
        dump = connection.read_parquet([str(path) for path in paths], union_by_name=True, binary_as_string=True)
        columns = dump.columns
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{names} is not a whole Parquet file ({reason}); nothing was loaded.") from error
    if not {name.lower() for name in columns} & {name.lower() for name in NAMES["id"]}:
        raise InputError(f"{names} has no column id (its columns: {', '.join(columns[:10])}); nothing was loaded.")
    try:
        result, repeats = _counted(connection, paths, observed_at)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{names} cannot be read to its end ({reason}); nothing was loaded.") from error
    result.observed_columns = _observed_columns(columns)
    return result, repeats


def _counted(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], observed_at: datetime | None
) -> tuple[DumpLoaded, pa.Table | None]:
    source = _renamed(connection, paths)
    kinds = _kinds(source)
    made = {"safetensors": _as_json("safetensors", kinds["safetensors"]), "gguf": _as_json("gguf", kinds["gguf"])}
    columns = [made.get(name, duckdb.ColumnExpression(name)) for name in NAMES]
    typed = source.select(*columns, _sql(_MODEL_ID, "model_id"))
    newest = [_maximum(_TIME[_time_kind(kinds[name])][name]) for name in ("last_modified", "created_at")]
    unreadable = [name for name in _UNREADABLE if kinds[name] == "VARCHAR"]
    counters = {**_NUMBER, "parameter_count": _PARAMETERS}
    given = [duckdb.SQLExpression(_PARAMETERS if name == "parameter_count" else name) for name in counters]
    kept = [_within_range(name, text) for name, text in counters.items()]
    aggregates = [duckdb.SQLExpression(text) for text in (*_IDS, *(_UNREADABLE[name] for name in unreadable))]
    [row] = typed.aggregate([*aggregates, *newest, *map(_number_of, given), *map(_number_of, kept)]).fetchall()
    n_rows, n_models, n_different, *others = row
    if not n_models:
        names = ", ".join(str(path) for path in paths)
        raise InputError(f"{names} holds no model with an id; nothing was loaded.")
    broken, [newest_change, newest_model], counts = (
        others[: len(unreadable)],
        others[len(unreadable) : len(unreadable) + 2],
        others[len(unreadable) + 2 :],
    )
    now = utc_now()
    result = DumpLoaded(n_models, n_rows - n_models, observed_at or min(newest_change or newest_model or now, now))
    if result.n_without_id:
        result.notes.append(f"rows without an id, left out: {result.n_without_id:,}")
    repeats = _repeats(connection, paths, result) if n_different < n_models else None
    for name, count in zip(unreadable, broken, strict=True):
        if count:
            result.emptied[name] = count
            result.notes.append(f"values of {name} that cannot be read, left empty: {count:,}")
    for name, n_given, n_kept in zip(counters, counts, counts[len(counters) :], strict=False):
        if n_given > n_kept:
            result.emptied[name] = n_given - n_kept
            result.notes.append(emptied_note(name, n_given - n_kept))
    return result, repeats


def _observed_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of ``raw.hub_models`` that a dump of these columns carries."""
    present = {name.lower() for name in columns}
    carried = {name for name, spellings in NAMES.items() if present & {spelling.lower() for spelling in spellings}}
    made = {"architecture": {"config", "gguf"}, "parameter_count": {"safetensors", "gguf"}, "author": {"id"}}
    carried |= {name for name, sources in made.items() if carried & sources}
    return tuple(sorted(carried & set(HUB_MODELS.names)))


def _maximum(text: str) -> duckdb.Expression:
    return duckdb.FunctionExpression("max", duckdb.SQLExpression(text))


def _number_of(value: duckdb.Expression) -> duckdb.Expression:
    return duckdb.FunctionExpression("count", value)


def _repeats(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], result: DumpLoaded) -> pa.Table | None:
    """Return the places of rows of models that have a better row, and say in ``result`` how many and of which."""
    source = _renamed(connection, paths, has_places=True)
    changed = _TIME[_time_kind(_kinds(source)["last_modified"])]["last_modified"]
    rows = source.select(
        _sql(_MODEL_ID, "id"),
        _sql(changed, "last_modified"),
        _within_range("downloads", _NUMBER["downloads"]),
        duckdb.ColumnExpression("filename"),
        duckdb.ColumnExpression("file_row_number"),
    ).select(duckdb.StarExpression(), duckdb.SQLExpression("lower(id)").alias("key"))
    repeated = rows.filter("key is not null").aggregate("key, count(*) as n_rows", "key").filter("n_rows > 1")
    placed = (
        rows.set_alias("rows")
        .join(repeated.set_alias("repeated"), "key", how="semi")
        .select(duckdb.StarExpression(), _sql(_PLACE, "place"))
    )
    worse = placed.filter("place > 1").select("filename, file_row_number, id").order("id").to_arrow_table()
    if not worse.num_rows:
        return None
    result.n_repeated = worse.num_rows
    result.n_models -= worse.num_rows
    some = ", ".join(worse.column("id").slice(0, _NAMED_REPEATS).to_pylist())
    more = ", …" if worse.num_rows > _NAMED_REPEATS else ""
    result.notes.append(
        f"rows that repeat a model, left out, where the one changed last is kept: {worse.num_rows:,} ({some}{more})"
    )
    return worse.drop_columns(["id"])


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
