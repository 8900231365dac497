"""The words that need an explanation: pages explain them on hover and focus, the page Method lists them."""

from collections.abc import Mapping
from typing import Final

from reports.site.words import N_

TERMS: Final[Mapping[str, tuple[str, str]]] = {
    "fingerprint": (
        N_("fingerprint"),
        N_("The token ids that a model finds least likely as the next one, on a handful of unlikely texts."),
    ),
    "overlap": (
        N_("overlap"),
        N_("The share of one model's fingerprint that another model has too: 1 is all of it, 0 none."),
    ),
    "family": (
        N_("family"),
        N_("All models that declare to descend, over any number of steps, from one root."),
    ),
    "relative": (
        N_("relative"),
        N_("A model of the same family: it has a root in common by the declared lineage."),
    ),
    "stranger": (
        N_("stranger"),
        N_("A model of another family: it has no root in common by the declared lineage."),
    ),
    "pair": (
        N_("pair"),
        N_("A base model and another model whose fingerprints were compared."),
    ),
    "study": (
        N_("study"),
        N_("One set of measurements under one name; nothing is summed over studies."),
    ),
    "tier": (
        N_("tier"),
        N_("A class of downloads in 30 days: zero, 1-10, 11-100, 101-1k, over 1k, or unknown."),
    ),
    "verdict": (
        N_("verdict"),
        N_("What a rule set beforehand makes of a test: whether it is supported, contradicted, or not settled."),
    ),
    "interval": (
        N_("interval"),
        N_("The range of values that fit the data; the true one lies outside in about one case of twenty."),
    ),
    "auc": (
        N_("AUC"),
        N_("Area under the ROC curve: how often a relative overlaps more than a stranger. 0.5 is guessing."),
    ),
    "cliffs_delta": (
        N_("Cliff's delta"),
        N_("How often a value of one group exceeds one of the other, less how often it falls short: between −1 and 1."),
    ),
}
"""Each term's word and meaning, by the name that templates call it by."""
