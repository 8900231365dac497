"""Ask the miniature Hub everything through unmodified clients; print the answers as JSON.

Run as a process of its own: huggingface_hub reads HF_ENDPOINT when it is imported.
"""

import json
from pathlib import Path

import torch
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    BadRequestError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from transformers import AutoModelForCausalLM, AutoTokenizer

from minihub.catalogue import ASTER, ASTER_CHAT, BOREALIS, CEDAR

GATED = "demo-gatekeeper/Aster-1M-Medical"
DELETED = "demo-vanished/aster-1m-lost"


def outcome(call):
    """Return the name of the error that a call ends in, or None."""
    try:
        call()
    except (HfHubHTTPError, EntryNotFoundError) as error:
        return type(error).__name__
    return None


def main():
    torch.set_num_threads(1)
    api = HfApi()
    info = api.model_info(ASTER, files_metadata=True)
    children = list(api.list_models(filter=f"base_model:{ASTER}", expand=["downloads", "tags", "safetensors"]))
    weights = hf_hub_download(ASTER, "model.safetensors")
    before = Path(weights).stat().st_mtime_ns
    again = hf_hub_download(ASTER, "model.safetensors")
    tokens = AutoTokenizer.from_pretrained(CEDAR)("oa brick", return_tensors="pt")
    logits = {
        name: list(AutoModelForCausalLM.from_pretrained(name)(input_ids=tokens["input_ids"]).logits.shape)
        for name in (ASTER, BOREALIS, CEDAR)
    }
    answers = {
        "all": sorted(model.id for model in api.list_models()),
        "children": {model.id: model.downloads for model in children},
        "children_have_unexpanded": any(model.likes is not None for model in children),
        "limited": [model.id for model in api.list_models(sort="downloads", limit=3)],
        "adapters": [model.id for model in api.list_models(filter=f"base_model:adapter:{ASTER}")],
        "both_filters": [model.id for model in api.list_models(filter=[f"base_model:{ASTER}", "fr"])],
        "author": [model.id for model in api.list_models(author="demo-prune-works", sort="downloads")],
        "search": [model.id for model in api.list_models(search="GGUF")],
        "gated": [model.id for model in api.list_models(gated=True)],
        "sha": info.sha,
        "lfs": {sibling.rfilename: sibling.lfs.sha256 for sibling in info.siblings if sibling.lfs},
        "children_count": api.model_info(ASTER, expand=["childrenModelCount"]).children_model_count,
        "base_models": api.model_info(ASTER_CHAT, expand=["baseModels"]).base_models,
        "tree": [entry.path for entry in api.list_repo_tree(ASTER, recursive=True)],
        "paths_info": [entry.path for entry in api.get_paths_info(ASTER, ["config.json", "nothing.json"])],
        "commits": [commit.commit_id for commit in api.list_repo_commits(ASTER)],
        "branches": [branch.target_commit for branch in api.list_repo_refs(ASTER).branches],
        "other_case": api.model_info(ASTER.lower()).id,
        "old_name": api.model_info("demo-aster-lab/Aster-1M-Dialogue").id,
        "single_name": api.model_info("Aster-1M").id,
        "cached": again == weights and Path(again).stat().st_mtime_ns == before,
        "blob": Path(weights).resolve().name,
        "snapshot": sorted(path.name for path in Path(snapshot_download(ASTER_CHAT)).iterdir()),
        "logits": logits,
        "tokens": tokens["input_ids"].shape[1],
        "errors": {
            "gated": outcome(lambda: hf_hub_download(GATED, "config.json")),
            "gated_with_token": outcome(lambda: hf_hub_download(GATED, "config.json", token="hf_synthetic")),
            "gated_card": outcome(lambda: hf_hub_download(GATED, "README.md")),
            "gated_info": outcome(lambda: api.model_info(GATED)),
            "deleted": outcome(lambda: api.model_info(DELETED)),
            "deleted_file": outcome(lambda: hf_hub_download(DELETED, "config.json")),
            "missing": outcome(lambda: api.model_info("nobody/nothing")),
            "missing_with_token": outcome(lambda: api.model_info("nobody/nothing", token="hf_synthetic")),
            "missing_with_wrong_token": outcome(lambda: api.model_info("nobody/nothing", token="wrong")),
            "revision": outcome(lambda: api.model_info(ASTER, revision="v9")),
            "entry": outcome(lambda: hf_hub_download(ASTER, "nothing.json")),
            "expand_in_list": outcome(lambda: list(api.list_models(expand=["baseModels"]))),
        },
        "error_types": [
            error.__name__
            for error in (GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError, BadRequestError)
        ],
    }  # fmt: skip
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
