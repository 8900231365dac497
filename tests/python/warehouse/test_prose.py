"""The prose keeps clear of constructions that turned out wrong: translated word by word, or out of date.

Each has its plain alternative. Who corrects another one adds it here.
"""

import re
from collections.abc import Iterator

import pytest

from tests.python.conftest import ROOT

# What a row, a limit or a count is given for. "100 models a minute" is good English, "100 tags a model" is not.
OF_EACH = (
    "base|base model|claim|family|file|folder|group|language|line|model|page|pair|prompt|relation|row|run|study|subject"
    "|table|tensor|tier"
)

CONSTRUCTIONS = {
    r"\b(?:one|a|an|each|\d[\d,]*) (?:[a-z]+ )?"
    r"(?:row|line|file|module|share|value|request|picture|chart|table|set|id|page)"
    rf" an? (?:{OF_EACH})\b": "one row per pair",
    r"\bprompts a base model\b": "prompts per base model",
    rf"\b(?:limit|tags|ids|kB|GB|MB|bytes|rows|values|tests|copies) an? (?:{OF_EACH})\b": "10 tags per model",
    r"\bsums? to 1 an? ": "sum to 1 for each model",
    r"\bOne row an? ": "One row per model and day",
    r"\b(?:go|goes|going|went) on (?:where|from|with)\b": "resumes where it stopped",
    r"\bto go on\b": "to resume",
    r"\bas one left (?:it )?off\b": "resumes where it stopped",
    r"\bso (?:often|many|much|few|long)\b(?! (?:as|that|tests)\b)": "with at least N downloads; at most N GB",
    r"\bfailed so\b": "that failed for this reason",
    r"\b(?:what|that|which) thinks?\b(?! (?:it|least|likely|most|of))": "every model with logic",
    r"(?<![-\d.,])(\d[\d,.]*) to \1(?![\d,.])": "one number where both ends are equal",
    r"\bwants? (?:a full refresh|`dbt)": "needs a full refresh",
    r"\bbuilt before want\b": "warehouses built before this version need",
    r"\bobserved last\b": "as last observed",
    r"\b(?:observed|observes? (?:it|them)|built|starts? [a-z]+|loads? (?:it|them)) anew\b": "observes it again",
    r", (?:the bases|letter case|rounding|those in use) apart\b": "except for rounding; without the base models",
    r"\b(?:ranked|tested|counted) apart\b": "counted separately",
    r"\b(?:what|which|that) is no [a-z]+\b": "a file that is not a dump",
    r"\b(?:loops|ids|catalogues|edges) apart\b": "without self-loops; except self-loops",
    r"\bdropped unseen\b": "dropped silently; everything is kept",
    r"\bof each group apart\b": "of each group separately",
    r"(?:,|\bones?,) save (?:the|that|suspect|for)\b": "except the last",
    r"\blest\b": "so that … not",
    r"\bat one go\b": "in one go",
    r"\bto be had\b": "available",
    r"\bknown of (?:one|a|the|either)\b": "known about one model",
    r"\brightly\b": "correctly",
    r"\bties by half\b": "ties count half",
    r"\btakes? in both\b": "covers both",
    r"\bputs? ids to\b": "joins ids to",
    r"\b(?:models|columns) (?:it has )?beside (?:id|the)\b": "besides id; in addition to the base models",
    r"\bput to (?:the )?test\b": "tested",
    r"\bwherever it is seen\b": "wherever you see it",
    r"\bfrom day to day\b": "every day",
}

CHECKED = (
    "*.md",
    "docs/*.md",
    "Makefile",
    "*.yml",
    "bench/*",
    "extract/**/*.py",
    "macros/**/*.sql",
    "minihub/**/*.py",
    "modelkin/**/*.py",
    "models/**/*.md",
    "models/**/*.sql",
    "models/**/*.yml",
    "reports/**/*.py",
    "reports/**/*.sql",
    "seeds/*.py",
    "seeds/*.yml",
    "snapshots/*",
    "tests/**/*.py",
    "tests/**/*.sql",
)
"""Pages, descriptions, comments, docstrings, help texts and error sentences."""

EXCEPT = {
    "docs/commands.md",  # its sentences are written in the commands
    "docs/data-dictionary.md",  # its sentences are written in models/
    "reports/site/words.py",  # ids of messages in the catalogues of translations
    "tests/python/warehouse/test_prose.py",
}


def prose() -> Iterator[tuple[str, str]]:
    """Yield the files that people read, with their texts; decisions already written are never edited."""
    for pattern in CHECKED:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and path.suffix != ".pyc" and name not in EXCEPT:
                yield name, path.read_text(encoding="utf-8")


def findings(name: str, text: str) -> list[str]:
    """Return each construction found in a text, with its place and its plain alternative."""
    found = []
    for pattern, alternative in CONSTRUCTIONS.items():
        # A construction may run over the end of a line, also of a comment.
        for match in re.finditer(pattern.replace(" ", r"\s+(?:#\s+|--\s+)?"), text, re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{name}:{line}: {' '.join(match[0].split())!r}; plainly: {alternative}")
    return found


def test_the_prose_is_plain() -> None:
    wrong = [finding for name, text in prose() for finding in findings(name, text)]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "fct_overlaps has a row a pair.",
        "One Markdown file a language.",
        "Time limit a model, loading included.",
        "An interrupted crawl goes on\n    where it was.",
        "Only models downloaded so often.",
        "Try models again that failed so.",
        "what thinks has a unit test",
        "5 to 5 prompts, 2,000 to 2,000 ids",
        "downloads in 30 days, as observed last",
        "All of it, self-loops apart.",
        "A hash of the id, letter case apart.",
        "It refuses what is no dump.",
    ],
)
def test_a_translated_construction_is_found(text: str) -> None:
    assert findings("page", text) != []


@pytest.mark.parametrize(
    "text",
    [
        "One row per study and pair; 100 models a minute.",
        "It resumes where it stopped.",
        "100 to 1000 downloads, 1.5 to 1.55, a correlation of -1 to 1",
        "Not so long as that; so many that nobody counts.",
        "the token that a model thinks least likely",
        "A row that a person edits.",
    ],
)
def test_plain_english_is_left_alone(text: str) -> None:
    assert findings("page", text) == []
