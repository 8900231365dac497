"""Models brought onto the disk one after another, the next ones while one is measured."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from extract.overlap.child import Child
from extract.overlap.fetching import Fetched, Fetcher
from extract.overlap.hub_files import FETCH_SECONDS, HubFiles
from extract.overlap.model_types import ModelTypes
from extract.overlap.reasons import MeasurementFailed
from extract.overlap.targets import Target
from modelkin.errors import InputError, ModelkinError

FETCH_AHEAD: Final = 3
"""How many models are fetched ahead while one is measured."""


@dataclass
class Prefetcher:
    """Fetches models ahead of the child process that measures them."""

    child: Child
    hub: HubFiles
    cache_bytes: int
    """The folder of fetched models is kept below this size, not counting the models in use."""
    seconds: float = FETCH_SECONDS
    """All the time that fetching one model may take."""
    _types: Future[ModelTypes] = field(default_factory=Future)

    @property
    def fetcher(self) -> Fetcher:
        """What fetches one model; it waits for the child where it must know which model types can be loaded."""
        return Fetcher(self.hub, self._types.result, self.seconds)

    def each(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Fetched | MeasurementFailed]]:
        """Yield the models in their order, and fetch the next ones at the same time.

        Raises InputError when the child cannot start.
        """
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
                    self.fetcher.trim(self.cache_bytes, [other.model_id for other, _ in ahead])
            finally:
                pool.shutdown(cancel_futures=True)

    def _learn_types(self) -> None:
        """Ask the child which model types it knows; whoever fetches meanwhile waits for the answer."""
        if self._types.done():
            return
        try:
            self._types.set_result(ModelTypes.from_hello(self.child.hello()))
        except MeasurementFailed as failure:
            error = InputError(
                f"The process that loads models cannot start ({failure.detail}); install the extra `models`."
            )
            self._types.set_exception(error)
            raise error from failure

    def _fetch(self, target: Target) -> Fetched | MeasurementFailed:
        try:
            return self.fetcher.fetch(target.model_id, target.sha)
        except MeasurementFailed as failure:
            return failure
        except ModelkinError:
            # The disk is full, or the child cannot start: that concerns all models.
            raise
        except Exception as error:
            # Whatever else a repository brings about concerns that repository.
            return MeasurementFailed("unknown", f"{type(error).__name__}: {error}")
