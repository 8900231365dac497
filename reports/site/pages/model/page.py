"""Any model of the warehouse, by its id."""

from collections.abc import Mapping
from typing import Any

from modelkin.answer.verdicts import HEADS, WHOLE, WHOLE_BARE, WHOLE_REASON, WHOLE_SURE, WITNESSES
from reports.site.explored import Explored, words
from reports.site.page import Material, Page
from reports.site.words import N_


def context(m: Material) -> Mapping[str, Any]:
    """Return how many models the site holds, of how many, and the words of the record."""
    _ = m.translate
    explored: Explored | None = m.arrays["network"]
    reasons = {pair.invalid_reason for pair in explored.catalogue.pairs if pair.invalid_reason} if explored else set()
    own = {
        "no_model": _("This warehouse has no model with the id %(id)s."),
        "no_model_of_some": _(
            "%(id)s is not among the %(shown)s models that this site holds; the warehouse has %(all)s."
        ),
        "choose": _("Search for a model above."),
        "on_hub": _("Open it on the Hub"),
        "in_network": _("Show it in the network"),
        "facts": _("Facts"),
        "lineage": _("Declared lineage"),
        "measured": _("Measured"),
        "heads": {key: _(message) for key, message in HEADS.items()},
        "witnesses": {key: _(message) for key, message in WITNESSES.items()},
        "whole": _(WHOLE),
        "whole_sure": _(WHOLE_SURE),
        "whole_bare": _(WHOLE_BARE),
        "whole_reason": _(WHOLE_REASON),
        "parents": _("parents"),
        "no_parents": _("It declares none."),
        "no_children": _("None declares it as a parent."),
        "no_pairs": _("No pair with this model has been measured."),
        "first_of": _("The first %(shown)s of %(all)s."),
        "likes": _("likes"),
        "architecture": _("architecture"),
        "inferred": _("%(architecture)s, as an ancestor states"),
        "parameters": _("parameters"),
        "task": _("task"),
        "library": _("library"),
        "gated": _("access"),
        "observed": _("metadata"),
        "depth": _("generations from its root"),
        "never_observed": _("never observed; known only as a parent or from a measurement"),
        "ignored": _("ignored, since it closes a cycle"),
        "license_chain": _("Licences up to the root"),
        "study": _("study"),
        "other_model": _("other model"),
        "role": _("the other is"),
        "overlap": _("overlap"),
        "relation": _("relation"),
        "as_base": _("the base"),
        "as_derived": _("derived"),
        "declared": _("declared parent"),
    }
    known = words(m, explored)
    known["kinds"] |= {
        "gated": {"false": _("open"), "auto": _("on request, granted at once"), "manual": _("on request")},
        "family_relation": {code: m.word(code) for code in ("same", "different")},
        "reason": {reason: m.word(reason) for reason in sorted(reasons)},
    }
    return {
        "words": known | own,
        "n_kept": explored.n_kept if explored else 0,
        "n_models": explored.catalogue.n_models if explored else 0,
    }


PAGE = Page(title=N_("Any model"), group="explore", order=3, context=context)
