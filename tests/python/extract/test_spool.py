"""The spool: a piece is whole or absent, and found again by its key."""

from pathlib import Path

import pyarrow as pa
import pytest

from extract.errors import InputError
from extract.spool import Spool, cache_root

PIECE = pa.table({"id": [1, 2], "name": ["a", None]})


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELKIN_CACHE", str(tmp_path / "cache"))


def test_a_piece_comes_back_with_its_notes() -> None:
    spool = Spool.for_job("test", "a", "b")
    assert spool.get("page/1?x=y") is None
    spool.put("page/1?x=y", PIECE, {"next": "page 2"})

    again = Spool.for_job("test", "a", "b").get("page/1?x=y")
    assert again is not None
    assert again.to_pylist() == PIECE.to_pylist()
    assert again.schema.metadata[b"next"] == b"page 2"
    assert again.schema.metadata[b"key"] == b"page/1?x=y"


def test_jobs_are_told_apart_and_forgotten() -> None:
    one, other = Spool.for_job("test", "ab", "c"), Spool.for_job("test", "a", "bc")
    one.put("k", PIECE)
    other.put("k", PIECE.slice(0, 1))
    assert [piece.num_rows for piece in one.pieces()] == [2]
    one.clear()
    assert list(one.pieces()) == []
    assert other.get("k") is not None
    one.clear()


def test_a_piece_replaced_leaves_no_other_file() -> None:
    spool = Spool.for_job("test", "x")
    spool.put("k", PIECE)
    spool.put("k", PIECE.slice(0, 1))
    assert len(list(cache_root().rglob("*.*"))) == 1
    piece = spool.get("k")
    assert piece is not None and piece.num_rows == 1


def test_a_damaged_piece_is_named() -> None:
    spool = Spool.for_job("test", "x")
    spool.put("k", PIECE)
    [path] = spool.folder.glob("*.parquet")
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(InputError, match="is damaged"):
        spool.get("k")
