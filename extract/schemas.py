"""Kept for one release: the raw contract is ``modelkin.raw_schemas``."""

from modelkin.raw_schemas import (
    COUNTER_RANGES,
    EXTRACT_RUNS,
    FINGERPRINTS,
    HUB_EDGES,
    HUB_MODEL_CARDS,
    HUB_MODELS,
    OVERLAP_PROMPTS,
    OVERLAP_RESULTS,
    RAW_TABLES,
)

__all__ = [
    "COUNTER_RANGES",
    "EXTRACT_RUNS",
    "FINGERPRINTS",
    "HUB_EDGES",
    "HUB_MODELS",
    "HUB_MODEL_CARDS",
    "OVERLAP_PROMPTS",
    "OVERLAP_RESULTS",
    "RAW_TABLES",
]
