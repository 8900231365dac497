"""A small warehouse made here, and the files that the killed commands load into it."""

import csv
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

N_MODELS: Final = 3_000
N_PAIRS: Final = 2_000
PROMPTS: Final = 5
SEED: Final = 3


@dataclass(frozen=True)
class Files:
    """The generated files, each of them for one importer."""

    models: Path
    overlaps: Path
    edges: Path
    metadata: Path


def write_files(folder: Path) -> Files:
    """Write the files below ``folder``, the same ones every time."""
    random_ = random.Random(SEED)
    ids = [f"maker-{number % 40}/model-{number}" for number in range(N_MODELS)]
    bases = ids[:10]
    files = Files(*(folder / f"{name}.csv" for name in ("models", "overlaps", "edges", "metadata")))
    _write(
        files.models,
        ("base_model", "model_id", "downloads", "likes", "last_modified", "pipeline_tag", "tags"),
        (
            (random_.choice(bases), model_id, random_.randrange(10**6), random_.randrange(100), "2025-05-01", "", "[]")
            for model_id in ids
        ),
    )
    _write(
        files.overlaps,
        (
            *("base_model_name", "derived_model_name", "num_pairs", "avg_overlap_ratio", "bottom_k_vocab_size"),
            *("pair_scores_json", "derived_model_downloads"),
        ),
        (_pair(random_, random_.choice(bases), model_id) for model_id in ids[10 : 10 + N_PAIRS]),
    )
    _write(files.edges, ("source", "target", "edge"), ((random_.choice(bases), one, "finetuned") for one in ids[10:]))
    _write(files.metadata, ("id", "type", "owner", "architecture"), ((one, "finetuned", "me", "llama") for one in ids))
    return files


def _pair(random_: random.Random, base: str, derived: str) -> tuple[object, ...]:
    scores = [random_.randrange(101) / 100 for _ in range(PROMPTS)]
    return base, derived, PROMPTS, sum(scores) / PROMPTS, 100, json.dumps(scores), random_.randrange(10**6)


def _write(path: Path, header: tuple[str, ...], rows: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)  # type: ignore[arg-type]
