import pytest

from reports.site.findings import FINDINGS, finding
from reports.site.queries import Result


def row(
    verdict: str,
    undoubted: str | None = None,
    *,
    family: str = "f",
    is_over: bool = False,
    effect: float | None = 0.5,
) -> dict[str, object]:
    return {
        "undoubted_verdict": undoubted,
        "headline": "downloads",
        "verdict": verdict,
        "family_label": family,
        "is_over_families": is_over,
        "effect_size": effect,
    }


@pytest.mark.parametrize(
    ("rows", "verdict", "badge"),
    [
        ([row("supported"), row("supported")], "supported", "supported"),
        ([row("supported"), row("underpowered")], "partly", "not_settled"),
        ([row("supported"), row("contradicted")], "open", "not_settled"),
        ([row("underpowered"), row("underpowered")], "underpowered", "underpowered"),
        (
            [row("supported"), row("no_difference", family="all families", is_over=True)],
            "no_difference",
            "no_difference",
        ),
        ([row("not_testable", effect=None)], "open", "not_settled"),
        ([], "open", "not_settled"),
    ],
)
def test_the_verdict_over_families_is_the_pooled_one_else_what_all_agree_on(rows, verdict: str, badge: str) -> None:
    found = finding("downloads", Result("headlines", "", tuple(rows)))
    assert (found.verdict, found.badge) == (verdict, badge)
    assert found.words == FINDINGS["downloads"][verdict]


@pytest.mark.parametrize(
    ("rows", "undoubted"),
    [
        ([row("supported"), row("supported", "supported")], None),
        ([row("supported", "underpowered"), row("supported", "underpowered")], "underpowered"),
        ([row("supported", "no_difference"), row("supported")], "partly"),
        ([row("supported", "not_testable")], "open"),
        (
            [row("supported", "contradicted"), row("supported", "supported", family="all families", is_over=True)],
            None,
        ),
    ],
)
def test_what_turns_without_the_pairs_in_doubt_is_said(rows, undoubted: str | None) -> None:
    found = finding("downloads", Result("headlines", "", tuple(rows)))
    assert found.words_undoubted == (FINDINGS["downloads"][undoubted] if undoubted else "")
