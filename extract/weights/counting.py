"""Compare the sketches that were not compared yet; what `modelkin build` does before dbt runs.

Only models that share shapes are compared, and of very many those that are likely kin (extract.weights.candidates).
Models are taken a block at a time against those they are compared with, so memory does not grow with the number of
pairs. Each block is one transaction: what was compared is kept when the work is interrupted.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from extract.weights.candidates import MOST_COMPARED, SIGNATURE_VALUES, Chooser, Comparable, Model
from extract.weights.comparing import Block, Counts, Floats, Key, Sketch, screen
from extract.weights.comparing_pairs import Closeness, Prepared, compare_closely
from modelkin.lineage_tags import declared_parents
from modelkin.observations import IS_NEWEST
from modelkin.printable import warn
from modelkin.progress import Progress
from modelkin.raw_schemas import WEIGHT_COMPARISONS
from modelkin.warehouse import connect, ensure_raw

AT_ONCE: Final = 400
"""How many models are held on either side: about half a megabyte each."""


@dataclass(frozen=True)
class Compared:
    """What one run of the comparing step did, in pairs."""

    n_made: int
    n_comparable: int
    """Pairs that share enough blocks, compared now, before, or not."""

    n_left_out: int
    """Those that nobody asked for, because more models are comparable than are compared."""

    def lines(self, most: int = MOST_COMPARED) -> list[str]:
        """Return what a user has to know, one sentence per line; none where all pairs were compared."""
        if not self.n_left_out:
            return []
        return [
            f"{self.n_left_out:,} of {self.n_comparable:,} comparable pairs of models were left out: where more than "
            f"{most} others have a model's shapes, it asks for its declared ancestors, the most declared bases and "
            f"the nearest, {most} in all."
        ]


def compare_sketches(path: Path, *, progress: Progress | None = None, most: int = MOST_COMPARED) -> Compared:
    """Make the comparisons that the warehouse at ``path`` lacks; return how many were made and left out.

    ``most`` is with how many others a model asks to be compared. Raises WarehouseError when there is no warehouse at
    ``path``.
    """
    with connect(path, read_only=True):
        pass  # A warehouse that does not exist is an error here, not made.
    with connect(path) as connection:
        ensure_raw(connection)
        comparable, made = _comparable(connection), _made(connection)

        def read_signatures(models: Sequence[Model], blocks: Sequence[str]) -> Floats:
            return _signatures(connection, models, blocks)

        wanted = Chooser(_parents(connection), made, read_signatures, most).wanted_pairs(comparable)
        place = {model: number for number, model in enumerate(comparable.models)}
        total, done = sum(len(others) for others in wanted.values()), 0
        for left in _pieces(sorted(wanted, key=place.__getitem__), AT_ONCE):
            lefts = read_sketches(connection, left)
            rights = sorted({other for model in left for other in wanted[model]}, key=place.__getitem__)
            for right in _pieces(rights, AT_ONCE):
                pairs = {(one, two) for one in left for two in wanted[one].intersection(right)}
                rows = compare(lefts, read_sketches(connection, right), pairs)
                _write(connection, rows)
                done += len(pairs)
                if progress is not None:
                    progress.update(done, total=total)
        n_comparable = comparable.n_pairs
        return Compared(total, n_comparable, n_comparable - len(made) - total)


def compare_with_progress(path: Path) -> Compared:
    """Make the comparisons that are lacking, show how far it is, and say what was left out."""
    progress = Progress("comparisons of weights")
    try:
        compared = compare_sketches(path, progress=progress)
    finally:
        progress.close()
    for line in compared.lines():
        warn(line)
    return compared


def compare(lefts: Sequence[Sketch], rights: Sequence[Sketch], pairs: set[tuple[Model, Model]]) -> pa.Table:
    """Return the rows of ``raw.weight_comparisons`` of those pairs of a left and a right sketch that are wanted."""
    if not lefts or not rights:
        return WEIGHT_COMPARISONS.empty_table()
    columns = {(sketch.run_id, sketch.model_id): number for number, sketch in enumerate(rights)}
    rows = {(sketch.run_id, sketch.model_id): number for number, sketch in enumerate(lefts)}
    places = sorted((rows[one], columns[two]) for one, two in pairs if one in rows and two in columns)
    i, j = np.array(places, np.int64).reshape(-1, 2).T
    screened = screen(lefts, rights)
    found: dict[str, Any] = {
        "run_id": [lefts[row].run_id for row in i],
        "model_id": [lefts[row].model_id for row in i],
        "other_run_id": [rights[column].run_id for column in j],
        "other_model_id": [rights[column].model_id for column in j],
        "sketch_digest": [lefts[row].digest for row in i],
        "other_sketch_digest": [rights[column].digest for column in j],
        "n_tensors_compared": screened.n_tensors[i, j],
        "n_tensors_equal": screened.n_equal[i, j],
        "n_values": screened.n_values[i, j],
        "n_units": screened.n_units[i, j],
    }
    for name in ("correlation", "embedding_correlation", "t_statistic", "p_value"):
        found[name] = pa.array(getattr(screened, name)[i, j], from_pandas=True)  # NaN is not known
    kin = screened.is_maybe_kin[i, j]
    closeness = _closeness(lefts, rights, i[kin], j[kin])
    at = np.full(len(places), -1)
    at[kin] = np.arange(len(closeness))
    for name in Closeness.__dataclass_fields__:
        values = [getattr(one, name) for one in closeness]
        found[name] = [values[place] if place >= 0 else None for place in at]
    return pa.table(
        [pa.array(found[field.name], field.type, from_pandas=True) for field in WEIGHT_COMPARISONS],
        schema=WEIGHT_COMPARISONS,
    )


def _closeness(lefts: Sequence[Sketch], rights: Sequence[Sketch], rows: Counts, columns: Counts) -> list[Closeness]:
    """Compare closely the pairs of a left and a right sketch by their numbers, in the order of the left ones.

    On all cores: numpy lets other threads run. What is prepared of a left sketch is dropped after its pairs.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        wanted = np.unique(columns).tolist()
        others = dict(zip(wanted, pool.map(Prepared, [rights[column] for column in wanted]), strict=True))

        def of_left(row: int) -> list[Closeness]:
            one = Prepared(lefts[row])
            return [compare_closely(one, others[column]) for column in columns[rows == row].tolist()]

        return [found for part in pool.map(of_left, np.unique(rows).tolist()) for found in part]


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


def _comparable(connection: duckdb.DuckDBPyConnection) -> Comparable:
    """Return what can be compared of the latest sketch of each model."""
    shapes: dict[Model, list[str]] = {}
    for run_id, model_id, block in connection.execute(_BLOCKS).fetchall():
        shapes.setdefault((run_id, model_id), []).append(block)
    return Comparable.of(shapes)


def _made(connection: duckdb.DuckDBPyConnection) -> frozenset[tuple[Model, Model]]:
    """Return the pairs of latest sketches that were compared."""
    rows = connection.execute(_MADE).fetchall()
    return frozenset(((run, model), (other_run, other)) for run, model, other_run, other in rows)


def _parents(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return the parents that each model declares, all by their ids in lower case."""
    return {
        model_id: [one.parent_id.lower() for one in declared_parents(tags, card_data, base_models)]
        for model_id, tags, card_data, base_models in connection.execute(_DECLARED).fetchall()
    }


def _signatures(connection: duckdb.DuckDBPyConnection, models: Sequence[Model], blocks: Sequence[str]) -> Floats:
    """Return the first values of some blocks of models, each block standardized; their products are correlations."""
    place = {model: number for number, model in enumerate(models)}
    found = np.zeros((len(models), len(blocks), SIGNATURE_VALUES), np.float32)
    for number, block in enumerate(blocks):
        rows = connection.sql(_SIGNATURES, params=[block]).to_arrow_table()
        values = rows["first_values"].combine_chunks()
        flat, offsets = values.values.to_numpy(), values.offsets.to_numpy()
        for row, model in enumerate(zip(rows["run_id"].to_pylist(), rows["model_id"].to_pylist(), strict=True)):
            if model in place:
                part = flat[offsets[row] : offsets[row + 1]]
                found[place[model], number, : part.size] = np.nan_to_num(part, posinf=0, neginf=0)
    found -= found.mean(axis=2, keepdims=True)
    lengths = np.sqrt((found**2).sum(axis=2, keepdims=True)) * np.sqrt(len(blocks))
    return (found / np.where(lengths > 0, lengths, 1)).reshape(len(models), -1).astype(np.float32)


def _pieces(models: Sequence[Model], size: int) -> Iterator[Sequence[Model]]:
    for start in range(0, len(models), size):
        yield models[start : start + size]


def _write(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    if rows.num_rows:
        connection.begin()
        connection.from_arrow(rows).insert_into("raw.weight_comparisons")
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

_BLOCK: Final = "concat(tensor_name, ' ', shape[-1], ' ', block_offset, ' ', len(sketch))"
_BLOCKS: Final = f"""
    select run_id, model_id, {_BLOCK}
    from raw.weight_sketches
    semi join ({_LATEST}) as latest using (run_id, model_id)
    where not is_probe and len(shape) >= 2 and tensor_role not in ('norm', 'bias')
"""  # noqa: S608 - text of this module

_MADE: Final = f"""
    select run_id, model_id, other_run_id, other_model_id
    from raw.weight_comparisons
    semi join ({_LATEST}) as latest using (run_id, model_id)
    semi join ({_LATEST}) as others
        on other_run_id = others.run_id and other_model_id = others.model_id
"""  # noqa: S608 - text of this module

_DECLARED: Final = f"""
    select lower(hub_models.model_id), hub_models.tags, hub_models.card_data, hub_models.base_models
    from raw.hub_models
    inner join raw.extract_runs
        on hub_models.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    qualify {IS_NEWEST}
"""  # noqa: S608 - text of this module

_SIGNATURES: Final = f"""
    select run_id, model_id, sketch[1:{SIGNATURE_VALUES}] as first_values
    from raw.weight_sketches
    where not is_probe and {_BLOCK} = ?
"""  # noqa: S608 - text of this module

_SKETCHES: Final = """
    select run_id, model_id, tensor_name, tensor_role, layer_index, dtype, shape, block_offset, block_shape, sketch,
        block_digest, is_probe
    from raw.weight_sketches
    semi join wanted_sketches using (run_id, model_id)
    order by model_id, tensor_name, is_probe
"""
