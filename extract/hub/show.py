"""Everything known of one model: from the warehouse's marts, from raw where there are none, or from the Hub."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from extract.hub.client import HubClient, endpoint_label
from extract.hub.models import INFO_EXPAND, LIST_EXPAND, mapping_of, model_row, text_of, texts_of
from modelkin.errors import InputError
from modelkin.warehouse import connect, utc_now, warehouse_path

RELATIONS: Final = ("quantized", "adapter", "merge", "finetune")
"""The relations of the Hub's tags, the one that names a model's type first."""

TAG_PREFIX: Final = "base_model:"
LISTED: Final = 10
"""How many children, overlaps and tags a text shows before it says how many more there are."""

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
    select models.* exclude (run_id)
    from raw.hub_models as models inner join raw.extract_runs as runs on models.run_id = runs.run_id
    where runs.status = 'complete' and lower(models.model_id) = lower(?)
    order by models.observed_at desc, runs.started_at desc limit 1
"""
_RAW_PARENTS: Final = """
    select distinct edges.source_model_id as model_id, edges.relation, 'import' as declared_by
    from raw.hub_edges as edges inner join raw.extract_runs as runs on edges.run_id = runs.run_id
    where runs.status = 'complete' and lower(edges.target_model_id) = lower($1)
    and lower(edges.source_model_id) <> lower($1) order by 1
"""
_RAW_CHILDREN: Final = """
    with latest as (
        select models.model_id, models.tags, models.downloads
        from raw.hub_models as models inner join raw.extract_runs as runs on models.run_id = runs.run_id
        where runs.status = 'complete'
        qualify row_number() over (
            partition by lower(models.model_id) order by models.observed_at desc, runs.started_at desc
        ) = 1
    )

    select distinct edges.target_model_id as model_id, edges.relation, null as tags, null as downloads
    from raw.hub_edges as edges inner join raw.extract_runs as runs on edges.run_id = runs.run_id
    where runs.status = 'complete' and lower(edges.source_model_id) = lower($1)
    and lower(edges.target_model_id) <> lower($1)
    union all
    select model_id, null, tags, downloads from latest
    where list_contains(list_transform(tags, lambda tag: lower(tag)), 'base_model:' || lower($1))
    order by downloads desc nulls last, 1
"""
_RAW_OVERLAPS: Final = """
    select distinct results.study_id, results.base_model_id, results.derived_model_id,
        results.declared_relation as relation, results.avg_overlap_ratio as overlap_ratio,
        results.status = 'ok' as is_valid, null as invalid_reason
    from raw.overlap_results as results inner join raw.extract_runs as runs on results.run_id = runs.run_id
    where runs.status = 'complete' and lower(?) in (lower(base_model_id), lower(derived_model_id))
    order by study_id, overlap_ratio desc nulls last, base_model_id, derived_model_id
"""
_HEAVY: Final = ("config", "card_data", "siblings", "tags", "base_models")
"""Facts that a text shows in part or not at all."""


@dataclass
class KnownModel:
    """What is known of one model, and where that was found."""

    model_id: str
    source: str
    model_type: str
    facts: dict[str, Any] = field(default_factory=dict)
    parents: list[dict[str, Any]] = field(default_factory=list)
    roots: list[dict[str, Any]] = field(default_factory=list)
    children: list[dict[str, Any]] = field(default_factory=list)
    overlaps: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        """Return everything as JSON text."""
        return json.dumps(asdict(self), default=_plain, ensure_ascii=False, indent=2)

    def as_line(self) -> str:
        """Return one line: id, type, parents, downloads."""
        parents = " + ".join(parent["model_id"] for parent in self.parents)
        downloads = self.facts.get("downloads")
        parts = [
            f"{self.model_id}: {self.model_type}",
            f"from {parents}" if parents else "",
            f"{downloads:,} downloads" if downloads is not None else "",
        ]
        return ", ".join(part for part in parts if part)

    def as_text(self, *, verbose: bool = False) -> str:
        """Return a block of lines; ``verbose`` leaves nothing out."""
        lines = [self.model_id, *_rows([("type", self.model_type), ("found in", self.source)])]
        simple = {name: value for name, value in self.facts.items() if name not in {*_HEAVY, "model_id", "model_type"}}
        lines += _rows([(name, value) for name, value in simple.items() if value is not None])
        lines += _listed("parents", [_edge(parent) for parent in self.parents], all_=True)
        lines += _listed("roots", [_root(root) for root in self.roots], all_=True)
        kinds = Counter(child["relation"] or "unknown" for child in self.children)
        counted = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
        title = f"children ({counted})" if counted else "children"
        lines += _listed(title, [_child(child) for child in self.children], all_=verbose)
        lines += _listed("overlaps", [_overlap(overlap, self.model_id) for overlap in self.overlaps], all_=verbose)
        lines += _listed("tags", list(self.facts.get("tags") or []), all_=verbose)
        if verbose:
            lines += _listed("files", list(self.facts.get("siblings") or []), all_=True)
            for name in ("card_data", "config"):
                if self.facts.get(name):
                    lines.append(f"  {name}: {self.facts[name]}")
        return "\n".join(lines)


_COUNTED: Final = ("gguf", "safetensors")
"""What parameter_count and architecture are made from, too long to show."""


def live_model(model_id: str) -> KnownModel:
    """Return what the Hub says of a model now; raise HubError when it does not tell."""
    item = HubClient().model(model_id, INFO_EXPAND, fallback=LIST_EXPAND)
    row = model_row(item, utc_now())
    if row is None:
        raise InputError(f"{endpoint_label()} sent a model without a name for {model_id}; check HF_ENDPOINT.")
    parents = declared_parents(row)
    facts = {name: value for name, value in row.items() if name not in _COUNTED}
    if row["model_id"].lower() != model_id.lower():
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
    if found is None:
        raise InputError(f"The warehouse {path} knows no model {model_id}; check its name, or ask the Hub with --live.")
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
        found.facts |= {name: latest[0][name] for name in _HEAVY}
    return found


def _from_raw(connection: duckdb.DuckDBPyConnection, tables: set[str], model_id: str) -> KnownModel | None:
    if "raw.hub_models" not in tables:
        return None
    latest = _select(connection, _RAW_MODEL, model_id)
    facts = latest[0] if latest else {}
    parents = joined([*declared_parents(facts), *_select(connection, _RAW_PARENTS, model_id)])
    children = _children(_select(connection, _RAW_CHILDREN, model_id), model_id)
    overlaps = _select(connection, _RAW_OVERLAPS, model_id)
    if not (facts or parents or children or overlaps):
        return None
    name = str(facts.get("model_id") or model_id)
    return KnownModel(name, "raw", model_type(facts, parents), facts, parents, [], children, overlaps)


def _select(connection: duckdb.DuckDBPyConnection, sql: str, model_id: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, [model_id])
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def declared_parents(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parents that a model declares in its tags, its card and the API, each once.

    ``declared_by`` lists where; a model that names itself is left out.
    """
    entries = [
        {"model_id": parent, "relation": relation, "declared_by": "tag"}
        for relation, parent in (tag_parent(tag) for tag in row.get("tags") or [])
        if parent
    ]
    card = mapping_of(json.loads(row["card_data"])) if row.get("card_data") else {}
    named = text_of(card.get("base_model"))
    relation = text_of(card.get("base_model_relation"))
    on_card = [named] if named else texts_of(card.get("base_model")) or []
    entries += [{"model_id": parent, "relation": relation, "declared_by": "card"} for parent in on_card]
    entries += [
        {"model_id": base["id"], "relation": base["relation"], "declared_by": "api"}
        for base in row.get("base_models") or []
    ]
    own = str(row.get("model_id") or "").lower()
    return joined([entry for entry in entries if str(entry["model_id"]).lower() != own])


def joined(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each parent once (ids match case-insensitively), with the first relation that is stated."""
    parents: dict[str, dict[str, Any]] = {}
    for entry in entries:
        parent = parents.setdefault(entry["model_id"].lower(), {**entry, "declared_by": ""})
        parent["relation"] = parent["relation"] or entry["relation"]
        sources = [source for source in parent["declared_by"].split(",") if source]
        parent["declared_by"] = ",".join(dict.fromkeys([*sources, entry["declared_by"]]))
    return list(parents.values())


def _children(rows: Sequence[Mapping[str, Any]], parent_id: str) -> list[dict[str, Any]]:
    """Return each child once, with the relation that an edge or one of its tags states."""
    children: dict[str, dict[str, Any]] = {}
    for row in rows:
        stated = (tag_parent(tag) for tag in row["tags"] or [])
        by_tag = next(
            (relation for relation, name in stated if relation and name and name.lower() == parent_id.lower()), None
        )
        child = {"model_id": row["model_id"], "relation": row["relation"] or by_tag, "downloads": row["downloads"]}
        first = children.setdefault(row["model_id"].lower(), child)
        first["relation"] = first["relation"] or child["relation"]
    return [child for child in children.values() if child["model_id"].lower() != parent_id.lower()]


def tag_parent(tag: str) -> tuple[str | None, str | None]:
    """Return the relation and parent that a tag names: ``base_model:ID`` or ``base_model:RELATION:ID``.

    A tag with another number of colons, or an unknown relation, names no parent.
    """
    if not tag.startswith(TAG_PREFIX):
        return None, None
    first, colon, rest = tag.removeprefix(TAG_PREFIX).partition(":")
    if not colon:
        return None, first or None
    return (first, rest or None) if first in RELATIONS and ":" not in rest else (None, None)


def model_type(row: Mapping[str, Any], parents: Sequence[Mapping[str, Any]]) -> str:
    """Return the type that a model declares: an imported word, else the relation to its parents."""
    card = mapping_of(json.loads(row["card_data"])) if row.get("card_data") else {}
    if stated := text_of(card.get("declared_type")):
        return stated
    relations = {parent["relation"] for parent in parents}
    if parents:
        return next((relation for relation in RELATIONS if relation in relations), "finetune")
    return "base" if row else "unknown"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _rows(pairs: Sequence[tuple[str, Any]]) -> list[str]:
    return [f"  {name.replace('_', ' ')}: {_shown(value)}" for name, value in pairs]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _listed(title: str, lines: Sequence[str], *, all_: bool) -> list[str]:
    if not lines:
        return []
    shown = lines if all_ else lines[:LISTED]
    more = [f"    and {len(lines) - len(shown):,} more (-v shows all)"] if len(shown) < len(lines) else []
    return [f"  {title}:", *(f"    {line}" for line in shown), *more]


def _edge(parent: Mapping[str, Any]) -> str:
    return f"{parent['model_id']} ({parent['relation'] or 'relation not stated'}; by {parent['declared_by']})"


def _root(root: Mapping[str, Any]) -> str:
    return f"{root['model_id']} (weight {root['weight']:.2f}, {root['distance']} away)"


def _child(child: Mapping[str, Any]) -> str:
    downloads = child.get("downloads")
    count = "" if downloads is None else f", {downloads:,} downloads"
    return f"{child['model_id']} ({child['relation'] or 'relation not stated'}{count})"


def _overlap(overlap: Mapping[str, Any], model_id: str) -> str:
    is_base = overlap["base_model_id"].lower() == model_id.lower()
    other = overlap["derived_model_id"] if is_base else overlap["base_model_id"]
    ratio = overlap["overlap_ratio"]
    value = f"{ratio:.4f}" if ratio is not None else f"invalid ({overlap['invalid_reason'] or 'no prompt'})"
    side = "as the base of" if is_base else "measured on"
    return f"{overlap['study_id']}: {side} {other}: {value}, {overlap['relation'] or 'relation not declared'}"
