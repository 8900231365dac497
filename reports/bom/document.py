"""The bill of materials of one model, made and validated by CycloneDX's own library.

The same build gives the same document, byte for byte: the serial number is made from the content, and the time is that
of the build.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType, Pedigree
from cyclonedx.model.component_evidence import AnalysisTechnique, ComponentEvidence, Identity, IdentityField, Method
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.spdx import fixup_id
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from modelkin.answer.answer import Answer
from modelkin.answer.licences import gravest
from modelkin.answer.verdicts import Edge

HUB: Final = "https://huggingface.co/"
_DIGITS: Final = Decimal("0.0001")
_REFUTED: Final = frozenset({"contradicted", "reversed"})
_PLACES: Final = 3


@dataclass(frozen=True)
class Facts:
    """What the marts know of a model beside its descent."""

    model_id: str
    sha: str | None = None
    license: str | None = None
    spdx_ids: Mapping[str, str] = field(default_factory=dict)
    """The SPDX ids of its licences, by the Hub's names."""
    properties: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    """Names of its weight files, and their SHA-256; the digest of a sole file is that of the model, too."""


def bill_of_materials(answer: Answer, facts: Mapping[str, Facts], version: str, serial: UUID | None = None) -> str:
    """Return the document as JSON text, valid by the schema of CycloneDX 1.6.

    ``facts`` has the model and its ancestors by id in lower case; ``version`` is Modelkin's. Raises ValueError if the
    document is not valid, which would be a fault of this module.
    """
    own = facts[answer.model_id.lower()]
    component = _component(own)
    component.pedigree = Pedigree(ancestors=_ancestors(answer, facts), notes=answer.sentence)
    component.properties.update(_properties(answer))
    bom = Bom(serial_number=serial or uuid5(NAMESPACE_URL, f"{_purl(own)} {answer.as_json()}"))
    bom.metadata.timestamp = _built_at(answer)
    bom.metadata.component = component
    bom.metadata.tools.components.add(Component(name="modelkin", type=ComponentType.APPLICATION, version=version))
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem is not None:
        raise ValueError(f"the bill of materials of {answer.model_id} is not valid: {problem}")
    return text


def _component(facts: Facts) -> Component:
    owner, slash, name = facts.model_id.partition("/")
    component = Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        group=owner if slash else None,
        name=name if slash else owner,
        version=facts.sha,
        purl=_purl(facts),
        bom_ref=str(_purl(facts)),
        licenses=[_license(name, facts.spdx_ids) for name in (facts.license or "").split(",") if name],
        external_references=[
            ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(HUB + facts.model_id))
        ],
        properties=[Property(name=f"modelkin:{name}", value=value) for name, value in facts.properties],
    )
    if len(facts.files) == 1:
        component.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=facts.files[0][1]))
    for name, digest in facts.files:
        file = Component(type=ComponentType.FILE, name=name, bom_ref=f"{_purl(facts)}#{name}")
        file.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=digest))
        component.components.add(file)
    return component


def _address(model_id: str) -> ExternalReference:
    return ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(HUB + model_id))


def _purl(facts: Facts) -> PackageURL:
    owner, slash, name = facts.model_id.partition("/")
    return PackageURL("huggingface", owner if slash else None, name if slash else owner, facts.sha)


def _license(name: str, spdx_ids: Mapping[str, str]) -> DisjunctiveLicense:
    """Return a licence by its SPDX id, or by the Hub's name for it where SPDX has none."""
    spdx_id = spdx_ids.get(name) or fixup_id(name)
    return DisjunctiveLicense(id=spdx_id) if spdx_id else DisjunctiveLicense(name=name)


def _ancestors(answer: Answer, facts: Mapping[str, Facts]) -> Iterator[Component]:
    """Yield the models that it descends from: those declared and not refuted, and those measured.

    Where any declared parent is refuted, what that one is said to descend from is left out too.
    """
    by_id = {edge.parent_id.lower(): edge for edge in answer.edges}
    is_refuted = any(edge.is_declared and edge.verdict in _REFUTED for edge in answer.edges)
    for licensed in answer.licences:
        edge = by_id.get(licensed.model_id.lower())
        if licensed.distance == 0 or (edge is not None and edge.verdict in _REFUTED):
            continue
        if edge is None and is_refuted and not licensed.is_measured:
            continue
        ancestor = _component(facts[licensed.model_id.lower()])
        ancestor.properties.add(Property(name="modelkin:generations", value=str(licensed.distance)))
        if licensed.outcome is not None:
            # What the model makes of this licence, and the rule that says so.
            ancestor.properties.add(Property(name="modelkin:licenceOutcome", value=licensed.outcome))
        if licensed.rule is not None:
            ancestor.properties.add(Property(name="modelkin:licenceRule", value=licensed.rule))
        if edge is not None:
            ancestor.evidence = _evidence(edge)
            ancestor.properties.update(_witnesses(edge))
        yield ancestor


def _evidence(edge: Edge) -> ComponentEvidence | None:
    """Return the measured confidence in a parent; None where it is declared alone, since a card proves nothing."""
    if edge.confidence is None:
        return None
    sure = Decimal(edge.confidence).quantize(_DIGITS)
    method = Method(technique=AnalysisTechnique.BINARY_ANALYSIS, confidence=sure, value=edge.by_weights)
    return ComponentEvidence(identity=[Identity(field=IdentityField.PURL, confidence=sure, methods=[method])])


def _witnesses(edge: Edge) -> list[Property]:
    words = {
        "isDeclared": "true" if edge.is_declared else "false",
        "verdict": edge.verdict,
        "byWeights": edge.by_weights,
        "byFingerprint": edge.by_fingerprint,
    }
    return [Property(name=f"modelkin:{name}", value=word) for name, word in words.items() if word is not None]


def _properties(answer: Answer) -> list[Property]:
    found = [("verdict", answer.told.verdict)]
    found += [("refutedParent", edge.parent_id) for edge in answer.edges if edge.verdict in _REFUTED]
    if worst := gravest(answer.licences):
        found.append(("licenceVerdict", worst.outcome or "unknown"))
    found += [("byteCopyOf", copy) for copy in answer.copies]
    found += [("mergeShare", f"{part.weight:.{_PLACES}f} {part.model_id}") for part in answer.merge]
    return [Property(name=f"modelkin:{name}", value=value) for name, value in found]


def _built_at(answer: Answer) -> datetime:
    if answer.built_at is None:
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromisoformat(answer.built_at)


def wanted(answer: Answer) -> Sequence[str]:
    """Return the ids whose facts a bill of materials needs, the model's first."""
    return [licensed.model_id for licensed in answer.licences]
