"""One study: what it found, in figures and tables."""

from reports.figures import downloads, effects, families
from reports.figures.figure import Figure
from reports.site.page import Material, Page
from reports.site.reading import MAX_CHARTED_FAMILIES
from reports.site.words import N_


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the study, in reading order."""
    if m.study is None:
        return ()
    _, labels = m.translate, m.study.labels[:MAX_CHARTED_FAMILIES]
    pairs, tiers = m.q["pairs"].rows, [row["download_tier"] for row in m.q["tier_labels"]]
    ranges = m.q["ranges"].where(scheme="fifths").rows
    scopes = {"all": _("all downloads"), "low": _("low"), "medium": _("medium"), "high": _("high")}
    delta = [{**row, "scope_words": scopes.get(row["scope"], _("unknown"))} for row in m.q["effects"]]
    return (
        families.overlap_by_relation(pairs, labels, _),
        families.family_comparison(pairs, ranges, labels, _),
        downloads.relation_panels(pairs, labels, _),
        downloads.downloads_six(pairs, tiers, labels, _),
        downloads.sweep(m.q["sweep"].rows, labels, _),
        effects.same_vs_different(delta, labels, _),
        effects.roc(m.q["curve"].rows, labels, _),
        effects.by_k(m.q["by_k"].rows, labels, _),
    )


PAGE = Page(title=N_("Study %(study)s"), group="studies", order=1, per="study", figures=figures)
