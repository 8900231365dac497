"""Kept for one release: the warehouse is ``modelkin.warehouse``."""

from modelkin.warehouse import (
    DEFAULT_PATH,
    STORAGE_VERSION,
    Load,
    connect,
    ensure_raw,
    library_versions,
    load,
    utc_now,
    warehouse_path,
)

__all__ = [
    "DEFAULT_PATH",
    "STORAGE_VERSION",
    "Load",
    "connect",
    "ensure_raw",
    "library_versions",
    "load",
    "utc_now",
    "warehouse_path",
]
