"""Judge every declared edge, and every parent that the weights found and nobody declared."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from reports.kinship.family import Pair
from reports.kinship.trees import Place, Tree

Row = dict[str, Any]

RELATED: Final = frozenset({"confirmed", "nearer_parent", "reversed", "undeclared"})
"""Verdicts that say kin."""


class _Known:
    """What the weights know of models, looked up by their ids."""

    def __init__(self, trees: Sequence[Tree], pairs: Iterable[Pair]) -> None:
        self.pairs = {frozenset((pair["model_id"], pair["other_model_id"])): pair for pair in pairs}
        self.sketched = {name for pair in self.pairs.values() for name in (pair["model_id"], pair["other_model_id"])}
        self.original: dict[str, str] = {}
        self.places: dict[str, tuple[Tree, Place]] = {}
        for tree in trees:
            for place in tree.places:
                self.places[tree.family.names[place.model]] = (tree, place)
            for name, copies in tree.family.copies.items():
                self.original.update(dict.fromkeys(copies, name))

    def pair(self, one: str, two: str) -> Pair | None:
        return self.pairs.get(frozenset((one, two)))

    def parents(self, model: str) -> list[str]:
        """Return the parents by the weights: of a merge all, of a copy those of its original, else one or none."""
        known = self.places.get(self.original.get(model, model))
        if known is None:
            return []
        tree, place = known
        recipe = tree.merges.get(place.model)
        if recipe is not None:
            return [tree.family.names[parent] for parent in recipe.parents]
        return [] if place.parent is None else [tree.family.names[place.parent]]

    def is_direction_known(self, model: str) -> bool:
        """Return whether the weights tell that a model came after its parent; of a copy, whether its original did."""
        known = self.places.get(self.original.get(model, model))
        return known is not None and known[1].is_direction_known

    def is_way_known(self, model: str, ancestor: str) -> bool:
        """Return whether the weights tell the direction of each step from a model up to an ancestor in the tree."""
        while model != ancestor:
            above = [one for one in self.parents(model) if one == ancestor or ancestor in self.ancestors(one)]
            if not above or not self.is_direction_known(model):
                return False
            model = above[0]
        return True

    def base(self, model: str) -> str | None:
        """Return the base of task arithmetic."""
        known = self.places.get(self.original.get(model, model))
        recipe = known[0].merges.get(known[1].model) if known else None
        return None if recipe is None or recipe.base is None or known is None else known[0].family.names[recipe.base]

    def ancestors(self, model: str) -> list[str]:
        """Return all ancestors by the weights, nearest first; copies are named by their originals."""
        found: list[str] = []
        waiting = self.parents(model)
        while waiting:
            parent = waiting.pop(0)
            if parent not in found:
                found.append(parent)
                waiting += self.parents(parent)
        return found


def judge(
    trees: Sequence[Tree],
    pairs: Iterable[Pair],
    edges: Iterable[tuple[str, str, str | None]],
    accepted: Mapping[tuple[str, str], bool],
) -> list[Row]:
    """Return the rows of stats.lineage_verdicts: the declared edges first, then the parents nobody declared.

    ``edges`` are parent, child and relation; ``accepted`` tells of child and candidate whether the fingerprint accepts
    the candidate as a parent.
    """
    known = _Known(trees, pairs)
    rows: list[Row] = []
    declared: dict[str, set[str]] = {}
    for parent, child, relation in edges:
        declared.setdefault(child, set()).add(known.original.get(parent, parent))
        rows.append(_declared(known, child, parent, relation, accepted))
    nearer = {(row["model_id"], row["nearest_model_id"]) for row in rows if row["by_weights"] == "nearer_parent"}
    confirmed = {row["model_id"] for row in rows if row["by_weights"] == "confirmed"}
    for model in sorted({*known.places, *known.original}):
        named = declared.get(model, set())
        original = known.original.get(model, model)
        if any(original == one for one in named):
            continue  # It is declared to come from its own copy.
        parents = known.parents(model) if model not in known.original else [known.original[model]]
        if len(parents) == 1 and model in confirmed:
            continue  # Of one parent that is declared and may be the right one, no other is told.
        for parent in parents:
            ancestors = known.ancestors(model)
            is_told = parent in named or any(one in ancestors for one in named) or (model, parent) in nearer
            # Where the weights do not tell which of the two came first, a declaration of the one is one of both.
            is_told = is_told or (not known.is_direction_known(model) and original in declared.get(parent, ()))
            if not is_told:
                rows.append(_undeclared(known, model, parent, accepted))
    return rows


def _declared(
    known: _Known, child: str, parent: str, relation: str | None, accepted: Mapping[tuple[str, str], bool]
) -> Row:
    word, reason, nearest = _by_weights(known, child, parent)
    return _row(known, child, parent, accepted, is_declared=True, relation=relation, word=word, reason=reason, nearest=nearest)  # fmt: skip  # noqa: E501


def _undeclared(known: _Known, model: str, parent: str, accepted: Mapping[tuple[str, str], bool]) -> Row:
    pair = known.pair(model, parent)
    if known.original.get(model) == parent:
        reason = f"Nobody declares it, but {model} holds the same weights as {parent}."
    else:
        figures = f" ({_figures(pair)})" if pair else ""
        if known.is_direction_known(model):
            reason = f"Nobody declares it, but the weights of {model} were made from those of {parent}{figures}."
        else:
            reason = f"Nobody declares it, but {model} and {parent} are kin{figures}; which came first is not known."
    return _row(known, model, parent, accepted, is_declared=False, relation=None, word="undeclared", reason=reason, nearest=None)  # fmt: skip  # noqa: E501


def _by_weights(  # noqa: PLR0911, PLR0912 - one per verdict
    known: _Known, child: str, parent: str
) -> tuple[str, str, str | None]:
    """Return the verdict on a declared edge, its reason, and the parent that the weights find instead."""
    for name in (child, parent):
        if name not in known.sketched and name not in known.places:
            return "not_testable", f"The weights of {name} are not known here.", None
    pair = known.pair(child, parent)
    if pair is None:
        return "not_testable", f"{child} and {parent} have no tensors of one name and shape.", None
    if pair["is_kin"] is None:
        return "not_testable", f"{child} and {parent} share too few tensors for a test.", None
    one, two = (known.original.get(name, name) for name in (child, parent))
    parents = known.parents(child)
    nearest = parents[0] if parents and two not in parents else None
    if not pair["is_kin"]:
        reason = f"The weights of {child} are as unlike those of {parent} as if both were trained independently"
        reason += f" (correlation {pair['correlation'] or 0:.3f}, corrected p {pair['p_holm']:.2f})"
        return "contradicted", reason + (f"; they come from {nearest}." if nearest else "."), nearest
    if one == two:
        return "confirmed", f"{child} holds the same weights as {parent}.", None
    unknown = f"The two are kin ({_figures(pair)}); the weights do not tell which came first."
    if two in parents or two == known.base(child):
        if not known.is_direction_known(child):
            return "confirmed", unknown, None
        return "confirmed", f"The weights of {child} were made from those of {parent} ({_figures(pair)}).", None
    ancestors = known.ancestors(child)
    if two in ancestors:
        if not known.is_way_known(one, two):
            return "confirmed", unknown, None
        reason = f"{child} descends from {parent}, but by way of {parents[0]}, which is nearer."
        return "nearer_parent", reason, parents[0]
    if one in known.ancestors(parent):
        if known.is_way_known(two, one):
            return "reversed", f"The weights say that {parent} was made from {child}, not the other way round.", nearest
        return "confirmed", unknown, None
    if nearest is None:
        reason = f"{child} and {parent} are kin ({_figures(pair)}); what lies between them is not in the warehouse."
        return "confirmed", reason, None
    if not known.is_direction_known(one):
        reason = f"The two are kin ({_figures(pair)}); {child} lies nearer to {nearest}, but the weights do not tell "
        return "confirmed", reason + "which of these came first.", None
    if not _distance(known.pair(child, nearest)) < _distance(pair):
        # The tree took both for siblings, by what their changes have in common. Nearer is what is declared.
        reason = f"The two are kin ({_figures(pair)}); they may be siblings, both made from {nearest}."
        return "confirmed", reason, None
    reason = f"{child} and {parent} are kin, but {nearest} is the nearer parent of {child}."
    return "nearer_parent", reason, nearest


def _distance(pair: Pair | None) -> float:
    """Return how far two models lie apart: of all tensors, or of embeddings where no others were compared."""
    found = None if pair is None else pair["embedding_distance"] if pair["distance"] is None else pair["distance"]
    return float("inf") if found is None else float(found)


def _figures(pair: Pair) -> str:
    distance = _distance(pair)
    correlation = pair["correlation"] if pair["correlation"] is not None else pair["embedding_correlation"]
    return f"correlation {correlation:.3f}, distance {distance:.3f}, {str(pair['change_kind']).replace('_', ' ')}"


def _row(
    known: _Known,
    child: str,
    parent: str,
    accepted: Mapping[tuple[str, str], bool],
    *,
    is_declared: bool,
    relation: str | None,
    word: str,
    reason: str,
    nearest: str | None,
) -> Row:
    pair = known.pair(child, parent)
    answer = accepted.get((child, parent))
    fingerprint = "not_testable" if answer is None else "confirmed" if answer else "contradicted"
    disagree = (word in RELATED and fingerprint == "contradicted") or (
        word == "contradicted" and fingerprint == "confirmed"
    )
    verdict = fingerprint if word == "not_testable" else word
    if word == "not_testable" and answer is not None:
        reason += " By the fingerprint it is a possible parent." if answer else " By the fingerprint it is no parent."
    return {
        "model_id": child,
        "parent_model_id": parent,
        "is_declared": is_declared,
        "relation": relation,
        "by_weights": word,
        "by_fingerprint": fingerprint,
        "both_witnesses_disagree": disagree,
        "correlation": None if pair is None else pair["correlation"],
        "p_value": None if pair is None else pair["p_value"],
        "p_holm": None if pair is None else pair["p_holm"],
        "confidence": _confidence(known, child, parent, pair, word),
        "verdict": verdict,
        "nearest_model_id": nearest,
        "reason": reason,
    }


def _confidence(known: _Known, child: str, parent: str, pair: Pair | None, word: str) -> float | None:
    if word == "not_testable" or pair is None:
        return None
    if word == "contradicted":
        # What speaks for strangers is how far the correlation stays below that of any kin.
        return float(1 - min(1.0, max(0.0, pair["correlation"] or 0.0)))
    original = known.original.get(child, child)
    if original not in known.places or child in known.original:
        return 1.0
    confidence = float(known.places[original][1].confidence)
    parents = known.parents(child)
    two = known.original.get(parent, parent)
    # A declared parent that the tree does not choose is as likely as the chosen one is wrong.
    is_other = word == "confirmed" and bool(parents) and two not in (*parents, known.base(child))
    return 1 - confidence if is_other else confidence
