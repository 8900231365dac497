"""Measure the comparing of sketches: models against bases in memory, and a crowd of one architecture in a warehouse.

Run as ``python -m bench.kinship``. The sketches have the blocks of a model of 0.5 B parameters; their values are
random, and those of a family differ by a little. The first measurement compares 1,000 models with 200 bases, of which
each model is kin to five. The second is the step of ``modelkin build`` on a crowd, where every model is comparable with
every other; what it takes per model does not grow with the crowd, but for the choice, which the third measures.
Prints a table, and appends it as JSON lines to build/bench/kinship.jsonl.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from bench.sketches import State, sketch_of
from bench.weights import ARCHITECTURES, Architecture
from extract.weights.candidates import MOST_COMPARED, SIGNATURE_BLOCKS, SIGNATURE_VALUES, Chooser, Comparable, Model
from extract.weights.comparing import Block, Floats, Key, Sketch
from extract.weights.counting import compare, compare_sketches
from modelkin.warehouse import load

RESULTS: Final = Path("build/bench/kinship.jsonl")
ARCHITECTURE: Final = "0.5B"
N_FAMILIES: Final = 40
ROWS: Final = 64
"""Of each matrix these rows are made: no block or probe of a sketch lies behind them."""

SPREAD: Final = 0.03
STORED_AT_ONCE: Final = 50
SEED: Final = 1
_GIB: Final = 2**20
"""KiB in a GiB: the operating system counts resident memory in KiB."""


@dataclass(frozen=True)
class Measurement:
    """One measurement; ``n_pairs`` are those compared, ``peak_gib`` the resident memory of its process."""

    name: str
    n_models: int
    n_pairs: int
    n_kin: int
    n_left_out: int
    seconds: float
    cpu_seconds: float
    peak_gib: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=1_000, help="models that are compared with the bases")
    parser.add_argument("--bases", type=int, default=200, help="bases")
    parser.add_argument("--crowd", type=int, default=600, help="models of one architecture in a warehouse")
    parser.add_argument("--choice", type=int, default=100_000, help="models of one architecture to choose from")
    options = parser.parse_args(arguments)
    measured = [
        _in_own_process(partial(against_bases, options.models, options.bases)),
        _in_own_process(partial(crowd, options.crowd)),
        _in_own_process(partial(choice, options.choice)),
    ]
    print(f"{'':<28} {'models':>8} {'pairs':>10} {'kin':>8} {'left out':>14} {'s':>7} {'CPU s':>7} {'GiB':>6}")
    for one in measured:
        print(
            f"{one.name:<28} {one.n_models:>8,} {one.n_pairs:>10,} {one.n_kin:>8,} {one.n_left_out:>14,} "
            f"{one.seconds:>7.1f} {one.cpu_seconds:>7.1f} {one.peak_gib:>6.2f}"
        )
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(one)) + "\n" for one in measured)


def against_bases(n_models: int, n_bases: int) -> Measurement:
    """Compare models with bases, all of one architecture and of N_FAMILIES families."""
    make = Sketches()
    bases = [make.member(f"base/{number:06}", number % N_FAMILIES) for number in range(n_bases)]
    models = [make.member(f"model/{number:06}", number % N_FAMILIES) for number in range(n_models)]
    pairs = {((one.run_id, one.model_id), (two.run_id, two.model_id)) for one in models for two in bases}
    clock = _Clock()
    rows = compare(models, bases, pairs)
    return clock.stop("against bases, in memory", n_models, rows, 0)


def crowd(n_models: int) -> Measurement:
    """Compare the models of a warehouse that are all comparable, as the build does."""
    make = Sketches()
    with tempfile.TemporaryDirectory(prefix="modelkin-bench-") as folder:
        path = Path(folder) / "warehouse.duckdb"
        with load("weights", params={}, path=path) as run:
            for start in range(0, n_models, STORED_AT_ONCE):
                numbers = range(start, min(start + STORED_AT_ONCE, n_models))
                sketches = [make.member(f"model/{number:06}", number % N_FAMILIES) for number in numbers]
                run.add("weight_sketches", [row for one in sketches for row in sketch_rows(run.run_id, one)])
        clock = _Clock()
        found = compare_sketches(path)
        size = n_models // N_FAMILIES
        kin = N_FAMILIES * size * (size - 1) // 2
        return clock.stop("a crowd, in a warehouse", n_models, found.n_made, found.n_left_out, kin)


def choice(n_models: int) -> Measurement:
    """Choose of a crowd with whom each model is compared; what reads the signatures is left out."""
    rng = np.random.default_rng(SEED)
    values = rng.standard_normal((n_models, SIGNATURE_BLOCKS * SIGNATURE_VALUES), dtype=np.float32)
    values /= np.sqrt(values.shape[1])
    models: list[Model] = [("run", f"model/{number:06}") for number in range(n_models)]

    def read(wanted: Sequence[Model], blocks: Sequence[str]) -> Floats:
        return values[: len(wanted)]

    blocks = [f"block {number}" for number in range(SIGNATURE_BLOCKS)]
    comparable = Comparable.of(dict.fromkeys(models, blocks))
    clock = _Clock()
    pairs = sum(len(others) for others in Chooser({}, frozenset(), read).wanted_pairs(comparable).values())
    assert pairs <= n_models * MOST_COMPARED
    return clock.stop("the choice of a crowd", n_models, pairs, comparable.n_pairs - pairs)


class Sketches:
    """Makes sketches of one architecture, and their values."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(SEED)
        self._shapes = {
            name: (min(shape[0], ROWS), shape[-1]) if len(shape) > 1 else shape
            for name, shape in _architecture().shapes().items()
        }
        self._families: dict[int, Sketch] = {}

    def member(self, name: str, family: int) -> Sketch:
        """Return a model of a family: the family's values, and a change of its own."""
        if family not in self._families:
            state: State = {
                name: self._rng.standard_normal(shape, dtype=np.float32) * np.float32(0.02) if len(shape) > 1
                else np.ones(shape, np.float32)
                for name, shape in self._shapes.items()
            }  # fmt: skip
            self._families[family] = sketch_of(f"family/{family}", state)
        blocks = {key: self._changed(key, block) for key, block in self._families[family].blocks.items()}
        return Sketch(name, "run", blocks)

    def _changed(self, key: Key, block: Block) -> Block:
        change = self._rng.standard_normal(block.values.shape, dtype=np.float32) * np.float32(0.02 * SPREAD)
        values = block.values if block.role == "norm" else block.values + change
        digest = f"{block.digest[:16]}{int(self._rng.integers(1 << 62)):016x}" if block.role != "norm" else block.digest
        return Block(block.role, block.layer_index, block.dtype, block.shape, block.rows_and_columns, values, digest)


def sketch_rows(run_id: str, sketch: Sketch) -> list[dict[str, Any]]:
    """Return the rows of raw.weight_sketches of a sketch."""
    return [
        {
            "run_id": run_id, "model_id": sketch.model_id, "file_name": "model.safetensors",
            "tensor_name": key.tensor_name, "stored_name": key.tensor_name, "tensor_role": block.role,
            "layer_index": block.layer_index, "dtype": block.dtype, "shape": list(block.shape),
            "block_offset": key.block_offset, "block_shape": list(block.rows_and_columns), "sketch": block.values,
            "block_digest": block.digest, "is_dequantized": False, "is_probe": key.is_probe,
        }
        for key, block in sketch.blocks.items()
    ]  # fmt: skip


def _architecture() -> Architecture:
    return next(one for one in ARCHITECTURES if one.name == ARCHITECTURE)


class _Clock:
    def __init__(self) -> None:
        self._started, self._cpu = time.monotonic(), time.process_time()

    def stop(self, name: str, n_models: int, pairs: int | pa.Table, n_left_out: int, n_kin: int = 0) -> Measurement:
        seconds, cpu = time.monotonic() - self._started, time.process_time() - self._cpu
        if not isinstance(pairs, int):
            n_kin, pairs = pairs.num_rows - pairs["distance"].null_count, pairs.num_rows
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _GIB
        return Measurement(name, n_models, pairs, n_kin, n_left_out, round(seconds, 1), round(cpu, 1), round(peak, 2))


def _in_own_process(measure: Callable[[], Measurement]) -> Measurement:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(measure)


if __name__ == "__main__":
    main()
