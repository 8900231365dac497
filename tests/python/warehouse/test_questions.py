"""The notebook of twenty questions runs on the demo, and its answers say what its queries find."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import jupytext
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from tests.python.conftest import ROOT
from tests.python.warehouse.conftest import Project

pytestmark = pytest.mark.xdist_group("demo")

NUMBER = re.compile(r"(?<![\w.-])(about )?(\d[\d,]*(?:\.\d+)?)(?![\w-])")
FIFTH = 0.2


@dataclass(frozen=True)
class Cell:
    """One cell of the notebook, and, of code, how its result is printed."""

    is_code: bool
    source: str
    result: str = ""


@pytest.fixture(scope="module")
def executed(demo: Project) -> list[Cell]:
    """The notebook's cells, run on the demo's warehouse.

    They run in this process, by the shell that a Jupyter kernel is made of: a kernel is another process behind five
    ports, which it may find taken, and what is tested here are the queries.
    """
    cells = jupytext.read(ROOT / "docs" / "questions.md").cells
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELKIN_DB", str(demo.path))
        done = [
            Cell(cell.cell_type == "code", cell.source, run(shell, cell.source) if cell.cell_type == "code" else "")
            for cell in cells
        ]
        shell.user_ns["warehouse"].close()
    return done


def run(shell: InteractiveShell, source: str) -> str:
    """Run one cell of code and return its result as it is printed; the test fails if the cell does."""
    with capture_output():
        outcome = shell.run_cell(source)
    outcome.raise_error()
    return str(outcome.result)


def answered(cells: list[Cell]) -> Iterator[tuple[str, str]]:
    """Yield each query's result with the answer below it."""
    for query, text in pairwise(cells):
        if query.is_code and query.source.startswith("%%sql"):
            answer = re.match(r"\*\*Answer\.\*\* (.+?)(?:\n\n|\Z)", text.source, re.DOTALL)
            assert answer, f"no answer below: {query.source}"
            yield query.result, answer[1]


def numbers_in(text: str) -> list[tuple[float, bool]]:
    """Return the numbers of a text outside names in backticks, and whether the word "about" stands before each."""
    plain = re.sub(r"`[^`]*`", " ", text)
    return [(float(number.replace(",", "")), bool(about)) for about, number in NUMBER.findall(plain)]


def test_twenty_questions_are_asked_and_answered(executed: list[Cell]) -> None:
    text = "\n".join(cell.source for cell in executed if not cell.is_code)
    assert [int(number) for number in re.findall(r"^### (\d+)\. .+\?$", text, re.MULTILINE)] == list(range(1, 21))
    assert len(list(answered(executed))) == 20


def unsupported(result: str, answer: str) -> list[str]:
    """Return the numbers and names of an answer that its result does not hold."""
    found = [float(number) for number in re.findall(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w-])", result)]
    numbers = [
        f"{number:g}"
        for number, is_about in numbers_in(answer)
        if not any(abs(number - other) <= (FIFTH * other if is_about else 1e-9) for other in found)
    ]
    return numbers + [name for name in re.findall(r"`([^`]+)`", answer) if name not in result]


def test_every_number_and_name_of_an_answer_is_in_its_result(executed: list[Cell]) -> None:
    wrong = {answer: missing for result, answer in answered(executed) if (missing := unsupported(result, answer))}
    assert wrong == {}


def test_a_false_answer_is_noticed() -> None:
    result = "│ lab/Aster-1M │ 12 │ 2646709 │ 0.82 │"
    assert unsupported(result, "the 12 of `lab/Aster-1M` keep about 0.75, and have 2,646,709 downloads") == []
    assert unsupported(result, "the 13 of `lab/Dune-1M` keep about 0.4, or 0.75") == [
        "13",
        "0.4",
        "0.75",
        "lab/Dune-1M",
    ]
