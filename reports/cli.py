"""The command line of the post-step: ``python -m reports COMMAND``."""

import typer

from extract.cli import run
from extract.warehouse import warehouse_path

app = typer.Typer(
    name="reports",
    help="Test the marts for significance, render the report, export the lineage network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root() -> None:
    """Keep every command named, however many there are."""


@app.command("test")
def run_significance_tests() -> None:
    """Test every question of the study on the marts and write stats.significance_tests."""
    from reports.significance.runner import run_tests  # noqa: PLC0415 - scipy takes a second to load

    for line in run_tests(warehouse_path()).lines():
        print(line)


def main() -> None:
    """Run the command line; an error that a user can act on becomes one line and exit code 1 or 2."""
    run(app)
