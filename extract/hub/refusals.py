"""What the Hub does not give, and why: every error of a request becomes one kind with one sentence.

The kinds follow the Hub's status, its ``X-Error-Code`` and its ``X-Error-Message``, as
``huggingface_hub`` reads them.
"""

import errno
import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

import httpx2
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from modelkin.errors import HubError, InputError
from modelkin.printable import one_line

Kind = Literal[
    "missing", "gated", "token", "disabled", "revision", "replaced", "file", "limited", "failing", "unreachable",
    "offline", "odd", "range", "damaged",
]  # fmt: skip

UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
RATE_LIMITED: Final = 429
_PASSING: Final = frozenset({408, 425})
"""What a server answers that lacks time, beside 5xx."""
_SERVER_ERROR: Final = 500
NOT_LOGGED_IN: Final = "Invalid username or password."
"""What the Hub answers a client without a token where there is nothing that it may see."""
_MODEL_URL: Final = re.compile(r"/api/models/(.+?)/revision/")


@dataclass(frozen=True)
class _Words:
    """How a refusal is worded."""

    sentence: str
    """For a person, with what to do."""
    detail: str
    """For a row that records it."""


_WORDS: Final[dict[Kind, _Words]] = {
    "missing": _Words(
        "There is no model {what} on {label} that you may see; check its name, and set HF_TOKEN if it is private.",
        "the Hub has no model {what} that may be seen",
    ),
    "gated": _Words(
        "{what} is gated on {label}: its author must grant access first; ask for it there, then set HF_TOKEN.",
        "the Hub refuses {what}: its author must grant access first",
    ),
    "token": _Words(
        "{hub} refused access ({status}) to {what}; check HF_TOKEN.",
        "the Hub refused access ({status}) to {what}",
    ),
    "disabled": _Words("{label} has disabled access to {what}.", "the Hub has disabled access to {what}"),
    "revision": _Words("{label} has no such commit of {what}.", "the commit of {what} does not exist (any more)"),
    "replaced": _Words(
        "{what} leads to {cause} on {label}, which lacks the commit that was asked for: it is another repository, or "
        "its history was rewritten.",
        "{what} leads to {cause}, which lacks the commit that was seen",
    ),
    "file": _Words("{label} has no {what}.", "{what} is listed and not there"),
    "limited": _Words(
        "{hub} still limits the rate after several waits; run this again later to resume.",
        "the Hub answered {status} for {what}",
    ),
    "failing": _Words(
        "{hub} answered {status} for {what}; run this again to resume.", "the Hub answered {status} for {what}"
    ),
    "unreachable": _Words(
        "{hub} cannot be reached ({cause}) for {what}; check the network and HF_ENDPOINT.",
        "{cause} while fetching {what}",
    ),
    "offline": _Words(
        "The Hub may not be asked while HF_HUB_OFFLINE is set; unset it, then run this again.",
        "HF_HUB_OFFLINE is set",
    ),
    "range": _Words(
        "{hub} does not give the part of {what} that was asked for ({cause}).",
        "the server does not give the part of {what} that was asked for: {cause}",
    ),
    "odd": _Words(
        "{hub} did not answer as a Hub does ({cause}) for {what}; check HF_ENDPOINT.",
        "the Hub did not answer as one for {what}: {cause}",
    ),
    "damaged": _Words(
        "{hub} sent something else than the {what} that it lists; run this again.",
        "what was sent is not the {what} that the Hub lists, by its size or its digest",
    ),
}


class Refused(HubError):  # noqa: N818
    """The Hub did not give what was asked: ``kind`` says why in one word, ``detail`` in the words of a row."""

    def __init__(self, kind: Kind, place: "Place", what: str, *, status: int | None = None, cause: str = "") -> None:
        words = {
            "hub": place.address,
            "label": place.label,
            "what": one_line(what),
            "status": status,
            "cause": one_line(cause),
        }
        super().__init__(_WORDS[kind].sentence.format(**words))
        self.kind = kind
        self.status = status
        self.cause = cause
        self.detail = _WORDS[kind].detail.format(**words)


@dataclass(frozen=True)
class Place:
    """The Hub that was asked, as sentences name it."""

    address: str
    """Without user and password."""
    label: str


def refusal(error: Exception, place: Place, what: str) -> Refused:
    """Return why asking for ``what`` failed; an error that is not of the network is raised again.

    Raises InputError when the disk is full.
    """
    if isinstance(error, RevisionNotFoundError) and (moved_to := _moved_to(error.response)) is not None:
        return Refused("replaced", place, what, status=_status_of(error), cause=moved_to)
    for error_type, kind in _KINDS:
        if isinstance(error, error_type):
            return Refused(kind, place, what, status=_status_of(error))
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return Refused(_kind_of(error.response), place, what, status=status, cause=f"status {status}")
    if isinstance(error, OSError | httpx2.HTTPError):
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise InputError(
                f"The disk is full while fetching {what}; free some space, or lower --cache-gb."
            ) from error
        return Refused("unreachable", place, what, cause=type(error.__cause__ or error).__name__)
    raise error


def _moved_to(response: httpx2.Response) -> str | None:
    """Return the model that a redirect led to, where that is more than another spelling; else None."""
    if not response.history:
        return None
    asked, answered = (_model_in(str(one.url)) for one in (response.history[0], response))
    return None if asked is None or answered is None or asked.lower() == answered.lower() else answered


def _model_in(url: str) -> str | None:
    match = _MODEL_URL.search(url)
    return unquote(match[1]) if match else None


def _status_of(error: Exception) -> int | None:
    return error.response.status_code if isinstance(error, HfHubHTTPError) else None


def _kind_of(response: httpx2.Response) -> Kind:
    """Return the kind of an answer whose error the library has no class for.

    The Hub tells clients without a token 401 for a model that does not exist, with no code; the
    library knows that from ``https`` addresses alone.
    """
    status = response.status_code
    if status == UNAUTHORIZED and response.headers.get("X-Error-Message") == NOT_LOGGED_IN:
        return "missing"
    if status in {UNAUTHORIZED, FORBIDDEN}:
        return "token"
    if status == NOT_FOUND:
        return "missing"
    if status == RATE_LIMITED:
        return "limited"
    return "failing" if status in _PASSING or status >= _SERVER_ERROR else "odd"


_KINDS: Final[tuple[tuple[type[Exception], Kind], ...]] = (
    (OfflineModeIsEnabled, "offline"),
    (GatedRepoError, "gated"),
    (DisabledRepoError, "disabled"),
    (RevisionNotFoundError, "revision"),
    (RepositoryNotFoundError, "missing"),
    (RemoteEntryNotFoundError, "file"),
)
"""What the library raises; the first that fits counts. Errors of the connection are OSError or HTTPError."""
