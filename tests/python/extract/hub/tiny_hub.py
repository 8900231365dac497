"""A family of made-up models, served over the Hub's own API by the miniature Hub's server."""

import hashlib
import random
from pathlib import Path
from typing import Any

from minihub.repositories import BLOBS_FOLDER, Build, HubFile, HubRepo

BASE, OTHER = "org/Base-1B", "lab/other"


def repo(folder: Path, model_id: str, *parents: str, card: bytes | None = None, **info: Any) -> HubRepo:
    """Return a repository whose tags name its parents, as the Hub writes them."""
    tags = ["transformers", *info.pop("tags", [])]
    for parent in parents:
        tags += [f"base_model:{parent}", f"base_model:finetune:{parent}"]
    files = []
    if card is not None:
        digest = hashlib.sha256(card).hexdigest()
        (folder / BLOBS_FOLDER).mkdir(parents=True, exist_ok=True)
        (folder / BLOBS_FOLDER / digest).write_bytes(card)
        files.append(HubFile("README.md", len(card), digest[:40], digest, sha256_is_etag=False))
    facts: dict[str, Any] = {
        "_id": hashlib.sha256(model_id.encode()).hexdigest()[:24],
        "id": model_id,
        "author": model_id.partition("/")[0],
        "sha": hashlib.sha256(model_id.encode()).hexdigest()[:40],
        "private": False,
        "disabled": False,
        "gated": False,
        "tags": tags,
        "downloads": 0,
        "downloadsAllTime": 0,
        "likes": 1,
        "trendingScore": 0,
        "createdAt": "2024-05-01T12:00:00.000Z",
        "lastModified": "2024-06-01T12:00:00.000Z",
        "pipeline_tag": "text-generation",
        "library_name": "transformers",
        "siblings": [{"rfilename": file.path} for file in files],
        "config": {"model_type": "llama"},
        "cardData": {"license": "mit"},
        "usedStorage": 1000,
    }
    if parents:
        facts["baseModels"] = {"relation": "finetune", "models": [{"id": parent} for parent in parents]}
    return HubRepo(model_id, {**facts, **info}, tuple(files))


def family(folder: Path, seed: int = 7) -> Build:
    """Return two bases, 37 children, 20 grandchildren, 5 of the next generation, and 12 unrelated models."""
    chance = random.Random(seed)

    def some(**more: Any) -> dict[str, Any]:
        day = chance.randrange(1, 29)
        return {
            "downloads": chance.choice([0, 0, 3, 10, 11, 250, 40_000]),
            "createdAt": f"2024-{chance.randrange(1, 13):02}-{day:02}T08:00:00.000Z",
            **more,
        }

    repos = [
        repo(folder, BASE, card=b"# Base\n", downloads=1_000_000),
        repo(folder, OTHER, BASE, card=b"---\nlicense: mit\n---\nAnother \xff base", downloads=5000),
        repo(folder, "both/merge", BASE, OTHER, **some(pipeline_tag=None)),
    ]
    repos += [
        repo(folder, f"user{index % 4}/child-{index}", BASE, **some(tags=["fr"] if index % 3 else ["en"]))
        for index in range(30)
    ]
    repos += [repo(folder, f"peft/lora-{index}", OTHER, **some(library_name="peft")) for index in range(6)]
    repos += [repo(folder, f"user/grand-{index}", f"user{index % 4}/child-{index}", **some()) for index in range(20)]
    repos += [repo(folder, f"user/great-{index}", f"user/grand-{index}", **some()) for index in range(5)]
    repos.append(repo(folder, "user/circle", "user/grand-1", BASE.lower(), **some()))
    repos += [repo(folder, f"far/away-{index}", **some()) for index in range(12)]
    return Build(folder, tuple(repos), {"org/base-old": BASE})
