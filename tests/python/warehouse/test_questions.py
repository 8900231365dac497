"""The notebook of twenty questions runs on the demo, and its answers say what its queries find."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from tests.python.warehouse.conftest import Project

pytestmark = pytest.mark.xdist_group("demo")

NUMBER = re.compile(r"(?<![\w.-])(about )?(\d[\d,]*(?:\.\d+)?)(?![\w-])")
FIFTH = 0.2


@pytest.fixture(scope="module")
def executed(demo: Project) -> nbformat.NotebookNode:
    """The notebook with its outputs, made by the two commands that it prints, on the demo's warehouse."""
    path = demo.folder / "questions.ipynb"
    commands = Path(sys.executable).parent
    demo.run(str(commands / "jupytext"), "--to", "ipynb", "--output", str(path), "docs/questions.md")
    demo.run(str(commands / "jupyter"), "execute", "--inplace", str(path))
    return nbformat.read(path, as_version=4)


def answered(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield each query's result with the answer below it."""
    for query, text in zip(notebook.cells, notebook.cells[1:], strict=False):
        if query.cell_type == "code" and query.source.startswith("%%sql"):
            answer = re.match(r"\*\*Answer\.\*\* (.+?)(?:\n\n|\Z)", text.source, re.DOTALL)
            assert answer, f"no answer below: {query.source}"
            yield query.outputs[0]["data"]["text/plain"], answer[1]


def numbers_in(text: str) -> list[tuple[float, bool]]:
    """Return the numbers of a text outside names in backticks, and whether the word "about" stands before each."""
    plain = re.sub(r"`[^`]*`", " ", text)
    return [(float(number.replace(",", "")), bool(about)) for about, number in NUMBER.findall(plain)]


def test_twenty_questions_are_asked_and_answered(executed: nbformat.NotebookNode) -> None:
    text = "\n".join(cell.source for cell in executed.cells if cell.cell_type == "markdown")
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


def test_every_number_and_name_of_an_answer_is_in_its_result(executed: nbformat.NotebookNode) -> None:
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
