"""The statistics and comparators that a claim may name, and what each needs of the claim."""

from collections.abc import Mapping
from typing import Final

from modelkin.errors import InputError
from reports.claims import judgements, values
from reports.claims.claim import Claim
from reports.claims.groups import OfOne, OfRange, OfTwo

OF_ONE: Final[Mapping[str, OfOne]] = {
    "n_pairs": values.n_pairs,
    "n_valid": values.n_valid,
    "n_invalid": values.n_invalid,
    "invalid_rate": values.invalid_rate,
    "mean": values.mean,
    "median": values.median,
    "sd": values.sd,
    "min": values.smallest_overlap,
    "max": values.largest_overlap,
    "overlap": values.overlap,
    "spearman_rho": values.spearman_rho,
    "spearman_p": values.spearman_p,
    "rises_with_downloads": judgements.rises_with_downloads,
    "has_extremes": judgements.has_extremes,
    "score_separates_better": judgements.score_separates_better,
    "not_measured": judgements.not_measured,
}
OF_RANGE: Final[Mapping[str, OfRange]] = {
    "count_in_range": values.count_in_range,
    "share_in_range": values.share_in_range,
    "count_below": values.count_below,
    "share_below": values.share_below,
    "share_above": values.share_above,
    "most_below": judgements.most_below,
    "most_above": judgements.most_above,
}
OF_TWO: Final[Mapping[str, OfTwo]] = {
    "ratio_of_means": values.ratio_of_means,
    "difference_of_means": values.difference_of_means,
    "difference_of_medians": values.difference_of_medians,
    "difference_of_sds": values.difference_of_sds,
    "difference_of_invalid_rates": values.difference_of_invalid_rates,
    "student_t_p": values.student_t_p,
    "spreads_more": judgements.spreads_more,
    "overlaps_more": judgements.overlaps_more,
    "differs_largely": judgements.differs_largely,
    "separates_well": judgements.separates_well,
    "has_more_extremes": judgements.has_more_extremes,
    "drops_most_extremes": judgements.drops_most_extremes,
    "is_called_better": judgements.is_called_better,
    "keeps_half": judgements.keeps_half,
    "keeps_under_half": judgements.keeps_under_half,
}
"""What the column `statistic` of the claims may name: functions of one group, of a range in it, of two groups."""

FROM_BELOW: Final = frozenset({"count_in_range", "share_in_range", "share_above", "most_above"})
UP_TO: Final = frozenset({"count_in_range", "share_in_range", "count_below", "share_below", "most_below"})
"""Which ends of its range a statistic needs."""

EQUALS: Final = frozenset({"=", "~"})
BOUNDS: Final = frozenset({"<", ">", "between"})
"""The comparators of numbers; a sentence has `holds`."""

OF_DOWNLOADS: Final = frozenset({"spearman_rho", "spearman_p", "rises_with_downloads", "score_separates_better"})
"""The statistics that need downloads even where the scope sets no bound on them."""

COUNTS: Final = frozenset({"n_pairs", "n_valid", "n_invalid", "count_in_range", "count_below"})


def check(claim: Claim) -> None:
    """Raise InputError when the claim lacks what its statistic or comparator needs."""
    why = ""
    if claim.statistic not in {*OF_ONE, *OF_RANGE, *OF_TWO}:
        why = f"names the statistic {claim.statistic}, which the audit does not know (see docs/claims.md)"
    elif (claim.statistic in OF_TWO) != (claim.versus is not None):
        why = f"must have a second group (versus_…) exactly when its statistic compares two; {claim.statistic} " + (
            "does" if claim.statistic in OF_TWO else "does not"
        )
    elif claim.statistic in FROM_BELOW and claim.min_overlap is None:
        why = f"needs min_overlap for {claim.statistic}"
    elif claim.statistic in UP_TO and claim.max_overlap is None:
        why = f"needs max_overlap for {claim.statistic}"
    elif claim.comparator not in {"holds", *EQUALS, *BOUNDS}:
        why = f"has the comparator {claim.comparator}, which the audit does not know"
    elif claim.comparator != "holds" and (claim.published_value is None or claim.decimals is None):
        why = "needs published_value and decimals, as it is not a sentence"
    elif claim.comparator == "between" and claim.published_upper is None:
        why = "needs published_upper for a range"
    if why:
        raise InputError(f"seeds/published_claims.csv: the claim {claim.claim_id} {why}.")
