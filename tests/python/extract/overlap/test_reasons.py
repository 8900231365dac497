"""When a model that failed is tried again."""

import pytest

from extract.overlap.reasons import Failure

GIB = 2**30


@pytest.mark.parametrize(
    ("failure", "memory_now", "is_final"),
    [
        (Failure("corrupt_weights"), 8 * GIB, True),
        (Failure("network"), 8 * GIB, False),
        (Failure("no_space"), 8 * GIB, False),
        (Failure("out_of_memory", 8 * GIB, GIB), 8 * GIB, True),
        (Failure("out_of_memory", 8 * GIB, GIB), 9 * GIB, True),
        (Failure("out_of_memory", 8 * GIB, GIB), 10 * GIB, False),
        (Failure("out_of_memory", 8 * GIB, 40 * GIB), 16 * GIB, True),
        (Failure("out_of_memory", 8 * GIB, 40 * GIB), 40 * GIB, False),
        (Failure("out_of_memory", 8 * GIB, None), 8 * GIB, True),
        (Failure("out_of_memory", 8 * GIB, GIB), None, False),
        (Failure("out_of_memory"), 8 * GIB, False),
        (Failure("odd_answer"), 8 * GIB, False),
        (Failure("odd_answer", n_runs=2), 8 * GIB, True),
        (Failure("damaged_file"), 8 * GIB, False),
        (Failure("damaged_file", n_runs=2), 8 * GIB, True),
    ],
)
def test_what_cannot_end_otherwise_is_not_tried_again(failure: Failure, memory_now: int | None, is_final: bool) -> None:
    assert failure.is_final((), lambda: memory_now) is is_final
    assert not failure.is_final({failure.reason}, lambda: memory_now), "unless the user asks"


def test_memory_is_asked_for_only_where_it_decides() -> None:
    def fail() -> int:
        raise AssertionError("this starts a process")

    assert Failure("corrupt_weights").is_final((), fail)
    assert not Failure("out_of_memory").is_final((), fail)
    assert not Failure("out_of_memory", GIB).is_final({"out_of_memory"}, fail)
