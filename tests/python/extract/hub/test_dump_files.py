"""The files of a dump: one name is one file, and what the disk has damaged is refused by name."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extract.hub.dump_files import as_name, damaged_among, verify_checksums
from extract.hub.dump_inspection import inspect
from modelkin.errors import InputError

NAMES = ("a*[1].parquet", "a?.parquet", "[x].parquet", "a[!b].parquet", "x{1,2}.parquet", "q'.parquet", "**.parquet")
MODELS = pa.table({"id": [f"org/model-{number}" for number in range(1000)], "downloads": list(range(1000))})
COLUMNS = {"id", "downloads"}


def written(path: Path, *, is_damaged: bool, has_checksums: bool = True) -> Path:
    pq.write_table(MODELS, path, write_page_checksum=has_checksums, compression="none", use_dictionary=False)
    if is_damaged:
        content = path.read_bytes()
        path.write_bytes(content.replace(b"org/model-500", b"org/model-900"))
    return path


def test_a_name_is_one_file(tmp_path: Path) -> None:
    """Each of these names is a pattern that fits others of them."""
    for number, name in enumerate(NAMES):
        pq.write_table(pa.table({"id": [f"org/{number}"]}), tmp_path / name)
    with duckdb.connect() as connection:
        for number, name in enumerate(NAMES):
            assert connection.read_parquet(as_name(tmp_path / name)).fetchall() == [(f"org/{number}",)]


def test_a_name_that_duckdb_cannot_open_is_refused() -> None:
    assert as_name(Path("a\\b.parquet")) == "a\\b.parquet"
    with pytest.raises(InputError, match="rename it"):
        as_name(Path("a\\b*.parquet"))


@pytest.mark.parametrize("how", [{"compression": "zstd"}, {"compression": "none"}, {"use_dictionary": False}])
@pytest.mark.parametrize("has_checksums", [True, False])
def test_sound_files_pass(how: dict[str, object], has_checksums: bool, tmp_path: Path) -> None:
    path = tmp_path / "dump.parquet"
    pq.write_table(MODELS, path, write_page_checksum=has_checksums, **how)
    verify_checksums([path], COLUMNS)


def test_a_damaged_page_is_found_by_its_checksum(tmp_path: Path) -> None:
    sound = written(tmp_path / "1.parquet", is_damaged=False)
    damaged = written(tmp_path / "2.parquet", is_damaged=True)
    with (
        duckdb.connect() as connection,
        pytest.raises(InputError, match=r"2\.parquet is damaged .*Fetch it again") as no,
    ):
        inspect(connection, [sound, damaged], None)
    assert "1.parquet" not in str(no.value)
    verify_checksums([damaged], {"downloads"})  # its other column is sound
    verify_checksums([written(tmp_path / "3.parquet", is_damaged=True, has_checksums=False)], COLUMNS)


def test_an_empty_dump_has_no_checksums(tmp_path: Path) -> None:
    path = tmp_path / "empty.parquet"
    pq.write_table(MODELS.slice(0, 0), path, write_page_checksum=True)
    verify_checksums([path], COLUMNS)


@pytest.mark.parametrize("cut", [4, 100, -1])
def test_of_several_files_the_damaged_one_is_named(cut: int, tmp_path: Path) -> None:
    sound, damaged = tmp_path / "1.parquet", tmp_path / "2.parquet"
    pq.write_table(MODELS, sound)
    damaged.write_bytes(sound.read_bytes()[:cut])
    assert damaged_among([sound, damaged]) == str(damaged)
    with duckdb.connect() as connection, pytest.raises(InputError) as refused:
        inspect(connection, [sound, damaged], None)
    assert str(refused.value).startswith(str(damaged))
