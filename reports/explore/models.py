"""The data of the search and of the page of any model: a list of all ids, and shards with a record for each model.

A record is a list; its places are those of FIELDS. A reference to a model is its place in the list of ids, or its id
where the site does not hold it. Both languages read the same files.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from modelkin.answer.verdicts import HEADS, WITNESSES, Told, percent
from reports.explore.catalogue import FITS, Catalogue
from reports.explore.families import Drawing
from reports.explore.files import Codes, script
from reports.explore.network import TYPES, licenses_of

MAX_MODELS: Final = 60_000
"""Models that the site holds: those that are drawn, those that were measured, then the most downloaded."""
MAX_SHARD_BYTES: Final = 96_000
MAX_LISTED: Final = 300
"""Children, and measured pairs, that a model's record lists; it also says how many there are."""

FIELDS: Final = (
    "type", "root", "depth", "created", "downloads", "likes", "license", "architecture", "is_inferred", "parameters",
    "task", "library", "country", "gated", "is_observed", "fit",
    "parents", "children", "n_children", "pairs", "n_pairs", "told",
)  # fmt: skip
CODED: Final = ("type", "license", "architecture", "task", "library", "country", "gated", "fit")
"""Fields that hold codes into lists that all records share; the code after the last means that it is not known."""

TOLD: Final = (
    "head", "witness", "parent", "nearest", "confidence", "n", "n_confirmed", "reason",
)  # fmt: skip
"""What the sentence of `modelkin check` says, in the order of a record; its last places are left out where empty."""

RELATIONS: Final = ("finetune", "quantized", "adapter", "merge")


def site_numbers(catalogue: Catalogue, drawing: Drawing, max_models: int = MAX_MODELS) -> dict[int, int]:
    """Return the models that the site holds: their numbers in the catalogue, and their places in the list of ids."""
    wanted = catalogue.is_measured()
    wanted[drawing.number] = True
    spare = max_models - int(wanted.sum())
    wanted[np.flatnonzero(~wanted)[: max(spare, 0)]] = True
    return {int(number): place for place, number in enumerate(np.flatnonzero(wanted))}


def model_files(catalogue: Catalogue, places: Mapping[int, int], told: Mapping[str, Told]) -> dict[str, bytes]:
    """Return the list of ids and the shards, by their names below the folder of the data.

    ``told`` has what is to be said of each model that the site holds, by its id in lower case.
    """
    ids = catalogue.column("model_id")
    coded = _coded(catalogue, places)
    studies = sorted({pair.study_id for pair in catalogue.pairs})
    shards: list[list[str]] = []
    starts: list[int] = []
    room = 0
    for place, record in enumerate(_records(catalogue, places, ids, coded, studies, told)):
        text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        length = len(text.encode()) + 1
        if length > room:
            shards.append([])
            starts.append(place)
            room = MAX_SHARD_BYTES
        shards[-1].append(text)
        room -= length
    files = {
        f"models/{number}.js": f"modelkin.data({json.dumps(f'models/{number}')},[{','.join(shard)}]);\n".encode()
        for number, shard in enumerate(shards)
    }
    files["models.js"] = script(
        "models",
        {
            "ids": [ids[number] for number in places],
            "starts": starts,
            "total": catalogue.n_models,
            "fields": FIELDS,
            "values": {name: codes.values for name, codes in coded.items()},
            "relations": RELATIONS,
            "studies": studies,
            "heads": list(HEADS),
            "witnesses": list(WITNESSES),
        },
    )
    return files


def _coded(catalogue: Catalogue, places: Mapping[int, int]) -> dict[str, Codes]:
    kept = catalogue.models.take(list(places))

    def column(name: str) -> list[Any]:
        values: list[Any] = kept.column(name).to_pylist()
        return values

    return {
        "type": Codes(column("model_type"), TYPES),
        "license": Codes(licenses_of(column("license"), column("is_license_known"))),
        "architecture": Codes(column("architecture")),
        "task": Codes(column("pipeline_tag")),
        "library": Codes(column("library_name")),
        "country": Codes(column("country")),
        "gated": Codes(column("gated")),
        "fit": Codes([FITS[catalogue.fit[number]] for number in places], FITS),
    }


def _records(  # noqa: PLR0917 - all that a record is made of
    catalogue: Catalogue,
    places: Mapping[int, int],
    ids: list[str],
    coded: Mapping[str, Codes],
    studies: list[str],
    told: Mapping[str, Told],
) -> Iterator[list[Any]]:
    """Yield the record of each model that the site holds, in the order of the list of ids."""

    def reference(number: int) -> int | str | None:
        return None if number < 0 else places.get(number, ids[number])

    numbers = {ids[number].lower(): number for number in places}
    edges = catalogue.edges
    parents: defaultdict[int, list[Any]] = defaultdict(list)
    children: defaultdict[int, list[int]] = defaultdict(list)
    columns = (edges.parent, edges.child, edges.relation, edges.is_cycle_breaker)
    for parent, child, relation, is_breaker in zip(*(column.tolist() for column in columns), strict=True):
        if child in places:
            parents[child].append([reference(parent), RELATIONS.index(relation), int(is_breaker)])
        children[parent].append(child)
    pairs: defaultdict[int, list[Any]] = defaultdict(list)
    for pair in catalogue.pairs:
        facts = [studies.index(pair.study_id), pair.overlap_ratio, pair.relation, pair.invalid_reason]
        pairs[pair.derived].append([reference(pair.base), 0, *facts])
        pairs[pair.base].append([reference(pair.derived), 1, *facts])
    plain = {
        name: catalogue.column(name)
        for name in (
            "depth", "created_on", "downloads", "likes", "is_architecture_inferred", "parameter_count", "is_observed"
        )
    }  # fmt: skip
    for place, number in enumerate(places):
        code = {name: codes.codes[place] for name, codes in coded.items()}
        yield [
            code["type"],
            reference(int(catalogue.root[number])),
            plain["depth"][number],
            plain["created_on"][number],
            plain["downloads"][number],
            plain["likes"][number],
            code["license"],
            code["architecture"],
            int(bool(plain["is_architecture_inferred"][number])),
            plain["parameter_count"][number],
            code["task"],
            code["library"],
            code["country"],
            code["gated"],
            int(bool(plain["is_observed"][number])),
            code["fit"],
            parents[number],
            [reference(child) for child in children[number][:MAX_LISTED]],
            len(children[number]),
            sorted(pairs[number], key=_best_first)[:MAX_LISTED],
            len(pairs[number]),
            _told(told[ids[number].lower()], lambda id_: places.get(numbers.get(id_.lower(), -1), id_)),
        ]


def _told(told: Told, reference: Callable[[str], int | str]) -> list[Any]:
    """Return what the sentence about a model says, without the empty places at its end."""
    values: list[Any] = [
        list(HEADS).index(told.head),
        None if told.witness is None else list(WITNESSES).index(told.witness),
        None if told.parent_id is None else reference(told.parent_id),
        None if told.nearest_id is None else reference(told.nearest_id),
        None if told.stated_confidence is None else percent(told.stated_confidence),
        told.n_parents or None,
        told.n_confirmed or None,
        told.reason,
    ]
    while values[-1] is None:
        values.pop()
    return values


def _best_first(pair: list[Any]) -> tuple[int, bool, float, str]:
    overlap = pair[3]
    return pair[2], overlap is None, -(overlap or 0.0), str(pair[0])
