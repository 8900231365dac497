"""The commands that read the warehouse and write nothing: ``modelkin show``, ``check``, ``status`` and ``doctor``."""

from typing import Annotated

import typer

from extract.check.cli import checker
from modelkin.command_line import command_group
from modelkin.errors import UsageError
from modelkin.model_ids import model_id_problem
from modelkin.printable import tell, tell_text

readers = command_group("readers", "Read what the warehouse holds.")


@readers.command("show")
def show_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The id of the model, such as Qwen/Qwen2.5-0.5B.")],
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show everything; without it, long lists are cut.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show one line: id, type, parents, downloads.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Ask the Hub instead of the warehouse.")] = False,
) -> None:
    """Show what is known about one model.

    That is its facts, its type, and its parents, roots, children and overlaps.

    Example: modelkin show Qwen/Qwen2.5-0.5B -v
    """
    from extract.hub.show import known_model, live_model  # noqa: PLC0415

    if sum([verbose, quiet, as_json]) > 1:
        raise UsageError("Choose one of --verbose, --quiet and --json.")
    if problem := model_id_problem(model):
        raise UsageError(f"MODEL: {problem}.")
    found = live_model(model) if live else known_model(model)
    if as_json:
        tell_text(found.as_json())
    else:
        tell_text(found.as_line() if quiet else found.as_text(verbose=verbose))


readers.add_typer(checker, name=None)


@readers.command("status")
def status_command() -> None:
    """Show what the warehouse holds, and what to do next.

    Example: modelkin status
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.status import read_status  # noqa: PLC0415 - as above

    tell(*read_status(warehouse_path()).lines())


@readers.command("doctor")
def doctor_command(
    *,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Read every value of the warehouse, which finds damage on the disk.")
    ] = False,
) -> None:
    """Look for faults in the machine, warehouse and cache.

    It says what to do. Nothing is changed, and nothing is asked of the Hub. Ends with 1 when something does not work.

    Example: modelkin doctor --thorough
    """
    from extract.doctor import FAULT, examine, lines  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.database import warehouse_path  # noqa: PLC0415 - as above

    findings = examine(warehouse_path(), thorough=thorough)
    tell(*lines(findings))
    if any(finding.level == FAULT for finding in findings):
        raise typer.Exit(1)
