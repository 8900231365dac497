"""What a study found, in a few words: for each question one verdict, by a rule from its tests, and its sentence."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from reports.site.queries import Result, Row
from reports.site.words import N_

PARTLY: Final = "partly"
OPEN: Final = "open"

FINDINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "same_vs_different": {
        "supported": N_("Models of one family share far more than strangers"),
        "contradicted": N_("Models of one family share less than strangers"),
        "no_difference": N_("Models of one family share no more than strangers"),
        PARTLY: N_("In some families relatives share more than strangers; the others have too few pairs to tell"),
        "underpowered": N_("Too few pairs to tell whether relatives share more than strangers"),
        OPEN: N_("Whether relatives share more than strangers is not settled here"),
    },
    "identification": {
        "supported": N_("Overlap alone tells the family"),
        "contradicted": N_("Overlap alone does not tell the family"),
        "no_difference": N_("Overlap alone does not tell the family"),
        PARTLY: N_("Overlap tells the family for some; the others have too few pairs to be sure"),
        "underpowered": N_("Too few pairs to be sure that overlap alone tells the family"),
        OPEN: N_("Whether overlap alone tells the family is not settled"),
    },
    "downloads": {
        "supported": N_("Downloads and overlap go together"),
        "contradicted": N_("Downloads and overlap go against each other"),
        "no_difference": N_("Downloads make no difference to overlap"),
        PARTLY: N_("Downloads and overlap go together in some families"),
        "underpowered": N_("Too few pairs to tell whether downloads and overlap go together"),
        OPEN: N_("Whether downloads and overlap go together is not settled"),
    },
    "noise": {
        "supported": N_("Models with few downloads are noisier"),
        "contradicted": N_("Models with few downloads are less noisy"),
        "no_difference": N_("Models with few downloads are no noisier"),
        PARTLY: N_("Models with few downloads are noisier in some families"),
        "underpowered": N_("Too few pairs to tell whether models with few downloads are noisier"),
        OPEN: N_("Whether models with few downloads are noisier is not settled"),
    },
}
"""The sentence for each question of the tests and its verdict over all families."""


@dataclass(frozen=True)
class Finding:
    """The verdict on a question over all families, its sentence, and the test with the numbers, where there is one.

    ``words_undoubted`` is the sentence without disputed and suspect pairs, empty where it is the same.
    """

    name: str
    verdict: str
    words: str
    row: Row | None
    rows: Sequence[Mapping[str, Any]]
    words_undoubted: str = ""

    @property
    def badge(self) -> str:
        """The verdict as a code of the tests, for its colour and word."""
        if self.verdict in (PARTLY, OPEN):
            return str(self.row["verdict"]) if self.row and self.row["verdict"] != "supported" else "not_settled"
        return self.verdict


def finding(name: str, headlines: Result) -> Finding:
    """Return what the tests of the headline ``name`` say together: the pooled test, else what all families agree on."""
    rows = [row for row in headlines if row["headline"] == name]
    pooled = [row for row in rows if row["is_over_families"] and row["family_label"] == "all families"]
    told = pooled or [row for row in rows if row["effect_size"] is not None]
    verdict = _together(name, {row["verdict"] for row in told})
    undoubted = _together(name, {row["undoubted_verdict"] or row["verdict"] for row in told})
    words = FINDINGS[name]
    return Finding(
        name, verdict, words[verdict], next(iter(told), None), rows, "" if undoubted == verdict else words[undoubted]
    )


def _together(name: str, verdicts: Set[str]) -> str:
    if len(verdicts) == 1 and (verdict := next(iter(verdicts))) in FINDINGS[name]:
        return verdict
    return PARTLY if "supported" in verdicts and "contradicted" not in verdicts else OPEN
