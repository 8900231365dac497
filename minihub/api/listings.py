"""``/api/models``: filters, order, and pages that a cursor in the ``Link`` header chains."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from minihub.api.exchange import Answer, Request, bad_request, json_answer
from minihub.api.faults import PAGE_SIZE
from minihub.api.fields import listed_fields, pick
from minihub.repositories import Build

SORT_KEYS: Final = ("createdAt", "downloads", "lastModified", "likes", "trendingScore")
_SIZE: Final = re.compile(r"(min|max):(\d+(?:\.\d+)?)([KMBT]?)$", re.IGNORECASE)
_SIZE_UNITS: Final = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def list_models(build: Build, request: Request, endpoint: str, page_size: int) -> Answer:
    """Return one page of the models that the request's filters let through."""
    fields = listed_fields(request)
    repos = [repo for repo in build.repos if _is_wanted(repo.info, request)]
    key = request.single("sort") or "trendingScore"
    if key not in SORT_KEYS:
        raise bad_request(f'Invalid option: expected one of {"|".join(SORT_KEYS)} for "sort"')
    repos.sort(key=lambda repo: repo.repo_id)
    repos.sort(key=lambda repo: repo.info[key], reverse=request.single("direction") != "1")
    start = _read_cursor(request.single("cursor"))
    stop = start + min(_read_limit(request.single("limit")), page_size)
    headers = {}
    if stop < len(repos):
        following = {**request.query, "cursor": [_cursor(stop)]}
        headers["Link"] = f'<{endpoint}/api/models?{urlencode(following, doseq=True)}>; rel="next"'
    return json_answer([pick(repo.info, fields) for repo in repos[start:stop]], headers)


def _is_wanted(info: Mapping[str, Any], request: Request) -> bool:
    tests: dict[str, Callable[[str], bool]] = {
        "author": lambda value: value.lower() == info["author"].lower(),
        "search": lambda value: value.lower() in info["id"].lower(),
        "pipeline_tag": lambda value: value == info.get("pipeline_tag"),
        "gated": lambda value: (value.lower() == "true") == bool(info["gated"]),
        "num_parameters": lambda value: _has_size(info, value),
    }
    asked = {name: value for name in tests if (value := request.single(name)) is not None}
    return all(tag in info["tags"] for tag in request.several("filter")) and all(
        tests[name](value) for name, value in asked.items()
    )


def _has_size(info: Mapping[str, Any], wanted: str) -> bool:
    count = (info.get("safetensors") or info.get("gguf") or {}).get("total")
    for part in wanted.split(","):
        match = _SIZE.match(part)
        if match is None:
            raise bad_request('Invalid value for "num_parameters"')
        bound = float(match[2]) * _SIZE_UNITS[match[3].upper()]
        if count is None or (count < bound if match[1].lower() == "min" else count > bound):
            return False
    return True


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"start": start}).encode()).decode()


def _read_cursor(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        start = json.loads(base64.urlsafe_b64decode(cursor))["start"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise bad_request("Invalid cursor") from error
    if not isinstance(start, int) or start < 0:
        raise bad_request("Invalid cursor")
    return start


def _read_limit(limit: str | None) -> int:
    if limit is None:
        return PAGE_SIZE
    if not limit.isdigit() or int(limit) == 0:
        raise bad_request('Invalid value for "limit": expected a positive number')
    return min(int(limit), PAGE_SIZE)
