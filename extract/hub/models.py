"""One model as the Hub's API describes it, turned into a row of ``raw.hub_models``. Pure functions."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from modelkin.raw_schemas import COUNTER_RANGES

LIST_EXPAND: Final = (
    "author",
    "cardData",
    "config",
    "createdAt",
    "disabled",
    "downloads",
    "downloadsAllTime",
    "gated",
    "gguf",
    "lastModified",
    "library_name",
    "likes",
    "pipeline_tag",
    "private",
    "safetensors",
    "sha",
    "siblings",
    "tags",
    "trendingScore",
)
"""What a listing is asked for: everything of the raw contract that listings accept."""

LISTED_COLUMNS: Final = (
    "author",
    "sha",
    "created_at",
    "last_modified",
    "downloads",
    "downloads_all_time",
    "likes",
    "trending_score",
    "pipeline_tag",
    "library_name",
    "gated",
    "private",
    "disabled",
    "tags",
    "card_data",
    "config",
    "architecture",
    "parameter_count",
    "siblings",
    "hub_id",
    "gguf",
    "safetensors",
)
"""The columns of ``raw.hub_models`` that LIST_EXPAND fills: a null in one of them means that the Hub has none."""

INFO_EXPAND: Final = (*LIST_EXPAND, "baseModels", "usedStorage")
"""What one model is asked for; the last two are refused in listings."""

CHAT_TEMPLATE: Final = "chat_template"
"""What is not kept of ``gguf``: some 10,000 characters a model, and nothing that describes its weights."""


def model_row(item: Mapping[str, Any], observed_at: datetime) -> dict[str, Any] | None:
    """Return the row for one model of the Hub's API, or None when it has no id.

    A property that is absent or of another type than the API documents is null, and so is a counter
    outside its range.
    """
    model_id = text_of(item.get("id")) or text_of(item.get("modelId"))
    if model_id is None:
        return None
    counters = _counters(item)
    return {
        "observed_at": observed_at,
        "model_id": model_id,
        "author": text_of(item.get("author")) or (model_id.partition("/")[0] if "/" in model_id else None),
        "sha": text_of(item.get("sha")),
        "created_at": instant_of(item.get("createdAt")),
        "last_modified": instant_of(item.get("lastModified")),
        "downloads": whole_of(counters["downloads"], "downloads"),
        "downloads_all_time": whole_of(counters["downloads_all_time"], "downloads_all_time"),
        "likes": whole_of(counters["likes"], "likes"),
        "trending_score": number_of(counters["trending_score"], "trending_score"),
        "pipeline_tag": text_of(item.get("pipeline_tag")),
        "library_name": text_of(item.get("library_name")),
        "gated": gate_of(item.get("gated")),
        "private": truth_of(item.get("private")),
        "disabled": truth_of(item.get("disabled")),
        "tags": texts_of(item.get("tags")),
        "base_models": base_models_of(item.get("baseModels")),
        "card_data": json_of(item.get("cardData")),
        "config": json_of(item.get("config")),
        "architecture": architecture_of(item),
        "parameter_count": whole_of(counters["parameter_count"], "parameter_count"),
        "storage_bytes": whole_of(counters["storage_bytes"], "storage_bytes"),
        "siblings": siblings_of(item.get("siblings")),
        "hub_id": text_of(item.get("_id")),
        "gguf": json_of(without(item.get("gguf"), CHAT_TEMPLATE)),
        "safetensors": json_of(item.get("safetensors")),
    }


def emptied_counters(item: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Return the counters that ``item`` gives and its ``row`` lacks, since they cannot be true."""
    return [name for name, value in _counters(item).items() if value is not None and row[name] is None]


def _counters(item: Mapping[str, Any]) -> dict[str, object]:
    """Return what the API gives for each counter, as it is."""
    return {
        "downloads": item.get("downloads"),
        "downloads_all_time": item.get("downloadsAllTime"),
        "likes": item.get("likes"),
        "trending_score": item.get("trendingScore"),
        "parameter_count": parameters_of(item),
        "storage_bytes": item.get("usedStorage"),
    }


def parameters_of(item: Mapping[str, Any]) -> object:
    """Return the number of parameters: of safetensors as stated, else summed over its types, else of gguf."""
    safetensors = mapping_of(item.get("safetensors"))
    counts = [
        count
        for count in mapping_of(safetensors.get("parameters")).values()
        if isinstance(count, int) and not isinstance(count, bool)
    ]
    return safetensors.get("total") or sum(counts) or mapping_of(item.get("gguf")).get("total") or None


def architecture_of(item: Mapping[str, Any]) -> str | None:
    """Return the model type; of a diffusers model the class of its pipeline; else what the GGUF file says."""
    config = mapping_of(item.get("config"))
    return (
        text_of(config.get("model_type"))
        or text_of(mapping_of(config.get("diffusers")).get("_class_name"))
        or text_of(mapping_of(item.get("gguf")).get("architecture"))
    )


def without(value: object, name: str) -> object:
    """Return a mapping without one of its keys; anything else as it is."""
    return {key: part for key, part in value.items() if key != name} if isinstance(value, dict) else value


def text_of(value: object) -> str | None:
    """Return a non-empty text that UTF-8 can hold, else None."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) and value else None


def texts_of(value: object) -> list[str] | None:
    """Return the texts of a list; None when it is not a list."""
    if not isinstance(value, list):
        return None
    return [text for entry in value if (text := text_of(entry)) is not None]


def truth_of(value: object) -> bool | None:
    """Return a boolean, else None."""
    return value if isinstance(value, bool) else None


def gate_of(value: object) -> str | None:
    """Return how a model is gated: ``auto``, ``manual``, ``true`` or ``false``."""
    return str(value).lower() if isinstance(value, bool) else text_of(value)


def whole_of(value: object, counter: str) -> int | None:
    """Return a whole number within the range of ``counter``, else None."""
    number = number_of(value, counter)
    return int(number) if number is not None and number == int(number) else None


def number_of(value: object, counter: str) -> float | None:
    """Return a number within the range of ``counter``, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high = COUNTER_RANGES[counter]
    return value if low <= value <= high else None


def mapping_of(value: object) -> Mapping[str, Any]:
    """Return a mapping; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def instant_of(value: object) -> datetime | None:
    """Return the UTC instant of an ISO 8601 text, without a zone."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
    except (ValueError, OverflowError):
        return None


def json_of(value: object) -> str | None:
    """Return a mapping as JSON text; None when it is not a mapping or cannot be written as JSON."""
    if not isinstance(value, dict):
        return None
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode("utf-8")
    except (ValueError, TypeError, RecursionError):
        return None


def base_models_of(value: object) -> list[dict[str, str | None]] | None:
    """Return the declared parents.

    The API writes ``{"relation": R, "models": [{"id": ID}, …]}``; lists of ids, or of mappings
    with ``id`` and perhaps ``relation``, are read too.
    """
    if isinstance(value, dict):
        relation, entries = text_of(value.get("relation")), value.get("models")
    else:
        relation, entries = None, value
    if not isinstance(entries, list):
        return None
    parents: list[dict[str, str | None]] = []
    for entry in entries:
        own = mapping_of(entry)
        parent_id = text_of(entry) or text_of(own.get("id"))
        if parent_id:
            parents.append({"relation": text_of(own.get("relation")) or relation, "id": parent_id})
    return parents


def siblings_of(value: object) -> list[str] | None:
    """Return the file names of a repository."""
    if not isinstance(value, list):
        return None
    names = (text_of(entry) or text_of(mapping_of(entry).get("rfilename")) for entry in value)
    return [name for name in names if name]
