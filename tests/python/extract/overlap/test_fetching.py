"""Models brought onto the disk, from the miniature Hub."""

import json
from pathlib import Path

import pytest

from extract.overlap.fetching import Fetcher
from extract.overlap.hub_files import HubFiles
from extract.overlap.model_files import Repo, RepoFile
from extract.overlap.model_types import ModelTypes
from minihub.catalogue import ASTER, ASTER_CHAT
from tests.python.extract.overlap.reasons import reason_of

TYPES = ModelTypes(
    frozenset({"llama", "bert", "whisper"}), frozenset({"t5"}), frozenset({"llama", "t5", "vit", "bert"})
)


@pytest.fixture
def fetcher(minihub_endpoint: str, tmp_path: Path) -> Fetcher:
    return Fetcher(HubFiles(minihub_endpoint, tmp_path / "models"), lambda: TYPES)


def test_only_what_is_needed_is_fetched_and_a_copy_has_the_digest_of_its_original(fetcher: Fetcher) -> None:
    fetched = fetcher.fetch(ASTER, None)
    names = {path.name for path in Path(fetched.place.folder).iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert "README.md" not in names
    copy = fetcher.fetch("demo-mirror-user/Aster-1M-copy", None)
    assert copy.weights_digest == fetched.weights_digest
    assert fetcher.fetch(ASTER_CHAT, None).weights_digest != fetched.weights_digest


def test_an_adapter_comes_with_its_base(fetcher: Fetcher) -> None:
    fetched = fetcher.fetch("mini-lora-lena/aster-1m-lora-haiku", None)
    assert fetched.place.form == "adapter"
    assert fetched.place.base_folder is not None
    assert (Path(fetched.place.base_folder) / "model.safetensors").exists()
    assert fetched.weights_format is not None
    assert fetched.weights_format.startswith(f"adapter on {ASTER}@")


def test_the_digest_is_the_same_where_the_hub_tells_none(fetcher: Fetcher) -> None:
    fetched = fetcher.fetch(ASTER, None)
    known = fetched.repo
    untold = Repo(
        known.model_id, known.sha, {name: RepoFile(name, file.size, None) for name, file in known.files.items()}
    )
    assert fetcher._weights_digest(untold, ["model.safetensors"]) == fetched.weights_digest


def test_shards_that_are_missing_or_pickles_are_told_before_they_are_fetched(fetcher: Fetcher, tmp_path: Path) -> None:
    repo = fetcher.hub.repo(ASTER, None)
    index = tmp_path / "index.json"
    fetcher.hub.download = lambda repo, name: index
    for weight_map, reason in (
        ({"a": "model-00001-of-00001.safetensors"}, "corrupt_weights"),
        ({"a": "config.json"}, "unsafe_weights"),
        ({}, "corrupt_weights"),
    ):
        index.write_text(json.dumps({"weight_map": weight_map}))
        assert reason_of(lambda: fetcher._shards(repo)) == reason
    index.write_text("{")
    assert reason_of(lambda: fetcher._shards(repo)) == "corrupt_weights"


def test_the_cache_forgets_what_was_used_longest_ago(fetcher: Fetcher) -> None:
    first = fetcher.fetch(ASTER, None)
    fetcher.fetch(ASTER_CHAT, None)
    fetcher.fetch(ASTER, None)
    assert fetcher.trim(10**9, []) == 0
    assert fetcher.trim(6_000_000, []) > 0
    assert Path(first.place.folder, "model.safetensors").exists()
    assert fetcher.trim(1, [ASTER]) == 0
    assert fetcher.trim(1, []) > 0
    assert not Path(first.place.folder, "model.safetensors").exists()
    assert fetcher.fetch(ASTER, None) == first


def test_a_model_that_its_author_must_grant_access_to_is_gated(fetcher: Fetcher) -> None:
    assert reason_of(lambda: fetcher.fetch("demo-gatekeeper/Aster-1M-Medical", None)) == "gated"
