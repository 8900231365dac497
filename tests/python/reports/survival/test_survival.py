"""Survival by Kaplan-Meier: against another implementation, and from marts with a case of each kind."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from reports.survival.curves import survival_at
from reports.survival.runner import write_survival


def test_it_is_what_statsmodels_gives() -> None:
    numbers = np.random.default_rng(3)
    durations = np.ceil(numbers.exponential(200, 500))
    has_happened = numbers.random(500) < 0.6
    other = SurvfuncRight(durations, has_happened)
    points = survival_at(durations, has_happened)
    assert [point.days for point in points] == [
        days for days in (7, 30, 90, 180, 365, 730, 1095) if days <= max(durations)
    ]
    for point in points:
        place = np.searchsorted(other.surv_times, point.days, side="right") - 1
        assert point.survival == pytest.approx(other.surv_prob[place])
        error = other.surv_prob_se[place] / (other.surv_prob[place] * -np.log(other.surv_prob[place]))
        ends = sorted(other.surv_prob[place] ** np.exp(sign * 1.959964 * error) for sign in (-1, 1))
        assert [point.ci_low, point.ci_high] == pytest.approx(ends, rel=1e-4)
        assert point.n_at_risk == (durations >= point.days).sum()


def test_nothing_happened_and_nobody_there() -> None:
    [point] = survival_at(np.array([8.0, 9.0]), np.array([False, False]))
    assert (point.days, point.survival, point.ci_low) == (7, 1.0, None)
    assert survival_at(np.array([]), np.array([], dtype=bool)) == []


MARTS = """
    create schema marts;
    create table marts.dim_models as select * from (values
        ('base', 'base', true, timestamp '2024-01-01 10:00:00', false, date '2024-01-01', date '2024-12-31'),
        ('gone', 'finetune', true, timestamp '2024-01-21 10:00:00', false, date '2024-01-22', date '2024-02-01'),
        ('back', 'quantized', true, timestamp '2024-03-01 10:00:00', false, date '2024-03-01', date '2024-12-31'),
        ('alone', 'base', true, timestamp '2024-11-01 00:00:00', false, date '2024-11-01', date '2024-12-31'),
        ('floored', 'base', true, timestamp '2022-03-02 23:29:04', true, date '2024-01-01', date '2024-12-31'),
        ('unseen', 'base', false, null, null, null, null)
    ) as t(model_id, model_type, is_observed, created_at, is_created_at_floored, first_observed_on, last_observed_on);
    create table marts.fct_hub_events as select * from (values
        ('gone', 'deleted', date '2024-02-08', date '2024-02-01'),
        ('back', 'deleted', date '2024-04-08', date '2024-04-01'),
        ('back', 'returned', date '2024-04-15', date '2024-04-01')
    ) as t(model_id, event, noticed_on, previous_observed_on);
    create table marts.fct_lineage_edges as select * from (values
        ('base', 'gone', 'finetune'), ('base', 'back', 'quantized'), ('floored', 'back', 'merge')
    ) as t(parent_model_id, child_model_id, relation);
    create table marts.bridge_model_roots as
        select * from (values ('gone', 'base'), ('back', 'base')) as t(model_id, root_model_id);
"""


def test_who_is_followed_and_to_whom_it_happened(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(MARTS)
    assert write_survival(path)
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select subject, days, n, n_events, n_at_risk, round(survival, 3) from stats.survival order by all"
        ).fetchall()
    found = {(subject, days): rest for subject, days, *rest in rows}
    assert found["model", 7] == [5, 1, 5, 1.0]
    assert found["model", 30] == [5, 1, 4, 0.8]  # gone after 17 days; the one that returned was only away
    assert found["family", 30] == [1, 0, 1, 1.0]
    assert found["first_derivative", 7] == [
        2,
        1,
        2,
        1.0,
    ]  # no base that nobody saw
    assert found["first_derivative", 30] == [2, 1, 1, 0.5]  # the first child came after 20 days
    assert found["first_quantized", 30] == [2, 1, 2, 1.0]
    assert found["first_merge", 30] == [2, 0, 2, 1.0]


def test_a_warehouse_without_the_marts_has_none(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(path)).close()
    assert write_survival(path) == []
