"""The sketches that a warehouse holds, read model by model for a comparison with one that it does not hold."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from extract.weights.comparing import Block, Key, Sketch
from extract.weights.counting import read_sketches
from modelkin.builds import tables_in
from modelkin.database import connect

BATCH: Final = 100
"""Models whose sketches are in memory at once: about 100 MB."""

_LATEST: Final = """
    select sketches.run_id, sketches.model_id
    from raw.weight_sketches as sketches
    inner join raw.extract_runs as runs on sketches.run_id = runs.run_id
    where runs.status = 'complete'
    group by sketches.model_id, sketches.run_id, runs.started_at
    qualify row_number() over (
        partition by lower(sketches.model_id) order by runs.started_at desc, sketches.run_id desc
    ) = 1
    order by 2
"""


def stored_sketches(path: Path, without: str) -> Iterator[list[Sketch]]:
    """Yield the newest sketches of all models but ``without``, in batches; none where the warehouse has no sketches."""
    with connect(path, read_only=True) as connection:
        if not {"raw.weight_sketches", "raw.extract_runs"} <= tables_in(connection):
            return
        latest = connection.execute(_LATEST).fetchall()
        wanted = [(run, model) for run, model in latest if model.lower() != without.lower()]
        for start in range(0, len(wanted), BATCH):
            yield read_sketches(connection, wanted[start : start + BATCH])


def sketch_of(rows: Iterable[Mapping[str, Any]]) -> Sketch:
    """Return the rows of a sketch that was only just made as what is compared."""
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
