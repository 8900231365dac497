"""The marts against the tables that the study published (document 001)."""

import math

import duckdb
import pytest

from tests.python.conftest import published_data
from tests.python.warehouse.conftest import Project

pytestmark = pytest.mark.xdist_group("original")

# family, relation, our tier, published n, mean, median, sd, min, max
TIERS = [
    ("TinyLlama", "different", "1-10", 67, 0.0077, 0.0068, 0.0056, 0.0036, 0.0484),
    ("TinyLlama", "different", "11-100", 7, 0.0102, 0.0076, 0.0091, 0.0020, 0.0299),
    ("TinyLlama", "different", "101-1k", 1, 0.0100, 0.0100, None, 0.0100, 0.0100),
    ("TinyLlama", "different", "over 1k", 5, 0.0059, 0.0066, 0.0020, 0.0026, 0.0074),
    ("TinyLlama", "same", "1-10", 51, 0.4914, 0.5147, 0.3644, 0.0024, 1.0),
    ("TinyLlama", "same", "11-100", 14, 0.6242, 0.6747, 0.2932, 0.1730, 1.0),
    ("TinyLlama", "same", "over 1k", 1, 0.7348, 0.7348, None, 0.7348, 0.7348),
    ("Qwen", "different", "1-10", 51, 0.0038, 0.0036, 0.0008, 0.0020, 0.0072),
    ("Qwen", "different", "11-100", 14, 0.0037, 0.0037, 0.0003, 0.0033, 0.0042),
    ("Qwen", "different", "over 1k", 1, 0.0040, 0.0040, None, 0.0040, 0.0040),
    ("Qwen", "same", "1-10", 65, 0.4383, 0.3599, 0.3211, 0.0001, 1.0),
    ("Qwen", "same", "11-100", 7, 0.1916, 0.0435, 0.2746, 0.0082, 0.7555),
    ("Qwen", "same", "101-1k", 1, 0.3452, 0.3452, None, 0.3452, 0.3452),
    ("Qwen", "same", "over 1k", 5, 0.4828, 0.3181, 0.3420, 0.1354, 1.0),
]

# family, relation, quality, published n, mean
QUALITIES = [
    ("TinyLlama", "same", "low", 89, 0.5314),
    ("TinyLlama", "different", "low", 96, 0.0074),
    ("TinyLlama", "same", "high", 1, 0.7348),
    ("TinyLlama", "different", "high", 6, 0.0066),
    ("Qwen", "same", "low", 90, 0.4758),
    ("Qwen", "different", "low", 89, 0.0038),
    ("Qwen", "same", "high", 6, 0.4599),
    ("Qwen", "different", "high", 1, 0.0040),
]

# The study rounded to four digits; a value on the edge of two may have gone either way.
HALF_A_DIGIT = 0.5e-4 + 1e-9


def same_figure(ours: float | None, published: float | None) -> bool:
    if ours is None or published is None:
        return ours is published
    return math.isclose(ours, published, rel_tol=0, abs_tol=HALF_A_DIGIT)


@pytest.mark.parametrize("row", TIERS, ids=lambda row: " ".join(row[:3]))
def test_the_tier_tables_come_out_to_the_published_digits(original: Project, row: tuple) -> None:
    with duckdb.connect(str(original.path), read_only=True) as connection:
        ours = connection.execute(
            "select n_valid, mean_overlap, median_overlap, stddev_overlap, min_overlap, max_overlap"
            " from marts.mart_overlap_by_tier"
            " where study_id = 'original' and family_label = ? and relation = ? and download_tier = ?",
            row[:3],
        ).fetchone()
    assert ours is not None
    assert ours[0] == row[3]
    assert [same_figure(a, b) for a, b in zip(ours[1:], row[4:], strict=True)] == [True] * 5, (ours, row)


@pytest.mark.parametrize("row", QUALITIES, ids=lambda row: " ".join(row[:3]))
def test_the_quality_tables_come_out_to_the_published_digits(original: Project, row: tuple) -> None:
    with duckdb.connect(str(original.path), read_only=True) as connection:
        ours = connection.execute(
            "select n_valid, mean_overlap from marts.mart_overlap_by_quality"
            " where study_id = 'original' and family_label = ? and relation = ? and quality = ?",
            row[:3],
        ).fetchone()
    assert ours is not None
    assert ours[0] == row[3]
    assert same_figure(ours[1], row[4])


def test_failed_pairs_are_counted_and_none_is_dropped(original: Project) -> None:
    with duckdb.connect(str(original.path), read_only=True) as connection:
        counts = dict(
            connection.execute(
                "select family_label, sum(n_pairs) from marts.mart_overlap_validity where not is_valid group by 1"
            ).fetchall()
        )
        n_pairs = connection.execute("select count(*) from marts.fct_overlaps").fetchone()
    assert counts == {"Qwen": 49, "TinyLlama": 51}
    assert n_pairs == (520,)


def rounded(row: tuple) -> tuple:
    """Return the row without the last bits, which depend on the order that threads add numbers in."""
    return tuple(round(value, 9) + 0.0 if isinstance(value, float) else value for value in row)


def test_the_same_import_twice_changes_no_mart(original: Project) -> None:
    def marts() -> dict[str, list[tuple]]:
        with duckdb.connect(str(original.path), read_only=True) as connection:
            names = [
                name
                for (name,) in connection.execute(
                    "select table_name from information_schema.tables where table_schema = 'marts'"
                    " and table_name not in ('fct_extract_runs', 'fct_builds') order by 1"
                ).fetchall()
            ]
            return {
                name: sorted(map(rounded, connection.table(f"marts.{name}").fetchall()), key=repr) for name in names
            }

    before = marts()
    files = sorted((published_data() / "overlap").glob("*_with_downloads.csv"))
    original.extract("import-overlap", *map(str, files), "--study", "original")
    original.dbt("run")
    assert len(before["fct_overlaps"]) == 520
    assert marts() == before
