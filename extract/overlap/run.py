"""The command ``overlap``: find out what is left to measure, measure it model by model, load it in one transaction.

Every finished piece lies in the spool, so a run that was interrupted or killed resumes where it
stopped. A model is loaded at most twice: a base once to write its prompts and answer them, and
every model once to answer all the prompt sets that it has not answered.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from typing import Final

from extract.hub.client import endpoint, endpoint_label
from extract.hub.identities import hub_ids_seen
from extract.overlap import plan as planning
from extract.overlap.child import Child, memory_default
from extract.overlap.counting import count_overlaps
from extract.overlap.fetching import Fetcher
from extract.overlap.history import History
from extract.overlap.hub_files import HubFiles
from extract.overlap.interruption import Interruption
from extract.overlap.measuring import Measuring
from extract.overlap.model_types import installed_types
from extract.overlap.options import Options
from extract.overlap.pieces import Pieces
from extract.overlap.plan import Plan
from extract.overlap.prefetch import Prefetcher
from extract.overlap.recipe import PromptSet
from extract.overlap.selection import Selection, select
from extract.overlap.summary import Summary
from extract.overlap.timing import Timing
from modelkin.folders import cache_root
from modelkin.printable import warn
from modelkin.spool import Spool
from modelkin.warehouse import load, warehouse_path

_GIB: Final = 2**30


class OverlapRun:
    """One run of the command."""

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        options.check()
        self.options = options
        self._say = say
        self._path = warehouse_path()
        self._pieces = Pieces(Spool.for_job("overlap", endpoint_label()))
        self._hub = HubFiles(endpoint(), cache_root() / "models")
        memory = int(options.memory_gb * _GIB) if options.memory_gb is not None else memory_default()
        self.child = Child(memory_bytes=memory)
        self._prefetcher = Prefetcher(self.child, self._hub, int(options.cache_gb * _GIB), options.timeout)

    def run(self) -> Summary:
        """Measure what is left and load it; return what was done.

        Raises HubError when a base model does not exist or none could write prompts.
        """
        started = time.monotonic()
        self._pieces.spool.sweep_unfinished()
        selection, history = self._begin()
        summary = Summary(n_models=len(selection.targets))
        interruption = Interruption(self._say)
        work = Measuring(selection, history, self.child, self._prefetcher, interruption, self._say, summary)
        with interruption.heeded():
            try:
                prompt_sets = work.write_prompts()
                work.measure(prompt_sets)
                work.timing.seconds = round(time.monotonic() - started, 1)
            finally:
                self.child.stop()
            self._load(selection, history, prompt_sets, summary, work.timing)
            # Also when nothing was loaded: an earlier run may have been killed before it had counted everything.
            count_overlaps(self._path)
        if self.options.derived:
            summary.named_failures = _failures_of_all(selection, history, prompt_sets)
        summary.is_interrupted = interruption.is_asked
        summary.seconds = round(time.monotonic() - started, 3)
        return summary

    def plan(self) -> Plan:
        """Return what a run would do; the Hub is asked, and no weights are fetched."""
        selection, history = self._begin()
        try:
            return planning.plan(selection, history, Fetcher(self._hub, cache(installed_types)), self._path)
        finally:
            self.child.stop()

    def _begin(self) -> tuple[Selection, History]:
        self._hub.seen = hub_ids_seen(self._path, endpoint_label())
        selection = select(self.options, self._path, self._hub)
        for note in self._hub.notes.values():
            self._say(f"{note}.")
        history = History(self.options, self._pieces, self._memory)
        history.read(self._path)
        return selection, history

    def _memory(self) -> int | None:
        return self.child.memory_on(self.options.device)

    def _load(
        self,
        selection: Selection,
        history: History,
        prompt_sets: Sequence[PromptSet],
        summary: Summary,
        timing: Timing,
    ) -> None:
        """Write what the warehouse does not hold yet, all in one transaction; nothing when there is nothing."""
        prompts = [prompt_set.table() for prompt_set in prompt_sets if not history.is_current(prompt_set)]
        found = [
            history.unloaded(target, prompt_set.prompt_set_id)
            for target in selection.targets
            for prompt_set in prompt_sets
        ]
        fingerprints = [table for table in found if table is not None]
        if not prompts and not fingerprints:
            return
        params = {
            "base_models": [base.model_id for base in selection.bases],
            "study": self.options.study_id,
            "bottom_k": self.options.bottom_k,
            "prompts": self.options.prompts,
            "seed": self.options.seed,
            "device": self.options.device,
            "dtype": self.options.dtype,
            "n_models": len(selection.targets),
            "timing": asdict(timing),
        }
        with load("overlap", endpoint=endpoint_label(), params=params, path=self._path) as run:
            for table in prompts:
                run.add("overlap_prompts", table)
            for table in fingerprints:
                run.add("fingerprints", table)
            summary.run_id, summary.n_rows = run.run_id, run.row_count


def _failures_of_all(selection: Selection, history: History, prompt_sets: Sequence[PromptSet]) -> dict[str, int]:
    """Return the reasons, with numbers, why all models but the bases failed; nothing where one did not."""
    reasons: Counter[str] = Counter()
    for target in selection.targets[len(selection.bases) :]:
        outcomes = [history.reason(target, prompt_set.prompt_set_id) for prompt_set in prompt_sets]
        found = [reason for reason in outcomes if reason is not None]
        if len(found) < len(outcomes) or not found:
            return {}
        reasons[found[0]] += 1
    return dict(reasons)


def say(text: str) -> None:
    """Print a line of progress on stderr."""
    warn(text)
