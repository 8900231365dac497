"""Which properties of a model an answer shows."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from minihub.api.assumed import EXPANDABLE as ASSUMED
from minihub.api.assumed import REJECTED_IN_LISTINGS
from minihub.api.exchange import Refusal, Request, bad_request

EXPANDABLE: Final = ASSUMED | {
    "author", "baseModels", "childrenModelCount", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated",
    "lastModified", "library_name", "likes", "pipeline_tag", "private", "sha", "spaces", "tags", "trendingScore",
}  # fmt: skip
"""Names that ``expand`` takes."""
_ALWAYS: Final = ("_id", "id")
_LISTED: Final = (
    "_id", "id", "modelId", "likes", "trendingScore", "private", "downloads", "tags", "pipeline_tag", "library_name",
    "createdAt",
)  # fmt: skip
_LISTED_IN_FULL: Final = (*_LISTED, "author", "gated", "lastModified", "sha", "siblings")
_DETAIL: Final = (
    "_id", "id", "modelId", "likes", "private", "downloads", "tags", "pipeline_tag", "library_name", "createdAt",
    "author", "gated", "lastModified", "sha", "siblings", "disabled", "inference", "cardData", "config",
    "transformersInfo", "model-index", "widgetData", "spaces", "safetensors", "gguf", "usedStorage", "mask_token",
)  # fmt: skip


def detail_fields(request: Request) -> tuple[str, ...]:
    """Return the properties that the answer about one model shows; raise Refusal for one that does not exist."""
    return _expanded(request, EXPANDABLE) or _DETAIL


def listed_fields(request: Request) -> tuple[str, ...]:
    """Return the properties that a listing shows; raise Refusal for one that listings lack."""
    if expanded := _expanded(request, EXPANDABLE - REJECTED_IN_LISTINGS):
        return expanded
    fields = _LISTED_IN_FULL if request.is_set("full") else _LISTED
    return (*fields, *(name for name in ("cardData", "config") if request.is_set(name)))


def pick(info: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """Return those of ``fields`` that a model has."""
    return {name: info[name] for name in fields if name in info}


def _expanded(request: Request, allowed: frozenset[str]) -> tuple[str, ...]:
    names = request.several("expand")
    for name in names:
        if name not in allowed:
            raise _unknown(name, allowed)
    return (*_ALWAYS, *names) if names else ()


def _unknown(name: str, allowed: frozenset[str]) -> Refusal:
    return bad_request(f'Invalid option {json.dumps(name)} for "expand": expected one of {"|".join(sorted(allowed))}')
