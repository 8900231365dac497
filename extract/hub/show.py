"""Everything known about one model: from the warehouse's marts, from raw where there are none, or from the Hub."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from extract.hub.client import HubClient, endpoint_label
from extract.hub.identities import hub_ids_seen, is_replaced, moved
from extract.hub.known_model import HEAVY_FACTS, KnownModel
from extract.hub.models import INFO_EXPAND, LIST_EXPAND, mapping_of, model_row, text_of
from modelkin.errors import InputError
from modelkin.lineage_tags import RELATIONS, declared_parents
from modelkin.near_ids import either, near_ids
from modelkin.observations import IS_NEWEST
from modelkin.warehouse import connect, utc_now, warehouse_path

_TABLES: Final = "select table_schema || '.' || table_name from information_schema.tables"
_DIM: Final = "select * from marts.dim_models where lower(model_id) = lower(?)"
_PARENTS: Final = """
    select parent_model_id as model_id, relation, declared_by
    from marts.fct_lineage_edges where lower(child_model_id) = lower(?) order by 1
"""
_CHILDREN: Final = """
    select edges.child_model_id as model_id, edges.relation, models.downloads
    from marts.fct_lineage_edges as edges
    left join marts.dim_models as models on edges.child_model_id = models.model_id
    where lower(edges.parent_model_id) = lower(?)
    order by models.downloads desc nulls last, 1
"""
_ROOTS: Final = """
    select root_model_id as model_id, weight, distance
    from marts.bridge_model_roots where lower(model_id) = lower(?) order by is_primary desc, weight desc, 1
"""
_OVERLAPS: Final = """
    select study_id, base_model_id, derived_model_id, relation, overlap_ratio, is_valid, invalid_reason
    from marts.fct_overlaps where lower(?) in (lower(base_model_id), lower(derived_model_id))
    order by study_id, overlap_ratio desc nulls last, base_model_id, derived_model_id
"""
_RAW_MODEL: Final = """
    select hub_models.* exclude (run_id)
    from raw.hub_models inner join raw.extract_runs on hub_models.run_id = extract_runs.run_id
    where extract_runs.status = 'complete' and lower(hub_models.model_id) = lower(?)
    qualify {is_newest}
"""
_RAW_PARENTS: Final = """
    select distinct edges.source_model_id as model_id, edges.relation, 'import' as declared_by
    from raw.hub_edges as edges inner join raw.extract_runs as runs on edges.run_id = runs.run_id
    where runs.status = 'complete' and lower(edges.target_model_id) = lower($1)
    and lower(edges.source_model_id) <> lower($1) order by 1
"""
_RAW_EDGE_CHILDREN: Final = """
    select distinct edges.target_model_id as model_id, edges.relation, null as downloads
    from raw.hub_edges as edges inner join raw.extract_runs as runs on edges.run_id = runs.run_id
    where runs.status = 'complete' and lower(edges.source_model_id) = lower($1)
    and lower(edges.target_model_id) <> lower($1) order by 1
"""
_RAW_NAMING: Final = """
    with latest as (
        select hub_models.model_id, hub_models.tags, hub_models.card_data, hub_models.base_models, hub_models.downloads
        from raw.hub_models inner join raw.extract_runs on hub_models.run_id = extract_runs.run_id
        where extract_runs.status = 'complete'
        qualify {is_newest}
    )

    select * from latest
    where contains(lower(concat(tags::varchar, card_data::varchar, base_models::varchar)), lower($1))
    order by downloads desc nulls last, model_id
"""
"""Models that name an id somewhere; whether as a parent, ``declared_parents`` tells."""

_RAW_OVERLAPS: Final = """
    select distinct results.study_id, results.base_model_id, results.derived_model_id,
        results.declared_relation as relation, results.avg_overlap_ratio as overlap_ratio,
        results.status = 'ok' as is_valid, null as invalid_reason
    from raw.overlap_results as results inner join raw.extract_runs as runs on results.run_id = runs.run_id
    where runs.status = 'complete' and lower(?) in (lower(base_model_id), lower(derived_model_id))
    order by study_id, overlap_ratio desc nulls last, base_model_id, derived_model_id
"""


_COUNTED: Final = ("gguf", "safetensors")
"""What parameter_count and architecture are made from, too long to show."""


def live_model(model_id: str, path: Path | None = None) -> KnownModel:
    """Return what the Hub says of a model now; raise HubError when it does not tell.

    Where the warehouse observed the id, it tells a renamed repository from another one under the same id.
    """
    item = HubClient().model(model_id, INFO_EXPAND, fallback=LIST_EXPAND)
    row = model_row(item, utc_now())
    if row is None:
        raise InputError(f"{endpoint_label()} sent a model without a name for {model_id}; check HF_ENDPOINT.")
    parents = parents_of(row)
    facts = {name: value for name, value in row.items() if name not in _COUNTED}
    seen = hub_ids_seen(path or warehouse_path(), endpoint_label(), [model_id])
    if is_replaced(model_id, item, seen):
        facts = {"replaced": moved(model_id, item, seen)} | facts
    elif row["model_id"].lower() != model_id.lower():
        facts = {"renamed_from": model_id} | facts
    return KnownModel(row["model_id"], endpoint_label(), model_type(row, parents), facts, parents)


def known_model(model_id: str, path: Path | None = None) -> KnownModel:
    """Return what the warehouse knows of a model, from its marts or else from raw.

    Raises InputError when it knows nothing, WarehouseError when there is no warehouse.
    """
    path = path or warehouse_path()
    with connect(path, read_only=True) as connection:
        tables = {name for (name,) in connection.execute(_TABLES).fetchall()}
        found = _from_marts(connection, tables, model_id) or _from_raw(connection, tables, model_id)
        near = [] if found is not None else near_ids(connection, tables, model_id)
    if found is None:
        advice = f"did you mean {either(near)}? Else" if near else "check its name, or"
        raise InputError(f"The warehouse {path} knows no model {model_id}; {advice} ask the Hub with --live.")
    return found


def _from_marts(connection: duckdb.DuckDBPyConnection, tables: set[str], model_id: str) -> KnownModel | None:
    if "marts.dim_models" not in tables:
        return None
    [*rows] = _select(connection, _DIM, model_id)
    if not rows:
        return None
    facts = rows[0]
    found = KnownModel(facts["model_id"], "marts", facts.get("model_type") or "unknown", facts)
    if "marts.fct_lineage_edges" in tables:
        found.parents = _select(connection, _PARENTS, model_id)
        found.children = _select(connection, _CHILDREN, model_id)
    if "marts.bridge_model_roots" in tables:
        found.roots = _select(connection, _ROOTS, model_id)
    if "marts.fct_overlaps" in tables:
        found.overlaps = _select(connection, _OVERLAPS, model_id)
    latest = _select(connection, _RAW_MODEL, model_id) if "raw.hub_models" in tables else []
    if latest:
        found.facts |= {name: latest[0][name] for name in HEAVY_FACTS}
    return found


def _from_raw(connection: duckdb.DuckDBPyConnection, tables: set[str], model_id: str) -> KnownModel | None:
    if "raw.hub_models" not in tables:
        return None
    latest = _select(connection, _RAW_MODEL, model_id)
    facts = latest[0] if latest else {}
    parents = joined([*parents_of(facts), *_select(connection, _RAW_PARENTS, model_id)])
    children = _children(
        _select(connection, _RAW_EDGE_CHILDREN, model_id), _select(connection, _RAW_NAMING, model_id), model_id
    )
    overlaps = _select(connection, _RAW_OVERLAPS, model_id)
    if not (facts or parents or children or overlaps):
        return None
    name = str(facts.get("model_id") or model_id)
    return KnownModel(name, "raw", model_type(facts, parents), facts, parents, [], children, overlaps)


def _select(connection: duckdb.DuckDBPyConnection, sql: str, model_id: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql.format(is_newest=IS_NEWEST), [model_id])
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def parents_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parents that a model declares in its tags, its card and the API, each once.

    ``declared_by`` lists where; a model that names itself is left out.
    """
    own = str(row.get("model_id") or "").lower()
    statements = declared_parents(row.get("tags"), row.get("card_data"), row.get("base_models"))
    return joined(
        [
            {"model_id": one.parent_id, "relation": one.relation, "declared_by": one.declared_by}
            for one in statements
            if one.parent_id.lower() != own
        ]
    )


def joined(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each parent once (ids match case-insensitively), with the first relation that is stated."""
    parents: dict[str, dict[str, Any]] = {}
    for entry in entries:
        parent = parents.setdefault(entry["model_id"].lower(), {**entry, "declared_by": ""})
        parent["relation"] = parent["relation"] or entry["relation"]
        sources = [source for source in parent["declared_by"].split(",") if source]
        parent["declared_by"] = ",".join(dict.fromkeys([*sources, entry["declared_by"]]))
    return list(parents.values())


def _children(
    edges: Sequence[Mapping[str, Any]], naming: Sequence[Mapping[str, Any]], parent_id: str
) -> list[dict[str, Any]]:
    """Return each child once, by an imported edge or by what it declares itself, the most downloaded first."""
    children: dict[str, dict[str, Any]] = {}
    for row in naming:
        for parent in parents_of(row):
            if parent["model_id"].lower() == parent_id.lower():
                children[row["model_id"].lower()] = {
                    "model_id": row["model_id"],
                    "relation": parent["relation"],
                    "downloads": row["downloads"],
                }
    for edge in edges:
        child = children.setdefault(edge["model_id"].lower(), dict(edge))
        child["relation"] = child["relation"] or edge["relation"]
    return list(children.values())


def model_type(row: Mapping[str, Any], parents: Sequence[Mapping[str, Any]]) -> str:
    """Return the type that a model declares: an imported word, else the relation to its parents."""
    card = mapping_of(json.loads(row["card_data"])) if row.get("card_data") else {}
    if stated := text_of(card.get("declared_type")):
        return stated
    relations = {parent["relation"] for parent in parents}
    if parents:
        return next((relation for relation in RELATIONS if relation in relations), "finetune")
    return "base" if row else "unknown"
