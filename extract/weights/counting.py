"""Compare the sketches that were not compared yet; what `modelkin build` does before dbt runs.

Only models that share shapes are compared, found by an index from name and row length to the models that have
them. Models are taken a block at a time against all that are comparable, so memory does not grow with the number of
pairs. Each block is one transaction: what was compared is kept when the work is interrupted.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from extract.weights.comparing import Block, Key, Sketch, screen
from extract.weights.comparing_pairs import Closeness, Prepared, compare_closely
from modelkin.progress import Progress
from modelkin.raw_schemas import WEIGHT_COMPARISONS
from modelkin.warehouse import connect, ensure_raw

AT_ONCE: Final = 400
"""How many models are held on either side: about half a megabyte each."""

LEAST_SHARED: Final = 2
"""Models that share fewer blocks than this are not compared."""

Model = tuple[str, str]
"""A run and a model whose sketch it loaded."""

_NOT_COMPARED: Final = dict.fromkeys(Closeness.__dataclass_fields__)


def compare_sketches(path: Path, *, progress: Progress | None = None) -> int:
    """Make the comparisons that the warehouse at ``path`` lacks; return how many were made.

    Raises WarehouseError when there is no warehouse at ``path``.
    """
    with connect(path, read_only=True):
        pass  # A warehouse that does not exist is an error here, not made.
    with connect(path) as connection:
        ensure_raw(connection)
        models, wanted = _wanted(connection)
        total, done = sum(len(others) for others in wanted.values()), 0
        for left in _pieces(sorted(wanted, key=models.index), AT_ONCE):
            lefts = read_sketches(connection, left)
            rights = sorted({other for model in left for other in wanted[model]}, key=models.index)
            for right in _pieces(rights, AT_ONCE):
                pairs = {(one, two) for one in left for two in wanted[one].intersection(right)}
                rows = compare(lefts, read_sketches(connection, right), pairs)
                _write(connection, rows)
                done += len(pairs)
                if progress is not None:
                    progress.update(done, total=total)
        return total


def compare_with_progress(path: Path) -> int:
    """Make the comparisons that are lacking, and show how far it is."""
    progress = Progress("comparisons of weights")
    try:
        return compare_sketches(path, progress=progress)
    finally:
        progress.close()


def compare(lefts: Sequence[Sketch], rights: Sequence[Sketch], pairs: set[tuple[Model, Model]]) -> list[dict[str, Any]]:
    """Return the rows of ``raw.weight_comparisons`` of those pairs of a left and a right sketch that are wanted."""
    if not lefts or not rights:
        return []
    screened = screen(lefts, rights)
    is_kin = screened.is_maybe_kin
    prepared: dict[Model, Prepared] = {}

    def prepare(sketch: Sketch) -> Prepared:
        key = (sketch.run_id, sketch.model_id)
        if key not in prepared:
            prepared[key] = Prepared(sketch)
        return prepared[key]

    rows = []
    for i, left in enumerate(lefts):
        for j, right in enumerate(rights):
            if ((left.run_id, left.model_id), (right.run_id, right.model_id)) not in pairs:
                continue
            closeness = asdict(compare_closely(prepare(left), prepare(right))) if is_kin[i, j] else _NOT_COMPARED
            rows.append(
                {
                    "run_id": left.run_id,
                    "model_id": left.model_id,
                    "other_run_id": right.run_id,
                    "other_model_id": right.model_id,
                    "sketch_digest": left.digest,
                    "other_sketch_digest": right.digest,
                    "n_tensors_compared": int(screened.n_tensors[i, j]),
                    "n_tensors_equal": int(screened.n_equal[i, j]),
                    "n_values": int(screened.n_values[i, j]),
                    "correlation": _known(screened.correlation[i, j]),
                    "embedding_correlation": _known(screened.embedding_correlation[i, j]),
                    "n_units": int(screened.n_units[i, j]),
                    "t_statistic": _known(screened.t_statistic[i, j]),
                    "p_value": _known(screened.p_value[i, j]),
                    **closeness,
                }
            )
    return rows


def read_sketches(connection: duckdb.DuckDBPyConnection, models: Sequence[Model]) -> list[Sketch]:
    """Return the sketches of models by run and id, in their order."""
    connection.execute("create or replace temp table wanted_sketches (run_id varchar, model_id varchar)")
    if models:
        connection.from_arrow(
            pa.table({"run_id": [run for run, _ in models], "model_id": [model for _, model in models]})
        ).insert_into("wanted_sketches")
    rows = connection.sql(_SKETCHES).to_arrow_table()
    sketches = {model: Sketch(model[1], model[0], {}) for model in models}
    values = rows["sketch"].combine_chunks()
    flat, offsets = values.values.to_numpy(), values.offsets.to_numpy()
    names = [name for name in rows.column_names if name != "sketch"]
    columns = zip(*(rows[name].to_pylist() for name in names), strict=True)
    for number, row in enumerate(columns):
        fact = dict(zip(names, row, strict=True))
        block = flat[offsets[number] : offsets[number + 1]]
        shape = tuple(fact["shape"])
        key = Key(fact["tensor_name"], shape[-1] if shape else 1, fact["block_offset"], block.size, fact["is_probe"])
        sketches[fact["run_id"], fact["model_id"]].blocks[key] = Block(
            fact["tensor_role"],
            fact["layer_index"],
            fact["dtype"],
            shape,
            (fact["block_shape"][0], fact["block_shape"][1]),
            block,
            fact["block_digest"],
        )
    return list(sketches.values())


def _wanted(connection: duckdb.DuckDBPyConnection) -> tuple[list[Model], dict[Model, set[Model]]]:
    """Return the latest sketch of each model in the order of ids, and of each those it is to be compared with."""
    shapes: dict[Model, list[str]] = {}
    for run_id, model_id, signature in connection.execute(_SIGNATURES).fetchall():
        shapes.setdefault((run_id, model_id), []).append(signature)
    models = sorted(shapes, key=lambda model: model[1].lower())
    made = set(
        connection.execute(
            "select run_id, model_id, other_run_id, other_model_id from raw.weight_comparisons"
        ).fetchall()
    )
    # Models of one architecture have one set of shapes, so sets are compared, and not models.
    alike: dict[frozenset[str], list[Model]] = {}
    for model in models:
        alike.setdefault(frozenset(shapes[model]), []).append(model)
    sets = list(alike)
    holders: dict[str, list[int]] = {}
    for number, signatures in enumerate(sets):
        for signature in signatures:
            holders.setdefault(signature, []).append(number)
    place = {model: number for number, model in enumerate(models)}
    wanted: dict[Model, set[Model]] = {}
    for signatures in sets:
        shared = Counter(number for signature in signatures for number in holders[signature])
        comparable = [other for number, n in shared.items() if n >= LEAST_SHARED for other in alike[sets[number]]]
        for model in alike[signatures]:
            others = {other for other in comparable if place[other] > place[model] and (*model, *other) not in made}
            if others:
                wanted[model] = others
    return models, wanted


def _pieces(models: Sequence[Model], size: int) -> Iterator[Sequence[Model]]:
    for start in range(0, len(models), size):
        yield models[start : start + size]


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _write(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.begin()
        connection.from_arrow(pa.Table.from_pylist(rows, schema=WEIGHT_COMPARISONS)).insert_into(
            "raw.weight_comparisons"
        )
        connection.commit()


_LATEST: Final = """
    select run_id, model_id
    from (
        select sketches.run_id, sketches.model_id, row_number() over (
            partition by lower(sketches.model_id) order by runs.started_at desc, sketches.run_id desc
        ) as recency
        from (select distinct run_id, model_id from raw.weight_sketches) as sketches
        inner join raw.extract_runs as runs
            on sketches.run_id = runs.run_id
        where runs.status = 'complete'
    )
    where recency = 1
"""

_SIGNATURES: Final = f"""
    select run_id, model_id, concat(tensor_name, ' ', shape[-1], ' ', block_offset, ' ', len(sketch))
    from raw.weight_sketches
    semi join ({_LATEST}) as latest using (run_id, model_id)
    where not is_probe and len(shape) >= 2 and tensor_role not in ('norm', 'bias')
"""  # noqa: S608 - text of this module

_SKETCHES: Final = """
    select run_id, model_id, tensor_name, tensor_role, layer_index, dtype, shape, block_offset, block_shape, sketch,
        block_digest, is_probe
    from raw.weight_sketches
    semi join wanted_sketches using (run_id, model_id)
    order by model_id, tensor_name, is_probe
"""
