"""Plant events into a generated Hub of some weeks, and measure how many are found again.

Run as ``python -m bench.history [--weeks N] [--models N]``. The weekly dumps are loaded from one folder in two parts,
the later days first, and the marts of the history are built. Printed are precision and recall of each
kind of event, and how long loading and building took.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED: Final = 7
FIRST_DAY: Final = date(2024, 7, 24)
FOLDER: Final = Path("build/bench/history")
FAMILY_SIZE: Final = 20
PLANTED_ONE_IN: Final = 40
"""Of each kind of event, one is planted for this number of models."""
_POPULAR_RATE: Final = 200
_LEAST_SPIKE: Final = 3000
_RETURNING: Final = 0.5
_MOVED: Final = 0.5
_WEEKS_IN_30_DAYS: Final = 30 / 7
_CREATED: Final = datetime(2023, 1, 1, 12, 0, 1)
_WARM_UP: Final = 8
"""Weeks at the beginning and the end without events: what is usual is not known yet, and a return could not be seen."""

KINDS: Final = ("renamed", "renamed_likely", "deleted", "returned", "recounted", "stalled", "spiked")


@dataclass(frozen=True)
class Planted:
    """An event of one model, which a whole snapshot first shows in week ``week``."""

    model_id: str
    event: str
    week: int


@dataclass(frozen=True)
class Score:
    """How many events were planted, found, and both."""

    n_planted: int
    n_found: int
    n_right: int

    @property
    def precision(self) -> float:
        """The share of what was found that was planted; 1 where nothing was found."""
        return self.n_right / self.n_found if self.n_found else 1.0

    @property
    def recall(self) -> float:
        """The share of what was planted that was found; 1 where nothing was planted."""
        return self.n_right / self.n_planted if self.n_planted else 1.0


def plant(  # noqa: PLR0915 - one plan, told in order
    folder: Path, n_weeks: int, n_models: int, seed: int = SEED
) -> list[Planted]:
    """Write ``n_weeks`` weekly dumps into ``folder`` and return the events in them; the same numbers give the same.

    Not to be found: every family has a week in which all its members are downloaded twelve times more. Models whose
    Hub's id no dump tells are renamed, some to another owner, some with a new commit; as many are deleted in the week
    in which their owner adds another model, or in which a stranger's appears that was made in the same second.
    """
    chance, numbers = random.Random(seed), np.random.default_rng(seed)
    ids = np.array([f"lab-{n // FAMILY_SIZE}/model-{n}" for n in range(n_models)])
    roots = np.array([n - n % FAMILY_SIZE for n in range(n_models)])
    rates = numbers.lognormal(5, 2, n_models)
    weekly = numbers.poisson(rates[None, :] * numbers.lognormal(0, 0.3, (n_weeks, n_models))).astype(np.int64)
    for root in range(0, n_models, FAMILY_SIZE):
        weekly[chance.randrange(n_weeks), roots == root] *= 12
    counted, present, planted = weekly.copy(), np.ones((n_weeks, n_models), bool), []
    renamed_from = np.full(n_models, n_weeks)
    free = list(range(n_models))
    chance.shuffle(free)
    per_kind = max(n_models // PLANTED_ONE_IN, 1)
    # Nobody sees a counter stand still that would not have moved.
    popular = [n for n in free if rates[n] > _POPULAR_RATE][:per_kind]
    others = [n for n in free if n not in popular]
    kinds = [kind for kind in KINDS if kind not in {"returned", "stalled"}]
    picked = {kind: others[place * per_kind : (place + 1) * per_kind] for place, kind in enumerate(kinds)}
    picked["stalled"] = popular
    lost: list[tuple[int, int, float]] = []
    without_id = {*picked["renamed_likely"], *others[len(kinds) * per_kind :][: 2 * per_kind]}
    added: dict[int, tuple[int, bool]] = {}
    for n in sorted(without_id - {*picked["renamed_likely"]}):
        week = chance.randrange(_WARM_UP, n_weeks - _WARM_UP)
        planted.append(Planted(str(ids[n]), "deleted", week))
        present[week:, n] = False
        added[int(n)] = (week, chance.random() < _RETURNING)
    new_names: dict[int, str] = {}
    for kind, n in ((kind, n) for kind, models in picked.items() for n in models):
        week = chance.randrange(_WARM_UP, n_weeks - _WARM_UP)
        planted.append(Planted(str(ids[n]), kind, week))
        if kind in {"renamed", "renamed_likely"}:
            renamed_from[n] = week
            new_names[int(n)] = _new_name(str(ids[n]), chance)
        elif kind == "recounted":
            lost.append((week, n, chance.uniform(0.1, 0.5)))
        elif kind == "stalled":
            counted[week, n] = 0
        elif kind == "spiked":
            usual = int(np.median(weekly[:, n]))
            weekly[week, n] = counted[week, n] = max(usual * chance.randrange(30, 90), _LEAST_SPIKE)
        else:
            until = week + chance.randrange(1, 4) if chance.random() < _RETURNING else n_weeks
            present[week:until, n] = False
            planted += [Planted(str(ids[n]), "returned", until)] if until < n_weeks else []
    totals = np.cumsum(counted, axis=0) + 10 * weekly.mean(axis=0).astype(np.int64)[None, :]
    for week, n, share in lost:
        totals[week:, n] -= int(max(totals[week - 1, n] * share, counted[week, n] + 1))
    folder.mkdir(parents=True, exist_ok=True)
    for week in range(n_weeks):
        recent = weekly[max(week - 3, 0) : week + 1].sum(axis=0) * _WEEKS_IN_30_DAYS / min(week + 1, 4)
        here = np.flatnonzero(present[week])
        renamed = [week >= renamed_from[n] for n in here]
        rows: dict[str, list[Any]] = {
            "_id": [None if n in without_id else f"{n:024x}" for n in here],
            "id": [new_names[n] if is_new else str(ids[n]) for n, is_new in zip(here, renamed, strict=True)],
            "createdAt": [_CREATED + timedelta(seconds=977 * int(n)) for n in here],
            # Every second renamed model has changed since.
            "sha": [f"{n:039x}{is_new and n % 2:x}" for n, is_new in zip(here, renamed, strict=True)],
            "downloads": recent[here].astype(np.int64).tolist(),
            "downloadsAllTime": totals[week, here].tolist(),
            "tags": [[] if roots[n] == n else [f"base_model:finetune:{ids[roots[n]]}"] for n in here],
        }
        for n, (since, is_owners) in added.items():
            if week >= since:
                _add_newcomer(rows, str(ids[n]), n, week - since + 1, is_owners=is_owners)
        table = pa.table(rows)
        pq.write_table(table, folder / f"models-{_day(week)}.parquet", compression="zstd")
    return planted


def _add_newcomer(rows: dict[str, list[Any]], model_id: str, n: int, n_weeks: int, *, is_owners: bool) -> None:
    """Add a model that came when the model ``n`` went: its owner's, of another second, or a stranger's of the same."""
    owner = model_id.split("/", maxsplit=1)[0]
    added = {
        "_id": None,
        "id": f"{owner}/new-{n}" if is_owners else f"stranger-{n}/other",
        "createdAt": _CREATED + timedelta(seconds=977 * n + (7 if is_owners else 0)),
        "sha": f"{n:038x}ff",
        "downloads": 5,
        "downloadsAllTime": 5 * n_weeks,
        "tags": [],
    }
    for name, value in added.items():
        rows[name].append(value)


def _new_name(model_id: str, chance: random.Random) -> str:
    """Return another name of a model: of another owner, or of the same."""
    owner, name = model_id.split("/")
    return f"{owner}-moved/{name}" if chance.random() < _MOVED else f"{owner}/{name}-renamed"


def _day(week: int) -> date:
    return FIRST_DAY + timedelta(weeks=week)


def scores(warehouse: Path, planted: list[Planted]) -> Mapping[str, Score]:
    """Compare the events of the warehouse with those planted, each by its model and its day."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute("select event, model_id, noticed_on from marts.fct_hub_events").fetchall()
    return {
        kind: _score(
            {(one.model_id, _day(one.week)) for one in planted if one.event == kind},
            {(model_id, day) for event, model_id, day in found if event == kind},
        )
        for kind in KINDS
    }


def _score(planted: set[tuple[str, date]], found: set[tuple[str, date]]) -> Score:
    return Score(len(planted), len(found), len(planted & found))


def main() -> None:
    """Plant, load, build, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weeks", type=int, default=26, help="weekly dumps (default: 26)")
    parser.add_argument("--models", type=int, default=4000, help="models in each (default: 4000)")
    arguments = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    dumps, later = FOLDER / "dumps", FOLDER / "later"
    planted = plant(dumps, arguments.weeks, arguments.models)
    later.mkdir()
    for path in sorted(dumps.iterdir())[arguments.weeks // 2 :]:
        shutil.copy(path, later)
    warehouse = FOLDER / "history.duckdb"
    environment = {**os.environ, "MODELKIN_DB": str(warehouse), "MODELKIN_CACHE": str(FOLDER / "cache")}
    dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--log-level-file", "none"]
    places = ["--target-path", str(FOLDER / "target"), "--log-path", str(FOLDER / "logs")]
    steps = (
        ("load the later half", [sys.executable, "-m", "extract", "dump", str(later)]),
        ("load the whole folder", [sys.executable, "-m", "extract", "dump", str(dumps)]),
        ("build the events", [*dbt, "run", "--select", "+fct_hub_events", *places]),
    )
    for step, command in steps:
        started = time.monotonic()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        print(f"{step:<24} {time.monotonic() - started:6.1f} s")
        if step == "load the whole folder":
            n_rows = sum(pq.read_metadata(path).num_rows for path in dumps.iterdir())
            print(f"{warehouse.stat().st_size / n_rows:.0f} bytes of warehouse for each of {n_rows:,} rows of dumps")
    print(f"{'event':<16}{'planted':>8}{'found':>8}{'precision':>11}{'recall':>8}")
    for kind, score in scores(warehouse, planted).items():
        print(f"{kind:<16}{score.n_planted:>8}{score.n_found:>8}{score.precision:>11.3f}{score.recall:>8.3f}")


if __name__ == "__main__":
    main()
