"""The command ``check`` on a warehouse made by hand: a few rows in each table that it reads."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.python.extract.command import Command, assert_refused

MARTS = """
create schema marts;
create table marts.dim_models as select * from (values
    ('lab/base', true, 'apache-2.0', true, true, 9000),
    ('lab/chat', true, 'apache-2.0', true, false, 500),
    ('lab/stranger', true, 'cc-by-nc-4.0', true, false, 90),
    ('mirror/base', true, 'apache-2.0', true, false, 3),
    ('x/liar', true, 'mit', true, false, 10),
    ('x/quiet', true, null, true, false, 5),
    ('x/merge', true, 'apache-2.0', true, false, 4),
    ('x/lost', false, null, false, null, null)
) as t(model_id, is_observed, license, is_license_known, has_license_file, downloads);
create table marts.mart_licenses as select * from (values ('apache-2.0', 1), ('mit', 1), ('cc-by-nc-4.0', 3))
    as t(license, strictness);
create table marts.fct_lineage_edges as select * from (values
    ('lab/chat', 'lab/base', 'finetune', 'card,tag', true), ('x/liar', 'lab/stranger', 'finetune', 'card', true),
    ('x/merge', 'lab/chat', 'merge', 'card', true), ('x/merge', 'x/lost', 'merge', 'card', false)
) as t(child_model_id, parent_model_id, relation, declared_by, is_parent_observed);
create table marts.bridge_model_ancestors as select * from (values
    ('lab/chat', 'lab/base', 1), ('x/liar', 'lab/stranger', 1),
    ('x/merge', 'lab/chat', 1), ('x/merge', 'x/lost', 1), ('x/merge', 'lab/base', 2)
) as t(model_id, ancestor_model_id, distance);
create table marts.mart_license_chains as select * from (values
    ('lab/chat', 'lab/base', 1, 'kept', 'same_license', 'Both state the same licence.'),
    ('x/liar', 'lab/stranger', 1, 'in_conflict', 'commercial_use_allowed', 'It forbids commercial use.'),
    ('x/merge', 'lab/chat', 1, 'kept', 'same_license', 'Both state the same licence.'),
    ('x/merge', 'x/lost', 1, 'unknown', 'license_not_told', 'No source says.'),
    ('x/merge', 'lab/base', 2, 'kept', 'same_license', 'Both state the same licence.')
) as t(model_id, ancestor_model_id, distance, outcome, rule, reason);
create table marts.mart_license_compatibility as select * from (values
    ('apache-2.0', 'none', 'dropped', 'notice_dropped', 'None is stated.'),
    ('apache-2.0', 'apache-2.0', 'kept', 'same_license', 'Both state the same licence.'),
    ('apache-2.0', 'mit', 'changed', 'permissive_allows_others', 'It allows other terms.'),
    ('apache-2.0', 'unlisted', 'changed', 'permissive_allows_others', 'It allows other terms.'),
    ('none', 'mit', 'unknown', 'none_grants_nothing', 'None is stated.'), ('mit', 'mit', 'kept', 'same_license', '')
) as t(ancestor_license, license, outcome, rule, reason);
create table marts.mart_identical_weights as select * from (values
    ('lab/base', 'lab/base', 1), ('lab/base', 'mirror/base', 2)
) as t(first_model_id, model_id, group_place);
create table marts.mart_lineage_candidates as select * from (values
    ('s', 'lab/chat', 'lab/base', 1, 4e-1, 8e-1), ('s', 'lab/chat', 'lab/stranger', 2, 0.0, 0.05),
    ('s', 'x/liar', 'lab/base', 1, 0.4, 0.7), ('s', 'x/liar', 'lab/stranger', 2, -0.1, 0.02)
) as t(study_id, derived_model_id, candidate_base_id, rank, score, overlap_ratio);
create table marts.fct_overlaps as select 'x/quiet' as derived_model_id, false as is_valid, 'gated' as invalid_reason;
"""
WEIGHTS = """
create schema stats;
create table marts.fct_weight_kinships as select * from (values
    ('lab/base', 'lab/chat', true, 'full', 1e-1, 2e-2, 99e-2, 1e-30, 1e-28),
    ('lab/base', 'lab/stranger', false, 'independent', 0.0, 1.4, 0.0, 0.4, 1.0),
    ('lab/base', 'mirror/base', true, 'copy', 1.0, 0.0, 1.0, 1e-30, 1e-28),
    ('lab/chat', 'x/quiet', true, 'full', 0.0, 0.04, 0.97, 1e-30, 1e-28),
    ('lab/base', 'x/quiet', true, 'full', 0.0, 0.06, 0.96, 1e-30, 1e-28),
    ('lab/stranger', 'x/liar', false, 'independent', 0.0, 1.4, 0.0, 0.7, 1.0)
) as t(model_id, other_model_id, is_kin, change_kind, share_equal, distance, correlation, p_value, p_holm);
create table stats.weight_trees as select * from (values
    ('lab/base', null, null), ('mirror/base', null, 'lab/base'), ('lab/chat', 'lab/base', null),
    ('x/quiet', 'lab/chat', null), ('x/liar', 'lab/base', null)
) as t(model_id, parent_model_id, copy_of);
create table stats.merge_recipes as select 'x/merge' as merge_model_id, 'lab/chat' as parent_model_id, 7e-1 as weight,
    'linear' as method, 1e-2 as residual;
create table stats.lineage_verdicts as select * from (values
    ('lab/chat', 'lab/base', true, 'confirmed', 'confirmed', 1e-30, 1e-28, 98e-2, 'confirmed', null, null),
    ('x/liar', 'lab/stranger', true, 'contradicted', 'contradicted', 0.7, 1.0, 0.97, 'contradicted', 'lab/base', null),
    ('x/quiet', 'lab/chat', false, 'undeclared', null, 1e-30, 1e-28, 0.91, 'undeclared', null, null),
    ('x/merge', 'lab/chat', true, 'confirmed', null, 1e-9, 1e-8, 0.9, 'confirmed', null, null),
    ('x/merge', 'x/lost', true, 'not_testable', null, null, null, null, 'not_testable', null, 'Nobody saw x/lost.')
) as t(model_id, parent_model_id, is_declared, by_weights, by_fingerprint, p_value, p_holm, confidence, verdict,
    nearest_model_id, reason);
"""


@pytest.fixture
def fingerprints_only(warehouse_file: Path) -> Path:
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute(MARTS)
    return warehouse_file


@pytest.fixture
def both(fingerprints_only: Path) -> Path:
    with duckdb.connect(str(fingerprints_only)) as connection:
        connection.execute(WEIGHTS)
    return fingerprints_only


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["LAB/chat"], 0, "lab/chat descends from lab/base, as it declares (by its weights and by its fingerprint"),
        (["x/liar"], 3, "x/liar does not descend from lab/stranger, which it declares as its parent; it is kin of"),
        (["x/quiet"], 3, "x/quiet declares no parent, but descends from lab/chat (by its weights"),
        (["x/merge"], 4, "x/merge descends from 1 of the 2 models that it declares as parents; 1 could not be tested"),
        (["lab/base"], 0, "lab/base declares no parent, and no kin older than it was found here."),
        (["x/quiet", "--against", "lab/base"], 0, "x/quiet descends from lab/base (by its weights"),
        (["x/quiet", "--against", "mirror/base"], 0, "x/quiet descends from mirror/base (by its weights"),
        (["lab/base", "--against", "lab/chat"], 3, "lab/chat rather descends from lab/base (by its weights"),
        (["lab/base", "--against", "lab/stranger"], 3, "lab/base does not descend from lab/stranger (by its weights"),
    ],
)
def test_both_witnesses_are_heard(both: Path, extract: Command, words: list[str], exit_code: int, said: str) -> None:
    outcome = extract("check", *words)
    assert outcome.stdout.startswith(said)
    assert outcome.exit_code == exit_code


@pytest.mark.parametrize(
    ("model", "exit_code", "said"),
    [
        ("lab/chat", 0, "lab/chat is kin of lab/base, which it declares as its parent (by its fingerprint alone"),
        ("x/liar", 3, "x/liar does not descend from lab/stranger, which it declares as its parent; it is kin of"),
        ("x/quiet", 4, "x/quiet declares no parent, and was compared with no other model."),
        ("x/merge", 4, "Whether x/merge descends from lab/chat, as it declares, could not be tested: neither"),
    ],
)
def test_a_warehouse_without_sketches_answers_by_fingerprints(
    fingerprints_only: Path, extract: Command, model: str, exit_code: int, said: str
) -> None:
    outcome = extract("check", model)
    assert outcome.stdout.startswith(said)
    assert outcome.exit_code == exit_code
    assert "No weights were compared in this warehouse" in outcome.stdout


def test_the_text_says_what_the_sentence_rests_on(both: Path, extract: Command) -> None:
    assert extract("check", "x/merge").stdout.splitlines()[1:] == [
        "  declared parents:",
        "    lab/chat (merge; by card)",
        "    x/lost (merge; by card)",
        "  verdicts:",
        "    lab/chat: confirmed, confidence 90%",
        "    x/lost: not testable: Nobody saw x/lost.",
        "  made of:",
        "    0.70 × lab/chat (linear)",
        "  licences up to the root:",
        "    x/merge: apache-2.0, no licence file",
        "    lab/chat: apache-2.0, no licence file",
        "    x/lost: not known",
        "    lab/base: apache-2.0, with a licence file",
        "    so: whether it agrees with the licence of x/lost is not known",
        "    No source says.",
        "  not known:",
        "    Its weights could not be compared with those of any other model.",
        "    Its fingerprint was not measured.",
        "    x/lost was never observed, so nothing could be compared with it.",
        "    A parent that this warehouse does not hold cannot be found.",
    ]


def test_copies_kin_and_a_measured_parents_licence_are_named(both: Path, extract: Command) -> None:
    found = json.loads(extract("check", "mirror/base", "--json").stdout)
    assert found["copies"] == ["lab/base"]
    assert [kin["model_id"] for kin in found["kin_by_weights"]] == ["lab/base"]
    found = json.loads(extract("check", "x/quiet", "--json").stdout)
    assert [kin["model_id"] for kin in found["kin_by_weights"]] == ["lab/chat", "lab/base"]
    assert (found["verdict"], found["agrees"], found["confidence"]) == ("undeclared", False, 0.91)
    assert [(one["model_id"], one["is_measured"]) for one in found["licences"]] == [
        ("x/quiet", False),
        ("lab/chat", True),
        ("lab/base", True),
    ]
    assert found["licence"] == "dropped"
    # By the mart for what is declared, by the same rules for what is measured.
    assert [(one["outcome"], one["rule"]) for one in found["licences"]] == [
        (None, None),
        ("dropped", "notice_dropped"),
        ("dropped", "notice_dropped"),
    ]
    assert found["unknown"][0] == "Its fingerprint could not be measured: gated."
    found = json.loads(extract("check", "x/liar", "--json").stdout)
    assert [(one["model_id"], one["outcome"]) for one in found["licences"][1:]] == [
        ("lab/stranger", "in_conflict"),
        ("lab/base", "changed"),
    ]
    assert found["licence"] == "in_conflict"


def test_the_names_of_the_json_are_those_of_the_documentation(both: Path, extract: Command) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "check.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1:3] for row in page.splitlines() if row.startswith("| `")]
    for model in ("x/merge", "x/quiet", "lab/chat"):
        found = json.loads(extract("check", model, "--json").stdout)
        assert all(any(f"`{name}`" in row[0] for row in rows) for name in found)
        inner = [entry for value in found.values() if isinstance(value, list) for entry in value]
        names = {name for entry in inner if isinstance(entry, dict) for name in entry}
        assert {name for name in names if not any(f"`{name}`" in row[1] for row in rows)} == set()


def test_what_it_cannot_answer_is_one_sentence(both: Path, extract: Command, tmp_path: Path) -> None:
    assert_refused(extract("check", "lab/chatt"), "knows no model lab/chatt", "did you mean lab/chat", exit_code=2)
    assert_refused(extract("check", "lab/chat", "--against", "no/such-thing"), "check its name", exit_code=2)
    assert_refused(extract("check", "lab chat"), "not a model id", exit_code=2)


def test_marts_that_lack_a_column_are_to_be_built_again(both: Path, extract: Command) -> None:
    with duckdb.connect(str(both)) as connection:
        connection.execute("alter table marts.dim_models drop column has_license_file")
    assert_refused(extract("check", "lab/chat"), "older version", "modelkin build")
