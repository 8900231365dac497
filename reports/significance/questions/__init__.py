"""The questions asked of one study: which groups, which test, which effect, and which rule decides.

Pure: pairs in, drafts of rows out. A draft has its uncorrected p; correction and verdict come when the
study's tests are all known.
"""

from reports.significance.pairs import Pairs
from reports.significance.questions.downloads import downloads_vs_overlap
from reports.significance.questions.drafts import Draft
from reports.significance.questions.identity import filtering, identifying
from reports.significance.questions.noise import spread_by_downloads
from reports.significance.questions.relations import families_compared, same_vs_different
from reports.significance.questions.sizes import power_needed
from reports.significance.questions.validity import validity


def ask(pairs: Pairs) -> list[Draft]:
    """Return the drafts of every question about the pairs of one study, in the order of the report."""
    labels = sorted(set(pairs.families.tolist()))
    drafts: list[Draft] = []
    for label in labels:
        family = pairs.where(pairs.families == label)
        for question in (
            same_vs_different,
            spread_by_downloads,
            downloads_vs_overlap,
            identifying,
            filtering,
            validity,
            power_needed,
        ):
            drafts.extend(question(label, family))
    drafts.extend(families_compared(pairs.valid(), labels))
    return drafts
