"""Which part of the API a path belongs to."""

from dataclasses import replace
from typing import Final

from minihub.api.assumed import no_such_page
from minihub.api.exchange import NOTICE, TEXT_TYPE, Answer, Refusal, Request
from minihub.api.faults import UNSPENT, Faults
from minihub.api.files import gated, resolve
from minihub.api.listings import list_models
from minihub.api.lookup import at_revision, repo_of
from minihub.api.models import commits, model_info, paths_info, refs, tree
from minihub.repositories import Build

_BELOW_MODEL: Final = ("revision", "tree", "paths-info", "refs", "commits")


def answer(build: Build, request: Request, endpoint: str, faults: Faults, number: int) -> Answer:
    """Return what the Hub at ``endpoint`` answers; ``number`` counts the API requests so far, this one among them."""
    try:
        if request.is_api:
            faults.check(number)
        reply = _route(build, request, endpoint, faults)
    except Refusal as refusal:
        reply = refusal.answer()
    return replace(reply, headers={**UNSPENT, **reply.headers}) if request.is_api else reply


def _route(build: Build, request: Request, endpoint: str, faults: Faults) -> Answer:
    match request.parts:
        case [""]:
            return Answer(f"{NOTICE}\n".encode(), {"Content-Type": TEXT_TYPE})
        case ["api", "models"]:
            return list_models(build, request, endpoint, faults.page_size)
        case ["api", "models", name, *rest] if not rest or rest[0] in _BELOW_MODEL:
            return _about_model(build, request, name, rest)
        case ["api", "models", author, name, *rest]:
            return _about_model(build, request, f"{author}/{name}", rest)
        case [author, name, "resolve" | "raw", revision, *path] if author != "api" and path:
            repo = at_revision(repo_of(build, request, f"{author}/{name}"), revision)
            return resolve(build, repo, "/".join(path), request)
        case [name, "resolve" | "raw", _, *path] if path:
            repo_of(build, request, name)
    raise no_such_page()


def _about_model(build: Build, request: Request, repo_id: str, rest: list[str]) -> Answer:
    repo = repo_of(build, request, repo_id)
    match rest:
        case []:
            return model_info(repo, request)
        case ["revision", revision]:
            return model_info(at_revision(repo, revision), request)
        case ["tree", revision, *folder]:
            return tree(at_revision(repo, revision), "/".join(folder).strip("/"), request)
        case ["paths-info", revision] if request.method == "POST":
            return paths_info(at_revision(repo, revision), request)
        case ["refs"]:
            return refs(repo)
        case ["commits", revision]:
            if repo.info["gated"]:
                raise gated(repo, request)
            return commits(at_revision(repo, revision))
    raise no_such_page()
