"""The command ``overlap``: plan what is left to measure, measure it model by model, load it in one transaction.

Every finished piece lies in the spool, so a run that is interrupted, or killed, is taken up where
it was. A model is loaded at most twice: a base once to write its prompts and answer them, and
every model once to answer all the prompt sets that it has not answered.
"""

import json
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pyarrow as pa
from huggingface_hub.utils import disable_progress_bars

from extract.hub.client import endpoint, endpoint_label
from extract.overlap.child import Child, memory_default
from extract.overlap.pieces import Pieces
from extract.overlap.reasons import REASONS, TRANSIENT, MeasurementFailed
from extract.overlap.recipe import PromptSet, Recipe
from extract.overlap.repository import Choice, Fetched, Hub, ModelTypes, Repo, check_tokenizer
from extract.overlap.targets import Observed, Target, descendants, observed_models, unobserved_parents
from modelkin.errors import HubError, InputError, UsageError
from modelkin.folders import cache_root
from modelkin.model_ids import model_id_problem
from modelkin.progress import duration
from modelkin.spool import Spool
from modelkin.warehouse import connect, ensure_raw, load, warehouse_path

MINIHUB_LABEL: Final = "minihub"
DEVICES: Final = ("auto", "cpu", "cuda", "mps")
DTYPES: Final = ("auto", "float32", "bfloat16", "float16", "own")

FETCH_AHEAD: Final = 3
"""So many models are fetched while one is measured."""

UNREACHABLE_MODELS: Final = 5
"""After so many failures of the network in a row the rest is left for another run."""

PLANNED_BYTES_PER_SECOND: Final = 20e6
"""What a plan assumes for fetching and loading together; recorded runs tell how many times longer it takes here."""

PLANNED_SECONDS_PER_MODEL: Final = 2.0
_STUDY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}", re.ASCII)
_GIB: Final = 2**30


@dataclass(frozen=True)
class Options:
    """What the command was asked for."""

    base_models: tuple[str, ...]
    derived: tuple[str, ...] = ()
    study: str | None = None
    bottom_k: int = 2000
    prompts: int = 5
    seed: int = 0
    device: str = "auto"
    dtype: str = "auto"
    batch_size: int = 16
    retry: frozenset[str] = frozenset()
    timeout: float = 1800.0
    memory_gb: float | None = None
    cache_gb: float = 50.0

    def check(self) -> None:
        """Raise UsageError when something asked for makes no sense."""
        if not self.base_models:
            raise UsageError("Name at least one model with --base-model, or a list of them with --matrix.")
        for model_id in (*self.base_models, *self.derived):
            if (problem := model_id_problem(model_id)) is not None:
                raise UsageError(f"{problem[0].upper()}{problem[1:]}; model ids look like Qwen/Qwen2.5-0.5B.")
        for name, value, low in (
            ("--bottom-k", self.bottom_k, 1),
            ("--prompts", self.prompts, 1),
            ("--seed", self.seed, 0),
            ("--batch-size", self.batch_size, 1),
        ):
            if value < low:
                raise UsageError(f"{name} must be {low} or more, not {value}.")
        for name, number in (
            ("--timeout", self.timeout),
            ("--memory-gb", self.memory_gb),
            ("--cache-gb", self.cache_gb),
        ):
            if number is not None and not number > 0:
                raise UsageError(f"{name} must be more than 0, not {number}.")
        for name, word, allowed in (("--device", self.device, DEVICES), ("--dtype", self.dtype, DTYPES)):
            if word not in allowed:
                raise UsageError(f"{name} must be one of {', '.join(allowed)}, not {word!r}.")
        for reason in sorted(self.retry - REASONS.keys()):
            raise UsageError(f"--retry {reason!r} is no reason; the reasons are {', '.join(REASONS)}.")
        if not _STUDY.fullmatch(self.study_id):
            raise UsageError(f"--study {self.study_id!r} must be letters, digits, '-', '_' and '.' (at most 100).")

    @property
    def study_id(self) -> str:
        """The study that the measurements belong to: ``minihub`` on the miniature Hub, else ``hub``, unless named."""
        return self.study or (MINIHUB_LABEL if endpoint_label() == MINIHUB_LABEL else "hub")


@dataclass
class Summary:
    """What a run did."""

    run_id: str | None = None
    n_models: int = 0
    n_measured: int = 0
    n_failed: int = 0
    n_done_before: int = 0
    n_left: int = 0
    """Models not tried, since the Hub could not be reached."""
    n_rows: int = 0
    seconds: float = 0.0
    prompt_sets: list[str] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    base_failures: dict[str, str] = field(default_factory=dict)
    is_interrupted: bool = False

    def text(self) -> str:
        """Return the summary as one line."""
        failures = ", ".join(f"{count} {reason}" for reason, count in sorted(self.failures.items()))
        done = f"{self.n_measured:,} measured, {self.n_failed:,} failed{f' ({failures})' if failures else ''}"
        written = f"{_count(self.n_rows, 'row')} (run {self.run_id})" if self.run_id else "nothing new to write"
        return f"{_count(self.n_models, 'model')}: {done}, {self.n_done_before:,} done before; {written}."

    def as_json(self) -> str:
        """Return the summary as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Plan:
    """What a run would do."""

    n_models: int
    n_bases_to_write: int
    n_to_measure: int
    n_failing: int
    """Those that the Hub's answer already shows to fail, among those to measure."""
    n_bytes: int
    minutes: float
    basis: str
    """Where the minutes come from."""

    def text(self) -> str:
        """Return the plan as one line."""
        return (
            f"{_count(self.n_models, 'model')}: {self.n_bases_to_write:,} to write prompts, {self.n_to_measure:,} to "
            f"measure, of which {self.n_failing:,} will fail; {self.n_bytes / 1e9:,.2f} GB to fetch at most, "
            f"about {self.minutes:,.1f} minutes ({self.basis})."
        )

    def as_json(self) -> str:
        """Return the plan as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass
class _Timing:
    """How long a run took to fetch, load and ask so many models; what failed is not counted as a model."""

    models: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def add(self, fetched: Fetched) -> None:
        """Count one model."""
        self.models += 1
        self.bytes += fetched.size

    @staticmethod
    def assumed_seconds(models: int, n_bytes: int) -> float:
        """Return what is assumed for so many models and bytes where nothing was measured."""
        return n_bytes / PLANNED_BYTES_PER_SECOND + PLANNED_SECONDS_PER_MODEL * models


@dataclass
class _State:
    """What is known before anything is measured: bases, targets, and what the warehouse holds."""

    bases: list[Target]
    targets: list[Target]
    loaded: dict[tuple[str, str | None, str], tuple[str, str | None, str | None]]
    """(model, commit, prompt set) to (status, reason, dtype) of the latest complete run."""
    stored_prompts: dict[str, PromptSet]
    """Prompt sets in the warehouse, by the digest of their recipe."""
    current_prompts: dict[tuple[str, str], str]
    """(study, base) to the prompt set that was loaded last."""


class OverlapRun:
    """One run of the command."""

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        options.check()
        self.options = options
        self._say = say
        self._path = warehouse_path()
        self._pieces = Pieces(Spool.for_job("overlap", endpoint_label()))
        memory = int(options.memory_gb * _GIB) if options.memory_gb is not None else memory_default()
        self.child = Child(memory_bytes=memory)
        self._model_types: Future[ModelTypes] = Future()
        self._hub = Hub(endpoint(), cache_root() / "models", self._model_types.result)
        self.is_stopping = False
        self._timing = _Timing()

    # What is to be done.

    def _state(self) -> _State:
        observed = observed_models(self._path, endpoint_label())
        bases = [self._base(model_id, observed) for model_id in _distinct(self.options.base_models)]
        if self.options.derived:
            derived = [self._named(model_id, observed) for model_id in _distinct(self.options.derived)]
        else:
            derived = descendants(observed, [base.model_id for base in bases])
            if not derived and len(bases) == 1:
                raise InputError(
                    f"The warehouse knows no descendant of {bases[0].model_id}; list them first with "
                    f"`python -m extract hub --base-model {bases[0].model_id}`, or name models with --derived."
                )
            missing = unobserved_parents(observed, derived, [base.model_id for base in bases])
            derived += [Target(model_id, None) for model_id in missing if not self._exists(model_id)]
        keys = {base.key for base in bases}
        with ThreadPoolExecutor(FETCH_AHEAD) as pool:
            # Two names may be of one model, which was renamed.
            derived = list({target.key: target for target in pool.map(self._at_commit, derived)}.values())
        targets = [*bases, *(target for target in derived if target.key not in keys)]
        return self._with_loaded(bases, targets)

    def _base(self, model_id: str, observed: dict[str, Observed]) -> Target:
        known = self._named(model_id, observed)
        if known.sha is not None:
            return known
        try:
            repo = self._hub.repo(model_id, None)
        except MeasurementFailed as failure:
            raise HubError(
                f"The base model {model_id} cannot be used ({failure.reason}): {failure.detail}."
            ) from failure
        return Target(repo.model_id, repo.sha)

    def _named(self, model_id: str, observed: dict[str, Observed]) -> Target:
        known = observed.get(model_id.lower())
        return Target(known.model_id, known.sha) if known is not None else Target(model_id, None)

    def _at_commit(self, target: Target) -> Target:
        """Return the target at its newest commit where none is known; as it is where the Hub does not tell."""
        if target.sha is not None:
            return target
        try:
            repo = self._hub.repo(target.model_id, None)
        except MeasurementFailed:
            # Fetching it will meet the same failure, and record it.
            return target
        return Target(repo.model_id, repo.sha)

    def _exists(self, model_id: str) -> bool:
        try:
            self._hub.repo(model_id, None)
        except MeasurementFailed as failure:
            return failure.reason != "not_found"
        return True

    def _with_loaded(self, bases: list[Target], targets: list[Target]) -> _State:
        state = _State(bases, targets, {}, {}, {})
        if not self._path.exists():
            return state
        with connect(self._path) as connection:
            ensure_raw(connection)
            for key, sha, prompt_set_id, status, reason, dtype in connection.execute(_LOADED).fetchall():
                state.loaded[key, sha, prompt_set_id] = (status, reason, dtype)
            prompts = connection.sql(_PROMPTS).to_arrow_table()
        by_set: dict[str, list[dict[str, Any]]] = {}
        for row in prompts.to_pylist():
            by_set.setdefault(row["prompt_set_id"], []).append(row)
        for rows in by_set.values():
            prompt_set = PromptSet.from_table(pa.Table.from_pylist(rows))
            recipe = prompt_set.recipe
            state.stored_prompts[recipe.digest] = prompt_set
            state.current_prompts[recipe.study_id, recipe.base_model_id.lower()] = prompt_set.prompt_set_id
        return state

    def _recipe(self, base: Target) -> Recipe:
        return Recipe(
            base_model_id=base.model_id,
            base_sha=str(base.sha),
            study_id=self.options.study_id,
            bottom_k=self.options.bottom_k,
            prompt_count=self.options.prompts,
            seed=self.options.seed,
            dtype=self.options.dtype,
        )

    def _find_prompts(self, state: _State, base: Target) -> PromptSet | None:
        """Return a base's prompt set where it is known with the base's own answers to it."""
        digest = self._recipe(base).digest
        found = self._pieces.find_prompt_set(digest)
        if found is None and (stored := state.stored_prompts.get(digest)) is not None:
            self._pieces.put_prompt_set(stored)
            found = stored
        if found is None or self._outcome(state, base, found.prompt_set_id) is None:
            return None
        return found

    def _outcome(self, state: _State, target: Target, prompt_set_id: str) -> tuple[str, str | None] | None:
        """Return (status, reason) of what was measured before, in the spool or in the warehouse, or None."""
        found = self._pieces.fingerprint(target.model_id, target.sha, prompt_set_id, self.options.dtype)
        if found is not None:
            return str(found["status"][0]), found["failure_reason"][0].as_py()
        loaded = state.loaded.get((target.key, target.sha, prompt_set_id))
        if loaded is None:
            return None
        status, reason, dtype = loaded
        wanted = "float32" if self.options.dtype == "auto" else self.options.dtype
        return (status, reason) if status != "ok" or wanted in {dtype, "own"} else None

    def _is_done(self, state: _State, target: Target, prompt_set_id: str) -> bool:
        outcome = self._outcome(state, target, prompt_set_id)
        if outcome is None:
            return False
        status, reason = outcome
        return status == "ok" or not (reason in TRANSIENT or reason in self.options.retry)

    # Doing it.

    def run(self) -> Summary:
        """Measure what is left and load it; return what was done.

        Raises HubError when a base model does not exist or none could write prompts.
        """
        started = time.monotonic()
        disable_progress_bars()
        self._pieces.spool.sweep_unfinished()
        state = self._state()
        summary = Summary(n_models=len(state.targets))
        with self._interruptible():
            try:
                prompt_sets = self._prompt_sets(state, summary)
                self._measure(state, prompt_sets, summary)
                self._timing.seconds = round(time.monotonic() - started, 1)
            finally:
                self.child.stop()
            self._load(state, prompt_sets, summary)
        summary.is_interrupted = self.is_stopping
        summary.seconds = round(time.monotonic() - started, 3)
        return summary

    def plan(self) -> Plan:
        """Return what a run would do, from the lists of files that the Hub gives."""
        state = self._state()
        n_bases = sum(self._find_prompts(state, base) is None for base in state.bases)
        waiting = [target for target in state.targets if self._waits(state, target)]
        n_bytes = n_failing = 0
        with ThreadPoolExecutor(FETCH_AHEAD) as pool:
            for size in pool.map(self._planned_bytes, waiting):
                n_bytes += size or 0
                n_failing += size is None
        pace, basis = self._pace()
        seconds = pace * _Timing.assumed_seconds(len(waiting) + n_bases - n_failing, n_bytes)
        return Plan(len(state.targets), n_bases, len(waiting), n_failing, n_bytes, round(seconds / 60, 1), basis)

    def _pace(self) -> tuple[float, str]:
        """Return how many times the assumed seconds earlier runs took for what they measured, and a basis in words."""
        device = self.options.device
        timings: list[tuple[int, int, float]] = []
        if self._path.exists():
            with connect(self._path) as connection:
                ensure_raw(connection)
                timings = connection.execute(_TIMINGS, [device]).fetchall()
        assumed = sum(_Timing.assumed_seconds(models, n_bytes) for models, n_bytes, _ in timings)
        if not assumed:
            return 1.0, f"by assumed rates, since no run with --device {device} is recorded here"
        models, seconds = sum(timing[0] for timing in timings), sum(timing[2] for timing in timings)
        runs = _count(len(timings), "earlier run")
        return seconds / assumed, f"at the pace of {runs} with --device {device}: {models:,} models in {seconds:,.0f} s"

    def _waits(self, state: _State, target: Target) -> bool:
        for base in state.bases:
            found = self._find_prompts(state, base)
            if found is None or not self._is_done(state, target, found.prompt_set_id):
                return True
        return False

    def _planned_bytes(self, target: Target) -> int | None:
        try:
            repo, choice = self._hub.plan(target.model_id, target.sha)
            check_tokenizer(choice)
        except MeasurementFailed:
            return None
        return _bytes_of(repo, choice)

    def _prompt_sets(self, state: _State, summary: Summary) -> list[PromptSet]:
        """Return every base's prompt set, those that are missing written by their bases first."""
        missing = [base for base in state.bases if self._find_prompts(state, base) is None]
        if missing:
            self.child.start()
            self._say(f"Writing the prompts of {_count(len(missing), 'base model')}.")
        for base, fetched in self._fetched(missing):
            if self.is_stopping:
                break
            try:
                if isinstance(fetched, MeasurementFailed):
                    raise fetched
                request = self._request("prompts", base, fetched) | {"recipe": asdict(self._recipe(base))}
                self.child.ask(request, self.options.timeout)
                self._timing.add(fetched)
            except MeasurementFailed as failure:
                summary.base_failures[base.model_id] = str(failure)
                self._say(f"{base.model_id} writes no prompts: {failure}")
        found = [self._find_prompts(state, base) for base in state.bases]
        prompt_sets = [prompt_set for prompt_set in found if prompt_set is not None]
        self._restore_distributions(state, prompt_sets)
        if not prompt_sets and not self.is_stopping:
            told = "; ".join(f"{base} ({failure})" for base, failure in summary.base_failures.items())
            raise HubError(f"No base model could write prompts: {told}.")
        summary.prompt_sets = [prompt_set.prompt_set_id for prompt_set in prompt_sets]
        return prompt_sets

    def _restore_distributions(self, state: _State, prompt_sets: Sequence[PromptSet]) -> None:
        """Let bases answer their own prompts again where the cache has lost their distributions and models wait."""
        lost = {
            prompt_set.recipe.base_model_id.lower(): prompt_set
            for prompt_set in prompt_sets
            if self._pieces.distribution(prompt_set) is None
            and not all(self._is_done(state, target, prompt_set.prompt_set_id) for target in state.targets)
        }
        for base, fetched in self._fetched([base for base in state.bases if base.key in lost]):
            if self.is_stopping:
                break
            failure = self._measure_one(base, fetched, [lost[base.key]], is_recorded=False)
            if failure is not None:
                self._say(f"{base.model_id} cannot be loaded again ({failure}): divergences from it stay empty.")

    def _measure(self, state: _State, prompt_sets: Sequence[PromptSet], summary: Summary) -> None:
        """Let every model answer the prompt sets that it has not answered."""
        work: dict[str, list[PromptSet]] = {}
        for target in state.targets:
            left = [one for one in prompt_sets if not self._is_done(state, target, one.prompt_set_id)]
            if left:
                work[target.key] = left
        summary.n_done_before = len(state.targets) - len(work)
        waiting = [target for target in state.targets if target.key in work]
        if not waiting or self.is_stopping:
            return
        self.child.start()
        started = time.monotonic()
        n_unreachable = 0
        for index, (target, fetched) in enumerate(self._fetched(waiting), start=1):
            failure = self._measure_one(target, fetched, work[target.key])
            n_unreachable = n_unreachable + 1 if failure is not None and failure.reason == "network" else 0
            if failure is None:
                summary.n_measured += 1
            else:
                summary.n_failed += 1
                summary.failures[failure.reason] = summary.failures.get(failure.reason, 0) + 1
            result = "measured" if failure is None else f"{failure.reason} ({failure.detail})"
            self._say(_progress_line(index, len(waiting), target.model_id, result, time.monotonic() - started))
            if n_unreachable == UNREACHABLE_MODELS and index < len(waiting):
                summary.n_left = len(waiting) - index
                self._say(f"The Hub did not answer for {n_unreachable} models in a row; the rest is left.")
                break
            if self.is_stopping:
                break

    def _measure_one(
        self,
        target: Target,
        fetched: Fetched | MeasurementFailed,
        prompt_sets: Sequence[PromptSet],
        *,
        is_recorded: bool = True,
    ) -> MeasurementFailed | None:
        digest: str | None = None
        try:
            if isinstance(fetched, MeasurementFailed):
                raise fetched
            digest = fetched.weights_digest
            recipes = [prompt_set.recipe.digest for prompt_set in prompt_sets]
            request = self._request("measure", target, fetched) | {"recipes": recipes}
            self.child.ask(request, self.options.timeout)
            self._timing.add(fetched)
        except MeasurementFailed as failure:
            for prompt_set in prompt_sets if is_recorded else ():
                self._pieces.put_failed(
                    target.model_id,
                    target.sha,
                    prompt_set.prompt_set_id,
                    self.options.dtype,
                    failure=failure,
                    weights_digest=digest,
                )
            return failure
        return None

    def _request(self, operation: str, target: Target, fetched: Fetched) -> dict[str, Any]:
        return {
            "operation": operation,
            "spool": str(self._pieces.spool.folder.resolve()),
            "model_id": target.model_id,
            "sha": target.sha,
            "place": asdict(fetched.place),
            "weights_format": fetched.weights_format,
            "weights_digest": fetched.weights_digest,
            "device": self.options.device,
            "dtype": self.options.dtype,
            "batch_size": self.options.batch_size,
        }

    def _fetched(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Fetched | MeasurementFailed]]:
        """Yield the models in their order, the next ones being fetched meanwhile."""
        limit = int(self.options.cache_gb * _GIB)
        with ThreadPoolExecutor(FETCH_AHEAD) as pool:
            ahead: list[tuple[Target, Future[Fetched | MeasurementFailed]]] = []
            waiting = iter(targets)
            try:
                while True:
                    while len(ahead) < FETCH_AHEAD and (target := next(waiting, None)) is not None:
                        ahead.append((target, pool.submit(self._fetch, target)))
                    if not ahead:
                        return
                    self._learn_types()
                    target, future = ahead.pop(0)
                    yield target, future.result()
                    self._hub.trim(limit, [other.model_id for other, _ in ahead])
            finally:
                pool.shutdown(cancel_futures=True)

    def _learn_types(self) -> None:
        """Ask the child which model types it knows; whoever fetches meanwhile waits for the answer."""
        if self._model_types.done():
            return
        try:
            self._model_types.set_result(ModelTypes.from_hello(self.child.hello()))
        except MeasurementFailed as failure:
            error = InputError(
                f"The process that loads models cannot start ({failure.detail}); install the extra `models`."
            )
            self._model_types.set_exception(error)
            raise error from failure

    def _fetch(self, target: Target) -> Fetched | MeasurementFailed:
        try:
            return self._hub.fetch(target.model_id, target.sha)
        except MeasurementFailed as failure:
            return failure

    def _load(self, state: _State, prompt_sets: Sequence[PromptSet], summary: Summary) -> None:
        """Write what the warehouse does not hold yet, all in one transaction; nothing when there is nothing."""
        prompts = [
            prompt_set.table()
            for prompt_set in prompt_sets
            if state.current_prompts.get((prompt_set.recipe.study_id, prompt_set.recipe.base_model_id.lower()))
            != prompt_set.prompt_set_id
        ]
        fingerprints: list[pa.Table] = []
        for target in state.targets:
            for prompt_set in prompt_sets:
                piece = self._pieces.fingerprint(
                    target.model_id, target.sha, prompt_set.prompt_set_id, self.options.dtype
                )
                if piece is not None and not _is_loaded(state, target, prompt_set.prompt_set_id, piece):
                    fingerprints.append(piece)
        if not prompts and not fingerprints:
            return
        params = {
            "base_models": [base.model_id for base in state.bases],
            "study": self.options.study_id,
            "bottom_k": self.options.bottom_k,
            "prompts": self.options.prompts,
            "seed": self.options.seed,
            "device": self.options.device,
            "dtype": self.options.dtype,
            "n_models": len(state.targets),
            "timing": asdict(self._timing),
        }
        with load("overlap", endpoint=endpoint_label(), params=params, path=self._path) as run:
            for table in prompts:
                run.add("overlap_prompts", table)
            for table in fingerprints:
                run.add("fingerprints", table)
            summary.run_id, summary.n_rows = run.run_id, run.row_count

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let the first Ctrl-C end the run after the current model, and a second one at once."""

        def stop(number: int, frame: FrameType | None) -> None:
            if self.is_stopping:
                raise KeyboardInterrupt
            self.is_stopping = True
            self._say("Interrupted: finishing the current model, then writing what is done (again to stop at once).")

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


_LOADED: Final = """
    select lower(fingerprints.model_id), fingerprints.sha, fingerprints.prompt_set_id, max(fingerprints.status),
        max(fingerprints.failure_reason), max(fingerprints.dtype)
    from raw.fingerprints
    inner join raw.extract_runs
        on fingerprints.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    group by lower(fingerprints.model_id), fingerprints.sha, fingerprints.prompt_set_id, fingerprints.run_id,
        extract_runs.started_at
    order by extract_runs.started_at, fingerprints.run_id
"""

_TIMINGS: Final = """
    select cast(params -> 'timing' ->> 'models' as bigint), cast(params -> 'timing' ->> 'bytes' as bigint),
        cast(params -> 'timing' ->> 'seconds' as double)
    from raw.extract_runs
    where source = 'overlap' and status = 'complete' and params ->> 'device' = $1
        and cast(params -> 'timing' ->> 'models' as bigint) > 0
"""

_PROMPTS: Final = """
    select overlap_prompts.* replace (cast(recipe as varchar) as recipe)
    from raw.overlap_prompts
    inner join raw.extract_runs
        on overlap_prompts.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    qualify dense_rank() over (
        partition by prompt_set_id order by extract_runs.started_at desc, overlap_prompts.run_id desc
    ) = 1
    order by extract_runs.started_at, overlap_prompts.run_id, prompt_set_id, prompt_index
"""


def _is_loaded(state: _State, target: Target, prompt_set_id: str, piece: pa.Table) -> bool:
    loaded = state.loaded.get((target.key, target.sha, prompt_set_id))
    own = (piece["status"][0].as_py(), piece["failure_reason"][0].as_py(), piece["dtype"][0].as_py())
    return loaded == own


def _bytes_of(repo: Repo, choice: Choice) -> int:
    names: Iterable[str] = choice.weights
    if any(name.endswith(".index.json") for name in choice.weights):
        names = [name for name in repo.files if name.endswith(".safetensors") and "/" not in name]
    return sum(repo.files[name].size for name in (*names, *choice.others))


def _progress_line(index: int, total: int, model_id: str, result: str, seconds: float) -> str:
    rate = index / seconds if seconds > 0 else 0.0
    left = f", about {duration((total - index) / rate)} left" if rate > 0 and index < total else ""
    return f"[{index}/{total}] {model_id}: {result} [{60 * rate:,.1f} models a minute{left}]"


def _distinct(model_ids: Iterable[str]) -> list[str]:
    return list({model_id.lower(): model_id for model_id in reversed(tuple(model_ids))}.values())[::-1]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def say(text: str) -> None:
    """Print a line of progress on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def read_list(path: Path) -> tuple[str, ...]:
    """Return the model ids in a file: one a line, blank lines and lines that start with # apart."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the list {path} ({error}); it holds one model id a line.") from error
    found = tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
    if not found:
        raise UsageError(f"The list {path} names no model; it holds one model id a line.")
    return found
