"""From verdicts on single edges to one verdict on a model, and the sentence that says it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for text that is translated later
    """Mark ``message`` for translation and return it."""
    return message


HEADS: Final = {
    "confirmed": N_("%(model)s descends from %(parent)s, as it declares"),
    "confirmed_kin": N_("%(model)s is kin of %(parent)s, which it declares as its parent"),
    "confirmed_unsure": N_(
        "%(model)s is kin of %(parent)s, which it declares as its parent; whether it was made from it directly is "
        "not settled"
    ),
    "confirmed_all": N_("%(model)s descends from the %(n)s models that it declares as parents"),
    "confirmed_some": N_(
        "%(model)s descends from %(n_confirmed)s of the %(n)s models that it declares as parents; "
        "%(n_untested)s could not be tested"
    ),
    "nearer_parent": N_("%(model)s is kin of %(parent)s, which it declares as its parent, but %(nearest)s is nearer"),
    "nearer_unsure": N_(
        "%(model)s is kin of %(parent)s, which it declares as its parent; it could as well come from %(nearest)s"
    ),
    "nearer_unnamed": N_(
        "%(model)s is kin of %(parent)s, which it declares as its parent, but another model is nearer"
    ),
    "reversed": N_("%(parent)s, which %(model)s declares as its parent, rather descends from it"),
    "contradicted": N_("%(model)s does not descend from %(parent)s, which it declares as its parent"),
    "contradicted_nearest": N_(
        "%(model)s does not descend from %(parent)s, which it declares as its parent; it is kin of %(nearest)s"
    ),
    "undeclared": N_("%(model)s declares no parent, but descends from %(parent)s"),
    "undeclared_unsure": N_("%(model)s declares no parent, but is kin of %(parent)s"),
    "not_testable": N_("Whether %(model)s descends from %(parent)s, as it declares, could not be tested"),
    "asked_confirmed": N_("%(model)s descends from %(parent)s"),
    "asked_kin": N_("%(model)s is kin of %(parent)s"),
    "asked_nearer_parent": N_(
        "%(model)s is kin of %(parent)s, but does not stand below it in the tree that their weights give"
    ),
    "asked_reversed": N_("%(parent)s rather descends from %(model)s"),
    "asked_contradicted": N_("%(model)s does not descend from %(parent)s"),
    "asked_not_testable": N_("Whether %(model)s descends from %(parent)s could not be tested"),
    "nothing_found": N_("%(model)s declares no parent, and no kin older than it was found here"),
    "nothing_compared": N_("%(model)s declares no parent, and was compared with no other model"),
}
"""The first half of the sentence, by what is said. A fingerprint tells kin, but not which of the two came first."""

WITNESSES: Final = {
    "both": N_("by its weights and by its fingerprint"),
    "weights": N_("by its weights; their fingerprints were not compared"),
    "weights_against": N_("by its weights; its fingerprint says otherwise"),
    "fingerprint": N_("by its fingerprint alone; its weights were not compared"),
    "fingerprint_against": N_("by its fingerprint; its weights say otherwise"),
}
"""The second half: which measurement says so. The fingerprint is a model's least likely tokens."""

WHOLE: Final = N_("%(head)s (%(witness)s).")
WHOLE_SURE: Final = N_("%(head)s (%(witness)s; confidence %(confidence)s).")
WHOLE_BARE: Final = N_("%(head)s.")
WHOLE_REASON: Final = N_("%(head)s: %(reason)s")

AGREES: Final[Mapping[str, bool | None]] = {
    "confirmed": True,
    "nearer_parent": True,
    "nothing_found": True,
    "contradicted": False,
    "reversed": False,
    "undeclared": False,
    "not_testable": None,
    "nothing_compared": None,
}
"""Whether what a card declares and what was measured agree; None where that is not known."""

_GRAVEST: Final = ("contradicted", "reversed", "not_testable", "nearer_parent", "confirmed")
"""Of several declared parents, the one with the gravest verdict is told of."""
_SAYING: Final = frozenset({"confirmed", "contradicted", "nearer_parent", "reversed", "undeclared"})
_MOST_SURE: Final = 0.9999
LEAST_SURE: Final = 0.6
"""With less confidence the sentence says kin alone: 0.5 is a guess which of two models is the parent."""
UNSURE: Final = {"confirmed": "confirmed_unsure", "nearer_parent": "nearer_unsure", "undeclared": "undeclared_unsure"}
"""What is said instead where it is not sure who the parent is. Kinship itself is sure; its p is beside it."""


@dataclass(frozen=True)
class Edge:
    """What was found out about one declared parent, or about kin that nobody declared."""

    parent_id: str
    is_declared: bool
    verdict: str
    by_weights: str | None = None
    by_fingerprint: str | None = None
    confidence: float | None = None
    nearest_id: str | None = None
    reason: str | None = None
    p_value: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class Told:
    """What the sentence about one model says: keys of HEADS and WITNESSES, and their values."""

    verdict: str
    head: str
    witness: str | None = None
    parent_id: str | None = None
    nearest_id: str | None = None
    confidence: float | None = None
    reason: str | None = None
    n_parents: int = 0
    n_confirmed: int = 0

    @property
    def stated_confidence(self) -> float | None:
        """The confidence that the sentence states; None where it claims no more than kinship."""
        return None if self.head in UNSURE.values() else self.confidence

    @property
    def agrees(self) -> bool | None:
        """Whether what is declared and what was measured agree; None where that is not known."""
        return AGREES[self.verdict]


def tell(edges: Sequence[Edge], *, is_compared: bool) -> Told:
    """Return what is to be said of a model with these edges; ``is_compared`` says whether it was measured at all."""
    declared = sorted((edge for edge in edges if edge.is_declared), key=_gravity)
    if not declared:
        return _without_parents(edges, is_compared=is_compared)
    gravest = declared[0]
    n_confirmed = sum(edge.verdict == "confirmed" for edge in declared)
    head, confidence = gravest.verdict, gravest.confidence
    nearest = gravest.nearest_id if _is_other(gravest) else None
    match gravest.verdict:
        case "confirmed" if len(declared) > 1:
            head = "confirmed_all"
            known = [edge.confidence for edge in declared if edge.confidence is not None]
            confidence = min(known, default=None)
        case "confirmed" if _witness(gravest) == "fingerprint":
            head = "confirmed_kin"
        case "confirmed" if _is_unsure(confidence):
            head = "confirmed_unsure"
        case "not_testable" if n_confirmed:
            head = "confirmed_some"
        case "contradicted" if nearest:
            head = "contradicted_nearest"
        case "nearer_parent" if not nearest:
            head = "nearer_unnamed"
        case "nearer_parent" if _is_unsure(confidence):
            head = "nearer_unsure"
    is_untested = gravest.verdict == "not_testable"
    return Told(
        verdict=gravest.verdict,
        head=head,
        witness=None if is_untested else _witness(gravest),
        parent_id=gravest.parent_id,
        nearest_id=nearest,
        confidence=None if is_untested else confidence,
        reason=gravest.reason if is_untested else None,
        n_parents=len(declared),
        n_confirmed=n_confirmed,
    )


def tell_against(edge: Edge) -> Told:
    """Return what is to be said of a model and one base that somebody asks about, declared or not."""
    is_untested = edge.verdict == "not_testable"
    is_kin = edge.verdict == "confirmed" and _witness(edge) == "fingerprint"
    return Told(
        verdict=edge.verdict,
        head="asked_kin" if is_kin else f"asked_{edge.verdict}",
        witness=None if is_untested else _witness(edge),
        parent_id=edge.parent_id,
        nearest_id=edge.nearest_id,
        confidence=None if is_untested else edge.confidence,
        reason=edge.reason if is_untested else None,
    )


def _without_parents(edges: Sequence[Edge], *, is_compared: bool) -> Told:
    kin = [edge for edge in edges if edge.verdict == "undeclared"]
    if kin:
        surest = min(kin, key=lambda edge: (-(edge.confidence or 0.0), edge.parent_id))
        head = UNSURE["undeclared"] if _is_unsure(surest.confidence) else "undeclared"
        return Told("undeclared", head, _witness(surest), surest.parent_id, confidence=surest.confidence)
    verdict = "nothing_found" if is_compared else "nothing_compared"
    return Told(verdict, verdict)


def _is_unsure(confidence: float | None) -> bool:
    return confidence is not None and confidence < LEAST_SURE


def _gravity(edge: Edge) -> tuple[int, str]:
    return _GRAVEST.index(edge.verdict), edge.parent_id


def _is_other(edge: Edge) -> bool:
    return edge.nearest_id is not None and edge.nearest_id.lower() != edge.parent_id.lower()


def _witness(edge: Edge) -> str | None:
    """Return which witness says what the verdict says; the other one agrees, says otherwise, or was not asked."""
    weights, fingerprint = (word if word in _SAYING else None for word in (edge.by_weights, edge.by_fingerprint))
    if weights and fingerprint:
        if AGREES[weights] == AGREES[fingerprint] or "undeclared" in (weights, fingerprint):
            return "both"
        return "weights_against" if AGREES[weights] == AGREES[edge.verdict] else "fingerprint_against"
    if weights:
        return "weights"
    return "fingerprint" if fingerprint else None


def _in_english(message: str) -> str:
    return message


def sentence(told: Told, model_id: str, translate: Callable[[str], str] = _in_english) -> str:
    """Return the sentence about a model, in the language of ``translate``; a reason stays in English."""
    head = translate(HEADS[told.head]) % {
        "model": model_id,
        "parent": told.parent_id,
        "nearest": told.nearest_id,
        "n": told.n_parents,
        "n_confirmed": told.n_confirmed,
        "n_untested": told.n_parents - told.n_confirmed,
    }
    if told.reason:
        return translate(WHOLE_REASON) % {"head": head, "reason": _as_rest(told.reason)}
    if told.witness is None:
        return translate(WHOLE_BARE) % {"head": head}
    values = {"head": head, "witness": translate(WITNESSES[told.witness])}
    if told.stated_confidence is None:
        return translate(WHOLE) % values
    return translate(WHOLE_SURE) % {**values, "confidence": percent(told.stated_confidence)}


def _as_rest(reason: str) -> str:
    """Return a reason as the rest of a sentence: it begins in small letters and ends with one full stop."""
    text = reason.strip().rstrip(".") + "."
    first = text.split(" ", maxsplit=1)[0]
    is_name = "/" in first or not first.istitle()
    return text if is_name else text[0].lower() + text[1:]


def percent(share: float) -> str:
    """Return a confidence in per cent, never rounded up to certainty."""
    if share > _MOST_SURE:
        return ">99.99%"
    return f"{share:.2%}" if share > 0.99 else f"{share:.0%}"
