"""Studies to judge lineage recovery by: a matrix of overlaps whose models have quantized copies without an owner.

`with_copies` adds such copies to a study that was measured; `generated` makes a whole study with names of its own. What
a copy shares with other models is drawn: with its source by its bits, with others as its source does give or take some
percent, with its siblings more than with its source. So a sibling stands above the true parent about as often as not.

    python -m bench.quantized_study matrix.csv relationships.csv FOLDER --copies 90 --models 15 --seed 1
    python -m extract import-matrix FOLDER/matrix.csv --relationships FOLDER/relationships.csv --study copies
"""

import argparse
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

LIKENESS = {
    "q2_k": 0.62, "q3_k_m": 0.78, "q4_0": 0.82, "q4_k_s": 0.85, "q4_k_m": 0.86, "q5_k_m": 0.92, "q6_k": 0.95,
    "q8_0": 0.97, "iq3_xxs": 0.68, "iq4_xs": 0.86, "iq4_nl": 0.86, "bf16": 0.98, "f16": 0.99,
}  # fmt: skip
"""How much of its source's fingerprint a copy keeps, by format: formats of llama.cpp."""

OTHER_LIKENESS = {
    "q3_k_xl": 0.79, "iq2_m": 0.6, "tq1_0": 0.6, "q4_0_4_8": 0.82, "mxfp4": 0.8, "nvfp4": 0.83, "awq": 0.85,
    "gptq-int4": 0.82, "w4a16": 0.84, "w8a8": 0.93, "fp8_dynamic": 0.95, "3.5bpw-exl2": 0.74, "exl3": 0.85,
    "5bit-mlx": 0.92, "nf4": 0.84, "hqq": 0.8, "aqlm": 0.66, "q4f16_1-MLC": 0.83, "int8-ov": 0.95, "bnb-4bit": 0.84,
    "8bit": 0.96, "float16": 0.99, "eetq": 0.95, "e4m3": 0.94,
}  # fmt: skip
"""Formats of other libraries, and some of llama.cpp that the study on the matrix does not hold."""


@dataclass(frozen=True)
class Study:
    """A square matrix (row: the base whose prompts are used) and the parents of each model, `;` between several."""

    ids: list[str]
    overlaps: NDArray[np.float64]
    parents: dict[str, str]


def read(matrix: Path, relationships: Path) -> Study:
    """Read the two files that `import-matrix` takes; an empty cell is nan."""
    with matrix.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    with relationships.open(encoding="utf-8-sig", newline="") as file:
        parents = {row["model_id"]: row["base_model"] for row in csv.DictReader(file)}
    overlaps = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    return Study(header[1:], overlaps, parents)


def write(study: Study, folder: Path) -> tuple[Path, Path]:
    """Write the matrix and the relationships of a study; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    matrix, relationships = folder / "matrix.csv", folder / "relationships.csv"
    with matrix.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["", *study.ids])
        for model_id, row in zip(study.ids, study.overlaps, strict=True):
            writer.writerow([model_id, *("" if np.isnan(value) else round(float(value), 4) for value in row)])
    with relationships.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model_id", "base_model", "relationship_type"])
        for model_id in study.ids:
            parents = study.parents.get(model_id, "NONE")
            writer.writerow([model_id, parents, "NONE" if parents == "NONE" else "finetune"])
    return matrix, relationships


def copy_names(name: str, label: str) -> list[str]:
    """Return the ways in which people write a format behind a name."""
    return [
        f"{name}-{label}",
        f"{name}-{label.upper()}",
        f"{name}.{label.upper()}",
        f"{name}_{label}",
        f"{name.lower()}-{label}",
        f"{name}-{label.replace('_', '')}",
        f"{name}-GGUF-{label}",
    ]


def with_copies(study: Study, n: int, n_models: int, likeness: dict[str, float], seed: int) -> Study:
    """Add `n` quantized copies of `n_models` models; ids of copies have no owner, and are unique.

    A name that two owners bear is not copied: without an owner the copy's name could not tell between them.
    """
    rng = np.random.default_rng(seed)
    size = len(study.ids)
    borne = Counter(model_id.lower().split("/")[-1] for model_id in study.ids)
    alone = [place for place, model_id in enumerate(study.ids) if borne[model_id.lower().split("/")[-1]] == 1]
    chosen = [int(place) for place in rng.choice(alone, n_models, replace=False)]
    names: list[str] = []
    sources: list[int] = list(range(size))
    kept: list[float] = [1.0] * size
    while len(names) < n:
        source = chosen[len(names) % n_models]
        label = str(rng.choice(list(likeness)))
        ways = copy_names(study.ids[source].split("/")[-1], label)
        name = ways[int(rng.integers(len(ways)))]
        if name.lower() not in {known.lower() for known in names}:
            names.append(name)
            sources.append(source)
            kept.append(float(np.clip(likeness[label] + rng.normal(0, 0.03), 0.5, 0.99)))
    overlaps = _copied_overlaps(study.overlaps, np.array(sources), np.array(kept), rng)
    parents = {**study.parents, **{name: study.ids[sources[size + place]] for place, name in enumerate(names)}}
    return Study([*study.ids, *names], overlaps, parents)


def _copied_overlaps(
    overlaps: NDArray[np.float64], sources: NDArray[np.int64], kept: NDArray[np.float64], rng: Generator
) -> NDArray[np.float64]:
    """Return the matrix with the copies' rows and columns, drawn from those of their sources."""
    size, total = len(overlaps), len(sources)
    whole = overlaps.copy()
    np.fill_diagonal(whole, 1)
    drawn = whole[np.ix_(sources, sources)]
    both = kept[:, None] * kept[None, :]
    one_source = sources[:, None] == sources[None, :]
    are_copies = (kept < 1)[:, None] & (kept < 1)[None, :]
    # Siblings of one source lose alike: they share more than the product of what each has kept.
    loss = np.where(one_source, np.where(are_copies, both**0.5, both), both**0.25)
    drawn = np.clip(drawn * loss * np.exp(rng.normal(0, 0.08, (total, total))), 0, 0.999)
    drawn[:size, :size] = overlaps
    np.fill_diagonal(drawn, 1)
    return drawn


STEMS = (
    "Alder", "Brook", "Cairn", "Dune", "Ember", "Fjord", "Grove", "Heath", "Islet", "Juniper", "Kelp", "Larch", "Moor",
    "Nettle", "Osier", "Pine", "Quarry", "Reed", "Sedge", "Thorn",
)  # fmt: skip
TASKS = ("Chat", "Instruct", "Code", "Math", "Story", "Legal", "Medic", "Thai", "Polish", "Tools", "Safe", "DPO")
OWNERS = ("north-lab", "sumi", "wolke", "papaya", "lantern", "granite-ai", "nine", "orchard")


def generated(seed: int, n_families: int = 12, n_derived: int = 5) -> Study:
    """Make a study of families: a base, models derived from any of its family, a third of them without its name."""
    rng = np.random.default_rng(seed)
    ids: list[str] = []
    parents: dict[str, str] = {}
    edges: list[tuple[int, float]] = []
    families: list[int] = []
    for family, stem in enumerate(rng.permutation(STEMS)[:n_families]):
        base = f"{stem.lower()}-team/{stem}{rng.integers(1, 4)}-{rng.choice(['1B', '3B', '7B'])}"
        members = [len(ids)]
        ids.append(base)
        edges.append((-1, 1.0))
        families.append(family)
        while len(members) <= n_derived:
            parent = members[0] if rng.random() < 0.6 else int(rng.choice(members))
            task = str(rng.choice(TASKS))
            name = f"{ids[parent].split('/')[-1]}-{task}"
            if rng.random() < 0.33:
                name = f"{str(rng.choice(OWNERS)).title()}{task}-v{rng.integers(1, 9)}"
            model_id = f"{rng.choice(OWNERS)}/{name}"
            if model_id in ids:
                continue
            members.append(len(ids))
            ids.append(model_id)
            parents[model_id] = ids[parent]
            edges.append((parent, float(rng.uniform(0.4, 0.85))))
            families.append(family)
    return Study(ids, _family_overlaps(edges, families, rng), parents)


def _family_overlaps(edges: list[tuple[int, float]], families: list[int], rng: Generator) -> NDArray[np.float64]:
    """Return overlaps that shrink with each step between two models of a family; others share a few percent."""
    size = len(edges)
    overlaps = np.zeros((size, size))
    for model, (parent, kept) in enumerate(edges):
        overlaps[model, model] = 1
        if parent >= 0:
            overlaps[model, :model] = overlaps[:model, model] = overlaps[parent, :model] * kept
    strangers = np.array(families)[:, None] != np.array(families)[None, :]
    overlaps = np.where(strangers, rng.uniform(0.002, 0.12, (size, size)), overlaps)
    overlaps = np.clip(overlaps * np.exp(rng.normal(0, 0.1, (size, size))), 0, 0.99)
    np.fill_diagonal(overlaps, 1)
    return overlaps


def main() -> None:
    """Add copies to a study in files, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("matrix", type=Path)
    parser.add_argument("relationships", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=90, help="quantized copies to add (default 90)")
    parser.add_argument("--models", type=int, default=15, help="models that are copied (default 15)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all that is drawn (default 1)")
    arguments = parser.parse_args()
    study = read(arguments.matrix, arguments.relationships)
    for path in write(
        with_copies(study, arguments.copies, arguments.models, LIKENESS, arguments.seed), arguments.folder
    ):
        print(path)


if __name__ == "__main__":
    main()
