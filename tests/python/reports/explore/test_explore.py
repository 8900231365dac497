"""What the explorer's data files say is what the marts say, whatever models are called."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from modelkin.answer.verdicts import HEADS, WITNESSES, Edge, tell
from reports.explore.catalogue import FITS, Catalogue
from reports.explore.families import draw
from reports.explore.files import Codes, packed, script
from reports.explore.models import FIELDS, MAX_SHARD_BYTES, model_files, site_numbers
from reports.explore.network import network_data
from tests.python.reports.explore.conftest import CHINESE, EDGES, HEBREW, HOSTILE, LONG, MODELS, SCRIPT

EVERY = [model[0] for model in sorted(MODELS, key=lambda model: (model[4] is None, -(model[4] or 0), model[0]))]

UNTOLD = {model_id.lower(): tell([], is_compared=False) for model_id in EVERY}
"""What is to be said where nothing was compared."""


def value(content: bytes) -> Any:
    """What a data file hands to the page."""
    text = content.decode()
    assert text.startswith("modelkin.data(")
    return json.loads("[" + text.removeprefix("modelkin.data(").removesuffix(");\n") + "]")[1]


def unpacked(text: str, kind: str) -> list[int]:
    return np.frombuffer(base64.b64decode(text), f"<{kind}").tolist()


def records(catalogue: Catalogue, files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    ids = value(files["models.js"])["ids"]
    rows = [row for number in range(len(files) - 1) for row in value(files[f"models/{number}.js"])]
    return {id_: dict(zip(FIELDS, row, strict=True)) for id_, row in zip(ids, rows, strict=True)}


def test_models_are_ordered_by_downloads_then_id(catalogue: Catalogue) -> None:
    assert catalogue.column("model_id") == EVERY


def test_all_models_with_a_relative_are_drawn_and_the_others_counted(catalogue: Catalogue) -> None:
    drawing = draw(catalogue)
    ids = [EVERY[number] for number in drawing.number]
    assert ids[0] == "a/root"
    assert set(ids[:6]) == {"a/root", "a/child", "a/grandchild", "a/merge", SCRIPT, LONG}
    assert set(ids[6:]) == {"b/root", CHINESE, HEBREW}
    assert (drawing.n_families, drawing.n_in_families, drawing.n_alone) == (2, 9, 2)


def test_a_tree_has_one_parent_and_other_edges_are_kept_apart(catalogue: Catalogue) -> None:
    drawing = draw(catalogue)
    ids = [EVERY[number] for number in drawing.number]
    up = {id_: ids[parent] for id_, parent in zip(ids, drawing.forest.parent, strict=True) if parent >= 0}
    others = {(ids[child], ids[parent]) for child, parent in drawing.others}
    assert up["a/grandchild"] == "a/child"
    assert up["a/merge"] == "a/root"
    assert others == {("a/merge", "b/root"), ("a/root", "a/grandchild")}
    assert {(parent, child) for child, parent in [*up.items(), *others]} == {edge[:2] for edge in EDGES}
    assert not drawing.is_attached.any()


def test_a_bounded_drawing_keeps_what_leads_to_the_most_downloaded(catalogue: Catalogue) -> None:
    drawing = draw(catalogue, max_drawn=4, max_members=3)
    assert [EVERY[number] for number in drawing.number] == ["a/root", "a/grandchild", "a/child"]
    assert drawing.family_sizes.tolist() == [6]
    assert (drawing.n_families, drawing.n_in_families) == (2, 9)


def test_records_hold_the_facts_of_the_marts(catalogue: Catalogue) -> None:
    files = model_files(catalogue, site_numbers(catalogue, draw(catalogue)), UNTOLD)
    index = value(files["models.js"])
    assert index["total"] == len(MODELS)
    found = records(catalogue, files)
    for id_, kind, root, depth, downloads, created, license_, known, architecture, parameters in MODELS:
        row = found[id_]
        values = {name: [*index["values"][name], None] for name in index["values"]}
        assert values["type"][row["type"]] == kind
        assert row["root"] == (None if root is None else EVERY.index(root))
        assert (row["depth"], row["downloads"], row["created"]) == (depth, downloads, created)
        assert values["license"][row["license"]] == (license_ or ("" if known else None))
        assert values["architecture"][row["architecture"]] == architecture
        assert row["parameters"] == parameters
        assert row["parents"] == [
            [EVERY.index(parent), index["relations"].index(relation), int(breaks)]
            for parent, child, relation, breaks in sorted(EDGES, key=lambda edge: EVERY.index(edge[0]))
            if child == id_
        ]
        assert row["n_children"] == sum(edge[0] == id_ for edge in EDGES)


def test_records_hold_every_measured_pair_the_best_first(catalogue: Catalogue) -> None:
    found = records(catalogue, model_files(catalogue, site_numbers(catalogue, draw(catalogue)), UNTOLD))
    place = EVERY.index
    assert found["a/child"]["pairs"] == [
        [place("a/root"), 0, 0, 0.8, "same", None],
        [place("b/root"), 0, 0, 0.01, "different", None],
    ]
    assert found["a/root"]["pairs"][-1] == [place("d/measured-only"), 1, 0, None, None, "no_weights"]


def test_what_measurements_say_of_the_declared_parent(catalogue: Catalogue) -> None:
    fits = {id_: FITS[code] for id_, code in zip(EVERY, catalogue.fit, strict=True)}
    assert fits["a/child"] == "fits_best"
    assert fits[HEBREW] == "another_fits_better"
    assert fits["a/grandchild"] == "parent_not_measured"
    assert fits["d/measured-only"] == "none_declared"
    assert fits["c/alone"] == "not_measured"


def test_a_site_holds_what_is_drawn_and_measured_before_the_most_downloaded(catalogue: Catalogue) -> None:
    places = site_numbers(catalogue, draw(catalogue), max_models=3)
    assert [EVERY[number] for number in places] == [id_ for id_ in EVERY if id_ != "c/alone"]
    files = model_files(catalogue, places, UNTOLD)
    assert value(files["models.js"])["total"] == len(MODELS)
    assert "c/alone" not in value(files["models.js"])["ids"]


def test_shards_are_bounded_and_their_starts_are_listed(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.explore.models.MAX_SHARD_BYTES", 200)
    files = model_files(catalogue, site_numbers(catalogue, draw(catalogue)), UNTOLD)
    index = value(files["models.js"])
    sizes = [len(value(files[f"models/{number}.js"])) for number in range(len(files) - 1)]
    assert len(sizes) > 2
    assert index["starts"] == [sum(sizes[:number]) for number in range(len(sizes))]
    assert sum(sizes) == len(index["ids"])
    assert MAX_SHARD_BYTES < 100_000


def test_the_network_says_what_is_drawn(catalogue: Catalogue) -> None:
    drawing = draw(catalogue)
    data = network_data(catalogue, drawing, site_numbers(catalogue, drawing), UNTOLD)
    ids = [EVERY[number] for number in unpacked(data["number"], "i4")]
    assert data["downloads"] == [next(model[4] for model in MODELS if model[0] == id_) for id_ in ids]
    assert set(data["layouts"]) == {"radial", "time", "size"}
    for shape in data["layouts"].values():
        assert len(unpacked(shape["x"], "u2")) == len(unpacked(shape["y"], "u2")) == len(ids)
    colour = data["colours"]["license"]
    texts = [[*colour["values"], None][code] for code in unpacked(colour["codes"], "u2")]
    assert texts[ids.index("a/grandchild")] == ""
    assert texts[ids.index(CHINESE)] is None
    assert data["known"] == ["type", "license", "country", "architecture", "fit"]
    assert [label for _, label in data["layouts"]["size"]["x_ticks"]] == ["llama", "gemma", "unknown"]


def test_data_files_are_the_same_every_time(catalogue: Catalogue) -> None:
    drawing = draw(catalogue)
    places = site_numbers(catalogue, drawing)
    once, again = (
        script("network", network_data(catalogue, draw(catalogue), places, UNTOLD))
        + b"".join(model_files(catalogue, places, UNTOLD).values())
        for _ in range(2)
    )
    assert once == again


def test_names_are_data_and_survive_as_they_are(catalogue: Catalogue) -> None:
    files = model_files(catalogue, site_numbers(catalogue, draw(catalogue)), UNTOLD)
    assert set(HOSTILE) <= set(value(files["models.js"])["ids"])


def test_codes_go_by_frequency_then_alphabet() -> None:
    codes = Codes(["b", "a", None, "b", "c"])
    assert (codes.values, codes.codes) == (["b", "a", "c"], [0, 1, 3, 0, 2])


def test_a_number_that_does_not_fit_is_an_error() -> None:
    assert unpacked(packed([0, 65_535], "u2"), "u2") == [0, 65_535]
    with pytest.raises(OverflowError):
        packed([65_536], "u2")


def test_a_record_says_what_check_says(catalogue: Catalogue) -> None:
    confirmed = Edge("A/Root", True, "confirmed", "confirmed", "confirmed", 0.98)
    untested = Edge("gone/away", True, "not_testable", reason="Nobody saw it.")
    told = UNTOLD | {
        "a/child": tell([confirmed], is_compared=True),
        "a/merge": tell([confirmed, untested], is_compared=True),
    }
    places = site_numbers(catalogue, draw(catalogue))
    files = model_files(catalogue, places, told)
    found, ids = records(catalogue, files), value(files["models.js"])["ids"]
    assert found["a/child"]["told"] == [
        list(HEADS).index("confirmed"), list(WITNESSES).index("both"), ids.index("a/root"), None, "98%", 1, 1,
    ]  # fmt: skip
    assert found["a/merge"]["told"][2:] == ["gone/away", None, None, 2, 1, "Nobody saw it."]
    assert found["b/root"]["told"] == [list(HEADS).index("nothing_compared")]
    colour = network_data(catalogue, draw(catalogue), places, told)["colours"]["verdict"]
    codes = unpacked(colour["codes"], "u2")
    assert sorted({colour["values"][code] for code in codes}) == ["confirmed", "not_testable", "nothing_compared"]
