"""The planted history is what it says: the same for the same numbers, with every event in the dumps."""

from pathlib import Path

import duckdb

from bench.history import FIRST_DAY, KINDS, _score, plant


def test_events_are_planted_into_the_dumps(tmp_path: Path) -> None:
    planted = plant(tmp_path / "one", 20, 200)
    assert {one.event for one in planted} == set(KINDS)
    assert plant(tmp_path / "two", 20, 200) == planted
    days = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert (len(days), days[0]) == (20, "models-2024-07-24.parquet")
    for one in planted:
        before, after = (tmp_path / "one" / days[week] for week in (one.week - 1, one.week))
        with duckdb.connect() as connection:
            counted = [
                connection.execute(
                    "select downloadsAllTime from read_parquet(?) where id = ?", [str(path), one.model_id]
                ).fetchall()
                for path in (before, after)
            ]
        was_here, is_here = (bool(rows) for rows in counted)
        assert (was_here, is_here) == {
            "renamed": (True, False), "renamed_likely": (True, False),
            "deleted": (True, False), "returned": (False, True),
        }.get(one.event, (True, True))  # fmt: skip
        if was_here and is_here:
            grown = counted[1][0][0] - counted[0][0][0]
            assert (grown < 0, grown == 0) == (one.event == "recounted", one.event == "stalled")


def test_precision_and_recall() -> None:
    day = FIRST_DAY
    score = _score({("a", day), ("b", day)}, {("a", day), ("c", day), ("d", day), ("e", day)})
    assert (score.precision, score.recall) == (0.25, 0.5)
    assert (_score(set(), set()).precision, _score(set(), set()).recall) == (1.0, 1.0)
