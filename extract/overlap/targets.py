"""Which models are measured, when none are named: what the warehouse knows of the bases' descendants.

That is every model whose declared parents, or their parents, lead to one of the base models, by
the latest complete observations; each is measured on the prompts of every base model, so that the
descendants of one base are the comparison for the others. A parent that such a model declares and
the warehouse never observed is asked for, and measured as ``not_found`` where the Hub has none.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelkin.lineage_tags import declared_parents
from modelkin.observations import IS_NEWEST
from modelkin.warehouse import connect, ensure_raw

_OBSERVED: Final = """
    select hub_models.model_id, hub_models.sha, hub_models.tags, hub_models.card_data, hub_models.base_models,
        hub_models.downloads
    from raw.hub_models
    inner join raw.extract_runs
        on hub_models.run_id = extract_runs.run_id
    where extract_runs.status = 'complete' and (extract_runs.endpoint = ? or extract_runs.endpoint is null)
    qualify {is_newest}
    order by lower(hub_models.model_id)
"""


@dataclass(frozen=True)
class Observed:
    """What the warehouse knows of a model."""

    model_id: str
    sha: str | None
    parents: tuple[str, ...]
    downloads: int | None = None


@dataclass(frozen=True)
class Target:
    """A model to measure; the commit is None until the Hub was asked."""

    model_id: str
    sha: str | None

    @property
    def key(self) -> str:
        """The id in lower case, by which models are told apart."""
        return self.model_id.lower()


def observed_models(path: Path, endpoint_label: str) -> dict[str, Observed]:
    """Return the latest observation of every model of this Hub in the warehouse, by id in lower case."""
    if not path.exists():
        return {}
    with connect(path) as connection:
        ensure_raw(connection)
        rows = connection.execute(_OBSERVED.format(is_newest=IS_NEWEST), [endpoint_label]).fetchall()
    return {
        str(model_id).lower(): Observed(
            str(model_id),
            sha,
            tuple(dict.fromkeys(one.parent_id for one in declared_parents(tags, card_data, base_models))),
            downloads,
        )
        for model_id, sha, tags, card_data, base_models, downloads in rows
    }


def descendants(observed: Mapping[str, Observed], base_ids: Iterable[str]) -> list[Target]:
    """Return the declared descendants of the base models, nearest first, without the base models themselves."""
    children: dict[str, list[str]] = defaultdict(list)
    for key, model in observed.items():
        for parent in model.parents:
            children[parent.lower()].append(key)
    bases = [base.lower() for base in base_ids]
    reached = dict.fromkeys(bases)
    front = list(reached)
    while front:
        following = [child for parent in front for child in children[parent] if child not in reached]
        front = list(dict.fromkeys(following))
        reached.update(dict.fromkeys(front))
    return [
        Target(observed[key].model_id, observed[key].sha) for key in reached if key in observed and key not in bases
    ]


def unobserved_parents(
    observed: Mapping[str, Observed], targets: Iterable[Target], base_ids: Iterable[str]
) -> list[str]:
    """Return the parents that the targets declare and the warehouse never observed, without the base models."""
    bases = {base.lower() for base in base_ids}
    found: dict[str, str] = {}
    for target in targets:
        for parent in observed[target.key].parents:
            if parent.lower() not in observed and parent.lower() not in bases:
                found.setdefault(parent.lower(), parent)
    return list(found.values())
