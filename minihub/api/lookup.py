"""Finding the repository that a request names, and refusing it as the Hub does."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from minihub.api.assumed import TOKEN_PREFIX, no_such_repository, no_such_revision, token_refused
from minihub.api.exchange import Refusal, Request
from minihub.repositories import Build, HubRepo

LOG_IN: Final = {"WWW-Authenticate": 'Bearer realm="Authentication required", charset="UTF-8"'}


def repo_of(build: Build, request: Request, repo_id: str) -> HubRepo:
    """Return the repository ``OWNER/NAME``, or once ``NAME``.

    Raises Refusal: a redirect for a renamed one and for another spelling; for one that does not
    exist 404, or 401 to a client that does not say who it is, which may be one who may not see it.
    """
    if request.token and not request.token.startswith(TOKEN_PREFIX):
        raise token_refused()
    repo = build.find(repo_id)
    canonical = build.renamed.get(repo_id.lower()) or (repo.repo_id if repo is not None else repo_id)
    if canonical != repo_id:
        raise _redirect(request, repo_id, canonical)
    if repo is not None and not repo.is_deleted:
        return repo
    if request.token:
        raise no_such_repository()
    # The real Hub sends no X-Error-Code with this one.
    raise Refusal(HTTPStatus.UNAUTHORIZED, "Invalid username or password.", headers=LOG_IN)


def at_revision(repo: HubRepo, revision: str) -> HubRepo:
    """Return ``repo``, whose one commit is its only revision; raise Refusal for another."""
    if revision not in {"main", "refs/heads/main", repo.sha}:
        raise no_such_revision(revision)
    return repo


def _redirect(request: Request, repo_id: str, canonical: str) -> Refusal:
    old = repo_id.split("/")
    start = next(index for index in range(len(request.parts)) if request.parts[index : index + len(old)] == old)
    parts = [*request.parts[:start], *canonical.split("/"), *request.parts[start + len(old) :]]
    query = urlsplit(request.target).query
    location = "/" + "/".join(quote(part, safe="") for part in parts) + (f"?{query}" if query else "")
    return Refusal(
        HTTPStatus.TEMPORARY_REDIRECT,
        f"Temporary Redirect. Redirecting to {location}",
        headers={"Location": location},
        is_text=True,
    )
