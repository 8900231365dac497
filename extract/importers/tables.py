"""Read a CSV file whole, and say exactly where it is wrong: file, line and column."""

import codecs
import csv
import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelkin.errors import InputError
from modelkin.file_kinds import is_compressed, kind_of
from modelkin.model_ids import model_id_problem, shorten
from modelkin.raw_schemas import COUNTER_RANGES

MAX_FIELD_CHARACTERS: Final = 4_000_000
MOST_COUNTED: Final = COUNTER_RANGES["downloads"][1]
"""No model is downloaded a trillion times; a larger number is a mistake, and sums of such would overflow."""

_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class Row:
    """One record of a CSV file and the line on which it ends."""

    file: Path
    line: int
    values: dict[str, str]

    def error(self, column: str, problem: str) -> InputError:
        """Return the error that says what is wrong in this record's ``column``."""
        return InputError(f"{self.file}, line {self.line}, column {column}: {problem}; nothing was imported.")

    def text(self, column: str) -> str:
        """Return the trimmed text of ``column``; empty when the file has no such column."""
        return self.values.get(column, "").strip()

    def text_or_none(self, column: str) -> str | None:
        """Return the trimmed text of ``column``, or None where it is empty."""
        return self.text(column) or None

    def model_id(self, column: str) -> str:
        """Return the model id in ``column``; raise InputError when it is missing or is not an id."""
        value = self.text(column)
        problem = model_id_problem(value)
        if problem:
            raise self.error(column, problem)
        return value

    def number(self, column: str) -> float:
        """Return the finite number in ``column``; raise InputError for anything else."""
        value = self.text(column)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or "_" in value:
            raise self.error(column, f"{shorten(value)} is not a number" if value else "a number is missing")
        return number

    def count(self, column: str, *, end: int = MOST_COUNTED + 1) -> int:
        """Return the whole number in ``column``, 0 or more and below ``end``; ``12.0`` is 12."""
        value = self.text(column)
        if value.isascii() and value.isdigit():
            whole = int(value) if len(value) < 20 else end
        else:
            number = self.number(column)
            if not number.is_integer() or number < 0:
                raise self.error(column, f"{shorten(value)} is not a whole number of 0 or more")
            whole = int(number)
        if whole >= end:
            raise self.error(column, f"{shorten(value)} is too large")
        return whole

    def count_or_none(self, column: str, *, end: int = MOST_COUNTED + 1) -> int | None:
        """Return the whole number in ``column``, or None where it is empty or the column absent."""
        return self.count(column, end=end) if self.text(column) else None


@dataclass(frozen=True)
class CsvFile:
    """A CSV file read whole: every record has as many fields as the header."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    sha256: str

    def unused(self, known: Sequence[str]) -> list[str]:
        """Return the columns that are not in ``known``: the import leaves them out."""
        return [column for column in self.columns if column not in known]

    def provenance(self) -> dict[str, object]:
        """Return what the run log keeps of this file: name, digest and number of rows."""
        return {"name": self.path.name, "sha256": self.sha256, "rows": len(self.rows)}


def read_records(path: Path) -> tuple[list[tuple[int, list[str]]], str]:
    """Return the non-empty records of a CSV file, each with its line, and the file's SHA-256.

    Raises InputError when the file is absent, empty, not UTF-8 text, separated by something else than commas, or
    ends within a quoted field.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}; check its name.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check what it is.") from error
    _check_kind(path, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}, line {line} is not UTF-8 text (byte {content[error.start]:#04x}); save the file as UTF-8 CSV."
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError(f"{path}, line {line} holds a NUL byte, so it is not CSV text; nothing was imported.")
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records = [(reader.line_num, record) for record in reader if record]
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise InputError(
                f"{path}, line {reader.line_num}: the file ends within a quoted field: it was cut off; fetch it again."
            ) from error
        raise InputError(f"{path}, line {reader.line_num} is not CSV ({error}); nothing was imported.") from error
    if not any(field.strip() for _, record in records for field in record):
        raise InputError(f"{path} is empty; nothing was imported.")
    _check_separator(path, *records[0])
    return records, hashlib.sha256(content).hexdigest()


def _check_kind(path: Path, content: bytes) -> None:
    """Raise InputError for a file of another kind, which would only be called wrong text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{path} is UTF-16 text, not UTF-8; save the file as UTF-8 CSV; nothing was imported.")
    kind = kind_of(content)
    if kind:
        advice = "unpack it first" if is_compressed(kind) else "give the table as a CSV file"
        raise InputError(f"{path} is {kind}, not a CSV file; {advice}; nothing was imported.")


def _check_separator(path: Path, line: int, header: Sequence[str]) -> None:
    """Raise InputError where the header is one field that another separator would divide."""
    if len(header) > 1:
        return
    separator = max(_OTHER_SEPARATORS, key=header[0].count)
    if header[0].count(separator):
        raise InputError(
            f"{path}, line {line}: columns are separated by {_OTHER_SEPARATORS[separator]}; save the file with commas "
            "between its columns; nothing was imported."
        )


def read_csv(path: Path, required: Sequence[str]) -> CsvFile:
    """Read the CSV file at ``path``, whose header must name every column of ``required``.

    Columns may come in any order and there may be others. Raises InputError for what
    ``read_records`` refuses, for a missing or repeated column, for a record with more or fewer
    fields than the header, and for a file with no record.
    """
    records, digest = read_records(path)
    header_line, header = records[0]
    columns = tuple(name.strip() for name in header)
    missing = [name for name in required if name not in columns]
    if missing:
        found = ", ".join(shorten(name, 30) for name in columns[:10])
        raise InputError(
            f"{path}, line {header_line}: column {missing[0]} is missing from the header "
            f"(expected {', '.join(required)}; found {found}); nothing was imported."
        )
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise InputError(f"{path}, line {header_line}: column {repeated[0]} appears twice; nothing was imported.")
    rows = []
    for line, record in records[1:]:
        check_width(path, line, record, columns, is_last=line == records[-1][0])
        rows.append(Row(path, line, dict(zip(columns, record, strict=True))))
    if not rows:
        raise InputError(f"{path} has a header but no rows; nothing was imported.")
    return CsvFile(path, columns, tuple(rows), digest)


def check_width(path: Path, line: int, record: Sequence[str], columns: Sequence[str], *, is_last: bool) -> None:
    """Raise InputError unless ``record`` has one field for each column."""
    if len(record) > len(columns):
        raise InputError(
            f"{path}, line {line}, after column {columns[-1]}: {len(record)} fields where the header has "
            f"{len(columns)}; nothing was imported."
        )
    if len(record) < len(columns):
        end = "the row ends before it, so the file is probably cut off" if is_last else "the row ends before it"
        raise InputError(f"{path}, line {line}, column {columns[len(record)]}: {end}; nothing was imported.")
