"""Where the report of a warehouse lies, and dbt's documentation of it. ``make docs`` asks this module."""

import hashlib
import re
from pathlib import Path
from typing import Final

from modelkin.database import DEFAULT_PATH, warehouse_path

SITE: Final = Path("build/site")
"""Where the report of the default warehouse lies."""


def site_folder(warehouse: Path) -> Path:
    """Return the folder for the report of ``warehouse``: ``build/site`` for the default, else one that no other has.

    A warehouse beside the default one gives its folder its name; that of any other carries a digest of its whole path.
    """
    default, named = Path(DEFAULT_PATH).resolve(), warehouse.resolve()
    if named == default:
        return SITE
    if named.parent == default.parent and re.fullmatch(r"[a-z0-9_-]+\.duckdb", named.name):
        return SITE.with_name(f"{SITE.name}-{named.stem}")
    plain = re.sub(r"[^a-z0-9]+", "-", named.stem.lower())[:40].strip("-") or "warehouse"
    return SITE.with_name(f"{SITE.name}-{plain}.{hashlib.sha256(str(named).encode()).hexdigest()[:6]}")


def docs_page(warehouse: Path) -> Path:
    """Return the page with dbt's documentation of ``warehouse``, in a folder beside its report and named alike."""
    site = site_folder(warehouse)
    return site.with_name(site.name.replace(SITE.name, "dbt", 1)) / "static_index.html"


if __name__ == "__main__":
    print(docs_page(warehouse_path()).parent)  # noqa: T201
