"""Every fingerprint is counted once against what its base answers, in whatever order they came."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import pytest

from extract.overlap import counting
from extract.overlap.counting import count_overlaps
from modelkin.errors import WarehouseError
from modelkin.warehouse import connect, load
from tests.python.conftest import ROOT
from tests.python.extract.command import Command

COUNTS = "select * from raw.fingerprint_counts order by all"


def prompts(base: str, bottom_k: int = 3, n_prompts: int = 2) -> list[dict[str, Any]]:
    """The prompts that a base wrote."""
    recipe = json.dumps({"study_id": "s", "bottom_k": bottom_k})
    return [
        {"prompt_set_id": f"of {base}", "base_model_id": base, "prompt_index": index, "text": "", "token_ids": [],
         "seed": 0, "recipe": recipe}
        for index in range(n_prompts)
    ]  # fmt: skip


def answers(model: str, base: str, *sets: list[int]) -> list[dict[str, Any]]:
    """What a model answered to a base's prompts."""
    return [
        {"model_id": model, "prompt_set_id": f"of {base}", "prompt_index": index, "bottom_k": ids, "status": "ok"}
        for index, ids in enumerate(sets)
    ]


def failure(model: str, base: str) -> list[dict[str, Any]]:
    """The row of a model that could not be measured."""
    return [{"model_id": model, "prompt_set_id": f"of {base}", "status": "failed", "failure_reason": "gated"}]


def store(path: Path, *rows: list[dict[str, Any]]) -> None:
    """Write prompts and fingerprints as one run."""
    with load("overlap", path=path) as run:
        for part in rows:
            run.add("overlap_prompts" if "text" in part[0] else "fingerprints", part)


def rows_of(path: Path, sql: str) -> list[tuple]:
    with connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def lacks_counts(path: Path) -> bool:
    """Say whether dbt would refuse to build: the query of its macro, filled in."""
    environment = jinja2.Environment(autoescape=False)
    environment.globals["source"] = lambda schema, table: f"{schema}.{table}"
    environment.globals["json_text"] = lambda column, key: f"json_extract_string({column}, '$.{key}')"
    text = (ROOT / "macros/require_counts.sql").read_text()
    query = environment.from_string(text + "{{ uncounted_fingerprints() }}").render()
    return bool(rows_of(path, query))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sets at a time, and the bases' sets two at a time."""
    monkeypatch.setattr(counting, "BATCH_IDS", 6)
    monkeypatch.setattr(counting, "BASE_IDS", 6)


def store_two_families(path: Path) -> None:
    store(
        path,
        prompts("o/A"), prompts("o/B"),
        answers("o/A", "o/A", [1, 2, 3], [4, 5, 6]),
        answers("o/near", "o/A", [2, 1, 3], [9, 6]),
        answers("O/B", "o/A", [7, 8, 9], []),
        answers("o/B", "o/B", [5, 6, 7], [1, 2, 3]),
        answers("o/A", "o/B", [7, 5, 6], [3, 4, 5]),
        failure("o/gone", "o/A"),
    )  # fmt: skip


def test_each_answer_is_compared_with_that_of_its_base(path: Path) -> None:
    store_two_families(path)
    assert count_overlaps(path) == 10
    found = rows_of(
        path,
        "select model_id, prompt_set_id, prompt_index, set_size, least_id, greatest_id, bottom_k, n_shared, "
        "squared_rank_gaps from raw.fingerprint_counts order by 2, 3, 1",
    )
    assert found == [
        ("O/B", "of o/A", 0, 3, 7, 9, 3, [0, 0, 0], 0),
        ("o/A", "of o/A", 0, 3, 1, 3, 3, [1, 2, 3], 0),
        ("o/near", "of o/A", 0, 3, 1, 3, 3, [0, 2, 3], 2),
        ("O/B", "of o/A", 1, 0, None, None, 3, [0, 0, 0], 0),
        ("o/A", "of o/A", 1, 3, 4, 6, 3, [1, 2, 3], 0),
        ("o/near", "of o/A", 1, 2, 6, 9, 3, [0, 0, 0], 0),
        ("o/A", "of o/B", 0, 3, 5, 7, 3, [0, 1, 3], 6),
        ("o/B", "of o/B", 0, 3, 5, 7, 3, [1, 2, 3], 0),
        ("o/A", "of o/B", 1, 3, 3, 5, 3, [0, 0, 1], 0),
        ("o/B", "of o/B", 1, 3, 1, 3, 3, [1, 2, 3], 0),
    ]
    digests = rows_of(
        path, "select set_digest, count(*), min(set_size) from raw.fingerprint_counts group by all having count(*) > 1"
    )
    assert [row[1:] for row in digests] == [(2, 3)], "[1, 2, 3] alone was answered twice"
    assert rows_of(path, "select count(*) from raw.fingerprint_counts join raw.extract_runs using (run_id)") == [(10,)]


def test_what_was_counted_is_not_counted_again(path: Path) -> None:
    store_two_families(path)
    count_overlaps(path)
    before = rows_of(path, COUNTS)
    assert count_overlaps(path) == 0
    assert rows_of(path, COUNTS) == before


@pytest.mark.usefixtures("small_batches")
def test_batches_of_any_size_give_the_same(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_two_families(path)
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(path.read_bytes())
    assert count_overlaps(path) == 10
    monkeypatch.undo()
    assert count_overlaps(copy) == 10
    assert rows_of(path, COUNTS) == rows_of(copy, COUNTS)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("n_written", [0, 1, 2, 4])
def test_an_interrupted_count_resumes_where_it_stopped(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_written: int
) -> None:
    store_two_families(path)
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(path.read_bytes())
    count_overlaps(copy)
    write = counting._Work._write
    calls: list[int] = []

    def interrupted(work: counting._Work, counts: pa.Table) -> None:
        if len(calls) == n_written:
            raise KeyboardInterrupt
        calls.append(counts.num_rows)
        write(work, counts)

    monkeypatch.setattr(counting._Work, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        count_overlaps(path)
    assert len(rows_of(path, COUNTS)) == sum(calls) < 10
    assert lacks_counts(path)
    monkeypatch.setattr(counting._Work, "_write", write)
    assert count_overlaps(path) == 10 - sum(calls)
    assert rows_of(path, COUNTS) == rows_of(copy, COUNTS)


HELD_AFTER_TWO_BATCHES = """
import sys, time
from extract.cli import main
from extract.overlap import counting

counting.BATCH_IDS = counting.BASE_IDS = 6
write, written = counting._Work._write, []

def hold(work, counts):
    if len(written) == 2:
        print(sum(written), flush=True)
        while True:
            time.sleep(0.1)
    written.append(counts.num_rows)
    write(work, counts)

counting._Work._write = hold
sys.argv = ["extract", "count-overlaps"]
main()
"""


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_ends_half_way_leaves_what_it_counted(path: Path, ended_by: signal.Signals) -> None:
    store_two_families(path)
    process = subprocess.Popen(
        [sys.executable, "-c", HELD_AFTER_TWO_BATCHES],
        cwd=ROOT,
        env={**os.environ, "MODELKIN_DB": str(path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        n_written = int(process.stdout.readline())
        process.send_signal(ended_by)
        _, said = process.communicate()
    if ended_by == signal.SIGINT:
        assert (
            said.rstrip().splitlines()[-1]
            == "Interrupted; what was finished is kept. Run the same command again to resume."
        )
        assert "Traceback" not in said
    held = rows_of(path, COUNTS)
    assert len(held) == n_written
    assert 0 < n_written < 10
    assert lacks_counts(path)
    assert count_overlaps(path) == 10 - n_written
    assert set(map(repr, held)) < set(map(repr, rows_of(path, COUNTS)))
    assert not lacks_counts(path)


def forget_counts(path: Path) -> None:
    """Make the warehouse one that an older version wrote."""
    with connect(path) as connection:
        connection.execute("drop table raw.fingerprint_counts")


def later_models(path: Path) -> None:
    store(path, answers("o/late", "o/A", [1, 2, 9], [4, 5, 6]))


def base_answers_otherwise(path: Path) -> None:
    store(path, answers("o/A", "o/A", [3, 2, 1], [4, 5, 6]))


def base_answers_alike(path: Path) -> None:
    store(path, answers("o/A", "o/A", [1, 2, 3], [4, 5, 6]))


def base_comes_last(path: Path) -> None:
    store(path, prompts("o/C"), answers("o/A", "o/C", [1, 2, 3], [2, 3, 4]))
    assert count_overlaps(path) == 2
    assert rows_of(
        path, "select distinct base_digest, n_shared from raw.fingerprint_counts where prompt_set_id = 'of o/C'"
    ) == [(None, None)]
    store(path, answers("o/C", "o/C", [3, 2, 5], [9, 8, 7]))


def nothing(path: Path) -> None:
    return


CHANGES: dict[Callable[[Path], None], int] = {
    nothing: 0,
    forget_counts: 10,
    later_models: 2,
    # Its two new rows, against each answer to the prompt; and the three of the first prompt against the new answer.
    base_answers_otherwise: 2 + 1 + 3,
    base_answers_alike: 2,
    base_comes_last: 4,
}


@pytest.mark.parametrize(("change", "n_missing"), CHANGES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_only_what_is_missing_is_counted_and_dbt_waits_for_exactly_that(
    path: Path, change: Callable[[Path], None], n_missing: int
) -> None:
    store_two_families(path)
    count_overlaps(path)
    change(path)
    if change is not forget_counts:
        assert lacks_counts(path) == (n_missing > 0)
    assert count_overlaps(path) == n_missing
    assert not lacks_counts(path)
    assert count_overlaps(path) == 0


def test_counts_name_the_set_that_they_are_about(path: Path) -> None:
    store_two_families(path)
    count_overlaps(path)
    base_answers_otherwise(path)
    count_overlaps(path)
    near = rows_of(
        path,
        "select n_shared, squared_rank_gaps from raw.fingerprint_counts where model_id = 'o/near' and prompt_index = 0 "
        "order by squared_rank_gaps",
    )
    assert near == [([0, 2, 3], 2), ([0, 1, 3], 6)]


def test_runs_that_did_not_end_are_left_out(path: Path) -> None:
    store_two_families(path)
    with connect(path) as connection:
        connection.execute("update raw.extract_runs set status = 'running'")
    assert count_overlaps(path) == 0
    assert not lacks_counts(path)


def test_the_command_says_what_it_did(path: Path, extract: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELKIN_DB", str(path))
    refused = extract("count-overlaps")
    assert refused.exit_code == 1
    assert "There is no warehouse" in refused.stderr
    assert not path.exists()
    store_two_families(path)
    forget_counts(path)
    assert extract("count-overlaps").stdout == "10 comparisons made.\n"
    assert extract("count-overlaps").stdout == "Every fingerprint was counted before.\n"


def test_a_file_that_is_no_warehouse_is_left_alone(path: Path) -> None:
    path.write_text("no database")
    with pytest.raises(WarehouseError, match="is another kind of file"):
        count_overlaps(path)
    assert path.read_text() == "no database"


def test_the_counts_are_stored_as_the_contract_says(path: Path) -> None:
    store_two_families(path)
    count_overlaps(path)
    with duckdb.connect(str(path), read_only=True) as connection:
        types = dict(
            connection.execute(
                "select column_name, data_type from duckdb_columns() where table_name = 'fingerprint_counts'"
            ).fetchall()
        )
    assert types["n_shared"] == "INTEGER[]"
    assert types["squared_rank_gaps"] == "BIGINT"
