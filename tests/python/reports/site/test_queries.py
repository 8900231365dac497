import json
import re
from pathlib import Path

import duckdb
import pytest

from modelkin.errors import WarehouseError
from reports.site.queries import PAGES, filled_in, read_folder, tables_of
from tests.python.reports.site import contracts

QUERIES = sorted(PAGES.glob("*/*.sql"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return contracts.make(tmp_path_factory.mktemp("empty") / "empty.duckdb", stats=True)


def relations(node: object) -> set[str]:
    """Every relation named anywhere in a parsed query, schema.table or the name alone."""
    found = set()
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            found.add(".".join(part for part in (node["schema_name"], node["table_name"]) if part))
        for value in node.values():
            found |= relations(value)
    elif isinstance(node, list):
        for value in node:
            found |= relations(value)
    return found


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_query_reads_marts_and_stats_alone_and_is_ordered(path: Path) -> None:
    sql = path.read_text(encoding="utf-8")
    parsed = json.loads(duckdb.execute("select json_serialize_sql(?)", [sql]).fetchone()[0])
    assert not parsed["error"], parsed
    [statement] = parsed["statements"]
    own = set(re.findall(r"^(\w+)(?: \([\w, ]+\))? as \($", sql, re.MULTILINE))
    read = relations(statement) - own
    assert read == tables_of(sql)
    assert {name.split(".")[0] for name in read} <= {"marts", "stats"}
    assert any(modifier["type"] == "ORDER_MODIFIER" for modifier in statement["node"]["modifiers"])


def test_every_query_fits_the_contracts_of_the_marts(empty: Path) -> None:
    parameters = {"study_id": "s", "max_families": 3, "families": ["f"], "charted_families": ["f"]}
    with duckdb.connect(str(empty), read_only=True) as connection:
        for folder in sorted(path for path in PAGES.iterdir() if path.is_dir()):
            for result in read_folder(connection, folder, parameters).values():
                assert set(result.missing) <= {"stats.claim_audit"}, result.name


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_query_that_sums_downloads_says_of_how_many(path: Path, empty: Path) -> None:
    sql = path.read_text(encoding="utf-8")
    if "$" in sql or "stats." in sql:
        return  # of single pairs and tests, which carry their own n
    with duckdb.connect(str(empty), read_only=True) as connection:
        columns = [row[0] for row in connection.execute(f"describe {sql}").fetchall()]
    sums = {"downloads", "downloads_weighted", "child_downloads", "downstream_downloads", "share_downloads"}
    is_of_single_models = any(column.endswith("model_id") for column in columns)
    if sums & set(columns) and not is_of_single_models:
        assert [column for column in columns if column.startswith(("n_with_", "n_all_with_"))], columns


@pytest.mark.parametrize("study_id", ["plain", "it's", "$families", "a\\b", "研究"])
def test_a_query_is_printed_as_it_can_be_run(study_id: str) -> None:
    sql = "select $study_id as study_id, list_contains($families, 'b') as is_in, $max_families as n order by all"
    printed = filled_in(sql, {"study_id": study_id, "families": ["a", "b'"], "max_families": 3})
    assert duckdb.execute(printed).fetchall() == [(study_id, False, 3)]


def test_a_query_on_an_absent_table_gives_no_rows_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "some.sql").write_text("select * from marts.mart_of_tomorrow order by all")
    with duckdb.connect() as connection:
        result = read_folder(connection, tmp_path)["some"]
    assert result.missing == ("marts.mart_of_tomorrow",)
    assert len(result) == 0


def test_a_table_without_a_column_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "some.sql").write_text("select share from marts.short order by share")
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create table marts.short (n int)")
        with pytest.raises(WarehouseError, match=r"some\.sql does not fit this warehouse .*share.*run `modelkin build"):
            read_folder(connection, tmp_path)
