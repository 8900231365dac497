"""Unmodified huggingface_hub and transformers work against the miniature Hub."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import minihub
from minihub.catalogue import ASTER, ASTER_CHAT
from minihub.cli import client_environment

CLIENT = Path(__file__).with_name("client.py")


@pytest.fixture(scope="module")
def answers(minihub_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("huggingface")
    environment = client_environment(minihub_endpoint) | {"HF_HOME": str(home), "HF_HUB_CACHE": str(home / "hub")}
    finished = subprocess.run([sys.executable, CLIENT], env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_lists_every_repository(answers: dict[str, Any], minihub_build: minihub.Build) -> None:
    assert answers["all"] == sorted(repo.repo_id for repo in minihub_build.repos)


def test_filters_by_base_model_and_expands_only_what_is_asked(
    answers: dict[str, Any], minihub_build: minihub.Build
) -> None:
    declared = {
        repo.repo_id: repo.info["downloads"]
        for repo in minihub_build.repos
        if f"base_model:{ASTER}" in repo.info["tags"]
    }
    assert answers["children"] == declared
    assert len(declared) > 10
    assert not answers["children_have_unexpanded"]


def test_sorts_limits_searches_and_filters(answers: dict[str, Any]) -> None:
    assert answers["limited"][0] == ASTER
    assert len(answers["limited"]) == 3
    assert answers["adapters"] == ["mini-lora-lena/aster-1m-lora-haiku"]
    assert answers["both_filters"] == ["demo-polyglot/Aster-1M-Romant"]
    assert answers["author"] == ["demo-prune-works/cedar-2L-pruned20", "demo-prune-works/Aster-1M-pruned30"]
    assert answers["search"] == ["demo-gguf-press/Aster-1M-Chat-GGUF"]
    assert answers["gated"] == ["demo-gatekeeper/Aster-1M-Medical"]


def test_tells_one_model_in_full(answers: dict[str, Any], minihub_build: minihub.Build) -> None:
    repo = minihub_build.find(ASTER)
    assert repo is not None
    assert answers["sha"] == repo.sha
    assert answers["lfs"] == {"model.safetensors": repo.file("model.safetensors").sha256}  # type: ignore[union-attr]
    assert sum(answers["children_count"].values()) == len(answers["children"])
    assert answers["base_models"]["relation"] == "finetune"
    assert [parent["id"] for parent in answers["base_models"]["models"]] == [ASTER]
    assert answers["tree"] == [file.path for file in repo.files]
    assert answers["paths_info"] == ["config.json"]
    assert answers["commits"] == answers["branches"] == [repo.sha]


def test_the_library_of_the_format_reads_the_gguf_file(minihub_build: minihub.Build) -> None:
    gguf = pytest.importorskip("gguf")
    repo = minihub_build.find("demo-gguf-press/Aster-1M-Chat-GGUF")
    assert repo is not None
    file = next(file for file in repo.files if file.path.endswith(".gguf"))
    reader = gguf.GGUFReader(minihub_build.blob(file))
    assert reader.get_field("general.architecture").contents() == "llama"
    assert "synthetic" in reader.get_field("general.name").contents()
    assert len(reader.get_field("tokenizer.ggml.tokens").contents()) == 4096
    assert {tensor.name for tensor in reader.tensors} >= {
        "token_embd.weight",
        "blk.1.attn_q.weight",
        "output_norm.weight",
    }


def test_redirects_other_case_and_renamed(answers: dict[str, Any]) -> None:
    assert answers["other_case"] == ASTER
    assert answers["old_name"] == ASTER_CHAT
    assert answers["single_name"] == ASTER


def test_downloads_once_and_finds_it_again_by_etag(answers: dict[str, Any]) -> None:
    assert answers["cached"]
    assert answers["blob"] == answers["lfs"]["model.safetensors"]
    assert "model.safetensors" in answers["snapshot"]


def test_transformers_loads_each_architecture(answers: dict[str, Any]) -> None:
    assert {tuple(shape) for shape in answers["logits"].values()} == {(1, answers["tokens"], 4096)}


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("gated", "GatedRepoError"),
        ("gated_with_token", "GatedRepoError"),
        ("gated_card", None),
        ("gated_info", None),
        # The Hub sends no code with these; the library knows them by their https addresses, which a loopback lacks.
        ("deleted", "HfHubHTTPError"),
        ("deleted_file", "HfHubHTTPError"),
        ("missing", "HfHubHTTPError"),
        ("missing_with_token", "RepositoryNotFoundError"),
        ("missing_with_wrong_token", "HfHubHTTPError"),
        ("revision", "RevisionNotFoundError"),
        ("entry", "RemoteEntryNotFoundError"),
        ("expand_in_list", "BadRequestError"),
    ],
)
def test_refuses_as_the_hub_does(answers: dict[str, Any], case: str, error: str | None) -> None:
    assert answers["errors"][case] == error
