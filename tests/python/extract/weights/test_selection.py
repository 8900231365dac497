"""Which models are read again: those whose failure may pass."""

import pytest

from extract.weights.selection import finished


@pytest.mark.parametrize(
    ("runs", "is_finished"),
    [
        ([[None]], True),
        ([["bad_header", None]], True),
        ([["network"]], False),
        ([["network"], [None]], True),
        ([["odd_answer"]], False),
        ([["odd_answer"], ["odd_answer"]], True),
        ([["odd_answer"], ["network"]], False),
        ([["odd_answer"], [None], ["odd_answer"]], False),
        ([["odd_answer"], ["odd_answer", "network"]], False),
    ],
)
def test_what_cannot_end_otherwise_is_not_read_again(runs: list[list[str | None]], is_finished: bool) -> None:
    rows = [("a/b", "c0ffee1", reasons) for reasons in runs]
    assert finished(rows, ()) == {("a/b", "c0ffee1"): is_finished, ("a/b", None): is_finished}


def test_a_reason_that_the_user_names_is_tried_again() -> None:
    assert finished([("a/b", "c0ffee1", ["bad_header"])], {"bad_header"})["a/b", "c0ffee1"] is False
