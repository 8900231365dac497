"""Load a Parquet dump of the Hub straight through DuckDB: no row passes through Python.

Dumps come from many sources and gain columns over time. A column is found by its name; one that is
missing is null; one may be a struct, a list, or the same as JSON text. Only ``id`` must be there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from extract.hub.download import download
from extract.hub.dump_files import damaged_among
from extract.hub.dump_inspection import DumpLoaded, inspect
from extract.hub.dump_rows import model_rows
from extract.importers.hub_models import parse_observed_at
from modelkin.errors import InputError, UsageError
from modelkin.warehouse import load


def load_dump(sources: Sequence[str], observed_at: str | None = None, *, is_partial: bool = False) -> DumpLoaded:
    """Load a dump, in one file or several, into ``raw.hub_models`` as one run.

    A source is a file or an address (https or hf). An address is fetched into the cache first; an
    interrupted download resumes where it stopped. Every model is observed at ``observed_at``; without
    it, at the newest change in the dump, so that the same dump says the same whenever it is loaded.
    Raises InputError for a source that is not a Parquet file or has no model ids.
    """
    if not sources:
        raise UsageError("Name the dump to load: a Parquet file or its address.")
    given = parse_observed_at(observed_at) if observed_at is not None else None
    files = [_local_file(source) for source in sources]
    paths = [file for file, _ in files]
    with _in_memory() as connection:
        result, repeats = inspect(connection, paths, given)
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
        names, reason = damaged_among(paths), str(error).splitlines()[0]
        if "Malformed JSON" in reason:
            reason = "a column that it declares as JSON holds text that is not JSON"
        raise InputError(f"{names} could not be loaded ({reason}); nothing was.") from error
    result.n_models = run.row_count
    for path, is_fetched in files:
        if is_fetched:
            path.unlink()
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
