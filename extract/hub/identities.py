"""Which repository an id stood for when it was observed, so that a renamed one is told from a replaced one.

The Hub answers a request for an old id with a redirect, and nothing in that says whether the target is the
same repository. Its own id, ``_id``, does: it stays when a repository is renamed.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from extract.hub.models import text_of
from modelkin.errors import WarehouseError
from modelkin.warehouse import connect

_SEEN: Final = """
    select lower(hub_models.model_id), arg_max(hub_models.hub_id, hub_models.observed_at)
    from raw.hub_models
    inner join raw.extract_runs
        on hub_models.run_id = extract_runs.run_id
    where
        extract_runs.status = 'complete'
        and hub_models.hub_id is not null
        and (extract_runs.endpoint = $label or extract_runs.endpoint is null)
        and ($asked is null or list_contains($asked, lower(hub_models.model_id)))
    group by lower(hub_models.model_id)
"""
_HAS_HUB_IDS: Final = """
    select count(*) > 0 from information_schema.columns
    where table_schema = 'raw' and table_name = 'hub_models' and column_name = 'hub_id'
"""


def hub_ids_seen(path: Path, endpoint_label: str, asked: Iterable[str] | None = None) -> dict[str, str]:
    """Return the Hub's own id of the models ``asked``, or of all of this Hub, as last observed, by id in lower case.

    Nothing where there is no warehouse, where it is of a version without these ids, or where another
    program holds it.
    """
    if not path.exists():
        return {}
    try:
        with connect(path, read_only=True) as connection:
            if connection.execute(_HAS_HUB_IDS).fetchall() != [(True,)]:
                return {}
            keys = None if asked is None else [model_id.lower() for model_id in asked]
            return dict(connection.execute(_SEEN, {"label": endpoint_label, "asked": keys}).fetchall())
    except WarehouseError:
        return {}


def is_replaced(asked_id: str, item: Mapping[str, Any], seen: Mapping[str, str]) -> bool:
    """Return whether the Hub's answer for an id is of another repository than the one observed under it."""
    known, own = seen.get(asked_id.lower()), text_of(item.get("_id"))
    return known is not None and own is not None and known != own


def moved(asked_id: str, item: Mapping[str, Any], seen: Mapping[str, str]) -> str | None:
    """Return a sentence where an id no longer stands for what was observed or asked under it, else None."""
    found_id = text_of(item.get("id")) or asked_id
    if is_replaced(asked_id, item, seen):
        leads = "is" if found_id.lower() == asked_id.lower() else f"leads to {found_id},"
        return f"{asked_id} {leads} another repository than the one that was observed under this id"
    if found_id.lower() == asked_id.lower():
        return None
    if asked_id.lower() in seen and text_of(item.get("_id")) is not None:
        return f"{asked_id} was renamed: it is {found_id} now"
    return f"{asked_id} leads to {found_id}: it was renamed, or replaced by another repository"
