from dataclasses import replace

from extract.overlap.recipe import PromptSet, Recipe

RECIPE = Recipe("Lab/Base", "0123456789abcdef", "hub", 2000, 2, 0, "auto")
PROMPTS = PromptSet(RECIPE, ("first text", "second � text"), ((1, 2, 3), (4, 5, 6)))


def test_the_id_is_readable_and_depends_on_recipe_and_texts() -> None:
    assert PROMPTS.prompt_set_id.startswith("Lab/Base@01234567-")
    others = [
        replace(PROMPTS, recipe=replace(RECIPE, **change))
        for change in (
            {"base_sha": "0123456789abcdee"},
            {"study_id": "other"},
            {"bottom_k": 100},
            {"seed": 1},
            {"dtype": "own"},
        )
    ]
    others.append(replace(PROMPTS, texts=("first text", "second text")))
    assert len({PROMPTS.prompt_set_id, *(other.prompt_set_id for other in others)}) == 7


def test_ids_of_models_are_one_in_any_case() -> None:
    assert replace(RECIPE, base_model_id="lab/base").digest == RECIPE.digest


def test_a_prompt_set_is_read_back_from_its_rows_in_any_order() -> None:
    table = PROMPTS.table()
    assert table["recipe"][0].as_py() == table["recipe"][1].as_py()
    assert PromptSet.from_table(table.take([1, 0])) == PROMPTS
