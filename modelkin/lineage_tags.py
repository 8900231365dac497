"""Which parents a model declares: one rule for tags, model cards and the Hub's API.

A tag is ``base_model:ID`` or ``base_model:RELATION:ID``. Everywhere, an id may be a list of ids
with commas between, or an address on the Hub. A text that is still not an id names no parent; it
is kept as malformed. The models read these statements by the same rule in SQL (macros/lineage.sql);
tests/parent_statements.csv holds the two together.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelkin.model_ids import PLACEHOLDERS

RELATIONS: Final = ("quantized", "adapter", "merge", "finetune")
"""The relations that the Hub knows, the most particular first: it names the type of a model that states several."""

TAG_PREFIX: Final = "base_model:"
_TAG: Final = re.compile(r" *([A-Za-z_-]+) *:(?!//)(.*)", re.DOTALL | re.ASCII)
_HUB_ADDRESS: Final = re.compile(r"https?://(www[.])?(huggingface[.]co|hf[.]co)/", re.IGNORECASE | re.ASCII)
_BEHIND_ID: Final = re.compile(r"(/(tree|blob|resolve)/[^?#]*)?/*([?#].*)?\Z", re.ASCII)
_ID: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?", re.ASCII)
_MAX_NAME: Final = 96


@dataclass(frozen=True)
class ParentStatement:
    """One parent that a model names, in one place."""

    parent_id: str
    relation: str | None
    """One of RELATIONS; None where none is stated, or one that the Hub does not know."""
    declared_by: str
    """``tag``, ``card`` or ``api``."""

    @property
    def is_well_formed(self) -> bool:
        """Return whether a model can have this id; one that no model can have names no parent."""
        return (
            _ID.fullmatch(self.parent_id) is not None
            and len(self.parent_id.rpartition("/")[2]) <= _MAX_NAME
            and self.parent_id.lower() not in PLACEHOLDERS
        )


def declared_parents(
    tags: Iterable[str] | None, card_data: str | None, base_models: Iterable[Mapping[str, Any]] | None
) -> list[ParentStatement]:
    """Return the well-formed statements of a model's tags, its card (JSON text) and the Hub's API, in that order."""
    found = [statement for tag in tags or () for statement in of_tag(tag)]
    card = json.loads(card_data) if card_data else None
    if isinstance(card, dict):
        relation = card.get("base_model_relation")
        for text in _texts(card.get("base_model")):
            found += _of_text(text, relation, "card")
    for entry in base_models or ():
        if entry["id"] is not None:
            found += _of_text(entry["id"], entry["relation"], "api")
    return [statement for statement in found if statement.is_well_formed]


def of_tag(tag: str) -> list[ParentStatement]:
    """Return what a tag states, malformed or not; nothing for a tag that is about something else."""
    if not tag.startswith(TAG_PREFIX):
        return []
    remainder = tag.removeprefix(TAG_PREFIX)
    stated = _TAG.fullmatch(remainder)
    return _of_text(stated[2], stated[1], "tag") if stated else _of_text(remainder, None, "tag")


def _of_text(text: str, relation: object, declared_by: str) -> list[ParentStatement]:
    word = relation.lower() if isinstance(relation, str) else None
    known = word if word in RELATIONS else None
    return [ParentStatement(_parent_id(part), known, declared_by) for part in text.split(",")]


def _parent_id(text: str) -> str:
    """Return the id in one part of a list: without blanks around it, its address on the Hub, or a slash behind it."""
    trimmed = text.strip(" ")
    if not (trimmed.endswith("/") or "://" in trimmed):
        return trimmed
    return _BEHIND_ID.sub("", _HUB_ADDRESS.sub("", trimmed, count=1), count=1)


def _texts(value: object) -> list[str]:
    """Return the texts at a key of a card that holds one text or a list; as in SQL, a number in a list is a text."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return []
    return [item if isinstance(item, str) else json.dumps(item) for item in value if item is not None]
