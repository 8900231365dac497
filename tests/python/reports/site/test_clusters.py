from itertools import permutations

from reports.site.clusters import clustered


def rows(alike: set[frozenset[str]], names: str) -> list[dict[str, object]]:
    return [
        {
            "base_model_id": first,
            "derived_model_id": second,
            "overlap_ratio": 0.9 if frozenset((first, second)) in alike else 0.01,
        }
        for first, second in permutations(names, 2)
    ]


def test_models_that_are_alike_stand_together() -> None:
    alike = {frozenset(pair) for pair in ("ad", "be", "cf")}
    names, cells = clustered(rows(alike, "abcdef"), (0.05, 0.5), 10)
    assert sorted(names) == list("abcdef")
    assert {frozenset(names[at : at + 2]) for at in (0, 2, 4)} == alike
    for down, row in enumerate(cells):
        for across, cell in enumerate(row):
            is_dark = down == across or frozenset((names[down], names[across])) in alike
            assert cell == (2 if is_dark else 0)


def test_both_directions_are_averaged_and_a_pair_never_measured_is_empty() -> None:
    both = [
        {"base_model_id": "a", "derived_model_id": "b", "overlap_ratio": 0.2},
        {"base_model_id": "b", "derived_model_id": "a", "overlap_ratio": 0.6},
        {"base_model_id": "a", "derived_model_id": "c", "overlap_ratio": 0.0},
    ]
    names, cells = clustered(both, (0.3, 0.5), 10)
    place = {name: at for at, name in enumerate(names)}
    assert cells[place["a"]][place["b"]] == cells[place["b"]][place["a"]] == 1
    assert cells[place["b"]][place["c"]] == 0


def test_a_larger_matrix_is_cut() -> None:
    names, cells = clustered(rows(set(), "abcdef"), (0.05,), 4)
    assert len(names) == len(cells) == 4
