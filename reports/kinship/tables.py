"""The contracts of ``stats.weight_trees``, ``stats.merge_recipes`` and ``stats.lineage_verdicts``."""

from typing import Final

import pyarrow as pa

from modelkin.stats_tables import StatsTable

WEIGHT_TREES: Final = StatsTable(
    name="weight_trees",
    description=(
        "The trees that weights alone tell. One row per model that is kin to another by its weights. Written by "
        "`modelkin test` from marts.fct_weight_kinships; no declared edge is read. The rules are in docs/kinship.md."
    ),
    schema=pa.schema(
        [
            pa.field("model_id", pa.string(), nullable=False),
            pa.field("family", pa.string(), nullable=False),
            pa.field("parent_model_id", pa.string()),
            pa.field("copy_of", pa.string()),
            pa.field("depth", pa.int32(), nullable=False),
            pa.field("relation", pa.string(), nullable=False),
            pa.field("is_direction_known", pa.bool_(), nullable=False),
            pa.field("is_parent_absent", pa.bool_(), nullable=False),
            pa.field("distance", pa.float64()),
            pa.field("change_kind", pa.string()),
            pa.field("confidence", pa.float64(), nullable=False),
            pa.field("evidence", pa.string(), nullable=False),
        ]
    ),
    columns={
        "model_id": "The model.",
        "family": "The tree that it belongs to, named by the root.",
        "parent_model_id": "The parent by the weights; NULL at a root, for a copy, and where it is not here.",
        "copy_of": "The model whose sketch is equal and that stands for all its copies; else NULL.",
        "depth": "Steps from the root; a copy has that of the model it copies.",
        "relation": "root, child, merge, copy, or unknown (kin, but its parent is not in the warehouse).",
        "is_direction_known": "Whether something tells which of the two is the parent; if not, it may be reversed.",
        "is_parent_absent": "Whether the figures say that the true parent is missing here: the nearest is a sibling.",
        "distance": "Relative distance to the parent; NULL without one.",
        "change_kind": "What the difference to the parent looks like, as in fct_weight_kinships; NULL without one.",
        "confidence": "How sure parent and direction are, 0..1; 0.5 is a guess. See docs/kinship.md.",
        "evidence": "What decided, comma-separated: copies, distance, siblings, precision, zeros, layers, vocabulary, "
        "growth, tails, date, merge, or nothing.",
    },
)

MERGE_RECIPES: Final = StatsTable(
    name="merge_recipes",
    description=(
        "Merges that were recognised by solving for them. One row per merge and parent. Written by `modelkin test` "
        "from marts.fct_weight_kinships. The rules are in docs/kinship.md."
    ),
    schema=pa.schema(
        [
            pa.field("merge_model_id", pa.string(), nullable=False),
            pa.field("parent_model_id", pa.string(), nullable=False),
            pa.field("weight", pa.float64(), nullable=False),
            pa.field("method", pa.string(), nullable=False),
            pa.field("residual", pa.float64(), nullable=False),
        ]
    ),
    columns={
        "merge_model_id": "The merge.",
        "parent_model_id": "One of the models that it was made from.",
        "weight": "Its share: of a linear merge and SLERP the shares sum to 1; of task arithmetic the factor of the "
        "difference between this parent and the base, whose own share is what remains of 1.",
        "method": "linear, slerp or task_arithmetic.",
        "residual": "Distance that the recipe leaves, divided by that to its nearest parent; 0 is exact.",
    },
)

LINEAGE_VERDICTS: Final = StatsTable(
    name="lineage_verdicts",
    description=(
        "Whether what is declared holds, by two independent witnesses: weights and fingerprints. One row per declared "
        "edge, and per parent by the weights that nobody declared. Written by `modelkin test` from "
        "marts.fct_weight_kinships, fct_lineage_edges and mart_lineage_candidates. The rules are in docs/kinship.md."
    ),
    schema=pa.schema(
        [
            pa.field("model_id", pa.string(), nullable=False),
            pa.field("parent_model_id", pa.string(), nullable=False),
            pa.field("is_declared", pa.bool_(), nullable=False),
            pa.field("relation", pa.string()),
            pa.field("by_weights", pa.string(), nullable=False),
            pa.field("by_fingerprint", pa.string(), nullable=False),
            pa.field("both_witnesses_disagree", pa.bool_(), nullable=False),
            pa.field("correlation", pa.float64()),
            pa.field("p_value", pa.float64()),
            pa.field("p_holm", pa.float64()),
            pa.field("confidence", pa.float64()),
            pa.field("verdict", pa.string(), nullable=False),
            pa.field("nearest_model_id", pa.string()),
            pa.field("reason", pa.string(), nullable=False),
        ]
    ),
    columns={
        "model_id": "The model.",
        "parent_model_id": "The parent that is declared, or that the weights found.",
        "is_declared": "Whether someone declares this edge.",
        "relation": "The declared relation, such as finetune or merge; NULL where none is declared.",
        "by_weights": "What the weights say: confirmed, contradicted (independent), nearer_parent, reversed, "
        "undeclared or not_testable.",
        "by_fingerprint": "What the fingerprint says, which ranks families and knows no direction: confirmed (accepted "
        "as a possible parent), contradicted (compared and not accepted) or not_testable.",
        "both_witnesses_disagree": "Whether one says kin and the other stranger.",
        "correlation": "Mean correlation of the two models' weights; NULL where they could not be compared.",
        "p_value": "p of independent training; NULL where it could not be tested.",
        "p_holm": "The same corrected by Holm over all pairs of the warehouse.",
        "confidence": "How sure the verdict is, 0..1; NULL where it is not testable.",
        "verdict": "The weights' word where they have one, else the fingerprint's: confirmed, contradicted, "
        "nearer_parent, reversed, undeclared or not_testable.",
        "nearest_model_id": "The parent that the weights find instead; NULL where they find none or this one.",
        "reason": "Why the verdict is what it is, in one sentence.",
    },
)

TABLES: Final = (WEIGHT_TREES, MERGE_RECIPES, LINEAGE_VERDICTS)
