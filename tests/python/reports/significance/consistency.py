"""What in a row of stats.significance_tests contradicts its own verdict, read from the row alone."""

from collections.abc import Mapping
from typing import Any

ALPHA = 0.05
SMALLEST_GROUP = 5


def contradiction(row: Mapping[str, Any]) -> str:
    """Return what contradicts the verdict; empty when nothing does."""
    if row["verdict"] == "not_testable":
        return "" if row["p_value"] is None else "a test with a p is called not testable"
    if row["question"] == "power":
        return _of_counts(row)
    if min(row["n_a"], row["n_b"]) < SMALLEST_GROUP:
        return "" if row["verdict"] == "underpowered" else "a verdict on a group of fewer than five"
    return _of_interval(row) if row["p_value"] is None else _of_test(row)


def _of_counts(row: Mapping[str, Any]) -> str:
    return "" if row["verdict"] in ("supported", "underpowered") else "a count of pairs can only be enough or not"


def _enough(row: Mapping[str, Any]) -> bool:
    """Tell whether there is as much as the row says that it needs."""
    a, b = row["n_a"], row["n_b"]
    if row["n_families"] is not None:
        return row["n_families"] >= row["n_needed"]
    return (2 * a * b / (a + b) if row["p_value"] is not None else min(a, b)) >= row["n_needed"]


def _of_interval(row: Mapping[str, Any]) -> str:
    low, high, target, verdict = row["ci_low"], row["ci_high"], row["null_value"], row["verdict"]
    is_above = row["direction"] == "above"
    beyond, short = (low >= target, high < target) if is_above else (high <= target, low > target)
    wrong = {
        "supported": not beyond,
        "contradicted": not short,
        "not_settled": beyond or short or not _enough(row),
        "underpowered": _enough(row),
    }.get(verdict, True)
    return f"{verdict}, but the interval is {low} to {high} and the target {target}" if wrong else ""


def _of_test(row: Mapping[str, Any]) -> str:
    low, high, null, verdict = row["ci_low"], row["ci_high"], row["null_value"], row["verdict"]
    has_interval = low is not None and high is not None
    holds_null = has_interval and low <= null <= high
    is_significant = row["p_holm"] <= ALPHA
    is_other_way = row["direction"] == "above" and row["effect_size"] <= null
    has_margin = has_interval and row["margin_low"] is not None
    is_within = has_margin and row["margin_low"] <= low and high <= row["margin_high"]
    is_open = not is_significant and not is_within
    is_floored = (row["p_holm_floor"] or 0) > ALPHA
    wrong = {
        "supported": not is_significant or holds_null or is_other_way,
        "contradicted": not is_significant or holds_null or not is_other_way,
        "no_difference": is_significant or not is_within,
        "not_settled": not (is_significant and holds_null) and not (is_open and _enough(row) and not is_floored),
        "underpowered": not is_open or (_enough(row) and not is_floored),
    }.get(verdict, True)
    return (
        f"{verdict}, but p_holm {row['p_holm']}, effect {row['effect_size']} in {low} to {high}, null {null}, n "
        f"{row['n_a']} and {row['n_b']} of {row['n_needed']}"
        if wrong
        else ""
    )
