"""The command ``weights``: read what is left model by model, many at once, and load it in batches.

Every batch is one transaction with a run of its own, so that whatever ends the command costs at most one
batch, and memory does not grow with the number of models.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from extract.hub.client import endpoint, endpoint_label
from extract.hub.identities import hub_ids_seen
from extract.overlap.hub_files import HubFiles
from extract.overlap.interruption import Interruption
from extract.weights.failures import DOUBTFUL, TRANSIENT
from extract.weights.options import Options
from extract.weights.reading import ModelWeights, sketch_model
from extract.weights.selection import Selection, select
from extract.weights.summary import Plan, Summary, plan
from modelkin.folders import cache_root
from modelkin.progress import Progress
from modelkin.warehouse import load, warehouse_path

BATCH_MODELS: Final = 200
BATCH_SECONDS: Final = 120.0
"""A batch is written when it has this number of models, or this time after the one before."""

LOST_AFTER: Final = 24
"""When this number of models in a row could not be reached, it is the Hub that is gone."""


@dataclass
class _Batch:
    """Models that were read and not written yet."""

    started: float
    models: list[ModelWeights] = field(default_factory=list)

    @property
    def is_due(self) -> bool:
        return len(self.models) >= BATCH_MODELS or time.monotonic() - self.started >= BATCH_SECONDS


class WeightsRun:
    """One run of the command."""

    def __init__(self, options: Options, say: Callable[[str], None], path: Path | None = None) -> None:
        options.check()
        self.options = options
        self._say = say
        self._path = path or warehouse_path()
        self._hub = HubFiles(endpoint(), cache_root() / "models")

    def plan(self) -> Plan:
        """Return what a run would do; the Hub is not asked."""
        return plan(select(self.options, self._path), self._path, self.options.threads)

    def run(self) -> Summary:
        """Read what is left and load it; return what was done."""
        started = time.monotonic()
        selection = select(self.options, self._path)
        summary = Summary(n_models=selection.n_models, n_done_before=selection.n_done_before)
        if selection.waiting:
            self._hub.seen = hub_ids_seen(self._path, endpoint_label())
            self._read_all(selection, summary)
        summary.n_left = len(selection.waiting) - summary.n_read - summary.n_failed
        summary.seconds = round(time.monotonic() - started, 3)
        return summary

    def _read_all(self, selection: Selection, summary: Summary) -> None:
        interruption = Interruption(self._say, "the models in flight")
        batch = _Batch(time.monotonic())
        progress = Progress("models")
        progress.begin(f"Reading sketches of {len(selection.waiting):,} models …")
        n_lost = 0

        def goes_on() -> bool:
            summary.is_hub_lost = n_lost >= LOST_AFTER
            return not (interruption.is_asked or summary.is_hub_lost)

        try:
            with interruption.heeded():
                for model in self._models(selection, goes_on):
                    summary.add(model)
                    batch.models.append(model)
                    n_lost = n_lost + 1 if set(model.failures) & (TRANSIENT | DOUBTFUL) else 0
                    n_tried = summary.n_read + summary.n_failed
                    detail = f"{summary.n_bytes / 1e6:,.1f} MB read, last {model.model_id}"
                    progress.update(n_tried, total=len(selection.waiting), detail=detail)
                    if batch.is_due:
                        self._load(batch, summary)
                        batch = _Batch(time.monotonic())
                self._load(batch, summary)
        finally:
            progress.close()
        summary.is_interrupted = interruption.is_asked

    def _models(self, selection: Selection, goes_on: Callable[[], bool]) -> Iterator[ModelWeights]:
        """Yield the models as they are read, as many at once as there are threads; none is begun after ``goes_on``."""
        threads = self.options.threads
        waiting = iter(selection.waiting)
        models = ThreadPoolExecutor(threads, thread_name_prefix="model")
        parts = ThreadPoolExecutor(threads, thread_name_prefix="part")
        running: set[Future[ModelWeights]] = set()
        try:
            while True:
                while len(running) < threads and goes_on() and (target := next(waiting, None)) is not None:
                    running.add(models.submit(sketch_model, self._hub, parts, target.model_id, target.sha))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            models.shutdown(wait=False, cancel_futures=True)
            parts.shutdown(wait=False, cancel_futures=True)

    def _load(self, batch: _Batch, summary: Summary) -> None:
        """Write a batch as one run, in one transaction; nothing when it is empty."""
        if not batch.models:
            return
        params = {
            "base_models": list(self.options.base_models),
            "models": list(self.options.models),
            "min_downloads": self.options.min_downloads,
            "n_models": len(batch.models),
            "threads": self.options.threads,
        }
        with load("weights", endpoint=endpoint_label(), params=params, path=self._path) as run:
            run.add("weight_files", [row for model in batch.models for row in model.files])
            for model in batch.models:
                if model.sketches is not None:
                    run.add("weight_sketches", model.sketches)
        summary.run_ids.append(run.run_id)
