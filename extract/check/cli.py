"""The command that answers whether a model descends from what it declares: ``modelkin check``."""

from typing import Annotated

import typer

from modelkin.command_line import command_group
from modelkin.errors import UsageError
from modelkin.model_ids import model_id_problem
from modelkin.printable import tell_text

checker = command_group("check", "Check where a model comes from.")


@checker.command("check")
def check_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The id of the model, such as Qwen/Qwen2.5-0.5B.")],
    *,
    against: Annotated[
        str | None,
        typer.Option(metavar="BASE", help="Ask about this base alone, declared or not, such as Qwen/Qwen2.5-0.5B."),
    ] = None,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Sketch the model as the Hub has it now, and compare it with all sketches of the warehouse."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Check whether a model descends from what it declares.

    The first line is the answer in one sentence; below it stands what it rests on, and what is not known.
    It comes from the warehouse; --live reads a few megabytes of the weights of a model that is not there.
    The exit code is 0 if what is declared and what was measured agree, 3 if they do not, 4 if that could
    not be tested, and 2 if the warehouse does not know the model.

    Example: modelkin check demo-aster-lab/Aster-1M-Chat
    """
    from modelkin.answer.reading import answer_of  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.database import warehouse_path  # noqa: PLC0415 - as above

    for name, value in (("MODEL", model), ("--against", against)):
        if value is not None and (problem := model_id_problem(value)):
            raise UsageError(f"{name}: {problem}.")
    if live:
        from extract.check.live import live_answer  # noqa: PLC0415 - scipy takes a second to load

        answer = live_answer(warehouse_path(), model, against)
    else:
        answer = answer_of(warehouse_path(), model, against)
    tell_text(answer.as_json() if as_json else answer.as_text())
    raise typer.Exit(answer.exit_code)
