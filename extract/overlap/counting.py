"""Count what fingerprints share with their bases, for all that were not counted yet.

A fingerprint is compared with the set that the base of its prompts gave on the same prompt. Both lists are read here
once, and a few integers go to ``raw.fingerprint_counts``, from which every overlap is computed. Every batch is one
transaction, so that what was counted is kept when the work is interrupted, and memory does not grow with the number
of fingerprints.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from extract.overlap.shared_ids import Ids, SetComparer
from modelkin.progress import Progress
from modelkin.raw_schemas import FINGERPRINT_COUNTS
from modelkin.warehouse import connect, ensure_raw

BATCH_IDS: Final = 1 << 25
"""How many ids are read at a time: 128 MiB of them, or one set where that is longer; two batches are held at once."""

BASE_IDS: Final = 1 << 26
"""How many ids of base models' sets are held at a time: 256 MiB of them, or one set where that is longer."""

SETS_AT_ONCE: Final = 16
"""How many sets are compared with a base's set in one go: the arrays of more would not fit the processor's cache."""

DIGEST_CHARACTERS: Final = 32


def count_overlaps(path: Path, *, progress: Progress | None = None) -> int:
    """Make the comparisons that the warehouse at ``path`` lacks; return how many were made.

    ``progress`` is told how many are done. Raises WarehouseError when there is no warehouse at ``path``.
    """
    with connect(path, read_only=True):
        pass  # A warehouse that does not exist is an error here, not made.
    with connect(path) as connection:
        ensure_raw(connection)
        # Only the digests of the bases' sets tell which comparisons were made before, so these are read first.
        return sum(_Work(connection, wanted, progress).run() for wanted in (_UNREAD_BASES, _UNCOUNTED))


def count_with_progress(path: Path) -> int:
    """Make the comparisons that are lacking, and show how far it is; what `modelkin build` does before dbt runs."""
    progress = Progress("comparisons")
    try:
        return count_overlaps(path, progress=progress)
    finally:
        progress.close()


@dataclass(frozen=True)
class _Batch:
    """Comparisons of rows of ``raw.fingerprints``, one after the other in the table."""

    keys: pa.Table
    """The four columns that name the row."""

    sets: pa.ListArray
    base_numbers: npt.NDArray[np.int64]
    """Which base's set each is compared with; -1 where there is none."""

    bottom_ks: npt.NDArray[np.int64]


class _Work:
    """The comparisons that a query names, from reading the sets to writing the counts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, wanted: str, progress: Progress | None) -> None:
        self._connection = connection
        self._progress = progress
        self._comparer = SetComparer()
        connection.execute(_MEASURED)
        connection.execute(f"create or replace temp table wanted as {wanted}")
        [(self._total, self._n_bases)] = connection.execute(
            "select count(*), coalesce(max(base_number), 0) + 1 from wanted"
        ).fetchall()
        # Even the length of a set is read with the set, so nothing looks at sets that are not wanted.
        [(self._n_ids,)] = connection.execute(_LONGEST if self._total else "select 0").fetchall()

    def run(self) -> int:
        """Do them all; return how many they were."""
        done = 0
        for counts in self._counted_batches():
            self._write(counts)
            done += counts.num_rows
            if self._progress is not None:
                self._progress.update(done, total=self._total)
        return done

    def _counted_batches(self) -> Iterator[pa.Table]:
        at_once = max(1, BASE_IDS // max(1, self._n_ids))
        # A thread counts one batch while this one reads the next. Only this one uses the connection.
        with ThreadPoolExecutor(max_workers=1) as thread:
            being_counted: Future[pa.Table] | None = None
            for first in range(0, self._n_bases if self._total else 0, at_once):
                bases = self._bases(first, first + at_once)
                for batch in self._batches(first, first + at_once):
                    following = thread.submit(self._counted, batch, bases)
                    if being_counted is not None:
                        yield being_counted.result()
                    being_counted = following
            if being_counted is not None:
                yield being_counted.result()

    def _bases(self, first: int, end: int) -> dict[int, Ids]:
        rows = self._connection.sql(_BASE_SETS, params=[first, end]).to_arrow_table()
        sets = rows["bottom_k"].to_numpy()
        return dict(zip(rows["base_number"].to_pylist(), sets, strict=True))

    def _batches(self, first: int, end: int) -> Iterator[_Batch]:
        [(start, stop)] = self._connection.execute(
            "select min(place), max(place) + 1 from wanted where coalesce(base_number, 0) between $1 and $2 - 1",
            [first, end],
        ).fetchall()
        step = max(1, BATCH_IDS // max(1, self._n_ids))
        for place in range(start or 0, stop or 0, step):
            rows = self._connection.sql(_SETS, params=[place, place + step, first, end]).to_arrow_table()
            if rows.num_rows:
                yield _Batch(
                    rows.select(["run_id", "model_id", "prompt_set_id", "prompt_index"]),
                    rows["bottom_k"].combine_chunks(),
                    rows["base_number"].to_numpy(),
                    rows["wanted_k"].to_numpy(),
                )

    def _counted(self, batch: _Batch, bases: dict[int, Ids]) -> pa.Table:
        ids = batch.sets.values.to_numpy()
        offsets = batch.sets.offsets.to_numpy()
        sizes = np.diff(offsets)
        n_rows = len(sizes)
        least, greatest, gaps = (np.zeros(n_rows, np.int64) for _ in range(3))
        shared: list[npt.NDArray[np.int64] | None] = [None] * n_rows
        for rows in _alike(batch.base_numbers, sizes, batch.bottom_ks):
            first = rows[0]
            sets = ids[offsets[rows][:, None] + np.arange(sizes[first])]
            if sizes[first]:
                least[rows], greatest[rows] = sets.min(axis=1), sets.max(axis=1)
            if batch.base_numbers[first] >= 0:
                base = bases[int(batch.base_numbers[first])]
                compared = self._comparer.compare(base, sets, int(batch.bottom_ks[first]))
                gaps[rows] = compared.squared_rank_gaps
                for row, counts in zip(rows, compared.counts, strict=True):
                    shared[row] = counts
        is_empty, is_alone = sizes == 0, batch.base_numbers < 0
        digests = [_digest(ids[start:end]) for start, end in pairwise(offsets)]
        base_digests = {number: _digest(base) for number, base in bases.items()}
        columns = {
            **{name: batch.keys[name] for name in batch.keys.column_names},
            "set_digest": digests,
            "set_size": sizes,
            "least_id": pa.array(least, mask=is_empty),
            "greatest_id": pa.array(greatest, mask=is_empty),
            "base_digest": [base_digests.get(int(number)) for number in batch.base_numbers],
            "bottom_k": pa.array(batch.bottom_ks, mask=is_alone),
            "n_shared": pa.array(shared, pa.list_(pa.int32())),
            "squared_rank_gaps": pa.array(gaps, mask=is_alone),
        }
        return pa.table(columns).cast(FINGERPRINT_COUNTS)

    def _write(self, counts: pa.Table) -> None:
        self._connection.begin()
        self._connection.from_arrow(counts).insert_into("raw.fingerprint_counts")
        self._connection.commit()


def _alike(*facts: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """Yield the numbers of the rows that agree in all ``facts``, a few at a time."""
    order = np.lexsort(facts)
    is_new = np.zeros(len(order), bool)
    for fact in facts:
        is_new[1:] |= np.diff(fact[order]) != 0
    for rows in np.split(order, np.flatnonzero(is_new)):
        for start in range(0, len(rows), SETS_AT_ONCE):
            yield rows[start : start + SETS_AT_ONCE]


def _digest(ids: Ids) -> str:
    return hashlib.sha256(ids.astype("<i4", copy=False).tobytes()).hexdigest()[:DIGEST_CHARACTERS]


_MEASURED: Final = """
    create or replace temp view measured as
    select fingerprints.rowid as place, fingerprints.run_id, fingerprints.model_id, fingerprints.prompt_set_id,
        fingerprints.prompt_index
    from raw.fingerprints
    inner join raw.extract_runs
        on fingerprints.run_id = extract_runs.run_id
    where extract_runs.status = 'complete' and fingerprints.status = 'ok'
        and fingerprints.prompt_index is not null and fingerprints.bottom_k is not null;

    -- The bases' own answers to their own prompts.
    create or replace temp view measured_bases as
    select measured.*, prompts.bottom_k
    from measured
    inner join (
        select distinct overlap_prompts.prompt_set_id, lower(overlap_prompts.base_model_id) as base_key,
            cast(overlap_prompts.recipe ->> 'bottom_k' as integer) as bottom_k
        from raw.overlap_prompts
        inner join raw.extract_runs
            on overlap_prompts.run_id = extract_runs.run_id
        where extract_runs.status = 'complete'
    ) as prompts
        on measured.prompt_set_id = prompts.prompt_set_id and lower(measured.model_id) = prompts.base_key
    where prompts.bottom_k > 0
"""

_UNREAD_BASES: Final = """
    select place, bottom_k, place as base_place, dense_rank() over (order by place) - 1 as base_number
    from measured_bases
    anti join raw.fingerprint_counts using (run_id, model_id, prompt_set_id, prompt_index, bottom_k)
"""

_UNCOUNTED: Final = """
    select *, case when base_place is not null then dense_rank() over (order by base_place) - 1 end as base_number
    from (
        select measured.place, bases.bottom_k, bases.base_place
        from measured
        left join (
            select prompt_set_id, prompt_index, bottom_k, set_digest, min(place) as base_place
            from measured_bases
            inner join raw.fingerprint_counts using (run_id, model_id, prompt_set_id, prompt_index, bottom_k)
            group by all
        ) as bases
            on measured.prompt_set_id = bases.prompt_set_id and measured.prompt_index = bases.prompt_index
        anti join raw.fingerprint_counts as counts
            on measured.run_id = counts.run_id and measured.model_id = counts.model_id
            and measured.prompt_set_id = counts.prompt_set_id and measured.prompt_index = counts.prompt_index
            and bases.set_digest is not distinct from counts.base_digest
            and bases.bottom_k is not distinct from counts.bottom_k
    )
"""

_LONGEST: Final = """
    select coalesce(max(len(bottom_k)), 0) from raw.fingerprints where rowid in (select place from wanted)
"""

_BASE_SETS: Final = """
    select bases.base_number, fingerprints.bottom_k
    from raw.fingerprints
    inner join (
        select distinct base_number, base_place from wanted where base_number >= $1 and base_number < $2
    ) as bases
        on fingerprints.rowid = bases.base_place
"""

_SETS: Final = """
    select fingerprints.run_id, fingerprints.model_id, fingerprints.prompt_set_id, fingerprints.prompt_index,
        fingerprints.bottom_k, coalesce(wanted.base_number, -1) as base_number,
        cast(coalesce(wanted.bottom_k, 0) as bigint) as wanted_k
    from raw.fingerprints
    inner join wanted
        on fingerprints.rowid = wanted.place
    where fingerprints.rowid >= $1 and fingerprints.rowid < $2 and wanted.place >= $1 and wanted.place < $2
        and coalesce(wanted.base_number, 0) >= $3 and coalesce(wanted.base_number, 0) < $4
"""
