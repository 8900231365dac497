"""All that was found out about one model's descent, as an object, as JSON and as text."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from modelkin.answer.fingerprints import Candidate
from modelkin.answer.licences import Licensed, gravest
from modelkin.answer.verdicts import Edge, Told, percent, sentence
from modelkin.printable import in_lines

LISTED: Final = 5
"""Kin and copies that the text shows before it says how many more there are."""

LICENCES: Final = {
    "kept": "the licence of {of} is kept",
    "changed": "another licence than that of {of}, which allows it",
    "dropped": "the licence of {of} is no longer stated",
    "in_conflict": "in conflict with the licence of {of}",
    "unknown": "whether it agrees with the licence of {of} is not known",
}


@dataclass(frozen=True)
class Parent:
    """A parent that is declared, and where: in tags, the card, the API or an imported network."""

    model_id: str
    relation: str
    declared_by: str
    is_observed: bool


@dataclass(frozen=True)
class Kin:
    """A model whose weights are related, by the comparison of sketches."""

    model_id: str
    change_kind: str | None
    share_equal: float | None
    distance: float | None
    correlation: float | None
    p_value: float | None
    p_holm: float | None


@dataclass(frozen=True)
class Ingredient:
    """One parent of a merge, with the weight that it went in with, as solved for."""

    model_id: str
    weight: float
    method: str
    residual: float


@dataclass(frozen=True)
class Answer:
    """What was found out about the descent of one model, and what was not."""

    model_id: str
    against: str | None
    built_at: str | None
    told: Told
    edges: tuple[Edge, ...] = ()
    parents: tuple[Parent, ...] = ()
    kin_by_weights: tuple[Kin, ...] = ()
    kin_by_fingerprint: tuple[Candidate, ...] = ()
    measured_parent: str | None = None
    merge: tuple[Ingredient, ...] = ()
    copies: tuple[str, ...] = ()
    licences: tuple[Licensed, ...] = ()
    unknown: tuple[str, ...] = field(default=())

    @property
    def sentence(self) -> str:
        """The one sentence."""
        return sentence(self.told, self.model_id)

    @property
    def exit_code(self) -> int:
        """0 where declared and measured agree, 3 where they do not, 4 where that cannot be told."""
        return {True: 0, False: 3, None: 4}[self.told.agrees]

    def as_json(self) -> str:
        """Return everything as JSON text; docs/check.md says what each name means."""
        whole: dict[str, Any] = {
            "model_id": self.model_id,
            "against": self.against,
            "built_at": self.built_at,
            "verdict": self.told.verdict,
            "agrees": self.told.agrees,
            "confidence": self.told.confidence,
            "sentence": self.sentence,
            "declared_parents": [asdict(parent) for parent in self.parents],
            "edges": [asdict(edge) for edge in self.edges],
            "measured_parent": self.measured_parent,
            "merge": [asdict(part) for part in self.merge],
            "kin_by_weights": [asdict(kin) for kin in self.kin_by_weights],
            "kin_by_fingerprint": [asdict(candidate) for candidate in self.kin_by_fingerprint],
            "copies": list(self.copies),
            "licence": worst.outcome if (worst := gravest(self.licences)) else None,
            "licences": [asdict(licensed) for licensed in self.licences],
            "unknown": list(self.unknown),
        }
        return json.dumps(whole, ensure_ascii=False, indent=2)

    def as_text(self) -> str:
        """Return the sentence, then what it rests on."""
        return in_lines([self.sentence, *self._lines()])

    def _lines(self) -> Iterator[str]:
        yield from _listed(
            "declared parents", [f"{one.model_id} ({one.relation}; by {one.declared_by})" for one in self.parents]
        )
        if len(self.edges) > 1:
            yield from _listed("verdicts", [_edge(edge) for edge in self.edges])
        yield from _listed("made of", [f"{part.weight:.2f} × {part.model_id} ({part.method})" for part in self.merge])
        yield from _listed("nearest by weights", [_kin(kin) for kin in self.kin_by_weights])
        yield from _listed("nearest by fingerprint", [_candidate(one) for one in self.kin_by_fingerprint])
        yield from _listed("copies", self.copies)
        yield from _listed("licences up to the root", [_licensed(one) for one in self.licences], all_=True)
        if worst := gravest(self.licences):
            yield f"    so: {LICENCES[worst.outcome or 'unknown'].format(of=worst.model_id)}"
            yield f"    {worst.reason}"
        yield from _listed("not known", self.unknown, all_=True)


def _listed(title: str, lines: Sequence[str], *, all_: bool = False) -> Iterator[str]:
    shown = lines if all_ else lines[:LISTED]
    if lines:
        yield f"  {title}:"
        yield from (f"    {line}" for line in shown)
        if len(shown) < len(lines):
            yield f"    and {len(lines) - len(shown):,} more (--json shows all)"


def _edge(edge: Edge) -> str:
    words = edge.verdict.replace("_", " ")
    sure = f", confidence {percent(edge.confidence)}" if edge.confidence is not None else ""
    reason = f": {edge.reason}" if edge.verdict == "not_testable" and edge.reason else ""
    return f"{edge.parent_id}: {words}{sure}{reason}"


def _kin(kin: Kin) -> str:
    parts = [
        (kin.change_kind or "").replace("_", " "),
        f"{kin.share_equal:.0%} of the tensors equal" if kin.share_equal else "",
        f"distance {kin.distance:.4f}" if kin.distance is not None else "",
        f"p {kin.p_holm:.2g}" if kin.p_holm is not None else "",
    ]
    return f"{kin.model_id} ({', '.join(part for part in parts if part)})"


def _candidate(one: Candidate) -> str:
    overlap = "not measured" if one.overlap_ratio is None else f"{one.overlap_ratio:.4f}"
    return f"{one.model_id} (overlap {overlap}, place {one.rank} in the study {one.study_id})"


def _licensed(one: Licensed) -> str:
    by = " (parent by measurement)" if one.is_measured else ""
    stated = (one.license or "none stated") if one.is_known else "not known"
    file = {True: ", with a licence file", False: ", no licence file", None: ""}[one.has_license_file]
    return f"{one.model_id}{by}: {stated}{file}"
