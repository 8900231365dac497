"""Which models are sketched: those that were named, or the warehouse's, at the commit at which they were observed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extract.hub.client import endpoint_label
from extract.overlap.options import distinct
from extract.overlap.targets import Target, descendants, observed_models
from extract.weights.failures import DOUBTFUL, TRANSIENT
from extract.weights.options import Options
from modelkin.errors import InputError
from modelkin.warehouse import connect, ensure_raw

_SKETCHED: Final = """
    select lower(weight_files.model_id), weight_files.sha, list(distinct weight_files.failure_reason)
    from raw.weight_files
    inner join raw.extract_runs
        on weight_files.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    group by lower(weight_files.model_id), weight_files.sha, weight_files.run_id, extract_runs.started_at
    order by extract_runs.started_at, weight_files.run_id
"""


@dataclass(frozen=True)
class Selection:
    """The models of one run."""

    n_models: int
    waiting: tuple[Target, ...]
    """Those that are not done yet."""

    @property
    def n_done_before(self) -> int:
        """How many were read by earlier runs, or failed for good."""
        return self.n_models - len(self.waiting)


def select(options: Options, path: Path) -> Selection:
    """Return the models that the options name, the most downloaded first where they are the warehouse's.

    Raises InputError where the warehouse knows none of them.
    """
    targets = _targets(options, path)
    done = _done(options, path)
    waiting = [target for target in targets if not done.get((target.key, target.sha), False)]
    # Those that failed before come last, so that they cannot keep the others from being read.
    waiting.sort(key=lambda target: (target.key, target.sha) in done)
    return Selection(len(targets), tuple(waiting))


def _targets(options: Options, path: Path) -> list[Target]:
    observed = observed_models(path, endpoint_label())
    if options.models:
        named = distinct(options.models)[: options.limit]
        known = [observed.get(model_id.lower()) for model_id in named]
        return [
            Target(model_id, None) if one is None else Target(one.model_id, one.sha)
            for model_id, one in zip(named, known, strict=True)
        ]
    bases = distinct(options.base_models)
    if bases:
        first = [Target(model_id, None) for model_id in bases if model_id.lower() not in observed]
        keys = [base.lower() for base in bases if base.lower() in observed]
        keys += [target.key for target in descendants(observed, bases)]
    else:
        first, keys = [], list(observed)
    if not first and not keys:
        raise InputError("The warehouse knows no model; run `modelkin extract hub` first, or name one with --model.")
    wanted = [observed[key] for key in keys]
    if options.min_downloads is not None:
        wanted = [one for one in wanted if (one.downloads or 0) >= options.min_downloads]
    wanted.sort(key=lambda one: -(one.downloads or 0))
    return [*first, *(Target(one.model_id, one.sha) for one in wanted)][: options.limit]


def _done(options: Options, path: Path) -> dict[tuple[str, str | None], bool]:
    """Return whether a model needs no reading at a commit, and at any commit (None), by its latest run."""
    if not path.exists():
        return {}
    with connect(path) as connection:
        ensure_raw(connection)
        rows = connection.execute(_SKETCHED).fetchall()
    return finished(rows, options.retry)


def finished(
    rows: Iterable[tuple[str, str | None, Sequence[str | None]]], retry: Collection[str]
) -> dict[tuple[str, str | None], bool]:
    """Return whether a model needs no reading at a commit, and at any (None), from (model, commit, reasons) by run."""
    done: dict[tuple[str, str | None], bool] = {}
    doubtful: dict[tuple[str, str | None], set[str | None]] = {}
    for key, sha, reasons in rows:
        # Met for the first time, such a reason may still be of the way to the Hub.
        doubts = set(reasons) & DOUBTFUL
        is_doubted = bool(doubts - doubtful.get((key, sha), set()))
        doubtful[key, sha] = doubts
        is_final = not (is_doubted or set(reasons) & TRANSIENT.union(retry))
        done[key, sha] = is_final
        # A model whose commit the warehouse does not know is not read again for each new one.
        done[key, None] = is_final
    return done
