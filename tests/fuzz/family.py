"""Twenty hostile repositories and a good one, measured by ``overlap``: ``python -m tests.fuzz.family``.

Prints what became of each, what a second run tried, and the memory and time; ends with 1 unless the good
model is measured, each other one is a row with its reason, and the second run tries nothing again.
"""

import copy
import hashlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

import minihub
from extract.overlap.options import Options
from extract.overlap.run import OverlapRun
from minihub.catalogue import ASTER, ASTER_CHAT
from minihub.repositories import BLOBS_FOLDER, Build, HubFile, HubRepo

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
DEEP = b'{"model_type": "llama", "a": ' + b"[" * 2000 + b"]" * 2000 + b"}"

HOSTILE: dict[str, dict[str, bytes | None]] = {
    "type-is-a-list": {CONFIG: b'{"model_type": []}'},
    "type-is-an-object": {CONFIG: b'{"model_type": {"a": 1}}'},
    "type-is-half-a-pair": {CONFIG: b'{"model_type": "\\ud800"}'},
    "type-moves-the-cursor": {CONFIG: b'{"model_type": "\\u001b[2J\\u202e"}'},
    "config-is-deep": {CONFIG: DEEP},
    "config-is-deeper": {CONFIG: b"[" * 200_000},
    "config-is-a-list": {CONFIG: b"[]"},
    "config-is-no-text": {CONFIG: b"\xff\xfe\x00"},
    "config-is-empty": {CONFIG: b""},
    "config-is-wide": {CONFIG: b'{"model_type": "llama", "hidden_size": 100000000, "num_hidden_layers": 1}'},
    "config-has-a-negative-size": {CONFIG: b'{"model_type": "llama", "vocab_size": -5}'},
    "config-has-texts-for-numbers": {CONFIG: b'{"model_type": "llama", "hidden_size": "many"}'},
    "header-is-endless": {WEIGHTS: b"\xff" * 64},
    "header-is-cut": {WEIGHTS: (500).to_bytes(8, "little") + b"{"},
    "header-is-deep": {WEIGHTS: (4000).to_bytes(8, "little") + b"[" * 4000},
    "weights-are-none": {WEIGHTS: (2).to_bytes(8, "little") + b"{}"},
    "tokenizer-is-deep": {TOKENIZER: b"[" * 100_000},
    "tokenizer-is-no-json": {TOKENIZER: b"\x00\x01"},
    "tokenizer-is-absent": {TOKENIZER: None, "tokenizer_config.json": None},
    "weights-are-pickles": {WEIGHTS: None, "pytorch_model.bin": b"\x80\x04."},
}


def main() -> int:
    """Measure the family twice; print what became of it, and return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"MODELKIN_DB": str(folder / "family.duckdb"), "MODELKIN_CACHE": str(folder / "cache")}
        os.environ["MODELKIN_ENDPOINT_LABEL"] = "hostile"
        build = _build(minihub.build(), folder / "hub")
        with minihub.serving(build) as hub:
            os.environ["HF_ENDPOINT"] = hub.endpoint
            names = tuple(repo.repo_id for repo in build.repos if repo.repo_id != ASTER)
            options = Options(base_models=(ASTER,), derived=names, bottom_k=100, prompts=3, cache_gb=5, timeout=120)
            started = time.monotonic()
            OverlapRun(options, lambda text: None).run()
            seconds = time.monotonic() - started
            again = OverlapRun(options, lambda text: None).run()
        with duckdb.connect(str(folder / "family.duckdb"), read_only=True) as connection:
            rows = connection.execute(
                "select model_id, coalesce(max(failure_reason), 'measured'), max(left(failure_detail, 90)) "
                "from raw.fingerprints group by all order by model_id"
            ).fetchall()
    for row in rows:
        print("| {} | {} | {} |".format(*row))
    outcomes = {model_id: outcome for model_id, outcome, _ in rows}
    is_right = (
        outcomes.pop(ASTER) == outcomes.pop(ASTER_CHAT) == "measured"
        and len(outcomes) == len(HOSTILE)
        and "measured" not in outcomes.values()
        and "unknown" not in outcomes.values()
        and again.n_done_before == again.n_models
        and again.run_id is None
    )
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1e6
    print(f"{seconds:,.0f} s, {peak:,.2f} GB; the second run tried {again.n_models - again.n_done_before} models")
    return 0 if is_right else 1


def _build(honest: Build, folder: Path) -> Build:
    base, chat = honest.find(ASTER), honest.find(ASTER_CHAT)
    assert base is not None
    assert chat is not None
    (folder / BLOBS_FOLDER).mkdir(parents=True)
    for file in (*base.files, *chat.files):
        shutil.copy(honest.blob(file), folder / BLOBS_FOLDER / file.sha256)
    hostile = [_changed(chat, f"hostile/{name}", changes, folder) for name, changes in HOSTILE.items()]
    return Build(folder, (base, *hostile, chat))


def _changed(repo: HubRepo, repo_id: str, changes: dict[str, bytes | None], folder: Path) -> HubRepo:
    files = [file for file in repo.files if file.path not in changes]
    for path, content in changes.items():
        if content is not None:
            sha256 = hashlib.sha256(content).hexdigest()
            git_id = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
            (folder / BLOBS_FOLDER / sha256).write_bytes(content)
            files.append(HubFile(path, len(content), git_id, sha256, sha256_is_etag=path == WEIGHTS))
    info: dict[str, Any] = copy.deepcopy(dict(repo.info))
    digest = hashlib.sha256(json.dumps([repo_id, sorted(changes)]).encode()).hexdigest()
    info |= {"id": repo_id, "_id": digest[:24], "sha": digest[:40], "author": "hostile"}
    info["siblings"] = [{"rfilename": file.path} for file in files]
    return HubRepo(repo_id, info, tuple(files))


if __name__ == "__main__":
    sys.exit(main())
