"""A publication opened as a warehouse: views of its files, whatever its catalogue says."""

import json
from pathlib import Path

import duckdb
import pytest

from modelkin.command_line import run
from modelkin.errors import InputError, UsageError
from reports.cli import front
from reports.publication.opening import open_publication
from reports.publication.publishing import publish


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "origin.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            create schema marts;
            create table marts.fct_builds as select 'b' as build_id, timestamp '2026-01-02' as built_at;
            create table marts.fct_extract_runs as
                select 'r' as run_id, 'dump' as source, null as endpoint, 'complete' as status, null as params,
                    timestamp '2026-01-01' as started_at, false as is_synthetic;
            create table marts.dim_models as select * from (values ('o/a', 7), ('o/b', null)) as t(model_id, downloads);
            comment on table marts.dim_models is 'It''s models. One row per model.';
            comment on column marts.dim_models.downloads is 'In 30 days';
        """)
    publish(path, tmp_path / "it's a set")
    path.unlink()
    return tmp_path / "it's a set"


def test_its_marts_are_views_with_their_descriptions(published: Path, tmp_path: Path) -> None:
    opened = tmp_path / "opened.duckdb"
    assert open_publication(str(published), opened) == 3
    with duckdb.connect(str(opened), read_only=True) as connection:
        assert connection.execute("select sum(downloads) from marts.dim_models").fetchall() == [(7,)]
        assert connection.execute("select comment from duckdb_views() where view_name = 'dim_models'").fetchall() == [
            ("It's models. One row per model.",)
        ]
        assert connection.execute(
            "select comment from duckdb_columns() where table_name = 'dim_models' and column_name = 'downloads'"
        ).fetchall() == [("In 30 days",)]
    publish(opened, tmp_path / "again")  # and a reader of the marts works on it
    assert (tmp_path / "again" / "README.md").read_bytes() == (published / "README.md").read_bytes()


def test_the_command(published: Path, warehouse_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        run(front, ["open", str(published)])
    assert capsys.readouterr().out.startswith(f"Made {warehouse_file} with 3 views of ")
    with pytest.raises(UsageError, match="exists, and would be overwritten"):
        open_publication(str(published), warehouse_file)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"schema": "main", "name": "x"}, "names a table 'main'.'x'"),
        ({"schema": "marts", "name": "x as select 1; --"}, "names a table 'marts'"),
        ({"schema": "marts", "name": "../../x"}, "names a table 'marts'"),
        ({"schema": "marts"}, "catalogue.json cannot be read"),
        ({"schema": "marts", "name": "absent"}, "cannot be read: IO Error"),
    ],
)
def test_a_catalogue_of_a_stranger_decides_nothing(
    table: dict[str, str], said: str, published: Path, tmp_path: Path
) -> None:
    listed = [{"description": "", "columns": [], **table}]
    (published / "catalogue.json").write_text(json.dumps({"tables": listed}))
    with pytest.raises(InputError, match=said):
        open_publication(str(published), tmp_path / "opened.duckdb")
    assert not (tmp_path / "opened.duckdb").exists()


def test_what_is_no_publication(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no publication of Modelkin"):
        open_publication(str(tmp_path / "nothing"), tmp_path / "opened.duckdb")
