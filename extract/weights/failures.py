"""Why the weights of a model could not be read: a closed set of reasons, each with a detail in plain words."""

from typing import Final

from extract.hub.refusals import Kind, Refused
from extract.overlap.reasons import shortened

REASONS: Final[dict[str, str]] = {
    "not_found": "the repository, its commit or a file does not exist, or may not be seen",
    "gated": "the author must grant access first",
    "token_refused": "the Hub refused the access token, or access without one",
    "replaced": "the name leads to another repository than the one that was seen",
    "no_weights": "the repository holds no weights",
    "unsafe_weights": "the weights are pickles alone, which are never opened",
    "unsupported_format": "the weights are in a format that is not read here",
    "unsupported_architecture": "a GGUF file of an architecture whose tensors cannot be named with certainty",
    "no_ranges": "the server does not give the parts of a file that are asked for",
    "bad_header": "the header does not say what a header must, or contradicts itself",
    "too_large": "the header, the index or the number of files is beyond every real model's",
    "truncated": "the file is shorter than its header says",
    "missing_shard": "the index names a file that the repository lacks",
    "no_values": "no tensor of the file is of a type that is read here",
    "network": "the Hub could not be reached or broke off",
    "odd_answer": "what answered is no Hub, or does not answer as one",
    "unknown": "something else; the detail tells",
}
"""Every reason with its meaning."""

TRANSIENT: Final = frozenset({"network"})
"""Reasons that another run may not meet again: these models are tried again by themselves."""

DOUBTFUL: Final = frozenset({"odd_answer"})
"""Reasons that may be of the way to the Hub or of the model: tried again once, and lasting if met in two runs."""

_OF_REFUSALS: Final[dict[Kind, str]] = {
    "missing": "not_found",
    "disabled": "not_found",
    "revision": "not_found",
    "file": "not_found",
    "replaced": "replaced",
    "gated": "gated",
    "token": "token_refused",
    "range": "no_ranges",
    "limited": "network",
    "failing": "network",
    "unreachable": "network",
    "offline": "network",
    "odd": "odd_answer",
    "damaged": "odd_answer",
}


class WeightsFailed(Exception):  # noqa: N818
    """Weights cannot be read; becomes one row. ``reason`` is a key of REASONS."""

    def __init__(self, reason: str, detail: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not a known reason; the reasons are {', '.join(REASONS)}")
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = shortened(detail)


def of_refusal(refused: Refused) -> WeightsFailed:
    """Return the reason for what the Hub refused."""
    return WeightsFailed(_OF_REFUSALS[refused.kind], refused.detail)
