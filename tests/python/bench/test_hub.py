"""The made Hub has the shape of the real one, and both analyses of it agree."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from bench import lineage_duckdb, lineage_networkx
from bench.hub import make_dump, make_update

N_MODELS = 8000


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "hub.parquet"
    make_dump(path, N_MODELS)
    return path


def ask(path: Path, query: str) -> tuple[object, ...]:
    with duckdb.connect() as connection:
        connection.read_parquet(str(path)).create_view("models")
        [row] = connection.execute(query).fetchall()
        return tuple(row)


def test_the_dump_is_shaped_like_the_hub(dump: Path) -> None:
    n_models, n_ids, share_with_parents, fewest, mean = ask(
        dump,
        "select count(*), count(distinct lower(id)), avg((array_to_string(tags, ' ') like '%base_model:%')::int), "
        "min(len(tags)), avg(len(tags)) from models",
    )
    assert (n_models, n_ids) == (N_MODELS, N_MODELS)
    assert share_with_parents == pytest.approx(0.45, abs=0.04)
    assert fewest == 8
    assert mean == pytest.approx(11, abs=1.5)


def test_it_holds_what_is_hard_in_lineage(dump: Path) -> None:
    n_merges, n_ghosts, n_self_loops, n_malformed = ask(
        dump,
        "select count(*) filter (where len(list_filter(tags, lambda tag: tag like 'base_model:merge:%')) > 1), "
        "count(*) filter (where len(list_filter(tags, lambda tag: tag like 'base_model:ghost-org/%')) > 0), "
        "count(*) filter (where list_contains(tags, 'base_model:' || id)), "
        "count(*) filter (where list_contains(tags, 'base_model:' || id || ':main')) from models",
    )
    assert (n_self_loops, n_malformed) == (8, 1)
    assert n_merges > 50
    assert n_ghosts > 50


def test_a_days_update_is_one_model_in_a_hundred(dump: Path, tmp_path: Path) -> None:
    make_update(dump, tmp_path / "update.parquet")
    [n_changed] = ask(tmp_path / "update.parquet", "select count(*) from models")
    assert n_changed == pytest.approx(N_MODELS / 100, rel=0.5)


def test_sql_and_networkx_find_the_same_families(
    dump: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = []
    mains: tuple[Callable[[], None], ...] = (lineage_duckdb.main, lineage_networkx.main)
    for main in mains:
        monkeypatch.setattr(sys, "argv", ["lineage", str(dump)])
        main()
        digests.append(json.loads(capsys.readouterr().out))
    assert digests[0] == digests[1]
    assert digests[0]["n_members"] > N_MODELS
    assert digests[0]["max_depth"] > 10
