"""The digest of the marts: the same for the same values in any order, another one for any other value."""

import re
from pathlib import Path

import duckdb
import pytest

from modelkin.builds import recorded_digest
from modelkin.digests import marts_digest, record_digest
from tests.python.conftest import ROOT

BUILD = (
    "create schema marts; create table marts.fct_builds as select 'b' as build_id, timestamp '2026-01-01' as built_at;"
)
ROWS = "select i, i / 7 as d, [i::varchar, null] as l, null::varchar as n from range(9) r(i)"


def digest_of(sql: str) -> tuple[str, int, int]:
    with duckdb.connect() as connection:
        connection.execute(BUILD + sql)
        return marts_digest(connection)


@pytest.mark.parametrize("order", ["i", "-i"])
def test_the_order_of_rows_and_the_tables_about_builds_do_not_count(order: str) -> None:
    digest, n_tables, n_rows = digest_of(f"create table marts.a as {ROWS} order by {order}")
    assert (n_tables, n_rows) == (1, 9)
    assert digest == digest_of(f"create table marts.a as {ROWS}; insert into marts.fct_builds values ('c', now())")[0]


@pytest.mark.parametrize(
    "change",
    [
        "update marts.a set d = d + 1e-15 where i = 7",
        "update marts.a set n = '' where i = 0",
        "insert into marts.a from marts.a where i = 0",
        "alter table marts.a rename to b",
        'create table marts."strange"" name" (i int)',
    ],
)
def test_any_other_value_gives_another_digest(change: str) -> None:
    table = f"create table marts.a as {ROWS};"
    assert digest_of(table + change)[0] != digest_of(table)[0]


def test_a_digest_is_recorded_for_the_latest_build_alone(warehouse_file: Path) -> None:
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute(BUILD + f"create table marts.a as {ROWS}")
        assert recorded_digest(connection) is None
    digest = record_digest(warehouse_file)
    with duckdb.connect(str(warehouse_file)) as connection:
        assert recorded_digest(connection) == digest
        connection.execute("insert into marts.fct_builds values ('c', timestamp '2026-01-02')")
        assert recorded_digest(connection) is None


BARE = re.compile(r"(?<!round\()\b(avg|stddev\w*|var_\w+|corr)\(|\bsum\((cast\([^)]* as double\)|[^(\n]*\bweight\) as)")
"""An aggregate of fractions that adds in the order in which threads come."""


@pytest.mark.parametrize(
    ("text", "is_bare"),
    [
        ("avg(x)", True),
        ("cast(sum(cast(downloads as double) * weight) as double) as n", True),
        ("sum(observations.downloads * shares.weight) as downloads", True),
        ("stddev_samp(x order by x)", True),
        ("cast(sum(n) as double) / count(*) as share", False),
        ("cast(sum(cast(x as decimal(38, 6))) over one as double)", False),
        ("{{ exact_mean('x') }}", False),
        ("round(avg(x), 15)", False),
    ],
)
def test_what_adds_fractions_in_any_order_is_told_apart(text: str, is_bare: bool) -> None:
    assert bool(BARE.search(text)) is is_bare


def test_no_model_adds_fractions_in_the_order_in_which_threads_come() -> None:
    found = {path.name for path in (ROOT / "models").rglob("*.sql") if BARE.search(path.read_text())}
    # The walks add shares of merges as the recursion does; three of them seldom meet.
    assert found == {"int_lineage_walks.sql"}, "use exact_sum, exact_mean and exact_stddev: one state, one digest"
