"""A published claim, and the pairs that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class Claim:
    """A row of marts.dim_published_claims; docs/claims.md tells what each column means."""

    claim_id: str
    source_documents: str
    source_place: str
    kind: str
    statement: str
    operationalisation: str | None
    statistic: str
    study_id: str
    base_model_id: str | None
    relation: str | None
    min_downloads: int | None
    max_downloads: int | None
    derived_model_id: str | None
    min_overlap: float | None
    max_overlap: float | None
    versus_study_id: str | None
    versus_base_model_id: str | None
    versus_relation: str | None
    versus_min_downloads: int | None
    versus_max_downloads: int | None
    comparator: str
    published_value: float | None
    published_upper: float | None
    decimals: int | None
    rounded_inputs: int | None
    remark: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the claim of a row of the mart; KeyError when a column is missing."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def scope(self) -> "Scope":
        """The pairs that the claim is about."""
        return Scope(
            self.study_id,
            self.base_model_id,
            self.relation,
            self.min_downloads,
            self.max_downloads,
            self.derived_model_id,
        )

    @property
    def versus(self) -> "Scope | None":
        """The second group; None where the claim compares nothing."""
        if self.versus_study_id is None:
            return None
        return Scope(
            self.versus_study_id,
            self.versus_base_model_id,
            self.versus_relation,
            self.versus_min_downloads,
            self.versus_max_downloads,
        )

    @property
    def published_as(self) -> str:
        """The published number or relation as text, with the decimals it was published with."""
        if self.published_value is None:
            return self.comparator
        digits = self.decimals or 0
        published = f"{self.published_value:.{digits}f}"
        if self.published_upper is not None:
            return f"{self.comparator} {published} and {self.published_upper:.{digits}f}"
        return f"{self.comparator} {published}"


@dataclass(frozen=True)
class Scope:
    """Which pairs take part; None leaves a property free. Bounds on downloads are inclusive."""

    study_id: str
    base_model_id: str | None
    relation: str | None
    min_downloads: int | None = None
    max_downloads: int | None = None
    derived_model_id: str | None = None

    def parts(self) -> dict[str, str]:
        """Return the scope as keys and values."""
        parts = {"study": self.study_id}
        if self.base_model_id is not None:
            parts["base"] = self.base_model_id
        parts["relation"] = self.relation or "any"
        low, high = self.min_downloads, self.max_downloads
        parts["downloads"] = "any" if low is None and high is None else f"{_or_empty(low)}..{_or_empty(high)}"
        if self.derived_model_id is not None:
            parts["derived"] = self.derived_model_id
        return parts

    def words(self) -> str:
        """Return study, relation and base model in words."""
        relation = f"{self.relation}-family pairs" if self.relation else "pairs"
        return f"{relation} of {self.base_model_id}" if self.base_model_id else relation


def _or_empty(bound: int | None) -> str:
    return "" if bound is None else str(bound)


def scope_text(claim: Claim) -> str:
    """Return the scope as key=value, the second group by what it has otherwise."""
    parts = claim.scope.parts()
    if claim.min_overlap is not None or claim.max_overlap is not None:
        low, high = ("" if bound is None else f"{bound:g}" for bound in (claim.min_overlap, claim.max_overlap))
        parts["overlap"] = f"{low}..{high}"
    text = " ".join(f"{key}={value}" for key, value in parts.items())
    if claim.versus is not None:
        others = {key: value for key, value in claim.versus.parts().items() if parts.get(key) != value}
        text += " versus " + " ".join(f"{key}={value}" for key, value in others.items())
    return text
