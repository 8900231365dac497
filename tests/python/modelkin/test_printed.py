"""Every way to a reader's eyes, tried with names that would move the cursor, hide, or start a line of their own."""

import re
from pathlib import Path

import duckdb
import pytest
import typer

from extract.doctor import FAULT, Finding, lines
from extract.hub.known_model import KnownModel
from extract.overlap.plan import Plan, PlannedModel
from modelkin.answer.answer import Answer, Parent
from modelkin.answer.verdicts import HEADS, Told
from modelkin.command_line import report, run
from modelkin.errors import InputError
from modelkin.printable import no_formula, shown, tell, tell_text, warn
from modelkin.progress import Progress, Waiting
from reports.explore.files import script
from reports.network.exports import _without_formulas
from reports.site.queries import read_query
from tests.python.conftest import ROOT

HOSTILE = "o/\x1b[2Ja\u202egpj\u200b\r\x07\nError: all is well"
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]")
HEAD = next(iter(HEADS))
PLAN = PlannedModel(HOSTILE, 1, 1.0), PlannedModel(HOSTILE, 0, 0.0, "unknown", HOSTILE)


def known() -> KnownModel:
    edge = {"model_id": HOSTILE, "relation": HOSTILE, "declared_by": HOSTILE}
    facts = {"license": HOSTILE, "tags": [HOSTILE], "siblings": [HOSTILE], "config": HOSTILE}
    return KnownModel(HOSTILE, HOSTILE, HOSTILE, facts, [edge], [], [{**edge, "downloads": 1}], [])


def answer() -> Answer:
    told = Told("confirmed", HEAD, parent_id=HOSTILE, n_parents=1)
    return Answer(HOSTILE, None, None, told, parents=(Parent(HOSTILE, HOSTILE, HOSTILE, True),), unknown=(HOSTILE,))


def failing() -> None:
    application = typer.Typer()

    @application.command()
    def fail() -> None:
        raise InputError(HOSTILE)

    with pytest.raises(SystemExit):
        run(application, [])


def waiting() -> None:
    with Waiting(HOSTILE) as wait:
        wait.now(HOSTILE)


WAYS = {
    "show": lambda: tell_text(known().as_text(verbose=True)),
    "show --quiet": lambda: tell_text(known().as_line()),
    "show --json": lambda: tell_text(known().as_json()),
    "check": lambda: tell_text(answer().as_text()),
    "a plan": lambda: tell_text(Plan(2, 0, 2, 1, 1, 1.0, HOSTILE, PLAN).text()),
    "doctor": lambda: tell(*lines([Finding("Warehouse", FAULT, HOSTILE, HOSTILE)])),
    "a summary": lambda: report(HOSTILE, [HOSTILE]),
    "an error": failing,
    "a warning": lambda: warn(HOSTILE),
    "progress": lambda: Progress("models").begin(HOSTILE),
    "waiting": waiting,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_hostile_name_is_printed_and_nothing_more(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    WAYS[way]()
    printed = "".join(capsys.readouterr())
    assert "gpj" in printed
    assert FORBIDDEN.search(printed) is None
    assert not re.search("^Error: all is well", printed, re.MULTILINE)


def test_nothing_is_printed_past_the_one_place_for_it() -> None:
    """The linter finds `print`; this finds what writes to a stream by itself."""
    allowed = {"modelkin/progress.py", "minihub/weights.py"}
    found = {
        path.relative_to(ROOT).as_posix()
        for package in ("modelkin", "minihub", "extract", "reports")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"std(out|err)\.write|typer\.(echo|secho)", path.read_text(encoding="utf-8"))
    }
    assert found <= allowed


def test_pages_and_figures_get_printable_text_from_their_queries(tmp_path: Path) -> None:
    query = tmp_path / "odd.sql"
    query.write_text("select $name as name, [$name] as names, {'name': $name} as one, 1 as n")
    with duckdb.connect() as connection:
        row = read_query(connection, query, {"name": HOSTILE}).only()
    assert row["n"] == 1
    for text in (row["name"], *row["names"], row["one"]["name"]):
        assert FORBIDDEN.search(text) is None
        assert "gpj" in text


def test_the_explorer_gets_printable_text() -> None:
    assert "\\\\u202e" in script("models", {"ids": [HOSTILE]}).decode()
    assert shown(("a\x00", None, 3)) == ("a\\u0000", None, 3)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_csv_file_holds_no_formula(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with duckdb.connect() as connection:
        rows = connection.sql("select $text as license, -1 as downloads, 'o/=a' as id", params={"text": text})
        _without_formulas(rows).write_csv(str(path))
        assert connection.read_csv(str(path), all_varchar=True).fetchall() == [(no_formula(text), "-1", "o/=a")]
    assert no_formula(text) == f"'{text}"
