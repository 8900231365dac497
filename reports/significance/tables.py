"""The contract of ``stats.significance_tests``."""

from typing import Final

import pyarrow as pa

from modelkin.stats_tables import StatsTable

SIGNIFICANCE_TESTS: Final = StatsTable(
    name="significance_tests",
    description=(
        "Every test and estimate of the download study with its n, effect, interval, corrected p and verdict. One row "
        "per study, family and test; tests that cannot be done are counted, one row per question. Written by "
        "`modelkin test` from marts.fct_overlaps; nothing is computed across studies. The rules are in "
        "docs/statistics.md."
    ),
    schema=pa.schema(
        [
            pa.field("study_id", pa.string(), nullable=False),
            pa.field("family_label", pa.string(), nullable=False),
            pa.field("test_id", pa.string(), nullable=False),
            pa.field("question", pa.string(), nullable=False),
            pa.field("scope", pa.string(), nullable=False),
            pa.field("group_a", pa.string(), nullable=False),
            pa.field("group_b", pa.string(), nullable=False),
            pa.field("test_name", pa.string(), nullable=False),
            pa.field("statistic", pa.float64()),
            pa.field("p_value", pa.float64()),
            pa.field("p_holm", pa.float64()),
            pa.field("p_bh", pa.float64()),
            pa.field("correction_family", pa.string()),
            pa.field("effect_name", pa.string(), nullable=False),
            pa.field("effect_size", pa.float64()),
            pa.field("ci_low", pa.float64()),
            pa.field("ci_high", pa.float64()),
            pa.field("ci_level", pa.float64()),
            pa.field("ci_method", pa.string()),
            pa.field("n_a", pa.int64(), nullable=False),
            pa.field("n_b", pa.int64(), nullable=False),
            pa.field("verdict", pa.string(), nullable=False),
            pa.field("note", pa.string(), nullable=False),
            pa.field("is_primary", pa.bool_(), nullable=False),
            pa.field("direction", pa.string()),
            pa.field("null_value", pa.float64()),
            pa.field("margin_low", pa.float64()),
            pa.field("margin_high", pa.float64()),
            pa.field("n_needed", pa.int64()),
            pa.field("p_holm_floor", pa.float64()),
            pa.field("n_families", pa.int64()),
            pa.field("tau_squared", pa.float64()),
            pa.field("i_squared", pa.float64()),
            pa.field("q_statistic", pa.float64()),
            pa.field("q_p_value", pa.float64()),
            pa.field("prediction_low", pa.float64()),
            pa.field("prediction_high", pa.float64()),
        ]
    ),
    columns={
        "study_id": "The set of measurements that the test was done in.",
        "family_label": "The family that was tested; `all families` where they are pooled, compared or counted.",
        "test_id": "Stable name of the test, question/scope/test; unique within study and family.",
        "question": "What is asked: same_vs_different, spread_by_downloads, spread_sweep, extremes_by_downloads, "
        "downloads_vs_overlap, family_vs_family, identification, filtering, validity or power.",
        "scope": "The pairs that take part: all, a quality, a tier, a relation, a filter, and so on; `undoubted`, "
        "also as an ending, leaves disputed and suspect pairs out; `not_testable` counts tests that cannot be done.",
        "group_a": "The first group in words; a positive effect, or a ratio above 1, means that it is the larger.",
        "group_b": "The second group in words.",
        "test_name": "The test, or how the estimate was made.",
        "statistic": "The test's statistic; for a cut its threshold; NULL where it could not be computed.",
        "p_value": "Two-sided p, not corrected; NULL for a bare estimate.",
        "p_holm": "p corrected by Holm over all tests of correction_family.",
        "p_bh": "p corrected by Benjamini and Hochberg over all tests of correction_family.",
        "correction_family": "The tests corrected together: `primary/<question>` over families, `pooled` over "
        "questions, `robustness/<question>/<scope>/<test>` over families, `sweep/<relation>` for one family's single "
        "cuts; NULL without p.",
        "effect_name": "What effect_size measures.",
        "effect_size": "The size of the effect; NULL where it could not be computed.",
        "ci_low": "Low bound of the effect's interval; NULL where there is none.",
        "ci_high": "High bound of the effect's interval; NULL where there is none.",
        "ci_level": "Level of the interval, 0..1; NULL without an interval.",
        "ci_method": "How the interval was made; NULL without an interval.",
        "n_a": "Values in the first group; of a correlation, the pairs with both values.",
        "n_b": "Values in the second group; of a correlation, the pairs with both values.",
        "verdict": "supported, contradicted, no_difference (shown to lie within the margin), not_settled, underpowered "
        "(n_needed says what it needs) or not_testable, by the rules of docs/statistics.md.",
        "note": "What was asked and found, and why the verdict is what it is, in plain words; of a primary test "
        "also what becomes of it without disputed and suspect pairs.",
        "is_primary": "Whether this is the one test, chosen beforehand, that answers its question for its family.",
        "direction": "The side of null_value that the question asks about: above, below or either; NULL for counts.",
        "null_value": "The effect when there is none, or the target that an interval is held against.",
        "margin_low": "From here to margin_high an effect makes no difference; NULL where no margin is set.",
        "margin_high": "High bound of the effects that make no difference; NULL where no margin is set.",
        "n_needed": "Pairs that each group needs to find the benchmark effect with a power of 80 %, or to judge "
        "an interval; families, for a pooled row. Unequal groups count by their harmonic mean; without p, the smaller.",
        "p_holm_floor": "The smallest p_holm that the test could give for these groups; NULL where it has no end.",
        "n_families": "Families that are pooled or compared together; NULL in rows of one family or two.",
        "tau_squared": "Variance of the true effect between families, on the scale of pooling; NULL unless pooled.",
        "i_squared": "Share of the variance that lies between families, 0..1; NULL unless pooled.",
        "q_statistic": "Cochran's Q of the families' effects; NULL unless pooled.",
        "q_p_value": "p of all families having one effect, by Q; NULL unless pooled.",
        "prediction_low": "Low bound of where the true effect of one more family is expected; NULL unless pooled.",
        "prediction_high": "High bound of where the true effect of one more family is expected; NULL unless pooled.",
    },
)
