"""Measure the study's own workload: N models measured on the prompts of many of them, from sets to tested marts.

Run as ``python -m bench.matrix [--models N ...]``. The fingerprints are made, not measured: families of ten models
whose sets share 0.1 to 0.9 of their ids, 5 prompts per base model, k 2,000, a vocabulary of 49,152. Each size is
counted and built by the commands that a user runs, and read once more by ten lines of numpy that do nothing but
compute the overlaps, so that the two can be compared. Then one more model is measured, and what is new is built.
Results are printed, and appended as JSON lines to build/bench/matrix.jsonl.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench.hub import Measurement, in_own_process, measure
from modelkin.warehouse import load

RESULTS: Final = Path("build/bench/matrix.jsonl")
SIZES: Final = ("40", "100", "160", "275", "1000x50")
BOTTOM_K: Final = 2_000
VOCABULARY: Final = 49_152
PROMPTS: Final = 5
FAMILY: Final = 10
SEED: Final = 1
COPY_EVERY: Final = 3
"""In one of this many families the last model is a copy of the one before it."""

ORDERS: Final = 64
"""Orders of the ids that are made once and used for all models: sorting each set anew would take the longest."""

JITTER: Final = 200
"""How many places an id moves, give or take."""

FEWEST: Final = "10"
"""Built once to know what dbt itself costs: a size at which the data cost nothing."""

STUDY: Final = "matrix"
NUMPY_ROWS: Final = 16_384
TOLERANCE: Final = 1e-9
MADE_AT: Final = datetime(2026, 1, 1)
_MIB: Final = 2**20


@dataclass(frozen=True)
class Size:
    """``n_models`` models, each measured on the prompts of the first ``n_bases`` of them."""

    n_models: int
    n_bases: int

    @classmethod
    def parse(cls, text: str) -> "Size":
        """Read ``275`` (all on all) or ``1000x50`` (1,000 models on 50 bases)."""
        models, _, bases = text.partition("x")
        return cls(int(models), int(bases or models))

    @property
    def n_rows(self) -> int:
        """How many fingerprints there are."""
        return self.n_models * self.n_bases * PROMPTS

    def __str__(self) -> str:
        """Return the text that ``parse`` reads."""
        return str(self.n_models) if self.n_models == self.n_bases else f"{self.n_models}x{self.n_bases}"


def model_id(number: int) -> str:
    """Return the id of a model; the first of each ten is the parent of the nine others."""
    family, member = divmod(number, FAMILY)
    return f"family-{family:03}/{'Base' if member == 0 else f'Tune-{member}'}-{family:03}"


def prompt_set_id(base: int) -> str:
    """Return the id of the prompts that a base wrote."""
    return f"{model_id(base)}@{base:08x}-{base:012x}"


def make_warehouse(path: Path, size: Size) -> None:
    """Write the metadata, the prompts and the fingerprints of a matrix; the same size gives the same rows."""
    made = _Sets(size)
    with load("hub", params={"made": "matrix"}, path=path) as run:
        # One more than are measured: a model is known by its metadata before it is measured.
        run.add("hub_models", [_metadata(number) for number in range(size.n_models + 1)])
    with load("overlap", params={"made": "matrix"}, path=path) as run:
        run.add("overlap_prompts", [row for base in range(size.n_bases) for row in _prompts(base)])
        run.add_stream("fingerprints", (made.answers(number) for number in range(size.n_models)))


def add_model(path: Path, size: Size) -> None:
    """Write one more model, measured on the prompts of all bases, as a later run."""
    with load("overlap", params={"made": "one more"}, path=path) as run:
        run.add_stream("fingerprints", iter([_Sets(size).answers(size.n_models)]))


def _metadata(number: int) -> dict[str, Any]:
    parent = number - number % FAMILY
    return {
        "observed_at": MADE_AT,
        "model_id": model_id(number),
        "author": model_id(number).partition("/")[0],
        "sha": f"{number:040x}",
        "downloads": number * 37 % 3_000,
        "tags": [] if number == parent else [f"base_model:finetune:{model_id(parent)}"],
    }


def _prompts(base: int) -> list[dict[str, Any]]:
    recipe = json.dumps({"study_id": STUDY, "bottom_k": BOTTOM_K, "base_model_id": model_id(base)})
    common = {"prompt_set_id": prompt_set_id(base), "base_model_id": model_id(base), "base_sha": f"{base:040x}"}
    return [
        {**common, "prompt_index": index, "text": "made", "token_ids": [0], "seed": SEED, "recipe": recipe}
        for index in range(PROMPTS)
    ]


class _Sets:
    """The sets of all models: each base's own, and of it what another model keeps."""

    def __init__(self, size: Size) -> None:
        self._size = size
        generator = np.random.default_rng(SEED)
        places = np.arange(BOTTOM_K)
        self._orders = np.stack(
            [np.argsort(places + generator.normal(0, JITTER, BOTTOM_K), kind="stable") for _ in range(ORDERS)]
        )
        self._replaced = np.stack([generator.permutation(BOTTOM_K) for _ in range(ORDERS)])
        shape = (size.n_bases * PROMPTS, VOCABULARY)
        self._vocabularies = generator.permuted(np.broadcast_to(np.arange(VOCABULARY, dtype=np.int32), shape), axis=1)

    def answers(self, number: int) -> pa.Table:
        """Return the fingerprints of one model on all prompts."""
        n_rows = self._size.n_bases * PROMPTS
        sets = np.stack([self._set(number, *divmod(row, PROMPTS)) for row in range(n_rows)])
        offsets = pa.array(np.arange(0, n_rows * BOTTOM_K + 1, BOTTOM_K, dtype=np.int32))
        return pa.table(
            {
                "model_id": [model_id(number)] * n_rows,
                "sha": [f"{number:040x}"] * n_rows,
                "prompt_set_id": np.repeat([prompt_set_id(base) for base in range(self._size.n_bases)], PROMPTS),
                "prompt_index": pa.array(np.tile(np.arange(PROMPTS, dtype=np.int32), self._size.n_bases)),
                "vocab_size": pa.array(np.full(n_rows, VOCABULARY)),
                "tokenizer_hash": [f"tokenizer-{number // FAMILY % 4}"] * n_rows,
                "dtype": ["float32"] * n_rows,
                "bottom_k": pa.ListArray.from_arrays(offsets, pa.array(sets.ravel())),
                "weights_format": ["safetensors float32"] * n_rows,
                "weights_digest": [f"{number:064x}"] * n_rows,
                "status": ["ok"] * n_rows,
            }
        )

    def _set(self, number: int, base: int, prompt: int) -> npt.NDArray[np.int32]:
        vocabulary = self._vocabularies[base * PROMPTS + prompt]
        if number == base:
            return vocabulary[:BOTTOM_K]
        family, member = divmod(number, FAMILY)
        if member == FAMILY - 1 and family % COPY_EVERY == 0 and base != number - 1:
            number -= 1
        generator = np.random.default_rng([SEED, number, base, prompt])
        share = generator.uniform(0.5, 0.9) if family == base // FAMILY else generator.uniform(0.1, 0.4)
        replaced = self._replaced[generator.integers(ORDERS)][round(share * BOTTOM_K) :]
        start = generator.integers(BOTTOM_K, VOCABULARY - BOTTOM_K)
        ids = vocabulary[:BOTTOM_K].copy()
        ids[replaced] = vocabulary[start : start + len(replaced)]
        return ids[self._orders[generator.integers(ORDERS)]]


def overlaps_in_numpy(path: Path) -> dict[tuple[str, str], float]:
    """Return the overlap of every model with every prompt set: what somebody would write who needs nothing else."""
    shared: dict[tuple[str, str], float] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        own = connection.sql(
            "select distinct fingerprints.prompt_set_id, prompt_index, bottom_k from raw.fingerprints "
            "inner join raw.overlap_prompts using (prompt_set_id, prompt_index) where model_id = base_model_id"
        ).fetchall()
        number = {(prompt_set, index): place for place, (prompt_set, index, _) in enumerate(own)}
        is_own = np.zeros((len(own), VOCABULARY), bool)
        for place, (_, _, ids) in enumerate(own):
            is_own[place, ids] = True
        rows = connection.sql("select model_id, prompt_set_id, prompt_index, bottom_k from raw.fingerprints")
        for batch in rows.to_arrow_reader(NUMPY_ROWS):
            sets = batch["bottom_k"].flatten().to_numpy().reshape(-1, BOTTOM_K)
            models, prompt_sets, indexes = (batch[name].to_pylist() for name in batch.schema.names[:3])
            places = np.array([number[key] for key in zip(prompt_sets, indexes, strict=True)])
            overlaps = is_own[places[:, None], sets].mean(axis=1) / PROMPTS
            for model, prompt_set, overlap in zip(models, prompt_sets, overlaps, strict=True):
                shared[model, prompt_set] = shared.get((model, prompt_set), 0.0) + overlap
    return shared


@dataclass(frozen=True)
class Fixed:
    """Processor seconds that dbt takes for itself, whatever the data."""

    whole_s: float
    overlaps_s: float


class _Commands:
    """The commands that a user runs on one warehouse, each measured."""

    def __init__(self, folder: Path, path: Path, size: Size) -> None:
        self._size = size
        self._environment = {"MODELKIN_DB": str(path), "MODELKIN_CACHE": str(folder / "cache")}
        self._dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--log-level-file", "none"]
        self._places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]

    def parse(self) -> Measurement:
        return self._dbt_step("dbt parse", "parse")

    def build(self) -> Measurement:
        return self._dbt_step("build and test all", "build", "--exclude-resource-type", "unit_test")

    def build_overlaps(self, when: str = "") -> Measurement:
        return self._dbt_step(f"build the overlap marts{when}", "build", "--selector", "overlaps")

    def count(self, what: str = "overlaps") -> Measurement:
        return self._step(f"count {what}", [sys.executable, "-m", "extract", "count-overlaps"])

    def numpy(self, path: Path) -> Measurement:
        return self._step("plain numpy", [sys.executable, "-m", "bench.matrix", "--numpy", str(path)])

    def _dbt_step(self, name: str, *arguments: str) -> Measurement:
        return self._step(name, [*self._dbt, *arguments, *self._places])

    def _step(self, name: str, command: list[str]) -> Measurement:
        return measure(name, self._size.n_rows, command, self._environment)[0]


def measure_fixed(folder: Path) -> Fixed:
    """Return what dbt takes for itself, by building a warehouse of hardly any rows."""
    size = Size.parse(FEWEST)
    path = folder / f"matrix-{size}.duckdb"
    path.unlink(missing_ok=True)
    in_own_process(make_warehouse, path, size)
    commands = _Commands(folder, path, size)
    commands.count()
    commands.parse()
    fixed = Fixed(commands.build().cpu_s, commands.build_overlaps().cpu_s)
    path.unlink()
    return fixed


def measure_size(folder: Path, size: Size, fixed: Fixed) -> list[Measurement]:
    """Count and build one size, read it with numpy, then add a model and build what is new; print the ratios."""
    path = folder / f"matrix-{size}.duckdb"
    path.unlink(missing_ok=True)
    in_own_process(make_warehouse, path, size)
    raw_bytes = path.stat().st_size
    commands = _Commands(folder, path, size)
    numpy, counted, parsed, built = commands.numpy(path), commands.count(), commands.parse(), commands.build()
    in_own_process(_check, path)
    built_bytes = path.stat().st_size
    again = commands.build_overlaps()
    in_own_process(add_model, path, size)
    more_counted, more_built = commands.count("one more model"), commands.build_overlaps(" again")
    path.unlink()
    whole_s, more_s = counted.cpu_s + built.cpu_s, more_counted.cpu_s + more_built.cpu_s
    of_data = (more_s - fixed.overlaps_s) / (whole_s - fixed.whole_s)
    print(
        f"  {size}: {raw_bytes / _MIB:,.0f} MiB of sets, {built_bytes / raw_bytes:.2f} times as much when built; "
        f"counting takes {counted.wall_s / numpy.wall_s:.2f} of the time of numpy ({counted.cpu_s / numpy.cpu_s:.2f} "
        f"by CPU); all together {counted.wall_s + built.wall_s:.0f} s ({whole_s:.0f} by CPU), "
        f"{max(counted.peak_mib, built.peak_mib):,.0f} MiB; one more model {more_s / whole_s:.3f} of it by CPU, "
        f"{of_data:.3f} without what dbt takes for itself ({fixed.whole_s:.0f} s and {fixed.overlaps_s:.0f} s)."
    )
    return [numpy, counted, parsed, built, again, more_counted, more_built]


def _check(path: Path) -> None:
    """Exit unless the marts hold what numpy found."""
    in_numpy = overlaps_in_numpy(path)
    with duckdb.connect(str(path), read_only=True) as connection:
        pairs = connection.sql(
            "select fct_overlaps.derived_model_id, overlap_prompts.prompt_set_id, fct_overlaps.overlap_ratio "
            "from marts.fct_overlaps "
            "inner join raw.overlap_prompts on fct_overlaps.base_model_id = overlap_prompts.base_model_id "
            "where overlap_prompts.prompt_index = 0"
        ).fetchall()
    wrong = [pair for *pair, overlap in pairs if abs(in_numpy[tuple(pair)] - overlap) > TOLERANCE]
    if wrong or not pairs:
        sys.exit(f"{len(wrong):,} of {len(pairs):,} overlaps in the marts differ from numpy's.")


def main() -> None:
    """Measure every size asked for, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=list(SIZES), help="sizes: 275 is all on all, 1000x50 on 50")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where warehouses go")
    parser.add_argument("--numpy", type=Path, help="only compute the overlaps in this warehouse, with numpy")
    options = parser.parse_args()
    if options.numpy:
        print(f"{len(overlaps_in_numpy(options.numpy)):,} overlaps")
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{'step':<28} {'rows':>10} {'wall s':>9} {'CPU s':>9} {'peak MiB':>9}")
    fixed = measure_fixed(options.folder)
    sizes = [Size.parse(text) for text in options.models]
    measurements = [result for size in sizes for result in measure_size(options.folder, size, fixed)]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(result)) + "\n" for result in measurements)


if __name__ == "__main__":
    main()
