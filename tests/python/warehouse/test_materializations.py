"""What replaces a built-in of dbt does what the built-in does: the same small project, built with and without it."""

import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.conftest import ROOT
from tests.python.warehouse import forked_dbt

FILES = {
    "dbt_project.yml": """
name: modelkin
profile: twin
macro-paths: [macros]
models: {modelkin: {+materialized: table, +persist_docs: {relation: true, columns: true}}}
""",
    "profiles.yml": "twin: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}",
    "models/plain.sql": "select 1 as n, 'it''s' as author, null as nothing union all select 2, 'b', null",
    "models/promised.sql": "select 'a' as model_id, cast({{ var('n') }} as bigint) as n",
    "models/once_a_view.sql": "{{ config(materialized=var('first')) }} select 1 as n",
    "models/hooked.sql": """
{{ config(
    pre_hook='create table if not exists log (n integer)',
    post_hook='insert into log select count(*) from {{ this }}'
) }}
select n, author from {{ ref('plain') }}
""",
    "models/kept.sql": """
{{ config(materialized='incremental', unique_key='n') }}
select n, author from {{ ref('plain') }}
""",
    "models/models.yml": """
models:
  - name: plain
    description: It's a "table" of two rows.
    columns: [{name: n, description: "It's 1 or 2; 100 % of them."}, {name: author}]
  - name: promised
    description: Typed, and in another order than it is selected.
    config: {contract: {enforced: true}}
    columns:
      - {name: n, data_type: bigint, constraints: [{type: not_null}]}
      - {name: model_id, data_type: varchar, description: An id.}
""",
    "snapshots/versions.sql": """
{% snapshot versions %}
{{ config(unique_key='n', strategy='check', check_cols=['author']) }}
select n, author || {{ var('n') }} as author from {{ ref('plain') }} where n <= {{ var('n') }}
{% endsnapshot %}
""",
}
BUILDS = (("{n: 2, first: view}", True), ("{n: 1, first: table}", True), ("{n: 'null', first: table}", False))
"""Variables of builds in turn, and whether each succeeds.

First all is new; then a view becomes a table and one of two rows a new version; last a promise is broken.
"""


def build(folder: Path, *, with_ours: bool) -> dict[str, Any]:
    """Build the project as often as ``BUILDS`` says, and return all that a client can see of it after each."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if with_ours:
        shutil.copytree(ROOT / "macros" / "materializations", folder / "macros")
    seen = {}
    for variables, succeeds in BUILDS:
        command = ("build", "--log-level-file", "none", "--vars", variables)
        done = forked_dbt.run(command, dict(os.environ), folder, project=folder)
        assert (done.returncode == 0) is succeeds, done.stdout
        seen[variables] = contents(folder / "warehouse.duckdb")
    return seen


def contents(path: Path) -> dict[str, Any]:
    """Return the relations of a warehouse with their comments, the columns with types and comments, and all rows."""
    with duckdb.connect(str(path), read_only=True) as connection:

        def ask(query: str) -> list[Any]:
            return connection.sql(query).fetchall()

        tables = ask("select table_name, comment from duckdb_tables() order by all")
        return {
            "tables": tables,
            "views": ask("select view_name, comment from duckdb_views() where not internal order by all"),
            "columns": ask(
                # A column without a description gets an empty comment from the built-in, and none from ours.
                "select table_name, column_index, column_name, data_type, is_nullable, nullif(comment, '') "
                "from duckdb_columns() where not internal order by all"
            ),
            "rows": {name: ask(f"select {SHOWN.get(name, '*')} from {name} order by all") for name, _ in tables},
        }


SHOWN = {"versions": "n, author, dbt_valid_to is null as is_valid_now"}
"""What two builds of a table have in common, where a moment is part of a row."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is seen with the built-ins, and with what replaces them."""
    theirs, ours = (build(tmp_path_factory.mktemp("twin"), with_ours=with_ours) for with_ours in (False, True))
    return theirs, ours


@pytest.mark.parametrize("variables", [variables for variables, _ in BUILDS])
def test_a_client_sees_the_same(built: tuple[dict[str, Any], dict[str, Any]], variables: str) -> None:
    theirs, ours = built
    assert ours[variables] == theirs[variables]


def test_the_builds_show_what_they_are_for(built: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second, broken = built[1].values()
    assert [name for name, _ in first["views"]] == ["once_a_view"]
    assert [name for name, _ in second["views"]] == []
    assert second["rows"]["versions"] == [(1, "it's1", True), (1, "it's2", False), (2, "b2", True)]
    assert broken["rows"]["promised"] == second["rows"]["promised"] == [(1, "a")]
    assert ("plain", 1, "n", "INTEGER", True, "It's 1 or 2; 100 % of them.") in second["columns"]
