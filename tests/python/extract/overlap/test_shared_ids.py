"""What sets share, counted at once, equals the definition, spelt out one k at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.overlap.shared_ids import SetComparer, grid

small_ids = st.integers(0, 40)
a_set = st.lists(small_ids, unique=True, max_size=24)


def naive_counts(base: list[int], other: list[int], bottom_k: int) -> list[int]:
    """Count at each k the ids in the first k of both sets, neither of which is longer than the other."""
    size = min(len(base), len(other))
    return [len(set(base[: min(k, size)]) & set(other[: min(k, size)])) for k in grid(bottom_k)]


def naive_gaps(base: list[int], other: list[int], bottom_k: int) -> int:
    """Sum the squared differences of the shared ids' ranks among themselves."""
    size = min(len(base), len(other), bottom_k)
    shared = set(base[:size]) & set(other[:size])
    in_base = [token for token in base[:size] if token in shared]
    in_other = [token for token in other[:size] if token in shared]
    return sum((in_base.index(token) - in_other.index(token)) ** 2 for token in shared)


@given(base=a_set, others=st.lists(a_set, min_size=1, max_size=4), bottom_k=st.integers(1, 40))
def test_counts_and_rank_gaps_are_those_of_the_definition(
    base: list[int], others: list[list[int]], bottom_k: int
) -> None:
    comparer = SetComparer()
    for size in {len(other) for other in others}:
        sets = [other for other in others if len(other) == size]
        array = np.array(sets, np.int32).reshape(len(sets), size)
        # Twice, since the comparer must leave nothing behind.
        for _ in range(2):
            shared = comparer.compare(np.array(base, np.int32), array, bottom_k)
            assert shared.counts.tolist() == [naive_counts(base, other, bottom_k) for other in sets]
            assert shared.squared_rank_gaps.tolist() == [naive_gaps(base, other, bottom_k) for other in sets]


@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1))
def test_sets_of_a_real_size_are_counted_alike(seed: int, share: float) -> None:
    generator = np.random.default_rng(seed)
    vocabulary = generator.permutation(5_000).astype(np.int32)
    base, kept = vocabulary[:300], round(300 * share)
    others = np.stack(
        [generator.permutation(np.concatenate([base[:kept], vocabulary[300 : 600 - kept]])) for _ in range(3)]
    )
    shared = SetComparer().compare(base, others, 300)
    pairs = [(base.tolist(), other.tolist()) for other in others]
    assert shared.counts.tolist() == [naive_counts(*pair, 300) for pair in pairs]
    assert shared.squared_rank_gaps.tolist() == [naive_gaps(*pair, 300) for pair in pairs]
    assert shared.counts[:, -1].tolist() == [kept] * 3


@pytest.mark.parametrize(
    ("bottom_k", "ks"),
    [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 4]), (2000, [*(2**n for n in range(11)), 2000])],
)
def test_the_grid_doubles_up_to_the_study_k(bottom_k: int, ks: list[int]) -> None:
    assert grid(bottom_k) == ks
