"""The sketches that a warehouse holds, read model by model for a comparison with one that it does not hold."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from extract.weights.comparing import Block, Key, Sketch
from modelkin.builds import tables_in
from modelkin.database import connect

BATCH: Final = 100
"""Models whose sketches are in memory at once: about 100 MB."""

_COLUMNS: Final = """
    model_id, run_id, tensor_name, tensor_role, layer_index, dtype, shape, block_offset, block_shape, sketch,
    block_digest, is_probe
"""
_LATEST: Final = """
    select sketches.model_id, sketches.run_id
    from raw.weight_sketches as sketches
    inner join raw.extract_runs as runs on sketches.run_id = runs.run_id
    where runs.status = 'complete'
    group by sketches.model_id, sketches.run_id, runs.started_at
    qualify row_number() over (
        partition by lower(sketches.model_id) order by runs.started_at desc, sketches.run_id desc
    ) = 1
    order by 1
"""
_ROWS: Final = f"""
    select {_COLUMNS}
    from raw.weight_sketches
    where (model_id, run_id) in (select unnest($1::varchar[]), unnest($2::varchar[]))
    order by model_id, tensor_name, is_probe
"""  # noqa: S608 - the columns are a constant


def stored_sketches(path: Path, without: str) -> Iterator[list[Sketch]]:
    """Yield the newest sketches of all models but ``without``, in batches; none where the warehouse has no sketches."""
    with connect(path, read_only=True) as connection:
        if not {"raw.weight_sketches", "raw.extract_runs"} <= tables_in(connection):
            return
        latest = connection.execute(_LATEST).fetchall()
        wanted = [(model, run) for model, run in latest if model.lower() != without.lower()]
        for start in range(0, len(wanted), BATCH):
            yield _read(connection, wanted[start : start + BATCH])


def _read(connection: duckdb.DuckDBPyConnection, wanted: list[tuple[str, str]]) -> list[Sketch]:
    models, runs = [model for model, _ in wanted], [run for _, run in wanted]
    rows = connection.sql(_ROWS, params=[models, runs]).to_arrow_table().to_pylist()
    return [sketch_of(group) for _, group in groupby(rows, key=lambda row: row["model_id"])]


def sketch_of(rows: Iterable[Mapping[str, Any]]) -> Sketch:
    """Return the rows of one model's sketch as what is compared."""
    blocks: dict[Key, Block] = {}
    model_id = run_id = ""
    for row in rows:
        model_id, run_id = row["model_id"], row.get("run_id") or ""
        shape = tuple(row["shape"])
        values = np.asarray(row["sketch"], np.float32)
        key = Key(row["tensor_name"], shape[-1] if shape else 1, row["block_offset"], values.size, row["is_probe"])
        rows_and_columns = (row["block_shape"][0], row["block_shape"][1])
        blocks[key] = Block(
            row["tensor_role"], row["layer_index"], row["dtype"], shape, rows_and_columns, values, row["block_digest"]
        )
    return Sketch(model_id, run_id, blocks)
