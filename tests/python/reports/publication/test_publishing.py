"""A publication is read without Modelkin, says what it holds, and is replaced as a whole or not at all."""

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from modelkin.errors import UsageError, WarehouseError
from reports.publication import publishing, switching
from reports.publication.place import work_folder
from reports.publication.publishing import publish
from reports.publication.terms import Terms, read_terms, terms_of
from tests.python.conftest import ROOT

MARTS = """
    create schema marts;
    create schema stats;
    create table marts.fct_builds as select 'b1' as build_id, timestamp '2026-01-02 03:04:05' as built_at;
    create table marts.fct_extract_runs as select * from (values
        ('dump', null, 'complete', timestamp '2026-01-01', false, '{"files": ["hf://datasets/cfahlgren1/hub-stats/a"]}'),
        ('dump', null, 'complete', timestamp '2026-01-04', false, '{"files": ["mine.parquet"]}'),
        ('hub', 'minihub', 'complete', timestamp '2026-01-02', true, null),
        ('hub', 'minihub', 'failed', timestamp '2026-01-03', true, null)
    ) as t(source, endpoint, status, started_at, is_synthetic, params);
    create table marts.dim_models as
        select * from (values ('o/a|b <x>', 7), ('o/模型', null)) as t(model_id, downloads);
    comment on table marts.dim_models is 'Models. One row per model.';
    comment on column marts.dim_models.downloads is 'Downloads | in 30 days';
    create view marts.bridge_model_tags as select model_id, 'en' as tag from marts.dim_models;
    create table stats.model_graph as select 1 as n;
    create table stats.old as select 1 as n;
    create table stats.builds as select * from (values ('model_graph', 'b1'), ('old', 'b0')) as t(table_name, build_id);
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(MARTS)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_other_tools_read_it_back(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    tables = publish(warehouse, folder).tables
    assert [f"{table.schema}.{table.name}" for table in tables] == [
        "marts.bridge_model_tags",
        "marts.dim_models",
        "marts.fct_builds",
        "marts.fct_extract_runs",
        "stats.builds",
        "stats.model_graph",  # stats.old was made from another build
    ]
    assert {table.name: table.n_rows for table in tables}["bridge_model_tags"] == 2
    file = folder / "data" / "marts" / "dim_models.parquet"
    assert pd.read_parquet(file)["model_id"].tolist() == ["o/a|b <x>", "o/模型"]
    with duckdb.connect() as connection:
        assert connection.read_parquet(str(file)).aggregate("sum(downloads)").fetchall() == [(7,)]
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))["build_id"] == "b1"


def test_the_card_says_what_is_in_it(warehouse: Path, tmp_path: Path) -> None:
    publish(warehouse, tmp_path / "set")
    text = (tmp_path / "set" / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\npretty_name: ")
    assert "- config_name: marts.dim_models\n  data_files: data/marts/dim_models.parquet\n" in text
    assert "### marts.dim_models\n\nModels. One row per model.\n" in text
    assert "| downloads | INTEGER | Downloads \\| in 30 days |" in text
    # The failed run brought nothing.
    assert "| hub | minihub | 1 | 2026-01-02 | 2026-01-02 | yes | The miniature Hub | Apache-2.0 | yes |" in text
    assert "| dump |  | 1 | 2026-01-01 | 2026-01-01 | no | hub-stats by cfahlgren1 | Apache-2.0 | yes |" in text
    assert "| dump |  | 1 | 2026-01-04 | 2026-01-04 | no | Not known | not known | not known |" in text
    assert "tags: [modelkin, lineage, synthetic]" in text
    assert "**A part of these data is made up**" in text
    assert "from the build `b1` of 2026-01-02 03:04:05 UTC" in text


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_new_publication_takes_the_place_of_the_former(
    can_exchange: bool, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_exchange:
        monkeypatch.setattr(switching, "_exchanged", lambda one, other: False)
    folder = tmp_path / "set"
    publish(warehouse, folder)
    publish(warehouse, tmp_path / "again")
    assert contents(folder) == contents(tmp_path / "again")  # the same build gives the same bytes
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table stats.model_graph; delete from marts.dim_models where downloads is null")
    publish(warehouse, folder)
    assert not (folder / "data" / "stats" / "model_graph.parquet").exists()
    assert len(pd.read_parquet(folder / "data" / "marts" / "dim_models.parquet")) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "set", "warehouse.duckdb"]


def test_one_that_fails_leaves_the_former_whole(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "set"
    publish(warehouse, folder)
    before = contents(folder)

    def fail(*_: object) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(publishing, "card", fail)
    with pytest.raises(OSError, match="no space left"):
        publish(warehouse, folder)
    assert contents(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "warehouse.duckdb"]


def test_one_that_is_killed_leaves_the_former_whole(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    publish(warehouse, folder)
    before = contents(folder)
    code = (
        "import os, signal, sys; from pathlib import Path; from reports.publication import publishing\n"
        "publishing.card = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "publishing.publish(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(warehouse), str(folder)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert contents(folder) == before
    assert (tmp_path / ".set.publishing").is_dir()
    publish(warehouse, folder)
    assert contents(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "warehouse.duckdb"]


def test_one_killed_between_two_renames_is_put_back(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    publish(warehouse, folder)
    before = contents(folder)
    folder.rename(tmp_path / ".set.publishing.former")
    with pytest.raises(ZeroDivisionError), work_folder(folder):
        assert contents(folder) == before
        raise ZeroDivisionError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "warehouse.duckdb"]


def test_two_at_once_do_not_mix(warehouse: Path, tmp_path: Path) -> None:
    with work_folder(tmp_path / "set") as work:
        (work / "half").write_text("")
        with pytest.raises(WarehouseError, match="Another publication is being written"):
            publish(warehouse, tmp_path / "set")
        assert (work / "half").exists()


def test_only_what_changed_is_written_again(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    assert publish(warehouse, folder).n_kept == 0
    first = {path: path.stat().st_ino for path in folder.rglob("*.parquet")}
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update marts.dim_models set downloads = 8 where downloads = 7")
    (folder / "data" / "stats" / "builds.parquet").write_bytes(b"damaged")
    assert publish(warehouse, folder).n_kept == len(first) - 2
    written = {path.stem for path, inode in first.items() if path.stat().st_ino != inode}
    assert written == {"dim_models", "builds"}
    publish(warehouse, tmp_path / "anew")
    assert contents(folder) == contents(tmp_path / "anew")


def test_what_may_not_be_published_is_refused(warehouse: Path, tmp_path: Path) -> None:
    mine = Terms("dump", "mine.parquet", "Mine", "All rights reserved", False, "Ask me.", "")
    with pytest.raises(UsageError, match=r"Mine \(All rights reserved: Ask me\.\)\. Nothing was written"):
        publish(warehouse, tmp_path / "set", [mine, *read_terms()])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["warehouse.duckdb"]
    # A rule for a source that this warehouse does not hold changes nothing.
    other = Terms("dump", "theirs.parquet", "Theirs", "All rights reserved", False, "", "")
    assert publish(warehouse, tmp_path / "set", [other]).tables


@pytest.mark.parametrize(
    ("source", "origin", "name"),
    [
        ("hub", "minihub {}", "The miniature Hub"),
        ("overlap", "minihub {}", "The miniature Hub"),
        ("dump", ' {"files": ["hf://datasets/CFAHLGREN1/hub-stats/models.parquet"]}', "hub-stats by cfahlgren1"),
        ("hub", "https://huggingface.co {}", "The Hugging Face Hub"),
        ("import", " {}", "Not known"),
    ],
)
def test_the_first_rule_that_fits_is_the_rule(source: str, origin: str, name: str) -> None:
    assert terms_of(source, origin, read_terms()).name == name


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    path.write_text("rule_order,source,match,name,license,may_be_published,note,terms_url\n1,*,*,a,b,perhaps,c,d\n")
    with pytest.raises(UsageError, match="may_be_published is yes, no or empty"):
        read_terms(path)


def test_what_it_does_not_write_into(warehouse: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="holds something else"):
        publish(warehouse, mine)
    with pytest.raises(UsageError, match="is a file"):
        publish(warehouse, warehouse)
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(WarehouseError, match="has no marts yet"):
        publish(empty, tmp_path / "set")
    assert not (tmp_path / "set").exists()
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]
