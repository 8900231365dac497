"""A Hub dump as rows of ``raw.hub_models``: a DuckDB relation, so that no row passes through Python."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from extract.hub.dump_columns import (
    AUTHOR,
    FILE_NAMES,
    FROM_JSON,
    JSON,
    MODEL_ID,
    NAMES,
    NUMBER,
    PARAMETERS,
    TEXT,
    TIME,
    TRUTH,
)
from extract.hub.dump_files import as_name
from modelkin.raw_schemas import COUNTER_RANGES


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
    source = renamed(connection, paths, has_places=repeats is not None)
    if repeats is not None:
        left_out = connection.from_arrow(repeats).set_alias("left_out")
        source = source.set_alias("dump").join(left_out, "filename, file_row_number", how="anti")
    kinds = types_of(source)
    plain = [sql(MODEL_ID, "model_id")]
    plain += [sql(text, name) for name, text in {**TEXT, **TRUTH}.items()]
    plain += [within_range(name, text) for name, text in NUMBER.items()]
    plain += [sql(TIME[time_kind(kinds[name])][name], name) for name in ("created_at", "last_modified")]
    ready = {}
    if kinds["tags"] == "VARCHAR[]":
        ready["tags"] = "tags"
    if kinds["siblings"].startswith("STRUCT(") and "rfilename VARCHAR" in kinds["siblings"]:
        ready["siblings"] = FILE_NAMES
    plain += [sql(text, name) for name, text in ready.items()]
    by_json = [name for name in JSON["text"] if name not in ready]
    plain += [as_json(name, kinds[name]) for name in by_json]
    typed = source.select(*plain).filter("model_id is not null")
    as_they_are = ["model_id", "sha", "created_at", "last_modified", "pipeline_tag", "library_name", "gated", "hub_id"]
    return typed.select(
        duckdb.ConstantExpression(observed_at).alias("observed_at"),
        sql(AUTHOR, "author"),
        within_range("parameter_count", PARAMETERS),
        *(sql(text, name) for name, text in FROM_JSON.items() if name not in ready),
        *(duckdb.ColumnExpression(name) for name in (*as_they_are, *TRUTH, *NUMBER, *ready)),
    )


def sql(text: str, name: str) -> duckdb.Expression:
    """Return the expression ``text`` as a column called ``name``."""
    return duckdb.SQLExpression(text).alias(name)


def as_json(name: str, kind: str) -> duckdb.Expression:
    """Return the column ``name``, which has the DuckDB type ``kind``, as JSON."""
    return sql(JSON["text" if is_text(kind) else "other"][name], name)


def within_range(name: str, text: str) -> duckdb.Expression:
    """Return the number that ``text`` stands for where it can be true, else null."""
    number = duckdb.SQLExpression(text)
    low, high = (duckdb.ConstantExpression(end) for end in COUNTER_RANGES[name])
    return duckdb.CaseExpression(number.between(low, high), number).alias(name)


def renamed(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], *, has_places: bool = False
) -> duckdb.DuckDBPyRelation:
    """Return the dump with the names used here; a column that it lacks is null.

    The id is text. In a column of numbers, an empty text is null. With ``has_places``, filename and
    file_row_number say where a row lies.
    """
    dump = connection.read_parquet(
        [as_name(path) for path in paths],
        union_by_name=True,
        binary_as_string=True,
        filename=has_places,
        file_row_number=has_places,
    )
    kinds = {name.lower(): (name, kind) for name, kind in types_of(dump).items()}
    columns = []
    for name, spellings in NAMES.items():
        found = next((kinds[spelling.lower()] for spelling in spellings if spelling.lower() in kinds), None)
        if found is None:
            column = duckdb.ConstantExpression(None).cast("varchar")
        else:
            column = duckdb.ColumnExpression(found[0])
            if name == "id":
                column = column.cast("varchar")
            elif name in NUMBER and found[1] == "VARCHAR":
                column = duckdb.CaseExpression(column != duckdb.ConstantExpression(""), column)
        columns.append(column.alias(name))
    places = [duckdb.ColumnExpression(name) for name in ("filename", "file_row_number") if has_places]
    return dump.select(*columns, *places)


def types_of(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    """Return the columns of a relation with their DuckDB types."""
    return {name: str(type_) for name, type_ in zip(relation.columns, relation.types, strict=True)}


def is_text(kind: str) -> bool:
    """Return whether a column of this DuckDB type is read as text."""
    return kind in {"VARCHAR", "JSON"}


def time_kind(kind: str) -> str:
    """Return the key of ``TIME`` for a column of this DuckDB type."""
    if is_text(kind) or kind == "TIMESTAMP WITH TIME ZONE":
        return "text"
    return "number" if kind.endswith(("INT", "INTEGER")) else "other"
