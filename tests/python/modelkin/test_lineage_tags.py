"""Which parents a model declares. tests/python/warehouse/test_rules.py holds the models to the same cases."""

import json

import pytest

from modelkin.lineage_tags import RELATIONS, declared_parents, of_tag
from modelkin.model_ids import PLACEHOLDERS
from tests.python.cases import parent_statements

CASES = parent_statements()


@pytest.mark.parametrize("tag", CASES, ids=repr)
def test_a_tag_is_read_as_the_table_of_cases_says(tag: str) -> None:
    found = {(one.parent_id, one.relation, one.is_well_formed) for one in of_tag(tag)}
    assert found == CASES[tag]


def test_the_table_has_every_relation_and_every_placeholder() -> None:
    stated = {statement for statements in CASES.values() for statement in statements}
    assert {relation for _, relation, _ in stated} == {*RELATIONS, None}
    assert {parent_id.lower() for parent_id, _, _ in stated} >= PLACEHOLDERS


def test_tags_about_something_else_state_nothing() -> None:
    assert of_tag("license:mit") == of_tag("Base_Model:a/b") == []


def test_a_card_and_the_api_are_read_by_the_same_rule() -> None:
    card = {
        "base_model": ["a/b, c/d", "https://huggingface.co/e/f", 7, None, {"id": "x"}],
        "base_model_relation": "Merge",
    }
    api = [
        {"relation": "Adapter", "id": "g/h/"},
        {"relation": "distilled", "id": "i/j"},
        {"relation": None, "id": None},
    ]
    found = declared_parents(["base_model:none", "x"], json.dumps(card), api)
    assert [(one.parent_id, one.relation, one.declared_by) for one in found] == [
        ("a/b", "merge", "card"),
        ("c/d", "merge", "card"),
        ("e/f", "merge", "card"),
        ("7", "merge", "card"),
        ("g/h", "adapter", "api"),
        ("i/j", None, "api"),
    ]
    assert [one.parent_id for one in declared_parents(None, '{"base_model": "a/b"}', None)] == ["a/b"]


@pytest.mark.parametrize("card", [None, "", "[]", "{}", '{"base_model": 7}', '{"base_model": null}'])
def test_a_card_without_a_parent_states_nothing(card: str | None) -> None:
    assert declared_parents([], card, []) == []
