"""The files of a dump: their names taken as names, and the checksums of their pages verified."""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from modelkin.errors import InputError

_MARKS_OF_PATTERNS: Final = re.compile(r"[*?\[]")
_FIRST_FIELDS: Final = re.compile(rb"\x15[\x80-\xff]{0,4}[\x00-\x7f]" * 3 + rb"\x15")
"""How the header of a page with a checksum begins: four whole numbers, the last of them the checksum.

They are the first four fields of PageHeader in the format's parquet.thrift, in the compact protocol."""

_HEADER_BYTES: Final = 32
_BATCH_ROWS: Final = 16_384


def as_name(path: Path) -> str:
    """Return the text by which DuckDB finds the one file at ``path``, whatever signs of a pattern its name has.

    Raises InputError for a name that no text stands for.
    """
    text = str(path)
    if "\\" in text and _MARKS_OF_PATTERNS.search(text):
        raise InputError(f"DuckDB cannot open {text}, whose name has a backslash and one of * ? [ in it; rename it.")
    return _MARKS_OF_PATTERNS.sub(lambda mark: f"[{mark[0]}]", text)


def verify_checksums(paths: Iterable[Path], columns: Collection[str]) -> None:
    """Read the ``columns`` (names in lower case) of the files whose pages have checksums, and compare these.

    DuckDB compares none. Raises InputError that names the damaged file.
    """
    for path in paths:
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                if not _has_checksums(path, file.metadata):
                    continue
                wanted = [name for name in file.schema_arrow.names if name.lower() in columns]
                for _ in file.iter_batches(_BATCH_ROWS, columns=wanted):
                    pass
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise InputError(f"{path} is damaged ({reason}); nothing was loaded. Fetch it again.") from error


def _has_checksums(path: Path, metadata: pq.FileMetaData) -> bool:
    """Return whether the first page of a file has a checksum: whoever writes them writes them for every page."""
    if not metadata.num_row_groups or not metadata.num_columns:
        return False
    chunk = metadata.row_group(0).column(0)
    starts = [start for start in (chunk.dictionary_page_offset, chunk.data_page_offset) if start]
    with path.open("rb") as file:
        file.seek(min(starts))
        return _FIRST_FIELDS.match(file.read(_HEADER_BYTES)) is not None


def damaged_among(paths: Sequence[Path]) -> str:
    """Return the names of those files that DuckDB cannot read to their ends; of all, if it can read each of them."""
    with duckdb.connect() as connection:
        found = [path for path in paths if len(paths) > 1 and not _is_readable(connection, path)]
    return ", ".join(str(path) for path in found or paths)


def _is_readable(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    try:
        dump = connection.read_parquet(as_name(path), binary_as_string=True).set_alias("dump")
        dump.aggregate("bit_xor(hash(dump))").fetchall()
    except (duckdb.Error, InputError):
        return False
    return True
