"""Words for the codes that marts and stats hold, to be translated where they are shown.

A code without a word here is shown as it is.
"""

from typing import Final


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for text that is translated later
    """Mark ``message`` for translation and return it."""
    return message


WORDS: Final = {
    # relations
    "same": N_("same family"),
    "different": N_("different family"),
    "same family": N_("same family"),
    "different family": N_("different family"),
    # tiers and qualities
    "zero": N_("zero"),
    "over 1k": N_("over 1k"),
    "unknown": N_("unknown"),
    "low": N_("low"),
    "medium": N_("medium"),
    "high": N_("high"),
    # verdicts
    "supported": N_("supported"),
    "not_supported": N_("not supported"),
    "underpowered": N_("too few pairs"),
    "not_testable": N_("not testable"),
    "reproduced": N_("reproduced"),
    "not_reproduced": N_("not reproduced"),
    # questions
    "same_vs_different": N_("Do same-family pairs overlap more than different-family pairs?"),
    "spread_by_downloads": N_("Are models with few downloads noisier?"),
    "spread_sweep": N_("Is there any cut on downloads below which models are noisier?"),
    "extremes_by_downloads": N_("Do models with few downloads have more extreme overlaps?"),
    "downloads_vs_overlap": N_("Do downloads and overlap go together?"),
    "family_vs_family": N_("Do families differ from each other?"),
    "identification": N_("Does overlap tell the family?"),
    "filtering": N_("Does a download filter lower the errors?"),
    "validity": N_("Does measuring fail more often for one kind of pair?"),
    "power": N_("Are there enough pairs to tell?"),
    # tests
    "student_t": N_("Student's t"),
    "welch_t": N_("Welch's t"),
    "mann_whitney": N_("Mann-Whitney U"),
    "permutation_of_means": N_("permutation of means"),
    "brown_forsythe": N_("Brown-Forsythe"),
    "brown_forsythe_maximum": N_("largest Brown-Forsythe over all cuts"),
    "fligner_killeen": N_("Fligner-Killeen"),
    "fisher_exact": N_("Fisher's exact test"),
    "spearman": N_("Spearman"),
    "kendall": N_("Kendall"),
    "pearson": N_("Pearson"),
    "pearson_log10": N_("Pearson on log10(1 + downloads)"),
    "kolmogorov_smirnov": N_("Kolmogorov-Smirnov"),
    "anderson_darling": N_("Anderson-Darling"),
    "auc": N_("area under the ROC curve"),
    "false_negative_rate": N_("false negative rate"),
    "false_positive_rate": N_("false positive rate"),
    "tpr_at_fpr_0.01": N_("TPR at an FPR of 0.01"),
    "tpr_at_fpr_0.001": N_("TPR at an FPR of 0.001"),
    "n_for_power": N_("n for the power"),
    "rule_of_three": N_("rule of three"),
    # effects
    "hedges_g": N_("Hedges' g"),
    "cliffs_delta": N_("Cliff's delta"),
    "difference_of_means": N_("difference of means"),
    "ratio_of_means": N_("ratio of means"),
    "ratio_of_sds": N_("ratio of standard deviations"),
    "difference_of_shares": N_("difference of shares"),
    "spearman_rho": N_("Spearman's rho"),
    "kendall_tau": N_("Kendall's tau"),
    "pearson_r": N_("Pearson's r"),
    "ks_distance": N_("KS distance"),
    "n_needed_per_group": N_("n needed per group"),
    "n_needed_different": N_("n needed of different-family pairs"),
    "all families": N_("all families"),
    # why a pair is invalid
    "not_stated": N_("not stated by the file"),
    "no_prompts_in_common": N_("no prompts in common"),
    # lineage
    "base": N_("base"),
    "finetune": N_("finetune"),
    "quantized": N_("quantized"),
    "adapter": N_("adapter"),
    "merge": N_("merge"),
    "malformed_parent": N_("the parent's id is one no model can have"),
    "self_loop": N_("a model declares itself as its parent"),
    "edge_in_cycle": N_("parent and child descend from each other"),
    "edge_left_out_of_cycle": N_("left out to break a cycle"),
    "parent_never_observed": N_("the parent's metadata were never seen"),
    "parent_in_other_case": N_("the parent is written in another case"),
    # runs
    "hub": N_("Hub API"),
    "dump": N_("Hub dump"),
    "overlap": N_("measurement"),
    "import": N_("import of published files"),
    "complete": N_("complete"),
    "failed": N_("failed"),
    "running": N_("running or killed"),
}
"""What a code is called, in the language of the templates."""
