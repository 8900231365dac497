"""The spool: a piece is whole or absent, and found again by its key."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from modelkin.errors import InputError
from modelkin.folders import SWEPT_HOURS, cache_root, held, sweep
from modelkin.spool import Spool

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


def make_old(*paths: Path, hours: float = SWEPT_HOURS + 1) -> None:
    for path in paths:
        then = time.time() - hours * 3600
        os.utime(path, (then, then))


def test_what_nobody_used_for_a_day_is_swept(tmp_path: Path) -> None:
    for name in ("old", "young", "old_with_young_file", "held", "yesterday"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "piece").touch()
        make_old(tmp_path / name / "piece", tmp_path / name)
    (tmp_path / "old.part").touch()
    make_old(tmp_path / "old.part")
    make_old(tmp_path / "yesterday", hours=SWEPT_HOURS - 1)
    (tmp_path / "young" / "new").touch()
    (tmp_path / "old_with_young_file" / "piece").touch()
    with held(tmp_path / "held"):
        make_old(tmp_path / "held")
        assert sweep(tmp_path.iterdir()) == 2
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"young", "old_with_young_file", "held", "yesterday"}
    assert sweep([tmp_path / "held", tmp_path / "gone"]) == 1


HOLD = """
import sys, time
from pathlib import Path
from modelkin.folders import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_held_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        make_old(folder)
        assert sweep([folder]) == 0
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert sweep([folder]) == 1
    assert not folder.exists()


def test_half_written_pieces_of_processes_that_are_gone_are_deleted() -> None:
    spool = Spool.for_job("test", "x")
    spool.put("k", PIECE)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    own, other = (spool.folder / f"abc.{process}.tmp" for process in (os.getpid(), ended.pid))
    own.touch()
    other.touch()
    spool.sweep_unfinished()
    assert own.exists() and not other.exists()
    assert spool.get("k") is not None
