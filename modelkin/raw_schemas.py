"""The raw contract: one pyarrow schema for each table in the schema ``raw``.

Every table is append-only and every row carries the ``run_id`` of the run that wrote it.
Times are UTC, stored without a zone so that every engine reads the same instant. Columns are
described where analysts see them, in ``models/staging/_raw__sources.yml``; a test holds the two
lists equal.
"""

from typing import Final

import pyarrow as pa

UTC_TIME: Final = pa.timestamp("us")
JSON: Final = pa.json_()

BASE_MODEL: Final = pa.struct([pa.field("relation", pa.string()), pa.field("id", pa.string())])
"""One declared parent as the Hub's API reports it; ``relation`` may be null."""

EXTRACT_RUNS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("endpoint", pa.string()),
        pa.field("params", JSON),
        pa.field("started_at", UTC_TIME, nullable=False),
        pa.field("finished_at", UTC_TIME),
        pa.field("status", pa.string(), nullable=False),
        pa.field("row_count", pa.int64()),
        pa.field("error", pa.string()),
        pa.field("code_version", pa.string(), nullable=False),
        pa.field("library_versions", JSON),
        pa.field("observed_columns", pa.list_(pa.string())),
    ]
)
"""``observed_columns`` are the columns of ``hub_models`` that the run's source carries: a null in one of them was
observed, a null in any other column is only absent. Null for runs of versions before, and where no model was read."""

HUB_MODELS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("observed_at", UTC_TIME, nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("author", pa.string()),
        pa.field("sha", pa.string()),
        pa.field("created_at", UTC_TIME),
        pa.field("last_modified", UTC_TIME),
        pa.field("downloads", pa.int64()),
        pa.field("downloads_all_time", pa.int64()),
        pa.field("likes", pa.int64()),
        pa.field("trending_score", pa.float64()),
        pa.field("pipeline_tag", pa.string()),
        pa.field("library_name", pa.string()),
        pa.field("gated", pa.string()),
        pa.field("private", pa.bool_()),
        pa.field("disabled", pa.bool_()),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("base_models", pa.list_(BASE_MODEL)),
        pa.field("card_data", JSON),
        pa.field("config", JSON),
        pa.field("architecture", pa.string()),
        pa.field("parameter_count", pa.int64()),
        pa.field("storage_bytes", pa.int64()),
        pa.field("siblings", pa.list_(pa.string())),
        pa.field("hub_id", pa.string()),
        pa.field("gguf", JSON),
        pa.field("safetensors", JSON),
    ]
)

COUNTER_RANGES: Final[dict[str, tuple[int, int]]] = {
    "downloads": (0, 10**12),
    "downloads_all_time": (0, 10**12),
    "likes": (0, 10**12),
    "trending_score": (-(10**12), 10**12),
    "parameter_count": (0, 10**13),
    "storage_bytes": (0, 10**15),
}
"""What a counter of ``hub_models`` may be, both ends included; what is outside is a mistake of its source.

The largest that are known are thousands of millions of downloads, two million million parameters,
and repositories of some hundred terabytes. Sums over nine million models of a million million
downloads each still fit into 64 bits.
"""

HUB_MODEL_CARDS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("sha", pa.string()),
        pa.field("body", pa.string()),
        pa.field("fetched_at", UTC_TIME, nullable=False),
    ]
)

HUB_EDGES: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("source_model_id", pa.string(), nullable=False),
        pa.field("target_model_id", pa.string(), nullable=False),
        pa.field("relation", pa.string()),
    ]
)

OVERLAP_PROMPTS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("prompt_set_id", pa.string(), nullable=False),
        pa.field("base_model_id", pa.string(), nullable=False),
        pa.field("base_sha", pa.string()),
        pa.field("prompt_index", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("token_ids", pa.list_(pa.int32()), nullable=False),
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("recipe", JSON, nullable=False),
    ]
)

FINGERPRINTS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("sha", pa.string()),
        pa.field("prompt_set_id", pa.string(), nullable=False),
        pa.field("prompt_index", pa.int32()),
        pa.field("vocab_size", pa.int64()),
        pa.field("tokenizer_hash", pa.string()),
        pa.field("dtype", pa.string()),
        pa.field("bottom_k", pa.list_(pa.int32())),
        pa.field("js_divergence", pa.float64()),
        pa.field("weights_format", pa.string()),
        pa.field("weights_digest", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("failure_reason", pa.string()),
        pa.field("failure_detail", pa.string()),
        pa.field("memory_limit_bytes", pa.int64()),
        pa.field("weights_bytes", pa.int64()),
        pa.field("n_runs", pa.int32()),
    ]
)
"""``status`` is ``ok`` (one row per prompt) or ``failed`` (one row per model, no prompt index).

The last three decide whether a model that failed is tried again. ``memory_limit_bytes`` and ``weights_bytes`` say what
a model had that ran out of memory, and are null in all other rows; ``n_runs`` says in how many runs, one after
another, it failed for a reason that is tried twice, and is 1 for all others.
"""

FINGERPRINT_COUNTS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("prompt_set_id", pa.string(), nullable=False),
        pa.field("prompt_index", pa.int32(), nullable=False),
        pa.field("set_digest", pa.string(), nullable=False),
        pa.field("set_size", pa.int32(), nullable=False),
        pa.field("least_id", pa.int32()),
        pa.field("greatest_id", pa.int32()),
        pa.field("base_digest", pa.string()),
        pa.field("bottom_k", pa.int32()),
        pa.field("n_shared", pa.list_(pa.int32())),
        pa.field("squared_rank_gaps", pa.int64()),
    ]
)
"""What is counted once of each measured row of ``fingerprints``, so that nothing has to read its set again.

The first four columns are that row's own. ``base_digest`` names the set that it was compared with: the counts are a
function of the two sets and of ``bottom_k``, so they never go stale; a base that answers otherwise gets rows of its
own. It is null, with all that follows, where the base itself was not measured.
"""

OVERLAP_RESULTS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("study_id", pa.string(), nullable=False),
        pa.field("base_model_id", pa.string(), nullable=False),
        pa.field("derived_model_id", pa.string(), nullable=False),
        pa.field("base_downloads", pa.int64()),
        pa.field("derived_downloads", pa.int64()),
        pa.field("declared_relation", pa.string()),
        pa.field("bottom_k", pa.int32()),
        pa.field("pair_scores", pa.list_(pa.float64())),
        pa.field("avg_overlap_ratio", pa.float64()),
        pa.field("status", pa.string(), nullable=False),
    ]
)
"""``status`` is ``ok`` or ``failed``; a failed pair has no ratio and no scores."""

IMPORT_CONFLICTS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("raw_table", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("other_model_id", pa.string()),
        pa.field("column_name", pa.string(), nullable=False),
        pa.field("kept_value", pa.string(), nullable=False),
        pa.field("refused_value", pa.string(), nullable=False),
        pa.field("file_name", pa.string(), nullable=False),
        pa.field("line_number", pa.int64(), nullable=False),
    ]
)

WEIGHT_FILES: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("sha", pa.string()),
        pa.field("file_name", pa.string()),
        pa.field("file_format", pa.string()),
        pa.field("size_bytes", pa.int64()),
        pa.field("file_digest", pa.string()),
        pa.field("tensor_count", pa.int32()),
        pa.field("header", JSON),
        pa.field("bytes_read", pa.int64(), nullable=False),
        pa.field("seconds", pa.float64(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("failure_reason", pa.string()),
        pa.field("failure_detail", pa.string()),
    ]
)
"""``status`` is ``ok`` or ``failed``; a model of which no file could be chosen has one failed row without a file."""

WEIGHT_SKETCHES: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("sha", pa.string()),
        pa.field("file_name", pa.string(), nullable=False),
        pa.field("tensor_name", pa.string(), nullable=False),
        pa.field("stored_name", pa.string(), nullable=False),
        pa.field("tensor_role", pa.string(), nullable=False),
        pa.field("layer_index", pa.int32()),
        pa.field("dtype", pa.string(), nullable=False),
        pa.field("shape", pa.list_(pa.int64()), nullable=False),
        pa.field("block_offset", pa.int64(), nullable=False),
        pa.field("block_shape", pa.list_(pa.int32()), nullable=False),
        pa.field("sketch", pa.list_(pa.float32()), nullable=False),
        pa.field("block_digest", pa.string(), nullable=False),
        pa.field("is_dequantized", pa.bool_(), nullable=False),
        pa.field("is_probe", pa.bool_(), nullable=False),
    ]
)
"""One row per model, tensor and ``is_probe``. The block is ``block_shape`` (rows, columns) of the tensor, seen as a
matrix whose rows are its last dimension; ``sketch`` holds its values row by row, from the element ``block_offset`` on.
"""

WEIGHT_COMPARISONS: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("model_id", pa.string(), nullable=False),
        pa.field("other_run_id", pa.string(), nullable=False),
        pa.field("other_model_id", pa.string(), nullable=False),
        pa.field("sketch_digest", pa.string(), nullable=False),
        pa.field("other_sketch_digest", pa.string(), nullable=False),
        pa.field("n_tensors_compared", pa.int32(), nullable=False),
        pa.field("n_tensors_equal", pa.int32(), nullable=False),
        pa.field("n_values", pa.int64(), nullable=False),
        pa.field("n_values_equal", pa.int64()),
        pa.field("correlation", pa.float64()),
        pa.field("embedding_correlation", pa.float64()),
        pa.field("n_units", pa.int32(), nullable=False),
        pa.field("t_statistic", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("distance", pa.float64()),
        pa.field("embedding_distance", pa.float64()),
        pa.field("norm_distance", pa.float64()),
        pa.field("squared_distance", pa.float64()),
        pa.field("squared_norm", pa.float64()),
        pa.field("other_squared_norm", pa.float64()),
        pa.field("distance_as_source", pa.float64()),
        pa.field("other_distance_as_source", pa.float64()),
        pa.field("norm_growth", pa.float64()),
        pa.field("norm_growth_error", pa.float64()),
        pa.field("low_rank_share", pa.float64()),
        pa.field("share_zero", pa.float64()),
        pa.field("other_share_zero", pa.float64()),
        pa.field("precision", pa.string()),
        pa.field("other_precision", pa.string()),
        pa.field("n_layers", pa.int32()),
        pa.field("other_n_layers", pa.int32()),
        pa.field("vocabulary_rows", pa.int64()),
        pa.field("other_vocabulary_rows", pa.int64()),
        pa.field("kurtosis", pa.float64()),
        pa.field("other_kurtosis", pa.float64()),
    ]
)
"""What two sketches tell of each other, computed once: ``model_id`` is the first of the two in lower case.

The runs are those that loaded the sketches, and all else is a function of the two sketches, so no row goes stale. What
follows ``p_value`` is null where the two are not kin: between strangers it says nothing, and costs the most.
"""

RAW_TABLES: Final[dict[str, pa.Schema]] = {
    "extract_runs": EXTRACT_RUNS,
    "hub_models": HUB_MODELS,
    "hub_model_cards": HUB_MODEL_CARDS,
    "hub_edges": HUB_EDGES,
    "overlap_prompts": OVERLAP_PROMPTS,
    "fingerprints": FINGERPRINTS,
    "fingerprint_counts": FINGERPRINT_COUNTS,
    "overlap_results": OVERLAP_RESULTS,
    "import_conflicts": IMPORT_CONFLICTS,
    "weight_files": WEIGHT_FILES,
    "weight_sketches": WEIGHT_SKETCHES,
    "weight_comparisons": WEIGHT_COMPARISONS,
}


def emptied_note(column: str, count: int) -> str:
    """Return the note that ``count`` values of a counter were outside their range and became null."""
    low, high = COUNTER_RANGES[column]
    return f"values of {column} that are no number from {low:,} to {high:,}, left empty: {count:,}"
