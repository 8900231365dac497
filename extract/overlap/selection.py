"""Which models a run is about: the bases that write prompts, and all that answer them, each at one commit."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extract.hub.client import endpoint_label
from extract.overlap.hub_files import HubFiles
from extract.overlap.options import Options, distinct
from extract.overlap.reasons import MeasurementFailed
from extract.overlap.targets import Observed, Target, descendants, observed_models, unobserved_parents
from modelkin.errors import HubError, InputError

ASK_AT_ONCE: Final = 3
"""How many models the Hub is asked about at the same time."""


@dataclass(frozen=True)
class Selection:
    """The models of one run."""

    bases: tuple[Target, ...]
    targets: tuple[Target, ...]
    """All that answer prompts, the bases first."""


def select(options: Options, path: Path, hub: HubFiles) -> Selection:
    """Return the models that the options name, else the bases and what the warehouse knows of their descendants.

    Raises HubError when a base cannot be used, InputError when there is nothing to compare one base with.
    """
    observed = observed_models(path, endpoint_label())
    bases = [_base(_named(model_id, observed), hub) for model_id in distinct(options.base_models)]
    if options.derived:
        derived = [_named(model_id, observed) for model_id in distinct(options.derived)]
    else:
        derived = _descendants(bases, observed, hub)
    keys = {base.key for base in bases}
    with ThreadPoolExecutor(ASK_AT_ONCE) as pool:
        at_commits = pool.map(lambda target: _at_commit(target, hub), derived)
        # Two names may be of one model, which was renamed.
        derived = list({target.key: target for target in at_commits}.values())
    return Selection(tuple(bases), (*bases, *(target for target in derived if target.key not in keys)))


def _base(known: Target, hub: HubFiles) -> Target:
    if known.sha is not None:
        return known
    try:
        repo = hub.repo(known.model_id, None)
    except MeasurementFailed as failure:
        raise HubError(
            f"The base model {known.model_id} cannot be used ({failure.reason}): {failure.detail}."
        ) from failure
    return Target(repo.model_id, repo.sha)


def _descendants(bases: list[Target], observed: Mapping[str, Observed], hub: HubFiles) -> list[Target]:
    base_ids = [base.model_id for base in bases]
    derived = descendants(observed, base_ids)
    if not derived and len(bases) == 1:
        raise InputError(
            f"The warehouse knows no descendant of {base_ids[0]}; list them first with "
            f"`modelkin extract hub --base-model {base_ids[0]}`, or name models with --derived."
        )
    missing = unobserved_parents(observed, derived, base_ids)
    return derived + [Target(model_id, None) for model_id in missing if not _exists(model_id, hub)]


def _named(model_id: str, observed: Mapping[str, Observed]) -> Target:
    known = observed.get(model_id.lower())
    return Target(known.model_id, known.sha) if known is not None else Target(model_id, None)


def _at_commit(target: Target, hub: HubFiles) -> Target:
    """Return the target at its newest commit where none is known; as it is where the Hub does not tell."""
    if target.sha is not None:
        return target
    try:
        repo = hub.repo(target.model_id, None)
    except MeasurementFailed:
        # Fetching it will meet the same failure, and record it.
        return target
    return Target(repo.model_id, repo.sha)


def _exists(model_id: str, hub: HubFiles) -> bool:
    try:
        hub.repo(model_id, None)
    except MeasurementFailed as failure:
        return failure.reason != "not_found"
    return True
