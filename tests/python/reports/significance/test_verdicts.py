"""Verdicts by their rules, and that none contradicts its own row, whatever the row."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.significance import power
from reports.significance.judging import judge
from reports.significance.outcomes import Effect, Outcome
from reports.significance.questions.drafts import ACROSS_FAMILIES, Draft
from reports.significance.verdicts import EnoughRule, Evidence, IntervalRule, Rule, TestRule, decide
from tests.python.reports.significance.consistency import contradiction

MARGIN = (-0.2, 0.2)
ABOVE, EITHER = TestRule(0.0, "above", 26, "it", MARGIN), TestRule(0.0, "either", 26, "it", MARGIN)
UP, DOWN, WIDE = Effect("d", 0.9, 0.4, 1.4), Effect("d", -0.9, -1.4, -0.4), Effect("d", 0.9, -0.1, 1.9)
NONE, SMALL = Effect("d", 0.0, -0.1, 0.1), Effect("d", 0.1, 0.05, 0.15)


@pytest.mark.parametrize(
    ("rule", "effect", "p", "p_holm", "n", "verdict"),
    [
        (ABOVE, UP, 0.001, 0.01, 30, "supported"),
        (ABOVE, UP, 0.001, 0.01, 6, "supported"),
        (ABOVE, SMALL, 0.001, 0.01, 900, "supported"),
        (EITHER, DOWN, 0.001, 0.01, 30, "supported"),
        (ABOVE, DOWN, 0.001, 0.01, 30, "contradicted"),
        (ABOVE, DOWN, 0.03, 0.6, 30, "not_settled"),
        (ABOVE, WIDE, 0.001, 0.01, 30, "not_settled"),
        (ABOVE, UP, 0.03, 0.6, 130, "not_settled"),
        (ABOVE, UP, 0.03, 0.6, 20, "underpowered"),
        (ABOVE, WIDE, 0.4, 1.0, 30, "not_settled"),
        (ABOVE, WIDE, 0.4, 1.0, 20, "underpowered"),
        (ABOVE, NONE, 0.9, 1.0, 900, "no_difference"),
        (ABOVE, NONE, 0.9, 1.0, 20, "no_difference"),
        (ABOVE, UP, 0.001, 0.01, 4, "underpowered"),
        (ABOVE, UP, None, None, 30, "not_testable"),
    ],
)
def test_verdicts_by_test(*, rule: Rule, effect: Effect, p: float, p_holm: float, n: int, verdict: str) -> None:
    assert decide(rule, Evidence.of_groups(effect, p, p_holm, n, n)).verdict == verdict


def test_significant_alone_among_many_pairs_is_not_too_few_pairs() -> None:
    verdict = decide(ABOVE, Evidence.of_groups(UP, 0.003, 0.3, 134, 122))
    assert (verdict.verdict, "Significant alone" in verdict.reason) == ("not_settled", True)


def test_underpowered_says_what_it_needs() -> None:
    verdict = decide(ABOVE, Evidence.of_groups(WIDE, 0.4, 1.0, 8, 12))
    assert verdict.reason.endswith("it needs 26 pairs in each group. There are 9.6.")


def test_a_test_that_could_not_become_significant_is_underpowered_at_any_n() -> None:
    verdict = decide(ABOVE, Evidence.of_groups(UP, 0.0001, 0.08, 30, 30, least_holm=0.08))
    assert (verdict.verdict, "even the clearest result" in verdict.reason) == ("underpowered", True)


@pytest.mark.parametrize(
    ("rule", "low", "high", "n", "verdict"),
    [
        (IntervalRule(0.9, "above", 22), 0.92, 1.0, 30, "supported"),
        (IntervalRule(0.9, "above", 22), 0.80, 0.95, 30, "not_settled"),
        (IntervalRule(0.9, "above", 22), 0.70, 0.95, 10, "underpowered"),
        (IntervalRule(0.9, "above", 22), 0.70, 0.85, 30, "contradicted"),
        (IntervalRule(0.05, "below", 19), 0.0, 0.04, 30, "supported"),
        (IntervalRule(0.05, "below", 19), 0.06, 0.2, 30, "contradicted"),
        (IntervalRule(0.9, "above", 22), 0.92, 1.0, 3, "underpowered"),
        (IntervalRule(0.9, "above", 100, "too coarse"), 0.92, 1.0, 30, "underpowered"),
        (IntervalRule(0.9, "above", 22), None, None, 30, "not_testable"),
    ],
)
def test_verdicts_by_interval(*, rule: Rule, low: float, high: float, n: int, verdict: str) -> None:
    effect = Effect("auc", 0.9, low, high)
    assert decide(rule, Evidence(effect, None, None, n, n)).verdict == verdict


def test_verdicts_on_enough_pairs_and_on_reasons() -> None:
    nothing = Evidence.of_groups(Effect("n", None), None, None, 1, 1)
    for needed, name in ((20, "supported"), (30, "underpowered"), (None, "not_testable")):
        assert decide(EnoughRule(needed, 25), nothing).verdict == name
    verdict = decide(ABOVE, Evidence.of_groups(UP, 0.1, 0.1, 9, 9), why_not="there is nothing")
    assert (verdict.verdict, verdict.reason) == ("not_testable", "Not testable: there is nothing.")


numbers = st.floats(-1, 3, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def drafts(draw: st.DrawFn, place: int) -> Draft:
    """Draw a draft with any p, any effect with an interval that holds it, any n, and any of the rules."""
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    is_tested = draw(st.booleans())
    p_value = draw(st.sampled_from([0.0, 1e-30, 1e-6, 0.004, 0.03, 0.05, 0.2, 1.0])) if is_tested else None
    least = draw(st.sampled_from([0.0, 1e-4, 0.04]))
    has_interval = draw(st.booleans()) or not is_tested
    target = draw(st.sampled_from([0.0, 0.9, 1.0]))
    needed = draw(st.sampled_from([6, 26, 400]))
    rule: Rule = IntervalRule(target, draw(st.sampled_from(["above", "below"])), needed)
    if is_tested:
        margin = draw(st.sampled_from([None, (target - 0.2, target + 0.2)]))
        rule = TestRule(target, draw(st.sampled_from(["above", "either"])), needed, "it", margin)
    return Draft(
        family_label="f",
        test_id=f"q/all/{place}",
        question="q",
        scope="all",
        group_a="a",
        group_b="b",
        outcome=Outcome(f"t{place % 2}", 1.0, p_value, least_p=min(least, p_value or 0.0)),
        effect=Effect("d", value, low, high) if has_interval else Effect("d", value),
        n_a=draw(st.integers(1, 900)),
        n_b=draw(st.integers(1, 900)),
        rule=rule,
        fact="It is so.",
        is_primary=draw(st.booleans()),
    )


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 12).flatmap(lambda n: st.tuples(*(drafts(place) for place in range(n)))))
def test_no_verdict_contradicts_its_own_row(drawn: tuple[Draft, ...]) -> None:
    rows = judge("s", drawn)
    assert len(rows) == len(drawn)
    assert [found for row in rows if (found := contradiction(row))] == []


def test_what_cannot_be_tested_is_counted_once() -> None:
    def untestable(label: str, place: int, why: str) -> Draft:
        return Draft(
            label, f"q/all/{place}", "q", "all", "a", "b", Outcome("t", None, None, why), Effect("d", None), 0, 9,
            EnoughRule(3, 0), "It is so.", is_primary=place == 0,
        )  # fmt: skip

    rows = judge("s", [untestable(f"f{place % 4}", place // 4, f"reason {place % 2}") for place in range(12)])
    assert len(rows) == 1
    assert (rows[0]["family_label"], rows[0]["test_id"]) == (ACROSS_FAMILIES, "q/not_testable")
    assert (rows[0]["effect_size"], rows[0]["n_a"], rows[0]["n_b"]) == (12.0, 4, 4)
    assert "6 times reason 0; 6 times reason 1" in rows[0]["note"]
    assert power.ALPHA == 0.05
