"""A loopback HTTP server that answers as the Hub's API does, from the catalogue of a build.

What it answers follows what unmodified ``huggingface_hub`` and ``transformers`` ask for and how
they read the answers: listing with filters, sorting, ``expand`` and ``Link`` paging; model info;
trees; files with ETag, commit and ranges; the Hub's error headers; rate limits. Every path is
looked up in the catalogue; none is ever joined to a folder from a URL.
"""

import base64
import binascii
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from minihub.repositories import Build, HubFile, HubRepo
from minihub.store import build
from modelkin.errors import HubError
from modelkin.spool import held

HOST: Final = "127.0.0.1"
LABEL: Final = "minihub"
"""The stable name under which an endpoint of the miniature Hub is recorded; its port changes."""
NOTICE: Final = "Modelkin miniature Hub: synthetic models and metadata, made on this machine"

PAGE_SIZE: Final = 1000
"""Models on a page of a listing when the client names no limit, and the most it can ask for."""
TREE_PAGE_SIZE: Final = 1000
_CHUNK_BYTES: Final = 1 << 18
_MAX_BODY_BYTES: Final = 1 << 20

DETAIL_ONLY: Final = frozenset({"baseModels", "childrenModelCount", "usedStorage"})
"""Expand names that the Hub answers for one model and rejects in a listing."""
EXPANDABLE: Final = DETAIL_ONLY | {
    "author", "cardData", "config", "createdAt", "disabled", "downloads", "downloadsAllTime", "evalResults", "gated",
    "gguf", "inference", "inferenceProviderMapping", "lastModified", "library_name", "likes", "mask_token",
    "model-index", "pipeline_tag", "private", "resourceGroup", "safetensors", "sha", "siblings", "spaces", "tags",
    "transformersInfo", "trendingScore", "widgetData",
}  # fmt: skip
_ALWAYS: Final = ("_id", "id")
_LISTED: Final = (
    "_id", "id", "modelId", "likes", "trendingScore", "private", "downloads", "tags", "pipeline_tag", "library_name",
    "createdAt",
)  # fmt: skip
_LISTED_IN_FULL: Final = (*_LISTED, "author", "gated", "disabled", "lastModified", "sha", "siblings")
_DETAIL: Final = (
    *_LISTED_IN_FULL, "cardData", "config", "transformersInfo", "model-index", "widgetData", "spaces", "safetensors",
    "gguf", "usedStorage", "mask_token",
)  # fmt: skip
SORT_KEYS: Final = ("createdAt", "downloads", "lastModified", "likes", "trendingScore")
_OPEN_WHEN_GATED: Final = frozenset({"README.md", ".gitattributes"})
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)$")
_SIZE: Final = re.compile(r"(min|max):(\d+(?:\.\d+)?)([KMBT]?)$", re.IGNORECASE)
_SIZE_UNITS: Final = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


@dataclass(frozen=True)
class Faults:
    """Troubles that a server makes on purpose, so that clients can be tested against them."""

    rate_limit_at: frozenset[int] = frozenset()
    """Numbers of the API requests (from 1) that are answered 429."""
    fail_every: int = 0
    """Every so many API requests, one is answered 429; 0 for never."""
    reset_seconds: int = 1
    """What a 429 says is left of the window; the client waits for one second more."""
    error_at: frozenset[int] = frozenset()
    """Numbers of the API requests that are answered 503."""
    latency_seconds: float = 0.0
    """How long every answer is held back."""
    page_size: int = PAGE_SIZE
    """The most models on one page of a listing, whatever the client asks."""


@dataclass
class MiniHub:
    """A running server: where it is, and what it has been asked."""

    endpoint: str
    build: Build
    faults: Faults
    requests: list[str] = field(default_factory=list)
    """Every request answered, as ``METHOD target``, in the order of arrival."""
    _api_requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, request: str, *, is_api: bool) -> int:
        """Record a request; return the number of API requests so far, or 0 where it is none."""
        with self._lock:
            self.requests.append(request)
            self._api_requests += is_api
            return self._api_requests if is_api else 0


@dataclass
class _Refusal(Exception):  # noqa: N818
    """An answer other than success, as the Hub words it."""

    status: HTTPStatus
    message: str
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    """Answer one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "modelkin-minihub/1"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60
    hub: MiniHub

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the requests are recorded in ``MiniHub.requests``."""

    def _answer(self) -> None:
        url = urlsplit(self.path)
        parts = [unquote(part) for part in url.path.split("/")[1:]]
        number = self.hub.count(f"{self.command} {self.path}", is_api=parts[0] == "api")
        body = self._read_body()
        if self.hub.faults.latency_seconds:
            time.sleep(self.hub.faults.latency_seconds)
        try:
            self._check_faults(number)
            self._route(parts, parse_qs(url.query, keep_blank_values=True), body)
        except _Refusal as refusal:
            self._send_refusal(refusal)

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True
            return b""
        return self.rfile.read(int(length))

    def _check_faults(self, number: int) -> None:
        faults = self.hub.faults
        if not number:
            return
        if number in faults.rate_limit_at or (faults.fail_every and number % faults.fail_every == 0):
            raise _Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                "We had to rate limit your IP. To continue using our service, create a HF account or login.",
                headers={
                    "RateLimit": f'"api";r=0;t={faults.reset_seconds}',
                    "RateLimit-Policy": '"fixed window";"api";q=500;w=300',
                },
            )
        if number in faults.error_at:
            raise _Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")

    def _route(self, parts: list[str], query: dict[str, list[str]], body: bytes) -> None:
        match parts:
            case [""]:
                self._send(f"{NOTICE}\n".encode(), "text/plain; charset=utf-8")
            case ["api", "models"]:
                self._list_models(query)
            case ["api", "models", author, name]:
                self._model_info(self._repo(author, name, parts), query)
            case ["api", "models", author, name, "revision", revision]:
                self._model_info(self._at(self._repo(author, name, parts), revision), query)
            case ["api", "models", author, name, "tree", revision, *folder]:
                repo = self._at(self._repo(author, name, parts), revision)
                self._tree(repo, "/".join(folder).strip("/"), query)
            case ["api", "models", author, name, "paths-info", revision] if self.command == "POST":
                self._paths_info(self._at(self._repo(author, name, parts), revision), body)
            case ["api", "models", author, name, "refs"]:
                self._refs(self._repo(author, name, parts))
            case ["api", "models", author, name, "commits", revision]:
                self._commits(self._at(self._repo(author, name, parts), revision))
            case [author, name, "resolve" | "raw", revision, *path] if author != "api" and path:
                self._file(self._at(self._repo(author, name, parts), revision), "/".join(path))
            case _:
                raise _Refusal(HTTPStatus.NOT_FOUND, "Sorry, we can't find the page you are looking for.")

    # Looking things up

    def _repo(self, author: str, name: str, parts: list[str]) -> HubRepo:
        """Return a repository; refuse as the Hub does, which tells anonymous clients 401 for 404."""
        asked = f"{author}/{name}"
        repo = self.hub.build.find(asked)
        moved_to = self.hub.build.renamed.get(asked.lower())
        canonical = moved_to or (repo.repo_id if repo is not None else asked)
        if canonical != asked and (repo is not None or moved_to):
            start = parts.index(author)
            path = "/".join(
                quote(part, safe="") for part in [*parts[:start], *canonical.split("/"), *parts[start + 2 :]]
            )
            query = urlsplit(self.path).query
            location = f"/{path}" + (f"?{query}" if query else "")
            raise _Refusal(
                HTTPStatus.TEMPORARY_REDIRECT,
                f"Temporary Redirect. Redirecting to {location}",
                headers={"Location": location},
            )
        if repo is not None and not repo.is_deleted:
            return repo
        if self.headers.get("Authorization"):
            raise _Refusal(HTTPStatus.NOT_FOUND, "Repository not found", "RepoNotFound")
        raise _Refusal(
            HTTPStatus.UNAUTHORIZED,
            "Invalid username or password.",
            "RepoNotFound",
            {"WWW-Authenticate": 'Bearer realm="Authentication required", charset="UTF-8"'},
        )

    def _at(self, repo: HubRepo, revision: str) -> HubRepo:
        if revision not in {"main", "refs/heads/main", repo.sha}:
            raise _Refusal(HTTPStatus.NOT_FOUND, f"Invalid rev id: {revision}", "RevisionNotFound")
        return repo

    # Listing

    def _list_models(self, query: dict[str, list[str]]) -> None:
        fields = _listed_fields(query)
        repos = [repo for repo in self.hub.build.repos if _is_wanted(repo.info, query)]
        key = _single(query, "sort") or "trendingScore"
        if key not in SORT_KEYS:
            raise _Refusal(HTTPStatus.BAD_REQUEST, f'Invalid option: expected one of {"|".join(SORT_KEYS)} for "sort"')
        repos.sort(key=lambda repo: repo.repo_id)
        repos.sort(key=lambda repo: repo.info[key], reverse=_single(query, "direction") != "1")
        start = _read_cursor(_single(query, "cursor"))
        stop = start + min(_read_limit(_single(query, "limit")), self.hub.faults.page_size)
        headers = {}
        if stop < len(repos):
            following = {**query, "cursor": [_cursor(stop)]}
            link = f"{self.hub.endpoint}/api/models?{urlencode(following, doseq=True)}"
            headers["Link"] = f'<{link}>; rel="next"'
        self._send_json([_pick(repo.info, fields) for repo in repos[start:stop]], headers)

    # One model

    def _model_info(self, repo: HubRepo, query: dict[str, list[str]]) -> None:
        expand = _expand_names(query)
        unknown = [name for name in expand if name not in EXPANDABLE]
        if unknown:
            raise _Refusal(HTTPStatus.BAD_REQUEST, _invalid_expand(unknown[0], EXPANDABLE))
        info = _pick(repo.info, (*_ALWAYS, *expand) if expand else _DETAIL)
        if _single(query, "blobs") in {"true", "True", "1"} and "siblings" in info:
            info["siblings"] = [_sibling(file) for file in repo.files]
        if _single(query, "securityStatus"):
            info["securityRepoStatus"] = {"scansDone": True, "filesWithIssues": []}
        self._send_json(info)

    def _tree(self, repo: HubRepo, folder: str, query: dict[str, list[str]]) -> None:
        prefix = f"{folder}/" if folder else ""
        inside = [file for file in repo.files if file.path.startswith(prefix)]
        if folder and not inside:
            raise _Refusal(
                HTTPStatus.NOT_FOUND,
                f'{folder} does not exist on "main"',
                "EntryNotFound",
                {"X-Repo-Commit": repo.sha},
            )
        is_recursive = _single(query, "recursive") in {"true", "True", "1"}
        entries: dict[str, dict[str, Any]] = {}
        for file in inside:
            rest = file.path[len(prefix) :]
            if "/" in rest:
                child = prefix + rest.split("/")[0]
                entries.setdefault(child, {"type": "directory", "oid": repo.sha, "size": 0, "path": child})
            if is_recursive or "/" not in rest:
                entries[file.path] = _tree_entry(file)
        self._send_json(list(entries.values())[:TREE_PAGE_SIZE])

    def _paths_info(self, repo: HubRepo, body: bytes) -> None:
        if self.headers.get_content_type() == "application/json":
            try:
                paths = json.loads(body)["paths"]
            except (ValueError, KeyError, TypeError) as error:
                raise _Refusal(HTTPStatus.BAD_REQUEST, "The body must hold paths") from error
        else:
            paths = parse_qs(body.decode(errors="replace")).get("paths", [])
        found = (repo.file(path) for path in paths if isinstance(path, str))
        self._send_json([_tree_entry(file) for file in found if file is not None])

    def _refs(self, repo: HubRepo) -> None:
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.sha}
        self._send_json({"branches": [main], "converts": [], "tags": [], "pullRequests": []})

    def _commits(self, repo: HubRepo) -> None:
        commit = {
            "id": repo.sha,
            "title": "Upload of the miniature Hub",
            "message": NOTICE,
            "authors": [{"user": repo.info["author"]}],
            "date": repo.info["lastModified"],
        }
        self._send_json([commit])

    # Files

    def _file(self, repo: HubRepo, path: str) -> None:
        if repo.info["gated"] and path not in _OPEN_WHEN_GATED:
            self._refuse_gated(repo)
        file = repo.file(path)
        if file is None:
            raise _Refusal(HTTPStatus.NOT_FOUND, "Entry not found", "EntryNotFound", {"X-Repo-Commit": repo.sha})
        etag = f'"{file.etag}"'
        name = quote(Path(path).name)
        headers = {
            "ETag": etag,
            "X-Repo-Commit": repo.sha,
            "Accept-Ranges": "bytes",
            "Content-Disposition": f"inline; filename*=UTF-8''{name}; filename=\"{name}\";",
        }
        if file.sha256_is_etag:
            headers |= {"X-Linked-Size": str(file.size), "X-Linked-ETag": etag}
        if self.headers.get("If-None-Match") == etag:
            self._send_head(HTTPStatus.NOT_MODIFIED, 0, headers)
            return
        start, stop = self._wanted_range(file)
        status = HTTPStatus.OK
        if self.headers.get("Range"):
            status = HTTPStatus.PARTIAL_CONTENT
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
        headers["Content-Type"] = "application/octet-stream" if file.sha256_is_etag else "text/plain; charset=utf-8"
        self._send_head(status, stop - start, headers)
        if self.command != "HEAD":
            self._send_blob(file, start, stop)

    def _refuse_gated(self, repo: HubRepo) -> None:
        page = f"{self.hub.endpoint}/{repo.repo_id}"
        if self.headers.get("Authorization"):
            raise _Refusal(
                HTTPStatus.FORBIDDEN,
                f"Access to model {repo.repo_id} is restricted and you are not in the authorized list. "
                f"Visit {page} to ask for access.",
                "GatedRepo",
            )
        raise _Refusal(
            HTTPStatus.UNAUTHORIZED,
            f"Access to model {repo.repo_id} is restricted. You must have access to it and be authenticated to "
            "access it. Please log in.",
            "GatedRepo",
            {"WWW-Authenticate": 'Bearer realm="Authentication required", charset="UTF-8"'},
        )

    def _wanted_range(self, file: HubFile) -> tuple[int, int]:
        """Return the bytes asked for as a half-open range; refuse with 416 where there are none."""
        wanted = self.headers.get("Range")
        if not wanted:
            return 0, file.size
        match = _RANGE.match(wanted)
        first, last = match.groups() if match else ("", "")
        if first:
            start, stop = int(first), min(int(last) + 1, file.size) if last else file.size
        else:
            start, stop = max(file.size - int(last or 0), 0), file.size
        if start >= stop:
            raise _Refusal(
                HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                "Range Not Satisfiable",
                headers={"Content-Range": f"bytes */{file.size}"},
            )
        return start, stop

    def _send_blob(self, file: HubFile, start: int, stop: int) -> None:
        with self.hub.build.blob(file).open("rb") as content:
            content.seek(start)
            left = stop - start
            while left:
                chunk = content.read(min(_CHUNK_BYTES, left))
                if not chunk:
                    self.close_connection = True
                    return
                self.wfile.write(chunk)
                left -= len(chunk)

    # Sending

    def _send_json(self, value: object, headers: Mapping[str, str] | None = None) -> None:
        self._send(json.dumps(value).encode(), "application/json; charset=utf-8", headers)

    def _send(self, content: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        limits = {"RateLimit": '"api";r=499;t=300', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
        self._send_head(HTTPStatus.OK, len(content), {"Content-Type": content_type, **limits, **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_refusal(self, refusal: _Refusal) -> None:
        content = json.dumps({"error": refusal.message}).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "X-Error-Message": refusal.message}
        if refusal.code is not None:
            headers["X-Error-Code"] = refusal.code
        self._send_head(refusal.status, len(content), {**headers, **refusal.headers})
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_head(self, status: HTTPStatus, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("X-Modelkin-Notice", NOTICE)
        for name, value in headers.items():
            self.send_header(name, _header_value(value))
        self.end_headers()


class _Server(ThreadingHTTPServer):
    """Serve each connection in a thread of its own, and take a client that hangs up as no error."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Report an error in a handler, unless the client merely went away."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _header_value(value: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", value)


def _single(query: Mapping[str, list[str]], name: str) -> str | None:
    values = query.get(name)
    return values[-1] if values else None


def _several(query: Mapping[str, list[str]], name: str) -> list[str]:
    values = [*query.get(name, ()), *query.get(f"{name}[]", ())]
    return [part for value in values for part in value.split(",") if part]


def _expand_names(query: Mapping[str, list[str]]) -> list[str]:
    return _several(query, "expand")


def _listed_fields(query: Mapping[str, list[str]]) -> tuple[str, ...]:
    allowed = EXPANDABLE - DETAIL_ONLY
    expand = _expand_names(query)
    for name in expand:
        if name not in allowed:
            raise _Refusal(HTTPStatus.BAD_REQUEST, _invalid_expand(name, allowed))
    if expand:
        return (*_ALWAYS, *expand)
    is_full = _single(query, "full") in {"true", "True", "1"}
    fields = list(_LISTED_IN_FULL if is_full else _LISTED)
    fields += [name for name in ("cardData", "config") if _single(query, name) in {"true", "True", "1"}]
    return tuple(fields)


def _invalid_expand(name: str, allowed: frozenset[str]) -> str:
    return f'Invalid option {json.dumps(name)} for "expand": expected one of {"|".join(sorted(allowed))}'


def _is_wanted(info: Mapping[str, Any], query: Mapping[str, list[str]]) -> bool:
    checks: list[Callable[[], bool]] = [
        lambda: all(tag in info["tags"] for tag in _several(query, "filter")),
        lambda: _matches(query, "author", lambda value: value.lower() == info["author"].lower()),
        lambda: _matches(query, "search", lambda value: value.lower() in info["id"].lower()),
        lambda: _matches(query, "pipeline_tag", lambda value: value == info.get("pipeline_tag")),
        lambda: _matches(query, "gated", lambda value: (value.lower() == "true") == bool(info["gated"])),
        lambda: _matches(query, "num_parameters", lambda value: _has_size(info, value)),
    ]
    return all(check() for check in checks)


def _matches(query: Mapping[str, list[str]], name: str, test: Callable[[str], bool]) -> bool:
    value = _single(query, name)
    return value is None or test(value)


def _has_size(info: Mapping[str, Any], wanted: str) -> bool:
    count = (info.get("safetensors") or info.get("gguf") or {}).get("total")
    for part in wanted.split(","):
        match = _SIZE.match(part)
        if match is None:
            raise _Refusal(HTTPStatus.BAD_REQUEST, 'Invalid value for "num_parameters"')
        bound = float(match[2]) * _SIZE_UNITS[match[3].upper()]
        if count is None or (count < bound if match[1].lower() == "min" else count > bound):
            return False
    return True


def _pick(info: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: info[name] for name in fields if name in info}


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"start": start}).encode()).decode()


def _read_cursor(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        start = json.loads(base64.urlsafe_b64decode(cursor))["start"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise _Refusal(HTTPStatus.BAD_REQUEST, "Invalid cursor") from error
    if not isinstance(start, int) or start < 0:
        raise _Refusal(HTTPStatus.BAD_REQUEST, "Invalid cursor")
    return start


def _read_limit(limit: str | None) -> int:
    if limit is None:
        return PAGE_SIZE
    if not limit.isdigit() or int(limit) == 0:
        raise _Refusal(HTTPStatus.BAD_REQUEST, 'Invalid value for "limit": expected a positive number')
    return min(int(limit), PAGE_SIZE)


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


@contextmanager
def serving(hub_build: Build, *, port: int = 0, faults: Faults | None = None) -> Iterator[MiniHub]:
    """Serve ``hub_build`` on the loopback interface for the body of the ``with``.

    ``port`` 0 takes any free one. Raises HubError when the port is taken.
    """
    handler: type[_Handler] = type("Handler", (_Handler,), {})
    try:
        server = _Server((HOST, port), handler)
    except OSError as error:
        raise HubError(
            f"The miniature Hub cannot listen on {HOST}:{port} ({error.strerror}); choose another --port, or 0 for any."
        ) from error
    hub = MiniHub(f"http://{HOST}:{server.server_address[1]}", hub_build, faults or Faults())
    handler.hub = hub
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name=LABEL, daemon=True)
    thread.start()
    try:
        with held(hub_build.folder):
            yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(*, port: int = 0, faults: Faults | None = None) -> Iterator[str]:
    """Make the miniature Hub if it is not there yet, serve it, and yield its endpoint URL."""
    with serving(build(), port=port, faults=faults) as hub:
        yield hub.endpoint
