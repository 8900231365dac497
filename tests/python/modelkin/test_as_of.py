"""A warehouse as of a day holds what one filled up to that day holds, row by row of the raw tables."""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelkin.as_of import Past, copy_past, parse_past
from modelkin.cli import app
from modelkin.command_line import run
from modelkin.errors import UsageError, WarehouseError
from modelkin.raw_schemas import RAW_TABLES
from modelkin.warehouse import load
from tests.python.extract.command import Command

DAYS = ("2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22")
OF_THE_LOAD = {"run_id", "started_at", "finished_at", "library_versions"}


def dump(folder: Path, day: str, *downloads: int) -> None:
    folder.mkdir(exist_ok=True)
    rows = [{"id": f"o/m{n}", "downloads": value, "tags": [f"week:{day}"]} for n, value in enumerate(downloads)]
    pq.write_table(pa.Table.from_pylist(rows), folder / f"models-{day}.parquet")


def raw(path: Path) -> dict[str, list[str]]:
    """Every row of every raw table as text, without what only the load itself decides."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            table: sorted(
                repr(row)
                for row in connection.execute(
                    f"select {', '.join(name for name in schema.names if name not in OF_THE_LOAD)} from raw.{table}"
                ).fetchall()
            )
            for table, schema in RAW_TABLES.items()
        }


def test_as_of_a_day_is_what_was_loaded_up_to_it(
    tmp_path: Path, warehouse_file: Path, extract: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = tmp_path / "all"
    for number, day in enumerate(DAYS):
        dump(everything, day, *range(number, number + 3))
    for part in (DAYS[2:], DAYS):  # the later ones first
        folder = tmp_path / f"part-{len(part)}"
        folder.mkdir()
        for day in part:
            (folder / f"models-{day}.parquet").symlink_to(everything / f"models-{day}.parquet")
        extract("dump", folder)
    states = []
    for number, day in enumerate(DAYS, start=1):
        past = tmp_path / f"past-{number}.duckdb"
        copy_past(warehouse_file, parse_past(day, None), past)
        states.append(raw(past))
    monkeypatch.setenv("MODELKIN_DB", str(tmp_path / "grown.duckdb"))
    for number, day in enumerate(DAYS, start=1):
        extract("dump", everything / f"models-{day}.parquet", "--observed-at", day)
        grown = raw(tmp_path / "grown.duckdb")
        assert len(grown["hub_models"]) == 3 * number
        assert states[number - 1] == grown


@pytest.fixture
def mixed(warehouse_file: Path) -> Path:
    """A crawl over midnight, a measurement of now, and a run that failed."""
    midnight = datetime(2024, 1, 2)
    with load("hub") as crawl:
        for hours in (-1, 1):
            at = midnight + timedelta(hours=hours)
            crawl.add("hub_models", [{"model_id": f"o/at{hours}", "observed_at": at}])
            crawl.add("hub_model_cards", [{"model_id": f"o/at{hours}", "fetched_at": at}])
    with load("overlap") as measured:
        measured.add("fingerprints", [{"model_id": "o/m", "prompt_set_id": "p", "status": "failed"}])
    with pytest.raises(ZeroDivisionError), load("hub"):
        raise ZeroDivisionError
    return warehouse_file


def counts(path: Path) -> dict[str, int]:
    return {table: len(rows) for table, rows in raw(path).items() if rows}


def test_each_fact_has_its_own_time(mixed: Path, tmp_path: Path) -> None:
    copied = copy_past(mixed, parse_past("2024-01-01", None), tmp_path / "past.duckdb")
    assert copied == {"hub_models": 1, "hub_model_cards": 1}
    # The crawl is there with what it saw by then; what was measured or failed today is not.
    assert counts(tmp_path / "past.duckdb") == {**copied, "extract_runs": 1}
    copy_past(mixed, Past(), tmp_path / "whole.duckdb")
    assert raw(tmp_path / "whole.duckdb") == raw(mixed)


def test_what_was_known_is_decided_by_the_time_of_loading(mixed: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="holds nothing from that time"):
        copy_past(mixed, parse_past(None, "2024-06-30"), tmp_path / "then.duckdb")
    with duckdb.connect(str(mixed)) as connection:
        connection.execute("update raw.extract_runs set finished_at = '2024-06-01' where source = 'overlap'")
    assert copy_past(mixed, parse_past(None, "2024-06-30"), tmp_path / "then.duckdb") == {"fingerprints": 1}
    with pytest.raises(WarehouseError, match="holds nothing from that time"):
        copy_past(mixed, parse_past("2024-01-01", "2024-06-30"), tmp_path / "neither.duckdb")
    assert sorted(path.name for path in tmp_path.iterdir() if "duckdb" in path.name and "lock" not in path.name) == [
        "then.duckdb",
        "warehouse.duckdb",
    ]


def test_a_warehouse_of_an_older_version_is_copied_too(mixed: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(mixed)) as connection:
        connection.execute("alter table raw.hub_models drop column hub_id; drop table raw.weight_files")
    assert copy_past(mixed, Past(), tmp_path / "whole.duckdb")["hub_models"] == 2


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2024-06-30", datetime(2024, 6, 30, 23, 59, 59, 999999)),
        ("2024-06-30T12:00", datetime(2024, 6, 30, 12)),
        ("2024-06-30T12:00+02:00", datetime(2024, 6, 30, 10)),
    ],
)
def test_a_day_counts_to_its_end(text: str, end: datetime) -> None:
    assert parse_past(text, None) == Past(observed_by=end)
    assert parse_past(None, text) == Past(known_by=end)


@pytest.mark.parametrize(("text", "said"), [("June", "is not a date"), ("9999-01-01", "lies in the future")])
def test_what_is_no_day_of_the_past_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_past(text, None)


@pytest.mark.parametrize("arguments", [["--as-of", "2024-01-01"], ["--to", "x.duckdb"]])
def test_the_options_go_together(
    arguments: list[str], warehouse_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(app, ["build", *arguments])
    assert "go with --to FILE" in capsys.readouterr().err


def test_no_file_is_overwritten(mixed: Path) -> None:
    with pytest.raises(UsageError, match="exists, and would be overwritten"):
        copy_past(mixed, Past(), mixed)
