"""What is made of the weights: the same bytes each time, and overlaps as in life."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import minihub
from minihub.catalogue import FAMILIES, pages

OVERLAPS = Path(__file__).with_name("overlaps.py")


@pytest.fixture(scope="module")
def overlaps(minihub_build: minihub.Build) -> list[dict[str, Any]]:
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TRANSFORMERS_VERBOSITY": "error"}
    command = [sys.executable, OVERLAPS, minihub_build.folder]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_copies_overlap_wholly(overlaps: list[dict[str, Any]]) -> None:
    copies = [pair["overlap"] for pair in overlaps if pair["kind"] == "copied" and pair["is_same"]]
    assert copies == [1.0, 1.0]


def test_relatives_are_nearer_than_strangers(overlaps: list[dict[str, Any]]) -> None:
    """Training rounds differently on every processor, so the recipes leave relatives room above this bound."""
    relatives = {(pair["base"], pair["derived"]): pair["overlap"] for pair in overlaps if pair["is_same"]}
    strangers = {(pair["base"], pair["derived"]): pair["overlap"] for pair in overlaps if not pair["is_same"]}
    assert min(relatives.values()) >= 0.15, min(relatives, key=lambda pair: relatives[pair])
    assert max(strangers.values()) <= 0.08, max(strangers, key=lambda pair: strangers[pair])


def test_light_changes_keep_more_than_heavy_ones(overlaps: list[dict[str, Any]]) -> None:
    kept = {pair["derived"]: pair["overlap"] for pair in overlaps if pair["is_same"]}
    assert kept["demo-aster-lab/Aster-1M-Chat"] > 0.6
    assert kept["mini-tuner-anna/aster-1m-code"] < 0.5
    assert kept["mini-tuner-dev/cedar-stories"] > kept["mini-tuner-dev/cedar-stories-long"]


@pytest.mark.filterwarnings("default")  # what transformers and peft warn of while they save is not of interest here
def test_the_same_seed_makes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    from minihub import weights

    short = [replace(page, recipe=replace(page.recipe, steps=min(page.recipe.steps, 2))) for page in pages()]
    monkeypatch.setattr(weights, "pages", lambda: short)
    monkeypatch.setattr(weights, "PRETRAINING_WORDS", 2_000)
    monkeypatch.setattr(weights, "MIXED_WORDS", 500)
    monkeypatch.setattr(weights, "FAMILIES", {name: replace(family, steps=2) for name, family in FAMILIES.items()})
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for run in ("first", "second"):
            weights.make_families(["dune"], tmp_path / run, 1)
    finally:
        torch.set_num_threads(threads)
    read: Callable[[str], dict[Path, bytes]] = lambda run: {  # noqa: E731
        path.relative_to(tmp_path / run): path.read_bytes() for path in (tmp_path / run).rglob("*") if path.is_file()
    }
    assert len(read("first")) > 5
    assert read("first") == read("second")
