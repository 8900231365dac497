"""Finding the repository that a request names, and refusing it as the Hub does."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from minihub.api.exchange import Refusal, Request
from minihub.repositories import Build, HubRepo

LOG_IN: Final = {"WWW-Authenticate": 'Bearer realm="Authentication required", charset="UTF-8"'}


def repo_of(build: Build, request: Request, author: str, name: str) -> HubRepo:
    """Return the repository ``author/name``.

    Raises Refusal: a redirect for a renamed one and for another spelling; for one that does not
    exist 404, or 401 to a client that does not say who it is, which may be one who may not see it.
    """
    asked = f"{author}/{name}"
    repo = build.find(asked)
    moved_to = build.renamed.get(asked.lower())
    canonical = moved_to or (repo.repo_id if repo is not None else asked)
    if canonical != asked and (repo is not None or moved_to):
        raise _redirect(request, author, canonical)
    if repo is not None and not repo.is_deleted:
        return repo
    if request.has_token:
        raise Refusal(HTTPStatus.NOT_FOUND, "Repository not found", "RepoNotFound")
    raise Refusal(HTTPStatus.UNAUTHORIZED, "Invalid username or password.", "RepoNotFound", LOG_IN)


def at_revision(repo: HubRepo, revision: str) -> HubRepo:
    """Return ``repo``, whose one commit is its only revision; raise Refusal for another."""
    if revision not in {"main", "refs/heads/main", repo.sha}:
        raise Refusal(HTTPStatus.NOT_FOUND, f"Invalid rev id: {revision}", "RevisionNotFound")
    return repo


def no_such_file(repo: HubRepo, message: str) -> Refusal:
    """Return the refusal of a path that a repository lacks."""
    return Refusal(HTTPStatus.NOT_FOUND, message, "EntryNotFound", {"X-Repo-Commit": repo.sha})


def _redirect(request: Request, author: str, repo_id: str) -> Refusal:
    start = request.parts.index(author)
    parts = [*request.parts[:start], *repo_id.split("/"), *request.parts[start + 2 :]]
    query = urlsplit(request.target).query
    location = "/" + "/".join(quote(part, safe="") for part in parts) + (f"?{query}" if query else "")
    return Refusal(
        HTTPStatus.TEMPORARY_REDIRECT,
        f"Temporary Redirect. Redirecting to {location}",
        headers={"Location": location},
    )
