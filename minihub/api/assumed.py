"""What the miniature Hub answers by assumption: no recording of these answers of the real Hub was found.

The statuses, codes and messages are those that ``huggingface_hub`` reads, or that were quoted
somewhere. Everything else that the miniature Hub serves is held to recordings by a test. When one
of these is recorded, it moves out of this module.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from minihub.api.exchange import Refusal

TOKEN_PREFIX: Final = "hf_"  # noqa: S105 - how tokens begin, and none
"""A token that begins so is accepted; another is refused."""

EXPANDABLE: Final = frozenset(
    {
        "cardData", "config", "evalResults", "gguf", "inference", "inferenceProviderMapping", "mask_token",
        "model-index", "resourceGroup", "safetensors", "siblings", "transformersInfo", "usedStorage", "widgetData",
    }
)  # fmt: skip
"""Names of ``expand`` that are documented, and of which no recorded request was found."""

REJECTED_IN_LISTINGS: Final = frozenset({"baseModels", "childrenModelCount", "usedStorage"})
"""Names of ``expand`` that listings reject, as is documented; some have been seen to be answered."""


def token_refused() -> Refusal:
    """Return the refusal of a token that is wrong or has expired."""
    return Refusal(HTTPStatus.UNAUTHORIZED, "Invalid credentials in Authorization header")


def no_such_repository() -> Refusal:
    """Return the refusal of a missing repository to a client that says who it is."""
    return Refusal(HTTPStatus.NOT_FOUND, "Repository not found", "RepoNotFound")


def no_such_revision(revision: str) -> Refusal:
    """Return the refusal of a commit that a repository lacks."""
    return Refusal(HTTPStatus.NOT_FOUND, f"Invalid rev id: {revision}", "RevisionNotFound")


def no_such_file(sha: str, message: str = "Entry not found") -> Refusal:
    """Return the refusal of a path that a repository lacks at the commit ``sha``."""
    return Refusal(HTTPStatus.NOT_FOUND, message, "EntryNotFound", {"X-Repo-Commit": sha})


def not_granted(repo_id: str) -> Refusal:
    """Return the refusal of a gated file to a client that says who it is and has no access."""
    return Refusal(
        HTTPStatus.FORBIDDEN,
        f"Access to model {repo_id} is restricted and you are not in the authorized list. "
        f"Visit its page, /{repo_id}, to ask for access.",
        "GatedRepo",
    )


def rate_limited(headers: Mapping[str, str]) -> Refusal:
    """Return the answer to one request too many; its text was quoted, its headers are those of other answers."""
    message = (
        "We had to rate limit your IP (127.0.0.1). To continue using our service, create a HF account or login to "
        "your existing account, and make sure you pass a HF_TOKEN if you're using the API."
    )
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, message, headers=headers, is_text=True)


def unavailable() -> Refusal:
    """Return the answer of a Hub that is out of order."""
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")


def no_such_page() -> Refusal:
    """Return the answer for an address that means nothing."""
    return Refusal(HTTPStatus.NOT_FOUND, "Sorry, we can't find the page you are looking for.")
