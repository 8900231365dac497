"""Putting a build together: weights from their makers, cards, metadata, commits, one catalogue."""

import hashlib
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, Final

from minihub.cards import card, card_data, counters, tags
from minihub.catalogue import FAMILIES, LANES, RENAMED, Page, pages
from minihub.languages import seed_of
from minihub.repositories import BLOBS_FOLDER, CATALOGUE_FILE, HubFile, pointer_of
from modelkin.errors import InputError
from modelkin.progress import Progress

NOTE: Final = "Synthetic: made by Modelkin's miniature Hub."
LARGE_FILES: Final = (".safetensors", ".bin", ".gguf")
_ATTRIBUTES: Final = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LARGE_FILES).encode()
_MAKER: Final = "minihub.weights"
_RELATIONS: Final = ("adapter", "merge", "quantized", "finetune")
_GGUF_BYTES_A_PARAMETER: Final = 2
_LANE_ENVIRONMENT: Final = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
_AUTO_MODELS: Final = {"encoder_decoder": "AutoModelForSeq2SeqLM", "image": "AutoModelForImageClassification"}
_ERROR_LINES: Final = 3
_PIPE_BYTES: Final = 1 << 16


def make(folder: Path, seed: int) -> None:
    """Fill ``folder`` with a whole build; raise InputError when the weights cannot be made."""
    (folder / BLOBS_FOLDER).mkdir(parents=True)
    with TemporaryDirectory(dir=folder) as workshop:
        _make_weights(Path(workshop), seed)
        repos = [_assemble(page, Path(workshop), folder, seed) for page in pages()]
    _count_children(repos)
    renamed = {old.lower(): new for old, new in RENAMED.items()}
    catalogue = {"note": NOTE, "seed": seed, "renamed": renamed, "repos": repos}
    (folder / CATALOGUE_FILE).write_text(json.dumps(catalogue, indent=1, ensure_ascii=False), encoding="utf-8")


def _make_weights(folder: Path, seed: int) -> None:
    """Run one process per lane, all at once; a lane that fails ends the others."""
    with ExitStack() as stack:
        progress = stack.enter_context(closing(Progress("training steps")))
        progress.begin(f"Making the miniature Hub: {len(pages())} models, once; it takes a minute or two …")
        selector = stack.enter_context(selectors.DefaultSelector())
        for families in LANES:
            log = stack.enter_context(TemporaryFile())
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", _MAKER, ",".join(families), str(folder), str(seed)],
                    env=os.environ | _LANE_ENVIRONMENT,
                    cwd=Path(__file__).parents[1],
                    stdout=subprocess.PIPE,
                    stderr=log,
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            selector.register(process.stdout, selectors.EVENT_READ, _Lane(families, process, log))
        _watch(selector, progress)


def _watch(selector: selectors.BaseSelector, progress: Progress) -> None:
    """Show the steps that the lanes report until each has ended; raise InputError for one that failed."""
    n_steps = 0
    while selector.get_map():
        for key, _ in selector.select():
            reported = os.read(key.fd, _PIPE_BYTES)
            if reported:
                n_steps += reported.count(b"\n")
                names = reported.decode(errors="replace").split()
                progress.update(n_steps, total=training_steps(), detail=names[-1] if names else "")
            else:
                selector.unregister(key.fileobj)
                key.data.finish()


@dataclass(frozen=True)
class _Lane:
    """A process that makes families, and what it says on stderr."""

    families: tuple[str, ...]
    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def finish(self) -> None:
        """Wait for the process, which has closed its output; raise InputError when it failed."""
        if self.process.wait():
            self.log.seek(0)
            lines = self.log.read().decode(errors="replace").strip().splitlines()
            why = " ".join(lines[-_ERROR_LINES:]) or f"exit code {self.process.returncode}"
            raise InputError(f"The miniature Hub's models of {' and '.join(self.families)} could not be made: {why}")


def training_steps() -> int:
    """Return how many steps of training all the models take."""
    steps = 0
    for page in pages():
        if page.recipe.kind == "pretrained" and page.recipe.family:
            steps += FAMILIES[page.recipe.family].steps
        elif page.recipe.kind in ("tuned", "adapter"):
            steps += page.recipe.steps
    return steps


def _assemble(page: Page, workshop: Path, folder: Path, seed: int) -> dict[str, Any]:
    files = _contents(page, workshop / page.repo_id)
    for content in files.values():
        (folder / BLOBS_FOLDER / hashlib.sha256(content).hexdigest()).write_bytes(content)
    entries = [_file(path, files[path]) for path in sorted(files)]
    return {
        "info": _info(page, files, entries, seed),
        "files": [asdict(entry) for entry in entries],
        "is_deleted": page.is_deleted,
    }


def _contents(page: Page, made: Path) -> dict[str, bytes]:
    files = {path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    files.pop("README.md", None)
    files[".gitattributes"] = _ATTRIBUTES
    if page.has_card:
        files["README.md"] = card(page).encode()
    if page.has_licence_file:
        files["LICENSE"] = f"Synthetic: this file stands for the text of {page.licence}.\n".encode()
    return files


def _file(path: str, content: bytes) -> HubFile:
    sha256 = hashlib.sha256(content).hexdigest()
    is_large = path.endswith(LARGE_FILES)
    in_git = pointer_of(sha256, len(content)) if is_large else content
    return HubFile(path, len(content), _git_oid("blob", in_git), sha256, is_large)


def _git_oid(kind: str, content: bytes) -> str:
    # Git names its objects by SHA-1; nothing here relies on it for safety.
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def _info(page: Page, files: Mapping[str, bytes], entries: Sequence[HubFile], seed: int) -> dict[str, Any]:
    config = json.loads(files["config.json"]) if "config.json" in files else None
    identity = seed_of(seed, "repo", page.repo_id)
    listing = "\n".join(f"{entry.oid} {entry.path}" for entry in entries).encode()
    info: dict[str, Any] = {
        "_id": f"{identity:024x}"[-24:],
        "id": page.repo_id,
        "modelId": page.repo_id,
        "author": page.repo_id.split("/")[0],
        "sha": _git_oid("commit", page.repo_id.encode() + b"\n" + listing),
        "private": False,
        "disabled": False,
        "gated": page.gated,
        "tags": tags(page, files, config),
        **counters(page, seed),
        "siblings": [{"rfilename": entry.path} for entry in entries],
        "spaces": [],
        "usedStorage": sum(entry.size for entry in entries),
        "config": _config_excerpt(config, files),
        "childrenModelCount": dict.fromkeys(_RELATIONS, 0),
    }
    if page.parents:
        info["baseModels"] = _base_models(page, seed)
    if page.has_card:
        info |= {"cardData": card_data(page), "model-index": None}
    if page.pipeline is not None:
        info["pipeline_tag"] = page.pipeline
    if page.library is not None:
        info["library_name"] = page.library
        if page.library == "transformers" and config is not None:
            auto_model = _AUTO_MODELS.get(page.recipe.kind, "AutoModelForCausalLM")
            info["transformersInfo"] = {
                "auto_model": auto_model,
                "pipeline_tag": page.pipeline,
                "processor": "AutoTokenizer",
            }
    for path, content in files.items():
        if path.endswith(".safetensors") and (parameters := _parameters(content)):
            info["safetensors"] = {"parameters": parameters, "total": sum(parameters.values())}
        elif path.endswith(".gguf"):
            marks = FAMILIES[page.recipe.family or ""].tokenizer
            info["gguf"] = {
                "total": len(content) // _GGUF_BYTES_A_PARAMETER,
                "architecture": "llama",
                "context_length": 256,
                "bos_token": marks.begin,
                "eos_token": marks.end,
                "totalFileSize": len(content),
            }
    return info


def _base_models(page: Page, seed: int) -> dict[str, Any]:
    models = [{"_id": f"{seed_of(seed, 'repo', parent):024x}"[-24:], "id": parent} for parent in page.parents]
    return {"relation": page.relation or "finetune", "models": models}


def _config_excerpt(config: Mapping[str, Any] | None, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the part of the configuration that the API tells."""
    excerpt = {name: config[name] for name in ("architectures", "model_type", "auto_map") if config and name in config}
    if "adapter_config.json" in files:
        adapter = json.loads(files["adapter_config.json"])
        excerpt["peft"] = {name: adapter[name] for name in ("base_model_name_or_path", "task_type")}
    if "tokenizer_config.json" in files:
        settings = json.loads(files["tokenizer_config.json"])
        excerpt["tokenizer_config"] = {
            name: settings[name] for name in ("bos_token", "eos_token", "pad_token") if name in settings
        }
    return excerpt


def _parameters(content: bytes) -> dict[str, int] | None:
    """Return the number of parameters by type from a safetensors header, or None when the file is cut short."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    if max(tensor["data_offsets"][1] for tensor in header.values()) != len(content) - 8 - length:
        return None
    counts: dict[str, int] = {}
    for tensor in header.values():
        counts[tensor["dtype"]] = counts.get(tensor["dtype"], 0) + prod(tensor["shape"])
    return counts


def _count_children(repos: Sequence[dict[str, Any]]) -> None:
    by_id = {repo["info"]["id"].lower(): repo["info"] for repo in repos}
    for repo in repos:
        declared = repo["info"].get("baseModels", {"models": []})
        for parent in declared["models"]:
            if parent["id"].lower() in by_id:
                by_id[parent["id"].lower()]["childrenModelCount"][declared["relation"]] += 1
