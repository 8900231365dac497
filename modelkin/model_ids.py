"""Model ids as the Hub writes them: ``owner/name``, or ``name`` alone for its oldest models."""

import re
from typing import Final

_MODEL_ID: Final = re.compile(r"[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)?", re.ASCII)
_MAX_CHARACTERS: Final = 200
"""The Hub allows 96 for a name today; older owners and names together are longer."""

PLACEHOLDERS: Final = frozenset({"unknown", "none", "null", "nan", "n/a", "na", "-", "?", "undefined"})
"""What people write where they do not know the model (compared in lower case)."""


def model_id_problem(text: str) -> str | None:
    """Return why ``text`` cannot be a model id, or None when it can be one."""
    if not text:
        return "the model id is missing"
    if text.lower() in PLACEHOLDERS:
        return f"{text!r} names no model"
    if len(text) > _MAX_CHARACTERS or not _MODEL_ID.fullmatch(text):
        return f"{shorten(text)} is not a model id (owner/name)"
    return None


def shorten(text: str, characters: int = 60) -> str:
    """Return ``text`` quoted for a message, cut after ``characters``."""
    return repr(text if len(text) <= characters else text[:characters] + "…")


def owner_of(model_id: str) -> str | None:
    """Return the owner in ``owner/name``, or None for a name alone."""
    owner, slash, _ = model_id.partition("/")
    return owner if slash else None
