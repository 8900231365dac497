"""The comparing step: every comparable pair of the latest sketches once, in the order of ids."""

from pathlib import Path

import numpy as np
import pytest

from extract.weights.comparing import Sketch
from extract.weights.counting import compare_sketches
from modelkin.errors import WarehouseError
from modelkin.warehouse import connect, load
from reports.kinship.runner import write_kinship
from tests.python import kinship_zoo as zoo

RNG = np.random.default_rng(8)
ROOT = zoo.base(RNG)


def store(path: Path, *sketches: Sketch) -> None:
    with load("weights", params={}, path=path) as run:
        rows = [
            {
                "run_id": run.run_id, "model_id": sketch.model_id, "file_name": "f", "tensor_name": key.tensor_name,
                "stored_name": key.tensor_name, "tensor_role": block.role, "layer_index": block.layer_index,
                "dtype": block.dtype, "shape": list(block.shape), "block_offset": key.block_offset,
                "block_shape": list(block.rows_and_columns), "sketch": block.values, "block_digest": block.digest,
                "is_dequantized": False, "is_probe": key.is_probe,
            }
            for sketch in sketches
            for key, block in sketch.blocks.items()
        ]  # fmt: skip
        run.add("weight_sketches", rows)


def compared(path: Path) -> list[tuple[str, str, int, bool]]:
    with connect(path, read_only=True) as connection:
        return connection.execute(
            "select model_id, other_model_id, n_tensors_compared, distance is not null from raw.weight_comparisons "
            "order by all"
        ).fetchall()


def test_each_comparable_pair_is_compared_once(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    narrow = {"model.layers.0.mlp.up_proj.weight": RNG.normal(size=(4, 96)).astype(np.float32)}
    store(path, zoo.sketch("B/root", ROOT), zoo.sketch("c/stranger", zoo.base(RNG)), zoo.sketch("d/narrow", narrow))
    assert compare_sketches(path).n_made == 1
    assert compared(path) == [("B/root", "c/stranger", 25, False)]
    store(path, zoo.sketch("a/child", zoo.tuned(ROOT, RNG, 0.1)))
    assert compare_sketches(path).n_made == 2
    assert compared(path)[0] == ("B/root", "c/stranger", 25, False)
    assert compared(path)[1:] == [("a/child", "B/root", 25, True), ("a/child", "c/stranger", 25, False)]
    assert compare_sketches(path).n_made == 0


def test_a_sketch_that_was_read_again_is_compared_again(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    store(path, zoo.sketch("a/root", ROOT), zoo.sketch("b/child", zoo.tuned(ROOT, RNG, 0.1)))
    assert compare_sketches(path).n_made == 1
    store(path, zoo.sketch("b/child", ROOT))
    assert compare_sketches(path).n_made == 1
    assert len(compared(path)) == 2


def test_no_warehouse_is_an_error_and_no_marts_are_none(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError):
        compare_sketches(tmp_path / "absent.duckdb")
    path = tmp_path / "w.duckdb"
    store(path)
    assert compare_sketches(path).n_made == 0
    assert write_kinship(path).lines() == []


def test_what_is_left_out_of_a_crowd_is_counted_and_kin_are_not(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    rng = np.random.default_rng(5)
    store(path, *(zoo.sketch(f"s{number}", zoo.base(rng)) for number in range(6)))
    assert compare_sketches(path, most=2).n_left_out > 0
    store(path, zoo.sketch("a/root", ROOT), zoo.sketch("z/child", zoo.tuned(ROOT, rng, 0.2)))
    found = compare_sketches(path, most=2)
    assert found.n_comparable == 8 * 7 // 2
    assert len(compared(path)) == found.n_comparable - found.n_left_out < found.n_comparable
    assert ("a/root", "z/child", 25, True) in compared(path)
    [line] = found.lines(most=2)
    assert line.startswith(f"{found.n_left_out} of 28 comparable pairs of models were left out")
