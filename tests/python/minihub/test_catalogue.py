"""The catalogue keeps its promises: what each repository is made from, and what its page says."""

from datetime import date

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

import minihub
from minihub.cards import SYNTHETIC, SYNTHETIC_TAG
from minihub.catalogue import (
    ASTER,
    ASTER_CHAT,
    BOREALIS_INSTRUCT,
    DUNE,
    FALSELY_DECLARED,
    FAMILIES,
    LANES,
    RECAST,
    RENAMED,
    ROMANT,
    SEED_TWIN,
    UNDECLARED,
    pages,
)
from minihub.languages import LANGUAGES, write_text

PAGES = {page.repo_id: page for page in pages()}
YOUNGER_ON_PURPOSE = {"mini-ouroboros/chicken"}


def tier(downloads: int) -> str:
    bounds = ((0, "zero"), (10, "1-10"), (100, "11-100"), (1000, "101-1k"))
    return next((name for bound, name in bounds if downloads <= bound), "over 1k")


def test_ids_are_unique_and_authors_are_plainly_invented() -> None:
    assert len(PAGES) == len(pages()) == len({repo_id.lower() for repo_id in PAGES})
    assert all(repo_id.startswith(("demo-", "mini-")) for repo_id in PAGES)


def test_weights_are_made_after_those_they_come_from() -> None:
    order = list(PAGES)
    for page in pages():
        for source in page.recipe.sources:
            assert order.index(source) < order.index(page.repo_id)
            assert PAGES[source].recipe.family == page.recipe.family
    assert sorted(family for lane in LANES for family in lane) == sorted(FAMILIES)


def test_parents_are_older_than_children() -> None:
    by_id = {repo_id.lower(): page for repo_id, page in PAGES.items()}
    for page in pages():
        for parent in page.parents:
            known = by_id.get(RENAMED.get(parent, parent).lower())
            if known is not None and page.repo_id not in YOUNGER_ON_PURPOSE | {known.repo_id}:
                assert date.fromisoformat(known.created) < date.fromisoformat(page.created), page.repo_id


def test_each_download_tier_has_relatives_and_strangers_that_load() -> None:
    loading = {"copied", "recast", "tuned", "adapter", "merged", "pruned", "quantized", "nudged"}
    for family in ("aster", "borealis"):
        tiers = {
            tier(page.downloads)
            for page in pages()
            if page.recipe.family == family and page.recipe.kind in loading and not page.gated
        }
        assert tiers == {"zero", "1-10", "11-100", "101-1k", "over 1k"}, family


def test_every_repository_says_that_it_is_synthetic(minihub_build: minihub.Build) -> None:
    for repo in minihub_build.repos:
        if not PAGES[repo.repo_id].has_card:
            assert repo.info["tags"] == []
            continue
        readme = repo.file("README.md")
        assert readme is not None
        assert SYNTHETIC in minihub_build.blob(readme).read_text(encoding="utf-8")
        assert SYNTHETIC_TAG in repo.info["tags"]


def test_tags_declare_the_parents_as_the_hub_does(minihub_build: minihub.Build) -> None:
    tags = {repo.repo_id: repo.info["tags"] for repo in minihub_build.repos}
    merge = tags["demo-merge-kitchen/Aster-Borealis-frankenmerge"]
    for parent in PAGES["demo-merge-kitchen/Aster-Borealis-frankenmerge"].parents:
        assert f"base_model:{parent}" in merge
        assert f"base_model:merge:{parent}" in merge
    undeclared = tags["demo-mirror-user/Aster-1M-copy"]
    assert "base_model:finetune:demo-aster-lab/Aster-1M" in undeclared
    assert "base_model:mini-borealis/borealis-2l-base" in tags["demo-mirror-user/Borealis-backup"]


def test_copies_are_byte_identical_and_have_commits_of_their_own(minihub_build: minihub.Build) -> None:
    for copy, original in (
        ("demo-mirror-user/Aster-1M-copy", "demo-aster-lab/Aster-1M"),
        ("demo-mirror-user/Borealis-backup", "mini-borealis/Borealis-2L-Base"),
    ):
        pair = [minihub_build.find(repo_id) for repo_id in (copy, original)]
        assert pair[0] is not None
        assert pair[1] is not None
        assert pair[0].file("model.safetensors") == pair[1].file("model.safetensors")
        assert pair[0].sha != pair[1].sha


def test_planted_models_have_other_origins_than_their_cards_say() -> None:
    assert (PAGES[FALSELY_DECLARED].parents, PAGES[FALSELY_DECLARED].recipe.sources) == (
        (BOREALIS_INSTRUCT,),
        (ASTER_CHAT,),
    )
    assert (PAGES[UNDECLARED].parents, PAGES[UNDECLARED].recipe.sources) == ((), (ROMANT,))
    assert PAGES[SEED_TWIN].recipe == PAGES[DUNE].recipe
    assert PAGES[SEED_TWIN].parents == ()


def weights(build: minihub.Build, repo_id: str) -> dict[str, NDArray[np.float32]]:
    repo = build.find(repo_id)
    assert repo is not None
    file = repo.file("model.safetensors")
    assert file is not None
    return safetensors.numpy.load(build.blob(file).read_bytes())


def test_a_recast_model_is_its_original_rounded(minihub_build: minihub.Build) -> None:
    original, recast = weights(minihub_build, ASTER), weights(minihub_build, RECAST)
    assert original.keys() == recast.keys()
    for name, tensor in recast.items():
        assert tensor.dtype == np.float16
        np.testing.assert_array_equal(tensor, original[name].astype(np.float16))


def test_a_cut_vocabulary_keeps_the_rest(minihub_build: minihub.Build) -> None:
    original, cut = weights(minihub_build, ASTER), weights(minihub_build, "demo-tiny-vocab/aster-letters")
    for name, tensor in cut.items():
        np.testing.assert_array_equal(tensor, original[name][: len(tensor)])


def test_one_recipe_from_two_seeds_makes_unlike_weights(minihub_build: minihub.Build) -> None:
    one, other = weights(minihub_build, DUNE), weights(minihub_build, SEED_TWIN)
    name = "model.layers.0.mlp.up_proj.weight"
    assert abs(np.corrcoef(one[name].ravel(), other[name].ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_a_language_says_the_same_for_the_same_seed(name: str) -> None:
    assert write_text(name, 300, 1) == write_text(name, 300, 1)
    assert write_text(name, 300, 1) != write_text(name, 300, 2)
