"""Choose which models are compared: all that are comparable, or of too many those that are most likely kin.

Two models are comparable when enough of their blocks have one name, row length and place. Models of one architecture
all are, so their pairs grow with the square of their number. From MOST_COMPARED on, each model asks for as many
others only: the ancestors that it declares, then the models that most others declare as their parent, then those that
are nearest by a signature, a few values of a few blocks. A pair is compared when one of the two asks for it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from extract.weights.comparing import Floats

LEAST_SHARED: Final = 2
"""Models that share fewer blocks than this are not compared."""

MOST_COMPARED: Final = 100
"""With how many others a model asks to be compared, where more are comparable."""

N_BASES: Final = 20
"""How many of these are the models that most others declare as their parent."""

SIGNATURE_BLOCKS: Final = 8
SIGNATURE_VALUES: Final = 32
"""From how many blocks the signature is made, and how many values of each: strangers correlate by chance at 0.06."""

_AT_ONCE: Final = 256

Model = tuple[str, str]
"""A run and a model whose sketch it loaded."""

Pairs = dict[Model, set[Model]]
"""Of each model those after it in the order of ids."""

ReadSignatures = Callable[[Sequence[Model], Sequence[str]], Floats]
"""Returns of models (rows) the first values of some blocks, standardized one by one; 0 where a model lacks a block."""


@dataclass(frozen=True)
class Comparable:
    """Which models can be compared. Those of one architecture have one set of shapes, so the sets are compared."""

    models: list[Model]
    """In the order of their ids in lower case."""

    sets: list[frozenset[str]]
    members: list[list[Model]]
    """The models of each set."""

    @classmethod
    def of(cls, shapes: Mapping[Model, Sequence[str]]) -> "Comparable":
        """Return what is comparable, from the blocks of each model as texts."""
        models = sorted(shapes, key=lambda model: model[1].lower())
        alike: dict[frozenset[str], list[Model]] = {}
        for model in models:
            alike.setdefault(frozenset(shapes[model]), []).append(model)
        return cls(models, list(alike), list(alike.values()))

    @property
    def n_pairs(self) -> int:
        """How many pairs can be compared."""
        n_ordered = 0
        for number, others in self.groups():
            # With too few blocks a model cannot be compared with its like, so it is not among them itself.
            n_itself = len(self.sets[number]) >= LEAST_SHARED
            n_ordered += (len(others) - n_itself) * len(self.members[number])
        return n_ordered // 2

    def groups(self) -> Iterator[tuple[int, list[Model]]]:
        """Yield each set's number, and the models that its models can be compared with, themselves if they can."""
        holders: dict[str, list[int]] = {}
        for number, blocks in enumerate(self.sets):
            for block in blocks:
                holders.setdefault(block, []).append(number)
        for number, blocks in enumerate(self.sets):
            shared = Counter(other for block in blocks for other in holders[block])
            enough = sorted(other for other, n in shared.items() if n >= LEAST_SHARED)
            yield number, [model for other in enough for model in self.members[other]]


@dataclass(frozen=True)
class Chooser:
    """What decides whom a model of a crowd asks for."""

    parents: Mapping[str, Sequence[str]]
    """The declared parents of each model, by ids in lower case."""

    made: frozenset[tuple[Model, Model]]
    """Pairs that were compared before, in the order of ids."""

    read_signatures: ReadSignatures
    most: int = MOST_COMPARED

    def wanted_pairs(self, comparable: Comparable) -> Pairs:
        """Return the pairs that are still to be compared."""
        place = {model: number for number, model in enumerate(comparable.models)}
        wanted: Pairs = {}
        for number, others in comparable.groups():
            members = comparable.members[number]
            is_crowd = len(others) > self.most + 1
            asked = self._asked(members, others, comparable.sets[number]) if is_crowd else None
            for model in members:
                for other in others if asked is None else asked[model]:
                    first, second = (model, other) if place[model] < place[other] else (other, model)
                    if first != second and (first, second) not in self.made:
                        wanted.setdefault(first, set()).add(second)
        return wanted

    @cached_property
    def _n_children(self) -> Counter[str]:
        return Counter(parent for declared in self.parents.values() for parent in declared)

    @cached_property
    def _n_made(self) -> Counter[Model]:
        return Counter(model for pair in self.made for model in pair)

    def _asked(
        self, members: Sequence[Model], others: Sequence[Model], blocks: frozenset[str]
    ) -> dict[Model, list[Model]]:
        """Return whom each member of a crowd asks for: of one that was compared often enough, ancestors alone."""
        by_id = {model[1].lower(): model for model in others}
        declared = [one for one in by_id if self._n_children[one]]
        bases = [by_id[one] for one in sorted(declared, key=lambda one: (-self._n_children[one], one))[:N_BASES]]
        asked = {model: [by_id[one] for one in self._ancestors(model[1].lower()) if one in by_id] for model in members}
        asking = [model for model in members if self._n_made[model] < self.most]
        near = self._nearest(asking, others, sorted(blocks)) if asking else {}
        for model, nearest in near.items():
            places = dict.fromkeys([*asked[model], *bases, *nearest])
            places.pop(model, None)
            asked[model] = list(places)[: max(self.most - self._n_made[model], len(asked[model]))]
        return asked

    def _ancestors(self, model_id: str) -> list[str]:
        """Return the declared ancestors of a model, nearest first."""
        found: dict[str, None] = {}
        waiting = list(self.parents.get(model_id, ()))
        for one in waiting:
            if one != model_id and one not in found:
                found[one] = None
                waiting += self.parents.get(one, ())
        return list(found)

    def _nearest(
        self, asking: Sequence[Model], others: Sequence[Model], blocks: Sequence[str]
    ) -> dict[Model, list[Model]]:
        """Return of each model the others by how much their signatures correlate, ties by their order."""
        # Blocks from everywhere in the model: layers at its end may have been dropped, and some may have been frozen.
        chosen = blocks[:: max(1, len(blocks) // SIGNATURE_BLOCKS)][:SIGNATURE_BLOCKS]
        signatures = self.read_signatures(others, chosen)
        place = {model: number for number, model in enumerate(others)}
        keep = min(self.most + 1, len(others))
        found: dict[Model, list[Model]] = {}
        for start in range(0, len(asking), _AT_ONCE):
            part = asking[start : start + _AT_ONCE]
            alike = np.round(signatures[[place[model] for model in part]] @ signatures.T, 4)
            for row, model in enumerate(part):
                best = np.argpartition(-alike[row], keep - 1)[:keep]
                found[model] = [others[number] for number in best[np.lexsort((best, -alike[row, best]))]]
        return found
