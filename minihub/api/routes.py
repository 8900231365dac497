"""Which part of the API a path belongs to."""

from http import HTTPStatus

from minihub.api.exchange import NOTICE, TEXT_TYPE, Answer, Refusal, Request
from minihub.api.faults import UNSPENT, Faults
from minihub.api.files import resolve
from minihub.api.listings import list_models
from minihub.api.lookup import at_revision, repo_of
from minihub.api.models import commits, model_info, paths_info, refs, tree
from minihub.repositories import Build


def answer(build: Build, request: Request, endpoint: str, faults: Faults, number: int) -> Answer:
    """Return what the Hub at ``endpoint`` answers; ``number`` counts the API requests so far, this one among them."""
    try:
        if request.is_api:
            faults.check(number)
        return _route(build, request, endpoint, faults)
    except Refusal as refusal:
        return refusal.answer()


def _route(build: Build, request: Request, endpoint: str, faults: Faults) -> Answer:
    match request.parts:
        case [""]:
            return Answer(f"{NOTICE}\n".encode(), {"Content-Type": TEXT_TYPE, **UNSPENT})
        case ["api", "models"]:
            return list_models(build, request, endpoint, faults.page_size)
        case ["api", "models", author, name, *rest]:
            return _about_model(build, request, (author, name), rest)
        case [author, name, "resolve" | "raw", revision, *path] if author != "api" and path:
            repo = at_revision(repo_of(build, request, author, name), revision)
            return resolve(build, repo, "/".join(path), request, endpoint)
        case _:
            raise _no_such_page()


def _about_model(build: Build, request: Request, repo_id: tuple[str, str], rest: list[str]) -> Answer:
    match rest:
        case []:
            return model_info(repo_of(build, request, *repo_id), request)
        case ["revision", revision]:
            return model_info(at_revision(repo_of(build, request, *repo_id), revision), request)
        case ["tree", revision, *folder]:
            repo = at_revision(repo_of(build, request, *repo_id), revision)
            return tree(repo, "/".join(folder).strip("/"), request)
        case ["paths-info", revision] if request.method == "POST":
            return paths_info(at_revision(repo_of(build, request, *repo_id), revision), request)
        case ["refs"]:
            return refs(repo_of(build, request, *repo_id))
        case ["commits", revision]:
            return commits(at_revision(repo_of(build, request, *repo_id), revision))
        case _:
            raise _no_such_page()


def _no_such_page() -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, "Sorry, we can't find the page you are looking for.")
