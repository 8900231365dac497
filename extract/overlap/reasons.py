"""Why a model could not be measured: a closed set of reasons, each with a detail in plain words."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from modelkin.printable import one_line

REASONS: Final[dict[str, str]] = {
    "not_found": "the repository or its commit does not exist, or may not be seen",
    "gated": "the author must grant access first",
    "token_refused": "the Hub refused the access token, or access without one",
    "replaced": "the name leads to another repository than the one that was seen",
    "no_weights": "the repository holds no weights",
    "unsupported_format": "the weights are in a format that is not read here",
    "unsupported_architecture": "no causal language model, or one that the library does not know",
    "remote_code_required": "only code from the repository could load it, and such code is never run",
    "unsafe_weights": "the weights are pickles alone, which are never opened",
    "tokenizer_missing": "there is no tokenizer that can be loaded",
    "corrupt_weights": "the weights are damaged or incomplete",
    "non_finite_logits": "the model answers with values that are not finite numbers",
    "vocabulary_too_small": "the vocabulary has no more than k token ids, so that every set would be alike",
    "out_of_memory": "the memory limit was reached",
    "timeout": "the time limit was reached",
    "no_space": "the files are larger than what is free on the disk",
    "network": "the Hub could not be reached or broke off",
    "odd_answer": "what answered is no Hub, or does not answer as one",
    "damaged_file": "what the Hub sent is not the file that it lists, by its size or its digest",
    "unknown": "something else; the detail tells",
}
"""Every reason with its meaning."""

TRANSIENT: Final = frozenset({"network", "timeout", "no_space"})
"""Reasons that another run may not meet again: these models are tried again by themselves."""

DOUBTFUL: Final = frozenset({"odd_answer", "damaged_file"})
"""Reasons that may be of the way to the Hub or of the model: tried again once, and lasting if met in two runs."""

MORE_MEMORY: Final = 1.25
"""Memory that is free comes and goes: a model that ran out of it is tried again with this many times as much."""

_DETAIL_CHARACTERS: Final = 400


class MeasurementFailed(Exception):  # noqa: N818
    """A model cannot be measured; becomes one row. ``reason`` is a key of REASONS."""

    def __init__(self, reason: str, detail: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not a known reason; the reasons are {', '.join(REASONS)}")
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = shortened(detail)


@dataclass(frozen=True)
class Failure:
    """A failure of an earlier run: its reason, and what it had where memory ran out (None where it is not known)."""

    reason: str
    memory_limit_bytes: int | None = None
    weights_bytes: int | None = None
    n_runs: int = 1
    """How many runs, one after another, have ended like this; counted where the reason is doubtful, else 1."""

    def is_final(self, retry: Collection[str], memory: Callable[[], int | None]) -> bool:
        """Return whether another try would end like this one, and nobody asks for it with ``retry``.

        ``memory`` tells how many bytes one model may take now, None where there is no limit. It is only asked
        where that decides.
        """
        if self.reason in TRANSIENT or self.reason in retry or (self.reason in DOUBTFUL and self.n_runs < 2):
            return False
        if self.reason != "out_of_memory":
            return True
        now = memory() if self.memory_limit_bytes is not None else None
        if now is None or self.memory_limit_bytes is None:
            return False
        return now < max(MORE_MEMORY * self.memory_limit_bytes, self.weights_bytes or 0)


def shortened(text: str) -> str:
    """Return ``text`` on one line of at most 400 characters, all of which can be stored and shown."""
    # A message of a library may be of any length.
    flat = one_line(text[: 4 * _DETAIL_CHARACTERS])
    return flat if len(flat) <= _DETAIL_CHARACTERS else flat[: _DETAIL_CHARACTERS - 1] + "…"
