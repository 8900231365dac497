"""Correct the p values of one study, give each row its verdict, and count what cannot be tested."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from modelkin.corrections import benjamini_hochberg, holm
from reports.significance.outcomes import CI_LEVEL
from reports.significance.power import matched_n
from reports.significance.questions.drafts import ACROSS_FAMILIES, Draft, short, undoubted_scope
from reports.significance.verdicts import Evidence, IntervalRule, TestRule, decide

Row = dict[str, Any]

MOST_REASONS = 3
"""How many reasons a row that counts names, the most frequent first."""


def judge(study_id: str, drafts: Sequence[Draft]) -> list[Row]:
    """Return the rows of one study: each test that can be done with its verdict, and the others counted."""
    families = [(draft.correction_family, draft.family_label if draft.single_family else "") for draft in drafts]
    places: dict[tuple[str, str], list[int]] = {}
    for place, family in enumerate(families):
        places.setdefault(family, []).append(place)
    rows: list[Row] = [{}] * len(drafts)
    for members in places.values():
        p_values = [drafts[place].outcome.p_value for place in members]
        n_tests = sum(p_value is not None for p_value in p_values)
        corrected = zip(members, holm(p_values), benjamini_hochberg(p_values), strict=True)
        for place, p_holm, p_bh in corrected:
            rows[place] = _row(study_id, drafts[place], p_holm, p_bh, n_tests)
    _tell_of_doubts(rows)
    testable = [row for row in rows if row["verdict"] != "not_testable"]
    n_families = len({draft.family_label for draft in drafts} - {ACROSS_FAMILIES})
    return [*testable, *_counted(study_id, rows, n_families)]


def _row(study_id: str, draft: Draft, p_holm: float | None, p_bh: float | None, n_tests: int) -> Row:
    effect, outcome, rule, pooled = draft.effect, draft.outcome, draft.rule, draft.pooled
    floor = min(1.0, outcome.least_p * n_tests) if outcome.least_p > 0 else None
    is_narrow = isinstance(rule, IntervalRule)
    n = min(draft.n_a, draft.n_b) if is_narrow else matched_n(draft.n_a, draft.n_b)
    evidence = Evidence(
        effect,
        outcome.p_value,
        p_holm,
        n=draft.n_families if draft.is_over_families and draft.n_families is not None else n,
        smallest=min(draft.n_a, draft.n_b),
        least_holm=floor or 0.0,
    )
    verdict = decide(rule, evidence, why_not=draft.why_not)
    has_interval = effect.ci_low is not None or effect.ci_high is not None
    margin = rule.margin if isinstance(rule, TestRule) else None
    null = rule.null if isinstance(rule, TestRule) else rule.target if isinstance(rule, IntervalRule) else None
    return {
        "study_id": study_id,
        "family_label": draft.family_label,
        "test_id": draft.test_id,
        "question": draft.question,
        "scope": draft.scope,
        "group_a": draft.group_a,
        "group_b": draft.group_b,
        "test_name": outcome.test_name,
        "statistic": outcome.statistic,
        "p_value": outcome.p_value,
        "p_holm": p_holm,
        "p_bh": p_bh,
        "correction_family": draft.correction_family if outcome.p_value is not None else None,
        "effect_name": effect.effect_name,
        "effect_size": effect.value,
        "ci_low": effect.ci_low,
        "ci_high": effect.ci_high,
        "ci_level": CI_LEVEL if has_interval else None,
        "ci_method": effect.method if has_interval else None,
        "n_a": draft.n_a,
        "n_b": draft.n_b,
        "verdict": verdict.verdict,
        "note": f"{draft.fact} {verdict.reason}",
        "is_primary": draft.is_primary,
        "direction": None if null is None else rule.direction,  # type: ignore[union-attr]
        "null_value": null,
        "margin_low": margin[0] if margin else None,
        "margin_high": margin[1] if margin else None,
        "n_needed": rule.needed,
        "p_holm_floor": floor if outcome.p_value is not None else None,
        "n_families": draft.n_families,
        "tau_squared": pooled.tau_squared if pooled else None,
        "i_squared": pooled.i_squared if pooled else None,
        "q_statistic": pooled.q if pooled else None,
        "q_p_value": pooled.q_p_value if pooled else None,
        "prediction_low": pooled.predicted_low if pooled else None,
        "prediction_high": pooled.predicted_high if pooled else None,
    }


def _tell_of_doubts(rows: Sequence[Row]) -> None:
    """Add to the note of each primary row what becomes of it without disputed and suspect pairs."""
    by_place = {(row["family_label"], row["question"], row["scope"], row["test_name"]): row for row in rows}
    for row in rows:
        if not row["is_primary"]:
            continue
        place = (row["family_label"], row["question"], undoubted_scope(row["scope"]), row["test_name"])
        other = by_place.get(place)
        if other is None:
            row["note"] += " No pair of it is disputed or suspect."
        elif other["verdict"] == "not_testable":
            row["note"] += " Without disputed and suspect pairs it cannot be tested."
        else:
            interval = "" if other["ci_low"] is None else f" ({short(other['ci_low'])} to {short(other['ci_high'])})"
            row["note"] += (
                f" Without disputed and suspect pairs: {short(other['effect_size'])}{interval}, n {other['n_a']} and "
                f"{other['n_b']}, {other['verdict'].replace('_', ' ')}."
            )


def _counted(study_id: str, rows: Sequence[Row], n_families: int) -> Iterator[Row]:
    """Yield one row for each question some of whose tests cannot be done: how many, in how many families, and why."""
    for question in dict.fromkeys(row["question"] for row in rows):
        lost = [row for row in rows if row["question"] == question and row["verdict"] == "not_testable"]
        if not lost:
            continue
        primary = {row["family_label"] for row in lost if row["is_primary"]} - {ACROSS_FAMILIES}
        reasons = Counter(row["note"].split("Not testable: ")[1].split(".")[0] for row in lost)
        named = "; ".join(f"{count:,} times {why}" for why, count in reasons.most_common(MOST_REASONS))
        more = "; and other reasons" if len(reasons) > MOST_REASONS else ""
        answer = f"{len(primary)} of {n_families} families have no answer to this question. " if primary else ""
        yield {
            **dict.fromkeys(rows[0]),
            "study_id": study_id,
            "family_label": ACROSS_FAMILIES,
            "test_id": f"{question}/not_testable",
            "question": question,
            "scope": "not_testable",
            "group_a": "families without an answer",
            "group_b": "families",
            "test_name": "count",
            "effect_name": "n_not_testable",
            "effect_size": float(len(lost)),
            "n_a": len(primary),
            "n_b": n_families,
            "verdict": "not_testable",
            "is_primary": False,
            "note": f"Not testable: {len(lost):,} tests. {answer}Why: {named}{more}.",
        }
