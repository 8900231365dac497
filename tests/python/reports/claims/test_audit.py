"""Every branch of the audit's rules, on generated pairs."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from modelkin.errors import InputError, WarehouseError
from modelkin.warehouse import connect
from reports.claims.audit import audit, audit_claims
from reports.claims.catalogue import OF_ONE, OF_RANGE, OF_TWO, check
from reports.claims.claim import Claim
from reports.claims.columns import Columns
from reports.claims.table import CLAIM_AUDIT
from tests.python.conftest import ROOT
from tests.python.reports.claims.conftest import QWEN, TINYLLAMA, overlaps_table, pair, seed_rows

LISTED = (0.0009, 0.0065, 0.0082, 0.0125, 0.0162, 0.0161, 0.0231, 0.0435, 0.0668, 0.0646)
OTHERS = (0.1071, 0.1230, 0.1422, 0.1591, 0.2415, 0.2509, 0.2616, 0.3195, 0.3002, 0.3385)
MORE = (0.3745, 0.4011, 0.4283, 0.5401, 0.5869, 0.6333, 0.8608, 0.9295, 1.0)
"""Overlaps made to have the published mean, median, deviation and ranges of the popular Qwen models."""


def columns(rows: list[dict]) -> Columns:
    return Columns.of(overlaps_table(rows))


def several(base: str, relation: str, overlaps, downloads, study: str = "original") -> list[dict]:
    counts = np.broadcast_to(np.asarray(downloads, dtype=object), (len(overlaps),))
    return [
        pair(base, f"{relation}-{place}-{count}", relation, overlap, count, study=study)
        for place, (overlap, count) in enumerate(zip(overlaps, counts, strict=True))
    ]


def test_a_difference_within_rounding_is_reproduced_and_one_beyond_it_is_not(claims: dict[str, Claim]) -> None:
    claim = claims["original/tinyllama/same/low/mean"]
    for mean, verdict in ((0.53135, "reproduced"), (0.53145, "reproduced"), (0.53146, "not_reproduced")):
        row = audit(claim, columns(several(TINYLLAMA, "same", [mean - 0.1, mean + 0.1], 5)))
        assert (row["verdict"], row["tolerance"]) == (verdict, 0.00005)
        assert row["recomputed_value"] == pytest.approx(mean, rel=1e-12)
    assert "rounding explains 5e-05 at most" in row["note"]


def test_about_forty_percent_allows_the_nearest_ten(claims: dict[str, Claim]) -> None:
    claim = claims["original/qwen/same/all/invalid_rate"]
    for failed, verdict in ((7, "reproduced"), (9, "reproduced"), (6, "not_reproduced"), (10, "not_reproduced")):
        row = audit(claim, columns(several(QWEN, "same", [None] * failed + [0.5] * (20 - failed), 1)))
        assert (row["verdict"], row["n"]) == (verdict, 20)
        assert row["recomputed_value"] == failed / 20


def test_a_ratio_of_rounded_means_is_told_from_the_unrounded_one(claims: dict[str, Claim]) -> None:
    claim = claims["original/tinyllama/same_to_different/low/ratio"]
    rows = several(TINYLLAMA, "same", [0.53142], 5) + several(TINYLLAMA, "different", [0.00736], 5)
    row = audit(claim, columns(rows))
    assert row["verdict"] == "reproduced"
    assert row["recomputed_value"] == pytest.approx(0.53142 / 0.00736)
    assert "only from means rounded to 4 decimals (0.5314 / 0.0074 = 71.81); unrounded it is 72.20" in row["note"]
    rows = several(TINYLLAMA, "same", [0.5314], 5) + several(TINYLLAMA, "different", [0.0074], 5)
    assert "only from" not in audit(claim, columns(rows))["note"]
    rows = several(TINYLLAMA, "same", [0.6], 5) + several(TINYLLAMA, "different", [0.00736], 5)
    assert audit(claim, columns(rows))["verdict"] == "not_reproduced"


def test_the_rows_from_zero_leave_out_zero_downloads_and_the_low_level_keeps_them(claims: dict[str, Claim]) -> None:
    made = columns(several(TINYLLAMA, "same", [0.1, 0.3, 0.5, None, 0.9], [0, 1, 10, 4, 11]))
    assert audit(claims["original/tinyllama/same/0-10/n"], made)["recomputed_value"] == 2
    assert audit(claims["original/tinyllama/same/low/n"], made)["recomputed_value"] == 3
    assert audit(claims["original/tinyllama/same/0-10/mean"], made)["recomputed_value"] == pytest.approx(0.4)


def test_the_relation_that_the_file_declares_counts_whatever_the_lineage_says(claims: dict[str, Claim]) -> None:
    disputed = pair(TINYLLAMA, "x", "different", 0.5, 5, declared_relation="same")
    undeclared = pair(TINYLLAMA, "y", "same", 0.5, 5, declared_relation=None)
    made = columns([disputed, undeclared])
    assert audit(claims["original/tinyllama/same/low/n"], made)["recomputed_value"] == 2


def test_one_pair_is_a_figure_but_no_group(claims: dict[str, Claim]) -> None:
    made = columns([*several(TINYLLAMA, "same", [0.7348], 1001), *several(TINYLLAMA, "different", [0.01] * 6, 500)])
    row = audit(claims["original/tinyllama/same/over_1k/mean"], made)
    assert (row["verdict"], row["n"]) == ("reproduced", 1)
    assert "holds one pair" in row["note"]
    row = audit(claims["original/tinyllama/same_above_different/high"], made)
    assert (row["verdict"], row["recomputed_value"]) == ("not_testable", None)
    assert "n = 1" in row["note"]


@pytest.mark.parametrize(("base", "claim_id"), [(TINYLLAMA, "tinyllama"), (QWEN, "qwen")])
def test_noisier_needs_a_significant_difference_the_right_way(claims: dict[str, Claim], base, claim_id) -> None:
    claim = claims[f"original/{claim_id}/same/hypothesis"]
    rng = np.random.default_rng(5)
    wide, narrow = 0.5 + 0.3 * rng.uniform(-1, 1, 60), 0.5 + 0.05 * rng.uniform(-1, 1, 60)

    def verdict(low, high) -> tuple[str, str]:
        row = audit(claim, columns(several(base, "same", low, 3) + several(base, "same", high, 30)))
        return row["verdict"], row["note"]

    assert verdict(wide, narrow)[0] == "reproduced"
    assert verdict(narrow, wide)[0] == "not_reproduced"
    assert "not the way the claim says" in verdict(narrow, wide)[1]
    assert verdict(wide[:30], 0.95 * wide[30:])[0] == "not_reproduced"
    assert "not significant" in verdict(wide, 0.99 * wide)[1]
    assert verdict(wide, narrow[:4])[0] == "not_testable"


def test_bounds_are_strict_and_the_ends_of_a_range_belong_to_it(claims: dict[str, Claim]) -> None:
    below = claims["original/tinyllama/different/100-1k/below_0.01"]
    for value, verdict in ((0.0099, "reproduced"), (0.01, "not_reproduced"), (0.0101, "not_reproduced")):
        assert audit(below, columns(several(TINYLLAMA, "different", [value], 500)))["verdict"] == verdict
    inside = claims["original/qwen/same/all/between_0.4_and_0.7"]
    for value, verdict in (
        (0.4, "reproduced"),
        (0.7, "reproduced"),
        (0.39, "not_reproduced"),
        (0.71, "not_reproduced"),
    ):
        row = audit(inside, columns(several(QWEN, "same", [value - 0.2, value + 0.2], 5)))
        assert row["verdict"] == verdict
        assert row["published_as"] == "between 0.4 and 0.7"
    assert "Of the single pairs 1 of 2" in row["note"]


def test_the_spread_of_one_pair_is_not_testable(claims: dict[str, Claim]) -> None:
    row = audit(claims["original/qwen/same/over_1k/sd"], columns(several(QWEN, "same", [0.5, None], [5000, 6000])))
    assert (row["verdict"], row["recomputed_value"], row["n"]) == ("not_testable", None, 1)
    row = audit(claims["original/qwen/same/over_1k/mean"], columns(several(QWEN, "same", [None], 5000)))
    assert row["note"].startswith("Not testable: no pair in this group gave an overlap.")


def test_a_range_of_overlaps_leaves_out_its_upper_end_but_for_one(claims: dict[str, Claim]) -> None:
    made = columns(several(TINYLLAMA, "same", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 50, "popular"))
    counts = [
        audit(claims[f"popular/tinyllama/range_{low}-{high}/count"], made)["recomputed_value"]
        for low, high in ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1))
    ]
    assert counts == [1, 1, 1, 1, 2]
    assert audit(claims["popular/tinyllama/share_above_0.8"], made)["recomputed_value"] == pytest.approx(1 / 6)
    assert audit(claims["popular/tinyllama/count_below_0.3"], made)["recomputed_value"] == 2


def test_fewer_wrong_calls_and_a_helpful_confidence_are_found_when_they_are_there(claims: dict[str, Claim]) -> None:
    low = [*several(QWEN, "same", [0.1, 0.9] * 20, 3), *several(QWEN, "different", [0.2, 0.8] * 20, 3)]
    high = [*several(QWEN, "same", [0.9] * 30, 300), *several(QWEN, "different", [0.1] * 30, 300)]
    made = columns(low + high)
    row = audit(claims["original/qwen/downloads_indicate_quality"], made)
    assert (row["verdict"], row["n"], row["n_versus"]) == ("reproduced", 60, 80)
    assert audit(claims["original/qwen/high_more_reliable"], made)["verdict"] == "reproduced"
    trusted = several(QWEN, "same", np.linspace(0.3, 0.7, 40), 300)
    doubted = several(QWEN, "different", np.linspace(0.3, 0.7, 40), 3)
    row = audit(claims["original/qwen/confidence_weight_helps"], columns(trusted + doubted))
    assert row["verdict"] == "reproduced"
    assert row["recomputed_value"] == pytest.approx(0.5)
    swapped = [*several(QWEN, "same", np.linspace(0.3, 0.7, 40), 3), *several(QWEN, "different", [0.25] * 40, 300)]
    assert audit(claims["original/qwen/confidence_weight_helps"], columns(swapped))["verdict"] == "not_reproduced"


def test_a_filter_that_drops_all_alike_filters_out_no_noise(claims: dict[str, Claim]) -> None:
    claim = claims["original/qwen/same/balanced_filters_noise"]
    alike = several(QWEN, "same", [0.01, 0.5] * 20, 3) + several(QWEN, "same", [0.01, 0.5] * 5, 30)
    row = audit(claim, columns(alike))
    assert row["verdict"] == "not_reproduced"
    assert "20 of all 25 extremes are dropped" in row["note"]
    better = several(QWEN, "same", [0.01, 0.5] * 20, 3) + several(QWEN, "same", [0.5] * 20, 30)
    assert audit(claim, columns(better))["verdict"] == "reproduced"


def test_filters_are_judged_by_what_they_keep(claims: dict[str, Claim]) -> None:
    made = columns(several(QWEN, "same", [0.5, 0.5, 0.01, None], [5, 50, 500, 500]))
    assert audit(claims["original/qwen/balanced_keeps_enough"], made)["recomputed_value"] == pytest.approx(2 / 3)
    assert audit(claims["original/qwen/balanced_keeps_enough"], made)["verdict"] == "reproduced"
    assert audit(claims["original/qwen/conservative_keeps_few"], made)["verdict"] == "reproduced"
    assert audit(claims["original/qwen/balanced_keeps_some_noise"], made)["recomputed_value"] == 1


@pytest.mark.parametrize(
    ("rows", "claim_id", "why"),
    [
        ([], "original/qwen/same/low/n", "study original is not in this warehouse; import its four files"),
        (
            several(TINYLLAMA, "same", [0.5] * 9, 20, "popular"),
            "popular/qwen/mean",
            "study popular holds no same-family pairs of Qwen/Qwen2.5-0.5B here; import its files",
        ),
        (
            several(QWEN, "same", [0.5] * 9, 20),
            "popular/qwen/quality_improved",
            "study popular is not in this warehouse; import its files lineage_bottomk_text_same_*.csv",
        ),
        (
            several(QWEN, "same", [0.5, 0.6, 0.7], None, "popular"),
            "popular/qwen/spearman",
            "no downloads are known for the same-family pairs of Qwen/Qwen2.5-0.5B of study popular here",
        ),
        (several(QWEN, "same", [0.5], None), "original/qwen/same/low/mean", "no downloads are known"),
        (several(QWEN, "same", [0.5], 3), "original/high_official_teams", "nothing in the warehouse records"),
        (
            several(QWEN, "same", [0.5], 3, "popular"),
            "popular/qwen/model/sail/Sailor2-1B",
            "no pair of sail/Sailor2-1B is in study popular",
        ),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(claims: dict[str, Claim], rows, claim_id, why) -> None:
    row = audit(claims[claim_id], columns(rows))
    assert (row["verdict"], row["recomputed_value"]) == ("not_testable", None)
    assert why in row["note"]


def test_the_popular_qwen_figures_come_out_when_they_are_imported(claims: dict[str, Claim]) -> None:
    listed = [claim.derived_model_id for claim in claims.values() if claim.claim_id.startswith("popular/qwen/model/")]
    values = dict(zip((f"other/{place}" for place in range(19)), (*OTHERS, *MORE), strict=True))
    published = {claims[f"popular/qwen/model/{name}"].published_value: name for name in listed}
    values |= {published[overlap].upper(): overlap for overlap in LISTED}
    overlaps = [*LISTED, *OTHERS, *MORE]
    downloads = dict(zip(overlaps, np.random.default_rng(256).permutation(29) * 7 + 11, strict=True))
    rows = [
        pair(QWEN, name, "same", overlap, int(downloads[overlap]), study="popular") for name, overlap in values.items()
    ]
    rows += [pair(QWEN, f"failed/{place}", "same", None, 20, study="popular") for place in range(25)]
    made = columns(rows)
    own = {name: audit(claim, made) for name, claim in claims.items() if name.startswith("popular/qwen/")}
    testable = {name: row for name, row in own.items() if name != "popular/qwen/quality_improved"}
    missed = {name: row["note"] for name, row in testable.items() if row["verdict"] != "reproduced"}
    assert set(missed) == {"popular/qwen/most_modified_heavily"}  # 17 of 29 is no significant majority
    assert len(testable) == 37
    assert testable["popular/qwen/invalid_rate"]["recomputed_value"] == 25 / 54
    assert testable["popular/qwen/share_below_0.3"]["recomputed_value"] == 17 / 29


def test_the_audit_writes_a_row_a_claim_with_descriptions(made: Callable[..., Path]) -> None:
    path = made([*several(QWEN, "same", [0.5] * 9, 20), *several(QWEN, "different", [0.01] * 9, 20)])
    summary = audit_claims(path)
    with connect(path, read_only=True) as connection:
        ids = connection.sql("select claim_id from stats.claim_audit order by 1").fetchall()
        verdicts = dict(connection.sql("select verdict, count(*) from stats.claim_audit group by 1").fetchall())
        comments = dict(
            connection.sql(
                "select column_name, comment from duckdb_columns() where table_name = 'claim_audit'"
            ).fetchall()
        )
    assert [name for (name,) in ids] == sorted(row["claim_id"] for row in seed_rows())
    assert verdicts == summary.verdicts
    assert comments == dict(CLAIM_AUDIT.columns)
    assert summary.lines()[0].startswith(f"{len(ids)} published claims: ")
    assert any("study popular is not in this warehouse" in line for line in summary.lines())
    again = audit_claims(path)
    assert again == summary


def test_missing_marts_are_explained(warehouse_file: Path, made: Callable[..., Path]) -> None:
    with connect(warehouse_file):
        pass
    with pytest.raises(WarehouseError, match=r"dim_published_claims; run `modelkin build`"):
        audit_claims(warehouse_file)
    made([], [{name: value for name, value in seed_rows()[0].items() if name != "decimals"}])
    with pytest.raises(WarehouseError, match="lacks the column decimals"):
        audit_claims(warehouse_file)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"statistic": "average"}, "names the statistic average"),
        ({"statistic": "ratio_of_means"}, "second group"),
        ({"versus_study_id": "original"}, "second group"),
        ({"statistic": "share_below"}, "needs max_overlap"),
        ({"statistic": "share_below", "min_overlap": 0.1}, "needs max_overlap"),
        ({"comparator": ">="}, "comparator >="),
        ({"comparator": "between"}, "published_upper"),
        ({"decimals": None}, "decimals"),
        ({"comparator": "holds"}, "judges no sentence"),
        ({"statistic": "has_extremes"}, "gives no number"),
    ],
)
def test_a_claim_that_cannot_be_read_is_named(claims: dict[str, Claim], changes, why) -> None:
    claim = replace(claims["original/qwen/same/low/mean"], **changes)
    with pytest.raises(InputError, match=why) as raised:
        check(claim)
        audit(claim, columns(several(QWEN, "same", [0.5], 5)))
    assert "seeds/published_claims.csv" in str(raised.value)
    assert claim.claim_id in str(raised.value)


def test_every_statistic_of_the_registry_is_claimed_somewhere(claims: dict[str, Claim]) -> None:
    assert {claim.statistic for claim in claims.values()} == {*OF_ONE, *OF_RANGE, *OF_TWO}


def test_the_mart_and_the_seed_describe_what_the_audit_reads() -> None:
    seeds = yaml.safe_load((ROOT / "seeds" / "_claims_seeds.yml").read_text(encoding="utf-8"))["seeds"][0]
    marts = yaml.safe_load((ROOT / "models/marts/overlap/_claims__models.yml").read_text(encoding="utf-8"))["models"][0]
    read = {field.name for field in fields(Claim)}
    assert set(seed_rows()[0]) == read
    assert {column["name"] for column in seeds["columns"]} == set(seeds["config"]["column_types"]) == read
    assert {column["name"] for column in marts["columns"]} == {*read, "family_label"}
    assert {column["name"]: column["data_type"] for column in marts["columns"]}.items() >= seeds["config"][
        "column_types"
    ].items()
