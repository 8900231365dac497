"""What kind of file something is, by its first bytes, so that an error can name what was given."""

from typing import Final

HEAD_BYTES: Final = 4096
"""How much of a file tells its kind."""

_DUCKDB_OFFSET: Final = 8
_SIGNATURES: Final = (
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
)
_COMPRESSED: Final = frozenset(
    {"a gzip file", "a bzip2 file", "an xz file", "a Zstandard file", "a 7-Zip archive", "a ZIP archive"}
)


def kind_of(head: bytes) -> str | None:
    """Return the kind of a file that begins with ``head``, with its article; None for text and what is not known."""
    if head[_DUCKDB_OFFSET : _DUCKDB_OFFSET + 4] == b"DUCK":
        return "a DuckDB file"
    if head.startswith(b"PK\x03\x04"):
        return "an Excel workbook" if b"[Content_Types].xml" in head or b"xl/" in head else "a ZIP archive"
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), None)


def is_compressed(kind: str) -> bool:
    """Return whether a file of this kind holds another, which has to be unpacked first."""
    return kind in _COMPRESSED
