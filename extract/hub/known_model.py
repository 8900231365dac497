"""What is known about one model, and how it is shown: as a block of text, as one line, or as JSON."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final

from modelkin.printable import in_lines, one_line

LISTED: Final = 10
"""How many children, overlaps and tags a text shows before it says how many more there are."""

HEAVY_FACTS: Final = ("config", "card_data", "siblings", "tags", "base_models")
"""Facts that a text shows in part or not at all."""


@dataclass
class KnownModel:
    """What is known about one model, and where that was found."""

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
        return one_line(", ".join(part for part in parts if part))

    def as_text(self, *, verbose: bool = False) -> str:
        """Return a block of lines; ``verbose`` leaves nothing out."""
        lines = [self.model_id, *_rows([("type", self.model_type), ("found in", self.source)])]
        simple = {
            name: value for name, value in self.facts.items() if name not in {*HEAVY_FACTS, "model_id", "model_type"}
        }
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
        return in_lines(lines)


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
