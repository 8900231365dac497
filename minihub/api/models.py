"""``/api/models/ID`` and what lies below it: facts, trees, references and commits of one model."""

import json
from typing import Any, Final
from urllib.parse import parse_qs

from minihub.api.assumed import no_such_file
from minihub.api.exchange import NOTICE, Answer, Request, bad_request, json_answer
from minihub.api.fields import detail_fields, pick
from minihub.repositories import HubFile, HubRepo

TREE_PAGE_SIZE: Final = 1000


def model_info(repo: HubRepo, request: Request) -> Answer:
    """Return the facts about a model: those that ``expand`` names, else all that the Hub shows without it."""
    info = pick(repo.info, detail_fields(request))
    if request.is_set("blobs") and "siblings" in info:
        info["siblings"] = [_sibling(file) for file in repo.files]
    if request.single("securityStatus"):
        info["securityRepoStatus"] = {"scansDone": True, "filesWithIssues": []}
    return json_answer(info)


def tree(repo: HubRepo, folder: str, request: Request) -> Answer:
    """Return the files and folders in a folder, or with ``recursive`` all below it."""
    prefix = f"{folder}/" if folder else ""
    inside = [file for file in repo.files if file.path.startswith(prefix)]
    if folder and not inside:
        raise no_such_file(repo.sha, f'{folder} does not exist on "main"')
    entries: dict[str, dict[str, Any]] = {}
    for file in inside:
        rest = file.path[len(prefix) :]
        if "/" in rest:
            child = prefix + rest.split("/")[0]
            entries.setdefault(child, {"type": "directory", "oid": repo.sha, "size": 0, "path": child})
        if request.is_set("recursive") or "/" not in rest:
            entries[file.path] = _tree_entry(file)
    return json_answer(list(entries.values())[:TREE_PAGE_SIZE])


def paths_info(repo: HubRepo, request: Request) -> Answer:
    """Return those of the paths named in the body, JSON or a form, that exist."""
    if request.headers.get_content_type() == "application/json":
        try:
            paths = json.loads(request.body)["paths"]
        except (ValueError, KeyError, TypeError) as error:
            raise bad_request("The body must hold paths") from error
    else:
        paths = parse_qs(request.body.decode(errors="replace")).get("paths", [])
    found = (repo.file(path) for path in paths if isinstance(path, str))
    return json_answer([_tree_entry(file) for file in found if file is not None])


def refs(repo: HubRepo) -> Answer:
    """Return the one branch."""
    main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.sha}
    return json_answer({"branches": [main], "converts": [], "tags": [], "pullRequests": []})


def commits(repo: HubRepo) -> Answer:
    """Return the one commit."""
    commit = {
        "id": repo.sha,
        "title": "Upload of the miniature Hub",
        "message": NOTICE,
        "authors": [{"user": repo.info["author"]}],
        "date": repo.info["lastModified"],
    }
    return json_answer([commit])


def _sibling(file: HubFile) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": file.path, "size": file.size, "blobId": file.oid}
    if file.sha256_is_etag:
        sibling["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
    return sibling


def _tree_entry(file: HubFile) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "oid": file.oid, "size": file.size, "path": file.path}
    if file.sha256_is_etag:
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
    return entry
