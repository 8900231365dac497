"""The runner on a warehouse of generated pairs, and on the published measurements."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from modelkin.errors import WarehouseError
from modelkin.stats_tables import replace_table
from modelkin.warehouse import connect
from reports.significance.runner import REQUIRED, run_tests
from reports.significance.tables import SIGNIFICANCE_TESTS
from tests.python.conftest import published_data
from tests.python.reports.significance.consistency import contradiction

FCT_OVERLAPS = pa.schema(
    [
        ("study_id", pa.string()),
        ("base_model_id", pa.string()),
        ("derived_model_id", pa.string()),
        ("family_label", pa.string()),
        ("relation", pa.string()),
        ("overlap_ratio", pa.float64()),
        ("is_valid", pa.bool_()),
        ("derived_downloads", pa.int64()),
        ("download_tier", pa.string()),
        ("quality", pa.string()),
        ("is_tokenizer_match", pa.bool_()),
        ("is_suspect", pa.bool_()),
        ("is_counted", pa.bool_()),
        ("is_disputed", pa.bool_()),
    ]
)


def tier(downloads: int | None) -> tuple[str, str]:
    """Return the tier and the quality of a number of downloads."""
    if downloads is None:
        return "unknown", "unknown"
    bounds = ((0, "zero", "low"), (10, "1-10", "low"), (100, "11-100", "medium"), (1000, "101-1k", "high"))
    return next(((name, quality) for bound, name, quality in bounds if downloads <= bound), ("over 1k", "high"))


def pair(study: str, family: str, name: str, relation: str, measured: tuple[float | None, int | None], **more) -> dict:
    overlap, downloads = measured
    tier_name, quality = tier(downloads)
    return {
        "study_id": study,
        "base_model_id": f"org/{family}",
        "derived_model_id": f"org/{family}-{name}",
        "family_label": family,
        "relation": relation,
        "overlap_ratio": overlap,
        "is_valid": overlap is not None,
        "derived_downloads": downloads,
        "download_tier": tier_name,
        "quality": quality,
        **more,
    }


def write_marts(path: Path, rows: Iterable[dict], columns: Iterable[str] = FCT_OVERLAPS.names) -> None:
    table = pa.Table.from_pylist(list(rows), schema=FCT_OVERLAPS).select(list(columns))
    with connect(path) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("drop table if exists marts.fct_overlaps")
        connection.from_arrow(table).create("marts.fct_overlaps")


def generated(study: str = "made", families: tuple[str, ...] = ("alpha", "beta"), n: int = 40) -> list[dict]:
    """Make pairs in which same overlaps more than different, low downloads are noisier, and some fail."""
    rng = np.random.default_rng(1)
    rows = []
    for family in families:
        for i in range(n):
            for relation in ("same", "different"):
                downloads = int(np.exp(rng.uniform(0, 9))) - 1 if i % 7 else 0
                width = 0.2 if downloads <= 10 else 0.03
                overlap = 0.6 + rng.uniform(-width, width) if relation == "same" else rng.uniform(0, 0.02)
                rows.append(
                    pair(
                        study,
                        family,
                        f"{relation}-{i}",
                        relation,
                        (None if i % 9 == 8 else float(overlap), downloads),
                        is_tokenizer_match=relation == "same" or i % 2 == 0,
                        is_suspect=i == 3,
                    )
                )
    return rows


def results(path: Path) -> list[dict]:
    with connect(path, read_only=True) as connection:
        return connection.sql("select * from stats.significance_tests").to_arrow_table().to_pylist()


def by_id(path: Path, study: str, family: str) -> dict[str, dict]:
    rows = [row for row in results(path) if (row["study_id"], row["family_label"]) == (study, family)]
    return {row["test_id"]: row for row in rows}


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse with the generated study, tested."""
    path = tmp_path_factory.mktemp("significance") / "tested.duckdb"
    write_marts(path, generated())
    run_tests(path)
    return path


def test_what_was_put_in_is_found(tested: Path) -> None:
    rows = by_id(tested, "made", "alpha")
    low = rows["same_vs_different/low/welch_t"]
    assert low["verdict"] == "supported"
    assert low["effect_name"] == "hedges_g"
    assert 0 < low["ci_low"] < low["effect_size"] < low["ci_high"]
    assert rows["identification/all/auc"]["effect_size"] == 1.0
    assert rows["identification/all/tpr_at_fpr_0.001"]["verdict"] == "underpowered"
    assert rows["spread_by_downloads/same_low_vs_higher/brown_forsythe"]["verdict"] == "supported"
    assert rows["spread_sweep/same/brown_forsythe_maximum"]["p_value"] < 0.01
    assert rows["downloads_vs_overlap/different/spearman"]["verdict"] != "supported"
    across = by_id(tested, "made", "all families")
    assert across["family_vs_family/same/alpha~beta/kolmogorov_smirnov"]["verdict"] != "supported"


def test_every_row_keeps_the_contract(tested: Path) -> None:
    rows = results(tested)
    assert len({(row["study_id"], row["family_label"], row["test_id"]) for row in rows}) == len(rows)
    for row in rows:
        assert row["note"].endswith(".")
        assert contradiction(row) == ""
        assert (row["p_value"] is None) == (row["p_holm"] is None) == (row["correction_family"] is None)
        if row["p_value"] is not None:
            assert 0 <= row["p_value"] <= row["p_bh"] <= row["p_holm"] <= 1
        if row["verdict"] == "not_testable":
            assert "Not testable: " in row["note"]
        if row["ci_low"] is not None and row["ci_high"] is not None:
            assert row["ci_low"] <= row["effect_size"] + 1e-12
            assert row["effect_size"] <= row["ci_high"] + 1e-12


def test_studies_do_not_touch_each_other(warehouse_file: Path) -> None:
    write_marts(warehouse_file, generated(n=10))
    run_tests(warehouse_file)
    alone = by_id(warehouse_file, "made", "alpha")
    write_marts(warehouse_file, [*generated(n=10), *generated("other", ("alpha", "gamma"), 8)])
    run_tests(warehouse_file)
    assert by_id(warehouse_file, "made", "alpha") == alone


def test_two_runs_write_the_same_rows(warehouse_file: Path) -> None:
    rows = generated(n=12)
    write_marts(warehouse_file, rows)
    run_tests(warehouse_file)
    first = results(warehouse_file)
    write_marts(warehouse_file, reversed(rows))
    run_tests(warehouse_file)
    assert results(warehouse_file) == first


def test_matched_and_unsuspected_pairs_are_tested_apart(tested: Path, warehouse_file: Path) -> None:
    rows = by_id(tested, "made", "alpha")
    everything = rows["identification/all/auc"]
    assert rows["identification/tokenizer_matched/auc"]["n_b"] < everything["n_b"]
    assert rows["same_vs_different/unsuspected/welch_t"]["n_a"] == everything["n_a"] - 1
    write_marts(warehouse_file, generated(n=10), REQUIRED)
    run_tests(warehouse_file)
    assert not [name for name in by_id(warehouse_file, "made", "alpha") if "matched" in name or "unsuspected" in name]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [pair("s", "f", "a", "same", (0.5, 3))],
        [pair("s", "f", str(i), "same", (None, 3)) for i in range(9)],
        [pair("s", "f", f"{i}{r}", r, (0.5, 3)) for i in range(9) for r in ("same", "different")],
        [pair("s", "f", f"{i}{r}", r, (i / 9, None)) for i in range(9) for r in ("same", "different")],
        [pair("s", "f", f"{i}{r}", r, (float("nan"), i)) for i in range(9) for r in ("same", "different")],
        [pair("s", "f", f"{i}{r}", r, (0.0, 10**i)) for i in range(9) for r in ("same", "different")],
    ],
    ids=["nothing", "one pair", "none valid", "all tied", "no downloads", "NaN", "all zero"],
)
def test_poor_data_are_said_to_be_so(warehouse_file: Path, rows: list[dict]) -> None:
    write_marts(warehouse_file, rows)
    summary = run_tests(warehouse_file)
    assert "supported" not in {row["verdict"] for row in results(warehouse_file) if row["question"] != "power"}
    assert summary.n_tests + summary.n_untestable > 0 or not rows


def test_pairs_without_a_relation_are_counted(warehouse_file: Path) -> None:
    write_marts(warehouse_file, [*generated(n=10), pair("made", "alpha", "x", "unknown", (0.5, 1))])
    summary = run_tests(warehouse_file)
    first, last = summary.lines()[:2]
    assert first.startswith(f"{summary.n_tests} tests of 40 pairs in 1 study: ")
    assert last.startswith("1 left out")
    listed = [row for row in results(warehouse_file) if row["verdict"] != "not_testable"]
    assert sum(summary.verdicts.values()) == summary.n_tests == len(listed)


def test_pairs_that_do_not_count_are_left_out(warehouse_file: Path) -> None:
    rows = [{**row, "is_counted": not row["is_suspect"]} for row in generated(n=10)]
    write_marts(warehouse_file, rows)
    summary = run_tests(warehouse_file)
    tests = by_id(warehouse_file, "made", "alpha")
    assert summary.lines()[-1].startswith("4 left out, being suspect")
    assert tests["same_vs_different/all/welch_t"]["n_a"] == 8
    assert "same_vs_different/unsuspected/welch_t" not in tests


def test_missing_marts_are_explained(warehouse_file: Path) -> None:
    with pytest.raises(WarehouseError, match="no warehouse"):
        run_tests(warehouse_file)
    with connect(warehouse_file):
        pass
    with pytest.raises(WarehouseError, match="modelkin build"):
        run_tests(warehouse_file)
    write_marts(warehouse_file, [], ["study_id", "base_model_id", "derived_model_id"])
    with pytest.raises(WarehouseError, match="lacks family_label"):
        run_tests(warehouse_file)


def test_a_client_sees_the_descriptions(tested: Path) -> None:
    with connect(tested, read_only=True) as connection:
        named = "schema_name = 'stats' and table_name = 'significance_tests'"
        table = connection.sql(f"select comment from duckdb_tables() where {named}").fetchall()
        columns = connection.sql(f"select column_name, comment from duckdb_columns() where {named}")
        assert dict(columns.fetchall()) == dict(SIGNIFICANCE_TESTS.columns)
    assert table == [(SIGNIFICANCE_TESTS.description,)]
    assert list(SIGNIFICANCE_TESTS.columns) == SIGNIFICANCE_TESTS.schema.names


def test_a_failed_write_leaves_the_old_table(warehouse_file: Path) -> None:
    write_marts(warehouse_file, generated(n=10))
    run_tests(warehouse_file)
    before = results(warehouse_file)
    broken = pa.Table.from_pylist([dict.fromkeys(SIGNIFICANCE_TESTS.schema.names)]).cast(
        pa.schema([field.with_nullable(True) for field in SIGNIFICANCE_TESTS.schema])
    )
    with pytest.raises(ValueError, match="schema"):
        replace_table(warehouse_file, SIGNIFICANCE_TESTS, broken)
    rows = pa.table(broken.columns, schema=SIGNIFICANCE_TESTS.schema)
    with pytest.raises(WarehouseError, match="could not be written"):
        replace_table(warehouse_file, SIGNIFICANCE_TESTS, rows)
    assert results(warehouse_file) == before


def published_rows(study: str, path: Path, family: str, relation: str, downloads: dict[str, str] | None) -> list[dict]:
    with path.open(newline="") as file:
        records = list(csv.DictReader(file))
    rows = []
    for record in records:
        name = record["derived_model_name"]
        count = record["derived_model_downloads"] if downloads is None else downloads.get(name)
        overlap = float(record["avg_overlap_ratio"]) if int(record["num_pairs"]) else None
        rows.append(pair(study, family, name, relation, (overlap, int(float(count)) if count else None)))
    return rows


def test_the_published_study_comes_out(warehouse_file: Path) -> None:
    folder = published_data()
    rows = []
    for family in ("llama", "qwen"):
        for relation, name in (("same", "same"), ("different", "diff")):
            file = folder / "overlap" / f"lineage_bottomk_overlap_{family}_{name}_with_downloads.csv"
            rows += published_rows("original", file, family, relation, None)
    with (folder / "hub" / "popular_models_tinyllama.csv").open(newline="") as file:
        popular = {record["model_id"]: record["downloads"] for record in csv.DictReader(file)}
    file = folder / "overlap" / "lineage_bottomk_text_same_llama.csv"
    rows += published_rows("popular", file, "llama", "same", popular)
    write_marts(warehouse_file, rows)
    run_tests(warehouse_file)
    assert [found for row in results(warehouse_file) if (found := contradiction(row))] == []
    for family, n_same, mean_same, p_spread in (("llama", 89, 0.5314, 0.49), ("qwen", 90, 0.4758, 0.46)):
        tests = by_id(warehouse_file, "original", family)
        low = tests["same_vs_different/low/student_t"]
        assert (low["n_a"], low["verdict"]) == (n_same, "supported")
        assert f"means {mean_same} and" in low["note"]
        noise = tests["spread_by_downloads/same_low_vs_higher/brown_forsythe"]
        assert noise["p_value"] == pytest.approx(p_spread, abs=0.006)
        assert noise["verdict"] == "underpowered"
    assert "same_vs_different/high/welch_t" not in by_id(warehouse_file, "original", "llama")
    counted = by_id(warehouse_file, "original", "all families")["same_vs_different/not_testable"]
    assert (counted["verdict"], counted["n_a"], counted["n_b"]) == ("not_testable", 0, 2)
    together = by_id(warehouse_file, "popular", "llama")["downloads_vs_overlap/same/spearman"]
    assert (together["n_a"], round(together["effect_size"], 2)) == (28, -0.16)
    assert together["p_value"] > 0.05


def test_each_question_has_one_primary_test_for_a_family(tested: Path) -> None:
    rows = [row for row in results(tested) if row["is_primary"] and row["family_label"] == "alpha"]
    found = {row["question"]: row["test_id"] for row in rows}
    assert len(found) == len(rows)
    assert (
        found.items()
        <= {
            "same_vs_different": "same_vs_different/all/mann_whitney",
            "spread_by_downloads": "spread_by_downloads/same_low_vs_higher/brown_forsythe",
            "spread_sweep": "spread_sweep/same/brown_forsythe_maximum",
            "extremes_by_downloads": "extremes_by_downloads/same_low_vs_higher/fisher_exact",
            "downloads_vs_overlap": "downloads_vs_overlap/same/spearman",
            "identification": "identification/all/auc",
            "filtering": "filtering/above_10/fisher_exact",
            "validity": "validity/same_vs_different/fisher_exact",
        }.items()
    )
    assert {"same_vs_different", "spread_by_downloads", "downloads_vs_overlap", "identification"} <= set(found)
