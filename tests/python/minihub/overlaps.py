"""Measure the overlaps of a build of the miniature Hub, plainly; print them as JSON.

The definition once more, one prompt and one model at a time, and nothing shared with the product.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from minihub.catalogue import pages
from minihub.repositories import Build

K = 128
PROMPTS = 3
LOADING = {"pretrained", "untrained", "copied", "recast", "tuned", "adapter", "merged", "pruned", "quantized", "nudged"}
START, LENGTH, UNLIKELY = 8, 32, 50


def unpack(build: Build, repo_id: str, root: Path) -> Path:
    folder = root / repo_id
    if not folder.exists():
        folder.mkdir(parents=True)
        for file in build.find(repo_id).files:
            (folder / file.path).symlink_to(build.blob(file))
    return folder


def load(build: Build, page, root: Path):
    folder = unpack(build, page.repo_id, root)
    if page.recipe.kind != "adapter":
        return AutoModelForCausalLM.from_pretrained(folder).float().eval()
    from peft import PeftModel

    base = AutoModelForCausalLM.from_pretrained(unpack(build, page.parents[0], root)).float()
    return PeftModel.from_pretrained(base, folder).eval()


def prompts(model, tokenizer) -> list[str]:
    rng = np.random.default_rng(7)
    ordinary = [token for token in range(len(tokenizer)) if token not in tokenizer.all_special_ids]
    texts = []
    for _ in range(PROMPTS):
        ids = [int(token) for token in rng.choice(ordinary, START)]
        while len(ids) < LENGTH:
            logits = model(input_ids=torch.tensor([ids])).logits[0, -1, : len(tokenizer)]
            ids.append(int(rng.choice(torch.argsort(logits)[:UNLIKELY].numpy())))
        texts.append(tokenizer.decode(ids))
    return texts


def least_likely(model, tokenizer, text: str) -> set[int]:
    logits = model(input_ids=torch.tensor([tokenizer(text)["input_ids"]])).logits[0, -1].float()
    return set(torch.argsort(logits, stable=True)[:K].tolist())


def origins(repo_id: str) -> set[str]:
    """Return the model itself and all that its weights come from."""
    sources = {page.repo_id: page.recipe.sources for page in pages()}[repo_id]
    return {repo_id}.union(*(origins(source) for source in sources))


def main(folder: str) -> None:
    torch.set_num_threads(1)
    build = Build.read(Path(folder).resolve())
    measured = []
    with tempfile.TemporaryDirectory() as root, torch.no_grad():
        known = [page for page in pages() if page.recipe.kind in LOADING]
        models = {page.repo_id: load(build, page, Path(root)) for page in known}
        tokenizers = {page.repo_id: AutoTokenizer.from_pretrained(Path(root) / page.repo_id) for page in known}
        for base in known:
            if base.recipe.kind != "pretrained":
                continue
            texts = prompts(models[base.repo_id], tokenizers[base.repo_id])
            sets = {
                page.repo_id: [least_likely(models[page.repo_id], tokenizers[page.repo_id], text) for text in texts]
                for page in known
            }
            for page in known:
                shared = [len(a & b) / K for a, b in zip(sets[base.repo_id], sets[page.repo_id], strict=True)]
                measured.append(
                    {
                        "base": base.repo_id,
                        "derived": page.repo_id,
                        "kind": page.recipe.kind,
                        "is_same": base.repo_id in origins(page.repo_id),
                        "overlap": float(np.mean(shared)),
                    }
                )
    print(json.dumps(measured))


if __name__ == "__main__":
    main(sys.argv[1])
