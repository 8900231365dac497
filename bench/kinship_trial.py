"""Try how often the trees of kinship are right, what their confidence is worth, and what happens without the parent.

Run as ``python -m bench.kinship_trial``. Families are generated: matrices with heavy tails, and descendants that were
tuned, rounded, pruned or merged, with changes of a hundredth to a third that siblings may share in part. Every draw
comes from a seed. Three questions are asked of each family: who is whose parent; the same without its root; and the
same without a parent in the middle. Prints the figures of docs/kinship.md.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy import stats

from bench.sketches import State, Zoo, sketch_of
from extract.weights.comparing import Sketch, screen
from extract.weights.comparing_pairs import Prepared, compare_closely
from reports.kinship.family import Pair, families
from reports.kinship.runner import tree_rows
from reports.kinship.trees import find_tree

N_MODELS: Final = 14
WIDTH: Final = 192
LAYERS: Final = 6
ROWS: Final = 12
"""Of each matrix these rows are made: no block of a sketch lies behind them."""

MATRICES: Final = {"self_attn.q_proj": 192, "self_attn.o_proj": 192, "mlp.up_proj": 192, "mlp.down_proj": 384}
KINDS: Final = ("full", "full", "full", "sparse", "full", "low_rank", "half", "integers", "pruned", "merge")
SIZES: Final = (0.01, 0.3)
MOST_SHARED: Final = 0.3
"""Up to this share of a change's energy lies in a direction that all tuned models of a family have in common."""

TUNING_SEEDS: Final = range(40)
HELD_OUT_SEEDS: Final = range(10_000, 10_040)
"""What was set by looking was set on the first; the figures of the docs are those of the second."""

BINS: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
KIN_P: Final = 0.01
KIN_CORRELATION: Final = 0.1


@dataclass(frozen=True)
class Answer:
    """What the tree says of one model, and whether it is so."""

    is_absent: bool
    """Whether it says that the parent is not here, or that the model is a root."""

    confidence: float
    is_parent: bool
    is_ancestor: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the trials and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tuning", action="store_true", help="take the seeds that rules may be set on")
    options = parser.parse_args(arguments)
    seeds = TUNING_SEEDS if options.tuning else HELD_OUT_SEEDS
    whole: list[Answer] = []
    without: dict[bool, list[Answer]] = {True: [], False: []}
    for seed in seeds:
        zoo = generated_zoo(seed)
        pairs = kinships(zoo.sketches)
        whole += ask(zoo, pairs)
        for is_root in without:
            without[is_root] += _without(zoo, pairs, is_root=is_root)
    print_parents(whole)
    _print_calibration(whole)
    _print_absence("nothing left out", whole)
    _print_absence("root left out", without[True])
    _print_absence("parent in the middle left out", without[False])


def generated_zoo(seed: int) -> Zoo:
    """Return the family of a seed, the root among names that say nothing."""
    rng = np.random.default_rng([seed, 11])
    names = [f"m{number:02}" for number in rng.permutation(N_MODELS)]
    stored = str(rng.choice(["bfloat16", "float16", "float32"]))
    tails, shared = float(rng.choice([4, 6, 30])), float(rng.uniform(0, MOST_SHARED))
    common = _base(rng, tails)
    states = {names[0]: _stored(_base(rng, tails), stored)}
    parents: dict[str, str | None] = {names[0]: None}
    finished: set[str] = set()
    for name in names[1:]:
        kind = str(rng.choice(KINDS))
        open_ones = [one for one in states if one not in finished]
        parent = str(rng.choice(open_ones))
        if kind == "merge" and len(open_ones) > 2:
            two = [str(one) for one in rng.choice(open_ones, 2, replace=False)]
            share = float(rng.uniform(0.55, 0.8))
            states[name] = _stored(
                {tensor: share * states[two[0]][tensor] + (1 - share) * states[two[1]][tensor] for tensor in common},
                stored,
            )
            parents[name] = two[0]
        elif kind in ("half", "integers", "pruned"):
            states[name], parents[name] = rounded(states[parent], kind), parent
            finished.add(name)  # What was rounded is seldom trained again.
        else:
            size = float(np.exp(rng.uniform(*np.log(SIZES))))
            tuned = _tuned(states[parent], rng, size, kind, (common, shared))
            states[name], parents[name] = _stored(tuned, stored), parent
    return Zoo([sketch_of(name, states[name]) for name in sorted(states)], parents)


def _base(rng: np.random.Generator, tails: float) -> State:
    state = {"model.embed_tokens.weight": rng.normal(size=(16, WIDTH)) * 0.1}
    for layer in range(LAYERS):
        for name, width in MATRICES.items():
            values = rng.standard_t(tails, (ROWS, width)) * 0.05 * rng.lognormal(0, 0.2, (ROWS, 1))
            state[f"model.layers.{layer}.{name}.weight"] = values
        state[f"model.layers.{layer}.input_layernorm.weight"] = np.ones(WIDTH)
    return {name: np.asarray(values, np.float32) for name, values in state.items()}


def _tuned(
    state: State, rng: np.random.Generator, size: float, kind: str, common_and_share: tuple[State, float]
) -> State:
    common, share = common_and_share
    decay = float(rng.choice([0.0, 0.0, 0.01]))
    found: State = {}
    for name, values in state.items():
        if values.ndim == 1 or (kind == "low_rank" and "embed" in name):
            found[name] = values
            continue
        if kind == "low_rank":
            change = rng.normal(size=(values.shape[0], 4)) @ rng.normal(size=(4, values.shape[1])) / 2
        else:
            change = rng.standard_t(4, values.shape) / np.sqrt(2) * rng.lognormal(0, 0.4, (values.shape[0], 1))
        if kind == "sparse":
            change *= rng.random(values.shape) < 0.2
        change /= np.sqrt((change**2).mean())
        if kind == "full":
            change = np.sqrt(1 - share) * change + np.sqrt(share) * common[name] / common[name].std()
        strength = size * values.std() * rng.lognormal(0, 0.3)
        found[name] = np.asarray(values * (1 - decay * size) + strength * change, np.float32)
    return found


def _stored(state: State, dtype: str) -> State:
    if dtype == "float16":
        return {name: values.astype(np.float16).astype(np.float32) for name, values in state.items()}
    if dtype == "float32":
        return {name: values.astype(np.float32) for name, values in state.items()}
    bits = {name: values.astype(np.float32).view(np.uint32).astype(np.uint64) for name, values in state.items()}
    even = {name: (held + 0x7FFF + ((held >> 16) & 1)) & 0xFFFF0000 for name, held in bits.items()}
    return {name: held.astype(np.uint32).view(np.float32) for name, held in even.items()}


def rounded(state: State, kind: str) -> State:
    """Return the state in half precision, in integers with a scale for each row, or pruned."""
    found: State = {}
    for name, values in state.items():
        if kind == "half":
            found[name] = values.astype(np.float16).astype(np.float32)
        elif values.ndim == 1 or (kind == "pruned" and "embed" in name):
            found[name] = values
        elif kind == "integers":
            steps = np.abs(values).max(axis=-1, keepdims=True) / 127
            found[name] = (np.round(values / steps) * steps).astype(np.float32)
        else:
            found[name] = np.where(np.abs(values) > np.quantile(np.abs(values), 0.3), values, 0).astype(np.float32)
    return found


def ask(zoo: Zoo, pairs: Sequence[Pair], left_out: str | None = None) -> list[Answer]:
    """Ask for the parent of each model; with ``left_out``, of that model's children alone, as if it were not here."""
    held = [pair for pair in pairs if left_out not in (pair["model_id"], pair["other_model_id"])]
    rows = [row for family in families(held) for row in tree_rows([find_tree(family)])]
    known = {row["model_id"]: row for row in rows}
    asked = [
        name for name, parent in zoo.parents.items() if name != left_out and parent is not None
        and left_out in (None, parent)
    ]  # fmt: skip
    return [_answer(zoo, known, name) for name in asked]


def _answer(zoo: Zoo, known: dict[str, dict[str, Any]], name: str) -> Answer:
    def original(one: str | None) -> str | None:
        return None if one is None else (known[one]["copy_of"] or one) if one in known else one

    row, truth = known.get(name), zoo.parents[name]
    if row is None:
        return Answer(True, 1.0, False, False)
    equal = original(name)
    if equal == original(truth):
        return Answer(False, 1.0, True, True)  # It kept all values; which of two equals was first no weight can tell.
    if equal != name:
        row = known[str(equal)]  # It equals a sibling that was made the same way, and stands where that does.
    found = row["parent_model_id"]
    ancestors = {original(one) for one in _ancestors(zoo, name)}
    return Answer(
        is_absent=found is None,
        confidence=row["confidence"],
        is_parent=found is not None and found == original(truth),
        is_ancestor=found in ancestors,
    )


def _ancestors(zoo: Zoo, name: str) -> Iterator[str]:
    parent = zoo.parents[name]
    while parent is not None:
        yield parent
        parent = zoo.parents[parent]


def _without(zoo: Zoo, pairs: Sequence[Pair], *, is_root: bool) -> list[Answer]:
    """Ask the children of a model that is left out: the root, or of the others the one with most children."""
    children = {name: [one for one, parent in zoo.parents.items() if parent == name] for name in zoo.parents}
    fitting = [name for name, parent in zoo.parents.items() if (parent is None) == is_root and children[name]]
    if not fitting:
        return []
    return ask(zoo, pairs, max(fitting, key=lambda name: (len(children[name]), name)))


def kinships(sketches: Sequence[Sketch]) -> list[dict[str, Any]]:
    """Return rows as marts.fct_weight_kinships has them."""
    screened = screen(sketches, sketches)
    places = [(i, j) for i in range(len(sketches)) for j in range(i + 1, len(sketches)) if screened.n_tensors[i, j]]
    prepared = [Prepared(sketch) for sketch in sketches]
    places.sort(key=lambda place: float(screened.p_value[place]))
    holm, rows = 0.0, []
    for number, (i, j) in enumerate(places):
        holm = max(holm, min(1.0, float(screened.p_value[i, j]) * (len(places) - number)))
        correlation = float(screened.correlation[i, j])
        is_kin = holm < KIN_P and correlation >= KIN_CORRELATION
        one = compare_closely(prepared[i], prepared[j]) if is_kin else None
        is_equal = screened.n_equal[i, j] == screened.n_tensors[i, j]
        rows.append(
            {
                "model_id": sketches[i].model_id, "other_model_id": sketches[j].model_id, "is_kin": is_kin,
                "correlation": correlation, "p_holm": holm, "n_values": int(screened.n_values[i, j]),
                "distance_as_source": None, "change_kind": "copy" if is_kin and is_equal else "full",
                **({} if one is None else asdict(one)),
            }
        )  # fmt: skip
    return rows


def print_parents(answers: Sequence[Answer]) -> None:
    """Print the shares of right answers with their intervals of 95 % (Wilson)."""
    for name, right in (
        ("parent", [one.is_parent for one in answers]),
        ("parent or other ancestor", [one.is_ancestor for one in answers]),
    ):
        interval = stats.binomtest(sum(right), len(right)).proportion_ci(method="wilson")
        print(f"{name}: {sum(right)} of {len(right)} = {sum(right) / len(right):.3f} "
              f"({interval.low:.3f} to {interval.high:.3f})")  # fmt: skip


def _print_calibration(answers: Sequence[Answer]) -> None:
    said = [one for one in answers if not one.is_absent]
    confidence, right = (np.array([getattr(one, name) for one in said], float) for name in ("confidence", "is_parent"))
    print(f"Brier score {((confidence - right) ** 2).mean():.4f}")
    for low, high in pairwise(BINS):
        inside = (confidence >= low) & ((confidence < high) | (high == 1))
        if inside.any():
            print(
                f"| {low} to {high} | {inside.sum()} | {confidence[inside].mean():.3f} | {right[inside].mean():.3f} |"
            )


def _print_absence(name: str, answers: Sequence[Answer]) -> None:
    n = len(answers)
    wrong = [one for one in answers if not one.is_absent and not one.is_ancestor]
    sure = sum(one.confidence >= BINS[3] for one in wrong)
    print(
        f"{name}: {n} children; said absent {sum(one.is_absent for one in answers) / n:.3f}, "
        f"an ancestor {sum(one.is_ancestor for one in answers) / n:.3f}, "
        f"another model {len(wrong) / n:.3f}, with confidence of {BINS[3]} or more {sure / n:.3f}"
    )


if __name__ == "__main__":
    main()
