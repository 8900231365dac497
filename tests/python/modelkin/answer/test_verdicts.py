"""Of the verdicts on single edges, one sentence that is true."""

import pytest

from modelkin.answer.fingerprints import Candidate, Finding, judge
from modelkin.answer.licences import Licensed, gravest
from modelkin.answer.verdicts import HEADS, WITNESSES, Edge, percent, sentence, tell, tell_against

CONFIRMED = Edge("lab/base", True, "confirmed", "confirmed", "confirmed", 0.98)
CONTRADICTED = Edge("lab/other", True, "contradicted", "contradicted", "not_testable", 0.99999, "lab/base")
UNTESTED = Edge("lab/gone", True, "not_testable", reason="Its parent was never observed.")
NEARER = Edge("lab/base", True, "nearer_parent", "nearer_parent", "confirmed", 0.7, "lab/chat")
UNDECLARED = Edge("lab/base", False, "undeclared", "undeclared", None, 0.9)


@pytest.mark.parametrize(
    ("edges", "said", "agrees"),
    [
        (
            [CONFIRMED],
            "a/model descends from lab/base, as it declares (by its weights and by its fingerprint; confidence 98%).",
            True,
        ),
        (
            [CONFIRMED, Edge("lab/second", True, "confirmed", "confirmed", None, 0.6)],
            "a/model descends from the 2 models that it declares as parents (by its weights and by its fingerprint; "
            "confidence 60%).",
            True,
        ),
        (
            [CONFIRMED, CONTRADICTED],
            "a/model does not descend from lab/other, which it declares as its parent; it is kin of lab/base "
            "(by its weights; their fingerprints were not compared; confidence >99.99%).",
            False,
        ),
        (
            [UNTESTED],
            "Whether a/model descends from lab/gone, as it declares, could not be tested: its parent was never "
            "observed.",
            None,
        ),
        (
            [CONFIRMED, UNTESTED],
            "a/model descends from 1 of the 2 models that it declares as parents; 1 could not be tested: "
            "its parent was never observed.",
            None,
        ),
        (
            [NEARER, UNDECLARED],
            "a/model is kin of lab/base, which it declares as its parent, but lab/chat is nearer "
            "(by its weights and by its fingerprint; confidence 70%).",
            True,
        ),
        (
            [Edge("lab/base", True, "confirmed", "confirmed", "contradicted", 0.9)],
            "a/model descends from lab/base, as it declares (by its weights; its fingerprint says otherwise; "
            "confidence 90%).",
            True,
        ),
        (
            [Edge("lab/base", True, "confirmed", "not_testable", "confirmed")],
            "a/model is kin of lab/base, which it declares as its parent (by its fingerprint alone; its weights were "
            "not compared).",
            True,
        ),
        (
            [Edge("lab/base", True, "reversed", "reversed", None, 0.8)],
            "lab/base, which a/model declares as its parent, rather descends from it "
            "(by its weights; their fingerprints were not compared; confidence 80%).",
            False,
        ),
        (
            [UNDECLARED],
            "a/model declares no parent, but descends from lab/base "
            "(by its weights; their fingerprints were not compared; confidence 90%).",
            False,
        ),
        (
            [Edge("lab/base", True, "confirmed", "confirmed", "confirmed", 0.43)],
            "a/model is kin of lab/base, which it declares as its parent; whether it was made from it directly is not "
            "settled (by its weights and by its fingerprint).",
            True,
        ),
        (
            [Edge("lab/base", True, "nearer_parent", "nearer_parent", None, 0.51, "lab/base-GGUF")],
            "a/model is kin of lab/base, which it declares as its parent; it could as well come from lab/base-GGUF "
            "(by its weights; their fingerprints were not compared).",
            True,
        ),
        (
            [Edge("lab/base", False, "undeclared", "undeclared", None, 0.2)],
            "a/model declares no parent, but is kin of lab/base "
            "(by its weights; their fingerprints were not compared).",
            False,
        ),
        ([], "a/model declares no parent, and no kin older than it was found here.", True),
    ],
)
def test_the_sentence_says_the_gravest(edges: list[Edge], said: str, agrees: bool | None) -> None:
    told = tell(edges, is_compared=True)
    assert sentence(told, "a/model") == said
    assert told.agrees is agrees


def test_what_was_compared_with_nothing_is_not_said_to_agree() -> None:
    told = tell([], is_compared=False)
    assert sentence(told, "a/model") == "a/model declares no parent, and was compared with no other model."
    assert told.agrees is None


@pytest.mark.parametrize("verdict", ["confirmed", "nearer_parent", "reversed", "contradicted", "not_testable"])
@pytest.mark.parametrize("weights", ["confirmed", "contradicted", "not_testable", None])
@pytest.mark.parametrize("fingerprint", ["confirmed", "contradicted", None])
def test_there_are_words_for_every_answer(verdict: str, weights: str | None, fingerprint: str | None) -> None:
    edge = Edge("lab/base", True, verdict, weights, fingerprint, 0.5, "lab/chat", "no weights.")
    for told in (tell([edge], is_compared=True), tell_against(edge)):
        assert told.head in HEADS
        assert told.witness is None or told.witness in WITNESSES
        assert sentence(told, "a/model").count("lab/base") == 1


def test_confidence_is_never_rounded_up_to_certainty() -> None:
    assert [percent(share) for share in (0.5, 0.991, 0.9999, 0.99999, 1.0)] == [
        "50%", "99.10%", "99.99%", ">99.99%", ">99.99%",
    ]  # fmt: skip


def candidates(**scores: float) -> list[Candidate]:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    return [Candidate("s", f"lab/{name}", rank, score, score) for rank, (name, score) in enumerate(ranked, 1)]


STRANGER, KIN, NEAR_KIN = 0.05, 0.3, 0.5


@pytest.mark.parametrize(
    ("own", "parents", "verdict", "nearest"),
    [
        (candidates(base=KIN, other=STRANGER), [], "confirmed", None),
        (candidates(base=KIN, other=NEAR_KIN), [], "nearer_parent", "lab/other"),
        (candidates(base=STRANGER, other=KIN), [], "contradicted", "lab/other"),
        (candidates(base=STRANGER, other=0.0), [], "not_testable", None),
        (candidates(other=KIN), candidates(other=NEAR_KIN), "not_testable", None),
        (candidates(other=KIN), candidates(third=KIN), "contradicted", "lab/other"),
        (candidates(other=KIN), [], "not_testable", None),
        ([], [], "not_testable", None),
    ],
)
def test_fingerprints_alone_judge_only_what_was_asked(
    own: list[Candidate], parents: list[Candidate], verdict: str, nearest: str | None
) -> None:
    found = judge(own, parents, "lab/base")
    assert (found.verdict, found.nearest_id) == (verdict, nearest)
    assert (found.reason is not None) == (verdict == "not_testable")
    assert isinstance(found, Finding)


def test_the_gravest_outcome_is_named() -> None:
    outcomes = (None, "kept", "dropped", "unknown", "dropped")
    chain = [Licensed(f"m{n}", n, "mit", True, outcome=one) for n, one in enumerate(outcomes)]
    assert gravest(chain) == chain[2]
    assert gravest(chain[:2]) == chain[1]
    assert gravest(chain[:1]) is None
    # What is not known is no permission, so it goes before what is kept or changed.
    assert gravest([chain[1], chain[3]]) == chain[3]
