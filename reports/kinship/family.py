"""A family as arrays: what the pairs of kin models say, every figure as a matrix of model x model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

LEAST_DISTANCE: Final = 1e-7
"""Models nearer than this, with equal layers and vocabularies, are copies: in half precision tiny values are lost."""

Pair = Mapping[str, Any]
"""A row of marts.fct_weight_kinships."""


@dataclass(frozen=True)
class Family:
    """Models that are kin, directly or through others; a group of copies is one model, the rest are in ``copies``."""

    names: list[str]
    copies: dict[str, list[str]]
    """The copies of each model that stands for some."""

    distance: Matrix
    """Symmetric; NaN where two models were not compared."""

    as_source: Matrix
    """What remains of the distance if the row's model is the source of the column's."""

    growth: Matrix
    """Growth of the squared norm from the row's model to the column's, per squared distance; NaN where not known."""

    growth_error: Matrix
    squared: Matrix
    """Squared distances, not scaled."""

    norms: Matrix
    """Squared norm of the row's model at the places that it shares with the column's."""

    n_values: Matrix
    facts: dict[str, npt.NDArray[np.float64]]
    """Of each model: share_zero, n_layers, vocabulary_rows, kurtosis; NaN where not known."""

    is_rounded: npt.NDArray[np.bool_]
    """Whether a model's values are those of a quantization."""

    kinds: dict[tuple[str, str], str]
    """change_kind of each pair, in both orders."""

    dates: dict[str, datetime]

    def index(self, name: str) -> int:
        """Return the place of a model."""
        return self.names.index(name)


def is_copy(pair: Pair) -> bool:
    """Return whether two models hold the same weights."""
    return bool(
        pair["change_kind"] == "copy"
        or (
            pair["distance"] is not None
            and max(pair["distance"], pair["embedding_distance"] or 0, pair["norm_distance"] or 0) < LEAST_DISTANCE
            and pair["n_layers"] == pair["other_n_layers"]
            and pair["vocabulary_rows"] in (None, pair["other_vocabulary_rows"])
        )
    )


def families(pairs: Iterable[Pair], dates: Mapping[str, datetime] | None = None) -> list[Family]:
    """Return the families of the kin among ``pairs``, each with at least two models, in the order of their names."""
    kin = [pair for pair in pairs if pair["is_kin"] and pair["distance_as_source"] is not None]
    graph = nx.Graph()
    graph.add_edges_from((pair["model_id"], pair["other_model_id"]) for pair in kin)
    groups = sorted((sorted(group) for group in nx.connected_components(graph)), key=lambda group: group[0])
    of = {name: number for number, group in enumerate(groups) for name in group}
    divided: list[list[Pair]] = [[] for _ in groups]
    for pair in kin:
        divided[of[pair["model_id"]]].append(pair)
    return [family(group, rows, dates or {}) for group, rows in zip(groups, divided, strict=True)]


def family(members: Sequence[str], pairs: Sequence[Pair], dates: Mapping[str, datetime]) -> Family:
    """Return a family of its members and the pairs between them."""
    same = nx.Graph()
    same.add_nodes_from(members)
    same.add_edges_from((pair["model_id"], pair["other_model_id"]) for pair in pairs if is_copy(pair))
    latest = datetime.max
    groups = [
        sorted(group, key=lambda name: (dates.get(name, latest).replace(tzinfo=None), name))
        for group in nx.connected_components(same)
    ]
    names = sorted(group[0] for group in groups)
    place = {name: number for number, name in enumerate(names)}
    n = len(names)
    matrices = {
        name: np.full((n, n), np.nan)
        for name in ("distance", "as_source", "growth", "growth_error", "squared", "norms", "n_values")
    }
    facts = {name: np.full(n, np.nan) for name in ("share_zero", "n_layers", "vocabulary_rows", "kurtosis")}
    is_rounded = np.zeros(n, np.bool_)
    kinds: dict[tuple[str, str], str] = {}
    for pair in pairs:
        one, two = pair["model_id"], pair["other_model_id"]
        if one not in place or two not in place:
            continue
        i, j = place[one], place[two]
        for name, column in (("distance", "distance"), ("growth_error", "norm_growth_error"), ("squared", "squared_distance"), ("n_values", "n_values")):  # fmt: skip  # noqa: E501
            matrices[name][i, j] = matrices[name][j, i] = _number(pair[column])
        if pair["distance"] is None:
            matrices["distance"][i, j] = matrices["distance"][j, i] = _number(pair["embedding_distance"])
        matrices["as_source"][i, j] = _number(pair["distance_as_source"])
        matrices["as_source"][j, i] = _number(pair["other_distance_as_source"])
        matrices["growth"][i, j] = _number(pair["norm_growth"])
        matrices["growth"][j, i] = -_number(pair["norm_growth"])
        matrices["norms"][i, j] = _number(pair["squared_norm"])
        matrices["norms"][j, i] = _number(pair["other_squared_norm"])
        for fact, values in facts.items():
            values[i], values[j] = _number(pair[fact]), _number(pair[f"other_{fact}"])
        for k, precision in ((i, pair["precision"]), (j, pair["other_precision"])):
            is_rounded[k] = precision not in ("float32", "float16", "bfloat16")
        kinds[one, two] = kinds[two, one] = pair["change_kind"]
    return Family(
        names=names,
        copies={group[0]: group[1:] for group in groups if len(group) > 1},
        facts=facts,
        is_rounded=is_rounded,
        kinds=kinds,
        dates={name: dates[name] for name in names if name in dates},
        **matrices,
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
