"""Let bases write prompts and models answer them, one model after another, in the child process."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from extract.overlap.child import Child
from extract.overlap.fetching import Fetched
from extract.overlap.history import History
from extract.overlap.interruption import Interruption
from extract.overlap.prefetch import Prefetcher
from extract.overlap.reasons import MeasurementFailed
from extract.overlap.recipe import PromptSet
from extract.overlap.selection import Selection
from extract.overlap.summary import Summary
from extract.overlap.targets import Target
from extract.overlap.timing import Timing
from modelkin.command_line import count
from modelkin.errors import HubError
from modelkin.progress import Waiting, duration

UNREACHABLE_MODELS: Final = 5
"""After this many failures of the Hub in a row, the remaining models are left for another run."""

_OF_THE_HUB: Final = frozenset({"network", "odd_answer"})


@dataclass
class Measuring:
    """The work of one run; every finished piece lies in the spool at once."""

    selection: Selection
    history: History
    child: Child
    prefetcher: Prefetcher
    interruption: Interruption
    say: Callable[[str], None]
    summary: Summary
    timing: Timing = field(default_factory=Timing)

    def write_prompts(self) -> list[PromptSet]:
        """Return every base's prompt set, those that are missing written by their bases first.

        Raises HubError when no base could write prompts.
        """
        missing = []
        for base in self.selection.bases:
            if self.history.prompts(base) is not None:
                continue
            if (failed := self.history.no_prompts(base)) is None:
                missing.append(base)
            else:
                self.summary.base_failures[base.model_id] = str(failed)
        if missing:
            self._write_missing(missing)
        found = [self.history.prompts(base) for base in self.selection.bases]
        prompt_sets = [prompt_set for prompt_set in found if prompt_set is not None]
        self._restore_distributions(prompt_sets)
        if not prompt_sets and not self.interruption.is_asked:
            told = "; ".join(f"{base} ({failure})" for base, failure in self.summary.base_failures.items())
            raise HubError(f"No base model could write prompts: {told}.")
        self.summary.prompt_sets = [prompt_set.prompt_set_id for prompt_set in prompt_sets]
        return prompt_sets

    def _write_missing(self, missing: Sequence[Target]) -> None:
        self.child.start()
        self.say(f"Writing the prompts of {count(len(missing), 'base model')}.")
        with Waiting(f"Starting the process that loads models, and fetching {missing[0].model_id}") as waiting:
            for index, (base, fetched) in enumerate(self.prefetcher.each(missing), start=1):
                if self.interruption.is_asked:
                    break
                waiting.now(f"Prompts {index} of {len(missing)}: {base.model_id} writes them")
                try:
                    if isinstance(fetched, MeasurementFailed):
                        raise fetched
                    request = self._request("prompts", base, fetched) | {"recipe": asdict(self.history.recipe(base))}
                    self.child.ask(request, self.history.options.timeout)
                    self.timing.add(fetched.size)
                except MeasurementFailed as failure:
                    self.summary.base_failures[base.model_id] = str(failure)
                    size = None if isinstance(fetched, MeasurementFailed) else fetched.size
                    self.history.keep_no_prompts(base, failure, size)
                    waiting.pause()
                    self.say(f"{base.model_id} writes no prompts: {failure}")
                if index < len(missing):
                    waiting.now(f"Prompts {index + 1} of {len(missing)}: fetching {missing[index].model_id}")

    def measure(self, prompt_sets: Sequence[PromptSet]) -> None:
        """Let every model answer the prompt sets that it has not answered."""
        work: dict[str, list[PromptSet]] = {}
        for target in self.selection.targets:
            left = [one for one in prompt_sets if not self.history.is_done(target, one.prompt_set_id)]
            if left:
                work[target.key] = left
        self.summary.n_done_before = len(self.selection.targets) - len(work)
        waiting = [target for target in self.selection.targets if target.key in work]
        # Those that failed before come last, so that they cannot keep the others from being measured.
        waiting.sort(
            key=lambda target: any(self.history.has_failed(target, one.prompt_set_id) for one in work[target.key])
        )
        if not waiting or self.interruption.is_asked:
            return
        self.child.start()
        started = time.monotonic()
        n_unreachable = 0
        for index, (target, fetched) in enumerate(self.prefetcher.each(waiting), start=1):
            failure = self._measure_one(target, fetched, work[target.key])
            n_unreachable = n_unreachable + 1 if failure is not None and failure.reason in _OF_THE_HUB else 0
            self.summary.add(failure)
            result = "measured" if failure is None else f"{failure.reason} ({failure.detail})"
            self.say(_progress_line(index, len(waiting), target.model_id, result, time.monotonic() - started))
            if n_unreachable == UNREACHABLE_MODELS and index < len(waiting):
                self.summary.n_left = len(waiting) - index
                self.say(f"The Hub did not answer for {n_unreachable} models in a row; the rest is left.")
                break
            if self.interruption.is_asked:
                break

    def _restore_distributions(self, prompt_sets: Sequence[PromptSet]) -> None:
        """Let bases answer their own prompts again where the cache has lost their distributions and models wait."""
        lost = {
            prompt_set.recipe.base_model_id.lower(): prompt_set
            for prompt_set in prompt_sets
            if self.history.pieces.distribution(prompt_set) is None
            and not all(self.history.is_done(target, prompt_set.prompt_set_id) for target in self.selection.targets)
        }
        for base, fetched in self.prefetcher.each([base for base in self.selection.bases if base.key in lost]):
            if self.interruption.is_asked:
                break
            failure = self._measure_one(base, fetched, [lost[base.key]], is_recorded=False)
            if failure is not None:
                self.say(f"{base.model_id} cannot be loaded again ({failure}): divergences from it stay empty.")

    def _measure_one(
        self,
        target: Target,
        fetched: Fetched | MeasurementFailed,
        prompt_sets: Sequence[PromptSet],
        *,
        is_recorded: bool = True,
    ) -> MeasurementFailed | None:
        digest, size = None, None
        try:
            if isinstance(fetched, MeasurementFailed):
                raise fetched
            digest, size = fetched.weights_digest, fetched.size
            recipes = [prompt_set.recipe.digest for prompt_set in prompt_sets]
            request = self._request("measure", target, fetched) | {"recipes": recipes}
            self.child.ask(request, self.history.options.timeout)
            self.timing.add(fetched.size)
        except MeasurementFailed as failure:
            for prompt_set in prompt_sets if is_recorded else ():
                self.history.keep_failure(target, prompt_set.prompt_set_id, failure, size, digest)
            return failure
        return None

    def _request(self, operation: str, target: Target, fetched: Fetched) -> dict[str, Any]:
        options = self.history.options
        return {
            "operation": operation,
            "spool": str(self.history.pieces.spool.folder.resolve()),
            "model_id": target.model_id,
            "sha": target.sha,
            "place": asdict(fetched.place),
            "weights_format": fetched.weights_format,
            "weights_digest": fetched.weights_digest,
            "device": options.device,
            "dtype": options.dtype,
            "batch_size": options.batch_size,
        }


def _progress_line(index: int, total: int, model_id: str, result: str, seconds: float) -> str:
    rate = index / seconds if seconds > 0 else 0.0
    left = f", about {duration((total - index) / rate)} left" if rate > 0 and index < total else ""
    return f"[{index}/{total}] {model_id}: {result} [{60 * rate:,.1f} models a minute{left}]"
