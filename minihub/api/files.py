"""``/ID/resolve/REVISION/PATH``: files with ETag, commit and ranges; those of a gated model are refused."""

import re
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from minihub.api.assumed import no_such_file, not_granted
from minihub.api.exchange import TEXT_TYPE, Answer, Part, Refusal, Request
from minihub.api.lookup import LOG_IN
from minihub.repositories import Build, HubFile, HubRepo

_OPEN_WHEN_GATED: Final = frozenset({"README.md", ".gitattributes"})
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)$")


def resolve(build: Build, repo: HubRepo, path: str, request: Request) -> Answer:
    """Return a file, the range of it that is asked for, or 304 where the client has it already."""
    if repo.info["gated"] and path not in _OPEN_WHEN_GATED:
        raise gated(repo, request)
    file = repo.file(path)
    if file is None:
        raise no_such_file(repo.sha)
    headers = _headers(repo, file)
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Answer(b"", headers, HTTPStatus.NOT_MODIFIED)
    start, stop = _wanted_range(request.headers.get("Range"), file)
    status = HTTPStatus.OK
    if request.headers.get("Range"):
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    headers["Content-Type"] = "application/octet-stream" if file.sha256_is_etag else TEXT_TYPE
    return Answer(Part(build.blob(file), start, stop), headers, status)


def _headers(repo: HubRepo, file: HubFile) -> dict[str, str]:
    etag = f'"{file.etag}"'
    name = quote(PurePosixPath(file.path).name)
    headers = {
        "ETag": etag,
        "X-Repo-Commit": repo.sha,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"inline; filename*=UTF-8''{name}; filename=\"{name}\";",
    }
    if file.sha256_is_etag:
        headers |= {"X-Linked-Size": str(file.size), "X-Linked-ETag": etag}
    return headers


def gated(repo: HubRepo, request: Request) -> Refusal:
    """Return the refusal of what only those may read to whom the author has granted access."""
    if request.token:
        return not_granted(repo.repo_id)
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        f"Access to model {repo.repo_id} is restricted. You must have access to it and be authenticated to "
        "access it. Please log in.",
        "GatedRepo",
        LOG_IN,
    )


def _wanted_range(wanted: str | None, file: HubFile) -> tuple[int, int]:
    """Return the bytes asked for as a half-open range; refuse with 416 where there are none."""
    if not wanted:
        return 0, file.size
    match = _RANGE.match(wanted)
    first, last = match.groups() if match else ("", "")
    if first:
        start, stop = int(first), min(int(last) + 1, file.size) if last else file.size
    else:
        start, stop = max(file.size - int(last or 0), 0), file.size
    if start >= stop:
        raise Refusal(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            "Range Not Satisfiable",
            headers={"Content-Range": f"bytes */{file.size}"},
        )
    return start, stop
