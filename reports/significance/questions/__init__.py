"""The questions asked of one study: which groups, which test, which effect, and which rule decides.

Pure: pairs in, drafts of rows out. A draft has its uncorrected p; correction and verdict come when the
study's tests are all known.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from reports.significance.pairs import Pairs
from reports.significance.questions.downloads import downloads_vs_overlap
from reports.significance.questions.drafts import Draft, undoubted_scope
from reports.significance.questions.identity import filtering, identifying
from reports.significance.questions.noise import spread_by_downloads
from reports.significance.questions.overall import over_families
from reports.significance.questions.relations import (
    all_families_compared,
    families_compared,
    same_vs_different,
)
from reports.significance.questions.sizes import power_needed
from reports.significance.questions.validity import validity


def ask(pairs: Pairs) -> list[Draft]:
    """Return the drafts of every question about the pairs of one study, in the order of the report.

    The primary test of each question is asked twice: of all pairs, and without those that are disputed or suspect.
    """
    labels = sorted(set(pairs.families.tolist()))
    questions: tuple[Callable[..., Iterator[Draft]], ...] = (
        partial(same_vs_different, n_families=len(labels)),
        partial(spread_by_downloads, n_families=len(labels)),
        downloads_vs_overlap,
        identifying,
        filtering,
        validity,
    )
    drafts: list[Draft] = []
    for label in labels:
        family = pairs.where(pairs.families == label)
        for question in questions:
            drafts.extend(question(label, family))
        drafts.extend(power_needed(label, family))
        if (doubted := family.is_doubted).any():
            rest = family.where(~doubted)
            for question in questions:
                drafts.extend(_undoubted(draft) for draft in question(label, rest, only_primary=True))
    valid = pairs.valid()
    drafts.extend(families_compared(valid, labels))
    drafts.extend(over_families(drafts, len(labels)))
    drafts.extend(all_families_compared(valid, labels))
    if (doubted := valid.is_doubted).any():
        rest = valid.where(~doubted)
        drafts.extend(_undoubted(draft) for draft in all_families_compared(rest, labels) if draft.is_primary)
    return drafts


def _undoubted(draft: Draft) -> Draft:
    """Return a primary draft as the one beside it that leaves disputed and suspect pairs out."""
    scope = undoubted_scope(draft.scope)
    return replace(
        draft,
        scope=scope,
        test_id=f"{draft.question}/{scope}/{draft.outcome.test_name}",
        fact=f"{draft.fact} Disputed and suspect pairs are left out.",
        is_primary=False,
    )
