"""What a Hub dump holds, counted before the warehouse is opened: models, repeats, values that cannot be true."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from extract.hub.dump_columns import MODEL_ID, NAMES, NUMBER, PARAMETERS, TIME, UNREADABLE
from extract.hub.dump_files import as_name, damaged_among, verify_checksums
from extract.hub.dump_rows import as_json, renamed, sql, time_kind, types_of, within_range
from modelkin.errors import InputError
from modelkin.raw_schemas import HUB_MODELS, emptied_note
from modelkin.warehouse import utc_now

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

_MARKS: Final = (
    (b"\x1f\x8b", "is compressed with gzip; unpack it (gunzip) and load the Parquet file in it"),
    (b"PK\x03\x04", "is a ZIP archive; unpack it (unzip) and load the Parquet file in it"),
    (b"\x28\xb5\x2f\xfd", "is compressed with Zstandard; unpack it (unzstd) and load the Parquet file in it"),
    (b"BZh", "is compressed with bzip2; unpack it (bunzip2) and load the Parquet file in it"),
    (b"\xfd7zXZ\x00", "is compressed with xz; unpack it (unxz) and load the Parquet file in it"),
    (b"version https://git-lfs", "is a pointer of Git LFS and not the file itself; fetch it with git lfs pull"),
)
"""How other files begin that are taken for a dump, and what to say of them."""

_LONGEST_MARK: Final = 32


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


def inspect(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], observed_at: datetime | None
) -> tuple[DumpLoaded, pa.Table | None]:
    """Read what must be known before the warehouse is opened, and the places of rows that repeat a model.

    Raises InputError for a file that is not a dump.
    """
    names = ", ".join(str(path) for path in paths)
    try:
        dump = connection.read_parquet([as_name(path) for path in paths], union_by_name=True, binary_as_string=True)
        columns = dump.columns
    except duckdb.Error as error:
        raise InputError(f"{_no_parquet(paths, error)}; nothing was loaded.") from error
    if not {name.lower() for name in columns} & {name.lower() for name in NAMES["id"]}:
        raise InputError(f"{names} has no column id (its columns: {', '.join(columns[:10])}); nothing was loaded.")
    verify_checksums(paths, {spelling.lower() for spellings in NAMES.values() for spelling in spellings})
    try:
        result, repeats = _counted(connection, paths, observed_at)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{damaged_among(paths)} cannot be read to its end ({reason}); nothing was loaded.") from error
    result.observed_columns = _observed_columns(columns)
    return result, repeats


def _observed_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of ``raw.hub_models`` that a dump of these columns carries."""
    present = {name.lower() for name in columns}
    carried = {name for name, spellings in NAMES.items() if present & {spelling.lower() for spelling in spellings}}
    made = {"architecture": {"config", "gguf"}, "parameter_count": {"safetensors", "gguf"}, "author": {"id"}}
    carried |= {name for name, sources in made.items() if carried & sources}
    return tuple(sorted(carried & set(HUB_MODELS.names)))


def _no_parquet(paths: Sequence[Path], error: duckdb.Error) -> str:
    """Return what is wrong with files that cannot be opened as Parquet, and what to do."""
    for path in paths:
        with path.open("rb") as file:
            start = file.read(_LONGEST_MARK)
        for mark, kind in _MARKS:
            if start.startswith(mark):
                return f"{path} {kind}"
        if start and not start.startswith(b"PAR1"):
            return f"{path} is not a Parquet file, as a dump must be; import a CSV of models with import-models"
    return f"{damaged_among(paths)} is not a whole Parquet file ({str(error).splitlines()[0]}); fetch it again"


def _counted(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], observed_at: datetime | None
) -> tuple[DumpLoaded, pa.Table | None]:
    source = renamed(connection, paths)
    kinds = types_of(source)
    made = {"safetensors": as_json("safetensors", kinds["safetensors"]), "gguf": as_json("gguf", kinds["gguf"])}
    columns = [made.get(name, duckdb.ColumnExpression(name)) for name in NAMES]
    typed = source.select(*columns, sql(MODEL_ID, "model_id"))
    newest = [_maximum(TIME[time_kind(kinds[name])][name]) for name in ("last_modified", "created_at")]
    unreadable = [name for name in UNREADABLE if kinds[name] == "VARCHAR"]
    counters = {**NUMBER, "parameter_count": PARAMETERS}
    given = [duckdb.SQLExpression(PARAMETERS if name == "parameter_count" else name) for name in counters]
    kept = [within_range(name, text) for name, text in counters.items()]
    aggregates = [duckdb.SQLExpression(text) for text in (*_IDS, *(UNREADABLE[name] for name in unreadable))]
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


def _maximum(text: str) -> duckdb.Expression:
    return duckdb.FunctionExpression("max", duckdb.SQLExpression(text))


def _number_of(value: duckdb.Expression) -> duckdb.Expression:
    return duckdb.FunctionExpression("count", value)


def _repeats(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], result: DumpLoaded) -> pa.Table | None:
    """Return the places of rows of models that have a better row, and say in ``result`` how many and of which."""
    source = renamed(connection, paths, has_places=True)
    changed = TIME[time_kind(types_of(source)["last_modified"])]["last_modified"]
    rows = source.select(
        sql(MODEL_ID, "id"),
        sql(changed, "last_modified"),
        within_range("downloads", NUMBER["downloads"]),
        duckdb.ColumnExpression("filename"),
        duckdb.ColumnExpression("file_row_number"),
    ).select(duckdb.StarExpression(), duckdb.SQLExpression("lower(id)").alias("key"))
    repeated = rows.filter("key is not null").aggregate("key, count(*) as n_rows", "key").filter("n_rows > 1")
    placed = (
        rows.set_alias("rows")
        .join(repeated.set_alias("repeated"), "key", how="semi")
        .select(duckdb.StarExpression(), sql(_PLACE, "place"))
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
