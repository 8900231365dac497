"""A build is made once, whole or not at all, and recognised afterwards."""

import ast
import io
import json
import sys
import threading
from pathlib import Path

import pytest

import minihub
from minihub import assembly, store
from minihub.repositories import CATALOGUE_FILE
from modelkin.errors import InputError


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Point builds at an empty folder and replace the minute of training by an empty catalogue."""
    folders: list[Path] = []

    def make(folder: Path, seed: int) -> None:
        folders.append(folder)
        folder.mkdir(parents=True)
        catalogue = {"note": assembly.NOTE, "seed": seed, "renamed": {}, "repos": []}
        (folder / CATALOGUE_FILE).write_text(json.dumps(catalogue), encoding="utf-8")

    monkeypatch.setenv(store.ROOT_VARIABLE, str(tmp_path / "builds"))
    monkeypatch.setattr(assembly, "make", make)
    return folders


def test_a_finished_build_is_taken_again(made: list[Path]) -> None:
    first, second = minihub.build(), minihub.build()
    assert len(made) == 1
    assert first.folder == second.folder
    assert first.folder.name == store.fingerprint()
    assert not made[0].exists()


def test_another_seed_is_another_build(made: list[Path]) -> None:
    assert minihub.build(seed=1).folder != minihub.build(seed=2).folder
    assert len(made) == 2


def test_what_a_killed_build_left_is_cleared_away(made: list[Path]) -> None:
    leftover = store.build_root() / f"{store.fingerprint()}.unfinished"
    (leftover / "blobs").mkdir(parents=True)
    build = minihub.build()
    assert not leftover.exists()
    assert build.folder.is_dir()
    assert not (build.folder / "blobs").exists()


def test_a_failed_build_is_not_taken_for_a_finished_one(made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    working = assembly.make

    def fail(folder: Path, seed: int) -> None:
        folder.mkdir(parents=True)
        raise InputError("no")

    monkeypatch.setattr(assembly, "make", fail)
    with pytest.raises(InputError):
        minihub.build()
    monkeypatch.setattr(assembly, "make", working)
    assert minihub.build().folder.is_dir()
    assert len(made) == 1


def test_two_at_once_make_it_once(made: list[Path]) -> None:
    threads = [threading.Thread(target=minihub.build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


class Heard(io.StringIO):
    """A stream that sets an event when the waiting is told. To poll what was captured may lose what comes meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def write(self, text: str) -> int:
        if "Waiting for another process" in text:
            self.told.set()
        return super().write(text)


def test_who_waits_for_another_process_is_told(made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    root = store.build_root().resolve()
    root.mkdir(parents=True)
    heard = Heard()
    monkeypatch.setattr(sys, "stderr", heard)
    with store._locked(root):
        waiting = threading.Thread(target=minihub.build)
        waiting.start()
        assert heard.told.wait(30)
        assert waiting.is_alive()
    waiting.join()
    assert len(made) == 1


def test_what_makes_a_build_is_what_its_name_is_made_from() -> None:
    """Every module that the makers import shapes a build: a change in one must make a new build."""
    folder = Path(store.__file__).parent
    found: set[str] = set()
    unread = ["assembly", "weights"]
    while unread:
        name = unread.pop()
        found.add(f"{name}.py")
        tree = ast.parse((folder / f"{name}.py").read_text())
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        own = {module.removeprefix("minihub.") for module in modules if module.startswith("minihub.")}
        unread += [module for module in own if f"{module}.py" not in found]
    assert sorted(found) == sorted(store.SHAPING)


def test_a_damaged_build_is_one_sentence(made: list[Path]) -> None:
    folder = minihub.build().folder
    (folder / CATALOGUE_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        minihub.build()


def test_a_lane_that_fails_is_one_sentence_after_a_first_sign_of_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assembly, "_MAKER", "minihub.no_such_module")
    with pytest.raises(InputError, match=r"models of (aster|borealis).* could not be made: .*no_such_module"):
        assembly.make(tmp_path / "build", 1)
    assert capsys.readouterr().err.startswith("Making the miniature Hub: 51 models")
