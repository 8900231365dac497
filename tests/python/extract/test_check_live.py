"""What is said of a model that was only just sketched: rules on comparisons made by hand."""

from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

from extract.check.live import _Compared, _edges, _older, _rules, edge_of
from extract.check.sketches import sketch_of
from extract.weights.comparing import Key
from modelkin.answer.answer import Parent
from modelkin.errors import WarehouseError

KIN = _Compared("lab/base", 0.99, 1e-30, 1e-28, 0.0, 0.05, is_kin=True)
NEARER = _Compared("lab/chat", 0.99, 1e-40, 1e-38, 0.0, 0.02, is_kin=True)
COPY_OF_BASE = _Compared("mirror/base", 0.99, 1e-30, 1e-28, 0.0, 0.05, is_kin=True)
STRANGER = _Compared("lab/stranger", 0.001, 0.4, 1.0, 0.0, None, is_kin=False)
PARENT = Parent("lab/base", "finetune", "card", is_observed=False)


@pytest.mark.parametrize(
    ("parent", "compared", "verdict", "nearest"),
    [
        ("LAB/base", [KIN, STRANGER], "confirmed", None),
        ("lab/base", [COPY_OF_BASE, KIN], "confirmed", None),
        ("lab/base", [NEARER, KIN], "nearer_parent", "lab/chat"),
        ("lab/stranger", [KIN, STRANGER], "contradicted", "lab/base"),
        ("lab/stranger", [STRANGER], "contradicted", None),
        ("lab/gone", [KIN], "not_testable", None),
    ],
)
def test_a_declared_parent_is_judged_by_what_is_nearest(
    parent: str, compared: list[_Compared], verdict: str, nearest: str | None
) -> None:
    edge = edge_of(parent, compared)
    assert (edge.verdict, edge.nearest_id) == (verdict, nearest)


def test_why_weights_could_not_be_read_is_the_reason() -> None:
    reason = edge_of("lab/base", [], ["unsafe_weights: only pickles"]).reason
    assert reason == "its weights could not be read (unsafe_weights: only pickles)."


def test_without_a_declared_parent_only_elder_kin_is_one() -> None:
    assert [edge.parent_id for edge in _edges([], [NEARER, KIN], {"lab/base"}, [])] == ["lab/base"]
    assert _edges([], [NEARER, KIN], set(), []) == ()
    assert [edge.verdict for edge in _edges([PARENT], [KIN], set(), [])] == ["confirmed"]


def test_elder_models_are_those_created_before(tmp_path: Path) -> None:
    path = tmp_path / "dates.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema marts; create table marts.dim_models as select * from (values "
            "('Lab/Old', timestamp '2024-01-01'), ('lab/new', timestamp '2025-01-01'), ('lab/undated', null)) "
            "as t(model_id, created_at)"
        )
    assert _older(path, datetime(2024, 6, 1)) == {"lab/old"}
    assert _older(path, None) == {"lab/old", "lab/new"}


def test_which_models_are_kin_is_what_the_last_build_calls_so(tmp_path: Path) -> None:
    path = tmp_path / "rules.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema marts; create table marts.fct_builds as select * from (values "
            "('a', timestamp '2026-01-01', '{}'::json), "
            "('b', timestamp '2026-01-02', '{\"kinship_p_below\": 0.02, \"kinship_correlation_from\": 0.3}'::json)) "
            "as t(build_id, built_at, vars)"
        )
    assert _rules(path) == (0.02, 0.3)
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from marts.fct_builds where build_id = 'b'")
    with pytest.raises(WarehouseError, match="run `modelkin build` first"):
        _rules(path)


def test_rows_of_a_sketch_become_blocks() -> None:
    row = {
        "model_id": "lab/base", "tensor_name": "w", "tensor_role": "mlp", "layer_index": 0, "dtype": "F32",
        "shape": [4, 2], "block_offset": 2, "block_shape": [1, 2], "sketch": [1.0, 2.0], "block_digest": "d",
        "is_probe": False,
    }  # fmt: skip
    sketch = sketch_of([row])
    block = sketch.blocks[Key("w", 2, 2, 2, False)]
    assert sketch.model_id == "lab/base"
    assert block.rows_and_columns == (1, 2)
    np.testing.assert_array_equal(block.values, np.float32([1, 2]))
